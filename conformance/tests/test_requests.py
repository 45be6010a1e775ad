"""The ready-made requests: their fields stand where the standard puts them, and vCenter's shapes are vCenter's, byte for byte."""

from __future__ import annotations

import pytest
from kmip_conformance import requests
from kmip_conformance.requests.vcenter import Vcenter
from kmip_conformance.tables import (
    ALL_VERSIONS,
    ATTRIBUTE_ROWS,
    V1_0,
    V1_3,
    V1_4,
    VERSIONS_1_X,
    BatchErrorContinuationOption,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ItemType,
    NameType,
    ObjectGroupMember,
    ObjectType,
    QueryFunction,
    RevocationReasonCode,
    Tag,
    member_name,
    payload_fields,
    since,
)
from kmip_conformance.wire import Item, Request, decode, encode, integer, interval, octets, structure, tag_name

UUID = "8c164d56-7f1c-5960-63e6-4451c6181844"
LAB = requests.credential("vsphere.local", "Passw0rd!")
PLAIN = Vcenter()
WITH_PASSWORD = Vcenter(requests.credential("vSphere", "password"), product_version="8.0.1 build-21560480")

SHAPES = [
    ("1 Discover Versions", PLAIN.discover_versions(), 104),
    ("2 Discover Versions with an id", PLAIN.discover_versions_again(), 120),
    ("3 Query", PLAIN.query(), 136),
    ("4 Create", PLAIN.create(), 312),
    ("4 Create with a password", WITH_PASSWORD.create(), 384),
    ("5 Get", PLAIN.get("2"), 136),
    ("5 Get with a password", WITH_PASSWORD.get(UUID), 240),
    ("6 Get Attributes State", PLAIN.get_state("2"), 152),
    ("6 Get Attributes State with a password", WITH_PASSWORD.get_state(UUID), 256),
    ("7 Activate", PLAIN.activate("2"), 136),
    ("7 Activate with a password", WITH_PASSWORD.activate(UUID), 240),
    ("8 x-Product_Version", PLAIN.get_tag("2", "x-Product_Version"), 168),
    ("8 x-Product_Version, long id", PLAIN.get_tag(UUID, "x-Product_Version"), 200),
    ("9 x-Vendor", PLAIN.get_tag("2", "x-Vendor"), 152),
    ("9 x-Product", PLAIN.get_tag("2", "x-Product"), 160),
    ("9 x-Identifier", PLAIN.get_tag("2", "x-Identifier"), 160),
    ("9 x-Component", PLAIN.get_tag("2", "x-Component"), 160),
    ("9 x-Name", PLAIN.get_tag("2", "x-Name"), 152),
    ("10 product", PLAIN.add_product_tags("2"), 440),
    ("10 product, long id", WITH_PASSWORD.add_product_tags(UUID), 536),
    ("11 host", PLAIN.add_host_tags("2", UUID, "172.16.220.132"), 448),
    ("12 virtual machine", PLAIN.add_vm_tags("1", "4226f566-3ed5-1c8f-cda3-b0b037b6dc97", "test01"), 440),
    ("12 virtual machine, long id", PLAIN.add_vm_tags(UUID, "421ff8c9-d527-341c-5437-1d2d25f34490", "vm_test"), 536),
]


@pytest.mark.parametrize(("data", "size"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
def test_a_shape_of_vcenter_has_the_length_that_was_seen(data: bytes, size: int) -> None:
    assert len(data) == size
    assert decode(data).anomalies == ()


def test_two_shapes_are_the_bytes_that_were_seen() -> None:
    assert PLAIN.discover_versions().hex() == (
        "42007801000000604200770100000038420069010000002042006a0200000004000000010000000042006b0200000004000000010000000042000d0200000004"
        "000000010000000042000f010000001842005c05000000040000001e000000004200790100000000"
    )
    assert PLAIN.activate("2").hex() == (
        "42007801000000804200770100000038420069010000002042006a0200000004000000010000000042006b0200000004000000010000000042000d0200000004"
        "000000010000000042000f010000003842005c050000000400000012000000004200930800000008514c4b430100000042007901000000104200940700000001"
        "3200000000000000"
    )


def test_the_ids_of_a_batch_count_from_one_little_endian() -> None:
    ids = [item.unique_batch_item_id for item in Request.read(PLAIN.add_product_tags("2")).batch_items]
    assert ids == [b"QLKC\1\0\0\0", b"QLKC\2\0\0\0", b"QLKC\3\0\0\0"]


def test_a_header_has_its_fields_in_the_standards_order() -> None:
    message = requests.request(
        V1_3,
        requests.get("1"),
        requests.destroy(),
        credential=LAB,
        maximum_response_size=2048,
        asynchronous=False,
        on_error=BatchErrorContinuationOption.UNDO,
        order=True,
        time_stamp=1,
    )
    (header,) = message.all(Tag.REQUEST_HEADER)
    assert [tag_name(item.tag) for item in header.children] == [
        "Protocol Version",
        "Maximum Response Size",
        "Asynchronous Indicator",
        "Authentication",
        "Batch Error Continuation Option",
        "Batch Order Option",
        "Time Stamp",
        "Batch Count",
    ]
    assert header.number(Tag.BATCH_COUNT) == 2


def test_ids_are_given_to_several_items_or_as_told() -> None:
    def ids(message: Item) -> list[bytes | None]:
        return [item.unique_batch_item_id for item in Request.read(encode(message)).batch_items]

    one, two = requests.get("1"), requests.get("2")
    assert ids(requests.request(V1_0, one)) == [None]
    assert ids(requests.request(V1_0, one, two)) == [b"\0\0\0\1", b"\0\0\0\2"]
    assert ids(requests.request(V1_0, one, two, ids=None)) == [None, None]
    assert ids(requests.request(V1_0, one, two, ids=(b"x", None))) == [b"x", None]


REASON = RevocationReasonCode.KEY_COMPROMISE
WITH_ALL_FIELDS = [
    requests.create_symmetric_key(),
    requests.create_key_pair(),
    requests.register_symmetric_key(bytes(16)),
    requests.register_secret_data(b"secret"),
    requests.register_opaque(b"opaque"),
    requests.re_key("1", requests.name("new"), offset=60),
    requests.locate(requests.name("a"), maximum=1, offset=2, storage_status=1, group_member=ObjectGroupMember.GROUP_MEMBER_FRESH),
    requests.check("1", usage_limits_count=1, usage=CryptographicUsageMask.ENCRYPT, lease_time=1),
    requests.get("1", format_type=1, compression=1, wrapping=structure(Tag.KEY_WRAPPING_SPECIFICATION)),
    requests.get_attributes("1", "State", "Name"),
    requests.get_attribute_list("1"),
    requests.add_attribute("1", requests.attribute("x-a", "b")),
    requests.modify_attribute("1", requests.attribute("x-a", "b", 0)),
    requests.delete_attribute("1", "x-a", 0),
    requests.obtain_lease("1"),
    requests.get_usage_allocation("1", 10),
    requests.activate("1"),
    requests.revoke("1", REASON, message="lost", compromise_occurrence=1),
    requests.destroy("1"),
    requests.archive("1"),
    requests.recover("1"),
    requests.query(QueryFunction.QUERY_OPERATIONS),
    requests.discover_versions(*ALL_VERSIONS),
    requests.cancel(b"1"),
    requests.poll(b"1"),
]
OBJECTS = {Tag.SYMMETRIC_KEY, Tag.SECRET_DATA, Tag.OPAQUE_OBJECT}


@pytest.mark.parametrize("item", WITH_ALL_FIELDS, ids=lambda item: tag_name(item.tag) + str(item.number(Tag.OPERATION)))
def test_payload_fields_stand_in_the_order_of_the_payload_tables(item: Item) -> None:
    payload = item.first(Tag.REQUEST_PAYLOAD)
    assert payload is not None
    sent = list(dict.fromkeys("(Managed Object)" if child.tag in OBJECTS else tag_name(child.tag) for child in payload.children))
    table = [row.field for row in payload_fields(item.number(Tag.OPERATION) or 0, "request", V1_4)]
    assert sent == [field for field in table if field in sent]
    required = {row.field for row in payload_fields(item.number(Tag.OPERATION) or 0, "request", V1_4) if row.required}
    assert required <= set(sent)


@pytest.mark.parametrize(
    "row", [row for row in ATTRIBUTE_ROWS if row.types in {("Integer",), ("Enumeration",), ("Date Time",), ("Interval",)}]
)
def test_an_attribute_has_the_type_of_its_table(row: object) -> None:
    name, (kind,) = row.name, row.types  # type: ignore[attr-defined]
    value = requests.attribute(name, 1).first(Tag.ATTRIBUTE_VALUE)
    assert value is not None
    assert value.type == ItemType[member_name(kind)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, ItemType.BOOLEAN),
        (3, ItemType.INTEGER),
        (CryptographicAlgorithm.AES, ItemType.ENUMERATION),
        (CryptographicUsageMask.SIGN, ItemType.INTEGER),
        ("text", ItemType.TEXT_STRING),
        (b"bytes", ItemType.BYTE_STRING),
        ((integer(Tag.BATCH_COUNT, 1),), ItemType.STRUCTURE),
        (interval(0, 5), ItemType.INTERVAL),
    ],
)
def test_a_custom_attribute_has_the_type_of_its_value(value: requests.attributes.AttributeValue, kind: int) -> None:
    item = requests.attribute("x-custom", value).first(Tag.ATTRIBUTE_VALUE)
    assert item is not None
    assert item.type == kind


def test_structures_of_attributes() -> None:
    assert requests.name("n").number(Tag.ATTRIBUTE_VALUE, Tag.NAME_TYPE) == NameType.UNINTERPRETED_TEXT_STRING
    assert requests.usage_limits(5).number(Tag.ATTRIBUTE_VALUE, Tag.USAGE_LIMITS_TOTAL) == 5
    assert requests.link(0x101, "7").text(Tag.ATTRIBUTE_VALUE, Tag.LINKED_OBJECT_IDENTIFIER) == "7"
    assert requests.register(ObjectType.SYMMETRIC_KEY, octets(Tag.SYMMETRIC_KEY, b"")).first(Tag.REQUEST_PAYLOAD, Tag.SYMMETRIC_KEY)


def test_everything_used_exists_in_some_1_x() -> None:
    for item in WITH_ALL_FIELDS:
        for found in item.walk():
            assert since(Tag(found.tag)) in VERSIONS_1_X
