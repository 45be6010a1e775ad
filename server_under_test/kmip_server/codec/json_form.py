"""Messages in JSON (KMIP Additional Message Encodings 1.0, section 4; since 1.3 the JSON profile of KMIP Profiles).

An item is an object with ``tag``, ``type`` (a Structure without it) and ``value``; a structure's value is the array of its items. ``name``
may stand beside a tag that is digits, for people. Read is what the standard permits and nothing else: UTF-8, whole numbers, no other
properties and none twice. Sizes inside messages mean TTLV's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kmip_server.codec.items import TEXTS, big_integer
from kmip_server.codec.meanings import words_for
from kmip_server.codec.text_values import (
    BITS,
    Unreadable,
    big_integer_from,
    bytes_from,
    date_time_as_text,
    date_time_from,
    hex_number,
    number_as_hex,
    number_from_words,
    number_in_words,
    tag_as_text,
    tag_from,
    type_from,
)
from kmip_server.codec.transcribing import Transcript, items_of, with_attribute_names
from kmip_server.enums import ItemType
from kmip_server.enums.tokens import token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.codec.meanings import Words
    from kmip_server.messages import Item, ItemValue

PROPERTIES = frozenset({"tag", "name", "type", "value"})

MASK_SEPARATOR = "|"

EXACT = 1 << 52
"""From here on numbers are written as digits in a string: a reader of JSON may have floating point numbers only (4.1.6.5)."""


def ttlv_from_json(text: bytes) -> bytes:
    """The message in TTLV. Raises MalformedMessage, with the Protocol Version where that could be read."""
    transcript = Transcript()
    try:
        read = json.loads(text.decode(), object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction)
    except UnicodeDecodeError:
        transcript.fail("the text is not UTF-8")
    except json.JSONDecodeError as fault:
        transcript.fail(f"the text is no JSON: {fault.msg}, line {fault.lineno}, column {fault.colno}", offset=fault.pos)
    except RecursionError:
        transcript.fail("items nest too deep")
    except ValueError as fault:
        transcript.fail(str(fault) if isinstance(fault, Unreadable) else "a number has too many digits")
    _read(read, transcript)
    return transcript.message()


def json_from_ttlv(message: bytes) -> bytes:
    """The message in JSON."""
    return json.dumps(_written(items_of(message), None), ensure_ascii=False, separators=(",", ":")).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    properties = dict(pairs)
    if len(properties) != len(pairs):
        raise Unreadable("an item has a property twice")
    return properties


def _no_fraction(text: str) -> int:
    raise Unreadable(f"{text[:40]} is no whole number")


def _read(item: object, transcript: Transcript) -> None:
    if not isinstance(item, dict):
        transcript.fail("an item is an object with tag, type and value")
    if unknown := item.keys() - PROPERTIES:
        transcript.fail(f"an item has the property {min(unknown)!r}; there are tag, name, type and value")
    tag, item_type = _head(item, transcript)
    if item_type is not ItemType.STRUCTURE:
        if "value" not in item:
            transcript.fail(f"{item['tag']} has no value")
        transcript.add(tag, item_type, lambda words: _value(item["value"], item_type, words))
        return
    content = item.get("value")
    if not isinstance(content, list | None):
        transcript.fail(f"{item['tag']} is a structure, whose value is an array of its items")
    transcript.begin(tag)
    for one in content or ():
        _read(one, transcript)
    transcript.end()


def _head(item: dict[str, Any], transcript: Transcript) -> tuple[int, ItemType]:
    tag, item_type = item.get("tag"), item.get("type")
    if not isinstance(tag, str):
        transcript.fail("an item has no tag, which is a string")
    if not isinstance(item_type, str | None):
        transcript.fail(f"the type of {tag} is not a string")
    try:
        return tag_from(tag), type_from(item_type)
    except Unreadable as fault:
        transcript.fail(f"{tag[:80]} {fault}")


def _value(value: object, item_type: ItemType, words: Words | None) -> ItemValue:
    return READERS[item_type](value, item_type, words)


def _number(value: object, item_type: ItemType, words: Words | None) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _string(value, "a number or a string")
    if words is None and item_type is not ItemType.ENUMERATION:
        return hex_number(text, item_type)
    return number_from_words(text, words, item_type, MASK_SEPARATOR)


def _big_integer(value: object, item_type: ItemType, words: Words | None) -> int:
    if isinstance(value, int):
        return _number(value, item_type, words)
    text = _string(value, "a number or a string")
    if not text.startswith("0x"):
        raise Unreadable("is not 0x and hexadecimal digits")
    return big_integer_from(text[2:])


def _boolean(value: object, item_type: ItemType, _: Words | None) -> bool:
    if isinstance(value, bool):
        return value
    number = hex_number(_string(value, "true, false or a string"), item_type)
    if number > 1:
        raise Unreadable("is a Boolean and neither 0 nor 1")
    return number == 1


def _string(value: object, wanted: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"is not written as {wanted}")
    return value


READERS: dict[ItemType, Callable[[object, ItemType, Words | None], ItemValue]] = {
    ItemType.INTEGER: _number,
    ItemType.LONG_INTEGER: _number,
    ItemType.BIG_INTEGER: _big_integer,
    ItemType.ENUMERATION: _number,
    ItemType.BOOLEAN: _boolean,
    **dict.fromkeys(TEXTS, lambda value, _, __: _string(value, "a string")),
    ItemType.BYTE_STRING: lambda value, _, __: bytes_from(_string(value, "a string")),
    ItemType.DATE_TIME: lambda value, item_type, _: date_time_from(_string(value, "a string"), item_type),
    ItemType.DATE_TIME_EXTENDED: lambda value, item_type, _: date_time_from(_string(value, "a string"), item_type),
    ItemType.INTERVAL: _number,
}


def _written(item: Item, attribute_name: str | None) -> dict[str, object]:
    told: dict[str, object] = {"tag": tag_as_text(item.tag) or f"0x{item.tag:06X}"}
    if isinstance(item.value, tuple):
        return told | {"value": [_written(one, inside) for one, inside in with_attribute_names(item.value)]}
    return told | {
        "type": token_of(item.item_type),
        "value": _json_value(item.value, item.item_type, words_for(item.tag, item.item_type, attribute_name)),
    }


def _json_value(value: ItemValue, item_type: ItemType, words: Words | None) -> object:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, bytes):
        return value.hex()
    assert isinstance(value, int)
    if item_type in {ItemType.DATE_TIME, ItemType.DATE_TIME_EXTENDED}:
        return date_time_as_text(value, item_type)
    in_words = number_in_words(value, words, MASK_SEPARATOR)
    if in_words is not None:
        return in_words
    if item_type is ItemType.BIG_INTEGER:
        return value if abs(value) < EXACT else f"0x{big_integer(value).hex()}"
    if item_type is ItemType.ENUMERATION or (BITS[item_type] == 64 and abs(value) >= EXACT):
        return number_as_hex(value, item_type)
    return value
