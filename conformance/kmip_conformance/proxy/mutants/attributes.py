"""Mutants of attributes: lost, changed, of the wrong type or version, writable where they must not be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.proxy.mutant import MUTANTS, Answered, Mutant, Passage
from kmip_conformance.tables import V1_1, V1_4, ItemType, Operation, ResultReason, State, Tag, words
from kmip_conformance.wire import Item, integer, text

if TYPE_CHECKING:
    from collections.abc import Callable

_READ_ONLY = {"Unique Identifier", "Object Type", "State", "Initial Date", "Last Change Date", "Digest", "Lease Time", "Destroy Date"}


def _is_custom(item: Item) -> bool:
    name = item.text(Tag.ATTRIBUTE_NAME) or (item.value if item.tag == Tag.ATTRIBUTE_NAME and isinstance(item.value, str) else "")
    return name.startswith(("x-", "y-"))


def _attribute_values(answered: Answered, concerned: Callable[[Item], bool], change: Callable[[Item], Item]) -> Item:
    """The answer with the Attribute Values of some attributes changed."""

    def changed(attribute: Item) -> Item:
        return attribute.mapped(Tag.ATTRIBUTE_VALUE, change) if concerned(attribute) else attribute

    return answered.item.mapped(Tag.ATTRIBUTE, changed)


def _named(name: str) -> Callable[[Item], bool]:
    return lambda item: item.text(Tag.ATTRIBUTE_NAME) == name


@MUTANTS.spoils_item("attributes.state-as-text", "State is a text.", Operation.GET_ATTRIBUTES, source="vmware-sequences, 3; KMIP 1.4, 3.22")
def state_as_text(answered: Answered) -> Item:
    """The standard's word for it."""

    def in_words(value: Item) -> Item:
        return text(value.tag, words(State(value.value))) if isinstance(value.value, int) else value

    return _attribute_values(answered, _named("State"), in_words)


@MUTANTS.spoils_item(
    "attributes.lease-time-as-integer", "Lease Time is an Integer.", Operation.GET_ATTRIBUTES, source="Cosmian KMS 5.26; KMIP 1.4, 3.20"
)
def lease_time_as_integer(answered: Answered) -> Item:
    """An object that has none gets one, so that the defect shows wherever all attributes are asked for."""
    asked = {item.value for item in answered.asked.payload.all(Tag.ATTRIBUTE_NAME)}
    if not answered.succeeded or (asked and "Lease Time" not in asked):
        return answered.item
    if not any(map(_named("Lease Time"), answered.answer.payload.all(Tag.ATTRIBUTE))):
        added = requests.attribute("Lease Time", integer(Tag.ATTRIBUTE_VALUE, 3600))
        return answered.with_payload(lambda payload: payload.adding(replace(added)).mapped(Tag.ATTRIBUTE, _lease_time_retyped))
    return answered.item.mapped(Tag.ATTRIBUTE, _lease_time_retyped)


def _lease_time_retyped(attribute: Item) -> Item:
    if attribute.text(Tag.ATTRIBUTE_NAME) != "Lease Time":
        return attribute
    return attribute.mapped(Tag.ATTRIBUTE_VALUE, lambda value: replace(value, type=ItemType.INTEGER))


@MUTANTS.spoils_item(
    "attributes.later-version-shown",
    "Attributes of later versions are returned: Fresh in 1.0, Always Sensitive before 1.4.",
    Operation.GET_ATTRIBUTES,
    source="Cosmian KMS 687",
)
def later_version_shown(answered: Answered) -> Item:
    """Where all attributes are asked for."""
    if not answered.succeeded or answered.asked.payload.first(Tag.ATTRIBUTE_NAME) is not None or answered.passage.version >= V1_4:
        return answered.item
    name = "Fresh" if answered.passage.version < V1_1 else "Always Sensitive"
    return answered.with_payload(lambda payload: payload.adding(requests.attribute(name, value=False)))


@MUTANTS.spoils_item(
    "attributes.custom-lost",
    "Custom attributes are taken, but never given back.",
    Operation.GET_ATTRIBUTES,
    Operation.GET_ATTRIBUTE_LIST,
    source="Cosmian KMS 5.24: Get Attributes drops vendor attributes in 1.4",
)
def custom_lost(answered: Answered) -> Item:
    """Neither by Get Attributes nor by Get Attribute List."""
    return answered.with_payload(lambda payload: payload.holding(tuple(child for child in payload.children if not _is_custom(child))))


@MUTANTS.spoils_item(
    "attributes.custom-type-changed",
    "Custom attributes of other types come back as texts.",
    Operation.GET_ATTRIBUTES,
    source="PyKMIP 459; KMIP 1.4, 3.39",
)
def custom_type_changed(answered: Answered) -> Item:
    """The number 7 as "7"."""

    def as_text(value: Item) -> Item:
        return text(value.tag, str(value.value)) if isinstance(value.value, int) else value

    return _attribute_values(answered, _is_custom, as_text)


@MUTANTS.spoils_item(
    "attributes.absent-is-an-error",
    "Asking for an attribute that is not set fails.",
    Operation.GET_ATTRIBUTES,
    source="vCenter's Q4; KMIP 1.4, 4.12",
)
def absent_is_an_error(answered: Answered) -> Item:
    """Item Not Found in place of a Success with the Unique Identifier alone."""
    if not answered.succeeded or answered.answer.payload.first(Tag.ATTRIBUTE) is not None:
        return answered.item
    return answered.as_failure(ResultReason.ITEM_NOT_FOUND, "no such attribute")


@MUTANTS.spoils_item(
    "attributes.deleted-attribute-not-returned",
    "Delete Attribute answers without the attribute that it deleted.",
    Operation.DELETE_ATTRIBUTE,
    source="Cosmian KMS 5.26; KMIP 1.4, 4.16",
)
def deleted_attribute_not_returned(answered: Answered) -> Item:
    """The Unique Identifier alone."""
    return answered.with_payload(lambda payload: payload.holding(tuple(child for child in payload.children if child.tag != Tag.ATTRIBUTE)))


def _get_what_is_to_be_deleted(passage: Passage) -> Item:
    def changed(item: Item) -> Item:
        uid = item.text(Tag.REQUEST_PAYLOAD, Tag.UNIQUE_IDENTIFIER)
        name = item.text(Tag.REQUEST_PAYLOAD, Tag.ATTRIBUTE_NAME)
        if item.number(Tag.OPERATION) != Operation.DELETE_ATTRIBUTE or uid is None or name is None:
            return item
        return requests.get_attributes(uid, name)

    return passage.request.mapped(Tag.BATCH_ITEM, changed)


def _say_that_it_was_deleted(answered: Answered) -> Item:
    attributes = answered.answer.payload.all(Tag.ATTRIBUTE)
    if not answered.succeeded or answered.asked.payload.text(Tag.UNIQUE_IDENTIFIER) is None:
        return answered.item
    if not attributes:
        return answered.as_failure(ResultReason.ITEM_NOT_FOUND, "no such attribute")
    return answered.as_success(text(Tag.UNIQUE_IDENTIFIER, answered.uid), attributes[0])


MUTANTS.add(
    Mutant(
        "attributes.delete-does-nothing",
        "Delete Attribute succeeds, but the attribute stays.",
        "Cosmian KMS 5.26; KMIP 1.4, 4.16",
        on_request=_get_what_is_to_be_deleted,
        on_item=_say_that_it_was_deleted,
        operations=frozenset({Operation.DELETE_ATTRIBUTE}),
    )
)


@MUTANTS.spoils_item(
    "attributes.read-only-modified",
    "Modify Attribute accepts attributes that only the server may set.",
    Operation.MODIFY_ATTRIBUTE,
    source="Cosmian KMS 5.26: Initial Date, Unique Identifier …; KMIP 1.4, 3",
)
def read_only_modified(answered: Answered) -> Item:
    """The refusal becomes a Success."""
    attribute = answered.asked.payload.first(Tag.ATTRIBUTE)
    if answered.succeeded or attribute is None or attribute.text(Tag.ATTRIBUTE_NAME) not in _READ_ONLY:
        return answered.item
    return answered.as_success(text(Tag.UNIQUE_IDENTIFIER, answered.uid), attribute)


@MUTANTS.spoils_item(
    "attributes.instance-not-counted",
    "Every instance of an attribute has the Attribute Index 0.",
    Operation.GET_ATTRIBUTES,
    source="KMIP 1.4, 2.1.1: the index tells the instances apart",
)
def instance_not_counted(answered: Answered) -> Item:
    """The index is left out, which means 0."""
    return answered.item.mapped(Tag.ATTRIBUTE, lambda item: item.mapped(Tag.ATTRIBUTE_INDEX, lambda _: None))


@MUTANTS.spoils_item(
    "attributes.list-incomplete",
    "Get Attribute List leaves out Name.",
    Operation.GET_ATTRIBUTE_LIST,
    source="KMIP 1.4, 4.13; Cosmian KMS 5.26",
)
def list_incomplete(answered: Answered) -> Item:
    """Name alone."""
    return answered.with_payload(lambda payload: payload.holding(tuple(child for child in payload.children if child.value != "Name")))
