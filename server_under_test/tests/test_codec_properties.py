"""Every structure of the tables survives a round trip in every version, and no bytes at all raise anything but MalformedMessage."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kmip_server.attributes import rules_by_name
from kmip_server.codec import decode, decode_request, encode
from kmip_server.codec.choices import choices
from kmip_server.codec.decoding import inherited_by
from kmip_server.codec.forms import JSON, XML, Form
from kmip_server.codec.items import write_string
from kmip_server.codec.wire import head_of
from kmip_server.enums import ItemType, Tag, VersionedEnum, VersionedMask
from kmip_server.errors import MalformedMessage, UnencodableMessage
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
    PayloadFault,
    ProtocolVersion,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    fields_of,
    structures,
    tag_of,
)
from kmip_server.messages.tables import Alternative, Field, is_structure
from kmip_server.versions import V1_4, VERSIONS, KmipVersion

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


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@given(data=st.data())
@settings(max_examples=60)
def test_every_structure_comes_back_as_it_was(data: st.DataObject, version: KmipVersion) -> None:
    structure = data.draw(st.sampled_from(structures_of(version)))
    instance = data.draw(instances(structure, version))
    written = encode(instance, version)
    assert len(written) % 8 == 0
    assert decode(structure, written, version) == instance


@pytest.mark.parametrize(
    ("structure", "version"),
    [pytest.param(one, version, id=f"{one.__name__}-{version}") for version in VERSIONS for one in structures_of(version)],
)
@given(data=st.data())
@settings(max_examples=2)
def test_no_structure_is_left_out_of_the_round_trips(data: st.DataObject, structure: type, version: KmipVersion) -> None:
    instance = data.draw(instances(structure, version))
    assert decode(structure, encode(instance, version), version) == instance


@pytest.mark.parametrize("form", [XML, JSON], ids=["xml", "json"])
@pytest.mark.parametrize("version", VERSIONS, ids=str)
@given(data=st.data())
@settings(max_examples=60)
def test_every_structure_comes_back_from_xml_and_json(data: st.DataObject, version: KmipVersion, form: Form) -> None:
    structure = data.draw(st.sampled_from(structures_of(version)))
    written = encode(data.draw(instances(structure, version)), version)
    message = write_string(head_of(Tag.REQUEST_MESSAGE, ItemType.STRUCTURE), written)
    try:
        text = form.write(message)
    except UnencodableMessage:
        assert form is XML
        assert re.search(rb"[\0-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]", message)
        return
    assert form.read(text) == message


@given(text=st.binary(max_size=64) | st.text(max_size=64).map(str.encode), form=st.sampled_from([XML, JSON]))
@settings(max_examples=300)
def test_text_that_is_no_message_is_refused_politely(text: bytes, form: Form) -> None:
    with pytest.raises(MalformedMessage):
        form.read(text)


@given(data=st.data(), form=st.sampled_from([XML, JSON]))
@settings(max_examples=300)
def test_spoilt_text_raises_nothing_but_malformed_message(data: st.DataObject, form: Form) -> None:
    message = data.draw(requests())
    with suppress(UnencodableMessage):
        spoilt = bytearray(form.write(message))
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(spoilt) - 1))
            spoilt[place : place + data.draw(st.integers(0, 8))] = data.draw(
                st.sampled_from((b"", b"<", b"&x;", b"]", b"0x", b'"')) | st.binary(max_size=4)
            )
        with suppress(MalformedMessage):
            assert form.read(bytes(spoilt)).startswith(b"\x42\x00")


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    version = draw(st.sampled_from(VERSIONS))
    batch = draw(st.lists(instances(RequestBatchItem, version), min_size=1, max_size=3))
    header = RequestHeader(protocol_version=ProtocolVersion(*version), batch_count=len(batch))
    return encode(RequestMessage(request_header=header, batch_item=tuple(batch)), version)


@given(data=requests())
@settings(max_examples=150)
def test_every_request_is_read_whole(data: bytes) -> None:
    message = decode_request(data)
    assert not any(isinstance(item.request_payload, PayloadFault) for item in message.batch_item)
    version = KmipVersion(
        message.request_header.protocol_version.protocol_version_major, message.request_header.protocol_version.protocol_version_minor
    )
    assert encode(message, version) == data


@given(data=requests(), spoil=st.data())
@settings(max_examples=400)
def test_spoilt_bytes_raise_nothing_but_malformed_message(data: bytes, spoil: st.DataObject) -> None:
    spoilt = bytearray(data)
    for _ in range(spoil.draw(st.integers(1, 4))):
        place = spoil.draw(st.integers(0, len(spoilt) - 1))
        kind = spoil.draw(st.sampled_from(("change", "change", "cut", "insert", "swap")))
        if kind == "change":
            spoilt[place] = spoil.draw(st.sampled_from((0, 1, 8, 0x42, 0x7F, 0x80, 0xFF)) | st.integers(0, 255))
        elif kind == "cut":
            del spoilt[place : place + spoil.draw(st.integers(1, 16))]
        elif kind == "insert":
            spoilt[place:place] = spoil.draw(st.binary(max_size=16))
        else:
            spoilt[place : place + 8], spoilt[-8:] = spoilt[-8:], spoilt[place : place + 8]
        if not spoilt:
            break
    if len(spoilt) >= 8:
        spoilt[:4], spoilt[4:8] = data[:4], (len(spoilt) - 8).to_bytes(4, "big")  # a frame of the right length, or nothing inside is read
    with suppress(MalformedMessage):
        assert decode_request(bytes(spoilt)).batch_item


@given(data=st.binary(max_size=64), structure=st.sampled_from(structures_of(V1_4)))
@settings(max_examples=200)
def test_noise_is_refused_politely(data: bytes, structure: type) -> None:
    for read in (lambda: decode_request(data), lambda: decode(structure, data, V1_4)):
        with pytest.raises(MalformedMessage):
            read()
