"""An XML file of a test case, read: messages in their order, with the marks between them.

What a file gets wrong is a `FileFault` with its line. Element names and tokens are `kmip_conformance.oasis.tokens`'s, values `.values`'s.
Between messages stand text nodes: ``[Client-B]`` says who speaks, ``[Server-to-Client]`` who begins, ``[REPEAT] until …`` that the request
is to be repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.oasis.case import Case, FileFault, Message, Node
from kmip_conformance.oasis.elements import NotWellFormed, elements_in
from kmip_conformance.oasis.tokens import UnknownWord, enumeration_for, tag_of
from kmip_conformance.oasis.values import ITEM_TYPES, leaf
from kmip_conformance.tables import ItemType, KmipVersion, Tag, operation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kmip_conformance.oasis.elements import Element

LONGEST = 16 * 1024 * 1024
"""Bytes of a file; the longest published case has about 0.4 million."""

_CLIENT = re.compile(r"\[Client-([A-Z])\]")
_REPEAT = re.compile(r"\[REPEAT\]\s*([^\n#]*)")
_NOTICE = ("Copyright", "Source:", "Key Management Interoperability Protocol", "extracted from")


@dataclass(slots=True)
class _Marks:
    """What the text between messages says of those that follow."""

    client: str = "A"
    to_client: bool = False
    until: str = ""

    def read(self, text: str) -> None:
        if found := _CLIENT.search(text):
            self.client = found[1]
        if "[Server-to-Client]" in text:
            self.to_client = True
        elif "[Client-to-Server]" in text:
            self.to_client = False
        found = _REPEAT.search(text)
        self.until = (" ".join(found[1].split()) or "the answer is the expected one") if found else ""


def read_case(path: Path, case_id: str, document: str) -> Case:
    """Read one file. Raises `FileFault` when it is not well-formed, or names what no version of KMIP has."""
    comments: list[str] = []
    try:
        messages = tuple(_messages(elements_in(_bytes_of(path), comments), path))
    except NotWellFormed as error:
        raise FileFault(path, error.line, f"not well-formed XML: {error}") from error
    if not messages or not messages[0].is_request:
        raise FileFault(path, 0, "holds no request")
    return Case(case_id, path.stem, document, path, _version(messages[0], path), _title(comments, path.stem), messages)


def _bytes_of(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileFault(path, 0, f"cannot be read: {error.strerror}") from error
    if len(data) > LONGEST:
        raise FileFault(path, 0, f"longer than {LONGEST} bytes")
    return data


def _messages(found: list[tuple[Element, str]], path: Path) -> Iterator[Message]:
    marks = _Marks()
    for element, text in found:
        marks.read(text)
        node = _node(element, path)
        to_client = marks.to_client or _is_sent_by_servers(node)
        yield Message(node, marks.client, to_client, marks.until if node.tag == Tag.REQUEST_MESSAGE else "")


def _is_sent_by_servers(node: Node) -> bool:
    """Is it a Put or Notify, or the answer to one, mark or not (KMIP 1.4, 5)?"""
    rows = [operation(code) for item in node.all(Tag.BATCH_ITEM) if (code := item.number(Tag.OPERATION)) is not None]
    return any(row is not None and row.sent_by == "server" for row in rows)


def _version(message: Message, path: Path) -> KmipVersion:
    version = message.node.first(Tag.REQUEST_HEADER, Tag.PROTOCOL_VERSION)
    major = version.number(Tag.PROTOCOL_VERSION_MAJOR) if version else None
    minor = version.number(Tag.PROTOCOL_VERSION_MINOR) if version else None
    if major is None or minor is None:
        raise FileFault(path, message.node.line, "the first request names no protocol version")
    return KmipVersion(major, minor)


def _title(comments: list[str], name: str) -> str:
    """The first sentence that the file says about itself; else its name."""
    for comment in comments:
        text = " ".join(comment.split())
        if text and not any(notice in text for notice in _NOTICE):
            return text.partition(". ")[0].rstrip(".")
    return name


def _node(element: Element, path: Path, attribute_name: str = "") -> Node:
    try:
        return _read_element(element, path, attribute_name)
    except UnknownWord as error:
        raise FileFault(path, element.line, str(error)) from error
    except ValueError as error:
        raise FileFault(path, element.line, f"{element.name}: {error}") from error


def _read_element(element: Element, path: Path, attribute_name: str) -> Node:
    tag = int(element.attributes.get("tag", ""), 16) if element.name == "TTLV" else tag_of(element.name)
    word = element.attributes.get("type", "Structure")
    kind = ITEM_TYPES.get(word)
    if kind is None:
        raise UnknownWord(f"{word} is no item type")
    if kind == ItemType.STRUCTURE:
        named = next((child.attributes.get("value", "") for child in element.children if child.name == "AttributeName"), "")
        inner = {"AttributeValue": named} if element.name == "Attribute" else {}
        return Node(tag, kind, tuple(_node(child, path, inner.get(child.name, "")) for child in element.children), element.line)
    if "value" not in element.attributes:
        raise UnknownWord(f"{element.name} has no value")
    return Node(tag, kind, leaf(kind, element.attributes["value"], enumeration_for(tag, attribute_name)), element.line)
