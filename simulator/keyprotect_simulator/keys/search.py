"""The `search` parameter of key lists.

    not:exact:name:alias:escape:text

Prefixes come in any order. `not` inverts, `exact` asks for the whole text, `name` and `alias` say where to look (both, when neither is
given), and `escape` ends the prefixes: the rest is the text. A text that is a whole key id, or a whole alias where aliases are looked at,
also finds that key, before all others. A search covers at most 5000 keys; beyond that only such a find is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keyprotect_simulator.faults import fault

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.records import Key

SCOPES = ("name", "alias")
MOST_KEYS = 5000


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
    matches = any(wanted == text.casefold() if search.exact else wanted in text.casefold() for text in texts)
    return (matches or wanted == key.id) is not search.inverted


def found(keys: list[Key], search: Search) -> tuple[list[Key], Json]:
    """The keys that a search finds, the one that it names first, and what the list's metadata says of it. KEY_SEARCH_TOO_BROAD."""
    named = [key for key in keys if names(key, search)]
    if len(keys) <= MOST_KEYS:
        others = [key for key in keys if matching(key, search) and key not in named]
        return named + others, {"searchQuery": search.document()}
    if not named:
        raise fault("KEY_SEARCH_TOO_BROAD", target=("query_param", "search"))
    return named, {"searchQuery": search.document(), "incompleteSearch": True}


def names(key: Key, search: Search) -> bool:
    """Whether a search that is not inverted says the id, or a whole alias, of this key."""
    aliases = key.aliases if "alias" in search.scopes else ()
    return not search.inverted and (search.text.lower() == key.id or search.text in aliases)
