"""The `search` parameter of key lists.

    not:exact:name:alias:escape:text

Prefixes come in any order. `not` inverts, `exact` asks for the whole text, `name` and `alias` say where to look (both, when neither is
given), and `escape` ends the prefixes: the rest is the text. A text that is a whole key id also finds that key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.records import Key

SCOPES = ("name", "alias")


class Search(NamedTuple):
    """A search, taken apart; `text` is compared without regard to case."""

    text: str
    scopes: tuple[str, ...]
    inverted: bool
    exact: bool

    def document(self) -> Json:
        """How the list's metadata repeats the search."""
        return {"query": self.text, "scopes": list(self.scopes), "not": self.inverted, "exact": self.exact}


def parse_search(parameter: str) -> Search:
    """The search that the parameter stands for."""
    prefixes: list[str] = []
    text = parameter
    while True:
        prefix, colon, rest = text.partition(":")
        if not colon or prefix not in ("not", "exact", "escape", *SCOPES):
            break
        text = rest
        if prefix == "escape":
            break
        prefixes.append(prefix)
    scopes = tuple(scope for scope in SCOPES if scope in prefixes) or SCOPES
    return Search(text, scopes, "not" in prefixes, "exact" in prefixes)


def matching(key: Key, search: Search) -> bool:
    """Whether a list with this search shows the key."""
    texts = [key.name] if "name" in search.scopes else []
    if "alias" in search.scopes:
        texts.extend(key.aliases)
    wanted = search.text.casefold()
    found = any(wanted == text.casefold() if search.exact else wanted in text.casefold() for text in texts)
    return (found or wanted == key.id) is not search.inverted
