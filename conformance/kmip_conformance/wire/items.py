"""A TTLV message as a tree of items: what is built to be sent, and what was read (KMIP 1.4, 9.1 TTLV Encoding).

An `Item` is a value: frozen, compared by tag, type and value. Items that were read also know where they stood (`offset`, `length`), which
does not count when they are compared. Trees are never changed; `changed`, `without`, `duplicated` and `reordered` give new ones,
addressed by a path of tags::

    message.changed((Tag.REQUEST_HEADER, Tag.BATCH_COUNT), lambda item: item.holding(2))
    message.without((nth(Tag.BATCH_ITEM, 1), Tag.UNIQUE_BATCH_ITEM_ID))

The builders (`structure`, `integer`, `text`, …) make right items only. How to make wrong ones is in `kmip_conformance.wire.faults`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from kmip_conformance.tables import ItemType, tag_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime


class Nth(NamedTuple):
    """A step of a path: the child number `position` (from 0) among those with this tag."""

    tag: int
    position: int


Step = int | Nth
Path = Step | tuple[Step, ...]
"""Where an item stands below another: one step, or several. An empty tuple is the item itself."""


def nth(tag: int, position: int) -> Nth:
    """The step to the child number `position` (from 0) among those with `tag`; a bare tag means the first."""
    return Nth(tag, position)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What an item is to be encoded with instead of what its value asks for; None leaves that part right."""

    tag: bytes | None = None
    type: int | None = None
    length: int | None = None
    body: bytes | None = None
    padding: bytes | None = None


Value = int | str | bytes | tuple["Item", ...]
"""Children of a structure; an int for numbers, enumerations, dates (seconds) and intervals; a bool; text; bytes.

The value of an item that could not be read is its body as bytes, whatever its type says.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """One item: tag, item type, value. ``length`` is the Item Length that was read, ``offset`` where the tag began in the message."""

    tag: int
    type: int
    value: Value
    wrong: Wrong | None = None
    offset: int = field(default=0, compare=False)
    length: int = field(default=-1, compare=False)

    def __repr__(self) -> str:
        """Tag and size of value alone: values may be secret, and `tree_text` shows them properly."""
        row = tag_row(self.tag)
        size = f"{len(self.value)} items" if isinstance(self.value, tuple) else "a leaf"
        return f"<{row.name if row else hex(self.tag)}: {size}{', spoilt' if self.wrong else ''}>"

    @property
    def children(self) -> tuple[Item, ...]:
        """The items inside a structure; none for anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    def first(self, *path: Step) -> Item | None:
        """The item at the end of a path below this one, or None."""
        item: Item | None = self
        for step in path:
            if item is None:
                return None
            item = next(item.at(step), None)
        return item

    def all(self, tag: int) -> tuple[Item, ...]:
        """The children with a tag, in their order."""
        return tuple(child for child in self.children if child.tag == tag)

    def walk(self) -> Iterator[Item]:
        """This item and every one below it, in the order of the bytes."""
        yield self
        for child in self.children:
            yield from child.walk()

    def anywhere(self, tag: int) -> Item | None:
        """The first item with a tag, this one or any below it."""
        return next((item for item in self.walk() if item.tag == tag), None)

    def number(self, *path: Step) -> int | None:
        """The number (integer, enumeration, date, interval, boolean) at the end of a path; None when there is none."""
        item = self.first(*path)
        return item.value if item is not None and isinstance(item.value, int) else None

    def text(self, *path: Step) -> str | None:
        """The text at the end of a path; None when there is none."""
        item = self.first(*path)
        return item.value if item is not None and isinstance(item.value, str) else None

    def octets(self, *path: Step) -> bytes | None:
        """The byte string at the end of a path; None when there is none."""
        item = self.first(*path)
        return item.value if item is not None and item.type == ItemType.BYTE_STRING and isinstance(item.value, bytes) else None

    def holding(self, value: Value) -> Item:
        """The same item with another value."""
        return replace(self, value=value)

    def adding(self, *children: Item) -> Item:
        """The same structure with more children behind its own."""
        return replace(self, value=(*self.children, *children))

    def changed(self, path: Path, change: Callable[[Item], Item | None]) -> Item:
        """The tree with the item at `path` replaced by ``change(item)``; None takes it away.

        Raises `LookupError` when nothing stands there, as the other changes do.
        """
        return self.rebuilt(path, lambda item: () if (new := change(item)) is None else (new,))

    def without(self, path: Path) -> Item:
        """The tree without the item at `path`."""
        return self.rebuilt(path, lambda _: ())

    def duplicated(self, path: Path) -> Item:
        """The tree with the item at `path` standing there twice."""
        return self.rebuilt(path, lambda item: (item, item))

    def reordered(self, path: Path, order: Sequence[int]) -> Item:
        """The tree with the children of the item at `path` in another order, given by their present indices."""
        return self.changed(path, lambda item: item.holding(tuple(item.children[index] for index in order)))

    def mapped(self, tag: int, change: Callable[[Item], Item | None]) -> Item:
        """The tree with every item that has `tag`, at any depth, replaced by ``change(item)``; what is inside those is left to it."""
        children: list[Item] = []
        for child in self.children:
            new = change(child) if child.tag == tag else child.mapped(tag, change)
            if new is not None:
                children.append(new)
        return replace(self, value=tuple(children)) if isinstance(self.value, tuple) else self

    def at(self, step: Step) -> Iterator[Item]:
        """The children that a step can mean, the meant one first."""
        tag, skipped = (step.tag, step.position) if isinstance(step, Nth) else (step, 0)
        for child in self.children:
            if child.tag == tag:
                if skipped == 0:
                    yield child
                skipped -= 1

    def rebuilt(self, path: Path, change: Callable[[Item], tuple[Item, ...]]) -> Item:
        """The tree with the item at `path` replaced by any number of items. Raises `LookupError` when nothing stands there."""
        steps = path if isinstance(path, tuple) and not isinstance(path, Nth) else (path,)
        if not steps:
            (new,) = change(self)
            return new
        target = next(self.at(steps[0]), None)
        if target is None:
            raise LookupError(f"nothing stands at {steps[0]!r}")
        new_children = change(target) if len(steps) == 1 else (target.rebuilt(steps[1:], change),)
        return replace(self, value=tuple(new for child in self.children for new in (new_children if child is target else (child,))))


def structure(tag: int, *children: Item | None) -> Item:
    """A structure; children that are None are left out, so that optional fields can stand in their place."""
    return Item(tag, ItemType.STRUCTURE, tuple(child for child in children if child is not None))


def integer(tag: int, value: int) -> Item:
    """A 32-bit signed number, or a mask."""
    return Item(tag, ItemType.INTEGER, int(value))


def long_integer(tag: int, value: int) -> Item:
    """A 64-bit signed number."""
    return Item(tag, ItemType.LONG_INTEGER, value)


def big_integer(tag: int, value: int) -> Item:
    """A signed number of any size; its bytes are padded in front to a multiple of eight (KMIP 1.4, 9.1.1.4)."""
    return Item(tag, ItemType.BIG_INTEGER, value)


def enumeration(tag: int, value: int) -> Item:
    """A value of an enumeration: a member (`Operation.GET`) or any number."""
    return Item(tag, ItemType.ENUMERATION, int(value))


def boolean(tag: int, value: bool) -> Item:  # noqa: FBT001 - it is the value itself
    """True or false, in eight bytes."""
    return Item(tag, ItemType.BOOLEAN, value)


def text(tag: int, value: str) -> Item:
    """A Text String, UTF-8."""
    return Item(tag, ItemType.TEXT_STRING, value)


def octets(tag: int, value: bytes) -> Item:
    """A Byte String."""
    return Item(tag, ItemType.BYTE_STRING, value)


def date_time(tag: int, value: int | datetime) -> Item:
    """A Date-Time: seconds since 1970-01-01 UTC, or an aware datetime."""
    return Item(tag, ItemType.DATE_TIME, value if isinstance(value, int) else int(value.timestamp()))


def interval(tag: int, seconds: int) -> Item:
    """An Interval, in seconds."""
    return Item(tag, ItemType.INTERVAL, seconds)


def date_time_extended(tag: int, microseconds: int) -> Item:
    """A Date-Time Extended (since 2.0): microseconds since 1970-01-01 UTC."""
    return Item(tag, ItemType.DATE_TIME_EXTENDED, microseconds)
