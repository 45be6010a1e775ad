"""The suite's tables of payloads and attributes beside the server's: who wrote the one has not seen the other.

Of payloads the suite has those of 1.x, of attributes those of every version. What differs stands below with its clause.
"""

from __future__ import annotations

import re

import pytest
from kmip_conformance import tables
from kmip_conformance.tables.rows import ANY_OBJECT
from kmip_server.attributes import rules_by_name
from kmip_server.enums import Operation, Tag
from kmip_server.messages import REQUEST_PAYLOADS, RESPONSE_PAYLOADS, fields_of
from kmip_server.versions import KmipVersion

Fields = list[tuple[str, bool]]
"""The fields of a payload in their order, each with whether it must be there."""

IN_PARTS = "the suite has one row for 1.2 and the later ones, whose Yes is for single-part operations alone (1.3 and 1.4, 4.29-4.37)"
BEFORE_THE_END = "an answer to a part that is not the last has nothing to tell yet (1.4, 4.32 and 4.34); the server's table leaves it out"

PAYLOADS_EXPLAINED: dict[tuple[str, str], tuple[str, str, str]] = {
    ("Register", "request"): ("1.0", "1.1", "the row of the object says No up to 1.1 (4.3), and Yes later; the suite has the later one"),
    ("Certify", "request"): ("1.0", "1.0", "1.0 requires type and request (4.6); the suite has the later row"),
    ("Re-certify", "request"): ("1.0", "1.0", "1.0 requires type and request (4.7); the suite has the later row"),
    **{
        (operation, direction): ("1.3", "1.4", IN_PARTS)
        for operation in ("Encrypt", "Decrypt", "Sign", "MAC", "Hash")
        for direction in ("request", "response")
    },
    **{(operation, "request"): ("1.3", "1.4", IN_PARTS) for operation in ("Signature Verify", "MAC Verify")},
    **{(operation, "response"): ("1.2", "1.4", BEFORE_THE_END) for operation in ("Signature Verify", "MAC Verify")},
}
"""Operation and direction → the first and the last version in which the two tables differ about what is required, and why."""

OF_A_NAME = re.compile(r"Certificate (Subject|Issuer) (CN|O|OU|Email|C|ST|L|UID|Serial Number|Title|DC|DN Qualifier)")
"""Attributes of 2.x that its rules have one table for, Certificate Attributes (2.1, 4.6): no row of the suite's."""

NO_ROW_OF_THE_SERVER = {"Custom Attribute"}
"""A rule of its own there, for whatever name (1.4, 3.39)."""

VERSIONS_1 = [pytest.param(version, id=str(version)) for version in tables.VERSIONS_1_X]
VERSIONS = [pytest.param(version, id=str(version)) for version in tables.ALL_VERSIONS]


def plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def of_the_suite(operation: tables.OperationRow, direction: str, version: tables.KmipVersion) -> Fields:
    return [(plain(row.field), row.required) for row in tables.payload_fields(operation.number, direction, version)]


def of_the_server(operation: tables.OperationRow, direction: str, version: tables.KmipVersion) -> Fields:
    payloads = REQUEST_PAYLOADS if direction == "request" else RESPONSE_PAYLOADS
    same, code = KmipVersion(version.major, version.minor), Operation(operation.number)
    found: dict[str, bool] = {}
    for field in fields_of(payloads[code]) if code in payloads else ():  # Poll has the answer of the operation that it asks after
        if field.exists_in(same):
            tags = {one.tag for one in field.alternatives}
            found.setdefault(plain(ANY_OBJECT if Tag.SYMMETRIC_KEY in tags else field.tag.name), field.required_in(same))
    return list(found.items())


@pytest.mark.parametrize("version", VERSIONS_1)
@pytest.mark.parametrize("direction", ["request", "response"])
def test_payloads_have_the_same_fields(version: tables.KmipVersion, direction: str) -> None:
    for row in tables.operations(version):
        if row.sent_by == "client":
            ours, theirs = (of(row, direction, version) for of in (of_the_server, of_the_suite))
            assert [name for name, _ in ours] == [name for name, _ in theirs], row.name
            first, last, _ = PAYLOADS_EXPLAINED.get((row.name, direction), ("9.9", "0.0", ""))
            assert (ours != theirs) == (first <= str(version) <= last), (row.name, ours, theirs)


@pytest.mark.parametrize("version", VERSIONS)
def test_attributes_are_the_same(version: tables.KmipVersion) -> None:
    ours = rules_by_name(KmipVersion(version.major, version.minor))
    theirs = {row.name: row for row in tables.attributes(version)}
    assert {name for name in ours if not OF_A_NAME.fullmatch(name)} == set(theirs) - NO_ROW_OF_THE_SERVER
    for name in set(ours) & set(theirs):
        told = (plain(ours[name].written.item_type.name), ours[name].multiple)
        assert told in {(plain(of_type), theirs[name].multiple) for of_type in theirs[name].types}, name


def test_nothing_is_explained_that_is_not_there() -> None:
    known = {row.name for row in tables.operations(tables.V1_4)}
    assert {name for name, _ in PAYLOADS_EXPLAINED} <= known
