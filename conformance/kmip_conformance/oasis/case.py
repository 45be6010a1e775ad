"""A published test case as values: messages in their order, and what each is a tree of.

A `Node` is an item as the file writes it: its value may be a `Placeholder` (``$UNIQUE_IDENTIFIER_0``, ``$NOW-3600``) that gets its value
only when the case is played. Nothing here reads files or speaks to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kmip_conformance.oasis.files import UNTIL
from kmip_conformance.tables import Tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kmip_conformance.tables import KmipVersion

NOW = "$NOW"
"""The placeholder for the time, in both directions."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that stands for a value; ``seconds`` is what ``$NOW`` is moved by."""

    name: str
    seconds: int = 0

    def __str__(self) -> str:
        return f"{self.name}{self.seconds:+d}" if self.seconds else self.name


Leaf = int | str | bytes | Placeholder


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """An item of a case: tag, item type, value or children, and the line of the file where it begins."""

    tag: int
    type: int
    value: Leaf | tuple[Node, ...]
    line: int = field(default=0, compare=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """The items inside a structure; none for anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def leaf(self) -> Leaf | None:
        """The value of a leaf; None for a structure."""
        return None if isinstance(self.value, tuple) else self.value

    def first(self, *tags: int) -> Node | None:
        """The item at the end of a path of tags, or None."""
        node: Node | None = self
        for tag in tags:
            node = next((child for child in node.children if child.tag == tag), None) if node else None
        return node

    def all(self, tag: int) -> tuple[Node, ...]:
        """The children with a tag, in their order."""
        return tuple(child for child in self.children if child.tag == tag)

    def walk(self) -> Iterator[Node]:
        """This item and every one below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def number(self, *tags: int) -> int | None:
        """The number at the end of a path; None when there is none."""
        found = self.first(*tags)
        return found.value if found is not None and isinstance(found.value, int) else None


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a case, who is on the client's side of it, and the marks that stand before it.

    ``to_client`` is a message that the server's request or the answer to that is; ``until`` is the mark of a request that is to be
    repeated until its answer is the one that follows.
    """

    node: Node
    client: str = "A"
    to_client: bool = False
    until: str = ""

    @property
    def is_request(self) -> bool:
        """Is it a Request Message?"""
        return self.node.tag == Tag.REQUEST_MESSAGE

    @property
    def batch_items(self) -> tuple[Node, ...]:
        """Its batch items."""
        return self.node.all(Tag.BATCH_ITEM)


@dataclass(frozen=True, slots=True)
class Step:
    """A request and the answer that the case expects to it; ``number`` counts from 1."""

    number: int
    request: Message
    response: Message


@dataclass(frozen=True, slots=True)
class Case:
    """A test case: ``id`` is ``oasis.`` + the version of the document + the file's name; ``version`` is what its messages speak."""

    id: str
    name: str
    document: str
    path: Path
    version: KmipVersion
    title: str
    messages: tuple[Message, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The exchanges in the order of their answers: a request that another one follows is played after what it encloses."""
        steps: list[Step] = []
        unanswered: list[Message] = []
        for message in self.messages:
            if message.is_request:
                unanswered.append(message)
            elif unanswered:
                number = len(steps) + 1
                request = unanswered.pop()
                steps.append(Step(number, replace(request, until=UNTIL.get((self.id, number), request.until)), message))
        return tuple(steps)

    @property
    def clients(self) -> tuple[str, ...]:
        """The letters of the clients that take part, in their order."""
        return tuple(dict.fromkeys(message.client for message in self.messages))

    @property
    def operations(self) -> frozenset[int]:
        """The operations that the client's side asks for."""
        requests = (message for message in self.messages if message.is_request and not message.to_client)
        codes = (item.number(Tag.OPERATION) for message in requests for item in message.batch_items)
        return frozenset(code for code in codes if code is not None)

    @property
    def is_led_by_the_server(self) -> bool:
        """Does the server send a request in it?"""
        return any(message.to_client for message in self.messages)


class FileFault(Exception):
    """A file of a case cannot be played as it stands, and why: the file's fault, not the target's."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path.name}, line {line}: {what}" if line else f"{path.name}: {what}")
        self.line = line
