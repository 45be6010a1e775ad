"""Custom attributes (KMIP 1.4, 3.39): "Any data type or structure", kept as the client sent it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kmip_conformance.arranging import key_with, key_with_numbered, value_in, values_of
from kmip_conformance.authoring import Conversation, Operation, Tag, check, expect, kmip_1_4, kmip_2_1, requests
from kmip_conformance.tables import ItemType
from kmip_conformance.wire import big_integer, boolean, date_time, enumeration, integer, interval, long_integer, text

if TYPE_CHECKING:
    from kmip_conformance.requests.attributes import AttributeValue

RULE = "3.39 Custom Attribute"
ANY_TYPE = kmip_1_4("Table 137 Custom Attribute", "Any data type or structure")
SEVERAL = kmip_1_4("Table 138: Custom Attribute Rules", "Multiple instances permitted | Yes")
NOT_THE_SERVERS = kmip_1_4(
    RULE, "The server SHALL NOT accept a client-created or modified attribute, where the name of the attribute has a prefix of"
)
NEEDS = [Operation.CREATE, Operation.GET_ATTRIBUTES]
VALUE = Tag.ATTRIBUTE_VALUE

rule = partial(check, needs=NEEDS)
numbers = partial(check, cites=ANY_TYPE, needs=NEEDS, mutants=["attributes.custom-lost", "attributes.custom-type-changed"])
others = partial(check, cites=ANY_TYPE, needs=NEEDS, mutants=["attributes.custom-lost"])


def comes_back(kmip: Conversation, value: AttributeValue) -> None:
    """A custom attribute with this value comes back with it, type and all."""
    attribute = requests.attribute("x-kmiplab-custom", value)
    found = values_of(kmip, key_with(kmip, attribute), "x-kmiplab-custom")
    expect([ItemType(item.type) for item in found if item.type in set(ItemType)], "the type of its value").is_(
        [ItemType(value_in(attribute).type)]
    )
    expect(found == [value_in(attribute)], "whether the value is the same").is_(wanted=True)


@others(
    "attributes.custom-text",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_text_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a Text String is kept as it is."""
    comes_back(kmip, "7")


@others(
    "attributes.custom-text-of-the-world",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_text_in_other_scripts_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a Text String in scripts of the world is kept as it is."""
    comes_back(kmip, "Schlüssel · ключ · 鍵 · 🔑")


@others(
    "attributes.custom-text-empty",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def an_empty_custom_text_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is an empty Text String is there, and empty."""
    comes_back(kmip, "")


@numbers(
    "attributes.custom-integer",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_integer_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a negative Integer is kept as it is."""
    comes_back(kmip, integer(VALUE, -7))


@numbers(
    "attributes.custom-long-integer",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_long_integer_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a Long Integer beyond 32 bits is kept as it is."""
    comes_back(kmip, long_integer(VALUE, 2**40 + 1))


@numbers(
    "attributes.custom-big-integer",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_big_integer_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a Big Integer beyond 64 bits is kept as it is."""
    comes_back(kmip, big_integer(VALUE, -(2**100)))


@numbers(
    "attributes.custom-enumeration",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_enumeration_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is an Enumeration, of whatever value, is kept as it is."""
    comes_back(kmip, enumeration(VALUE, 0x80000007))


@numbers(
    "attributes.custom-boolean",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_boolean_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is the Boolean False is kept as it is."""
    comes_back(kmip, boolean(VALUE, value=False))


@others(
    "attributes.custom-byte-string",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_byte_string_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a Byte String of any bytes is kept as it is."""
    comes_back(kmip, bytes(range(256)))


@numbers(
    "attributes.custom-date-time",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_date_time_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a Date-Time after 2038 is kept as it is."""
    comes_back(kmip, date_time(VALUE, 2**31 + 1))


@numbers(
    "attributes.custom-interval",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_interval_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is an Interval is kept as it is."""
    comes_back(kmip, interval(VALUE, 3600))


@others(
    "attributes.custom-structure",
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def a_custom_structure_comes_back(kmip: Conversation) -> None:
    """A custom attribute that is a structure of fields is kept as it is, field by field."""
    comes_back(kmip, (text(Tag.NAME_VALUE, "inside"), integer(Tag.BATCH_COUNT, 7)))


@rule("attributes.custom-several-instances", cites=SEVERAL, mutants=["attributes.custom-lost", "attributes.instance-not-counted"])
def a_custom_attribute_has_several_instances(kmip: Conversation) -> None:
    """A custom attribute may have several instances, which are returned with indices of their own."""
    attributes = [requests.attribute("x-kmiplab-custom", colour) for colour in ("red", "green", "blue")]
    found = kmip.get_attributes(key_with_numbered(kmip, *attributes), "x-kmiplab-custom").succeeds().attributes("x-kmiplab-custom")
    expect([item.number(Tag.ATTRIBUTE_INDEX) or 0 for item in found], "the indices").contains(0, 1, 2)
    expect([item.text(Tag.ATTRIBUTE_VALUE) for item in found], "the values").contains("red", "green", "blue")


@rule(
    "attributes.custom-among-all",
    cites=kmip_1_4("4.12 Get Attributes", "all attributes SHALL be deemed to match"),
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "If no Attribute Reference is provided, the server SHALL return all attributes"),
    mutants=["attributes.custom-lost"],
)
def custom_attributes_are_among_all_attributes(kmip: Conversation) -> None:
    """Get Attributes without names returns custom attributes, too."""
    key = key_with(kmip, requests.attribute("x-kmiplab-custom", "here"))
    expect(kmip.get_attributes(key).succeeds().values("x-kmiplab-custom"), "the values of the custom attribute").is_(["here"])


@rule(
    "attributes.custom-names-are-told-apart",
    cites=ANY_TYPE,
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute", "The Attribute Value is either a primitive data type or structured object, depending on the attribute"
    ),
)
def two_custom_attributes_are_two(kmip: Conversation) -> None:
    """Two custom attributes whose names begin alike are kept apart."""
    key = key_with(kmip, requests.attribute("x-kmiplab", "short"), requests.attribute("x-kmiplab-custom", "long"))
    expect([value.value for value in values_of(kmip, key, "x-kmiplab")], "the values of x-kmiplab").is_(["short"])
    expect([value.value for value in values_of(kmip, key, "x-kmiplab-custom")], "the values of x-kmiplab-custom").is_(["long"])


@rule(
    "attributes.servers-own-not-created",
    cites=NOT_THE_SERVERS,
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute",
        "are not created (provided during object creation), set, added, adjusted, modified or deleted by the client",
    ),
)
def a_key_is_not_created_with_a_servers_attribute(kmip: Conversation) -> None:
    """Names that begin with y- are the server's: Create with such an attribute fails."""
    kmip.create_symmetric_key(requests.attribute("y-kmiplab", "not mine")).refuses()


@rule(
    "attributes.servers-own-not-added",
    cites=NOT_THE_SERVERS,
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute",
        "are not created (provided during object creation), set, added, adjusted, modified or deleted by the client",
    ),
    needs=[*NEEDS, Operation.ADD_ATTRIBUTE],
)
def a_servers_attribute_is_not_added(kmip: Conversation) -> None:
    """Names that begin with y- are the server's: Add Attribute of such an attribute fails, and adds nothing."""
    key = kmip.has_key()
    kmip.add_attribute(key, requests.attribute("y-kmiplab", "not mine")).refuses().settle()
    expect(len(values_of(kmip, key, "y-kmiplab")), "the number of its values").is_(0)
