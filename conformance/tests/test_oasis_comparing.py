"""Placeholders, and what an answer differs in from the one that is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import oasis_xml as xml
import pytest
from kmip_conformance.oasis.bindings import Bindings, Unbound
from kmip_conformance.oasis.comparing import Kind
from kmip_conformance.oasis.relaxing import Scene, judge
from kmip_conformance.oasis.tolerances import ROWS
from kmip_conformance.tables import V1_4, Tag

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_occurrence_binds_and_later_ones_have_to_be_equal(tmp_path: Path) -> None:
    bindings = Bindings(xml.BASE)

    assert xml.differences(tmp_path, xml.answered("Create", xml.uid()), xml.answered("Create", xml.uid("a-1")), bindings) == []
    assert bindings.values == {"$UNIQUE_IDENTIFIER_0": "a-1"}
    assert xml.differences(tmp_path, xml.answered("Get", xml.uid()), xml.answered("Get", xml.uid("a-1")), bindings) == []
    (other,) = xml.differences(tmp_path, xml.answered("Get", xml.uid()), xml.answered("Get", xml.uid("a-2")), bindings)
    assert other.fixed
    assert judge(other, Scene("TC-OWN-1", "", 1, V1_4), ROWS) is None


def test_instances_of_an_attribute_are_told_apart_by_their_values(tmp_path: Path) -> None:
    first = xml.answered("Get", xml.attribute("x-a", "TextString", "g"), xml.attribute("x-a", "TextString", "h", 1))
    other = xml.answered("Get", xml.attribute("x-a", "TextString", "h"), xml.attribute("x-a", "TextString", "g", 1))

    found = xml.differences(tmp_path, first, other)

    assert xml.kinds(found) == [
        (Kind.EXTRA, "Attribute Index"),
        (Kind.MISSING, "Attribute Index"),
        (Kind.ORDER, "Response Payload"),
    ]
    relaxed = [judge(difference, Scene("TC-OWN-1", "Get", 1, V1_4), ROWS) for difference in found]
    assert [row.name for row in relaxed if row] == ["attribute-index", "attribute-index", "list-order"]


def test_what_is_bound_is_sent_and_what_is_not_cannot_be(tmp_path: Path) -> None:
    request = xml.case(tmp_path, xml.request(xml.asked("Get", xml.uid()))).messages[0].node
    bindings = Bindings(xml.BASE, values={"$UNIQUE_IDENTIFIER_0": "a-1"})

    sent = bindings.item(request).first(Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD)

    assert sent is not None
    assert sent.text(Tag.UNIQUE_IDENTIFIER) == "a-1"
    with pytest.raises(Unbound, match=r"sends \$UNIQUE_IDENTIFIER_0"):
        Bindings(xml.BASE).item(request)


def test_an_identifier_of_the_clients_own_choice_is_chosen_once(tmp_path: Path) -> None:
    request = xml.case(tmp_path, xml.request(xml.asked("Import", xml.uid("$UNIQUE_IDENTIFIER_RANDOM_0")))).messages[0].node
    bindings = Bindings(xml.BASE)

    assert bindings.item(request) == bindings.item(request)
    assert bindings.values["$UNIQUE_IDENTIFIER_RANDOM_0"]


def test_now_is_one_moment_and_moves_by_seconds(tmp_path: Path) -> None:
    payload = xml.attribute("Activation Date", "DateTime", "$NOW-3600")
    request = xml.case(tmp_path, xml.request(xml.asked("AddAttribute", payload))).messages[0].node

    sent = Bindings(xml.BASE).item(request).anywhere(Tag.ATTRIBUTE_VALUE)

    assert sent is not None
    assert sent.value == xml.BASE - 3600


def test_names_and_test_identifiers_are_kept_apart_and_nothing_else(tmp_path: Path) -> None:
    request = (
        xml.case(
            tmp_path,
            xml.request(
                xml.asked(
                    "Locate",
                    '<NameValue type="TextString" value="key"/>',
                    xml.attribute("x-ID", "TextString", "TC-OWN-1-14"),
                    xml.attribute("Object Group", "TextString", "group"),
                    '<Username type="TextString" value="TC-OWN-1"/>',
                )
            ),
        )
        .messages[0]
        .node
    )

    sent = Bindings(xml.BASE, "k1-").item(request)
    texts = [item.value for item in sent.walk() if isinstance(item.value, str)]

    assert texts == ["k1-key", "x-ID", "k1-TC-OWN-1-14", "Object Group", "group", "TC-OWN-1"]


def test_a_literal_that_varied_is_sent_as_it_came(tmp_path: Path) -> None:
    bindings = Bindings(xml.BASE)
    bindings.vary(b"from the file", b"from the target")
    bindings.vary(b"ab", b"cd")
    request = (
        xml.case(
            tmp_path,
            xml.request(
                xml.asked(
                    "Decrypt",
                    f'<Data type="ByteString" value="{b"from the file".hex()}"/>',
                    f'<IVCounterNonce type="ByteString" value="{b"ab".hex()}"/>',
                )
            ),
        )
        .messages[0]
        .node
    )

    sent = bindings.item(request)

    assert sent.anywhere(Tag.DATA).octets() == b"from the target"  # type: ignore[union-attr]
    assert sent.anywhere(Tag.IV_COUNTER_NONCE).octets() == b"ab"  # type: ignore[union-attr]


def test_differences_are_found_where_they_are(tmp_path: Path) -> None:
    expected = xml.answered("Get", xml.uid("a"), '<ObjectType type="Enumeration" value="SymmetricKey"/>')

    assert xml.kinds(xml.differences(tmp_path, expected, expected)) == []
    assert xml.kinds(xml.differences(tmp_path, expected, expected.replace("SymmetricKey", "SecretData"))) == [(Kind.VALUE, "Object Type")]
    assert xml.kinds(xml.differences(tmp_path, expected, xml.answered("Get", xml.uid("a")))) == [(Kind.MISSING, "Object Type")]
    more = xml.answered(
        "Get", xml.uid("a"), '<ObjectType type="Enumeration" value="SymmetricKey"/>', '<LeaseTime type="Interval" value="1"/>'
    )
    assert xml.kinds(xml.differences(tmp_path, expected, more)) == [(Kind.EXTRA, "Lease Time")]
    assert xml.kinds(
        xml.differences(tmp_path, expected, expected.replace('type="Enumeration" value="SymmetricKey"', 'type="Integer" value="2"'))
    ) == [(Kind.TYPE, "Object Type")]
    turned = xml.answered("Get", '<ObjectType type="Enumeration" value="SymmetricKey"/>', xml.uid("a"))
    assert xml.kinds(xml.differences(tmp_path, expected, turned)) == [(Kind.FIELD_ORDER, "Response Payload")]


def test_attributes_are_paired_by_name_and_lists_by_value(tmp_path: Path) -> None:
    state, length = xml.attribute("State", "Enumeration", "Active"), xml.attribute("Cryptographic Length", "Integer", "128")

    assert xml.kinds(xml.differences(tmp_path, xml.answered("Get", state, length), xml.answered("Get", length, state))) == [
        (Kind.ORDER, "Response Payload")
    ]
    other = xml.attribute("Cryptographic Length", "Integer", "256")
    (found,) = xml.differences(tmp_path, xml.answered("Get", state, length), xml.answered("Get", state, other))
    assert (found.kind, found.place.attribute, str(found.place)) == (
        Kind.VALUE,
        "Cryptographic Length",
        "Response Payload / Attribute Cryptographic Length / Attribute Value",
    )
    assert xml.kinds(
        xml.differences(tmp_path, xml.answered("Locate", xml.uid("a"), xml.uid("b")), xml.answered("Locate", xml.uid("b"), xml.uid("a")))
    ) == [(Kind.ORDER, "Response Payload")]


def test_key_material_is_never_shown(tmp_path: Path) -> None:
    expected = xml.answered(
        "Get", '<SymmetricKey><KeyBlock><KeyValue><KeyMaterial type="ByteString" value="00112233"/></KeyValue></KeyBlock></SymmetricKey>'
    )
    (found,) = xml.differences(tmp_path, expected, expected.replace("00112233", "deadbeef"))

    said = f"{found.wish} {found.sight} {found.summary}"
    assert "masked" in said
    assert "deadbeef" not in said
    assert "00112233" not in said
