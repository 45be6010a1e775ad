"""Three witnesses of the standard's numbers: the suite's tables, the server's, and PyKMIP's. A bug has to be made twice to hide.

Names are compared without underscores and case, for the three spell them in their own ways; what still differs stands in `EXPLAINED` with
its clause.
"""

from __future__ import annotations

import warnings
from enum import Enum
from typing import Any

import kmip_server.enums as server
import pytest
from kmip_conformance import tables
from kmip_conformance.tables import VALUE_ROWS, names
from kmip_conformance.tables.naming import class_name

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # PyKMIP's own, on import
    import kmip.core.enums as pykmip

NAMES: dict[str, Any] = {name: getattr(names, name) for name in ["Tag", *map(class_name, VALUE_ROWS)]}
SUITE = {name: one for name, one in NAMES.items() if any(tables.since(member) <= tables.V2_1 for member in one)}
"""What published versions have. Of the draft of 3.0 each takes in what it needs; the numbers that both have must be the same."""
OTHER_NAMES = {"UniqueIdentifierEnumeration": "UniqueIdentifier", "DataEnumeration": "Data", "Tag": "Tags", "ItemType": "Types"}

# What a witness says otherwise than the suite, by name; None: it has no such name
EXPLAINED: dict[tuple[str, str], dict[str, int | None]] = {
    # "3DES" is no Python name; the XML encoding's token for it is DES3 (KMIP Profiles 1.4, 5.4.1.1)
    ("server", "CryptographicAlgorithm"): {"DES3": None, "TRIPLEDES": 2},
    ("pykmip", "CryptographicAlgorithm"): {"DES3": None, "TRIPLEDES": 2},
    # KMIP 1.4, 9.1.3.2.12 says Opaque Object
    ("pykmip", "ObjectType"): {"OPAQUEOBJECT": None, "OPAQUEDATA": 8},
    # KMIP 2.0, 11.25 has PKCS#10; PyKMIP has not
    ("pykmip", "KeyFormatType"): {"PKCS10": None},
    # KMIP 1.4, 9.1.3.2.5 says SECP192K1
    ("pykmip", "RecommendedCurve"): {"SECP192K1": None, "SECP191K1": 0x17},
    # KMIP 2.0, 11.40 reserves 118 to 11B; PyKMIP names them after the profiles of 1.3
    ("pykmip", "ProfileName"): {
        "SUITEBMINLOS128CLIENT": 0x118,
        "SUITEBMINLOS128SERVER": 0x119,
        "SUITEBMINLOS192CLIENT": 0x11A,
        "SUITEBMINLOS192SERVER": 0x11B,
    },
    # KMIP 2.0, 11.45 has both; PyKMIP ends before them
    ("pykmip", "ResultReason"): {"PRIVATEPROTECTIONSTORAGEUNAVAILABLE": None, "PUBLICPROTECTIONSTORAGEUNAVAILABLE": None},
    # its own stand-in; KMIP 2.0, 9.1.1.2 has Date Time Extended
    ("pykmip", "ItemType"): {"DEFAULT": 0, "DATETIMEEXTENDED": None},
    # its own stand-in, its own names for Batch Item, and a number that 2.0, 11.54 reserves
    ("pykmip", "Tag"): {"DEFAULT": 0x420000, "REQUESTBATCHITEM": 0x42000F, "RESPONSEBATCHITEM": 0x42000F, "RESERVED": 0x420137},
}


def plain(name: str) -> str:
    return name.replace("_", "").upper()


def of_the_server(name: str) -> Any:
    return getattr(server, name, None) or getattr(server, OTHER_NAMES[name])


def members(enumeration: type[Enum]) -> dict[str, int]:
    return {plain(name): member.value for name, member in enumeration.__members__.items() if isinstance(member.value, int)}


def since(member: Enum) -> tuple[int, int]:
    """The first version that has a value, where the witness says it: PyKMIP does not."""
    return getattr(member, "since", (0, 0))


def differences(witness: type[Enum], ours: Any, *, newest: tables.KmipVersion) -> dict[str, int | None]:
    """What the witness says otherwise than the suite; names that are newer than the witness, or this version, are not asked of it."""
    theirs = {name: number for name, number in members(witness).items() if since(witness(number)) <= newest}
    expected = {plain(member.name): member.value for member in ours if tables.since(member) <= newest}
    return {name: theirs.get(name) for name in theirs.keys() | expected.keys() if theirs.get(name) != expected.get(name)}


@pytest.mark.parametrize("name", SUITE)
def test_the_server_has_the_same_numbers(name: str) -> None:
    found = differences(of_the_server(name), SUITE[name], newest=tables.V2_1)
    assert found == EXPLAINED.get(("server", name), {})


@pytest.mark.parametrize("name", SUITE)
def test_the_server_has_the_same_versions(name: str) -> None:
    by_number = {member.value: member for member in of_the_server(name)}
    for member in SUITE[name]:
        other = by_number.get(member.value)
        if other is None:
            continue  # the numbers are the business of the test above
        assert str(other.since) == str(tables.since(member)), member
        assert str(other.until) == str(tables.until(member)), member


KNOWN_TO_PYKMIP = [name for name in SUITE if hasattr(pykmip, OTHER_NAMES.get(name, name))]


@pytest.mark.parametrize("name", KNOWN_TO_PYKMIP)
def test_pykmip_has_the_same_numbers(name: str) -> None:
    found = differences(getattr(pykmip, OTHER_NAMES.get(name, name)), SUITE[name], newest=tables.V2_0)
    assert found == EXPLAINED.get(("pykmip", name), {})


def test_pykmip_knows_all_that_is_not_of_2_1() -> None:
    newer = {name for name in SUITE if all(tables.since(member) > tables.V2_0 for member in SUITE[name])}
    assert set(SUITE) - set(KNOWN_TO_PYKMIP) == newer


def test_the_server_has_the_numbers_of_the_draft_that_it_needs() -> None:
    """The server has no use for all of 3.0 (users, groups and credentials as objects), but no number of its own either."""
    for name, enumeration in NAMES.items():
        witness = getattr(server, name, None) or getattr(server, OTHER_NAMES.get(name, ""), None)
        expected = {plain(member.name): member.value for member in enumeration if tables.since(member) > tables.V2_1}
        found = {plain(member.name): member.value for member in witness or () if since(member) > tables.V2_1}
        assert found.items() <= expected.items(), name


def test_the_server_has_no_enumeration_of_its_own() -> None:
    theirs = {name for name, value in vars(server).items() if isinstance(value, type) and issubclass(value, Enum)}
    machinery = {"VersionedEnum", "VersionedMask"}
    left_to_another_standard = {"PKCS11Function", "PKCS11ReturnCode"}  # KMIP 2.1, 11.38 and 11.39
    assert theirs - machinery - left_to_another_standard <= set(NAMES) | set(OTHER_NAMES.values())
