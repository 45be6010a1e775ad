"""The values of items as the XML encoding writes them, read as item types (Additional Message Encodings 1.0, 2; KMIP 1.4 Profiles, 5.4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kmip_conformance.oasis.case import NOW, Placeholder
from kmip_conformance.oasis.tokens import UnknownWord, mask_of, number_of
from kmip_conformance.tables import ItemType

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_conformance.oasis.case import Leaf

ITEM_TYPES = {
    "Structure": ItemType.STRUCTURE,
    "Integer": ItemType.INTEGER,
    "LongInteger": ItemType.LONG_INTEGER,
    "BigInteger": ItemType.BIG_INTEGER,
    "Enumeration": ItemType.ENUMERATION,
    "Boolean": ItemType.BOOLEAN,
    "TextString": ItemType.TEXT_STRING,
    "ByteString": ItemType.BYTE_STRING,
    "DateTime": ItemType.DATE_TIME,
    "Interval": ItemType.INTERVAL,
    "DateTimeExtended": ItemType.DATE_TIME_EXTENDED,
    "Identifier": ItemType.IDENTIFIER,
    "Reference": ItemType.REFERENCE,
    "NameReference": ItemType.NAME_REFERENCE,
}
"""The words for item types."""

_PLACEHOLDER = re.compile(r"(\$[A-Z][A-Z0-9_]*)([+-]\d+)?")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def leaf(kind: int, text: str, enumeration: str = "") -> Leaf:
    """The value of a leaf. Raises `ValueError` (of which `UnknownWord` is none) for text that its type does not have."""
    placeholder = _PLACEHOLDER.fullmatch(text.strip())
    if placeholder and (placeholder[2] is None or placeholder[1] == NOW):
        return Placeholder(placeholder[1], int(placeholder[2] or 0))
    return _READERS[ItemType(kind)](text, enumeration)


def _integer(text: str, enumeration: str) -> int:
    number = mask_of(enumeration, text)
    return number - (1 << 32) if 1 << 31 <= number < 1 << 32 else number


def _long_integer(text: str, _: str) -> int:
    number = int(text, 0) if text[:2].lower() == "0x" else int(text)
    return number - (1 << 64) if number >= 1 << 63 else number


def _big_integer(text: str, _: str) -> int:
    digits = "".join(text.split())
    if digits[:2].lower() == "0x":
        digits = digits[2:]
    return int.from_bytes(bytes.fromhex(digits), "big", signed=True)


def _enumeration(text: str, enumeration: str) -> int:
    return number_of(enumeration, text.strip())


def _boolean(text: str, _: str) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    try:
        return words[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{text!r} is no Boolean") from None


def _octets(text: str, _: str) -> bytes:
    return bytes.fromhex("".join(text.split()))


def _seconds(text: str, _: str) -> int:
    if text[:2].lower() == "0x":
        return _long_integer(text, "")
    return int(_moment(text).timestamp())


def _microseconds(text: str, _: str) -> int:
    if text[:2].lower() == "0x":
        return _long_integer(text, "")
    since = _moment(_LONG_FRACTION.sub(r"\1", text)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _interval(text: str, _: str) -> int:
    return int(text, 0) if text[:2].lower() == "0x" else int(text)


def _text(text: str, _: str) -> str:
    return text


_READERS: dict[ItemType, Callable[[str, str], Leaf]] = {
    ItemType.INTEGER: _integer,
    ItemType.LONG_INTEGER: _long_integer,
    ItemType.BIG_INTEGER: _big_integer,
    ItemType.ENUMERATION: _enumeration,
    ItemType.BOOLEAN: _boolean,
    ItemType.TEXT_STRING: _text,
    ItemType.BYTE_STRING: _octets,
    ItemType.DATE_TIME: _seconds,
    ItemType.INTERVAL: _interval,
    ItemType.DATE_TIME_EXTENDED: _microseconds,
    ItemType.IDENTIFIER: _text,
    ItemType.REFERENCE: _text,
    ItemType.NAME_REFERENCE: _text,
}
__all__ = ["ITEM_TYPES", "UnknownWord", "leaf"]
