"""Our enumerations beside PyKMIP's, name by name, and the versions that their values carry."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING

import pytest
from kmip_server import enums as ours
from kmip_server.enums import (
    CryptographicUsageMask,
    ItemType,
    KeyFormatType,
    LinkType,
    ObjectType,
    Operation,
    QueryFunction,
    ResultReason,
    Tag,
    VersionedEnum,
    VersionedMask,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, VERSIONS, KmipVersion

if TYPE_CHECKING:
    import enum

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ciphers that `cryptography` is about to retire
    from kmip.core import enums as pykmip

EXPLAINED: dict[tuple[str, int], str] = {
    ("ObjectType", 0x08): "Opaque Object (1.4, 9.1.3.2.12); PyKMIP calls it OPAQUE_DATA",
    ("RecommendedCurve", 0x17): "SECP192K1 (1.4, 9.1.3.2.5); PyKMIP has a slip of the pen, SECP191K1",
    ("KeyFormatType", 0x17): "PKCS#10 came with 2.0 (11.28), for certificate requests",
    ("ProfileName", 0x118): "reserved in 2.0 and 2.1 (11.40); PyKMIP goes by a draft",
    ("ProfileName", 0x119): "reserved in 2.0 and 2.1 (11.40); PyKMIP goes by a draft",
    ("ProfileName", 0x11A): "not in 2.0 and 2.1 (11.40); PyKMIP goes by a draft",
    ("ProfileName", 0x11B): "not in 2.0 and 2.1 (11.40); PyKMIP goes by a draft",
    ("ItemType", 0x00): "PyKMIP's own placeholder; 9.1.1.2 begins at 01",
    ("ItemType", 0x0B): "Date Time Extended came with 2.0 (9.1.1.2)",
    ("ResultReason", 0x48): "came with 2.0 (11.48), after the draft that PyKMIP goes by",
    ("ResultReason", 0x49): "came with 2.0 (11.48), after the draft that PyKMIP goes by",
    ("Tag", 0x420000): "PyKMIP's own placeholder; 9.1.3.1 begins at 420001",
    ("Tag", 0x420137): "reserved in 2.0 and 2.1 (11.54)",
}
"""Where PyKMIP says something else: enumeration and number, and why ours is right."""

PYKMIP_NAMES = {"Tag": "Tags", "ItemType": "Types"}
NOT_IN_PYKMIP = {"ProcessingStage", "RotateNameType", "ObjectClass", "PKCS11Function", "PKCS11ReturnCode"}
"""Enumerations of 2.1 and later, which PyKMIP does not have, and those of PKCS#11, of which it has placeholders."""


def enumerations() -> dict[str, type[VersionedEnum | VersionedMask]]:
    found = {name: getattr(ours, name) for name in ours.__all__}
    return {
        name: one for name, one in found.items() if inspect.isclass(one) and issubclass(one, VersionedEnum | VersionedMask) and len(one)
    }


def squeezed(name: str) -> str:
    """A name without what is a matter of taste: where underscores go, and case (PKCS1v15)."""
    return name.replace("_", "").upper()


@pytest.mark.parametrize("name", sorted(set(enumerations()) - NOT_IN_PYKMIP))
def test_every_value_has_the_name_that_pykmip_gives_it(name: str) -> None:
    theirs: dict[int, str] = {}
    their_enumeration: type[enum.Enum] = getattr(pykmip, PYKMIP_NAMES.get(name, name))
    for member, value in their_enumeration.__members__.items():
        theirs.setdefault(value.value, member)
    differences = []
    for member in enumerations()[name]:
        known = theirs.pop(int(member), None)
        newer = known is None and member.since >= V2_1
        same = known is not None and squeezed(known) == squeezed(str(member.name))
        if not (same or newer or (name, int(member)) in EXPLAINED):
            differences.append((hex(member), member.name, known))
    unknown = {hex(number): member for number, member in theirs.items() if (name, number) not in EXPLAINED}
    assert (differences, unknown) == ([], {})


def test_every_explained_difference_is_one() -> None:
    for name, number in EXPLAINED:
        theirs = {value.value: member for member, value in getattr(pykmip, PYKMIP_NAMES.get(name, name)).__members__.items()}
        mine = {int(member): str(member.name) for member in enumerations()[name]}
        assert squeezed(theirs.get(number, "")) != squeezed(mine.get(number, ""))


@pytest.mark.parametrize(
    ("value", "since", "until"),
    [
        (Operation.GET, V1_0, None),
        (Operation.DISCOVER_VERSIONS, V1_1, None),
        (Operation.ENCRYPT, V1_2, None),
        (Operation.IMPORT, V1_4, None),
        (Operation.PING, V2_1, None),
        (ObjectType.TEMPLATE, V1_0, V1_4),
        (ObjectType.PGP_KEY, V1_2, None),
        (ObjectType.CERTIFICATE_REQUEST, V2_0, None),
        (QueryFunction.QUERY_PROFILES, V1_3, None),
        (KeyFormatType.TRANSPARENT_ECDSA_PRIVATE_KEY, V1_0, V1_4),
        (KeyFormatType.TRANSPARENT_EC_PRIVATE_KEY, V1_3, None),
        (ResultReason.ATTESTATION_REQUIRED, V1_2, None),
        (ResultReason.SENSITIVE, V1_4, None),
        (LinkType.PARENT_LINK, V1_2, None),
        (CryptographicUsageMask.EXPORT, V1_0, V1_4),
        (CryptographicUsageMask.UNRESTRICTED, V2_0, None),
        (ItemType.DATE_TIME_EXTENDED, V2_0, None),
        (Tag.LOCATED_ITEMS, V1_3, None),
        (Tag.CLIENT_CORRELATION_VALUE, V1_4, None),
        (Tag.TEMPLATE_ATTRIBUTE, V1_0, V1_4),
        (Tag.ATTRIBUTE_INDEX, V1_0, V1_4),
    ],
)
def test_a_value_carries_its_versions(value: VersionedEnum, since: KmipVersion, until: KmipVersion | None) -> None:
    assert (value.since, value.until) == (since, until)


def test_an_enumeration_lists_what_a_version_has() -> None:
    assert [len(Operation.of(version)) for version in VERSIONS] == [28, 30, 41, 41, 43, 53, 59]
    assert ObjectType.TEMPLATE in ObjectType.of(V1_4)
    assert ObjectType.TEMPLATE not in ObjectType.of(V2_0)
    assert int(CryptographicUsageMask.of(V1_0)) == 0xFFFFF


def test_a_vendors_value_is_kept_and_any_other_unknown_one_is_none() -> None:
    extension = ObjectType(0x8000_0001)
    assert (extension, extension.name, extension.exists_in(V1_0)) == (0x8000_0001, "EXTENSION_80000001", True)
    for number in (0, 0x40, 0x7FFF_FFFF, 0x9000_0000):
        with pytest.raises(ValueError, match="ObjectType"):
            ObjectType(number)
    assert extension not in list(ObjectType)


def test_versions_are_ordered_and_spelled() -> None:
    assert max(VERSIONS) == V2_1
    assert V1_2 < V1_3 < KmipVersion(1, 10) < V2_0
    assert KmipVersion.parse("1.4") == V1_4
    assert str(V1_1) == "1.1"
    for text in ("1", "1.", ".4", "1.4.0", "one.four", "-1.4", "1. 4"):
        with pytest.raises(ValueError, match="KMIP version"):
            KmipVersion.parse(text)
