"""Add Attribute (KMIP 1.4, 4.14): the first instance of an attribute, further ones, and what may not be added."""

from __future__ import annotations

import time
from functools import partial

from kmip_conformance.arranging import adds, key_with, label, own_name, value_in, values_of
from kmip_conformance.authoring import Conversation, ObjectType, Operation, Reason, Tag, check, expect, kmip_1_4, kmip_2_1, requests

RULE = "4.14 Add Attribute"
ERRORS = "11.15 Add Attribute"
NEEDS = [Operation.CREATE, Operation.ADD_ATTRIBUTE]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]
DAY = 86_400

rule = partial(check, needs=NEEDS)
seen = partial(check, needs=AND_SHOWS)


@seen(
    "add-attribute.adds",
    cites=kmip_1_4(RULE, "add a new attribute instance to be associated with a Managed Object and set its value"),
    in_2_x=kmip_2_1("6.1.2 Add Attribute", "add a new attribute instance to be associated with a Managed Object and set its value"),
)
def what_is_added_is_there(kmip: Conversation) -> None:
    """A Name that is added to a key without one is the Name of the key."""
    key, name = kmip.has_key(), own_name()
    kmip.add_attribute(key, name).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    expect(values_of(kmip, key, "Name") == [value_in(name)], "whether the key has this Name").is_(wanted=True)


@rule("add-attribute.returns-what-it-added", cites=kmip_1_4("Table 201: Add Attribute Response Payload", "The added attribute"))
def the_answer_holds_the_attribute(kmip: Conversation) -> None:
    """Add Attribute answers with the Unique Identifier and the attribute that was added: its name and its value."""
    name = own_name()
    answer = kmip.add_attribute(kmip.has_key(), name).succeeds()
    expect([item.tag for item in answer.payload.children], "the fields of the payload").is_([Tag.UNIQUE_IDENTIFIER, Tag.ATTRIBUTE])
    returned = answer.attributes("Name")
    expect([item.first(Tag.ATTRIBUTE_VALUE) for item in returned] == [value_in(name)], "whether it is the added Name").is_(wanted=True)


@rule("add-attribute.further-instance-has-an-index", cites=kmip_1_4(RULE, "The response returns a new Attribute Index"))
def a_second_instance_gets_an_index_of_its_own(kmip: Conversation) -> None:
    """The answer that adds a second Name says its Attribute Index, which is not that of the first."""
    key = kmip.has_key(own_name())
    indices = [item.number(Tag.ATTRIBUTE_INDEX) for item in adds(kmip, key, own_name()).attributes("Name")]
    expect(len(indices), "the number of attributes in the answer").is_(1)
    expect(bool(indices[0]), "whether it has an index other than 0").is_(wanted=True)


@seen(
    "add-attribute.leaves-other-instances", cites=kmip_1_4(RULE, "Existing attribute values SHALL only be changed by the Modify Attribute")
)
def the_first_instance_stays_when_a_second_is_added(kmip: Conversation) -> None:
    """A second Name does not take the place of the first."""
    first, second = own_name(), own_name()
    key = kmip.has_key(first)
    adds(kmip, key, second)
    names = kmip.get_attributes(key, "Name").succeeds().attributes("Name")
    oldest = [item.first(Tag.ATTRIBUTE_VALUE) for item in names if not item.number(Tag.ATTRIBUTE_INDEX)]
    expect(len(names), "the number of Names").is_(2)
    expect(oldest == [value_in(first)], "whether the first Name still has the index 0").is_(wanted=True)


@seen(
    "add-attribute.several-in-a-batch",
    cites=kmip_1_4(RULE, "Multiple Add Attribute requests MAY be included in a single batched request to add multiple attributes"),
)
def several_attributes_are_added_in_one_message(kmip: Conversation) -> None:
    """Three Add Attributes in one batch add three instances of a custom attribute, as vCenter tags its keys."""
    key = key_with(kmip, requests.attribute("x-kmiplab-batch", "zero"))
    items = [requests.add_attribute(key, requests.attribute("x-kmiplab-batch", text)) for text in ("one", "two")]
    reply = kmip.send(*items, requests.add_attribute(key, requests.attribute("x-kmiplab-other", "three")), order=True)
    _ = [reply[index].succeeds().uid for index in range(3)]
    expect([value.value for value in values_of(kmip, key, "x-kmiplab-batch")], "the values").contains("zero", "one", "two")
    expect([value.value for value in values_of(kmip, key, "x-kmiplab-other")], "the values of the other").is_(["three"])


@rule(
    "add-attribute.server-set-refused",
    cites=kmip_1_4(ERRORS, "Attempt to add a read-only attribute"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "Attempt to set a Read Only Attribute"),
)
def what_only_the_server_sets_is_not_added(kmip: Conversation) -> None:
    """Add Attribute of a Compromise Date, which only the server sets, fails with Permission Denied."""
    kmip.add_attribute(kmip.has_key(), requests.attribute("Compromise Date", 1_000_000_000)).refuses(because=Reason.PERMISSION_DENIED)


@rule(
    "add-attribute.state-refused",
    cites=[kmip_1_4(ERRORS, "Attempt to add a read-only attribute"), kmip_1_4(ERRORS, "The specified attribute already exists")],
    in_2_x=kmip_2_1("4.57 State", "The State SHALL only be changed by the server"),
)
def a_second_state_is_not_added(kmip: Conversation) -> None:
    """Add Attribute of a State fails: it is read-only, and is there already."""
    refused = kmip.add_attribute(kmip.has_key(), requests.attribute("State", 2)).refuses(because=Reason.PERMISSION_DENIED)
    refused.or_refuses(because=Reason.ILLEGAL_OPERATION)


@seen("add-attribute.single-instance-once", cites=kmip_1_4(ERRORS, "The specified attribute already exists"))
def a_single_attribute_is_not_added_twice(kmip: Conversation) -> None:
    """Add Attribute of a second Activation Date fails with Illegal Operation, and the first stays as it was."""
    date = int(time.time()) + DAY
    key = key_with(kmip, requests.attribute("Activation Date", date))
    refused = kmip.add_attribute(key, requests.attribute("Activation Date", date + DAY)).refuses(because=Reason.ILLEGAL_OPERATION)
    refused.or_acceptably(because=Reason.PERMISSION_DENIED).settle()
    expect([value.value == date for value in values_of(kmip, key, "Activation Date")], "whether each is the old date").is_([True])


@rule("add-attribute.index-refused", cites=kmip_1_4(ERRORS, "New attribute contains Attribute Index"))
def the_client_does_not_choose_the_index(kmip: Conversation) -> None:
    """Add Attribute with an Attribute Index fails with Invalid Field."""
    kmip.add_attribute(kmip.has_key(), requests.name(label(), index=3)).refuses(because=Reason.INVALID_FIELD)


@seen(
    "add-attribute.name-of-another-refused",
    cites=kmip_1_4(ERRORS, "Trying to add a Name attribute with the same value that another object already has"),
)
def the_name_of_another_object_is_not_added(kmip: Conversation) -> None:
    """Add Attribute of a Name that another object has fails with Illegal Operation."""
    name = own_name()
    kmip.has_key(name)
    key = kmip.has_key()
    kmip.add_attribute(key, name).refuses(because=Reason.ILLEGAL_OPERATION).settle()
    expect(len(values_of(kmip, key, "Name")), "the number of its Names").is_(0)


@check(
    "add-attribute.not-for-this-object-refused",
    cites=kmip_1_4(ERRORS, "Attempt to add an attribute that is not supported for this object"),
    needs=[Operation.REGISTER, Operation.ADD_ATTRIBUTE, ObjectType.OPAQUE_OBJECT],
)
def an_opaque_object_takes_no_activation_date(kmip: Conversation) -> None:
    """Add Attribute of an Activation Date, which cryptographic objects have, to an Opaque Object fails with Permission Denied."""
    opaque = kmip.ask(requests.register_opaque(b"opaque")).uid
    kmip.add_attribute(opaque, requests.attribute("Activation Date", 1_000_000_000)).refuses(because=Reason.PERMISSION_DENIED)


@rule("add-attribute.unknown-name-refused", cites=kmip_1_4(ERRORS, "Attempt to add an attribute that is not supported for this object"))
def an_attribute_that_nobody_knows_is_not_added(kmip: Conversation) -> None:
    """Add Attribute of a name that is neither the standard's nor custom fails with Permission Denied."""
    refused = kmip.add_attribute(kmip.has_key(), requests.attribute("No Such Attribute", "x")).refuses(because=Reason.PERMISSION_DENIED)
    refused.or_acceptably(because=(Reason.INVALID_FIELD, Reason.INVALID_MESSAGE, Reason.ITEM_NOT_FOUND))


@seen(
    "add-attribute.wrong-type-refused",
    cites=kmip_1_4("11.1 General", "Error parsing batch item or payload within batch item"),
)
def a_value_of_the_wrong_type_is_not_added(kmip: Conversation) -> None:
    """Add Attribute of a Name that is a text, not a structure, fails, and the key gets no Name."""
    key = kmip.has_key()
    refused = kmip.add_attribute(key, requests.attribute("Name", "a text")).refuses(because=Reason.INVALID_MESSAGE)
    refused.or_refuses(because=Reason.INVALID_FIELD).settle()
    expect(len(values_of(kmip, key, "Name")), "the number of its Names").is_(0)


@rule(
    "add-attribute.unknown-object-not-found",
    cites=kmip_1_4(ERRORS, "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[1:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Add Attribute to an object that does not exist fails with Item Not Found."""
    kmip.add_attribute("no-such-object", own_name()).refuses(because=Reason.ITEM_NOT_FOUND)


@seen(
    "add-attribute.placeholder",
    cites=kmip_1_4("Table 200: Add Attribute Request Payload", "If omitted, then the ID Placeholder value is used by the server"),
    in_2_x=kmip_2_1("6.1.2 Add Attribute", "If omitted, then the ID Placeholder value is used by the server"),
)
def without_an_identifier_the_placeholder_is_meant(kmip: Conversation) -> None:
    """In one batch, Add Attribute without identifier after a Create adds to the new key."""
    name = own_name()
    reply = kmip.send(requests.create_symmetric_key(), requests.add_attribute(None, name), order=True)
    key = reply[0].succeeds().uid
    expect(reply[1].succeeds().uid == key, "whether it is about the new key").is_(wanted=True)
    expect(values_of(kmip, key, "Name") == [value_in(name)], "whether the key has the Name").is_(wanted=True)
