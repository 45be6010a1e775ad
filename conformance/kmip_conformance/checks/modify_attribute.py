"""Modify Attribute (KMIP 1.4, 4.15): another value for an instance that is there, and for nothing else."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import key_with, key_with_numbered, label, own_name, value_in, values_of
from kmip_conformance.authoring import Conversation, Operation, Reason, Tag, check, expect, kmip_1_4, kmip_2_1, requests

RULE = "4.15 Modify Attribute"
ERRORS = "11.16 Modify Attribute"
NEEDS = [Operation.CREATE, Operation.MODIFY_ATTRIBUTE]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]

rule = partial(check, needs=NEEDS)
seen = partial(check, needs=AND_SHOWS)


@seen(
    "modify-attribute.modifies",
    cites=kmip_1_4(RULE, "modify the value of an existing attribute instance"),
    in_2_x=kmip_2_1("6.1.34 Modify Attribute", "modify the value of an existing attribute instance"),
)
def a_modified_name_is_the_new_one(kmip: Conversation) -> None:
    """A Name that is modified has the new value, and the old one is gone."""
    key, name = kmip.has_key(own_name()), own_name()
    kmip.modify_attribute(key, name).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    expect(values_of(kmip, key, "Name") == [value_in(name)], "whether the key has the new Name alone").is_(wanted=True)


@rule("modify-attribute.returns-the-new-value", cites=kmip_1_4("Table 203: Modify Attribute Response Payload", "with the new value"))
def the_answer_holds_the_new_value(kmip: Conversation) -> None:
    """Modify Attribute answers with the Unique Identifier and the attribute with its new value."""
    name = own_name()
    answer = kmip.modify_attribute(kmip.has_key(own_name()), name).succeeds()
    expect([item.tag for item in answer.payload.children], "the fields of the payload").is_([Tag.UNIQUE_IDENTIFIER, Tag.ATTRIBUTE])
    returned = [item.first(Tag.ATTRIBUTE_VALUE) for item in answer.attributes("Name")]
    expect(returned == [value_in(name)], "whether it is the new Name").is_(wanted=True)


@seen("modify-attribute.index-0-when-none-is-given", cites=kmip_1_4(RULE, "then the Attribute Index SHALL be assumed to be 0"))
def without_an_index_the_first_instance_is_meant(kmip: Conversation) -> None:
    """Without an Attribute Index, instance 0 of two Names is modified, and instance 1 is not."""
    second, new = own_name(), own_name()
    key = key_with_numbered(kmip, own_name(), second)
    kmip.modify_attribute(key, new).succeeds().settle()
    names = kmip.get_attributes(key, "Name").succeeds().attributes("Name")
    values = {name.number(Tag.ATTRIBUTE_INDEX) or 0: name.first(Tag.ATTRIBUTE_VALUE) for name in names}
    expect((values.get(0) == value_in(new), len(values)), "whether instance 0 is the new Name, and how many there are").is_((True, 2))
    expect(values.get(1) == value_in(second), "whether instance 1 is what it was").is_(wanted=True)


@seen("modify-attribute.given-instance-alone", cites=kmip_1_4(RULE, "the specified instance of the attribute"))
def only_the_instance_of_the_index_is_modified(kmip: Conversation) -> None:
    """With the Attribute Index 1, instance 1 of two Names is modified, and instance 0 is not."""
    first, new = own_name(), label()
    key = key_with_numbered(kmip, first, own_name())
    kmip.modify_attribute(key, requests.name(new, index=1)).succeeds().settle()
    names = kmip.get_attributes(key, "Name").succeeds().attributes("Name")
    values = {name.number(Tag.ATTRIBUTE_INDEX) or 0: name.first(Tag.ATTRIBUTE_VALUE) for name in names}
    expect((values.get(1) == value_in(requests.name(new)), len(values)), "whether instance 1 is the new Name, and how many there are").is_(
        (True, 2)
    )
    expect(values.get(0) == value_in(first), "whether instance 0 is what it was").is_(wanted=True)


@seen(
    "modify-attribute.absent-refused",
    cites=kmip_1_4(ERRORS, "A specified attribute does not exist (i.e., it needs to first be added)"),
    in_2_x=kmip_2_1("6.1.34 Modify Attribute", "Only existing attributes MAY be changed via this operation"),
)
def what_is_not_there_is_not_modified(kmip: Conversation) -> None:
    """Modify Attribute of a Name on a key without one fails with Invalid Field, and adds nothing."""
    key = kmip.has_key()
    refused = kmip.modify_attribute(key, own_name()).refuses(because=Reason.INVALID_FIELD)
    refused.or_refuses(because=Reason.ITEM_NOT_FOUND).settle()
    expect(len(values_of(kmip, key, "Name")), "the number of its Names").is_(0)


@seen(
    "modify-attribute.absent-instance-not-found",
    cites=kmip_1_4(RULE, "Specifying an Attribute Index for which there exists no Attribute"),
)
def an_instance_that_is_not_there_is_not_found(kmip: Conversation) -> None:
    """Modify Attribute of instance 7 of a Name that has one instance fails with Item Not Found."""
    name = own_name()
    key = kmip.has_key(name)
    kmip.modify_attribute(key, requests.name(label(), index=7)).refuses(because=Reason.ITEM_NOT_FOUND).settle()
    expect(values_of(kmip, key, "Name") == [value_in(name)], "whether the key has its Name as before").is_(wanted=True)


@seen(
    "modify-attribute.name-of-another-refused",
    cites=kmip_1_4(ERRORS, "Trying to set the Name attribute value to a value already used by another object"),
)
def the_name_of_another_object_is_not_taken(kmip: Conversation) -> None:
    """Modify Attribute of a Name to that of another object fails with Illegal Operation, and the Name stays."""
    taken, name = own_name(), own_name()
    kmip.has_key(taken)
    key = kmip.has_key(name)
    kmip.modify_attribute(key, taken).refuses(because=Reason.ILLEGAL_OPERATION).settle()
    expect(values_of(kmip, key, "Name") == [value_in(name)], "whether the key has its Name as before").is_(wanted=True)


@seen(
    "modify-attribute.custom-attribute",
    cites=kmip_1_4("Table 138: Custom Attribute Rules", "Yes, for client-created attributes"),
    in_2_x=kmip_2_1(
        "4.60 Vendor Attribute",
        "are not created (provided during object creation), set, added, adjusted, modified or deleted by the server",
    ),
)
def a_custom_attribute_is_modified(kmip: Conversation) -> None:
    """A custom attribute of the client's can be modified."""
    key = key_with(kmip, requests.attribute("x-kmiplab-modified", "before"))
    kmip.modify_attribute(key, requests.attribute("x-kmiplab-modified", "after")).succeeds().settle()
    expect([value.value for value in values_of(kmip, key, "x-kmiplab-modified")], "its values").is_(["after"])


@rule(
    "modify-attribute.unknown-object-not-found",
    cites=kmip_1_4(ERRORS, "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[1:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Modify Attribute of an object that does not exist fails with Item Not Found."""
    kmip.modify_attribute("no-such-object", own_name()).refuses(because=Reason.ITEM_NOT_FOUND)


@seen(
    "modify-attribute.placeholder",
    cites=kmip_1_4("Table 202: Modify Attribute Request Payload", "If omitted, then the ID Placeholder value is used by the server"),
    in_2_x=kmip_2_1("6.1.34 Modify Attribute", "If omitted, then the ID Placeholder value is used by the server"),
)
def without_an_identifier_the_placeholder_is_meant(kmip: Conversation) -> None:
    """In one batch, Modify Attribute without identifier after a Create is about the new key."""
    new = own_name()
    reply = kmip.send(requests.create_symmetric_key(own_name()), requests.modify_attribute(None, new), order=True)
    key = reply[0].succeeds().uid
    expect(reply[1].succeeds().uid == key, "whether it is about the new key").is_(wanted=True)
    expect(values_of(kmip, key, "Name") == [value_in(new)], "whether the key has the new Name").is_(wanted=True)


@seen("modify-attribute.wrong-type-refused", cites=kmip_1_4("11.1 General", "Error parsing batch item or payload within batch item"))
def a_value_of_the_wrong_type_is_not_taken(kmip: Conversation) -> None:
    """Modify Attribute of a Name to a text, which is no structure, fails, and the Name stays."""
    name = own_name()
    key = kmip.has_key(name)
    refused = kmip.modify_attribute(key, requests.attribute("Name", "a text")).refuses(because=Reason.INVALID_MESSAGE)
    refused.or_refuses(because=Reason.INVALID_FIELD).settle()
    expect(values_of(kmip, key, "Name") == [value_in(name)], "whether the key has its Name as before").is_(wanted=True)
