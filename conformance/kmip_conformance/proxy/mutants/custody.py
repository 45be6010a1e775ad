"""Mutants of what happens to objects in a server's custody: split, exported, imported, archived, leased, allocated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.proxy.mutant import MUTANTS, Answered, Mutant, Passage
from kmip_conformance.proxy.mutants.keys import without_attribute
from kmip_conformance.tables import ObjectType, Operation, Tag
from kmip_conformance.wire import Item, boolean, enumeration, integer, text

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3600


def as_success(*payload: Item) -> Callable[[Answered], Item]:
    """Every refusal becomes a success about the same object."""

    def change(answered: Answered) -> Item:
        uid = text(Tag.UNIQUE_IDENTIFIER, answered.uid or "made-up")
        return answered.item if answered.succeeded else answered.as_success(uid, *payload)

    return change


def never_done(operation: Operation) -> Callable[[Passage], Item]:
    """In place of an operation the target is asked for a Query, which changes nothing."""

    def change(passage: Passage) -> Item:
        return passage.request.mapped(Tag.BATCH_ITEM, lambda item: requests.query(1) if item.number(Tag.OPERATION) == operation else item)

    return change


def said_to_be_done(answered: Answered) -> Item:
    return answered.as_success(text(Tag.UNIQUE_IDENTIFIER, answered.uid))


def _declare(name: str, defect: str, source: str, operation: Operation, change: Callable[[Answered], Item]) -> None:
    MUTANTS.add(Mutant(name, defect, source, on_item=change, operations=frozenset({operation})))


for _operation, _name, _defect in (
    (Operation.RECOVER, "recover.does-nothing", "Recover succeeds, but the object stays archived."),
    (Operation.GET_USAGE_ALLOCATION, "get-usage-allocation.never-counts", "Allocations are never taken off the Usage Limits."),
):
    MUTANTS.add(
        Mutant(
            _name,
            _defect,
            "KMIP 1.4, 4.18 and 4.23",
            on_request=never_done(_operation),
            on_item=said_to_be_done,
            operations=frozenset({_operation}),
        )
    )

_declare(
    "join-split-key.too-few-accepted",
    "Fewer parts than the threshold make a key.",
    "KMIP 1.4, 4.39",
    Operation.JOIN_SPLIT_KEY,
    as_success(),
)
_declare(
    "get-usage-allocation.grants-everything",
    "An allocation is granted whatever is left.",
    "KMIP 1.4, 4.18",
    Operation.GET_USAGE_ALLOCATION,
    as_success(),
)
_declare(
    "archive.still-given-out",
    "Archived keys are given out.",
    "KMIP 1.4, 11.12",
    Operation.GET,
    as_success(enumeration(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY), requests.symmetric_key(bytes(32))),
)
_declare(
    "export.sensitive-in-the-clear",
    "Export gives Sensitive keys in the clear.",
    "KMIP 1.4, 3.48 and 4.40",
    Operation.EXPORT,
    as_success(requests.symmetric_key(bytes(32))),
)


@MUTANTS.spoils_item(
    "create-split-key.part-is-the-key",
    "Every part of a split key is the whole key.",
    Operation.CREATE_SPLIT_KEY,
    Operation.GET,
    source="KMIP 1.4, 2.2.5",
)
async def part_is_the_key(answered: Answered) -> Item:
    """The key is looked at when it is split."""
    memory = answered.passage.memory
    if answered.asked.operation == Operation.CREATE_SPLIT_KEY:
        material = (await answered.passage.ask(requests.get(answered.uid))).root.anywhere(Tag.KEY_MATERIAL)
        memory["key"] = material.value if material is not None else bytes(32)
        return answered.item
    if answered.answer.payload.number(Tag.OBJECT_TYPE) != ObjectType.SPLIT_KEY:
        return answered.item
    return answered.item.mapped(Tag.KEY_MATERIAL, lambda item: item.holding(memory["key"]))


@MUTANTS.spoils_item(
    "export.attributes-missing", "Export gives an object without its attributes.", Operation.EXPORT, source="KMIP 1.4, 4.40"
)
def attributes_missing(answered: Answered) -> Item:
    """The usage mask, without which nobody may use the key."""
    return without_attribute(answered.item, "Cryptographic Usage Mask", Tag.CRYPTOGRAPHIC_USAGE_MASK)


@MUTANTS.spoils_item(
    "export.material-altered", "Export gives other material than was registered.", Operation.EXPORT, source="KMIP 1.4, 4.40"
)
def exported_material_altered(answered: Answered) -> Item:
    """Zeros."""
    return answered.item.mapped(Tag.KEY_MATERIAL, lambda item: item.holding(bytes(32)))


@MUTANTS.spoils_item(
    "import.other-identifier", "Import answers with an identifier that names nothing.", Operation.IMPORT, source="KMIP 1.4, 4.41"
)
def other_identifier(answered: Answered) -> Item:
    """Nobody finds the object again."""
    return answered.item.mapped(Tag.UNIQUE_IDENTIFIER, lambda item: text(item.tag, "another"))


@MUTANTS.spoils_request("import.dates-made-anew", "Import sets the Initial Date itself.", source="KMIP 1.4, 4.41")
def dates_made_anew(passage: Passage) -> Item:
    """The target never sees it."""

    def changed(item: Item) -> Item:
        return without_attribute(item, "Initial Date", Tag.INITIAL_DATE) if item.number(Tag.OPERATION) == Operation.IMPORT else item

    return passage.request.mapped(Tag.BATCH_ITEM, changed)


@MUTANTS.spoils_request(
    "import.replaces-silently", "Import replaces what is there without being told to.", source="KMIP 1.4, 4.41 and 11.42"
)
def replaces_silently(passage: Passage) -> Item:
    """The target is told to."""

    def told(payload: Item) -> Item:
        position = next(index for index, child in enumerate(payload.children) if child.tag not in {Tag.UNIQUE_IDENTIFIER, Tag.OBJECT_TYPE})
        return payload.holding((*payload.children[:position], boolean(Tag.REPLACE_EXISTING, value=True), *payload.children[position:]))

    def changed(item: Item) -> Item:
        return item.mapped(Tag.REQUEST_PAYLOAD, told) if item.number(Tag.OPERATION) == Operation.IMPORT else item

    return passage.request.mapped(Tag.BATCH_ITEM, changed)


@MUTANTS.spoils_item(
    "obtain-lease.time-as-integer",
    "The Lease Time of a lease is an Integer.",
    Operation.OBTAIN_LEASE,
    source="Cosmian KMS 5.26; KMIP 1.4, 3.20",
)
def lease_time_as_integer(answered: Answered) -> Item:
    """The same number."""
    return answered.item.mapped(Tag.LEASE_TIME, lambda item: integer(item.tag, item.value) if isinstance(item.value, int) else item)


@MUTANTS.spoils_item(
    "obtain-lease.date-of-now",
    "A lease tells another Last Change Date than the object has.",
    Operation.OBTAIN_LEASE,
    source="KMIP 1.4, 4.17",
)
def lease_of_now(answered: Answered) -> Item:
    """An hour later."""
    return answered.item.mapped(Tag.LAST_CHANGE_DATE, lambda item: item.holding(item.value + HOUR) if isinstance(item.value, int) else item)
