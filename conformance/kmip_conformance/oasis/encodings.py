"""Messages in XML and in JSON, both ways (Additional Message Encodings 1.0, 4.1 and 6.1; from 1.3 on in the Profiles).

Reading never repairs: what is not of the encoding raises `NotEncoded`, which says what and where. Writing uses words wherever the standard
has them, and hexadecimal numbers where it does not.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from kmip_conformance.oasis.case import Placeholder
from kmip_conformance.oasis.elements import NotWellFormed, elements_in
from kmip_conformance.oasis.tokens import UnknownWord, element_of, enumeration_for, is_mask, tag_of, token_of
from kmip_conformance.oasis.values import ITEM_TYPES, leaf
from kmip_conformance.tables import ItemType, Tag
from kmip_conformance.wire import Item
from kmip_conformance.wire.encoding import big_integer_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.oasis.elements import Element

_WORDS = {kind: word for word, kind in ITEM_TYPES.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotEncoded(Exception):
    """A body is no message in its encoding."""


def to_xml(message: Item) -> bytes:
    """A message in XML."""
    return "".join(_xml(message, "", 0)).encode()


def _xml(item: Item, attribute_name: str, depth: int) -> Iterator[str]:
    name = element_of(item.tag)
    head = f"{'  ' * depth}<{name}" if name else f'{"  " * depth}<TTLV tag="0x{item.tag:06X}"'
    if isinstance(item.value, tuple):
        yield f"{head}>\n"
        for child in item.value:
            yield from _xml(child, _named(item, child), depth + 1)
        yield f"{'  ' * depth}</{name or 'TTLV'}>\n"
        return
    yield f'{head} type="{_WORDS[ItemType(item.type)]}" value={quoteattr(str(_text(item, attribute_name, " ")))}/>\n'


def to_json(message: Item) -> bytes:
    """A message in JSON."""
    return json.dumps(_json(message, "")).encode()


def _json(item: Item, attribute_name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"tag": element_of(item.tag) or f"0x{item.tag:06X}"}
    if isinstance(item.value, tuple):
        return row | {"value": [_json(child, _named(item, child)) for child in item.value]}
    value = item.value if item.type == ItemType.BOOLEAN else _text(item, attribute_name, "|")
    return row | {"type": _WORDS[ItemType(item.type)], "value": value}


def _named(item: Item, child: Item) -> str:
    return item.text(Tag.ATTRIBUTE_NAME) or "" if item.tag == Tag.ATTRIBUTE and child.tag == Tag.ATTRIBUTE_VALUE else ""


def _text(item: Item, attribute_name: str, bar: str) -> str | int:
    value = item.value
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    assert isinstance(value, int)
    enumeration = enumeration_for(item.tag, attribute_name)
    match item.type:
        case ItemType.ENUMERATION:
            return token_of(enumeration, value) or f"0x{value:08x}"
        case ItemType.INTEGER if is_mask(enumeration):
            return bar.join(token_of(enumeration, 1 << bit) or f"0x{1 << bit:08x}" for bit in range(32) if value >> bit & 1) or "0x00000000"
        case ItemType.BOOLEAN:
            return "true" if value else "false"
        case ItemType.DATE_TIME:
            return (_EPOCH + timedelta(seconds=value)).isoformat()
        case ItemType.DATE_TIME_EXTENDED:
            return (_EPOCH + timedelta(microseconds=value)).isoformat(timespec="microseconds")
        case ItemType.LONG_INTEGER:
            return f"0x{value & (1 << 64) - 1:016x}"
        case ItemType.BIG_INTEGER:
            digits = value.to_bytes(big_integer_size(value), "big", signed=True).hex()
            return f"0x{digits}" if bar == "|" else digits
    return value if bar == "|" else str(value)


def from_xml(data: bytes) -> Item:
    """The message in an XML body. Raises `NotEncoded`."""
    try:
        found = elements_in(data)
    except NotWellFormed as error:
        raise NotEncoded(f"not well-formed XML, line {error.line}: {error}") from error
    if len(found) != 1:
        raise NotEncoded(f"{len(found)} messages in one body")
    return _item_of_element(found[0][0], "")


def _item_of_element(element: Element, attribute_name: str) -> Item:
    name = element.attributes.get("tag", "") if element.name == "TTLV" else element.name
    if element.attributes.get("type", "Structure") == "Structure":
        named = next((child.attributes.get("value", "") for child in element.children if child.name == "AttributeName"), "")
        children = [_item_of_element(child, named if child.name == "AttributeValue" else "") for child in element.children]
        return Item(_tag(name), ItemType.STRUCTURE, tuple(children))
    if "value" not in element.attributes:
        raise NotEncoded(f"{name} has no value")
    return _leaf(name, element.attributes["type"], element.attributes["value"], attribute_name)


def from_json(data: bytes) -> Item:
    """The message in a JSON body. Raises `NotEncoded`."""
    try:
        return _item_of_object(json.loads(data), "")
    except (ValueError, RecursionError) as error:
        raise NotEncoded(f"not JSON: {error}") from error


def _item_of_object(row: Any, attribute_name: str) -> Item:
    if not isinstance(row, dict) or not isinstance(row.get("tag"), str) or "value" not in row:
        raise NotEncoded("an item that is no object with a tag and a value")
    name, kind, value = row["tag"], row.get("type", "Structure"), row["value"]
    if kind == "Structure":
        rows = value or []
        named = next((str(child.get("value")) for child in rows if isinstance(child, dict) and child.get("tag") == "AttributeName"), "")
        inner = [
            _item_of_object(child, named if isinstance(child, dict) and child.get("tag") == "AttributeValue" else "") for child in rows
        ]
        return Item(_tag(name), ItemType.STRUCTURE, tuple(inner))
    if not isinstance(value, str | int):
        raise NotEncoded(f"{name} holds a value that {kind} does not have")
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return _leaf(name, str(kind), text, attribute_name)


def _leaf(name: str, kind: str, text: str, attribute_name: str) -> Item:
    if kind not in ITEM_TYPES:
        raise NotEncoded(f"{name}: {kind} is no item type")
    tag = _tag(name)
    try:
        value = leaf(ITEM_TYPES[kind], text, enumeration_for(tag, attribute_name))
    except (UnknownWord, ValueError) as error:
        raise NotEncoded(f"{name}: {error}") from error
    return Item(tag, ITEM_TYPES[kind], text if isinstance(value, Placeholder) else value)


def _tag(name: str) -> int:
    try:
        return int(name, 16) if name[:2].lower() == "0x" else tag_of(name)
    except (UnknownWord, ValueError) as error:
        raise NotEncoded(str(error)) from error
