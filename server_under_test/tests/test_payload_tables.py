"""The payloads beside the tables of the specifications: every row, every version, order and presence.

The rows are read from a folder of tables parsed from the OASIS documents, which are not part of this project: KMIPLAB_SPEC names it, or
it lies at ``../shared/spec`` beside the checkout.
"""

from __future__ import annotations

import csv
import os
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from kmip_server.enums import Operation, Tag
from kmip_server.messages import REQUEST_PAYLOADS, RESPONSE_PAYLOADS, fields_of
from kmip_server.versions import V2_1, VERSIONS, KmipVersion

SPEC = Path(os.environ.get("KMIPLAB_SPEC") or Path(__file__).resolve().parents[3] / "shared" / "spec")
TABLE = SPEC / "operation-payload-fields.csv"

pytestmark = pytest.mark.skipif(
    not TABLE.is_file(), reason="the tables of the OASIS documents are not here: KMIPLAB_SPEC names no folder that has them"
)

ANY_OBJECT = "Certificate, Symmetric Key|Any Object"
"""How rows begin that stand for a managed object of any type."""


class Row(NamedTuple):
    """A field of a payload, as one document has it."""

    tag: Tag
    required: bool
    repeated: bool


EXCUSED: dict[tuple[Operation, Tag], str] = {
    (Operation.SET_CONSTRAINTS, Tag.CONSTRAINTS): "TC-MD-24-21 removes all of them by leaving the field out, as Set Defaults does",
    (Operation.QUERY, Tag.PROTECTION_STORAGE_MASKS): "nothing is returned that the request does not ask for (2.1, 6.1.40)",
    (
        Operation.PKCS_11,
        Tag.PKCS_11_FUNCTION,
    ): "it has two types, and so is one of two fields here (2.1, 6.1.37)",
    (
        Operation.MAC_VERIFY,
        Tag.VALIDITY_INDICATOR,
    ): "a part that is not the last cannot have it (2.1, 6.1.33), and since 1.3 there are parts",
    (
        Operation.SIGNATURE_VERIFY,
        Tag.VALIDITY_INDICATOR,
    ): "a part that is not the last cannot have it (2.1, 6.1.56), and since 1.3 there are parts",
}
"""Rows that say Yes of a field that the server does not require, and why."""

OF_ANOTHER_OPERATION = {
    (Operation.QUERY, Tag.PROTOCOL_VERSION): "Discover Versions (1.3 and 1.4, 5.4), whose heading is none in these documents",
}
"""Rows that were read into the wrong table."""


def squeezed(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.lower())


TAGS = {squeezed(tag.name): tag for tag in Tag}
OPERATIONS = {squeezed(operation.name): operation for operation in Operation}


@cache
def rows() -> dict[tuple[Operation, str, KmipVersion], list[Row]]:
    """The documents' tables; of an operation that goes both ways, the table of the client's way comes first and is kept."""
    found: dict[tuple[Operation, str, KmipVersion], list[Row]] = {}
    with TABLE.open(encoding="utf-8", newline="") as table:
        for line in csv.DictReader(table):
            key = OPERATIONS[squeezed(line["operation"])], line["dir"], KmipVersion.parse(line["version"])
            told = found.setdefault(key, [])
            if line["item"] and (row := row_of(line)).tag not in {one.tag for one in told}:
                told.append(row)
    return found


def row_of(line: dict[str, str]) -> Row:
    item = line["item"].split(", see")[0]
    tag = Tag.SYMMETRIC_KEY if re.match(ANY_OBJECT, item) else TAGS[squeezed(item)]
    needed = line["required"].lower()
    always = needed.startswith("yes") and "for single-part" not in needed
    return Row(tag, always, "repeated" in needed)


def ours(payload: type, version: KmipVersion) -> list[Row]:
    """The same of the server; a field of one tag and several types is one row there."""
    told: dict[Tag, Row] = {}
    for row in fields_of(payload):
        if row.exists_in(version):
            tags = {alternative.tag for alternative in row.alternatives}
            tag = Tag.SYMMETRIC_KEY if Tag.SYMMETRIC_KEY in tags else row.tag
            told.setdefault(tag, Row(tag, row.required_in(version), row.repeated_in(version)))
    return list(told.values())


def test_every_operation_of_the_documents_is_there() -> None:
    published = {operation for operation in Operation if operation.since <= V2_1}
    assert {operation for operation, _, _ in rows()} | {Operation.NOTIFY, Operation.PUT} == published


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize("operation", Operation, ids=lambda operation: operation.name)
def test_payloads_have_the_fields_of_the_documents(operation: Operation, version: KmipVersion) -> None:
    for direction, payloads in (("Request", REQUEST_PAYLOADS), ("Response", RESPONSE_PAYLOADS)):
        if told := rows().get((operation, direction, version)):
            expected = [row for row in told if (operation, row.tag) not in OF_ANOTHER_OPERATION]
            assert ours(payloads[operation], version) == [excused(operation, row) for row in expected], direction


def excused(operation: Operation, row: Row) -> Row:
    return row._replace(required=False) if (operation, row.tag) in EXCUSED else row
