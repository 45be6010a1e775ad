"""The Attributes structure and Attribute References of KMIP 2.x, read and written by the attribute table.

Each attribute is an item under its own tag (KMIP 2.1, 4); a vendor's is an Attribute structure of Vendor Identification, Attribute Name
and Attribute Value (2.1, 3.1). In messages both are `Attribute`, known by the name that 1.x gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmip_server.attributes import is_custom, rules_by_name, rules_by_tag, vendor_and_name, vendor_attribute_name
from kmip_server.codec import faults, wire
from kmip_server.codec.attributes_3 import RENDERINGS, rendering_of
from kmip_server.codec.items import read_items, write_item, write_string
from kmip_server.enums import ItemType, ResultReason, Tag
from kmip_server.errors import UnencodableMessage
from kmip_server.messages.attributes_1 import Attribute
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.values import AttributeReference, CustomValue, Item
from kmip_server.versions import V3_0

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmip_server.attributes import AttributeRule
    from kmip_server.codec.attributes_3 import Rendering
    from kmip_server.messages.tables import Alternative
    from kmip_server.versions import KmipVersion

VENDOR_ATTRIBUTE = wire.head_of(Tag.ATTRIBUTE, ItemType.STRUCTURE)


def attributes_decoder(
    version: KmipVersion, read_value_of: Callable[[Alternative], Callable[[bytes, int, int], Any]], *, lenient: bool
) -> Callable[[bytes, int, int], Attributes]:
    """The decoder of an Attributes structure's content: (buffer, position, end) → Attributes. ``read_value_of`` gives an item's decoder."""
    readers = _readers(version, read_value_of)
    place = faults.Place("Attributes", version, dict.fromkeys([*readers, Tag.ATTRIBUTE], frozenset()))

    def decode(buffer: bytes, position: int, end: int) -> Attributes:
        found = []
        while position < end:
            head, length, _, _ = wire.read(buffer, position)
            after = position + wire.HEAD_SIZE + (length + 7 & ~7)
            if after > end:
                wire.bad_structure(head, length & ~7, position)
            if head == VENDOR_ATTRIBUTE:
                found.append(_vendor_attribute(buffer, position, end))
            elif head >> 8 in readers:
                name, read_value = readers[head >> 8]
                found.append(Attribute(attribute_name=name, attribute_value=read_value(buffer, position, end)))
            elif not lenient:
                faults.unexpected(place, buffer, position, end)
            position = after
        return Attributes(tuple(found))

    return decode


def attributes_encoder(version: KmipVersion, write_value_of: Callable[[Alternative], Callable[[Any], bytes]]) -> Callable[[Any], bytes]:
    """The encoder of an Attributes structure's content. ``write_value_of`` gives an item's encoder."""
    rules = rules_by_name(version)

    def written(name: str, value: Any) -> bytes:
        rendering = rendering_of(name, value) if version >= V3_0 else None
        if rendering is not None:
            return write_value_of(rendering.alternative)(rendering.write(value))
        return _written(name, value, rules, write_value_of, version)

    def encode(attributes: Attributes) -> bytes:
        return b"".join(written(one.attribute_name, one.attribute_value) for one in attributes.attribute)

    return encode


def read_reference(buffer: bytes, position: int, end: int, version: KmipVersion) -> AttributeReference:
    """The item at a position as the name of an attribute: a tag, or a vendor and a name (KMIP 2.1, 3.2)."""
    head, length, number, low = wire.read(buffer, position)
    if head & 0xFF == ItemType.STRUCTURE:
        return AttributeReference(
            _vendor_and_name(read_items(buffer, position, end), position, (Tag.VENDOR_IDENTIFICATION, Tag.ATTRIBUTE_NAME))
        )
    if length != 4 or low:
        wire.bad_item(head, length, position)
    if version >= V3_0 and number in RENDERINGS:
        return AttributeReference(RENDERINGS[Tag(number)].name)
    rule = rules_by_tag(version).get(number)
    if rule is None:
        raise wire.malformed(f"{wire.name_of(number)} is no attribute of KMIP {version}", position, ResultReason.INVALID_FIELD)
    return AttributeReference(rule.name)


def write_reference(tag: int, name: str, version: KmipVersion) -> bytes:
    """The name of an attribute as an Attribute Reference under a tag."""
    if is_custom(name):
        vendor, attribute_name = vendor_and_name(name)
        items = (
            Item(Tag.VENDOR_IDENTIFICATION, ItemType.TEXT_STRING, vendor),
            Item(Tag.ATTRIBUTE_NAME, ItemType.TEXT_STRING, attribute_name),
        )
        return write_item(tag, ItemType.STRUCTURE, items)
    rule = rules_by_name(version).get(name)
    if rule is None:
        raise UnencodableMessage(f"KMIP {version} has no attribute {name!r}")
    return write_item(tag, ItemType.ENUMERATION, int(rule.tag))


def _readers(
    version: KmipVersion, read_value_of: Callable[[Alternative], Callable[[bytes, int, int], Any]]
) -> dict[int, tuple[str, Callable[[bytes, int, int], Any]]]:
    """The attributes of a version by their tags: the name of each, and the decoder of its value."""
    readers = {tag: (rule.name, read_value_of(rule.written_by_tag)) for tag, rule in rules_by_tag(version).items()}
    if version >= V3_0:
        readers |= {int(tag): (one.name, _rendered(read_value_of(one.alternative), one)) for tag, one in RENDERINGS.items()}
    return readers


def _rendered(read_value: Callable[[bytes, int, int], Any], rendering: Rendering) -> Callable[[bytes, int, int], Any]:
    return lambda buffer, position, end: rendering.read(read_value(buffer, position, end))


def _vendor_attribute(buffer: bytes, position: int, end: int) -> Attribute:
    items = read_items(buffer, position, end)
    name = _vendor_and_name(items, position, (Tag.VENDOR_IDENTIFICATION, Tag.ATTRIBUTE_NAME, Tag.ATTRIBUTE_VALUE))
    return Attribute(attribute_name=name, attribute_value=CustomValue(items[2].item_type, items[2].value))


def _vendor_and_name(items: tuple[Item, ...], position: int, expected: tuple[Tag, ...]) -> str:
    """The name that these fields give an attribute. Raises MalformedMessage unless they are those expected, in their order."""
    if tuple(item.tag for item in items) != expected:
        wanted = ", ".join(wire.name_of(tag) for tag in expected)
        raise wire.malformed(f"a vendor's attribute needs exactly {wanted}, in this order", position)
    vendor, name = items[0].value, items[1].value
    if not isinstance(vendor, str) or not isinstance(name, str):
        raise wire.malformed("Vendor Identification and Attribute Name are Text Strings", position)
    return vendor_attribute_name(vendor, name)


def _written(
    name: str,
    value: Any,
    rules: Mapping[str, AttributeRule],
    write_value_of: Callable[[Alternative], Callable[[Any], bytes]],
    version: KmipVersion,
) -> bytes:
    if is_custom(name):
        vendor, attribute_name = vendor_and_name(name)
        content = (
            write_item(Tag.VENDOR_IDENTIFICATION, ItemType.TEXT_STRING, vendor)
            + write_item(Tag.ATTRIBUTE_NAME, ItemType.TEXT_STRING, attribute_name)
            + write_item(Tag.ATTRIBUTE_VALUE, value.item_type, value.value)
        )
        return write_string(VENDOR_ATTRIBUTE, content)
    if name not in rules:
        raise UnencodableMessage(f"KMIP {version} has no attribute {name!r}")
    return write_value_of(rules[name].written_by_tag)(value)
