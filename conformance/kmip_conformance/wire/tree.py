"""A message as a tree that people read: names for tags, values and bits, dates in UTC, secrets masked, anomalies where they are.

::

    Request Message
      Request Header
        Protocol Version
          Protocol Version Major (Integer): 1
    …
      Batch Item
        Operation (Enumeration): Create (0x00000001)
"""

from __future__ import annotations

import string
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from typing import TYPE_CHECKING

from kmip_conformance.tables import ItemType, Tag, attribute, class_name, enumeration_of, names, tag_row, words
from kmip_conformance.wire.decoding import Anomaly, Decoded, decode_stream
from kmip_conformance.wire.encoding import encode
from kmip_conformance.wire.items import Item
from kmip_conformance.wire.masking import nameless, secret_below, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import IntEnum

    Values = IntEnum | IntFlag

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PRINTABLE = set(string.printable) - set("\t\r\n\x0b\x0c")


def tree_text(message: bytes | Item | Decoded, *, masked: bool = True) -> str:
    """The tree of a message (or of several, one behind the other), a line an item, without a newline at the end."""
    if isinstance(message, Item):
        return "\n".join(_Tree({}, masked=masked).lines(message))
    messages = decode_stream(message) if isinstance(message, bytes) else (message,)
    return "\n".join(line for decoded in messages for line in _message_lines(decoded, masked=masked))


def _message_lines(decoded: Decoded, *, masked: bool) -> Iterator[str]:
    if decoded.item is None:
        yield from (f"! {anomaly}" for anomaly in decoded.anomalies)
        return
    starts = [item.offset for item in decoded.item.walk()]
    noted: dict[int, list[Anomaly]] = {}
    for anomaly in decoded.anomalies:
        if anomaly.offset < decoded.end:
            noted.setdefault(starts[bisect_right(starts, anomaly.offset) - 1], []).append(anomaly)
    yield from _Tree(noted, masked=masked).lines(decoded.item)
    yield from (f"! {anomaly}" for anomaly in decoded.anomalies if anomaly.offset >= decoded.end)


@dataclass(frozen=True, slots=True)
class _Tree:
    """How a tree is printed: its anomalies by the offset of the item that they are shown under, and whether secrets are masked."""

    noted: dict[int, list[Anomaly]]
    masked: bool

    def lines(self, item: Item, depth: int = 0, values: type[Values] | None = None, *, secret: bool = False) -> Iterator[str]:
        secret = secret_below(item, secret)
        indent = "  " * depth
        yield indent + self.line(item, values, hidden=secret and self.masked)
        for anomaly in self.noted.get(item.offset, ()):
            yield f"{indent}  ! {anomaly}"
        inner = _values_of_attribute(item)
        for child in item.children:
            yield from self.lines(child, depth + 1, inner if child.tag == Tag.ATTRIBUTE_VALUE else None, secret=secret)

    def line(self, item: Item, values: type[Values] | None, *, hidden: bool) -> str:
        name = "unreadable item" if self.masked and nameless(item) else tag_name(item.tag)
        if isinstance(item.value, tuple):
            return f"{name}{'' if item.value else ' (empty)'}"
        kind = words(ItemType(item.type)) if item.type in set(ItemType) else f"type 0x{item.type:02X}"
        if hidden:
            return f"{name} ({kind}): ** masked, {_size(item)} bytes **"
        if unreadable(item) or (self.masked and nameless(item)):
            return f"{name} ({kind}): " + (f"** unreadable, {_size(item)} bytes **" if self.masked else f"{value_text(item)} (unreadable)")
        return f"{name} ({kind}): {value_text(item, values)}"


def tag_name(tag: int) -> str:
    """The standard's words for a tag, or its number."""
    row = tag_row(tag)
    return row.name if row else f"0x{tag:06X}"


def value_text(item: Item, values: type[Values] | None = None) -> str:
    """The value of a leaf for people. `values` is the enumeration when the tag alone does not, as in Attribute Value."""
    value = item.value
    if isinstance(value, bytes):
        return f"{value.hex()} ({_ascii(value)})" if value and _is_printable(value) else value.hex() or "(empty)"
    if isinstance(value, str):
        return '"' + "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in value) + '"'
    if isinstance(value, tuple):
        return f"{len(value)} items"
    return _number_text(item, int(value), values or enumeration_of(item.tag))


def _number_text(item: Item, value: int, values: type[Values] | None) -> str:
    match item.type:
        case ItemType.BOOLEAN:
            return "true" if value else "false"
        case ItemType.DATE_TIME:
            return f"{_date(timedelta(seconds=value))} ({value})" if abs(value) < 1 << 36 else str(value)
        case ItemType.DATE_TIME_EXTENDED:
            return f"{_date(timedelta(microseconds=value))} ({value})" if abs(value) < 1 << 56 else str(value)
        case ItemType.INTERVAL:
            return f"{value} s"
        case ItemType.ENUMERATION:
            return f"{_value_name(values, value)} (0x{value:08X})"
        case ItemType.INTEGER if values is not None and issubclass(values, IntFlag):
            return f"{mask_text(values, value)} (0x{value & 0xFFFFFFFF:08X})"
    return str(value)


def _date(since_epoch: timedelta) -> str:
    try:
        return (_EPOCH + since_epoch).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return "out of the calendar"


def _value_name(values: type[Values] | None, value: int) -> str:
    if values is None or value not in {member.value for member in values}:
        return "extension" if value >> 28 == 8 else "unknown"
    return words(values(value))


def mask_text(values: type[IntFlag], value: int) -> str:
    """The bits of a mask by name: "Encrypt | Decrypt"; bits without a name as a number."""
    named = [words(bit) for bit in values if value & bit.value]
    left = value & ~sum(bit.value for bit in values) & 0xFFFFFFFF
    return " | ".join([*named, *([f"0x{left:X}"] if left else [])]) or "none"


def _values_of_attribute(item: Item) -> type[Values] | None:
    """The enumeration of an Attribute's value, known by the attribute's name beside it (KMIP 1.4, 2.1.1)."""
    row = attribute(item.text(Tag.ATTRIBUTE_NAME) or "") if item.tag == Tag.ATTRIBUTE else None
    values = getattr(names, class_name(row.enumeration)) if row and row.enumeration else None
    return values if isinstance(values, type) else None


def _size(item: Item) -> int:
    return len(item.value) if isinstance(item.value, bytes) else int.from_bytes(encode(item)[4:8], "big")


def _is_printable(value: bytes) -> bool:
    return all(chr(byte) in _PRINTABLE for byte in value)


def _ascii(value: bytes) -> str:
    return value.decode("ascii")
