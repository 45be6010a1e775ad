"""Single values as XML and JSON write them: names, digits, dates (KMIP Additional Message Encodings 1.0, 4.1 and 6.1).

What both forms have in common is here; what XML takes from XML Schema and JSON from JSON is in their own modules. Readers raise
`Unreadable` with the half of a sentence that follows the item's name.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from kmip_server.enums import ItemType, ResultReason, Tag, VersionedMask
from kmip_server.enums.tokens import by_token, token_of

if TYPE_CHECKING:
    from kmip_server.codec.meanings import Words

BITS = {
    ItemType.INTEGER: 32,
    ItemType.LONG_INTEGER: 64,
    ItemType.ENUMERATION: 32,
    ItemType.BOOLEAN: 64,
    ItemType.DATE_TIME: 64,
    ItemType.DATE_TIME_EXTENDED: 64,
    ItemType.INTERVAL: 32,
}
"""How wide the numbers are that have a fixed width; in hexadecimal all their digits are written (4.1.1)."""

UNSIGNED = frozenset({ItemType.ENUMERATION, ItemType.INTERVAL, ItemType.BOOLEAN})

_TAG = re.compile(r"0?x([0-9A-Fa-f]{6})")
_HEX = re.compile(r"0x([0-9A-Fa-f]+)")
_HEX_DIGITS = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_DATE_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {ItemType.DATE_TIME: timedelta(seconds=1), ItemType.DATE_TIME_EXTENDED: timedelta(microseconds=1)}
"""What the two kinds of dates count."""
_MIDNIGHT_AFTER = 24
"""The hour in which XML Schema lets a day end as well as the next one begin: 24:00:00 (3.2.7)."""


class Unreadable(ValueError):
    """A value is not written as its type wants it."""

    def __init__(self, sentence: str, reason: ResultReason = ResultReason.INVALID_MESSAGE) -> None:
        """What is wrong, to follow the item's name, and the Result Reason for it."""
        super().__init__(sentence)
        self.reason = reason


def tag_from(text: str) -> int:
    """The tag of this name, or with these hexadecimal digits. `Unreadable` when it is neither."""
    if named := by_token(Tag).get(text):
        return int(named)
    if written := _TAG.fullmatch(text):
        return int(written[1], 16)
    raise Unreadable("is no tag: neither a name of the standard nor 0x and six hexadecimal digits")


def tag_as_text(tag: int) -> str | None:
    """The name of a tag, or None when it has none."""
    try:
        return token_of(Tag(tag))
    except ValueError:
        return None


def type_from(text: str | None) -> ItemType:
    """The item type of this name; a Structure when none is given (4.1.4)."""
    item_type = by_token(ItemType).get(text) if text is not None else ItemType.STRUCTURE
    if not isinstance(item_type, ItemType):
        raise Unreadable(f"is of type {text!r}, which KMIP has not")
    return item_type


def hex_number(text: str, item_type: ItemType) -> int:
    """The number that hexadecimal digits are, all digits of its width written (4.1.1)."""
    written, digits = _HEX.fullmatch(text), BITS.get(item_type, 0) // 4
    if not written or (digits and len(written[1]) != digits):
        raise Unreadable(f"is not 0x and {digits} hexadecimal digits" if digits else "is not 0x and hexadecimal digits")
    return signed(int(written[1], 16), item_type)


def signed(number: int, item_type: ItemType) -> int:
    """A number of a fixed width as its type reads the highest bit."""
    bits = BITS[item_type]
    return number - (1 << bits) if item_type not in UNSIGNED and number >> (bits - 1) else number


def number_as_hex(number: int, item_type: ItemType) -> str:
    """0x and all the digits of the type's width."""
    bits = BITS[item_type]
    return f"0x{number & ((1 << bits) - 1):0{bits // 4}x}"


def bytes_from(text: str) -> bytes:
    """The bytes that hexadecimal digits are; no 0x before them (4.1.1)."""
    if not _HEX_DIGITS.fullmatch(text):
        raise Unreadable("is not hexadecimal digits, two for each byte")
    return bytes.fromhex(text)


def big_integer_from(digits: str) -> int:
    """The number that the hexadecimal digits of a Big Integer are: sign-extended to a multiple of eight bytes (4.1.1)."""
    raw = bytes_from(digits)
    if not raw or len(raw) % 8:
        raise Unreadable("is not a multiple of sixteen hexadecimal digits")
    return int.from_bytes(raw, "big", signed=True)


def number_from_words(text: str, words: Words | None, item_type: ItemType, separator: str) -> int:
    """The number for the name of an enumeration's value, or for the names and digits of a mask."""
    if words is not None and issubclass(words, VersionedMask):
        bits = 0
        for part in text.split(separator) if separator != " " else text.split():
            bits |= _mask_part(part.strip(), words)
        return signed(bits, item_type)
    if text.startswith("0x"):
        return hex_number(text, item_type)
    known = by_token(words).get(text) if words is not None else None
    if known is None:
        why = f"which is no value of {words.__name__}" if words else "but only 0x and eight digits can be read here"
        raise Unreadable(f"is {text[:80]!r}, {why}", ResultReason.INVALID_FIELD)
    return int(known)


def _mask_part(part: str, mask: type[VersionedMask]) -> int:
    """One name, or up to eight digits: the standard's own example has seven (4.1.6.4)."""
    if named := by_token(mask).get(part):
        return int(named)
    written = _HEX.fullmatch(part)
    if not written or len(written[1]) > BITS[ItemType.INTEGER] // 4:
        raise Unreadable(f"has {part!r}, which is no bit of {mask.__name__}", ResultReason.INVALID_FIELD)
    return int(written[1], 16)


def number_in_words(number: int, words: Words | None, separator: str) -> str | None:
    """The name of an enumeration's value, or the names of a mask's bits; None when digits have to do."""
    if words is None:
        return None
    if issubclass(words, VersionedMask):
        return _mask_in_words(number, words, separator)
    try:
        return token_of(words(number))
    except ValueError:
        return None


def _mask_in_words(number: int, mask: type[VersionedMask], separator: str) -> str | None:
    bits = number & 0xFFFFFFFF
    named = [member for member in mask if member & bits]
    rest = bits & ~sum(int(member) for member in named)
    parts = [str(token_of(member)) for member in named]
    if rest:
        parts.append(f"0x{rest:08x}")
    return separator.join(parts) or None


def date_time_from(text: str, item_type: ItemType) -> int:
    """Seconds (or microseconds) since 1970 of a date as XML Schema writes it, or of sixteen digits. No zone is UTC.

    What is finer than the type is cut off (4.1.6.11).
    """
    if text.startswith("0x"):
        return hex_number(text, item_type)
    written = _DATE_TIME.fullmatch(text)
    if not written:
        raise Unreadable("is no date: it is written like 2001-01-01T10:00:00+10:00")
    year, month, day, hour, minute, second = map(int, written.groups()[:6])
    zone, microsecond = written[8], int((written[7] or "0")[:6].ljust(6, "0"))
    try:
        if hour == _MIDNIGHT_AFTER and not minute and not second:
            moment = datetime(year, month, day, tzinfo=_zone(zone)) + timedelta(days=1)
        else:
            moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=_zone(zone))
    except (ValueError, OverflowError):
        raise Unreadable(f"is {text}, a moment that no calendar has") from None
    return (moment - _EPOCH) // _UNITS[item_type]


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-offset if text[0] == "-" else offset)


def date_time_as_text(number: int, item_type: ItemType) -> str:
    """A date as XML Schema writes it, in UTC; digits for years that have not four of them."""
    try:
        return (_EPOCH + number * _UNITS[item_type]).isoformat()
    except (ValueError, OverflowError):
        return number_as_hex(number, item_type)
