"""Bytes to items, tolerantly: whatever a server sends is read as far as it can be, and what is wrong with it is written down with its
offset.

No sentence of an anomaly quotes bytes of a body or of its padding, for they may be key material. `decode` never raises. It gives the tree
and a list of `Anomaly`; an item whose body cannot be read as its type keeps the body as bytes. Every rule cites KMIP 1.4, 9.1.1; 2.x says
the same in 10.1. The decoder knows nothing of messages: which fields may stand where is asked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kmip_conformance.tables import EXTENSION_TAGS, ItemType, tag_row
from kmip_conformance.wire.items import Item, Value

MAXIMUM_DEPTH = 64
"""Structures inside structures that are followed; the deepest message of the standard needs about 12."""


class AnomalyKind(StrEnum):
    """What can be wrong with an item's encoding."""

    CUT_SHORT = "cut-short"
    """Less than the eight bytes of a header are left."""
    BEYOND_END = "beyond-end"
    """The length reaches beyond the message or the structure around it."""
    WRONG_TAG = "wrong-tag"
    """The first byte of the tag is neither 42 nor 54 (hexadecimal)."""
    UNKNOWN_TAG = "unknown-tag"
    """No version from 1.0 to 2.1 defines the tag."""
    UNKNOWN_TYPE = "unknown-type"
    WRONG_LENGTH = "wrong-length"
    """The type does not have such a length."""
    NON_ZERO_PADDING = "non-zero-padding"
    MISSING_PADDING = "missing-padding"
    WRONG_BOOLEAN = "wrong-boolean"
    """Neither 0 nor 1."""
    INVALID_UTF8 = "invalid-utf-8"
    NULL_TERMINATED = "null-terminated"
    """A text that ends with a zero byte."""
    TRAILING_BYTES = "trailing-bytes"
    """Bytes behind the end of the message."""
    TOO_DEEP = "too-deep"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One thing that is wrong: where (bytes from the start of the message), which kind, and a sentence."""

    offset: int
    kind: AnomalyKind
    text: str

    def __str__(self) -> str:
        return f"offset {self.offset}: {self.text}"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message as far as it could be read. ``end`` is where it ended; ``item`` is None when there was no header to read."""

    item: Item | None
    anomalies: tuple[Anomaly, ...]
    data: bytes = field(repr=False)
    start: int = 0
    end: int = 0

    @property
    def looks_like_ttlv(self) -> bool:
        """Does it begin with a tag and a type that TTLV has?"""
        return self.item is not None and self.item.tag >> 16 in {0x42, 0x54} and self.item.type in _TYPES


def decode(data: bytes) -> Decoded:
    """Read one message; bytes behind it are an anomaly."""
    decoded = _message(data, 0)
    if decoded.item is None or decoded.end >= len(data):
        return decoded
    left = len(data) - decoded.end
    trailing = Anomaly(decoded.end, AnomalyKind.TRAILING_BYTES, f"{left} byte{'s' * (left != 1)} behind the end of the message")
    return Decoded(decoded.item, (*decoded.anomalies, trailing), data, 0, decoded.end)


def decode_stream(data: bytes) -> tuple[Decoded, ...]:
    """Read messages that stand one behind the other. Offsets count from the start of `data`."""
    messages = []
    position = 0
    while position < len(data):
        decoded = _message(data, position)
        messages.append(decoded)
        if decoded.item is None or decoded.end <= position:
            break
        position = decoded.end
    return tuple(messages)


def _message(data: bytes, start: int) -> Decoded:
    reading = _Reading(data)
    item, end = reading.item(start, len(data), 0)
    return Decoded(item, tuple(sorted(reading.anomalies, key=lambda anomaly: anomaly.offset)), data, start, end)


_TYPES = frozenset(ItemType)
_LENGTHS = {
    ItemType.INTEGER: 4,
    ItemType.LONG_INTEGER: 8,
    ItemType.ENUMERATION: 4,
    ItemType.BOOLEAN: 8,
    ItemType.DATE_TIME: 8,
    ItemType.INTERVAL: 4,
    ItemType.DATE_TIME_EXTENDED: 8,
}
_TEXTS = {ItemType.TEXT_STRING, ItemType.IDENTIFIER, ItemType.REFERENCE, ItemType.NAME_REFERENCE}
"""Text, and what the draft of 3.0 has for identifiers, which are texts of types of their own."""

_UNSIGNED = {ItemType.ENUMERATION, ItemType.INTERVAL, ItemType.BOOLEAN}


class _Reading:
    """One pass over the bytes of a message, and the anomalies found on the way."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.anomalies: list[Anomaly] = []

    def note(self, offset: int, kind: AnomalyKind, sentence: str) -> None:
        self.anomalies.append(Anomaly(offset, kind, sentence))

    def item(self, start: int, limit: int, depth: int) -> tuple[Item | None, int]:
        """The item at `start`, which may reach to `limit`, and where the next one begins."""
        if limit - start < 8:
            self.note(start, AnomalyKind.CUT_SHORT, f"{limit - start} of the 8 bytes of an item's header are there")
            return None, limit
        tag = int.from_bytes(self.data[start : start + 3], "big")
        kind = self.data[start + 3]
        length = int.from_bytes(self.data[start + 4 : start + 8], "big")
        self.look_at_tag(start, tag)
        end = start + 8 + length
        if end > limit:
            self.note(start + 4, AnomalyKind.BEYOND_END, f"the length reaches beyond the {limit - start - 8} bytes that are left")
            end = limit
        value = self.value(start, kind, end, depth, whole=end == start + 8 + length)
        following = end if kind == ItemType.STRUCTURE else self.padding(start, end, limit)
        return Item(tag, kind, value, None, start, length), following

    def look_at_tag(self, start: int, tag: int) -> None:
        if tag >> 16 not in {0x42, 0x54}:
            self.note(start, AnomalyKind.WRONG_TAG, "the tag begins neither with 42 nor with 54")
        elif tag not in EXTENSION_TAGS and tag_row(tag) is None:
            self.note(start, AnomalyKind.UNKNOWN_TAG, f"no version from 1.0 to 2.1 defines the tag 0x{tag:06X}")

    def padding(self, start: int, end: int, limit: int) -> int:
        """Where the padding behind an item's body ends."""
        wanted = -(end - start) % 8
        found = self.data[end : min(end + wanted, limit)]
        if len(found) < wanted:
            self.note(end, AnomalyKind.MISSING_PADDING, f"{wanted} bytes of padding are due, {len(found)} are left")
        if any(found):
            self.note(end, AnomalyKind.NON_ZERO_PADDING, "the padding is not zero")
        return end + len(found)

    def value(self, start: int, kind: int, end: int, depth: int, *, whole: bool) -> Value:
        body = self.data[start + 8 : end]
        if kind not in _TYPES:
            self.note(start + 3, AnomalyKind.UNKNOWN_TYPE, f"0x{kind:02X} is no item type")
            return body
        if kind == ItemType.STRUCTURE:
            return self.children(start, end, depth)
        if kind in _TEXTS:
            return self.text(start, body)
        if kind == ItemType.BYTE_STRING:
            return body
        return self.number(start, ItemType(kind), body) if whole else body

    def children(self, start: int, end: int, depth: int) -> Value:
        if depth >= MAXIMUM_DEPTH:
            self.note(start, AnomalyKind.TOO_DEEP, f"more than {MAXIMUM_DEPTH} structures inside each other")
            return self.data[start + 8 : end]
        if (end - start) % 8:
            self.note(start + 4, AnomalyKind.WRONG_LENGTH, f"the length of a structure is a multiple of 8, not {end - start - 8}")
        children = []
        position = start + 8
        while position < end:
            child, position = self.item(position, end, depth + 1)
            if child is not None:
                children.append(child)
        return tuple(children)

    def text(self, start: int, body: bytes) -> str:
        if body.endswith(b"\0"):
            self.note(start + 8 + len(body) - 1, AnomalyKind.NULL_TERMINATED, "the text ends with a zero byte")
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError as error:
            self.note(start + 8 + error.start, AnomalyKind.INVALID_UTF8, f"the text is not UTF-8: {error.reason}")
            return body.decode("utf-8", "surrogateescape")

    def number(self, start: int, kind: ItemType, body: bytes) -> Value:
        wanted = _LENGTHS.get(kind)
        if wanted is None and (not body or len(body) % 8):
            self.note(start + 4, AnomalyKind.WRONG_LENGTH, f"the length of a Big Integer is a multiple of 8 above 0, not {len(body)}")
            return body
        if wanted is not None and len(body) != wanted:
            self.note(start + 4, AnomalyKind.WRONG_LENGTH, f"the length of this type is {wanted}, not {len(body)}")
            return body
        number = int.from_bytes(body, "big", signed=kind not in _UNSIGNED)
        if kind == ItemType.BOOLEAN:
            if number > 1:
                self.note(start + 8, AnomalyKind.WRONG_BOOLEAN, f"a Boolean is 0 or 1, not {number}")
                return body
            return bool(number)
        return number
