"""Delete Attribute (KMIP 1.4, 4.16): one instance less. 1.0 has a rule of its own for several instances and no index."""

from __future__ import annotations

import time
from functools import partial

from kmip_conformance.arranging import key_with, key_with_numbered, own_name, value_in, values_of
from kmip_conformance.authoring import (
    V1_0,
    V1_1,
    Citation,
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

RULE = "4.16 Delete Attribute"
ERRORS = "11.17 Delete Attribute"
REQUIRED = kmip_1_4(RULE, "Attributes that are always REQUIRED to have a value SHALL never be deleted by this operation")
NEEDS = [Operation.CREATE, Operation.DELETE_ATTRIBUTE]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]

rule = partial(check, needs=NEEDS)
seen = partial(check, needs=AND_SHOWS)


@seen(
    "delete-attribute.deletes",
    cites=kmip_1_4(RULE, "delete an attribute associated with a Managed Object"),
    in_2_x=kmip_2_1("6.1.13 Delete Attribute", "delete an attribute associated with a Managed Object"),
    mutants=["attributes.delete-does-nothing"],
)
def a_deleted_name_is_gone(kmip: Conversation) -> None:
    """A Name that is deleted is not there any more."""
    key = kmip.has_key(own_name())
    kmip.delete_attribute(key, "Name").succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    expect(len(values_of(kmip, key, "Name")), "the number of its Names").is_(0)


@rule(
    "delete-attribute.returns-what-it-deleted",
    cites=kmip_1_4("Table 205: Delete Attribute Response Payload", "The deleted attribute"),
    mutants=["attributes.deleted-attribute-not-returned"],
)
def the_answer_holds_the_deleted_attribute(kmip: Conversation) -> None:
    """Delete Attribute answers with the Unique Identifier and the attribute that it deleted."""
    name = own_name()
    answer = kmip.delete_attribute(kmip.has_key(name), "Name").succeeds()
    expect([item.tag for item in answer.payload.children], "the fields of the payload").is_([Tag.UNIQUE_IDENTIFIER, Tag.ATTRIBUTE])
    returned = [item.first(Tag.ATTRIBUTE_VALUE) for item in answer.attributes("Name")]
    expect(returned == [value_in(name)], "whether it is the deleted Name").is_(wanted=True)


@seen(
    "delete-attribute.index-0-when-none-is-given",
    cites=kmip_1_4(RULE, "If no Attribute Index is specified in the request, then the Attribute Index SHALL be assumed to be 0"),
    since=V1_1,
)
def without_an_index_the_first_instance_is_meant(kmip: Conversation) -> None:
    """Without an Attribute Index, instance 0 of two Names is deleted."""
    second = own_name()
    key = key_with_numbered(kmip, own_name(), second)
    kmip.delete_attribute(key, "Name").succeeds().settle()
    expect(values_of(kmip, key, "Name") == [value_in(second)], "whether the second Name is left").is_(wanted=True)


@seen(
    "delete-attribute.several-without-index-refused",
    cites=Citation(
        "KMIP 1.0",
        "4.15 Delete Attribute",
        "the Attribute whose name is specified has multiple instances, then the operation is rejected",
    ),
    until=V1_0,
)
def in_1_0_the_index_has_to_be_said(kmip: Conversation) -> None:
    """Under KMIP 1.0, Delete Attribute without an index of an attribute with two instances fails with Invalid Field."""
    key = key_with_numbered(kmip, own_name(), own_name())
    kmip.delete_attribute(key, "Name").refuses(because=Reason.INVALID_FIELD).settle()
    expect(len(values_of(kmip, key, "Name")), "the number of its Names").is_(2)


@seen(
    "delete-attribute.given-instance-alone",
    cites=kmip_1_4("2.1.1 Attribute", "SHALL NOT change when other instances are added or deleted"),
    mutants=["attributes.instance-not-counted"],
)
def other_instances_keep_their_indices(kmip: Conversation) -> None:
    """When instance 1 of three Names is deleted, the others are still instances 0 and 2."""
    first, third = own_name(), own_name()
    key = key_with_numbered(kmip, first, own_name(), third)
    kmip.delete_attribute(key, "Name", 1).succeeds().settle()
    names = kmip.get_attributes(key, "Name").succeeds().attributes("Name")
    values = {name.number(Tag.ATTRIBUTE_INDEX) or 0: name.first(Tag.ATTRIBUTE_VALUE) for name in names}
    expect(sorted(values), "the indices that are left").is_([0, 2])
    expect(values == {0: value_in(first), 2: value_in(third)}, "whether they have their values").is_(wanted=True)


@seen(
    "delete-attribute.required-refused",
    cites=[REQUIRED, kmip_1_4(ERRORS, "Attempt to delete a read-only/REQUIRED attribute")],
    in_2_x=kmip_2_1(
        "6.1.13 Delete Attribute", "Attributes that are always REQUIRED to have a value SHALL never be deleted by this operation"
    ),
)
def what_is_required_is_not_deleted(kmip: Conversation) -> None:
    """Delete Attribute of the Cryptographic Algorithm, which a key always has, fails with Permission Denied."""
    key = kmip.has_key()
    kmip.delete_attribute(key, "Cryptographic Algorithm").refuses(because=Reason.PERMISSION_DENIED).settle()
    expect(len(values_of(kmip, key, "Cryptographic Algorithm")), "the number of its values").is_(1)


@seen(
    "delete-attribute.state-refused",
    cites=[REQUIRED, kmip_1_4(ERRORS, "Attempt to delete a read-only/REQUIRED attribute")],
    in_2_x=kmip_2_1(
        "6.1.13 Delete Attribute", "Attributes that are always REQUIRED to have a value SHALL never be deleted by this operation"
    ),
)
def the_state_is_not_deleted(kmip: Conversation) -> None:
    """Delete Attribute of State fails with Permission Denied."""
    key = kmip.has_key()
    kmip.delete_attribute(key, "State").refuses(because=Reason.PERMISSION_DENIED).settle()
    expect(len(values_of(kmip, key, "State")), "the number of its States").is_(1)


@seen(
    "delete-attribute.usage-mask-refused",
    cites=[REQUIRED, kmip_1_4("Table 98: Cryptographic Usage Mask Attribute Rules")],
    in_2_x=kmip_2_1(
        "6.1.13 Delete Attribute", "Attributes that are always REQUIRED to have a value SHALL never be deleted by this operation"
    ),
)
def the_usage_mask_is_not_deleted(kmip: Conversation) -> None:
    """Delete Attribute of the Cryptographic Usage Mask fails with Permission Denied."""
    key = kmip.has_key()
    kmip.delete_attribute(key, "Cryptographic Usage Mask").refuses(because=Reason.PERMISSION_DENIED).settle()
    expect(len(values_of(kmip, key, "Cryptographic Usage Mask")), "the number of its masks").is_(1)


@seen(
    "delete-attribute.date-refused",
    cites=kmip_1_4("Table 108: Activation Date Attribute Rules", "Deletable by client | No"),
    in_2_x=kmip_2_1("4.1 Activation Date", "Deletable by client | No"),
)
def an_activation_date_is_not_deleted(kmip: Conversation) -> None:
    """An Activation Date can be moved by a client, but not deleted."""
    key = key_with(kmip, requests.attribute("Activation Date", int(time.time()) + 86_400))
    refused = kmip.delete_attribute(key, "Activation Date").refuses(because=Reason.PERMISSION_DENIED)
    refused.or_acceptably(because=Reason.ILLEGAL_OPERATION).settle()
    expect(len(values_of(kmip, key, "Activation Date")), "the number of its Activation Dates").is_(1)


@rule(
    "delete-attribute.absent-not-found",
    cites=kmip_1_4(ERRORS, "No attribute with the specified name exists"),
    in_2_x=kmip_2_1("6.1.13 Delete Attribute", "Attempting to delete a non-existent attribute"),
)
def what_is_not_there_is_not_found(kmip: Conversation) -> None:
    """Delete Attribute of a Name that a key does not have fails with Item Not Found."""
    kmip.delete_attribute(kmip.has_key(), "Name").refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "delete-attribute.twice-not-found",
    cites=kmip_1_4(RULE, "Attempting to delete a non-existent attribute"),
    in_2_x=kmip_2_1("6.1.13 Delete Attribute", "Attempting to delete a non-existent attribute"),
)
def what_was_deleted_is_not_found(kmip: Conversation) -> None:
    """The second Delete Attribute of one Name fails with Item Not Found."""
    key = kmip.has_key(own_name())
    kmip.delete_attribute(key, "Name").succeeds().settle()
    kmip.delete_attribute(key, "Name").refuses(because=Reason.ITEM_NOT_FOUND)


@seen(
    "delete-attribute.absent-instance-not-found",
    cites=kmip_1_4(RULE, "specifying an Attribute Index for which there exists no Attribute Value SHALL result in an error"),
)
def an_instance_that_is_not_there_is_not_found(kmip: Conversation) -> None:
    """Delete Attribute of instance 7 of a Name that has one instance fails with Item Not Found."""
    key = kmip.has_key(own_name())
    kmip.delete_attribute(key, "Name", 7).refuses(because=Reason.ITEM_NOT_FOUND).settle()
    expect(len(values_of(kmip, key, "Name")), "the number of its Names").is_(1)


@seen(
    "delete-attribute.custom-attribute",
    cites=kmip_1_4("Table 138: Custom Attribute Rules", "Yes, for client-created attributes"),
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute",
        "are not created (provided during object creation), set, added, adjusted, modified or deleted by the server",
    ),
    mutants=["attributes.delete-does-nothing"],
)
def a_custom_attribute_is_deleted(kmip: Conversation) -> None:
    """A custom attribute of the client's can be deleted."""
    key = key_with(kmip, requests.attribute("x-kmiplab-deleted", "here"))
    kmip.delete_attribute(key, "x-kmiplab-deleted").succeeds().settle()
    expect(len(values_of(kmip, key, "x-kmiplab-deleted")), "the number of its values").is_(0)


@seen(
    "delete-attribute.frees-the-name",
    cites=kmip_1_4("3.2 Name", "Names SHALL be unique within a given key management domain"),
    in_2_x=kmip_2_1("4.32 Name", "Names SHALL be unique within a given key management server"),
)
def a_deleted_name_is_free_for_another_object(kmip: Conversation) -> None:
    """A Name that was deleted can become the Name of another object."""
    name = own_name()
    kmip.delete_attribute(kmip.has_key(name), "Name").succeeds().settle()
    kmip.create_symmetric_key(name).succeeds()


@rule(
    "delete-attribute.unknown-object-not-found",
    cites=kmip_1_4(ERRORS, "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[1:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Delete Attribute of an object that does not exist fails with Item Not Found."""
    kmip.delete_attribute("no-such-object", "Name").refuses(because=Reason.ITEM_NOT_FOUND)


@seen(
    "delete-attribute.placeholder",
    cites=kmip_1_4("Table 204: Delete Attribute Request Payload", "If omitted, then the ID Placeholder value is used by the server"),
    in_2_x=kmip_2_1("6.1.13 Delete Attribute", "If omitted, then the ID Placeholder value is used by the server"),
)
def without_an_identifier_the_placeholder_is_meant(kmip: Conversation) -> None:
    """In one batch, Delete Attribute without identifier after a Create is about the new key."""
    reply = kmip.send(requests.create_symmetric_key(own_name()), requests.delete_attribute(None, "Name"), order=True)
    key = reply[0].succeeds().uid
    expect(reply[1].succeeds().uid == key, "whether it is about the new key").is_(wanted=True)
    expect(len(values_of(kmip, key, "Name")), "the number of its Names").is_(0)
