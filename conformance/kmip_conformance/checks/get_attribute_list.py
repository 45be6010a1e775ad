"""Get Attribute List (KMIP 1.4, 4.13)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import adds, key_with, own_name
from kmip_conformance.authoring import Conversation, Operation, Reason, Tag, check, expect, kmip_1_4, kmip_2_1, requests

RULE = "4.13 Get Attribute List"
ERRORS = "11.14 Get Attribute List"
NAMES = kmip_1_4("Table 199: Get Attribute List Response Payload", "The names of the available attributes")
NEEDS = [Operation.CREATE, Operation.GET_ATTRIBUTE_LIST]
ALWAYS_SET = (
    "Unique Identifier",
    "Object Type",
    "Cryptographic Algorithm",
    "Cryptographic Length",
    "Cryptographic Usage Mask",
    "State",
    "Initial Date",
    "Last Change Date",
)

rule = partial(check, needs=NEEDS)


@rule(
    "get-attribute-list.names-what-is-there",
    in_2_x=kmip_2_1("Table 227: Get Attribute List Response Payload", "The attributes associated with the object"),
    cites=[NAMES, kmip_1_4(RULE, "a list of the attribute names associated with a Managed Object")],
    mutants=["attributes.list-incomplete"],
)
def the_list_names_the_attributes(kmip: Conversation) -> None:
    """The list names what every key always has, and its Name."""
    names = kmip.get_attribute_list(kmip.has_key(own_name())).succeeds().names()
    expect(sorted(names), "the names").contains(*ALWAYS_SET, "Name")


@rule(
    "get-attribute-list.names-nothing-else",
    in_2_x=kmip_2_1("Table 227: Get Attribute List Response Payload", "The attributes associated with the object"),
    cites=NAMES,
)
def what_is_not_there_is_not_named(kmip: Conversation) -> None:
    """The list does not name attributes that the object does not have: no Name, no Destroy Date, no Compromise Date."""
    names = kmip.get_attribute_list(kmip.has_key()).succeeds().names()
    expect(sorted(names), "the names").lacks("Name", "Destroy Date", "Compromise Date", "Revocation Reason")


@rule(
    "get-attribute-list.agrees-with-get-attributes",
    in_2_x=kmip_2_1("Table 227: Get Attribute List Response Payload", "The attributes associated with the object"),
    cites=[NAMES, kmip_1_4("4.12 Get Attributes", "all attributes SHALL be deemed to match the Get Attributes request")],
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
    mutants=["attributes.list-incomplete"],
)
def the_list_names_what_get_attributes_returns(kmip: Conversation) -> None:
    """The names of the list are those of the attributes that Get Attributes returns."""
    key = kmip.has_key(own_name())
    listed = kmip.get_attribute_list(key).succeeds().names()
    attributes = kmip.get_attributes(key).succeeds().all_attributes()
    returned = [attribute.text(Tag.ATTRIBUTE_NAME) for attribute in attributes]
    expect(sorted(set(listed) ^ set(returned)), "the names in one of the two alone").is_([])


@rule(
    "get-attribute-list.custom-attribute",
    in_2_x=kmip_2_1("Table 227: Get Attribute List Response Payload", "The attributes associated with the object"),
    cites=NAMES,
    mutants=["attributes.custom-lost"],
)
def a_custom_attribute_is_named(kmip: Conversation) -> None:
    """The list names a custom attribute, too."""
    key = key_with(kmip, requests.attribute("x-kmiplab-listed", "custom"))
    expect(kmip.get_attribute_list(key).succeeds().names(), "the names").contains("x-kmiplab-listed")


@rule(
    "get-attribute-list.follows-changes",
    in_2_x=kmip_2_1("Table 227: Get Attribute List Response Payload", "The attributes associated with the object"),
    cites=NAMES,
    needs=[*NEEDS, Operation.ADD_ATTRIBUTE, Operation.DELETE_ATTRIBUTE],
    mutants=["attributes.list-incomplete", "attributes.delete-does-nothing"],
)
def the_list_follows_what_is_added_and_deleted(kmip: Conversation) -> None:
    """Name is in the list as soon as it is added, and not any more when it is deleted."""
    key = kmip.has_key()
    adds(kmip, key, own_name())
    expect(kmip.get_attribute_list(key).succeeds().names(), "the names with a Name").contains("Name")
    kmip.delete_attribute(key, "Name").succeeds().settle()
    expect(kmip.get_attribute_list(key).succeeds().names(), "the names without one").lacks("Name")


@rule(
    "get-attribute-list.activation",
    in_2_x=kmip_2_1("Table 227: Get Attribute List Response Payload", "The attributes associated with the object"),
    cites=NAMES,
    needs=[*NEEDS, Operation.ACTIVATE],
)
def activation_adds_a_name_to_the_list(kmip: Conversation) -> None:
    """The list of an Active key names its Activation Date."""
    names = kmip.get_attribute_list(kmip.has_key(active=True)).succeeds().names()
    expect(sorted(names), "the names").contains("Activation Date")


@rule("get-attribute-list.answers-within-bounds", cites=NAMES)
def the_answer_holds_the_fields_of_the_table(kmip: Conversation) -> None:
    """The payload holds the Unique Identifier of the object, then Attribute Names, and nothing else."""
    key = kmip.has_key()
    fields = [item.tag for item in kmip.get_attribute_list(key).succeeds().has(Tag.UNIQUE_IDENTIFIER, key).payload.children]
    expect(fields, "the fields of the payload").is_([Tag.UNIQUE_IDENTIFIER, *[Tag.ATTRIBUTE_NAME] * (len(fields) - 1)])


@rule(
    "get-attribute-list.unknown-object-not-found",
    cites=kmip_1_4(ERRORS, "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[1:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Get Attribute List of an object that does not exist fails with Item Not Found."""
    kmip.get_attribute_list("no-such-object").refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "get-attribute-list.placeholder",
    cites=kmip_1_4("Table 198: Get Attribute List Request Payload", "If omitted, then the ID Placeholder value is used by the server"),
    in_2_x=kmip_2_1("6.1.21 Get Attribute List", "If omitted, then the ID Placeholder value is used by the server"),
)
def without_an_identifier_the_placeholder_is_meant(kmip: Conversation) -> None:
    """In one batch, Get Attribute List without identifier after a Create is about the new key."""
    reply = kmip.send(requests.create_symmetric_key(), requests.get_attribute_list(None), order=True)
    expect(reply[1].succeeds().uid == reply[0].succeeds().uid, "whether it is about the new key").is_(wanted=True)
