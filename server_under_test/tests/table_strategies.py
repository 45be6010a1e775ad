"""Hypothesis strategies derived from the field tables: instances of any structure, whole requests, in any version."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from kmip_server.attributes import rules_by_name
from kmip_server.codec import encode
from kmip_server.codec.choices import choices
from kmip_server.codec.decoding import inherited_by
from kmip_server.enums import ItemType, Tag, VersionedEnum, VersionedMask
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    RESPONSE_PAYLOADS,
    AnyStructure,
    Attribute,
    AttributeReference,
    Attributes,
    CustomValue,
    Item,
    KeyValue,
    ProtocolVersion,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    fields_of,
    structures,
    tag_of,
)
from kmip_server.messages.tables import Alternative, Field, is_structure
from kmip_server.versions import VERSIONS, KmipVersion

SIMPLE: dict[ItemType, st.SearchStrategy[Any]] = {
    ItemType.INTEGER: st.integers(-(2**31), 2**31 - 1),
    ItemType.LONG_INTEGER: st.integers(-(2**63), 2**63 - 1),
    ItemType.BIG_INTEGER: st.integers(-(2**200), 2**200),
    ItemType.ENUMERATION: st.integers(0, 2**32 - 1),
    ItemType.BOOLEAN: st.booleans(),
    ItemType.TEXT_STRING: st.text(max_size=20),
    ItemType.BYTE_STRING: st.binary(max_size=20),
    ItemType.DATE_TIME: st.integers(-(2**63), 2**63 - 1),
    ItemType.INTERVAL: st.integers(0, 2**32 - 1),
    ItemType.DATE_TIME_EXTENDED: st.integers(-(2**63), 2**63 - 1),
}

tags = st.integers(0x540000, 0x54FFFF) | st.sampled_from(Tag)
item_types = st.sampled_from(sorted(set(SIMPLE) - {ItemType.DATE_TIME_EXTENDED}))
simple_items = item_types.flatmap(lambda t: st.builds(Item, tags, st.just(ItemType(t)), SIMPLE[ItemType(t)]))
items = st.recursive(
    simple_items, lambda inner: st.builds(Item, tags, st.just(ItemType.STRUCTURE), st.lists(inner, max_size=3).map(tuple)), max_leaves=6
)
custom_values = items.map(lambda item: CustomValue(item.item_type, item.value))


def values(alternative: Alternative, version: KmipVersion) -> st.SearchStrategy[Any]:
    """Values that may be written as this alternative says."""
    python = alternative.python
    if python is Attributes:
        return st.lists(attributes_2(version), max_size=3).map(lambda found: Attributes(tuple(found)))
    if python is AttributeReference:
        return (st.sampled_from(sorted(rules_by_name(version))) | vendors_names).map(AttributeReference)
    if is_structure(python):
        return instances(python, version)
    if python is AnyStructure:
        return st.lists(items, max_size=3).map(lambda found: AnyStructure(tuple(found)))
    if issubclass(python, VersionedMask):
        return st.integers(0, 2**24 - 1).map(python)
    if issubclass(python, VersionedEnum):
        known = python.of(version)
        return st.sampled_from(known) if known else st.nothing()
    return SIMPLE[alternative.item_type]


vendors_names = st.text(max_size=8).map("x-".__add__) | st.text(max_size=8).map("a vendor\x1f".__add__)


@st.composite
def attributes_2(draw: st.DrawFn, version: KmipVersion) -> Attribute:
    """An attribute as the Attributes structure of 2.x carries it: without an index."""
    if draw(st.integers(0, 4)) == 0:
        return Attribute(attribute_name=draw(vendors_names), attribute_value=draw(custom_values))
    rules = rules_by_name(version)
    name = draw(st.sampled_from(sorted(rules)))
    return Attribute(attribute_name=name, attribute_value=draw(values(rules[name].written_by_tag, version)))


@st.composite
def instances(draw: st.DrawFn, structure: type[Any], version: KmipVersion, inherited: object = None) -> Any:
    """Instances of a structure with the fields that it has in this version."""
    if structure is Attributes:
        return draw(values(Alternative(Tag.ATTRIBUTES, ItemType.STRUCTURE, Attributes), version))
    told: dict[str, Any] = {}
    for field in fields_of(structure):
        if not field.exists_in(version):
            told[field.name] = () if field.is_tuple else None
        elif field.is_tuple:
            most = 3 if field.repeated_in(version) else 1
            many = st.lists(one_of(field, version), min_size=1 if field.required_in(version) else 0, max_size=most)
            told[field.name] = tuple(draw(many))
        elif not field.required_in(version) and draw(st.booleans()):
            told[field.name] = None
        elif field.chosen_by:
            told |= draw(chosen(field, version, told.get(field.chosen_by, inherited)))
        else:
            told[field.name] = draw(one_of(field, version, told))
    return structure(**told)


def one_of(field: Field, version: KmipVersion, told: dict[str, Any] | None = None) -> st.SearchStrategy[Any]:
    """Values of one field."""
    written = [
        instances(KeyValue, version, told["key_format_type"]) if told and one.python is KeyValue else values(one, version)
        for one in field.alternatives
        if one.exists_in(version)
    ]
    return st.one_of(written)


@st.composite
def chosen(draw: st.DrawFn, field: Field, version: KmipVersion, chooser: object) -> dict[str, Any]:
    """A chosen field, and the field that chooses it where that is in the same structure."""
    table = choices(field.tag, version)
    if field.tag is Tag.KEY_MATERIAL:
        return {field.name: draw(values(table[chooser], version) if chooser in table else st.binary(max_size=40))}
    if field.tag is Tag.ATTRIBUTE_VALUE and draw(st.integers(0, 4)) == 0:
        return {"attribute_name": draw(st.text(max_size=8).map("x-".__add__)), field.name: draw(custom_values)}
    choice = draw(st.sampled_from(sorted(table, key=repr)))
    assert field.chosen_by is not None
    return {field.chosen_by: choice, field.name: draw(values(table[choice], version))}


def structures_of(version: KmipVersion) -> list[type]:
    """The structures that a version has: those whose tag and whose required enumerations it has."""
    newer = {
        payload for payloads in (REQUEST_PAYLOADS, RESPONSE_PAYLOADS) for one, payload in payloads.items() if not one.exists_in(version)
    }
    return [
        one
        for one in structures()
        if one not in newer and inherited_by(one) is None and tag_of(one).exists_in(version) and can_be_filled(one, version)
    ]


def can_be_filled(structure: type, version: KmipVersion) -> bool:
    required = [row.alternatives[0].python for row in fields_of(structure) if row.required_in(version) and not row.chosen_by]
    return all(python.of(version) for python in required if issubclass(python, VersionedEnum)) and all(
        can_be_filled(python, version) for python in required if is_structure(python)
    )


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    version = draw(st.sampled_from(VERSIONS))
    batch = draw(st.lists(instances(RequestBatchItem, version), min_size=1, max_size=3))
    header = RequestHeader(protocol_version=ProtocolVersion(*version), batch_count=len(batch))
    return encode(RequestMessage(request_header=header, batch_item=tuple(batch)), version)
