"""What counts as a good answer, and why another one does not."""

from __future__ import annotations

import pytest
from kmip_conformance.tables import V1_4, CryptographicAlgorithm, KeyFormatType, ObjectType, Operation, ResultReason, ResultStatus, Tag
from kmip_conformance.wire import Item, encode, enumeration, integer, octets, structure, text
from kmip_load.answers import AES_256_MATERIAL, Call, call, identifier_item, reason

KEY = "4ab4cfb5-5d9f-4dbb-a3a5-7a8bc5b2e7ba"
GET = call(Operation.GET, b"", identifier_item(KEY), AES_256_MATERIAL)
ADD_THREE = call(Operation.ADD_ATTRIBUTE, b"", identifier_item(KEY), items=3)


def response(*items: Item, batch_count: int | None = None) -> bytes:
    version = structure(
        Tag.PROTOCOL_VERSION, integer(Tag.PROTOCOL_VERSION_MAJOR, V1_4.major), integer(Tag.PROTOCOL_VERSION_MINOR, V1_4.minor)
    )
    header = structure(Tag.RESPONSE_HEADER, version, integer(Tag.BATCH_COUNT, len(items) if batch_count is None else batch_count))
    return encode(structure(Tag.RESPONSE_MESSAGE, header, *items))


def item(operation: int, *payload: Item, status: int = ResultStatus.SUCCESS, why: int | None = None) -> Item:
    return structure(
        Tag.BATCH_ITEM,
        enumeration(Tag.OPERATION, operation),
        enumeration(Tag.RESULT_STATUS, status),
        None if why is None else enumeration(Tag.RESULT_REASON, why),
        structure(Tag.RESPONSE_PAYLOAD, *payload) if payload else None,
    )


def refused(why: int | None = ResultReason.ITEM_NOT_FOUND, operation: int = Operation.GET) -> Item:
    return item(operation, status=ResultStatus.OPERATION_FAILED, why=why)


def got(key: str = KEY, material: bytes = bytes(32), operation: int = Operation.GET) -> Item:
    value = structure(Tag.KEY_VALUE, octets(Tag.KEY_MATERIAL, material))
    block = structure(
        Tag.KEY_BLOCK,
        enumeration(Tag.KEY_FORMAT_TYPE, KeyFormatType.RAW),
        value,
        enumeration(Tag.CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm.AES),
        integer(Tag.CRYPTOGRAPHIC_LENGTH, 256),
    )
    kind, symmetric_key = enumeration(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY), structure(Tag.SYMMETRIC_KEY, block)
    return item(operation, kind, text(Tag.UNIQUE_IDENTIFIER, key), symmetric_key)


def added(key: str = KEY) -> Item:
    return item(Operation.ADD_ATTRIBUTE, text(Tag.UNIQUE_IDENTIFIER, key))


@pytest.mark.parametrize(("asked", "answer"), [(GET, response(got())), (ADD_THREE, response(added(), added(), added()))])
def test_a_good_answer_is_good(asked: Call, answer: bytes) -> None:
    assert asked.is_answered_by(answer)


OTHERWISE = "Success, but not of what was asked (operation, unique identifier or key material)"


@pytest.mark.parametrize(
    ("asked", "answer", "why"),
    [
        (GET, response(refused()), "Item Not Found"),
        (GET, response(refused(why=None)), "refused without a Result Reason"),
        (GET, response(refused(why=0x80001234)), "Result Reason 0x80001234"),
        (GET, response(got(key=KEY[::-1])), OTHERWISE),
        (GET, response(got(material=bytes(16))), OTHERWISE),
        (GET, response(got(operation=Operation.LOCATE)), OTHERWISE),
        (GET, response(got(), batch_count=2), OTHERWISE),
        (GET, response(), "0 batch items came for 1"),
        (GET, response(got(), got()), "2 batch items came for 1"),
        (GET, b"HTTP/1.1 400 Bad Request\r\n\r\n", "the answer is no KMIP message"),
        (ADD_THREE, response(added()), "1 batch items came for 3"),
        (ADD_THREE, response(added(), refused(ResultReason.INVALID_MESSAGE, Operation.ADD_ATTRIBUTE), added()), "Invalid Message"),
    ],
)
def test_any_other_answer_is_not_and_says_why(asked: Call, answer: bytes, why: str) -> None:
    assert not asked.is_answered_by(answer)
    assert reason(answer, asked) == why
