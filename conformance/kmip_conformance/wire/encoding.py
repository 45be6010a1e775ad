"""Items to bytes (KMIP 1.4, 9.1.1): right bytes from right items, and exactly the wrong ones that an item asks for."""

from __future__ import annotations

from kmip_conformance.tables import ItemType
from kmip_conformance.wire.items import Item, Wrong

_NUMBER_SIZES = {
    ItemType.INTEGER: 4,
    ItemType.LONG_INTEGER: 8,
    ItemType.ENUMERATION: 4,
    ItemType.BOOLEAN: 8,
    ItemType.DATE_TIME: 8,
    ItemType.INTERVAL: 4,
    ItemType.DATE_TIME_EXTENDED: 8,
}
_SIGNED = {ItemType.INTEGER, ItemType.LONG_INTEGER, ItemType.DATE_TIME, ItemType.DATE_TIME_EXTENDED}
_NOTHING_WRONG = Wrong()


def encode(*items: Item) -> bytes:
    """The bytes of items, one after the other. Raises `OverflowError` for a number that its type cannot hold."""
    parts: list[bytes] = []
    for item in items:
        _append(item, parts)
    return b"".join(parts)


def _append(item: Item, parts: list[bytes]) -> None:
    body = _body(item)
    wrong = item.wrong or _NOTHING_WRONG
    if wrong.body is not None:
        body = wrong.body
    kind = item.type if wrong.type is None else wrong.type
    parts.append(wrong.tag if wrong.tag is not None else item.tag.to_bytes(3, "big"))
    parts.append(bytes((kind,)))
    parts.append((len(body) if wrong.length is None else wrong.length).to_bytes(4, "big"))
    parts.append(body)
    parts.append(bytes(-len(body) % 8) if wrong.padding is None else wrong.padding)


def _body(item: Item) -> bytes:
    value = item.value
    if isinstance(value, tuple):
        return encode(*value)
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if item.type == ItemType.BIG_INTEGER:
        return value.to_bytes(big_integer_size(value), "big", signed=True)
    return value.to_bytes(_NUMBER_SIZES[ItemType(item.type)], "big", signed=item.type in _SIGNED)


def big_integer_size(value: int) -> int:
    """The least multiple of eight bytes that holds a signed number."""
    bits = (value if value >= 0 else ~value).bit_length() + 1
    return -(-bits // 64) * 8
