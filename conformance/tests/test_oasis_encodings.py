"""Messages in XML and JSON, both ways."""

from __future__ import annotations

import json

import pytest
from kmip_conformance.oasis.encodings import NotEncoded, from_json, from_xml, to_json, to_xml
from kmip_conformance.tables import CryptographicUsageMask, ObjectType, State, Tag
from kmip_conformance.wire import (
    Item,
    big_integer,
    boolean,
    date_time,
    enumeration,
    integer,
    interval,
    long_integer,
    octets,
    structure,
    text,
)

SAMPLES = [
    (
        "a structure",
        structure(Tag.PROTOCOL_VERSION, integer(Tag.PROTOCOL_VERSION_MAJOR, 1)),
        "<ProtocolVersion>",
        {"value": [{"tag": "ProtocolVersionMajor", "type": "Integer", "value": 1}]},
    ),
    ("an enumeration", enumeration(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY), 'value="SymmetricKey"', {"value": "SymmetricKey"}),
    ("a vendor's value", enumeration(Tag.OBJECT_TYPE, 0x80000001), 'value="0x80000001"', {"value": "0x80000001"}),
    (
        "a mask",
        integer(Tag.CRYPTOGRAPHIC_USAGE_MASK, CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT),
        'value="Encrypt Decrypt"',
        {"value": "Encrypt|Decrypt"},
    ),
    ("no bits", integer(Tag.CRYPTOGRAPHIC_USAGE_MASK, 0), 'value="0x00000000"', {"value": "0x00000000"}),
    ("a negative number", integer(Tag.BATCH_COUNT, -1), 'value="-1"', {"value": -1}),
    ("64 bits", long_integer(Tag.USAGE_LIMITS_COUNT, 1 << 60), 'value="0x1000000000000000"', {"value": "0x1000000000000000"}),
    (
        "a big number",
        big_integer(Tag.P, 1 << 71),
        'value="00000000000000800000000000000000"',
        {"value": "0x00000000000000800000000000000000"},
    ),
    ("true", boolean(Tag.BATCH_ORDER_OPTION, value=True), 'value="true"', {"value": True}),
    ("text", text(Tag.NAME_VALUE, 'a "b" & <ü>'), "&amp;", {"value": 'a "b" & <ü>'}),
    ("what looks like a placeholder", text(Tag.NAME_VALUE, "$NOW"), 'value="$NOW"', {"value": "$NOW"}),
    ("octets", octets(Tag.DATA, b"\xc5\x0f\x77"), 'value="c50f77"', {"value": "c50f77"}),
    ("a date", date_time(Tag.TIME_STAMP, 978307200), 'value="2001-01-01T00:00:00+00:00"', {"value": "2001-01-01T00:00:00+00:00"}),
    ("an interval", interval(Tag.LEASE_TIME, 27), 'value="27"', {"value": 27}),
    ("a tag of nobody's", text(0x540001, "na"), '<TTLV tag="0x540001"', {"tag": "0x540001", "value": "na"}),
    (
        "an attribute",
        structure(Tag.ATTRIBUTE, text(Tag.ATTRIBUTE_NAME, "State"), enumeration(Tag.ATTRIBUTE_VALUE, State.ACTIVE)),
        'value="Active"',
        {"tag": "Attribute"},
    ),
]


@pytest.mark.parametrize(("item", "xml", "fields"), [sample[1:] for sample in SAMPLES], ids=[sample[0] for sample in SAMPLES])
def test_both_ways(item: Item, xml: str, fields: dict[str, object]) -> None:
    message = structure(Tag.RESPONSE_MESSAGE, item)

    assert xml in to_xml(message).decode()
    assert from_xml(to_xml(message)) == message
    (row,) = json.loads(to_json(message))["value"]
    assert row | fields == row
    assert from_json(to_json(message)) == message


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<ResponseMessage>", "not well-formed XML"),
        (b"<html/>", "0 messages in one body"),
        (b'<!DOCTYPE x [<!ENTITY e "v">]><ResponseMessage/>', "document type"),
        (b'<ResponseMessage><Operation type="Enumeration" value="Bake"/></ResponseMessage>', "'Bake' is no value of Operation"),
        (b'<ResponseMessage><BatchCount type="Integer"/></ResponseMessage>', "BatchCount has no value"),
    ],
)
def test_xml_that_is_no_message(body: bytes, what: str) -> None:
    with pytest.raises(NotEncoded, match=what):
        from_xml(body)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"{", "not JSON"),
        (b"[]", "no object with a tag and a value"),
        (b'{"tag": "ResponseMessage"}', "no object with a tag and a value"),
        (b'{"tag": "BatchCount", "type": "Integer", "value": [1]}', "a value that Integer does not have"),
        (b'{"tag": "BatchCount", "type": "Number", "value": 1}', "Number is no item type"),
        (b'{"tag": "Bakery", "type": "Integer", "value": 1}', "no version has a tag Bakery"),
    ],
)
def test_json_that_is_no_message(body: bytes, what: str) -> None:
    with pytest.raises(NotEncoded, match=what):
        from_json(body)
