"""TTLV as trees that can be spoilt: only as much of it as mutations need, and fast.

The suite's own `Item` says what a message means; a `Node` here is a tag, a type and a body, and writes whatever it is told to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STRUCTURE, INTEGER, LONG, BIG, ENUMERATION, BOOLEAN, TEXT, BYTES, DATE, INTERVAL, DATE_EXTENDED = range(1, 12)


@dataclass(slots=True)
class Node:
    """An item. ``length`` and ``padding`` are what is written in their places; None for what is right there."""

    tag: int
    type: int
    body: bytes | list[Node]
    length: int | None = None
    padding: bytes | None = None

    def written(self) -> bytes:
        """The item as bytes, wrong where the node says so."""
        body = self.body if isinstance(self.body, bytes) else b"".join([node.written() for node in self.body])
        length = len(body) if self.length is None else self.length
        padding = bytes(-len(body) & 7) if self.padding is None else self.padding
        return self.tag.to_bytes(3, "big") + bytes((self.type & 0xFF,)) + length.to_bytes(4, "big") + body + padding

    def copy(self) -> Node:
        """A tree of its own; bodies of leaves are shared, for they are never changed in place."""
        body = self.body if isinstance(self.body, bytes) else [node.copy() for node in self.body]
        return Node(self.tag, self.type, body, self.length, self.padding)

    def walk(self) -> Iterator[tuple[Node, list[Node]]]:
        """Every item below this one, each with the list that it stands in."""
        if isinstance(self.body, list):
            for node in self.body:
                yield node, self.body
                yield from node.walk()


def read(data: bytes) -> Node:
    """The tree of a right message."""
    (root,) = _items(data)
    return root


def _items(data: bytes) -> list[Node]:
    found, position = [], 0
    while position < len(data):
        tag, kind = int.from_bytes(data[position : position + 3], "big"), data[position + 3]
        length = int.from_bytes(data[position + 4 : position + 8], "big")
        body = data[position + 8 : position + 8 + length]
        found.append(Node(tag, kind, _items(body) if kind == STRUCTURE else body))
        position += 8 + length + (-length & 7)
    return found
