"""The wire of TTLV (KMIP 1.4, 9.1): heads, padding, limits, and the sentences for bytes that break its rules.

An item is a head of eight bytes (tag, type, length) and a value padded with zeros to a multiple of eight. Readers see the first
sixteen bytes of an item as four unsigned 32-bit numbers, `read(buffer, position) -> head, length, high, low`: for every fixed-size
type that is the whole item. `head` is tag and type in one number, which a plan compares with the one it expects. A buffer is
the message followed by `MARGIN`, so that those sixteen bytes are there for the last item too.
"""

from __future__ import annotations

from struct import Struct
from typing import NoReturn

from kmip_server.enums import ItemType, ResultReason, Tag
from kmip_server.errors import MalformedMessage

MAXIMUM_MESSAGE_SIZE = 1 << 20
"""The largest message that is read, in bytes, its head included."""

MAXIMUM_DEPTH = 32
"""How deep structures may nest where no table says their fields: vendors' extensions and custom values. Elsewhere tables end."""

HEAD_SIZE = 8
MARGIN = bytes(16)
PADDING = tuple(bytes(n) for n in range(8))

read = Struct(">IIII").unpack_from
read_head = Struct(">II").unpack_from
read_long = Struct(">q").unpack_from
write_head = Struct(">II").pack
write_integer = Struct(">IIiI").pack
write_unsigned = Struct(">IIII").pack
write_long = Struct(">IIq").pack

FIXED_LENGTHS = {
    ItemType.INTEGER: 4,
    ItemType.LONG_INTEGER: 8,
    ItemType.ENUMERATION: 4,
    ItemType.BOOLEAN: 8,
    ItemType.DATE_TIME: 8,
    ItemType.INTERVAL: 4,
    ItemType.DATE_TIME_EXTENDED: 8,
}
"""Item lengths that 9.1.1.3 fixes; the value takes eight bytes in all of them."""

_FIRST_TAG, _LAST_TAG = 0x420000, 0x42FFFF
_FIRST_EXTENSION_TAG, _LAST_EXTENSION_TAG = 0x540000, 0x54FFFF


def head_of(tag: int, item_type: ItemType) -> int:
    """Tag and type as the one number that they are on the wire."""
    return tag << 8 | item_type


def name_of(tag: int) -> str:
    """What to call a tag in a sentence: the standard's words, or its number."""
    try:
        return Tag(tag).name.replace("_", " ").title()
    except ValueError:
        return f"tag 0x{tag:06X}"


def type_name(number: int) -> str:
    """What to call an item type in a sentence."""
    try:
        return ItemType(number).name.replace("_", " ").title()
    except ValueError:
        return f"type 0x{number:02X}"


def is_tag(tag: int) -> bool:
    """Whether this is a tag of the standard's range or of the extensions' (9.1.1.1)."""
    return _FIRST_TAG <= tag <= _LAST_TAG or _FIRST_EXTENSION_TAG <= tag <= _LAST_EXTENSION_TAG


def malformed(message: str, offset: int, reason: ResultReason = ResultReason.INVALID_MESSAGE) -> MalformedMessage:
    """The error for bytes that break a rule, at this offset of the buffer."""
    return MalformedMessage(reason, message, offset=offset)


def bad_item(head: int, length: int, position: int) -> NoReturn:
    """An item whose length, padding or value its type does not allow."""
    name, item_type = name_of(head >> 8), head & 0xFF
    fixed = FIXED_LENGTHS.get(ItemType(item_type))
    if fixed is not None and length != fixed:
        raise malformed(f"{name}: a {type_name(item_type)} has length {fixed}, not {length} (9.1.1.3)", position)
    if item_type == ItemType.BOOLEAN:
        raise malformed(f"{name}: a Boolean is 0 or 1 in eight bytes (9.1.1.4)", position)
    if item_type == ItemType.BIG_INTEGER and (length == 0 or length % 8):
        raise malformed(f"{name}: the length of a Big Integer is a multiple of 8 (9.1.1.3)", position)
    raise malformed(f"{name}: the padding is not zero (9.1.1.3)", position)


def bad_structure(head: int, length: int, position: int) -> NoReturn:
    """A structure whose length is no multiple of eight, or reaches out of the structure round it."""
    name = name_of(head >> 8)
    if length % 8:
        raise malformed(f"{name}: the length of a Structure is a multiple of 8, not {length} (9.1.1.3)", position)
    raise malformed(f"{name}: {length} bytes are more than the structure round it holds", position)


def frame_length(buffer: bytes | bytearray | memoryview, maximum: int = MAXIMUM_MESSAGE_SIZE) -> int | None:
    """How many bytes the request message at the start of a buffer has, its head included; None until eight bytes are there.

    Raises MalformedMessage when these bytes do not begin a Request Message, or when it is longer than `maximum` bytes.
    """
    if len(buffer) < HEAD_SIZE:
        return None
    head: int
    length: int
    head, length = read_head(buffer)
    if head != REQUEST_MESSAGE:
        raise malformed(f"not a KMIP request: it begins with {bytes(buffer[:4]).hex()}, not 42007801", 0)
    if length % 8:
        raise malformed(f"Request Message: the length of a Structure is a multiple of 8, not {length} (9.1.1.3)", 4)
    if length + HEAD_SIZE > maximum:
        raise malformed(f"Request Message: {length + HEAD_SIZE} bytes are more than the {maximum} that are read", 4)
    return length + HEAD_SIZE


REQUEST_MESSAGE = head_of(Tag.REQUEST_MESSAGE, ItemType.STRUCTURE)
RESPONSE_MESSAGE = head_of(Tag.RESPONSE_MESSAGE, ItemType.STRUCTURE)
