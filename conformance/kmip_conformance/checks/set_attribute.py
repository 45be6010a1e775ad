"""Set Attribute and Adjust Attribute (KMIP 2.1, 6.1.51 and 6.1.3)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import key_with, own_name, values_of
from kmip_conformance.authoring import (
    V2_0,
    Conversation,
    Operation,
    Reason,
    State,
    Tag,
    check,
    expect,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import AdjustmentType

SET, ADJUST = "6.1.51 Set Attribute", "6.1.3 Adjust Attribute"
ADJUSTMENTS = "11.1 Adjustment Type Enumeration"
SETS = [Operation.CREATE, Operation.GET_ATTRIBUTES, Operation.SET_ATTRIBUTE]
ADJUSTS = [Operation.CREATE, Operation.GET_ATTRIBUTES, Operation.ADJUST_ATTRIBUTE]
READ_ONLY = (Reason.READ_ONLY_ATTRIBUTE, Reason.ATTRIBUTE_READ_ONLY, Reason.PERMISSION_DENIED)
COUNTER = "x-kmiplab-counter"

sets = partial(check, since=V2_0, needs=SETS)
adjusts = partial(check, since=V2_0, needs=ADJUSTS)


def shown(kmip: Conversation, uid: str, name: str) -> list[object]:
    """The values of an attribute."""
    return [item.value for item in values_of(kmip, uid, name)]


@sets(
    "set-attribute.sets",
    cites=kmip_2_1(SET, "If the object did not have any instances of the attribute, one is created"),
    mutants=["set-attribute.does-nothing"],
)
def an_attribute_that_is_not_there_is_added(kmip: Conversation) -> None:
    """Set Attribute of an attribute that the object does not have adds it; the answer names the object."""
    key = kmip.has_key()
    kmip.ask(requests.set_attribute(key, requests.attribute("x-kmiplab", "red"))).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    expect(shown(kmip, key, "x-kmiplab"), "the values").is_(["red"])


@sets(
    "set-attribute.replaces",
    cites=kmip_2_1(SET, "If the object had exactly one instance, then it is modified"),
    mutants=["set-attribute.does-nothing"],
)
def an_attribute_that_is_there_is_replaced(kmip: Conversation) -> None:
    """Set Attribute of an attribute that the object has once replaces its value: it does not have two."""
    key = key_with(kmip, requests.attribute("x-kmiplab", "red"))
    kmip.ask(requests.set_attribute(key, requests.attribute("x-kmiplab", "green"))).succeeds().settle()
    expect(shown(kmip, key, "x-kmiplab"), "the values").is_(["green"])


@sets(
    "set-attribute.several-instances-refused",
    cites=kmip_2_1(SET, "If it has more than one instance an error is raised"),
    mutants=["set-attribute.everything-succeeds"],
)
def one_of_several_instances_is_not_guessed(kmip: Conversation) -> None:
    """Set Attribute of an attribute that the object has twice fails with Multi Valued Attribute, and changes neither."""
    key = key_with(kmip, own_name(), own_name())
    before = values_of(kmip, key, "Name")
    kmip.ask(requests.set_attribute(key, own_name())).refuses(because=Reason.MULTI_VALUED_ATTRIBUTE).or_acceptably()
    expect(values_of(kmip, key, "Name") == before, "whether the names are what they were").is_(wanted=True)


@sets(
    "set-attribute.read-only-refused",
    cites=kmip_2_1(SET, "Read-Only attributes SHALL NOT be added or modified using this operation"),
    mutants=["set-attribute.everything-succeeds"],
)
def what_is_the_servers_is_not_set(kmip: Conversation) -> None:
    """Set Attribute of the State fails with Read Only Attribute, and changes nothing."""
    key = kmip.has_key()
    kmip.ask(requests.set_attribute(key, requests.attribute("State", State.ACTIVE))).refuses(because=READ_ONLY).or_acceptably()
    expect(kmip.state_of(key), "the State").is_(State.PRE_ACTIVE)


@sets(
    "set-attribute.length-refused",
    cites=kmip_2_1(SET, "Read-Only attributes SHALL NOT be added or modified using this operation"),
    mutants=["set-attribute.everything-succeeds"],
)
def the_length_of_a_key_is_not_set(kmip: Conversation) -> None:
    """Set Attribute of the Cryptographic Length fails with Read Only Attribute, and changes nothing."""
    key = kmip.has_key()
    kmip.ask(requests.set_attribute(key, requests.attribute("Cryptographic Length", 128))).refuses(because=READ_ONLY).or_acceptably()
    expect(shown(kmip, key, "Cryptographic Length"), "the Cryptographic Length").is_([256])


@sets("set-attribute.name-is-unique", cites=kmip_2_1("4.32 Name", "Names SHALL be unique within a given key management server"))
def a_name_is_not_set_that_another_object_has(kmip: Conversation) -> None:
    """Set Attribute of a Name that another object of the client has fails with Non Unique Name Attribute."""
    name = own_name()
    kmip.has_key(name)
    kmip.ask(requests.set_attribute(kmip.has_key(), name)).refuses(because=Reason.NON_UNIQUE_NAME_ATTRIBUTE).or_acceptably()


@sets(
    "set-attribute.unknown-object-not-found",
    cites=kmip_2_1("11.46 Result Reason Enumeration", "A requested managed object was not found or did not exist"),
    needs=[Operation.SET_ATTRIBUTE],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Set Attribute of an object that does not exist fails with Object Not Found."""
    kmip.ask(requests.set_attribute("no-such-object", requests.attribute("x-kmiplab", "red"))).refuses(because=Reason.ITEM_NOT_FOUND)


@sets(
    "set-attribute.objects-of-others",
    cites=kmip_2_1("11.46 Result Reason Enumeration", "Client is not allowed to perform the specified operation"),
    mutants=["access.everybody-is-one"],
)
def an_object_is_changed_by_its_owner_alone(kmip: Conversation, other: Conversation) -> None:
    """Another client does not set an attribute of an object that is not its own."""
    key = kmip.has_key()
    item = requests.set_attribute(key, requests.attribute("x-kmiplab", "theirs"))
    other.ask(item).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))
    expect(shown(kmip, key, "x-kmiplab"), "the values").is_([])


def adjusted(kmip: Conversation, adjustment: int, by: int | None = None, begin: int = 10) -> list[object]:
    """What is left of a counter that is adjusted."""
    key = key_with(kmip, requests.attribute(COUNTER, begin))
    kmip.ask(requests.adjust_attribute(key, COUNTER, adjustment, by)).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    return shown(kmip, key, COUNTER)


@adjusts(
    "adjust-attribute.increment",
    cites=kmip_2_1(ADJUSTMENTS, "Add the Adjustment Parameter to the value"),
    mutants=["adjust-attribute.does-nothing"],
)
def a_number_is_incremented(kmip: Conversation) -> None:
    """A custom number of 10 that is incremented by 5 is 15."""
    expect(adjusted(kmip, AdjustmentType.INCREMENT, 5), "the values").is_([15])


@adjusts(
    "adjust-attribute.decrement",
    cites=kmip_2_1(ADJUSTMENTS, "Subtract the Adjustment Parameter to the value"),
    mutants=["adjust-attribute.does-nothing"],
)
def a_number_is_decremented(kmip: Conversation) -> None:
    """A custom number of 10 that is decremented by 15 is -5."""
    expect(adjusted(kmip, AdjustmentType.DECREMENT, 15), "the values").is_([-5])


@adjusts("adjust-attribute.by-one", cites=kmip_2_1(ADJUSTMENTS, "The default is parameter is 1 for numeric types"))
def without_a_value_it_is_one(kmip: Conversation) -> None:
    """Without an Adjustment Value, a number of 10 is incremented to 11."""
    expect(adjusted(kmip, AdjustmentType.INCREMENT), "the values").is_([11])


@adjusts("adjust-attribute.negate", cites=kmip_2_1(ADJUSTMENTS, "Negate the value"))
def a_number_is_negated(kmip: Conversation) -> None:
    """A custom number of 10 that is negated is -10."""
    expect(adjusted(kmip, AdjustmentType.NEGATE), "the values").is_([-10])


@adjusts(
    "adjust-attribute.numeric-range",
    cites=kmip_2_1(
        "11.46 Result Reason Enumeration",
        "An operation produced a number that is to large or too small to be stored in the specified data type",
    ),
)
def a_number_does_not_run_over(kmip: Conversation) -> None:
    """An Integer of 2147483647 that is incremented fails with Numeric Range, and stays what it was."""
    key = key_with(kmip, requests.attribute(COUNTER, 2**31 - 1))
    kmip.ask(requests.adjust_attribute(key, COUNTER, AdjustmentType.INCREMENT)).refuses(because=Reason.NUMERIC_RANGE).or_acceptably()
    expect(shown(kmip, key, COUNTER), "the values").is_([2**31 - 1])


@adjusts("adjust-attribute.text-refused", cites=kmip_2_1("Table 172: Adjust Attribute Errors", "Invalid Data Type"))
def a_text_is_not_incremented(kmip: Conversation) -> None:
    """Adjust Attribute of a text fails with Invalid Data Type, and changes nothing."""
    key = key_with(kmip, requests.attribute(COUNTER, "ten"))
    kmip.ask(requests.adjust_attribute(key, COUNTER, AdjustmentType.INCREMENT, 1)).refuses(because=Reason.INVALID_DATA_TYPE).or_acceptably()
    expect(shown(kmip, key, COUNTER), "the values").is_(["ten"])


@adjusts(
    "adjust-attribute.read-only-refused", cites=kmip_2_1(ADJUST, "Read-Only attributes SHALL NOT be added or modified using this operation")
)
def what_is_the_servers_is_not_adjusted(kmip: Conversation) -> None:
    """Adjust Attribute of the Cryptographic Length fails with Read Only Attribute, and changes nothing."""
    key = kmip.has_key()
    item = requests.adjust_attribute(key, "Cryptographic Length", AdjustmentType.DECREMENT, 128)
    kmip.ask(item).refuses(because=READ_ONLY).or_acceptably()
    expect(shown(kmip, key, "Cryptographic Length"), "the Cryptographic Length").is_([256])
