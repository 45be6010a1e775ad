"""The XML of a message, derived from its tree: the standard's own names and examples, and trees that no server should send."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import hostile_samples
import pytest
import sample_texts
from kmip_reports.render.text import visible
from kmip_reports.render.ttlv_xml import camel_case, ttlv_xml

# Names and what the published test cases and section 6.1 make of them.
NAMES = [
    ("Protocol Version Major", "ProtocolVersionMajor"),
    ("Template-Attribute", "TemplateAttribute"),
    ("Unique Batch Item ID", "UniqueBatchItemID"),
    ("Re-key Key Pair", "ReKeyKeyPair"),
    ("Date-Time", "DateTime"),
    ("MAC Signature", "MACSignature"),
    ("3DES", "DES3"),
    ("X.509", "X_509"),
    ("PKCS#1 v1.5", "PKCS_1V1_5"),
    ("Certificate (obsolete)", "CertificateObsolete"),
    ("", ""),
]

# Lines of a tree, and the elements that section 6.1.6 wants for them.
LINES = [
    ("Batch Count (Integer): 10", '<BatchCount type="Integer" value="10"/>'),
    ("Usage Limits Count (Long Integer): -2", '<UsageLimitsCount type="LongInteger" value="-2"/>'),
    ("Object Type (Enumeration): Symmetric Key (0x00000002)", '<ObjectType type="Enumeration" value="SymmetricKey"/>'),
    ("Object Type (Enumeration): extension (0x80000002)", '<ObjectType type="Enumeration" value="0x80000002"/>'),
    (
        "Cryptographic Usage Mask (Integer): Encrypt | Certificate Sign | 0x80000000 (0x80001004)",
        '<CryptographicUsageMask type="Integer" value="Encrypt CertificateSign 0x80000000"/>',
    ),
    ("Cryptographic Usage Mask (Integer): none (0x00000000)", '<CryptographicUsageMask type="Integer" value="0x00000000"/>'),
    ("Batch Order Option (Boolean): true", '<BatchOrderOption type="Boolean" value="true"/>'),
    ('Attribute Name (Text String): "a: <b> (Integer): 1"', '<AttributeName type="TextString" value="a: &lt;b&gt; (Integer): 1"/>'),
    ("Unique Batch Item ID (Byte String): 514c4b43 (QLKC)", '<UniqueBatchItemID type="ByteString" value="514c4b43"/>'),
    ("Unique Batch Item ID (Byte String): (empty)", '<UniqueBatchItemID type="ByteString" value=""/>'),
    ("Archive Date (Date Time): 2001-01-01T00:00:00Z (978307200)", '<ArchiveDate type="DateTime" value="2001-01-01T00:00:00Z"/>'),
    ("Offset (Interval): 27 s", '<Offset type="Interval" value="27"/>'),
    ("Key Material (Byte String): ** masked, 32 bytes **", '<KeyMaterial type="ByteString" value="** masked, 32 bytes **"/>'),
    ("0x540001 (Long Integer): -2", '<TTLV tag="0x540001" type="LongInteger" value="-2"/>'),
    ("Request Payload (empty)", "<RequestPayload/>"),
    ("! at 0x18: the length -- lies -", "<!-- ! at 0x18: the length - - lies  -->"),
]


@pytest.mark.parametrize(("name", "spelled"), NAMES)
def test_names_are_spelled_as_the_standard_spells_them(name: str, spelled: str) -> None:
    assert camel_case(name) == spelled


@pytest.mark.parametrize(("line", "element"), LINES)
def test_each_type_is_written_as_the_standard_writes_it(line: str, element: str) -> None:
    assert ttlv_xml(line) == element


def test_levels_become_nesting() -> None:
    root = ET.fromstring(ttlv_xml(sample_texts.TREE))
    assert root.tag == "RequestMessage"
    operation = root.find("BatchItem/Operation")
    assert operation is not None
    assert operation.attrib == {"type": "Enumeration", "value": "Destroy"}
    assert root.find("RequestHeader/ProtocolVersion/ProtocolVersionMinor") is not None


def test_an_anomaly_stands_where_it_was_found() -> None:
    text = ttlv_xml("Request Message\n  Batch Count (Integer): 1\n    ! padding is not zero\n  Batch Item (empty)")
    assert [line.strip() for line in text.split("\n")] == [
        "<RequestMessage>",
        '<BatchCount type="Integer" value="1">',
        "<!-- ! padding is not zero -->",
        "</BatchCount>",
        "<BatchItem/>",
        "</RequestMessage>",
    ]


@pytest.mark.parametrize("tree", ["", "\n", "      deep\nflat\n          deeper", visible(hostile_samples.ATTACK), "(): ", "A (B): \n  C"])
def test_whatever_the_tree_is_the_xml_can_be_parsed(tree: str) -> None:
    ET.fromstring(f"<all>{ttlv_xml(tree)}</all>")
