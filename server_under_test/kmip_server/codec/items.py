"""Items of any shape: what a vendor's extension or a custom attribute holds, read and written without a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kmip_server.codec.wire import (
    FIXED_LENGTHS,
    HEAD_SIZE,
    MAXIMUM_DEPTH,
    PADDING,
    bad_item,
    bad_structure,
    head_of,
    is_tag,
    malformed,
    name_of,
    read,
    read_long,
    write_head,
    write_integer,
    write_long,
    write_unsigned,
)
from kmip_server.enums import ItemType
from kmip_server.messages import AnyStructure, CustomValue, Item
from kmip_server.versions import V3_0

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.messages import ItemValue

EVERY_TYPE = {int(item_type): item_type for item_type in ItemType}
TYPES = {number: item_type for number, item_type in EVERY_TYPE.items() if item_type.since < V3_0}
TEXTS = frozenset({ItemType.TEXT_STRING, ItemType.IDENTIFIER, ItemType.REFERENCE, ItemType.NAME_REFERENCE})
"""The types whose values are text."""


def read_item(buffer: bytes, position: int, end: int, depth: int = 1, types: Mapping[int, ItemType] = TYPES) -> tuple[Item, int]:
    """The item at a position, of whatever tag and of these types, and the position after it."""
    head, length, high, low = read(buffer, position)
    tag, item_type = head >> 8, types.get(head & 0xFF)
    if item_type is None or not is_tag(tag):
        raise malformed(f"0x{head:08X} is no tag and type", position)
    if item_type is ItemType.STRUCTURE:
        return Item(tag, item_type, read_items(buffer, position, end, depth, types)), position + HEAD_SIZE + length
    after = position + HEAD_SIZE + (length + 7 & ~7)
    if after > end:
        raise malformed(f"{name_of(tag)}: {length} bytes are more than the structure round it holds", position)
    if item_type in FIXED_LENGTHS:
        return Item(tag, item_type, _fixed(buffer, position, head, length, high, low)), after
    raw = buffer[position + HEAD_SIZE : position + HEAD_SIZE + length]
    if any(buffer[position + HEAD_SIZE + length : after]):
        bad_item(head, length, position)
    if item_type in TEXTS:
        return Item(tag, item_type, raw.decode()), after
    if item_type is ItemType.BYTE_STRING:
        return Item(tag, item_type, raw), after
    if length == 0 or length % 8:
        bad_item(head, length, position)
    return Item(tag, item_type, int.from_bytes(raw, "big", signed=True)), after


def read_items(buffer: bytes, position: int, end: int, depth: int = 1, types: Mapping[int, ItemType] = TYPES) -> tuple[Item, ...]:
    """The items inside the structure at a position. Raises MalformedMessage when structures nest deeper than `MAXIMUM_DEPTH`."""
    head, length, _, _ = read(buffer, position)
    stop = position + HEAD_SIZE + length
    if length % 8 or stop > end:
        bad_structure(head, length, position)
    if depth > MAXIMUM_DEPTH:
        raise malformed(f"structures nest deeper than {MAXIMUM_DEPTH}", position)
    found = []
    position += HEAD_SIZE
    while position < stop:
        item, position = read_item(buffer, position, stop, depth + 1, types)
        found.append(item)
    return tuple(found)


def read_any_structure(buffer: bytes, position: int, end: int) -> AnyStructure:
    """The structure at a position, whose fields no table says."""
    return AnyStructure(read_items(buffer, position, end))


def read_custom_value(buffer: bytes, position: int, end: int) -> CustomValue:
    """The item at a position as the value of an attribute whose type no table says."""
    item, _ = read_item(buffer, position, end)
    return CustomValue(item.item_type, item.value)


def _fixed(buffer: bytes, position: int, head: int, length: int, high: int, low: int) -> ItemValue:
    item_type = TYPES[head & 0xFF]
    if length != FIXED_LENGTHS[item_type]:
        bad_item(head, length, position)
    if length == 8:
        if item_type is not ItemType.BOOLEAN:
            return cast("int", read_long(buffer, position + HEAD_SIZE)[0])
        if high or low > 1:
            bad_item(head, length, position)
        return low == 1
    if low:
        bad_item(head, length, position)
    return high - (1 << 32) if item_type is ItemType.INTEGER and high >> 31 else high


def write_item(tag: int, item_type: ItemType, value: ItemValue) -> bytes:
    """An item as bytes, from its tag to its padding. Raises struct.error for a number that its type cannot hold."""
    head = head_of(tag, item_type)
    if isinstance(value, tuple):
        return write_string(head, b"".join(write_item(item.tag, item.item_type, item.value) for item in value))
    if isinstance(value, str):
        return write_string(head, value.encode())
    if isinstance(value, bytes):
        return write_string(head, value)
    if item_type is ItemType.BIG_INTEGER:
        return write_string(head, big_integer(value))
    if item_type is ItemType.INTEGER:
        return write_integer(head, 4, value, 0)
    if FIXED_LENGTHS[item_type] == 4:
        return write_unsigned(head, 4, value, 0)
    return write_long(head, 8, value)


def write_string(head: int, value: bytes) -> bytes:
    """Bytes of any number, behind their head and before their padding."""
    return write_head(head, len(value)) + value + PADDING[-len(value) & 7]


def big_integer(value: int) -> bytes:
    """Two's complement in the smallest multiple of eight bytes (9.1.1.4)."""
    return value.to_bytes((value.bit_length() // 64 + 1) * 8, "big", signed=True)
