"""What the codec refuses, and with which Result Reason: KMIP 1.4, sections 9.1 and 11.1.

The bytes are written by this module's own few lines, not by the codec.
"""

from __future__ import annotations

import pytest
from kmip_server.codec import MAXIMUM_DEPTH, MAXIMUM_MESSAGE_SIZE, decode, decode_request, encode, frame_length
from kmip_server.enums import ItemType, KeyFormatType, NameType, ObjectType, Operation, ResultReason, ResultStatus
from kmip_server.errors import MalformedMessage, UnencodableMessage, UnsupportedVersion
from kmip_server.messages import (
    AnyStructure,
    Attribute,
    CreateRequest,
    CustomValue,
    DestroyRequest,
    GetRequest,
    KeyBlock,
    LocateRequest,
    LocateResponse,
    MessageExtension,
    Name,
    PayloadFault,
    QueryResponse,
    RequestBatchItem,
    RequestMessage,
    ResponseBatchItem,
    RevokeRequest,
    TemplateAttribute,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_1, KmipVersion

STRUCTURE, INTEGER, ENUMERATION, BOOLEAN, TEXT, BYTES, LONG = 1, 2, 5, 6, 7, 8, 3

UNIQUE_IDENTIFIER, OPERATION, PAYLOAD, BATCH_ITEM, BATCH_ID = 0x420094, 0x42005C, 0x420079, 0x42000F, 0x420093


def item(tag: int, item_type: int, value: bytes, length: int | None = None, padding: bytes = bytes(8)) -> bytes:
    size = len(value) if length is None else length
    return tag.to_bytes(3, "big") + bytes([item_type]) + size.to_bytes(4, "big") + value + padding[: -len(value) % 8]


def structure(tag: int, *items: bytes) -> bytes:
    return item(tag, STRUCTURE, b"".join(items))


def integer(tag: int, value: int) -> bytes:
    return item(tag, INTEGER, value.to_bytes(4, "big", signed=True))


def enumeration(tag: int, value: int) -> bytes:
    return item(tag, ENUMERATION, value.to_bytes(4, "big"))


def text(tag: int, value: str) -> bytes:
    return item(tag, TEXT, value.encode())


def protocol_version(major: int = 1, minor: int = 4) -> bytes:
    return structure(0x420069, integer(0x42006A, major), integer(0x42006B, minor))


def header(*between: bytes, count: int = 1, minor: int = 4, major: int = 1) -> bytes:
    return structure(0x420077, protocol_version(major, minor), *between, integer(0x42000D, count))


def batch_item(operation: Operation | int, *payload: bytes, after: bytes = b"", before: bytes = b"") -> bytes:
    return structure(BATCH_ITEM, enumeration(OPERATION, operation), before, structure(PAYLOAD, *payload), after)


def message(*items: bytes) -> bytes:
    return structure(0x420078, *items)


def get(*payload: bytes, minor: int = 4) -> bytes:
    return message(header(minor=minor), batch_item(Operation.GET, *payload))


UID = text(UNIQUE_IDENTIFIER, "1")
WRAP_TYPE = enumeration(0x4200F8, 1)
FORMAT = enumeration(0x420042, 1)

BAD_PAYLOADS = [
    ("text padded with ones", item(UNIQUE_IDENTIFIER, TEXT, b"1", padding=b"\1" * 8), ResultReason.INVALID_MESSAGE),
    ("text that is not UTF-8", item(UNIQUE_IDENTIFIER, TEXT, b"\xff\xfe"), ResultReason.INVALID_MESSAGE),
    ("text with a surrogate", item(UNIQUE_IDENTIFIER, TEXT, b"\xed\xa0\x80"), ResultReason.INVALID_MESSAGE),
    ("text as a byte string", item(UNIQUE_IDENTIFIER, BYTES, b"1"), ResultReason.INVALID_MESSAGE),
    ("text longer than its structure", item(UNIQUE_IDENTIFIER, TEXT, b"1", length=9), ResultReason.INVALID_MESSAGE),
    ("text of almost 4 GiB", item(UNIQUE_IDENTIFIER, TEXT, b"1", length=0xFFFFFFF8), ResultReason.INVALID_MESSAGE),
    ("an enumeration of length 8", item(0x420042, ENUMERATION, bytes(7) + b"\1"), ResultReason.INVALID_MESSAGE),
    ("an enumeration with padding", item(0x420042, ENUMERATION, b"\0\0\0\1", padding=b"\1" * 8), ResultReason.INVALID_MESSAGE),
    ("a value that no version has", enumeration(0x420042, 0x77), ResultReason.INVALID_FIELD),
    ("a value that came with 2.0", enumeration(0x420042, KeyFormatType.PKCS_10), ResultReason.INVALID_FIELD),
    ("a field twice", UID + UID, ResultReason.INVALID_MESSAGE),
    ("fields out of order", FORMAT + UID, ResultReason.INVALID_MESSAGE),
    ("a field of another payload", UID + integer(0x42004F, 1), ResultReason.INVALID_FIELD),
    ("a tag of no version", UID + integer(0x42FFFF, 1), ResultReason.INVALID_FIELD),
    ("a vendor's field", UID + integer(0x540001, 1), ResultReason.INVALID_FIELD),
    ("a structure for a text", structure(UNIQUE_IDENTIFIER, UID), ResultReason.INVALID_MESSAGE),
    ("an inner structure of length 4", UID + item(0x420047, STRUCTURE, bytes(4), padding=bytes(8)), ResultReason.INVALID_MESSAGE),
    ("an inner structure that reaches out", UID + item(0x420047, STRUCTURE, b"", length=64), ResultReason.INVALID_MESSAGE),
    ("an empty inner structure that has required fields", UID + structure(0x420047), ResultReason.MISSING_DATA),
]


@pytest.mark.parametrize(("payload", "reason"), [pytest.param(*bad[1:], id=bad[0]) for bad in BAD_PAYLOADS])
def test_a_bad_payload_fails_its_own_item_only(payload: bytes, reason: ResultReason) -> None:
    bad = structure(BATCH_ITEM, enumeration(OPERATION, Operation.GET), item(BATCH_ID, BYTES, b"bad"), structure(PAYLOAD, payload))
    good = batch_item(Operation.DESTROY, UID, before=item(BATCH_ID, BYTES, b"good"))
    first, second = decode_request(message(header(count=2), bad, good)).batch_item
    assert isinstance(first.request_payload, PayloadFault)
    assert (first.operation, first.unique_batch_item_id, first.request_payload.reason) == (Operation.GET, b"bad", reason)
    assert first.request_payload.message
    assert second == RequestBatchItem(
        operation=Operation.DESTROY, unique_batch_item_id=b"good", request_payload=DestroyRequest(unique_identifier="1")
    )


@pytest.mark.parametrize(
    ("value", "accepted"),
    [(bytes(8), True), (bytes(7) + b"\1", True), (bytes(7) + b"\2", False), (b"\1" + bytes(7), False), (b"\xff" * 8, False)],
)
def test_a_boolean_is_zero_or_one(value: bytes, accepted: bool) -> None:
    data = message(header(item(0x420010, BOOLEAN, value)), batch_item(Operation.GET, UID))
    if accepted:
        assert decode_request(data).request_header.batch_order_option is bool(value[-1])
    else:
        with pytest.raises(MalformedMessage, match="Boolean"):
            decode_request(data)


def test_integers_have_a_sign_and_their_whole_range() -> None:
    for number in (0, 1, -1, 2**31 - 1, -(2**31)):
        decoded = decode_request(message(header(integer(0x420050, number)), batch_item(Operation.GET, UID)))
        assert decoded.request_header.maximum_response_size == number


BAD_FRAMES = [
    ("a response", structure(0x42007B, header(), batch_item(Operation.GET, UID))),
    ("an integer", integer(0x420078, 1)),
    ("an empty message", message()),
    ("no header", message(batch_item(Operation.GET, UID))),
    ("a header without a version", message(structure(0x420077, integer(0x42000D, 1)), batch_item(Operation.GET, UID))),
    ("a header without a count", message(structure(0x420077, protocol_version()), batch_item(Operation.GET, UID))),
    ("no batch item", message(header())),
    ("more batch items than it says", message(header(), batch_item(Operation.GET, UID), batch_item(Operation.GET, UID))),
    ("fewer batch items than it says", message(header(count=2), batch_item(Operation.GET, UID))),
    ("a negative count", message(header(count=-1), batch_item(Operation.GET, UID))),
    ("no batch item and a count of 0", message(header(count=0))),
    ("something else than a batch item", message(header(), UID)),
    ("a batch item that reaches out", message(header(), item(BATCH_ITEM, STRUCTURE, b"", length=800))),
    ("a header field twice", message(header(integer(0x420050, 1), integer(0x420050, 1)), batch_item(Operation.GET, UID))),
    (
        "header fields out of order",
        message(header(item(0x420010, BOOLEAN, bytes(8)), integer(0x420050, 1)), batch_item(Operation.GET, UID)),
    ),
    ("a web server's greeting", b"HTTP/1.1 400 Bad Request\r\n"),
    ("TLS in the clear", bytes.fromhex("160301020001000001fc0303") + bytes(20)),
    ("nothing", b""),
]


@pytest.mark.parametrize("data", [pytest.param(data, id=title) for title, data in BAD_FRAMES])
def test_a_frame_that_does_not_hold_together_ends_the_message(data: bytes) -> None:
    with pytest.raises(MalformedMessage) as caught:
        decode_request(data)
    assert caught.value.reason is ResultReason.INVALID_MESSAGE


def test_the_version_is_told_where_it_could_be_read() -> None:
    with pytest.raises(MalformedMessage) as caught:
        decode_request(message(header(count=2, minor=2), batch_item(Operation.GET, UID)))
    assert caught.value.version == V1_2
    with pytest.raises(MalformedMessage) as caught:
        decode_request(message(structure(0x420077, UID)))
    assert caught.value.version is None


def test_an_unknown_header_field_is_an_invalid_field() -> None:
    correlation = text(0x420105, "1.4 has this, 1.3 has not")
    assert decode_request(message(header(correlation), batch_item(Operation.GET, UID))).request_header.client_correlation_value
    with pytest.raises(MalformedMessage) as caught:
        decode_request(message(header(correlation, minor=3), batch_item(Operation.GET, UID)))
    assert (caught.value.reason, caught.value.version) == (ResultReason.INVALID_FIELD, V1_3)


@pytest.mark.parametrize("major", [0, 4, 1000, -1])
def test_another_major_version_is_refused_with_it(major: int) -> None:
    with pytest.raises(UnsupportedVersion) as caught:
        decode_request(message(header(major=major, minor=0), batch_item(Operation.GET, UID)))
    assert caught.value.reason is ResultReason.INVALID_MESSAGE
    assert caught.value.version is not None


def test_fields_of_a_newer_minor_version_are_ignored() -> None:
    newer = integer(0x42FFFE, 7)
    wrapping = structure(0x420047, newer, enumeration(0x42009E, 1), newer)
    data = message(header(newer, minor=9), newer[:0] + batch_item(Operation.GET, newer, UID, newer, wrapping, after=newer))
    decoded = decode_request(data)
    payload = decoded.batch_item[0].request_payload
    assert isinstance(payload, GetRequest)
    assert payload.unique_identifier == "1"
    assert payload.key_wrapping_specification is not None
    assert decoded.request_header.protocol_version.protocol_version_minor == 9


def test_ignoring_unknown_fields_does_not_forgive_bad_ones() -> None:
    for spoilt in (UID + UID, item(UNIQUE_IDENTIFIER, TEXT, b"1", length=900), FORMAT + UID):
        payload = decode_request(get(spoilt, minor=9)).batch_item[0].request_payload
        assert isinstance(payload, PayloadFault)


@pytest.mark.parametrize("minor", [0, 1, 2, 3])
def test_a_field_of_a_later_version_is_an_invalid_field(minor: int) -> None:
    assert decode_request(get(UID, WRAP_TYPE)).batch_item[0].request_payload == GetRequest(unique_identifier="1", key_wrap_type=1)  # type: ignore[arg-type]
    payload = decode_request(get(UID, WRAP_TYPE, minor=minor)).batch_item[0].request_payload
    assert isinstance(payload, PayloadFault)
    assert payload.reason is ResultReason.INVALID_FIELD
    assert f"KMIP 1.{minor}" in payload.message


def test_an_operation_of_no_table_is_its_number_and_has_no_payload() -> None:
    (unknown,) = decode_request(message(header(), batch_item(0x7F, UID, after=b""))).batch_item
    assert (unknown.operation, unknown.request_payload) == (0x7F, None)
    (login,) = decode_request(message(header(), batch_item(Operation.LOGIN, UID))).batch_item
    assert (login.operation, login.request_payload) == (Operation.LOGIN, None)


def test_an_operation_that_this_version_has_not_has_no_payload() -> None:
    (discover,) = decode_request(message(header(minor=0), batch_item(Operation.DISCOVER_VERSIONS))).batch_item
    assert (discover.operation, discover.request_payload) == (Operation.DISCOVER_VERSIONS, None)


def test_a_batch_item_without_operation_or_payload_fails_alone() -> None:
    for broken in (structure(BATCH_ITEM), structure(BATCH_ITEM, structure(PAYLOAD)), structure(BATCH_ITEM, enumeration(OPERATION, 10))):
        first, second = decode_request(message(header(count=2), broken, batch_item(Operation.GET, UID))).batch_item
        assert isinstance(first.request_payload, PayloadFault)
        assert isinstance(second.request_payload, GetRequest)


def test_a_required_field_that_is_absent_is_missing_data() -> None:
    payload = decode_request(message(header(), batch_item(Operation.REVOKE, UID))).batch_item[0].request_payload
    assert isinstance(payload, PayloadFault)
    assert payload.reason is ResultReason.MISSING_DATA
    assert "Revocation Reason" in payload.message


def test_what_one_version_requires_another_may_not() -> None:
    block = structure(0x420040, FORMAT)
    assert decode(KeyBlock, block, V1_2).key_value is None
    with pytest.raises(MalformedMessage, match="Key Value is missing"):
        decode(KeyBlock, block, V1_1)


def test_authentication_has_one_credential_up_to_1_1() -> None:
    credential = structure(0x420023, enumeration(0x420024, 1), structure(0x420025, text(0x420099, "name")))
    twice = structure(0x42000C, credential, credential)
    decoded = decode_request(message(header(twice, minor=2), batch_item(Operation.GET, UID)))
    assert decoded.request_header.authentication is not None
    assert len(decoded.request_header.authentication.credential) == 2
    with pytest.raises(MalformedMessage):
        decode_request(message(header(twice, minor=1), batch_item(Operation.GET, UID)))


def attribute(name: str, value: bytes) -> bytes:
    return structure(0x420008, text(0x42000A, name), value)


def value_of(name: str, value: bytes, version: tuple[int, int] = V1_4) -> object:
    return decode(Attribute, attribute(name, value), version).attribute_value  # type: ignore[arg-type]


def test_an_attribute_value_has_the_type_of_its_attribute() -> None:
    assert value_of("Cryptographic Length", integer(0x42000B, 256)) == 256
    with pytest.raises(MalformedMessage):
        value_of("Cryptographic Length", enumeration(0x42000B, 256))
    with pytest.raises(MalformedMessage):
        value_of("State", text(0x42000B, "Active"))


def test_an_attribute_that_the_version_has_not_keeps_the_type_that_came() -> None:
    true = item(0x42000B, BOOLEAN, bytes(7) + b"\1")
    assert value_of("Sensitive", true) is True
    assert value_of("Sensitive", true, V1_3) == CustomValue(ItemType.BOOLEAN, True)
    assert value_of("No Such Attribute", integer(0x42000B, 7)) == CustomValue(ItemType.INTEGER, 7)


def nested(depth: int) -> bytes:
    inner = integer(0x540002, 1)
    for _ in range(depth - 1):
        inner = structure(0x540001, inner)
    return structure(0x42000B, inner)


def test_structures_of_no_table_nest_only_so_deep() -> None:
    assert value_of("x-deep", nested(MAXIMUM_DEPTH))
    for depth in (MAXIMUM_DEPTH + 1, 5000):
        with pytest.raises(MalformedMessage, match="deeper"):
            value_of("x-deep", nested(depth))


def test_a_message_has_a_largest_size() -> None:
    head = bytes.fromhex("42007801")
    assert frame_length(head + (MAXIMUM_MESSAGE_SIZE - 8).to_bytes(4, "big")) == MAXIMUM_MESSAGE_SIZE
    for size in (MAXIMUM_MESSAGE_SIZE, 0xFFFFFFF8, 12):
        with pytest.raises(MalformedMessage):
            frame_length(head + size.to_bytes(4, "big"))
    assert frame_length(head + (2**20).to_bytes(4, "big"), maximum=2**21) == 2**20 + 8


def test_a_message_extension_comes_with_its_item() -> None:
    extension = structure(0x420051, text(0x42009D, "acme"), item(0x420026, BOOLEAN, bytes(7) + b"\1"), structure(0x42009C))
    (decoded,) = decode_request(message(header(), batch_item(Operation.GET, UID, after=extension))).batch_item
    assert decoded.message_extension == (MessageExtension("acme", True, AnyStructure()),)


def test_credentials_are_never_kept_between_requests() -> None:
    from kmip_server.codec.message import _remembered_header

    credential = structure(0x420023, enumeration(0x420024, 1), structure(0x420025, text(0x420099, "n"), text(0x4200A1, "secret")))
    _remembered_header.cache_clear()
    decode_request(message(header(structure(0x42000C, credential)), batch_item(Operation.GET, UID)))
    assert _remembered_header.cache_info().currsize == 0
    decode_request(get(UID))
    assert _remembered_header.cache_info().currsize == 1


def test_a_newer_field_never_shows_under_an_older_version() -> None:
    answer = LocateResponse(located_items=3, unique_identifier=("1",))
    assert decode(LocateResponse, encode(answer, V1_3), V1_3).located_items == 3
    assert decode(LocateResponse, encode(answer, V1_2), V1_2) == LocateResponse(unique_identifier=("1",))


def test_a_newer_value_cannot_be_written_under_an_older_version() -> None:
    assert encode(QueryResponse(object_type=(ObjectType.PGP_KEY,)), V1_2)
    for impossible in (
        QueryResponse(object_type=(ObjectType.PGP_KEY,)),
        QueryResponse(operation=(Operation.ENCRYPT,)),
        ResponseBatchItem(result_status=ResultStatus.OPERATION_FAILED, result_reason=ResultReason.SENSITIVE),
        Attribute(attribute_name="Sensitive", attribute_value=True),
    ):
        with pytest.raises(UnencodableMessage):
            encode(impossible, V1_1)


def test_a_refusal_echoes_any_operation() -> None:
    for operation in (0x7F, Operation.ENCRYPT):
        refusal = ResponseBatchItem(
            operation=operation, result_status=ResultStatus.OPERATION_FAILED, result_reason=ResultReason.OPERATION_NOT_SUPPORTED
        )
        assert decode(ResponseBatchItem, encode(refusal, V1_0), V1_0) == refusal


@pytest.mark.parametrize(
    "impossible",
    [
        RevokeRequest(unique_identifier="1", revocation_reason=None),  # type: ignore[arg-type]
        GetRequest(unique_identifier=7),  # type: ignore[arg-type]
        CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute="none"),  # type: ignore[arg-type]
        TemplateAttribute(attribute=(Attribute(attribute_name="Cryptographic Length", attribute_value=2**40),)),
        TemplateAttribute(attribute=(Attribute(attribute_name="Name", attribute_value="not a structure"),)),
        TemplateAttribute(attribute=(Attribute(attribute_name="No Such Attribute", attribute_value=1),)),
        RequestMessage(request_header=None, batch_item=()),  # type: ignore[arg-type]
        Name(None, None),  # type: ignore[arg-type]
        "no structure at all",
    ],
    ids=lambda one: type(one).__name__,
)
def test_our_own_mistakes_are_told_as_such(impossible: object) -> None:
    with pytest.raises(UnencodableMessage):
        encode(impossible, V1_4)


def test_a_vendors_value_of_an_enumeration_goes_both_ways() -> None:
    (decoded,) = decode_request(get(UID, enumeration(0x420042, 0x80000001))).batch_item
    payload = decoded.request_payload
    assert isinstance(payload, GetRequest)
    assert payload.key_format_type == 0x80000001
    assert decode(GetRequest, encode(payload, V1_4), V1_4) == payload


@pytest.mark.parametrize("version", [V1_4, V2_1], ids=str)
def test_what_is_read_in_part_can_be_written_in_part(version: KmipVersion) -> None:
    """Locate's attributes may lack fields that they have elsewhere (1.4, 4.9); a request that is put off is kept as it came."""
    name = structure(0x420053, enumeration(0x420054, 1))
    in_value = structure(0x420008, text(0x42000A, "Name"), structure(0x42000B, enumeration(0x420054, 1)))
    payload = structure(PAYLOAD, structure(0x420125, name) if version == V2_1 else in_value)
    read = decode(LocateRequest, payload, version)
    assert encode(read, version) == payload
    with pytest.raises(UnencodableMessage):
        encode(Name(None, NameType.URI), version)  # type: ignore[arg-type]
