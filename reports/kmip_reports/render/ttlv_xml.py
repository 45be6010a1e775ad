"""A message in KMIP's XML encoding, derived from its tree (KMIP Additional Message Encodings 1.0, section 6.1).

The tree of an exchange has an item a line, two blanks a level: ``Protocol Version Major (Integer): 1``. What is masked there stays
masked here. A line that is no item, such as an anomaly of the bytes, becomes a comment. A run has many thousands of messages whose
lines are mostly the same, so what a line becomes is remembered.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr  # only written here, never parsed

_LEAF = re.compile(r"(?P<name>[^:]+?) \((?P<type>[A-Z][A-Za-z ]+)\): (?P<value>.*)", re.DOTALL)
_STRUCTURE = re.compile(r"(?P<name>[\w .&/()-]+?)(?P<empty> \(empty\))?")
_NUMBERED = re.compile(r"(?P<words>.*) \((?P<number>0x[0-9A-Fa-f]+|-?\d+)\)")
_MASKED = re.compile(r"\*\* .* \*\*")
_XML_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class _Tag(NamedTuple):
    """An element without its content: ``BatchCount``, ``<BatchCount type="Integer" value="1"``. A comment has no name and is whole."""

    name: str
    opening: str


def ttlv_xml(tree: str) -> str:
    """The XML of the messages whose trees these are; "" for no tree."""
    written: list[str] = []
    around: list[tuple[int, str]] = []  # the elements that are open: how far they are indented in the tree, and their names
    lines = [(len(line) - len(line.lstrip(" ")), line.strip(" ")) for line in tree.split("\n") if line.strip(" ")]
    for at, (indent, line) in enumerate(lines):
        next_indent = lines[at + 1][0] if at + 1 < len(lines) else 0
        tag = _tag(line)
        holds = bool(tag.name) and next_indent > indent
        written.append("  " * len(around) + tag.opening + (">" if holds else "/>" if tag.name else ""))
        if holds:
            around.append((indent, tag.name))
        while around and around[-1][0] >= next_indent:
            _, name = around.pop()
            written.append("  " * len(around) + f"</{name}>")
    return "\n".join(written)


@lru_cache(maxsize=4096)
def camel_case(name: str) -> str:
    """A name of the standard as XML spells it: "Template-Attribute" is TemplateAttribute (section 6.1.3, the same six rules)."""
    spaced = re.sub(r"\W([A-Za-z][a-z])", r" \1", re.sub(r"[()]", " ", name))
    words = [re.sub(r"\W", "_", word) for word in spaced.split()]
    if words:
        words[0] = re.sub(r"^(\d+)(.*)", r"\2\1", words[0])
    return "".join(word[:1].upper() + word[1:] for word in words)


@lru_cache(maxsize=4096)
def _tag(line: str) -> _Tag:
    leaf = _LEAF.fullmatch(line)
    if leaf is not None:
        name, opening = _named(leaf["name"])
        return _Tag(name, f"{opening} type={quoteattr(camel_case(leaf['type']))} value={quoteattr(_value(leaf['type'], leaf['value']))}")
    structure = _STRUCTURE.fullmatch(line)
    if structure is not None and not line.startswith("!"):
        return _named(structure["name"])
    return _Tag("", f"<!-- {escape(line).replace('--', '- -').rstrip('-')} -->")


def _named(name: str) -> _Tag:
    """An element by the name of its tag; a tag without one is TTLV with its number (section 6.1.2)."""
    spelled = camel_case(name)
    if name.startswith("0x") or not _XML_NAME.fullmatch(spelled):
        return _Tag("TTLV", f"<TTLV tag={quoteattr(name)}")
    return _Tag(spelled, f"<{spelled}")


def _value(kind: str, shown: str) -> str:
    """The value as section 6.1.6 writes it, from how the tree shows it."""
    if _MASKED.fullmatch(shown):
        return shown
    if kind == "Text String":
        return shown.removeprefix('"').removesuffix('"')
    if kind == "Byte String":
        return "" if shown == "(empty)" else shown.partition(" ")[0]
    if kind == "Interval":
        return shown.removesuffix(" s")
    numbered = _NUMBERED.fullmatch(shown)
    if numbered is None:
        return shown
    if kind.startswith("Date Time"):
        return numbered["words"]
    if numbered["words"] in {"unknown", "extension", "none"}:
        return numbered["number"]
    return " ".join(word if word.startswith("0x") else camel_case(word) for word in numbered["words"].split(" | "))
