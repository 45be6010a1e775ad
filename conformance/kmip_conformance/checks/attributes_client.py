"""Attributes that clients set: what is set comes back as it is (KMIP 1.4, 3.2, 3.6, 3.18, 3.21 and 3.33 to 3.50)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import adds, key_with, key_with_numbered, label, value_in, values_of
from kmip_conformance.authoring import (
    V1_2,
    V1_4,
    Conversation,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import (
    AlternativeNameType,
    BlockCipherMode,
    HashingAlgorithm,
    LinkType,
    NameType,
    PaddingMethod,
    UsageLimitsUnit,
)
from kmip_conformance.wire import Item, enumeration, text

CREATE = kmip_1_4("4.1 Create", "some of the attributes to be assigned to the object")
NEEDS = [Operation.CREATE, Operation.GET_ATTRIBUTES]
ADDS = [*NEEDS, Operation.ADD_ATTRIBUTE]

rule = partial(check, needs=NEEDS)


def comes_back(kmip: Conversation, name: str, attribute: Item) -> None:
    """A key that is created with this attribute has it, with this very value."""
    found = values_of(kmip, key_with(kmip, attribute), name)
    expect(len(found), f"the number of values of {name}").is_(1)
    expect(found == [value_in(attribute)], f"whether {name} is what was set").is_(wanted=True)


@rule(
    "attributes.name",
    cites=[CREATE, kmip_1_4("3.2 Name", "This attribute is assigned by the client")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_name_comes_back(kmip: Conversation) -> None:
    """A Name comes back with its value and its type."""
    comes_back(kmip, "Name", requests.name(label(), NameType.UNINTERPRETED_TEXT_STRING))


@rule(
    "attributes.name-uri",
    cites=[CREATE, kmip_1_4("3.2 Name", "This attribute is assigned by the client")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_name_that_is_a_uri_comes_back(kmip: Conversation) -> None:
    """A Name of the type URI comes back as one."""
    comes_back(kmip, "Name", requests.name(f"https://example.com/{label()}", NameType.URI))


@rule(
    "attributes.name-of-the-world",
    cites=[CREATE, kmip_1_4("9.1.1.4 Item Value", "UTF-8")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_name_in_other_scripts_comes_back(kmip: Conversation) -> None:
    """A Name in scripts of the world comes back letter by letter."""
    comes_back(kmip, "Name", requests.name(f"Schlüssel ключ 鍵 🔑 {label()}"))


@rule(
    "attributes.cryptographic-parameters",
    cites=[CREATE, kmip_1_4("3.6 Cryptographic Parameters", "a set of OPTIONAL fields")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def cryptographic_parameters_come_back(kmip: Conversation) -> None:
    """Cryptographic Parameters come back with the fields that were set, and no others."""
    parameters = requests.cryptographic_parameters(
        block_cipher_mode=BlockCipherMode.CBC, padding_method=PaddingMethod.PKCS5, hashing_algorithm=HashingAlgorithm.SHA_256
    )
    comes_back(kmip, "Cryptographic Parameters", parameters)


@rule(
    "attributes.cryptographic-parameters-twice",
    cites=kmip_1_4("Table 66: Cryptographic Parameters Attribute Rules", "Multiple instances permitted | Yes"),
    in_2_x=kmip_2_1("4.16 Cryptographic Parameters", "Multiple instances permitted | Yes"),
)
def a_key_has_several_cryptographic_parameters(kmip: Conversation) -> None:
    """A key may have several Cryptographic Parameters: all come back."""
    modes = (BlockCipherMode.CBC, BlockCipherMode.ECB)
    key = key_with_numbered(kmip, *[requests.cryptographic_parameters(block_cipher_mode=mode) for mode in modes])
    found = [value.number(Tag.BLOCK_CIPHER_MODE) for value in values_of(kmip, key, "Cryptographic Parameters")]
    expect(len(found), "the number of Cryptographic Parameters").is_(2)
    expect(found, "their Block Cipher Modes").contains(*modes)


@rule(
    "attributes.object-group",
    cites=[CREATE, kmip_1_4("3.33 Object Group", "An object MAY be part of a group of objects")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def an_object_group_comes_back(kmip: Conversation) -> None:
    """The name of an Object Group comes back."""
    comes_back(kmip, "Object Group", requests.attribute("Object Group", label()))


@rule(
    "attributes.object-group-twice",
    cites=kmip_1_4("3.33 Object Group", "An object MAY belong to more than one group of objects"),
    in_2_x=kmip_2_1("4.35 Object Group", "An object MAY belong to more than one group of objects"),
)
def a_key_belongs_to_two_groups(kmip: Conversation) -> None:
    """A key may belong to two Object Groups: both come back."""
    key = key_with_numbered(kmip, requests.attribute("Object Group", "kmiplab-red"), requests.attribute("Object Group", "kmiplab-blue"))
    expect([value.value for value in values_of(kmip, key, "Object Group")], "its Object Groups").contains("kmiplab-red", "kmiplab-blue")


@rule(
    "attributes.application-specific-information",
    cites=[CREATE, kmip_1_4("3.36 Application Specific Information", "used to store data specific to the application(s)")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def application_specific_information_comes_back(kmip: Conversation) -> None:
    """Application Specific Information comes back with its namespace and its data."""
    comes_back(kmip, "Application Specific Information", requests.application_specific_information("kmiplab", "data of the application"))


@rule(
    "attributes.application-data-made-or-refused",
    cites=[
        kmip_1_4("3.36 Application Specific Information", "then it SHALL return a suitable Application Data value"),
        kmip_1_4("11.15 Add Attribute", "The particular Application Namespace is not supported"),
    ],
    in_2_x=kmip_2_1("4.4 Application Specific Information", "then it SHALL return a suitable Application Data value"),
    needs=ADDS,
)
def application_data_is_made_or_the_namespace_refused(kmip: Conversation) -> None:
    """Without Application Data the server makes some, or fails with Application Namespace Not Supported."""
    attribute = requests.application_specific_information("kmiplab-no-such-namespace", None)
    answer = kmip.add_attribute(kmip.has_key(), attribute).refuses(because=Reason.APPLICATION_NAMESPACE_NOT_SUPPORTED).or_succeeds()
    answer.or_refuses(because=Reason.PERMISSION_DENIED)
    made = [dict.fromkeys(item.tag for item in fields) for fields in answer.values("Application Specific Information")]
    expect([fields for fields in made if Tag.APPLICATION_DATA not in fields], "what was added without data").is_([])


@rule(
    "attributes.contact-information",
    cites=[CREATE, kmip_1_4("3.37 Contact Information", "its content is used for contact purposes only")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def contact_information_comes_back(kmip: Conversation) -> None:
    """Contact Information comes back."""
    comes_back(kmip, "Contact Information", requests.attribute("Contact Information", "Ada Lovelace, +44 20 7946 0000"))


@rule("attributes.operation-policy-name", cites=kmip_1_4("3.18 Operation Policy Name", "It is set either explicitly or via some default"))
def an_operation_policy_name_comes_back(kmip: Conversation) -> None:
    """An Operation Policy Name that is set explicitly comes back."""
    comes_back(kmip, "Operation Policy Name", requests.attribute("Operation Policy Name", "default"))


@rule("attributes.link", cites=kmip_1_4("Table 130: Link Attribute Structure Rules", "Initially set by | Client or Server"), needs=ADDS)
def a_link_comes_back(kmip: Conversation) -> None:
    """A Link to another key comes back with its type and the identifier of that key."""
    key, other = kmip.has_key(), kmip.has_key()
    link = requests.link(LinkType.DERIVATION_BASE_OBJECT_LINK, other)
    adds(kmip, key, link)
    expect(values_of(kmip, key, "Link") == [value_in(link)], "whether it has this Link").is_(wanted=True)


@rule(
    "attributes.usage-limits-count-begins-at-total",
    cites=kmip_1_4("3.21 Usage Limits", "the Usage Limits Count is set to the Usage Limits Total value"),
    in_2_x=kmip_2_1("4.59 Usage Limits", "the Usage Limits Count is set to the Usage Limits Total value"),
)
def usage_limits_begin_whole(kmip: Conversation) -> None:
    """The Usage Limits Count of a new key is its Usage Limits Total, whatever count the client named."""
    key = key_with(kmip, requests.usage_limits(1000, 5, UsageLimitsUnit.BYTE))
    found = values_of(kmip, key, "Usage Limits")
    expect([value.number(Tag.USAGE_LIMITS_TOTAL) for value in found], "the Usage Limits Total").is_([1000])
    expect([value.number(Tag.USAGE_LIMITS_COUNT) for value in found], "the Usage Limits Count").is_([1000])
    expect([value.number(Tag.USAGE_LIMITS_UNIT) for value in found], "the Usage Limits Unit").is_([UsageLimitsUnit.BYTE])


@rule(
    "attributes.alternative-name",
    since=V1_2,
    cites=[CREATE, kmip_1_4("3.40 Alternative Name", "This attribute is assigned by the client")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def an_alternative_name_comes_back(kmip: Conversation) -> None:
    """An Alternative Name comes back with its value and its type."""
    fields = (
        text(Tag.ALTERNATIVE_NAME_VALUE, "serial 0815"),
        enumeration(Tag.ALTERNATIVE_NAME_TYPE, AlternativeNameType.OBJECT_SERIAL_NUMBER),
    )
    comes_back(kmip, "Alternative Name", requests.attribute("Alternative Name", fields))


@rule(
    "attributes.description",
    since=V1_4,
    cites=[CREATE, kmip_1_4("3.46 Description", "used for informational purposes only")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_description_comes_back(kmip: Conversation) -> None:
    """A Description comes back."""
    comes_back(kmip, "Description", requests.attribute("Description", "the key of the back door"))


@rule(
    "attributes.comment",
    since=V1_4,
    cites=[CREATE, kmip_1_4("3.47 Comment", "used for informational purposes only")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_comment_comes_back(kmip: Conversation) -> None:
    """A Comment comes back."""
    comes_back(kmip, "Comment", requests.attribute("Comment", "to be replaced in spring"))
