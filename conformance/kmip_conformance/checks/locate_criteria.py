"""Locate (KMIP 1.4, 4.9): each kind of criterion, by itself.

A target may hold many objects and "MAY impose an internal maximum limit": every search therefore names the object, too, by a Name of its
own, and what differs is the criterion beside it. So a search that has to find, finds one object; one that must not, none.
"""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import adds, finds, key_with, key_with_numbered, label, own_name
from kmip_conformance.authoring import (
    V1_1,
    V1_2,
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectType,
    Operation,
    RevocationReasonCode,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import BlockCipherMode, HashingAlgorithm, LinkType, NameType, PaddingMethod
from kmip_conformance.wire import Item, enumeration, text

RULE = "4.9 Locate"
MATCH = kmip_1_4(RULE, "Returned objects SHALL match all of the attributes in the request")
IN_PART = kmip_1_4(RULE, "When an attribute that is defined as a structure is specified, all of the structure fields are not REQUIRED")
MASKS = kmip_1_4(RULE, "a matching candidate object has all of the bits set in its mask that are set in the requested mask")
NEEDS = [Operation.CREATE, Operation.LOCATE]
ENCRYPT, DECRYPT, SIGN = CryptographicUsageMask.ENCRYPT, CryptographicUsageMask.DECRYPT, CryptographicUsageMask.SIGN

rule = partial(check, needs=NEEDS, cites=MATCH)
filters = partial(rule, mutants=["locate.filter-ignored"])


def tells_apart(kmip: Conversation, uid: str, name: Item, so: Item, otherwise: Item) -> None:
    """The object is found by its name together with what it is, and not together with what it is not."""
    expect(finds(kmip, uid, name, so), "whether it is found by what it is").is_(wanted=True)
    expect(finds(kmip, uid, name, otherwise), "whether it is found by what it is not").is_(wanted=False)


@filters(
    "locate.name",
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    mutants=["locate.filter-ignored"],
)
def an_object_is_found_by_its_name(kmip: Conversation) -> None:
    """Locate by a Name finds the object of that Name, and no other."""
    name, key, other = own_name(), kmip.has_key(), kmip.has_key(own_name())
    named = kmip.has_key(name)
    found = kmip.locate(name).succeeds().values_of(Tag.UNIQUE_IDENTIFIER)
    expect([uid in found for uid in (named, other, key)], "whether it, another and a nameless key are found").is_([True, False, False])
    expect(len(found), "the number of objects found").is_(1)


@filters("locate.name-in-full", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def a_longer_name_is_another(kmip: Conversation) -> None:
    """Locate by a Name does not find an object whose Name merely begins so."""
    text = label()
    key = kmip.has_key(requests.name(f"{text}-and-more"))
    expect(finds(kmip, key, requests.name(text)), "whether it is found").is_(wanted=False)


@rule("locate.name-type", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def a_name_of_another_type_does_not_match(kmip: Conversation) -> None:
    """Locate by a Name of the type URI does not find an object whose Name has the same text, but is no URI."""
    text = label()
    key = kmip.has_key(requests.name(text, NameType.UNINTERPRETED_TEXT_STRING))
    expect(finds(kmip, key, requests.name(text, NameType.URI)), "whether it is found").is_(wanted=False)


@rule(
    "locate.name-value-alone",
    cites=IN_PART,
    in_2_x=kmip_2_1(
        "6.1.28 Locate", "When an attribute that is defined as a structure is specified, all of the structure fields are not REQUIRED"
    ),
)
def the_type_of_a_name_need_not_be_said(kmip: Conversation) -> None:
    """Locate by a Name Value without Name Type finds the object of that Name."""
    text_of_name = label()
    key = kmip.has_key(requests.name(text_of_name))
    expect(finds(kmip, key, requests.attribute("Name", (text(Tag.NAME_VALUE, text_of_name),))), "whether it is found").is_(wanted=True)


@rule(
    "locate.two-names", cites=MATCH, in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request")
)
def both_of_two_names_have_to_match(kmip: Conversation) -> None:
    """Locate by two Names finds the object that has both, once, and not one that has one of them alone."""
    one, two, three = own_name(), own_name(), own_name()
    key = key_with_numbered(kmip, one, two)
    kmip.has_key(three)
    expect(kmip.locate(one, two).succeeds().values_of(Tag.UNIQUE_IDENTIFIER) == [key], "whether it alone is found").is_(wanted=True)
    expect(kmip.locate(one, three).succeeds().values_of(Tag.UNIQUE_IDENTIFIER), "what is found by the names of two objects").is_([])


@rule("locate.index-ignored", cites=kmip_1_4(RULE, "Attribute Index values that are provided SHALL be ignored"))
def an_index_does_not_matter(kmip: Conversation) -> None:
    """An Attribute Index in a criterion is ignored."""
    name = label()
    key = kmip.has_key(requests.name(name))
    expect(finds(kmip, key, requests.name(name, index=5)), "whether it is found").is_(wanted=True)


@rule(
    "locate.unique-identifier",
    cites=kmip_1_4(RULE, "All attributes are allowed to be used"),
    in_2_x=kmip_2_1("6.1.28 Locate", "All attributes are allowed to be used"),
)
def an_object_is_found_by_its_identifier(kmip: Conversation) -> None:
    """Locate by a Unique Identifier finds that object alone."""
    key, _ = kmip.has_key(), kmip.has_key()
    found = kmip.locate(requests.attribute("Unique Identifier", key)).succeeds().values_of(Tag.UNIQUE_IDENTIFIER)
    expect(found == [key], "whether it alone is found").is_(wanted=True)


@filters("locate.object-type", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def an_object_is_found_by_its_type(kmip: Conversation) -> None:
    """A key is found by the Object Type Symmetric Key, not by Secret Data."""
    name = own_name()
    so, otherwise = (requests.attribute("Object Type", kind) for kind in (ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA))
    tells_apart(kmip, kmip.has_key(name), name, so, otherwise)


@filters(
    "locate.secret-data",
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    needs=[Operation.REGISTER, Operation.LOCATE, ObjectType.SECRET_DATA],
)
def secret_data_is_found_by_its_type(kmip: Conversation) -> None:
    """Secret Data is found by its Object Type, not by Symmetric Key."""
    name = own_name()
    so, otherwise = (requests.attribute("Object Type", kind) for kind in (ObjectType.SECRET_DATA, ObjectType.SYMMETRIC_KEY))
    tells_apart(kmip, kmip.has_secret(name), name, so, otherwise)


@filters("locate.state", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def an_object_is_found_by_its_state(kmip: Conversation) -> None:
    """A new key is found by the State Pre-Active, not by Active."""
    name = own_name()
    so, otherwise = (requests.attribute("State", state) for state in (State.PRE_ACTIVE, State.ACTIVE))
    tells_apart(kmip, kmip.has_key(name), name, so, otherwise)


@filters(
    "locate.state-after-activation",
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    needs=[*NEEDS, Operation.ACTIVATE],
)
def an_activated_object_is_found_as_active(kmip: Conversation) -> None:
    """An activated key is found by the State Active, not by Pre-Active any more."""
    name = own_name()
    so, otherwise = (requests.attribute("State", state) for state in (State.ACTIVE, State.PRE_ACTIVE))
    tells_apart(kmip, kmip.has_key(name, active=True), name, so, otherwise)


@filters(
    "locate.revoked-object",
    needs=[*NEEDS, Operation.REVOKE],
    cites=[MATCH, IN_PART],
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
)
def a_compromised_object_is_found_as_such(kmip: Conversation) -> None:
    """A compromised key is found by its State, and by the code of its Revocation Reason."""
    name = own_name()
    key = kmip.has_key(name)
    kmip.revoke(key, RevocationReasonCode.KEY_COMPROMISE, compromise_occurrence=1_000_000_000).succeeds().settle()
    expect(finds(kmip, key, name, requests.attribute("State", State.COMPROMISED)), "whether it is found by its State").is_(wanted=True)
    codes = (RevocationReasonCode.KEY_COMPROMISE, RevocationReasonCode.SUPERSEDED)
    so, otherwise = (requests.attribute("Revocation Reason", (enumeration(Tag.REVOCATION_REASON_CODE, code),)) for code in codes)
    tells_apart(kmip, key, name, so, otherwise)


@filters("locate.algorithm", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def a_key_is_found_by_its_algorithm(kmip: Conversation) -> None:
    """An AES key is found by the Cryptographic Algorithm AES, not by Blowfish."""
    name = own_name()
    algorithms = (CryptographicAlgorithm.AES, CryptographicAlgorithm.BLOWFISH)
    so, otherwise = (requests.attribute("Cryptographic Algorithm", algorithm) for algorithm in algorithms)
    tells_apart(kmip, kmip.has_key(name), name, so, otherwise)


@filters("locate.length", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def a_key_is_found_by_its_length(kmip: Conversation) -> None:
    """A key of 256 bits is found by this Cryptographic Length, not by 128."""
    name = own_name()
    so, otherwise = (requests.attribute("Cryptographic Length", length) for length in (256, 128))
    tells_apart(kmip, kmip.has_key(name, length=256), name, so, otherwise)


@filters(
    "locate.usage-mask-in-part",
    cites=MASKS,
    in_2_x=kmip_2_1("6.1.28 Locate", "a matching candidate object has all of the bits set in its mask that are set in the requested mask"),
)
def a_key_is_found_by_one_of_its_uses(kmip: Conversation) -> None:
    """A key that may encrypt and decrypt is found by Encrypt, not by Sign."""
    name = own_name()
    so, otherwise = (requests.attribute("Cryptographic Usage Mask", mask) for mask in (ENCRYPT, SIGN))
    tells_apart(kmip, kmip.has_key(name), name, so, otherwise)


@filters(
    "locate.usage-mask-in-full",
    cites=MASKS,
    in_2_x=kmip_2_1("6.1.28 Locate", "a matching candidate object has all of the bits set in its mask that are set in the requested mask"),
)
def a_key_is_found_by_all_of_its_uses(kmip: Conversation) -> None:
    """A key that may encrypt and decrypt is found by both uses, not by Encrypt and Sign, of which it has but one."""
    name = own_name()
    so, otherwise = (requests.attribute("Cryptographic Usage Mask", mask) for mask in (ENCRYPT | DECRYPT, ENCRYPT | SIGN))
    tells_apart(kmip, kmip.has_key(name), name, so, otherwise)


@filters(
    "locate.cryptographic-parameters",
    cites=[MATCH, IN_PART],
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
)
def a_key_is_found_by_some_of_its_parameters(kmip: Conversation) -> None:
    """A key is found by one field of its Cryptographic Parameters, not by another value of that field."""
    name = own_name()
    parameters = requests.cryptographic_parameters(
        block_cipher_mode=BlockCipherMode.CBC, padding_method=PaddingMethod.PKCS5, hashing_algorithm=HashingAlgorithm.SHA_256
    )
    modes = (BlockCipherMode.CBC, BlockCipherMode.ECB)
    so, otherwise = (requests.cryptographic_parameters(block_cipher_mode=mode) for mode in modes)
    tells_apart(kmip, key_with(kmip, name, parameters), name, so, otherwise)


@filters("locate.object-group", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def a_key_is_found_by_its_group(kmip: Conversation) -> None:
    """A key is found by its Object Group, not by another."""
    name, group = own_name(), label()
    so, otherwise = (requests.attribute("Object Group", text) for text in (group, label()))
    tells_apart(kmip, key_with(kmip, name, so), name, so, otherwise)


@filters(
    "locate.contact-information", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request")
)
def a_key_is_found_by_its_contact(kmip: Conversation) -> None:
    """A key is found by its Contact Information, not by another."""
    name = own_name()
    so, otherwise = (requests.attribute("Contact Information", text) for text in ("Ada", "Grace"))
    tells_apart(kmip, key_with(kmip, name, so), name, so, otherwise)


@filters(
    "locate.application-specific-information",
    cites=[MATCH, IN_PART],
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
)
def a_key_is_found_by_the_namespace_of_its_application(kmip: Conversation) -> None:
    """A key is found by the Application Namespace of its Application Specific Information alone, not by another namespace."""
    name = own_name()
    so, otherwise = (requests.application_specific_information(namespace, None) for namespace in ("kmiplab", "kmiplab-other"))
    tells_apart(kmip, key_with(kmip, name, requests.application_specific_information("kmiplab", "data")), name, so, otherwise)


@filters(
    "locate.link",
    needs=[*NEEDS, Operation.ADD_ATTRIBUTE],
    cites=kmip_1_4(RULE, "if the Linked Object Identifier value is specified without the Link Type value"),
    in_2_x=kmip_2_1("6.1.28 Locate", "if the Linked Object Identifier value is specified without the Link Type value"),
)
def a_key_is_found_by_what_it_is_linked_to(kmip: Conversation) -> None:
    """A key is found by the identifier of the key that it is linked to, irrespective of the type of the Link."""
    name, base = own_name(), kmip.has_key()
    key = kmip.has_key(name)
    adds(kmip, key, requests.link(LinkType.DERIVATION_BASE_OBJECT_LINK, base))
    so, otherwise = (requests.attribute("Link", (text(Tag.LINKED_OBJECT_IDENTIFIER, uid),)) for uid in (base, key))
    tells_apart(kmip, key, name, so, otherwise)


@filters(
    "locate.usage-limits",
    since=V1_1,
    cites=kmip_1_4(RULE, "equal to or larger than the values specified in the request"),
    in_2_x=kmip_2_1("6.1.28 Locate", "equal to or larger than the values specified in the request"),
)
def a_key_is_found_by_limits_that_it_has_left(kmip: Conversation) -> None:
    """A key for 1000 bytes is found by Usage Limits of 500, not by Usage Limits of 2000."""
    name = own_name()
    so, otherwise = (requests.usage_limits(total, total) for total in (500, 2000))
    tells_apart(kmip, key_with(kmip, name, requests.usage_limits(1000, 1000)), name, so, otherwise)


@filters("locate.custom-text", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def a_key_is_found_by_a_custom_text(kmip: Conversation) -> None:
    """A key is found by a custom attribute that is a text, not by another text."""
    name = own_name()
    so, otherwise = (requests.attribute("x-kmiplab-colour", colour) for colour in ("red", "blue"))
    tells_apart(kmip, key_with(kmip, name, so), name, so, otherwise)


@filters("locate.custom-number", in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"))
def a_key_is_found_by_a_custom_number(kmip: Conversation) -> None:
    """A key is found by a custom attribute that is a number, not by another number."""
    name = own_name()
    so, otherwise = (requests.attribute("x-kmiplab-number", number) for number in (7, 8))
    tells_apart(kmip, key_with(kmip, name, so), name, so, otherwise)


@filters(
    "locate.alternative-name",
    since=V1_2,
    cites=[MATCH, kmip_1_4("3.40 Alternative Name", "used to identify and locate the object")],
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
)
def a_key_is_found_by_an_alternative_name(kmip: Conversation) -> None:
    """A key is found by the value of its Alternative Name, not by another value."""
    name = own_name()
    kind = enumeration(Tag.ALTERNATIVE_NAME_TYPE, 1)
    so, otherwise = (requests.attribute("Alternative Name", (text(Tag.ALTERNATIVE_NAME_VALUE, value), kind)) for value in ("one", "two"))
    tells_apart(kmip, key_with(kmip, name, so), name, so, otherwise)
