"""Requests in the form of 2.x: what checks write in the form of 1.x, and what answers of 2.x read as."""

from __future__ import annotations

import pytest
from kmip_conformance import requests
from kmip_conformance.judge.reasons import CALLED_IN_2_X, lawful
from kmip_conformance.requests.forms import in_form_of, named_attributes, named_references
from kmip_conformance.tables import (
    V1_4,
    V2_0,
    V2_1,
    V3_0,
    AsynchronousIndicator,
    CryptographicAlgorithm,
    ItemType,
    NameType,
    ObjectType,
    ResultReason,
    Tag,
    exists_in,
)
from kmip_conformance.wire import Item, enumeration, integer, octets, structure, text

UID = text(Tag.UNIQUE_IDENTIFIER, "1")
LENGTH = integer(Tag.CRYPTOGRAPHIC_LENGTH, 256)
NAME = structure(Tag.NAME, text(Tag.NAME_VALUE, "n"), enumeration(Tag.NAME_TYPE, NameType.UNINTERPRETED_TEXT_STRING))
VENDORS = structure(
    Tag.ATTRIBUTE, text(Tag.VENDOR_IDENTIFICATION, "x"), text(Tag.ATTRIBUTE_NAME, "colour"), text(Tag.ATTRIBUTE_VALUE, "red")
)
LENGTH_1_X = requests.attribute("Cryptographic Length", 256)
COLOUR_1_X = requests.attribute("x-colour", "red")


def payload(*children: Item) -> Item:
    return structure(Tag.REQUEST_PAYLOAD, *children)


FORMS = [
    (
        "Create",
        requests.create(ObjectType.SYMMETRIC_KEY, LENGTH_1_X, requests.name("n"), COLOUR_1_X),
        (enumeration(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY), structure(Tag.ATTRIBUTES, LENGTH, NAME, VENDORS)),
    ),
    (
        "Create Key Pair",
        requests.create_key_pair(private=(LENGTH_1_X,), public=(COLOUR_1_X,)),
        (
            structure(
                Tag.COMMON_ATTRIBUTES,
                enumeration(Tag.CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm.RSA),
                integer(Tag.CRYPTOGRAPHIC_LENGTH, 2048),
            ),
            structure(Tag.PRIVATE_KEY_ATTRIBUTES, LENGTH),
            structure(Tag.PUBLIC_KEY_ATTRIBUTES, VENDORS),
        ),
    ),
    (
        "Locate",
        requests.locate(LENGTH_1_X, COLOUR_1_X, maximum=1),
        (integer(Tag.MAXIMUM_ITEMS, 1), structure(Tag.ATTRIBUTES, LENGTH, VENDORS)),
    ),
    ("Locate everything", requests.locate(), (structure(Tag.ATTRIBUTES),)),
    (
        "Get Attributes",
        requests.get_attributes("1", "Cryptographic Length", "x-colour"),
        (
            UID,
            enumeration(Tag.ATTRIBUTE_REFERENCE, Tag.CRYPTOGRAPHIC_LENGTH),
            structure(Tag.ATTRIBUTE_REFERENCE, text(Tag.VENDOR_IDENTIFICATION, "x"), text(Tag.ATTRIBUTE_NAME, "colour")),
        ),
    ),
    ("Add Attribute", requests.add_attribute("1", LENGTH_1_X), (UID, structure(Tag.NEW_ATTRIBUTE, LENGTH))),
    ("Modify Attribute", requests.modify_attribute("1", COLOUR_1_X), (UID, structure(Tag.NEW_ATTRIBUTE, VENDORS))),
    ("Delete Attribute", requests.delete_attribute("1", "Name", 0), (UID, enumeration(Tag.ATTRIBUTE_REFERENCE, Tag.NAME))),
    ("Destroy", requests.destroy("1"), (UID,)),
]


@pytest.mark.parametrize(("item", "expected"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_a_request_is_written_in_the_form_of_its_version(item: Item, expected: tuple[Item, ...]) -> None:
    for version in (V2_0, V2_1):
        assert in_form_of(version, item).first(Tag.REQUEST_PAYLOAD) == payload(*expected)
    assert in_form_of(V1_4, item) == item
    assert in_form_of(V3_0, item) == item


def test_attributes_within_a_key_value_stand_together() -> None:
    value = structure(Tag.KEY_VALUE, octets(Tag.KEY_MATERIAL, b"k"), LENGTH_1_X, COLOUR_1_X)
    key = structure(Tag.SYMMETRIC_KEY, structure(Tag.KEY_BLOCK, value))
    written = in_form_of(V2_1, requests.register(ObjectType.SYMMETRIC_KEY, key))
    found = written.anywhere(Tag.KEY_VALUE)
    assert found == structure(Tag.KEY_VALUE, octets(Tag.KEY_MATERIAL, b"k"), structure(Tag.ATTRIBUTES, LENGTH, VENDORS))


def test_answers_of_both_forms_read_alike() -> None:
    old = structure(Tag.RESPONSE_PAYLOAD, UID, LENGTH_1_X, COLOUR_1_X)
    new = structure(Tag.RESPONSE_PAYLOAD, UID, structure(Tag.ATTRIBUTES, LENGTH, VENDORS))
    assert named_attributes(old) == named_attributes(new) == [LENGTH_1_X, COLOUR_1_X]
    references = structure(Tag.RESPONSE_PAYLOAD, UID, enumeration(Tag.ATTRIBUTE_REFERENCE, Tag.X_509_CERTIFICATE_ISSUER))
    assert named_references(references) == ["X.509 Certificate Issuer"]


def test_the_asynchronous_indicator_is_an_enumeration_since_2_0() -> None:
    def indicator(message: Item) -> Item | None:
        return message.first(Tag.REQUEST_HEADER, Tag.ASYNCHRONOUS_INDICATOR)

    assert indicator(requests.request(V2_1, asynchronous=True)) == enumeration(Tag.ASYNCHRONOUS_INDICATOR, AsynchronousIndicator.OPTIONAL)
    older = indicator(requests.request(V1_4, asynchronous=True))
    assert older is not None
    assert older.type == ItemType.BOOLEAN


def test_reasons_have_their_later_names_under_2_x_alone() -> None:
    assert lawful((ResultReason.ITEM_NOT_FOUND,), V1_4) == (ResultReason.ITEM_NOT_FOUND,)
    assert ResultReason.OBJECT_NOT_FOUND in lawful((ResultReason.ITEM_NOT_FOUND,), V2_0)
    assert all(exists_in(later, V2_1) for names in CALLED_IN_2_X.values() for later in names)
