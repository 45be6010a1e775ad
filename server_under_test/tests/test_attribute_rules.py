"""The attribute table beside the rule tables of the specifications: every row of every version.

The rows are read from a folder of tables parsed from the OASIS documents, which are not part of this project: KMIPLAB_SPEC names it, or
it lies at ``../shared/spec`` beside the checkout.
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest
from kmip_server.attributes import AttributeRule, Origin, Permission, rules_by_name
from kmip_server.enums import ObjectType
from kmip_server.versions import V1_4, VERSIONS, KmipVersion

SPEC = Path(os.environ.get("KMIPLAB_SPEC") or Path(__file__).resolve().parents[3] / "shared" / "spec")
TABLE = SPEC / "attribute-rules.csv"

pytestmark = pytest.mark.skipif(
    not TABLE.is_file(), reason="the tables of the OASIS documents are not here: KMIPLAB_SPEC names no folder that has them"
)

Line = dict[str, str]

NO_ROWS = {"Attributes", "Object Attributes", "Custom Attribute"}
"""The explanation of the columns, and the row that `CUSTOM_ATTRIBUTE` is."""

GROUPS = {"Certificate Attributes": r"Certificate (Subject|Issuer) (?!$).*"}
"""Rows that stand for several attributes."""

EXCUSED: dict[tuple[str, str], str] = {
    ("Cryptographic Algorithm", "origin"): "set by the server from what the client names in Create (4.1)",
    ("Cryptographic Length", "origin"): "set by the server from what the client names in Create (4.1)",
    ("Key Format Type", "origin"): "set by the server, which a client may ask for a format in the factory operation (2.1, 4.26)",
    ("Certificate Type", "origin"): "Register names it (OASIS's case TC-CERTATTR-1); it must be the certificate's",
    ("Certificate Length", "origin"): "SHALL be included in Register (1.4, Table 171); the server goes by the certificate",
    ("Digital Signature Algorithm", "origin"): "included in Register where the certificate does not tell (1.4, Table 171)",
    ("Fresh", "always"): "Yes since 2.0 only; 1.x leaves it to the server, which sets it on every object",
    ("Digital Signature Algorithm", "multiple"): "of PGP keys several, of X.509 certificates one",
}
"""Columns in which the server's row is other than the document's, and why."""

CONDITIONS = {
    "only while in pre-active state": Permission.WHILE_PRE_ACTIVE,
    "only while in pre-active or active state": Permission.WHILE_ACTIVE,
    "has been not reached": Permission.UNTIL_REACHED,
    "has not been reached": Permission.UNTIL_REACHED,
    "as long as get usage allocation has not been performed": Permission.UNTIL_USED,
}
"""What follows a Yes, the longest match last."""


ALL = frozenset(ObjectType)
KEYS = frozenset({ObjectType.SYMMETRIC_KEY, ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY, ObjectType.SPLIT_KEY, ObjectType.PGP_KEY})
CRYPTOGRAPHIC_OBJECTS = KEYS | {ObjectType.CERTIFICATE, ObjectType.SECRET_DATA}

APPLIES_TO: dict[str, frozenset[ObjectType]] = {
    "all objects": ALL,
    "all cryptographic objects": CRYPTOGRAPHIC_OBJECTS,
    "keys": KEYS,
    "asymmetric keys": frozenset({ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY}),
    "split keys of symmetric keys": frozenset({ObjectType.SPLIT_KEY}),
    "x.509 certificates": frozenset({ObjectType.CERTIFICATE}),
} | {one.name.lower().replace("_", " ") + plural: frozenset({one}) for one in ObjectType for plural in ("", "s")}
"""What the words of the last column stand for."""

BESIDES: dict[str, frozenset[ObjectType]] = {
    "Cryptographic Algorithm": frozenset({ObjectType.SECRET_DATA}),
    "Cryptographic Length": frozenset({ObjectType.SECRET_DATA}),
    "Process Start Date": frozenset({ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY}),
    "Protect Stop Date": frozenset({ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY}),
}
"""Objects that the documents' cases give an attribute to although their table does not (CS-AC-M-8, TC-OTP-SETUP-1)."""


def lines() -> list[Line]:
    if not TABLE.is_file():
        return []
    with TABLE.open(encoding="utf-8", newline="") as table:
        return [line for line in csv.DictReader(table) if line["attribute"] not in NO_ROWS]


def rows_of(line: Line) -> list[AttributeRule]:
    rules = rules_by_name(KmipVersion.parse(line["version"]))
    if line["attribute"] in GROUPS:
        return [rule for name, rule in rules.items() if re.fullmatch(GROUPS[line["attribute"]], name)]
    return [rules[line["attribute"]]]


def says_yes(cell: str) -> bool:
    return cell.lower().startswith("yes")


def permission(cell: str) -> Permission:
    if not says_yes(cell):
        return Permission.NEVER
    found = [wanted for words, wanted in CONDITIONS.items() if words in cell.lower()]
    return found[-1] if found else Permission.ALWAYS


def expected(line: Line, rule: AttributeRule) -> dict[str, object]:
    return {
        "always": says_yes(line["always_has_value"]),
        "origin": rule.origin is Origin.CLIENT if "lient" in line["initially_set_by"] else rule.origin is Origin.SERVER,
        "modifiable": permission(line["modifiable_by_client"]),
        "deletable": permission(line["deletable_by_client"]),
        "multiple": says_yes(line["multiple_instances"]),
    }


def found(rule: AttributeRule) -> dict[str, object]:
    return {"always": rule.always, "origin": True, "modifiable": rule.modifiable, "deletable": rule.deletable, "multiple": rule.multiple}


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line['attribute']}-{line['version']}")
def test_a_row_says_what_the_document_says(line: Line) -> None:
    rules = rows_of(line)
    assert rules
    for rule in rules:
        told = expected(line, rule)
        differs = {column for column, value in found(rule).items() if value != told[column] and (rule.name, column) not in EXCUSED}
        assert not differs, {column: (found(rule)[column], told[column]) for column in differs}


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_the_documents_know_every_row(version: KmipVersion) -> None:
    told = {rule.name for line in lines() if line["version"] == str(version) for rule in rows_of(line)}
    ahead = {name for name in rules_by_name(version) if version == V1_4 and re.fullmatch(GROUPS["Certificate Attributes"], name)}
    assert set(rules_by_name(version)) - ahead == told  # 1.4 has their tags, and cases that show them (TC-CERTATTR-1-14), but no clause


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line['attribute']}-{line['version']}")
def test_a_row_applies_to_what_the_document_says(line: Line) -> None:
    words = [word.strip().lower() for word in line["applies_to"].split(",")]
    if not set(words) <= set(APPLIES_TO):
        pytest.skip("the last column of this row was not read")
    wanted = frozenset[ObjectType]().union(*(APPLIES_TO[word] for word in words))
    there = frozenset(ObjectType.of(KmipVersion.parse(line["version"])))
    for rule in rows_of(line):
        assert rule.applies_to & there == (wanted | BESIDES.get(rule.name, frozenset())) & there
