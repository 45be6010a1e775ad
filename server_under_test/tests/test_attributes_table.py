"""The attribute table beside a sample written by hand from KMIP 1.0-1.4, section 3."""

from __future__ import annotations

import pytest
from kmip_server.attributes import ATTRIBUTES, Origin, Permission, attribute, attribute_names, index_key, is_custom
from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, ItemType, LinkType, NameType, ObjectType, State
from kmip_server.messages import CustomValue, Digest, Link, Name, UsageLimits, X509CertificateSubject
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4

NEVER, ALWAYS = Permission.NEVER, Permission.ALWAYS

# name, since, always, origin, modifiable, deletable, multiple                                               (clause of 1.4)
SAMPLE = [
    ("Unique Identifier", V1_0, True, Origin.SERVER, NEVER, NEVER, False),  # 3.1
    ("Name", V1_0, False, Origin.CLIENT, ALWAYS, ALWAYS, True),  # 3.2
    ("Cryptographic Algorithm", V1_0, True, Origin.CREATION, NEVER, NEVER, False),  # 3.4
    ("Cryptographic Parameters", V1_0, False, Origin.CLIENT, ALWAYS, ALWAYS, True),  # 3.6
    ("Certificate Length", V1_1, True, Origin.CREATION, NEVER, NEVER, False),  # 3.9
    ("Digest", V1_0, True, Origin.SERVER, NEVER, NEVER, True),  # 3.17
    ("Cryptographic Usage Mask", V1_0, True, Origin.CLIENT, NEVER, NEVER, False),  # 3.19
    ("Usage Limits", V1_0, False, Origin.CLIENT, Permission.UNTIL_USED, Permission.UNTIL_USED, False),  # 3.21
    ("State", V1_0, True, Origin.SERVER, NEVER, NEVER, False),  # 3.22
    ("Activation Date", V1_0, False, Origin.CLIENT, Permission.WHILE_PRE_ACTIVE, NEVER, False),  # 3.24
    ("Process Start Date", V1_0, False, Origin.CLIENT, Permission.UNTIL_REACHED, NEVER, False),  # 3.25
    ("Deactivation Date", V1_0, False, Origin.CLIENT, Permission.WHILE_ACTIVE, NEVER, False),  # 3.27
    ("Destroy Date", V1_0, False, Origin.SERVER, NEVER, NEVER, False),  # 3.28
    ("Revocation Reason", V1_0, False, Origin.SERVER, NEVER, NEVER, False),  # 3.31
    ("Object Group", V1_0, False, Origin.CLIENT, ALWAYS, ALWAYS, True),  # 3.33
    ("Fresh", V1_1, False, Origin.CLIENT, NEVER, NEVER, False),  # 3.34
    ("Link", V1_0, False, Origin.CLIENT, ALWAYS, ALWAYS, True),  # 3.35
    ("Contact Information", V1_0, False, Origin.CLIENT, ALWAYS, ALWAYS, False),  # 3.37
    ("Last Change Date", V1_0, True, Origin.SERVER, NEVER, NEVER, False),  # 3.38
    ("Alternative Name", V1_2, False, Origin.CLIENT, ALWAYS, ALWAYS, True),  # 3.40
    ("Original Creation Date", V1_2, False, Origin.CLIENT, NEVER, NEVER, False),  # 3.43
    ("Random Number Generator", V1_3, False, Origin.CLIENT, NEVER, NEVER, False),  # 3.44
    ("Description", V1_4, False, Origin.CLIENT, ALWAYS, ALWAYS, False),  # 3.46
    ("Sensitive", V1_4, True, Origin.CLIENT, ALWAYS, NEVER, False),  # 3.48
    ("Never Extractable", V1_4, True, Origin.SERVER, NEVER, NEVER, False),  # 3.51
]


@pytest.mark.parametrize("expected", SAMPLE, ids=lambda one: str(one[0]))
def test_a_row_says_what_its_clause_says(expected: tuple[object, ...]) -> None:
    rule = attribute(str(expected[0]), V1_4)
    assert rule is not None
    found = (rule.name, rule.since, rule.always, rule.origin, rule.modifiable, rule.deletable, rule.multiple)
    assert found == expected


def test_each_version_has_its_own_attributes() -> None:
    assert [len(attribute_names(version)) for version in (V1_0, V1_1, V1_2, V1_3, V1_4)] == [32, 38, 42, 43, 50 + 24]
    assert attribute("Fresh", V1_0) is None
    assert attribute("Fresh", V1_1) is not None
    assert "Sensitive" not in attribute_names(V1_3)
    assert attribute("fresh", V1_4) is None


def test_names_come_in_the_standards_order() -> None:
    clauses = [tuple(map(int, rule.clause.split("."))) for rule in ATTRIBUTES if not rule.clause.startswith(("2.1", "draft"))]
    assert clauses == sorted(clauses)
    assert attribute_names(V1_0)[:3] == ("Unique Identifier", "Name", "Object Type")


def test_an_object_type_has_what_applies_to_it() -> None:
    opaque = attribute_names(V1_4, ObjectType.OPAQUE_OBJECT)
    assert "Digest" in opaque
    assert "State" not in opaque
    assert "Cryptographic Parameters" not in attribute_names(V1_4, ObjectType.SECRET_DATA)
    assert "Cryptographic Usage Mask" in attribute_names(V1_4, ObjectType.SECRET_DATA)
    assert "Process Start Date" not in attribute_names(V1_4, ObjectType.CERTIFICATE)
    assert "Certificate Type" in attribute_names(V1_4, ObjectType.CERTIFICATE)


def test_custom_attributes_share_a_row() -> None:
    for name in ("x-Product", "y-made by the server", "x-"):
        rule = attribute(name, V1_0)
        assert is_custom(name)
        assert rule is not None
        assert (rule.name, rule.multiple, rule.modifiable) == ("Custom Attribute", True, ALWAYS)
    for name in ("X-Product", "z-Product", "Custom Attribute"):
        assert not is_custom(name)
        assert attribute(name, V1_4) is None


def test_values_are_written_as_their_type_says() -> None:
    types = {rule.name: rule.written.item_type for rule in ATTRIBUTES}
    assert types["Cryptographic Usage Mask"] is ItemType.INTEGER
    assert types["State"] is ItemType.ENUMERATION
    assert types["Initial Date"] is ItemType.DATE_TIME
    assert types["Lease Time"] is ItemType.INTERVAL
    assert types["Name"] is ItemType.STRUCTURE
    assert types["Fresh"] is ItemType.BOOLEAN


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("text", "text"),
        (1_700_000_000, 1_700_000_000),
        (-1, -1),
        (2**70, str(2**70)),
        (True, 1),
        (b"\0\xff", b"\0\xff"),
        (State.ACTIVE, 2),
        (CryptographicAlgorithm.AES, 3),
        (CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT, 12),
        (CustomValue(ItemType.TEXT_STRING, "VMware, Inc."), "VMware, Inc."),
        (Name("a", NameType.URI), "a\x1f2"),
        (Link(LinkType.PARENT_LINK, "id"), "264\x1fid"),
        (UsageLimits(usage_limits_total=7), "7\x1f\x1f"),
        (Digest(hashing_algorithm=6, digest_value=b"\xab"), "6\x1fab\x1f"),  # type: ignore[arg-type]
        (X509CertificateSubject(b"", (b"\1", b"\2")), "\x1f01\x1e02"),
    ],
)
def test_the_index_key_of_a_value(value: object, key: object) -> None:
    found = index_key(value)
    assert found == key
    assert type(found) is type(key)


def test_names_of_another_type_have_another_key() -> None:
    assert index_key(Name("a", NameType.URI)) != index_key(Name("a", NameType.UNINTERPRETED_TEXT_STRING))
