"""The tables of what may differ: each row in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import oasis_xml as xml
import pytest
from kmip_conformance.oasis.bindings import Bindings
from kmip_conformance.oasis.comparing import Comparison, Kind
from kmip_conformance.oasis.relaxing import Scene, judge
from kmip_conformance.oasis.tolerances import ROWS, TOLERATED
from kmip_conformance.oasis.variations import PERMITTED
from kmip_conformance.tables import V1_0, V1_4, Operation, Tag

if TYPE_CHECKING:
    from pathlib import Path


def query(*lines: str) -> str:
    return xml.answered("Query", *lines)


OPERATION_GET, OPERATION_CREATE = (f'<Operation type="Enumeration" value="{name}"/>' for name in ("Get", "Create"))
STREAMS = '<CapabilityInformation><StreamingCapability type="Boolean" value="{}"/></CapabilityInformation>'
KEY = (
    '<SymmetricKey><KeyBlock><KeyFormatType type="Enumeration" value="{}"/>'
    '<KeyValue><KeyMaterial type="ByteString" value="{}"/></KeyValue></KeyBlock></SymmetricKey>'
)
FORMAT = '<KeyFormatType type="Enumeration" value="{}"/>'
DIGEST = (
    '<Attribute><AttributeName type="TextString" value="Digest"/><AttributeValue>'
    '<HashingAlgorithm type="Enumeration" value="SHA_256"/><DigestValue type="ByteString" value="{}"/></AttributeValue></Attribute>'
)
RNG = '<RNGParameters><RNGAlgorithm type="Enumeration" value="{}"/></RNGParameters>'
DATE = xml.attribute("Initial Date", "DateTime", "2013-06-26T05:13:48+00:00")
VERSIONS = [xml.VERSION.format(major=1, minor=minor) for minor in (4, 3)]
EXTENSION = (
    '<MessageExtension><VendorIdentification type="TextString" value="v"/>'
    '<CriticalityIndicator type="Boolean" value="{}"/></MessageExtension>'
)


ISSUER = (
    '<Attribute><AttributeName type="TextString" value="Certificate Issuer"/><AttributeValue>'
    '<CertificateIssuerDistinguishedName type="TextString" value="{}"/></AttributeValue></Attribute>'
)
C_GET_INFO, OUTPUT = '<PKCS_11Function type="Enumeration" value="C_GetInfo"/>', '<PKCS_11OutputParameters type="ByteString" value="{}"/>'


def data(value: str) -> str:
    return f'<Data type="ByteString" value="{value}"/>'


def with_extension(critical: str) -> str:
    return xml.answered("Get").replace("</BatchItem>", EXTENSION.format(critical) + "</BatchItem>")


def with_format(value: str) -> str:
    return DIGEST.format("00").replace("</AttributeValue></Attribute>", FORMAT.format(value) + "</AttributeValue></Attribute>")


ALLOWED = [
    ("certificate-digest", xml.answered("Get", with_format("Raw")), xml.answered("Get", with_format("X_509")), {"certificate": True}),
    ("certificate-digest", xml.answered("Get", DIGEST.format("00")), xml.answered("Get", with_format("X_509")), {"certificate": True}),
    # row, expected, observed, what is known
    ("identifier", xml.answered("Get", xml.uid("a")), xml.answered("Get", xml.uid("b")), {}),
    ("date", xml.answered("Get", DATE), xml.answered("Get", DATE.replace("2013", "2026")), {}),
    ("key-material", xml.answered("Get", KEY.format("Raw", "00")), xml.answered("Get", KEY.format("Raw", "11")), {"generated": True}),
    ("key-material", xml.answered("Get", KEY.format("Raw", "00")), xml.answered("Get", KEY.format("Raw", "11")), {"varies": True}),
    (
        "output",
        xml.answered("Encrypt", data("00")),
        xml.answered("Encrypt", data("11")),
        {"operation": Operation.ENCRYPT, "generated": True},
    ),
    ("output", xml.answered("Sign", data("00")), xml.answered("Sign", data("11")), {"operation": Operation.SIGN, "varies": True}),
    ("issuer", xml.answered("Get", ISSUER.format("a")), xml.answered("Get", ISSUER.format("b")), {"issued": True}),
    ("digest", xml.answered("Get", DIGEST.format("00")), xml.answered("Get", DIGEST.format("11")), {}),
    ("key-format", xml.answered("Get", KEY.format("Raw", "00")), xml.answered("Get", KEY.format("Opaque", "00")), {"generated": True}),
    ("query-extensions", query('<ApplicationNamespace type="TextString" value="a"/>'), query(), {"operation": Operation.QUERY}),
    ("query-additional", query(OPERATION_GET), query(OPERATION_GET, OPERATION_CREATE), {"operation": Operation.QUERY}),
    ("query-list-varies", query(OPERATION_GET), query(), {"operation": Operation.QUERY, "case": "MSGENC-XML-M-1"}),
    (
        "server-information",
        query('<ServerInformation><ServerName type="TextString" value="a"/></ServerInformation>'),
        query("<ServerInformation></ServerInformation>"),
        {"operation": Operation.QUERY},
    ),
    ("vendor", query('<VendorIdentification type="TextString" value="a"/>'), query(), {"operation": Operation.QUERY}),
    ("additional-attributes", xml.answered("Get"), xml.answered("Get", xml.attribute("State", "Enumeration", "Active")), {}),
    (
        "additional-attributes",
        xml.answered("GetAttributeList"),
        xml.answered("GetAttributeList", '<AttributeName type="TextString" value="State"/>'),
        {},
    ),
    ("servers-own-attribute", xml.answered("Get", xml.attribute("Object Group", "TextString", "g")), xml.answered("Get"), {}),
    (
        "index-zero",
        xml.answered("Get", xml.attribute("x-a", "TextString", "g", 0)),
        xml.answered("Get", xml.attribute("x-a", "TextString", "g")),
        {},
    ),
    ("result-message", xml.refused("Get", "ItemNotFound", "NOT_FOUND"), xml.refused("Get", "ItemNotFound"), {}),
    ("template-attribute", xml.answered("Create"), xml.answered("Create", "<TemplateAttribute></TemplateAttribute>"), {}),
    ("message-extension", xml.answered("Get"), with_extension("false"), {}),
    (
        "more-versions",
        xml.answered("DiscoverVersions", VERSIONS[0]),
        xml.answered("DiscoverVersions", *VERSIONS),
        {"operation": Operation.DISCOVER_VERSIONS},
    ),
    ("random-number-generator", query(RNG.format("DRBG")), query(RNG.format("NRBG")), {"operation": Operation.QUERY}),
    (
        "query-about-itself",
        query(STREAMS.format("true")),
        query(STREAMS.format("false")),
        {"operation": Operation.QUERY, "case": "TC-Q-CAP-1"},
    ),
    (
        "file-fault",
        xml.answered("Encrypt", data("00")),
        xml.answered("Encrypt", data("11")),
        {"case_id": "oasis.1.3.CS-BC-M-6-13", "step": 2, "operation": Operation.ENCRYPT},
    ),
    (
        "pkcs11-library",
        xml.answered("PKCS_11", C_GET_INFO, OUTPUT.format("00")),
        xml.answered("PKCS_11", C_GET_INFO, OUTPUT.format("11")),
        {"operation": Operation.PKCS_11, "answer": xml.item(xml.response(xml.answered("PKCS_11", C_GET_INFO))).first(Tag.BATCH_ITEM)},
    ),
    ("list-order", xml.answered("Locate", xml.uid("a"), xml.uid("b")), xml.answered("Locate", xml.uid("b"), xml.uid("a")), {}),
    ("result-reason", xml.refused("Get", "ItemNotFound"), xml.refused("Get", "PermissionDenied"), {}),
    (
        "attribute-index",
        xml.answered("Get", xml.attribute("x-a", "TextString", "g", 1)),
        xml.answered("Get", xml.attribute("x-a", "TextString", "g")),
        {},
    ),
    (
        "attribute-index",
        xml.answered("Get", xml.attribute("x-a", "TextString", "g", 0)),
        xml.answered("Get", xml.attribute("x-a", "TextString", "g")),
        {"version": V1_0},
    ),
    (
        "attribute-index",
        xml.answered("Get", xml.attribute("x-a", "TextString", "g", 1)),
        xml.answered("Get", xml.attribute("x-a", "TextString", "g", 2)),
        {},
    ),
    (
        "lease-time",
        xml.answered("ObtainLease", '<LeaseTime type="Interval" value="1"/>'),
        xml.answered("ObtainLease", '<LeaseTime type="Interval" value="2"/>'),
        {},
    ),
    ("query-missing", query(OPERATION_GET), query(), {"operation": Operation.QUERY}),
    ("query-silent", query(STREAMS.format("true")), query(), {"operation": Operation.QUERY}),
    (
        "optional-field",
        xml.answered("Locate"),
        xml.answered("Locate", '<LocatedItems type="Integer" value="1"/>'),
        {"operation": Operation.LOCATE},
    ),
    ("empty-payload", xml.answered("Get"), xml.answered("Get").replace("<ResponsePayload></ResponsePayload>", ""), {}),
]

REFUSED = [
    ("the format in a key's digest", xml.answered("Get", with_format("Raw")), xml.answered("Get", with_format("PKCS_1")), {}),
    ("the issuer of a registered certificate", xml.answered("Get", ISSUER.format("a")), xml.answered("Get", ISSUER.format("b")), {}),
    ("no generators at all", query(RNG.format("DRBG")), query(), {"operation": Operation.QUERY}),
    ("another status", xml.answered("Get"), xml.answered("Get").replace("Success", "OperationPending"), {}),
    ("a failure instead", xml.answered("Get"), xml.refused("Get", "ItemNotFound"), {}),
    (
        "no reason",
        xml.refused("Get", "ItemNotFound"),
        xml.refused("Get", "ItemNotFound").replace('<ResultReason type="Enumeration" value="ItemNotFound"/>', ""),
        {},
    ),
    ("registered material", xml.answered("Get", KEY.format("Raw", "00")), xml.answered("Get", KEY.format("Raw", "11")), {}),
    (
        "output under a registered key",
        xml.answered("Encrypt", data("00")),
        xml.answered("Encrypt", data("11")),
        {"operation": Operation.ENCRYPT},
    ),
    (
        "what the server itself encrypted before",
        xml.answered("Decrypt", data("00")),
        xml.answered("Decrypt", data("11")),
        {"operation": Operation.DECRYPT, "generated": True, "given_back": True},
    ),
    ("the format of a registered key", xml.answered("Get", KEY.format("Raw", "00")), xml.answered("Get", KEY.format("Opaque", "00")), {}),
    ("a missing attribute", xml.answered("Get", xml.attribute("State", "Enumeration", "Active")), xml.answered("Get"), {}),
    (
        "another state",
        xml.answered("Get", xml.attribute("State", "Enumeration", "Active")),
        xml.answered("Get", xml.attribute("State", "Enumeration", "PreActive")),
        {},
    ),
    (
        "a group that a request set",
        xml.answered("Get", xml.attribute("Object Group", "TextString", "g")),
        xml.answered("Get"),
        {"attributes_sent": frozenset({"Object Group"})},
    ),
    ("a critical extension", xml.answered("Get"), with_extension("true"), {}),
    (
        "more versions than were asked for",
        xml.answered("DiscoverVersions", VERSIONS[0]),
        xml.answered("DiscoverVersions", *VERSIONS),
        {
            "operation": Operation.DISCOVER_VERSIONS,
            "request": xml.item(xml.request(xml.asked("DiscoverVersions", VERSIONS[0]))).first(Tag.BATCH_ITEM),
        },
    ),
    (
        "a name that is not the object's",
        xml.answered("Get", xml.attribute("x-a", "TextString", "g")),
        xml.answered("Get", xml.attribute("x-a", "TextString", "h")),
        {},
    ),
    (
        "one object more",
        xml.answered("Locate", xml.uid("a")),
        xml.answered("Locate", xml.uid("a"), xml.uid("b")),
        {"operation": Operation.LOCATE},
    ),
    ("fields in another order", xml.answered("Get", xml.uid("a"), data("00")), xml.answered("Get", data("00"), xml.uid("a")), {}),
    ("another type", xml.answered("Get", data("00")), xml.answered("Get", '<Data type="TextString" value="0"/>'), {"generated": True}),
    ("a payload with something in it", xml.answered("Get"), xml.answered("Get", data("00")), {}),
]


@pytest.mark.parametrize(("row", "expected", "observed", "known"), ALLOWED, ids=[row[0] for row in ALLOWED])
def test_each_row_allows_what_it_says(tmp_path: Path, row: str, expected: str, observed: str, known: dict[str, object]) -> None:
    found = xml.differences(tmp_path, expected, observed)
    scene = Scene(**{"case": "TC-OWN-1", "case_id": "oasis.1.4.TC-OWN-1-14", "step": 1, "version": V1_4, **known})  # type: ignore[arg-type]

    assert found
    assert {judged.name if (judged := judge(difference, scene, ROWS)) else None for difference in found} == {row}


@pytest.mark.parametrize(("expected", "observed", "known"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_nothing_else_is_allowed(tmp_path: Path, expected: str, observed: str, known: dict[str, object]) -> None:
    found = xml.differences(tmp_path, expected, observed)
    scene = Scene(**{"case": "TC-OWN-1", "case_id": "oasis.1.4.TC-OWN-1-14", "step": 1, "version": V1_4, **known})  # type: ignore[arg-type]

    assert any(judge(difference, scene, ROWS) is None for difference in found)


def test_a_date_that_a_request_has_fixed_may_not_vary(tmp_path: Path) -> None:
    fixed = xml.attribute("Activation Date", "DateTime", "$NOW-3600")
    own = xml.case(
        tmp_path, xml.request(xml.asked("AddAttribute", xml.uid(), fixed)), xml.response(xml.answered("AddAttribute", xml.uid(), fixed))
    )
    bindings = Bindings(xml.BASE)
    bindings.note_request(own.messages[0].batch_items[0], "$UNIQUE_IDENTIFIER_0")
    came = xml.item(xml.response(xml.answered("AddAttribute", xml.uid("a"), fixed.replace("$NOW-3600", "2013-01-01T00:00:00Z")))).first(
        Tag.BATCH_ITEM
    )

    (of_it,) = Comparison(bindings, subject="$UNIQUE_IDENTIFIER_0").differences(own.messages[1].batch_items[0], came)  # type: ignore[arg-type]
    (of_another,) = Comparison(bindings, subject="$UNIQUE_IDENTIFIER_1").differences(own.messages[1].batch_items[0], came)  # type: ignore[arg-type]

    scene = Scene("TC-OWN-1", "", 1, V1_4)
    assert judge(of_it, scene, ROWS) is None
    assert judge(of_another, scene, ROWS).name == "date"  # type: ignore[union-attr]


def test_now_is_the_servers_time_and_not_any_time(tmp_path: Path) -> None:
    expected = xml.answered("Get", xml.attribute("Initial Date", "DateTime", "$NOW"))

    def at(moment: str) -> str:
        return xml.answered("Get", xml.attribute("Initial Date", "DateTime", moment))

    assert xml.differences(tmp_path, expected, at("2027-01-15T08:01:00Z")) == []  # a minute after xml.BASE
    assert xml.kinds(xml.differences(tmp_path, expected, at("2027-01-15T09:00:00Z"))) == [(Kind.VALUE, "Attribute Value")]


def test_every_row_has_a_name_of_its_own_a_citation_and_an_example() -> None:
    names = [row.name for row in ROWS]

    assert len(set(names)) == len(names)
    assert all(row.text and row.citation for row in ROWS)
    assert all(row.strict for row in PERMITTED)
    assert not any(row.strict for row in TOLERATED)
    in_headers = {"time-stamp", "time-stamp-of-the-server", "asynchronous-correlation", "correlation"}
    assert set(names) - in_headers == {row[0] for row in ALLOWED}
