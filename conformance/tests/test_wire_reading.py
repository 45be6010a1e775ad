"""What people see of a message: the tree, the hexadecimal, and never the secrets; and the shortcuts that loads take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kmip_conformance.tables import V1_2, Operation, ResultReason, ResultStatus, Tag
from kmip_conformance.wire import (
    Item,
    Response,
    date_time,
    decode,
    encode,
    enumeration,
    flipped,
    integer,
    interval,
    masked_hex,
    octets,
    overwritten,
    spoilt,
    structure,
    text,
    tree_text,
)
from kmip_conformance.wire.quick import batch_outcomes, message_length, succeeded, unique_identifier

MATERIAL = bytes(range(0xA0, 0xC0))


def response(*payload: Item, status: int = ResultStatus.SUCCESS, reason: int | None = None) -> Item:
    return structure(
        Tag.RESPONSE_MESSAGE,
        structure(
            Tag.RESPONSE_HEADER,
            structure(Tag.PROTOCOL_VERSION, integer(Tag.PROTOCOL_VERSION_MAJOR, 1), integer(Tag.PROTOCOL_VERSION_MINOR, 2)),
            date_time(Tag.TIME_STAMP, 1_700_000_000),
            integer(Tag.BATCH_COUNT, 1),
        ),
        structure(
            Tag.BATCH_ITEM,
            enumeration(Tag.OPERATION, Operation.GET),
            octets(Tag.UNIQUE_BATCH_ITEM_ID, b"\x01"),
            enumeration(Tag.RESULT_STATUS, status),
            enumeration(Tag.RESULT_REASON, reason) if reason else None,
            structure(Tag.RESPONSE_PAYLOAD, *payload),
        ),
    )


def key() -> Item:
    return structure(
        Tag.SYMMETRIC_KEY,
        structure(
            Tag.KEY_BLOCK,
            enumeration(Tag.KEY_FORMAT_TYPE, 1),
            structure(
                Tag.KEY_VALUE,
                octets(Tag.KEY_MATERIAL, MATERIAL),
                structure(Tag.ATTRIBUTE, text(Tag.ATTRIBUTE_NAME, "State"), enumeration(Tag.ATTRIBUTE_VALUE, 2)),
            ),
            enumeration(Tag.CRYPTOGRAPHIC_ALGORITHM, 3),
            integer(Tag.CRYPTOGRAPHIC_LENGTH, 256),
        ),
    )


GET = response(enumeration(Tag.OBJECT_TYPE, 2), text(Tag.UNIQUE_IDENTIFIER, "fünf"), key())


def test_a_tree_reads_like_the_standard() -> None:
    assert tree_text(encode(GET)).splitlines() == [
        "Response Message",
        "  Response Header",
        "    Protocol Version",
        "      Protocol Version Major (Integer): 1",
        "      Protocol Version Minor (Integer): 2",
        "    Time Stamp (Date Time): 2023-11-14T22:13:20Z (1700000000)",
        "    Batch Count (Integer): 1",
        "  Batch Item",
        "    Operation (Enumeration): Get (0x0000000A)",
        "    Unique Batch Item ID (Byte String): 01",
        "    Result Status (Enumeration): Success (0x00000000)",
        "    Response Payload",
        "      Object Type (Enumeration): Symmetric Key (0x00000002)",
        '      Unique Identifier (Text String): "fünf"',
        "      Symmetric Key",
        "        Key Block",
        "          Key Format Type (Enumeration): Raw (0x00000001)",
        "          Key Value",
        "            Key Material (Byte String): ** masked, 32 bytes **",
        "            Attribute",
        '              Attribute Name (Text String): "State"',
        "              Attribute Value (Enumeration): Active (0x00000002)",
        "          Cryptographic Algorithm (Enumeration): AES (0x00000003)",
        "          Cryptographic Length (Integer): 256",
    ]


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (integer(Tag.CRYPTOGRAPHIC_USAGE_MASK, 0x0C), "Cryptographic Usage Mask (Integer): Encrypt | Decrypt (0x0000000C)"),
        (integer(Tag.CRYPTOGRAPHIC_USAGE_MASK, 0x40000004), "Cryptographic Usage Mask (Integer): Encrypt | 0x40000000 (0x40000004)"),
        (interval(Tag.LEASE_TIME, 3600), "Lease Time (Interval): 3600 s"),
        (enumeration(Tag.STATE, 99), "State (Enumeration): unknown (0x00000063)"),
        (enumeration(Tag.STATE, 0x80000001), "State (Enumeration): extension (0x80000001)"),
        (date_time(Tag.TIME_STAMP, 1 << 40), "Time Stamp (Date Time): 1099511627776"),
        (integer(0x54ABCD, 1), "0x54ABCD (Integer): 1"),
        (structure(Tag.REQUEST_PAYLOAD), "Request Payload (empty)"),
        (octets(Tag.UNIQUE_BATCH_ITEM_ID, b"QLKC\1\0\0\0"), "Unique Batch Item ID (Byte String): 514c4b4301000000"),
        (octets(Tag.UNIQUE_BATCH_ITEM_ID, b"one"), "Unique Batch Item ID (Byte String): 6f6e65 (one)"),
        (text(Tag.PASSWORD, "secret"), "Password (Text String): ** masked, 6 bytes **"),
        (text(Tag.VENDOR_IDENTIFICATION, "a\nb"), r'Vendor Identification (Text String): "a\nb"'),
    ],
)
def test_a_value_is_shown_with_its_name(item: Item, line: str) -> None:
    assert tree_text(item) == line


def test_unmasked_the_tree_shows_everything() -> None:
    assert MATERIAL.hex() in tree_text(encode(GET), masked=False)


def test_an_anomaly_is_shown_where_it_is() -> None:
    broken = GET.changed((Tag.RESPONSE_HEADER, Tag.BATCH_COUNT), lambda item: spoilt(item, padding=b"\1\1\1\1"))
    lines = tree_text(encode(broken) + b"\0").splitlines()
    assert lines[7] == "      ! offset 84: the padding is not zero"
    assert lines[-1].startswith("! offset ")


def test_masked_hex_shows_all_but_the_secret_bytes() -> None:
    shown = masked_hex(encode(GET))
    assert shown.replace("**", "") + MATERIAL.hex() != shown
    assert shown.count("**") == len(MATERIAL)
    assert shown.replace("**" * 32, MATERIAL.hex()) == encode(GET).hex()


def test_material_is_secret_without_a_key_value_around_it() -> None:
    payload = structure(Tag.RESPONSE_PAYLOAD, octets(Tag.KEY_MATERIAL, MATERIAL))
    assert masked_hex(encode(payload)).count("**") == len(MATERIAL)


def test_material_that_is_taken_for_items_is_masked_with_their_headers() -> None:
    """A length that is too short leaves the rest of the material where the next item should begin."""
    data = encode(GET.mapped(Tag.KEY_MATERIAL, lambda item: spoilt(item, length=8)))
    shown = masked_hex(data) + tree_text(data)
    assert not [window for window in windows(MATERIAL) if window.hex() in shown]
    assert "unreadable item" in shown


def windows(material: bytes, size: int = 5) -> list[bytes]:
    return [material[at : at + size] for at in range(len(material) - size + 1)]


@given(st.data())
def test_no_damage_to_a_message_brings_its_key_material_into_view(draw: st.DataObject) -> None:
    """Lengths, types and tags may lie: five bytes of key material in a row are never shown, in no tree and no hexadecimal."""
    data = encode(GET)
    for _ in range(draw.draw(st.integers(1, 3))):
        data = overwritten(data, draw.draw(st.integers(0, len(data) - 1)), bytes((draw.draw(st.integers(0, 255)),)))
    material = MATERIAL if MATERIAL in data else b""
    shown = masked_hex(data) + "\n" + tree_text(data) + "\n" + str(decode(data).anomalies)
    structural = {Tag.KEY_VALUE, Tag.KEY_MATERIAL}
    names_survive = all(tag.to_bytes(3, "big") in data for tag in structural)
    if names_survive:
        assert not [window for window in windows(material) if window.hex() in shown.replace("**", "")]


def test_a_structure_in_place_of_the_material_is_masked_to_its_leaves() -> None:
    transparent = GET.mapped(Tag.KEY_MATERIAL, lambda item: structure(item.tag, octets(Tag.KEY, MATERIAL)))
    assert MATERIAL.hex() not in masked_hex(encode(transparent))
    assert "Key (Byte String): ** masked, 32 bytes **" in tree_text(transparent)


def test_a_response_is_read_by_name() -> None:
    read = Response.read(encode(GET))
    (item,) = read.batch_items
    assert (read.version, read.batch_count, read.time_stamp) == (V1_2, 1, 1_700_000_000)
    assert (item.operation, item.unique_batch_item_id, item.result_status, item.result_reason) == (
        Operation.GET,
        b"\x01",
        ResultStatus.SUCCESS,
        None,
    )
    assert item.unique_identifier == "fünf"
    assert item.payload.octets(Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK, Tag.KEY_VALUE, Tag.KEY_MATERIAL) == MATERIAL


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(300)])
def test_anything_can_be_viewed_as_a_response(data: bytes) -> None:
    read = Response.read(data)
    assert (read.version, read.batch_count, read.batch_items) == (None, None, ())


def test_the_shortcuts_agree_with_the_tree() -> None:
    data = encode(GET)
    assert message_length(data[:8]) == len(data)
    assert batch_outcomes(data) == [(ResultStatus.SUCCESS, 0)]
    assert succeeded(data)
    assert unique_identifier(data) == "fünf"
    failed = encode(response(status=ResultStatus.OPERATION_FAILED, reason=ResultReason.ITEM_NOT_FOUND))
    assert batch_outcomes(failed) == [(ResultStatus.OPERATION_FAILED, ResultReason.ITEM_NOT_FOUND)]
    assert not succeeded(failed)
    assert unique_identifier(failed) is None


@pytest.mark.parametrize(
    "data", [b"", encode(GET)[:-1], encode(GET) + b"\0", flipped(encode(GET), 0), encode(structure(Tag.RESPONSE_MESSAGE))]
)
def test_the_shortcut_calls_nothing_odd_a_success(data: bytes) -> None:
    assert not succeeded(data)
