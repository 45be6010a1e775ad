"""Whole messages both ways: (title, value, bytes), an item a line, indented as the structures nest.

The first two are the bytes that vCenter sends; the others were written down beside KMIP 1.4, section 9.1.
"""

from __future__ import annotations

import pytest
from kmip_server.codec import decode, decode_request, encode, encode_response, frame_length
from kmip_server.enums import (
    BatchErrorContinuationOption,
    CredentialType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ItemType,
    KeyFormatType,
    NameType,
    ObjectType,
    Operation,
    ResultReason,
    ResultStatus,
    RevocationReasonCode,
)
from kmip_server.errors import MalformedMessage
from kmip_server.messages import (
    ActivateRequest,
    Attribute,
    Authentication,
    CreateRequest,
    Credential,
    CustomValue,
    DestroyRequest,
    DiscoverVersionsRequest,
    Encoded,
    GetResponse,
    KeyBlock,
    KeyValue,
    LocateRequest,
    Name,
    ProtocolVersion,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseHeader,
    ResponseMessage,
    RevocationReason,
    RevokeRequest,
    SymmetricKey,
    TemplateAttribute,
    UsernamePasswordCredential,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_4, KmipVersion


def request(version: KmipVersion, *items: RequestBatchItem, **header: object) -> RequestMessage:
    told = RequestHeader(protocol_version=ProtocolVersion(*version), batch_count=len(items), **header)  # type: ignore[arg-type]
    return RequestMessage(request_header=told, batch_item=items)


def response(version: KmipVersion, *items: ResponseBatchItem) -> ResponseMessage:
    header = ResponseHeader(protocol_version=ProtocolVersion(*version), time_stamp=1_700_000_000, batch_count=len(items))
    return ResponseMessage(response_header=header, batch_item=items)


def attribute(name: str, value: object) -> Attribute:
    return Attribute(attribute_name=name, attribute_value=value)


AES_128 = SymmetricKey(KeyBlock(KeyFormatType.RAW, None, KeyValue(bytes(range(16))), CryptographicAlgorithm.AES, 128))

SAMPLES: list[tuple[str, RequestMessage | ResponseMessage, str]] = [
    (
        "every connection of vCenter begins with this",
        request(V1_1, RequestBatchItem(operation=Operation.DISCOVER_VERSIONS, request_payload=DiscoverVersionsRequest())),
        """
        42007801 00000060
          42007701 00000038
            42006901 00000020
              42006a02 00000004 0000000100000000
              42006b02 00000004 0000000100000000
            42000d02 00000004 0000000100000000
          42000f01 00000018
            42005c05 00000004 0000001e00000000
            42007901 00000000
        """,
    ),
    (
        "vCenter activates a key",
        request(
            V1_1,
            RequestBatchItem(
                operation=Operation.ACTIVATE,
                unique_batch_item_id=b"QLKC\1\0\0\0",
                request_payload=ActivateRequest(unique_identifier="2"),
            ),
        ),
        """
        42007801 00000080
          42007701 00000038
            42006901 00000020
              42006a02 00000004 0000000100000000
              42006b02 00000004 0000000100000000
            42000d02 00000004 0000000100000000
          42000f01 00000038
            42005c05 00000004 0000001200000000
            42009308 00000008 514c4b4301000000
            42007901 00000010
              42009407 00000001 3200000000000000
        """,
    ),
    (
        "vCenter creates a key",
        request(
            V1_1,
            RequestBatchItem(
                operation=Operation.CREATE,
                unique_batch_item_id=b"QLKC\1\0\0\0",
                request_payload=CreateRequest(
                    object_type=ObjectType.SYMMETRIC_KEY,
                    template_attribute=TemplateAttribute(
                        attribute=(
                            attribute("Cryptographic Algorithm", CryptographicAlgorithm.AES),
                            attribute("Cryptographic Usage Mask", CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT),
                            attribute("Cryptographic Length", 256),
                        )
                    ),
                ),
            ),
        ),
        """
        42007801 00000130
          42007701 00000038
            42006901 00000020
              42006a02 00000004 0000000100000000
              42006b02 00000004 0000000100000000
            42000d02 00000004 0000000100000000
          42000f01 000000e8
            42005c05 00000004 0000000100000000
            42009308 00000008 514c4b4301000000
            42007901 000000c0
              42005705 00000004 0000000200000000
              42009101 000000a8
                42000801 00000030
                  42000a07 00000017 43727970746f6772617068696320416c676f726974686d00
                  42000b05 00000004 0000000300000000
                42000801 00000030
                  42000a07 00000018 43727970746f67726170686963205573616765204d61736b
                  42000b02 00000004 0000000c00000000
                42000801 00000030
                  42000a07 00000014 43727970746f67726170686963204c656e67746800000000
                  42000b02 00000004 0000010000000000
        """,
    ),
    (
        "Locate with a Name, a custom attribute, and header fields of 1.4",
        request(
            V1_4,
            RequestBatchItem(
                operation=Operation.LOCATE,
                request_payload=LocateRequest(
                    maximum_items=5,
                    offset_items=2,
                    attribute=(attribute("Name", Name("a", NameType.URI)), attribute("x-n", CustomValue(ItemType.INTEGER, -1))),
                ),
            ),
            maximum_response_size=4096,
            client_correlation_value="c",
            batch_order_option=True,
        ),
        """
        42007801 00000118
          42007701 00000068
            42006901 00000020
              42006a02 00000004 0000000100000000
              42006b02 00000004 0000000400000000
            42005002 00000004 0000100000000000
            42010507 00000001 6300000000000000
            42001006 00000008 0000000000000001
            42000d02 00000004 0000000100000000
          42000f01 000000a0
            42005c05 00000004 0000000800000000
            42007901 00000088
              42004f02 00000004 0000000500000000
              4200d402 00000004 0000000200000000
              42000801 00000038
                42000a07 00000004 4e616d6500000000
                42000b01 00000020
                  42005507 00000001 6100000000000000
                  42005405 00000004 0000000200000000
              42000801 00000020
                42000a07 00000003 782d6e0000000000
                42000b02 00000004 ffffffff00000000
        """,
    ),
    (
        "a batch of two with a password, to be undone on failure",
        request(
            V1_2,
            RequestBatchItem(
                operation=Operation.REVOKE,
                unique_batch_item_id=b"1",
                request_payload=RevokeRequest(
                    unique_identifier="u",
                    revocation_reason=RevocationReason(RevocationReasonCode.KEY_COMPROMISE, "lost"),
                    compromise_occurrence_date=1_600_000_000,
                ),
            ),
            RequestBatchItem(operation=Operation.DESTROY, unique_batch_item_id=b"2", request_payload=DestroyRequest()),
            authentication=Authentication((Credential(CredentialType.USERNAME_AND_PASSWORD, UsernamePasswordCredential("vc", "pw")),)),
            batch_error_continuation_option=BatchErrorContinuationOption.UNDO,
        ),
        """
        42007801 00000140
          42007701 00000090
            42006901 00000020
              42006a02 00000004 0000000100000000
              42006b02 00000004 0000000200000000
            42000c01 00000040
              42002301 00000038
                42002405 00000004 0000000100000000
                42002501 00000020
                  42009907 00000002 7663000000000000
                  4200a107 00000002 7077000000000000
            42000e05 00000004 0000000300000000
            42000d02 00000004 0000000200000000
          42000f01 00000070
            42005c05 00000004 0000001300000000
            42009308 00000001 3100000000000000
            42007901 00000048
              42009407 00000001 7500000000000000
              42008101 00000020
                42008205 00000004 0000000200000000
                42008007 00000004 6c6f737400000000
              42002109 00000008 000000005f5e1000
          42000f01 00000028
            42005c05 00000004 0000001400000000
            42009308 00000001 3200000000000000
            42007901 00000000
        """,
    ),
    (
        "Get is answered with an AES-128 key",
        response(
            V1_0,
            ResponseBatchItem(
                operation=Operation.GET,
                result_status=ResultStatus.SUCCESS,
                response_payload=GetResponse(object_type=ObjectType.SYMMETRIC_KEY, unique_identifier="1", managed_object=AES_128),
            ),
        ),
        """
        42007b01 00000100
          42007a01 00000048
            42006901 00000020
              42006a02 00000004 0000000100000000
              42006b02 00000004 0000000000000000
            42009209 00000008 000000006553f100
            42000d02 00000004 0000000100000000
          42000f01 000000a8
            42005c05 00000004 0000000a00000000
            42007f05 00000004 0000000000000000
            42007c01 00000080
              42005705 00000004 0000000200000000
              42009407 00000001 3100000000000000
              42008f01 00000058
                42004001 00000050
                  42004205 00000004 0000000100000000
                  42004501 00000018
                    42004308 00000010 000102030405060708090a0b0c0d0e0f
                  42002805 00000004 0000000300000000
                  42002a02 00000004 0000008000000000
        """,
    ),
    (
        "Get is refused",
        response(
            V1_4,
            ResponseBatchItem(
                operation=Operation.GET,
                unique_batch_item_id=b"QLKC\1\0\0\0",
                result_status=ResultStatus.OPERATION_FAILED,
                result_reason=ResultReason.ITEM_NOT_FOUND,
                result_message="no",
            ),
        ),
        """
        42007b01 000000a8
          42007a01 00000048
            42006901 00000020
              42006a02 00000004 0000000100000000
              42006b02 00000004 0000000400000000
            42009209 00000008 000000006553f100
            42000d02 00000004 0000000100000000
          42000f01 00000050
            42005c05 00000004 0000000a00000000
            42009308 00000008 514c4b4301000000
            42007f05 00000004 0000000100000000
            42007e05 00000004 0000000100000000
            42007d07 00000002 6e6f000000000000
        """,
    ),
]
REQUESTS = [(title, value, hexes) for title, value, hexes in SAMPLES if isinstance(value, RequestMessage)]
RESPONSES = [(title, value, hexes) for title, value, hexes in SAMPLES if isinstance(value, ResponseMessage)]


def version_of(message: RequestMessage | ResponseMessage) -> KmipVersion:
    header = message.request_header if isinstance(message, RequestMessage) else message.response_header
    return KmipVersion(header.protocol_version.protocol_version_major, header.protocol_version.protocol_version_minor)


@pytest.mark.parametrize(("value", "hexes"), [pytest.param(*sample[1:], id=sample[0]) for sample in SAMPLES])
def test_a_message_is_written_as_these_bytes(value: RequestMessage | ResponseMessage, hexes: str) -> None:
    assert encode(value, version_of(value)).hex(" ", 4) == bytes.fromhex(hexes).hex(" ", 4)


@pytest.mark.parametrize(("value", "hexes"), [pytest.param(*sample[1:], id=sample[0]) for sample in REQUESTS])
def test_these_bytes_are_read_as_a_request(value: RequestMessage, hexes: str) -> None:
    assert decode_request(bytes.fromhex(hexes)) == value


@pytest.mark.parametrize(("value", "hexes"), [pytest.param(*sample[1:], id=sample[0]) for sample in RESPONSES])
def test_these_bytes_are_read_as_a_response(value: ResponseMessage, hexes: str) -> None:
    assert decode(ResponseMessage, bytes.fromhex(hexes), version_of(value)) == value


@pytest.mark.parametrize("hexes", [pytest.param(sample[2], id=sample[0]) for sample in REQUESTS])
def test_a_frame_is_found_byte_by_byte_and_in_a_stream(hexes: str) -> None:
    data = bytes.fromhex(hexes)
    for count in range(8):
        assert frame_length(data[:count]) is None
    for count in range(8, len(data) + 1):
        assert frame_length(data[:count]) == len(data)
    assert frame_length(data + data[:5]) == len(data)
    assert frame_length(bytearray(data)) == frame_length(memoryview(data)) == len(data)


@pytest.mark.parametrize("hexes", [pytest.param(sample[2], id=sample[0]) for sample in REQUESTS])
def test_a_message_that_is_cut_off_or_followed_by_bytes_is_refused(hexes: str) -> None:
    data = bytes.fromhex(hexes)
    for spoilt in (*(data[:count] for count in range(len(data))), data + b"\0", data + bytes(8), data + data):
        with pytest.raises(MalformedMessage):
            decode_request(spoilt)


@pytest.mark.parametrize("hexes", [pytest.param(sample[2], id=sample[0]) for sample in RESPONSES])
def test_a_response_that_is_cut_off_or_followed_by_bytes_is_refused(hexes: str) -> None:
    data = bytes.fromhex(hexes)
    for spoilt in (*(data[:count] for count in range(len(data))), data + b"\0", data + bytes(8)):
        with pytest.raises(MalformedMessage):
            decode(ResponseMessage, spoilt, V1_4)


def test_bytes_that_are_kept_from_an_earlier_answer_are_spliced_in() -> None:
    built = response(
        V1_4,
        ResponseBatchItem(
            operation=Operation.GET,
            result_status=ResultStatus.SUCCESS,
            response_payload=GetResponse(object_type=ObjectType.SYMMETRIC_KEY, unique_identifier="1", managed_object=AES_128),
        ),
    )
    for kept in (Encoded(encode(AES_128, V1_4)), SymmetricKey(Encoded(encode(AES_128.key_block, V1_4)))):
        payload = GetResponse(object_type=ObjectType.SYMMETRIC_KEY, unique_identifier="1", managed_object=kept)
        item = ResponseBatchItem(operation=Operation.GET, result_status=ResultStatus.SUCCESS, response_payload=payload)
        assert encode_response(response(V1_4, item), V1_4) == encode_response(built, V1_4)
