"""XML as elements, safely: expat with every document type refused, so that no entity is expanded and nothing is fetched.

What is read are the KMIP messages in a document (``RequestMessage``, ``ResponseMessage``, wherever they stand) with the text that stands
before each, and the comments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

DEEPEST = 64
"""Elements inside elements."""

MESSAGES = frozenset({"RequestMessage", "ResponseMessage"})


@dataclass(slots=True)
class Element:
    """An element: its name, its attributes, the line it begins in, and what is in it."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)


class NotWellFormed(Exception):
    """A document cannot be read; ``line`` says where."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def elements_in(data: bytes, comments: list[str] | None = None) -> list[tuple[Element, str]]:
    """The messages in a document, each with the text between it and the one before. Raises `NotWellFormed`."""
    reading = _Reading([] if comments is None else comments)
    reading.parse(data)
    return reading.found


class _Reading:
    """One pass over a document."""

    def __init__(self, comments: list[str]) -> None:
        self.found: list[tuple[Element, str]] = []
        self._open: list[Element] = []
        self._message: Element | None = None
        self._between: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.CommentHandler = comments.append
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type

    def parse(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, True)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            raise NotWellFormed(error.lineno, expat.errors.messages[error.code]) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes, self._parser.CurrentLineNumber)
        if len(self._open) >= DEEPEST:
            raise NotWellFormed(element.line, f"more than {DEEPEST} elements inside each other")
        if self._message is not None:
            self._open[-1].children.append(element)
        elif name in MESSAGES:
            self._message = element
            self.found.append((element, "".join(self._between)))
            self._between.clear()
        self._open.append(element)

    def _end(self, _: str) -> None:
        if self._open.pop() is self._message:
            self._message = None

    def _text(self, text: str) -> None:
        if self._message is None:
            self._between.append(text)

    def _refuse_document_type(self, *_: object) -> None:
        raise NotWellFormed(self._parser.CurrentLineNumber, "a document type is declared; none is read")
