"""The tables of the standard: whole, cited, and the same for Python, for mypy and for those who read the files."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from kmip_conformance import tables
from kmip_conformance.tables import (
    ALL_VERSIONS,
    ATTRIBUTE_ROWS,
    OPERATION_ROWS,
    PAYLOAD_ROWS,
    TAG_ROWS,
    V1_0,
    V1_1,
    V1_3,
    V1_4,
    V2_0,
    V2_1,
    V3_0,
    VALUE_ROWS,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ItemType,
    KmipVersion,
    ObjectType,
    Operation,
    QueryFunction,
    ResultReason,
    Tag,
    names,
    xml_token,
)
from kmip_conformance.tables.naming import class_name, member_name

ROWS = [*TAG_ROWS, *(row for rows in VALUE_ROWS.values() for row in rows), *ATTRIBUTE_ROWS, *OPERATION_ROWS, *PAYLOAD_ROWS]


def count(enumeration: type, version: KmipVersion) -> int:
    return sum(tables.exists_in(member, version) for member in enumeration)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("enumeration", "counts"),
    [
        (Tag, [161, 183, 211, 247, 292]),
        (Operation, [28, 30, 41, 41, 43]),
        (ResultReason, [18, 19, 22, 22, 25]),
        (ObjectType, [8, 8, 9, 9, 9]),
        (QueryFunction, [4, 6, 7, 12, 12]),
    ],
)
def test_each_version_has_as_many_as_the_standard_counts(enumeration: type, counts: list[int]) -> None:
    assert [count(enumeration, version) for version in ALL_VERSIONS[:5]] == counts


def test_every_row_cites_its_clause() -> None:
    assert not [row for row in ROWS if not row.clause.startswith("KMIP ")]


def test_no_number_is_given_twice() -> None:
    assert len({row.number for row in TAG_ROWS}) == len(TAG_ROWS)
    for enumeration, rows in VALUE_ROWS.items():
        assert len({row.number for row in rows}) == len(rows), enumeration


def test_every_name_becomes_a_name_of_its_own() -> None:
    for rows in [TAG_ROWS, *VALUE_ROWS.values()]:
        members = [member_name(row.name) for row in rows]
        assert len(set(members)) == len(members)
        assert all(member.isidentifier() for member in members)


def test_every_tag_has_its_types() -> None:
    types = {tables.words(kind) for kind in ItemType}
    published = [row for row in TAG_ROWS if row.since < V3_0]
    assert not [row.name for row in published if not row.types or not set(row.types) <= types]


def test_every_field_of_a_payload_is_a_tag() -> None:
    known = {row.name for row in TAG_ROWS} | {"(Managed Object)"}
    assert {row.field for row in PAYLOAD_ROWS} <= known
    assert {row.operation for row in PAYLOAD_ROWS} <= {row.name for row in OPERATION_ROWS}


def test_every_attribute_is_a_tag() -> None:
    assert {row.name for row in ATTRIBUTE_ROWS} <= {row.name for row in TAG_ROWS}


def test_the_names_that_mypy_sees_are_the_names_that_there_are() -> None:
    stub = ast.parse(Path(names.__file__).with_suffix(".pyi").read_text())
    seen = {node.name: {line.targets[0].id: line.value.value for line in node.body} for node in stub.body if isinstance(node, ast.ClassDef)}  # type: ignore[attr-defined]
    there = {name: {member.name: member.value for member in getattr(names, name)} for name in ["Tag", *map(class_name, VALUE_ROWS)]}
    assert seen == there
    assert set(names.__all__) == set(seen)


def test_what_a_version_has() -> None:
    assert tables.since(Operation.IMPORT) == V1_4
    assert tables.exists_in(Tag.OFFSET_ITEMS, V1_3)
    assert not tables.exists_in(Tag.OFFSET_ITEMS, V1_1)
    assert tables.until(Tag.TEMPLATE_ATTRIBUTE) == V1_4
    assert not tables.exists_in(Tag.TEMPLATE_ATTRIBUTE, V2_0)
    assert tables.exists_in(ObjectType.TEMPLATE, V1_4)
    assert tables.exists_in(Tag.CERTIFICATE_IDENTIFIER, V1_4)
    assert tables.since(ItemType.DATE_TIME_EXTENDED) == V2_0
    assert "Fresh" not in [row.name for row in tables.attributes(V1_0)]
    assert "Operation Policy Name" in [row.name for row in tables.attributes(V1_4)]
    assert [row.name for row in tables.operations(V1_1)][-2:] == ["Re-key Key Pair", "Discover Versions"]


def test_which_values_a_tag_holds() -> None:
    assert tables.enumeration_of(Tag.CRYPTOGRAPHIC_ALGORITHM) is CryptographicAlgorithm
    assert tables.enumeration_of(Tag.CRYPTOGRAPHIC_USAGE_MASK) is CryptographicUsageMask
    assert tables.enumeration_of(Tag.UNIQUE_IDENTIFIER) is None
    assert tables.enumeration_of(0x420FFF) is None


def test_the_fields_of_a_payload() -> None:
    def fields(operation: Operation, direction: str, version: KmipVersion) -> list[str]:
        return [row.field for row in tables.payload_fields(operation, direction, version)]

    assert fields(Operation.GET, "response", V1_0) == ["Object Type", "Unique Identifier", "(Managed Object)"]
    assert fields(Operation.REGISTER, "response", V1_4) == ["Unique Identifier", "Template-Attribute"]
    assert "Offset Items" not in fields(Operation.LOCATE, "request", V1_0)
    assert fields(Operation.LOCATE, "request", V1_4)[:2] == ["Maximum Items", "Offset Items"]
    assert fields(Operation.PING, "request", V2_1) == []


@pytest.mark.parametrize(
    ("words", "member", "token"),
    [
        ("Re-key Key Pair", "RE_KEY_KEY_PAIR", "ReKeyKeyPair"),
        ("3DES", "DES3", "DES3"),
        ("X.509", "X_509", "X_509"),
        ("PKCS#11", "PKCS_11", "PKCS_11"),
        ("SHA-256", "SHA_256", "SHA_256"),
        ("IV/Counter/Nonce", "IV_COUNTER_NONCE", "IVCounterNonce"),
        ("Polynomial Sharing GF(2^8)", "POLYNOMIAL_SHARING_GF_2_8", "PolynomialSharingGF2_8"),
        ("NISTKeyWrap", "NIST_KEY_WRAP", "NISTKeyWrap"),
    ],
)
def test_names_and_tokens(words: str, member: str, token: str) -> None:
    assert member_name(words) == member
    assert xml_token(words) == token


def test_versions_are_ordered_and_read() -> None:
    assert sorted({*ALL_VERSIONS}) == list(ALL_VERSIONS)
    assert KmipVersion.parse("1.4") == V1_4
    assert str(V2_1) == "2.1"
    for wrong in ("1", "1.x", "", "1.4.1"):
        with pytest.raises(ValueError, match="not a KMIP version"):
            KmipVersion.parse(wrong)
