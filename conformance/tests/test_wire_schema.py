"""What the tables do not allow in a response is named, and what they allow is left in peace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kmip_conformance import requests
from kmip_conformance.tables import V1_0, V1_2, V1_4, ItemType, KmipVersion, Operation, ResultReason, ResultStatus, State, Tag
from kmip_conformance.wire import Item, Response, date_time, encode, enumeration, integer, interval, octets, structure, text
from kmip_conformance.wire.schema import misfits


def response(operation: int, *payload: Item, status: int = ResultStatus.SUCCESS, version: KmipVersion = V1_4) -> Item:
    return structure(
        Tag.RESPONSE_MESSAGE,
        structure(
            Tag.RESPONSE_HEADER, requests.protocol_version(version), date_time(Tag.TIME_STAMP, 1_700_000_000), integer(Tag.BATCH_COUNT, 1)
        ),
        structure(
            Tag.BATCH_ITEM,
            enumeration(Tag.OPERATION, operation),
            enumeration(Tag.RESULT_STATUS, status),
            structure(Tag.RESPONSE_PAYLOAD, *payload),
        ),
    )


UID = text(Tag.UNIQUE_IDENTIFIER, "7")
KEY = requests.symmetric_key(bytes(32))
GET = response(Operation.GET, enumeration(Tag.OBJECT_TYPE, 2), UID, KEY)


def attributes(*attributes: Item, version: KmipVersion = V1_4) -> Item:
    return response(Operation.GET_ATTRIBUTES, UID, *attributes, version=version)


def found(item: Item, version: KmipVersion = V1_4) -> list[str]:
    return [str(misfit) for misfit in misfits(Response.read(encode(item)), version)]


RIGHT = [
    GET,
    response(Operation.REGISTER, UID),
    response(Operation.LOCATE),
    response(0x7FFFFFF0, status=ResultStatus.OPERATION_FAILED),  # an operation of nobody's is echoed
    response(Operation.GET, status=ResultStatus.OPERATION_FAILED),
    attributes(
        requests.name("n"),
        requests.attribute("State", State.ACTIVE),
        requests.attribute("Lease Time", 3600),
        requests.attribute("x-any", interval(0, 5)),
        requests.attribute("Link", (enumeration(Tag.LINK_TYPE, 0x80000001), text(Tag.LINKED_OBJECT_IDENTIFIER, "8"))),
    ),
    response(Operation.QUERY, text(Tag.VENDOR_IDENTIFICATION, "v"), structure(Tag.SERVER_INFORMATION, text(0x540001, "mine"))),
]


@pytest.mark.parametrize("item", RIGHT)
def test_what_the_tables_allow(item: Item) -> None:
    assert found(item) == []


WRONG = [
    (GET.without((Tag.RESPONSE_HEADER, Tag.TIME_STAMP)), V1_4, "Time Stamp is missing"),
    (
        GET.changed((Tag.RESPONSE_HEADER, Tag.TIME_STAMP), lambda item: replace(item, type=ItemType.LONG_INTEGER)),
        V1_4,
        "the type is Long Integer, not Date Time",
    ),
    (
        GET.mapped(Tag.CRYPTOGRAPHIC_LENGTH, lambda item: replace(item, type=ItemType.LONG_INTEGER)),
        V1_4,
        "the type is Long Integer, not Integer",
    ),
    (GET.mapped(Tag.OBJECT_TYPE, lambda item: item.holding(99)), V1_4, "99 is no value of Object Type"),
    (GET.mapped(Tag.OBJECT_TYPE, lambda item: item.holding(9)), V1_0, "PGP Key exists since 1.2, not in 1.0"),
    (GET.mapped(Tag.UNIQUE_IDENTIFIER, lambda _: None), V1_4, "Unique Identifier is missing in the answer to Get"),
    (GET.mapped(Tag.RESPONSE_PAYLOAD, lambda item: item.holding(item.children[::-1])), V1_4, "fields stand in the order"),
    (response(Operation.REGISTER, enumeration(Tag.OBJECT_TYPE, 2), UID), V1_4, "has no field Object Type"),
    (attributes(requests.attribute("State", "Active")), V1_4, "Attribute Value of State: the type is Text String, not Enumeration"),
    (attributes(requests.attribute("Lease Time", integer(0, 5))), V1_4, "not Interval"),
    (attributes(requests.attribute("Fresh", value=True)), V1_0, "the attribute exists since 1.1, not in 1.0"),
    (attributes(requests.attribute("Colour", "red")), V1_4, "no version has such an attribute"),
    (attributes(requests.attribute("x-any", 1), octets(Tag.TICKET_VALUE, b"")), V1_4, "the tag exists since 2.0, not in 1.4"),
    (attributes(integer(0x42FFFF, 1)), V1_4, "no version has such a tag"),
    (response(Operation.LOCATE, enumeration(Tag.RESULT_REASON, ResultReason.SENSITIVE)), V1_2, "Sensitive exists since 1.4, not in 1.2"),
]


@pytest.mark.parametrize(("item", "version", "text"), WRONG, ids=[wrong[2] for wrong in WRONG])
def test_what_they_do_not_allow(item: Item, version: KmipVersion, text: str) -> None:
    assert any(text in misfit for misfit in found(item, version)), found(item, version)


def test_a_misfit_cites_its_clause() -> None:
    (misfit,) = misfits(Response.read(encode(attributes(requests.attribute("Fresh", value=True)))), V1_0)
    assert misfit.clause == "KMIP 1.4, 3.34"
    assert str(misfit).startswith("Response Message / Batch Item / Response Payload / Attribute / Attribute Value of Fresh")
