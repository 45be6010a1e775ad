"""An XML file of a test case, read: messages in their order, with the marks between them.

The reader is expat with every declaration of a document type refused: no entity is ever expanded, nothing is fetched. What a file gets
wrong is a `FileFault` with its line. Element names and tokens are `kmip_conformance.oasis.tokens`'s, values `.values`'s. Between messages
stand text nodes: ``[Client-B]`` says who speaks, ``[Server-to-Client]`` who begins, ``[REPEAT] until …`` that the request is to be
repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from kmip_conformance.oasis.case import Case, FileFault, Message, Node
from kmip_conformance.oasis.tokens import UnknownWord, enumeration_for, tag_of
from kmip_conformance.oasis.values import ITEM_TYPES, leaf
from kmip_conformance.tables import ItemType, KmipVersion, Tag

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 16 * 1024 * 1024
"""Bytes of a file; the longest published case has about 0.4 million."""

DEEPEST = 64
"""Elements inside elements."""

MESSAGES = frozenset({"RequestMessage", "ResponseMessage"})
_CLIENT = re.compile(r"\[Client-([A-Z])\]")
_REPEAT = re.compile(r"\[REPEAT\]\s*([^\n#]*)")
_NOTICE = ("Copyright", "Source:", "Key Management Interoperability Protocol")


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    line: int
    children: list[_Element] = field(default_factory=list)


@dataclass(slots=True)
class _Marks:
    """What the text nodes between messages say of the messages that follow."""

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
        if found := _REPEAT.search(text):
            self.until = " ".join(found[1].split()) or "the answer is the expected one"


class _Reading:
    """One pass over a file: expat's events gathered into elements, messages and marks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[tuple[_Element, _Marks]] = []
        self.comments: list[str] = []
        self._open: list[_Element] = []
        self._between: list[str] = []
        self._marks = _Marks()
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.CommentHandler = self.comments.append
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type

    def parse(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, True)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            raise FileFault(self.path, error.lineno, f"not well-formed XML: {expat.errors.messages[error.code]}") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        element = _Element(name, attributes, self._parser.CurrentLineNumber)
        if self._open and (self._inside_a_message or name in MESSAGES):
            self._open[-1].children.append(element)
        if len(self._open) >= DEEPEST:
            raise FileFault(self.path, element.line, f"more than {DEEPEST} elements inside each other")
        if name in MESSAGES and not self._inside_a_message:
            self._marks.read("".join(self._between))
            self._between.clear()
            self.found.append((element, _Marks(self._marks.client, self._marks.to_client, self._marks.until)))
            self._marks.until = ""
        self._open.append(element)

    @property
    def _inside_a_message(self) -> bool:
        return any(element.name in MESSAGES for element in self._open)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if not self._inside_a_message:
            self._between.append(text)

    def _refuse_document_type(self, *_: object) -> None:
        raise FileFault(self.path, self._parser.CurrentLineNumber, "declares a document type; none is read")


def read_case(path: Path, case_id: str, document: str) -> Case:
    """Read one file. Raises `FileFault` when it is not well-formed, or names what no version of KMIP has."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileFault(path, 0, f"cannot be read: {error.strerror}") from error
    if len(data) > LONGEST:
        raise FileFault(path, 0, f"longer than {LONGEST} bytes")
    reading = _Reading(path)
    reading.parse(data)
    messages = tuple(
        Message(_node(element, path), marks.client, marks.to_client, marks.until if element.name == "RequestMessage" else "")
        for element, marks in reading.found
    )
    if not messages or not messages[0].is_request:
        raise FileFault(path, 0, "holds no request")
    return Case(case_id, path.stem, document, path, _version(messages[0], path), _title(reading.comments, path.stem), messages)


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
        if text and not any(notice in text for notice in _NOTICE) and "extracted from" not in text:
            return text.partition(". ")[0].rstrip(".")
    return name


def _node(element: _Element, path: Path, attribute_name: str = "") -> Node:
    try:
        return _read_element(element, path, attribute_name)
    except UnknownWord as error:
        raise FileFault(path, element.line, str(error)) from error
    except ValueError as error:
        raise FileFault(path, element.line, f"{element.name}: {error}") from error


def _read_element(element: _Element, path: Path, attribute_name: str) -> Node:
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
