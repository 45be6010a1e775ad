"""Get Attributes (KMIP 1.4, 4.12): which attributes it returns. What is in them is the business of the family attributes."""

from __future__ import annotations

from collections import Counter
from functools import partial

from kmip_conformance import tables
from kmip_conformance.arranging import key_with_numbered, label, own_name
from kmip_conformance.authoring import (
    V1_1,
    Conversation,
    ObjectType,
    Operation,
    Reason,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.wire.schema import misfits

RULE = "4.12 Get Attributes"
ERRORS = "11.13 Get Attributes"
ABSENT = "If no requested attributes exist, then the response SHALL consist only of the Unique Identifier"
EVERYTHING = "If no attribute name is specified in the request, all attributes SHALL be deemed to match the Get Attributes request"
INDICES = "2.1.1 Attribute"
SERVERS_OWN = "All custom attributes created by the key management server SHALL adhere to a naming scheme"
NEEDS = [Operation.CREATE, Operation.GET_ATTRIBUTES]
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
"""What every symmetric key "SHALL always have", in every version (the tables of KMIP 1.4, 3)."""

rule = partial(check, needs=NEEDS)


def names_in(fields: list[str | None]) -> list[str]:
    """The names without those that could not be read."""
    return [name for name in fields if name]


@rule(
    "get-attributes.named-ones-alone",
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "the attributes are specified by their name in the request"),
    cites=kmip_1_4(RULE, "the attributes are specified by their name in the request"),
)
def only_what_is_asked_for_is_returned(kmip: Conversation) -> None:
    """Get Attributes returns the Unique Identifier of the object and the attributes that were named, no others."""
    key = kmip.has_key()
    answer = kmip.get_attributes(key, "Cryptographic Length", "Object Type").succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    names = [attribute.text(Tag.ATTRIBUTE_NAME) for attribute in answer.all_attributes()]
    expect(sorted(names_in(names)), "the names of the attributes").is_(["Cryptographic Length", "Object Type"])


@rule(
    "get-attributes.all-when-none-is-named",
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "If no Attribute Reference is provided, the server SHALL return all attributes"),
    cites=[kmip_1_4(RULE, EVERYTHING), kmip_1_4("Table 54: Attribute Rules")],
)
def everything_comes_when_nothing_is_named(kmip: Conversation) -> None:
    """Get Attributes without names returns all attributes: those that a key always has, and its Name."""
    answer = kmip.get_attributes(kmip.has_key(own_name())).succeeds()
    names = [attribute.text(Tag.ATTRIBUTE_NAME) for attribute in answer.all_attributes()]
    expect(sorted(set(names_in(names))), "the names of the attributes").contains(*ALWAYS_SET, "Name")


@rule("get-attributes.absent-left-out", cites=kmip_1_4(RULE, ABSENT), mutants=["attributes.absent-is-an-error"])
def an_attribute_without_a_value_is_no_error(kmip: Conversation) -> None:
    """Asked for the Name of an object that has none, Get Attributes succeeds with the Unique Identifier alone."""
    fields = [item.tag for item in kmip.get_attributes(kmip.has_key(), "Name").succeeds().payload.children]
    expect(fields, "the fields of the payload").is_([Tag.UNIQUE_IDENTIFIER])


@rule("get-attributes.absent-custom-left-out", cites=kmip_1_4(RULE, ABSENT), mutants=["attributes.absent-is-an-error"])
def a_custom_attribute_without_a_value_is_no_error(kmip: Conversation) -> None:
    """Asked for a custom attribute that an object does not have, Get Attributes succeeds with the Unique Identifier alone."""
    fields = [item.tag for item in kmip.get_attributes(kmip.has_key(), "x-kmiplab-absent").succeeds().payload.children]
    expect(fields, "the fields of the payload").is_([Tag.UNIQUE_IDENTIFIER])


@rule(
    "get-attributes.absent-beside-present",
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "then it SHALL NOT be present in the returned response"),
    cites=kmip_1_4(
        RULE, "If a specified attribute does not exist (i.e., has no value), then it SHALL NOT be present in the returned response"
    ),
)
def what_is_absent_does_not_hide_what_is_there(kmip: Conversation) -> None:
    """Asked for State and for a Name that is not there, Get Attributes returns State alone."""
    answer = kmip.get_attributes(kmip.has_key(), "Name", "State").succeeds()
    expect(answer.attribute("State"), "the State").is_(State.PRE_ACTIVE)
    expect(len(answer.all_attributes()), "the number of attributes").is_(1)


@rule(
    "get-attributes.unknown-name-left-out",
    cites=kmip_1_4(
        RULE, "If a specified attribute does not exist (i.e., has no value), then it SHALL NOT be present in the returned response"
    ),
    in_2_x=kmip_2_1(
        "6.1.20 Get Attributes",
        "If a specified attribute does not exist (i.e., has no value), then it SHALL NOT be present in the returned response",
    ),
)
def a_name_that_is_no_attributes_is_left_out(kmip: Conversation) -> None:
    """A name that is no attribute's has no value either: it is left out of the answer."""
    answer = kmip.get_attributes(kmip.has_key(), "No Such Attribute").succeeds()
    answer.or_acceptably(because=(Reason.INVALID_FIELD, Reason.ITEM_NOT_FOUND))
    expect(len(answer.values("No Such Attribute")), "the number of its values").is_(0)


@rule(
    "get-attributes.all-instances",
    cites=kmip_1_4(RULE, "If a specified attribute has multiple instances, then all instances are returned"),
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "If a specified attribute has multiple instances, then all instances are returned"),
)
def every_instance_is_returned(kmip: Conversation) -> None:
    """Of an object with two Names, Get Attributes returns both."""
    wanted = {label(), label()}
    key = key_with_numbered(kmip, *map(requests.name, wanted))
    found = {value.text(Tag.ATTRIBUTE_VALUE, Tag.NAME_VALUE) for value in kmip.get_attributes(key, "Name").succeeds().attributes("Name")}
    expect(found == wanted, "whether both Names are returned").is_(wanted=True)


@rule(
    "get-attributes.instances-are-told-apart",
    cites=kmip_1_4(INDICES, "The Attribute Index is used to identify the particular instance. Attribute Indices SHALL start with 0"),
    mutants=["attributes.instance-not-counted"],
)
def instances_have_indices_from_0(kmip: Conversation) -> None:
    """Two Names of a new object have different Attribute Indices, the first of them 0, which may be left out."""
    key = key_with_numbered(kmip, own_name(), own_name())
    names = kmip.get_attributes(key, "Name").succeeds().attributes("Name")
    indices = sorted(name.number(Tag.ATTRIBUTE_INDEX) or 0 for name in names)
    expect(indices[:1], "the lowest index").is_([0])
    expect(len(set(indices)), "the number of different indices").is_(2)


@rule("get-attributes.single-instances", cites=kmip_1_4(INDICES, "SHALL have an Attribute Index of 0"), since=V1_1)
def an_attribute_that_may_have_one_instance_has_one(kmip: Conversation) -> None:
    """Attributes that can have one instance only are returned once, and with the Attribute Index 0, which may be left out."""
    attributes = kmip.get_attributes(kmip.has_key(own_name())).succeeds().all_attributes()
    single = {row.name for row in tables.attributes(kmip.version) if not row.multiple}
    counted = Counter(attribute.text(Tag.ATTRIBUTE_NAME) for attribute in attributes)
    expect(sorted(name for name in single if counted[name] > 1), "the attributes that came more than once").is_([])
    indexed = [item.text(Tag.ATTRIBUTE_NAME) for item in attributes if item.number(Tag.ATTRIBUTE_INDEX)]
    expect(sorted(single.intersection(names_in(indexed))), "the single attributes with another index").is_([])


@rule(
    "get-attributes.answers-within-bounds",
    cites=[
        kmip_1_4("Table 197: Get Attributes Response Payload"),
        kmip_1_4("3.39 Custom Attribute", "All custom attributes created by the key management server SHALL adhere"),
    ],
    mutants=["attributes.lease-time-as-integer", "attributes.later-version-shown", "attributes.state-as-text"],
)
def the_answer_holds_what_the_tables_of_its_version_say(kmip: Conversation) -> None:
    """All attributes that are returned are attributes of the request's version, each with the type that its table has."""
    answer = kmip.get_attributes(kmip.has_key(own_name())).succeeds()
    expect([str(misfit) for misfit in misfits(answer.reply.response, kmip.version)], "what the tables do not allow").is_([])


@rule(
    "get-attributes.unknown-object-not-found",
    cites=kmip_1_4(ERRORS, "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[1:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Get Attributes of an object that does not exist fails with Item Not Found."""
    kmip.get_attributes("no-such-object", "State").refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "get-attributes.name-twice-refused",
    cites=kmip_1_4(ERRORS, "The same Attribute Name is present more than once"),
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "The same Attribute Reference SHALL NOT be present more than once in a request"),
    since=V1_1,
)
def one_name_is_not_asked_for_twice(kmip: Conversation) -> None:
    """A request with the same Attribute Name twice fails with Invalid Message."""
    kmip.get_attributes(kmip.has_key(), "State", "State").refuses(because=Reason.INVALID_MESSAGE)


@rule(
    "get-attributes.placeholder",
    cites=kmip_1_4("Table 196: Get Attributes Request Payload", "If omitted, then the ID Placeholder value is used by the server"),
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "If omitted, then the ID Placeholder value is used by the server"),
    mutants=["messages.id-placeholder-not-set"],
)
def without_an_identifier_the_placeholder_is_meant(kmip: Conversation) -> None:
    """In one batch, Get Attributes without identifier after a Create is about the new key."""
    reply = kmip.send(requests.create_symmetric_key(), requests.get_attributes(None, "State"), order=True)
    expect(reply[1].succeeds().uid == reply[0].succeeds().uid, "whether it is about the new key").is_(wanted=True)


@rule(
    "get-attributes.placeholder-empty-refused",
    cites=kmip_1_4("Table 196: Get Attributes Request Payload", "If omitted, then the ID Placeholder value is used by the server"),
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "If omitted, then the ID Placeholder value is used by the server"),
    needs=NEEDS[1:],
)
def nothing_is_meant_when_nothing_is_named(kmip: Conversation) -> None:
    """Get Attributes without an identifier, alone in its message, finds an empty ID Placeholder and fails."""
    kmip.get_attributes(None, "State").refuses()


@rule(
    "get-attributes.opaque-object",
    in_2_x=kmip_2_1("6.1.20 Get Attributes", "If no Attribute Reference is provided, the server SHALL return all attributes"),
    cites=kmip_1_4(RULE, EVERYTHING),
    needs=[Operation.REGISTER, Operation.GET_ATTRIBUTES, ObjectType.OPAQUE_OBJECT],
)
def an_opaque_object_has_the_attributes_of_all_objects(kmip: Conversation) -> None:
    """An Opaque Object has Unique Identifier, Object Type, Initial Date and Last Change Date, as all objects do."""
    answer = kmip.get_attributes(kmip.ask(requests.register_opaque(b"opaque")).uid).succeeds()
    names = [attribute.text(Tag.ATTRIBUTE_NAME) for attribute in answer.all_attributes()]
    expect(sorted(names_in(names)), "the names of the attributes").contains(
        "Unique Identifier", "Object Type", "Initial Date", "Last Change Date"
    )


@rule(
    "get-attributes.no-state-of-opaque",
    cites=kmip_1_4("Table 104: State Attribute Rules", "Applies to Object Types | All Cryptographic Objects"),
    needs=[Operation.REGISTER, Operation.GET_ATTRIBUTES, ObjectType.OPAQUE_OBJECT],
)
def an_opaque_object_has_no_state(kmip: Conversation) -> None:
    """State belongs to cryptographic objects: an Opaque Object has none."""
    opaque = kmip.ask(requests.register_opaque(b"opaque")).uid
    expect(len(kmip.get_attributes(opaque, "State").succeeds().values("State")), "the number of its States").is_(0)
