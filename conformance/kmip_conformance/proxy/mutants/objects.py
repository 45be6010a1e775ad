"""Mutants of objects and their lives: Create, Register, Get, Locate, Check, Activate, Revoke, Destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.proxy.mutant import MUTANTS, Answered, Mutant, Passage
from kmip_conformance.tables import ObjectType, Operation, ResultReason, ResultStatus, RevocationReasonCode, State, Tag
from kmip_conformance.wire import Item, enumeration, text

if TYPE_CHECKING:
    from collections.abc import Callable


def _of_requests(operation: Operation, passage: Passage, change: Callable[[Item], Item]) -> Item:
    """The request with the payloads of one operation changed."""

    def changed(item: Item) -> Item:
        return item.mapped(Tag.REQUEST_PAYLOAD, change) if item.number(Tag.OPERATION) == operation else item

    return passage.request.mapped(Tag.BATCH_ITEM, changed)


def _without(payload: Item, *tags: int) -> Item:
    return payload.holding(tuple(child for child in payload.children if child.tag not in tags))


def _material(answered: Answered, change: Callable[[bytes], bytes]) -> Item:
    def changed(item: Item) -> Item:
        return item.holding(change(item.value)) if isinstance(item.value, bytes) else item

    return answered.item.mapped(Tag.KEY_MATERIAL, changed)


@MUTANTS.spoils_item(
    "create.half-the-key", "A key has half the length that it was created with.", Operation.GET, source="KMIP 1.4, 3.5 and 4.1"
)
def half_the_key(answered: Answered) -> Item:
    """Cryptographic Length says the whole."""
    return _material(answered, lambda value: value[: len(value) // 2])


@MUTANTS.spoils_item(
    "register.material-altered", "Get gives other material than was registered.", Operation.GET, source="KMIP 1.4, 4.3 and 4.11"
)
def material_altered(answered: Answered) -> Item:
    """One bit of the last byte."""
    return _material(answered, lambda value: value[:-1] + bytes((value[-1] ^ 1,)))


@MUTANTS.spoils_item(
    "register.extra-object-type",
    "Register answers with an Object Type that the payload has no field for.",
    Operation.REGISTER,
    source="vault 9147; KMIP 1.4, 4.3",
)
def extra_object_type(answered: Answered) -> Item:
    """In front of the Unique Identifier, as in Create."""
    kind = answered.asked.payload.number(Tag.OBJECT_TYPE) or ObjectType.SYMMETRIC_KEY
    return answered.with_payload(lambda payload: payload.holding((enumeration(Tag.OBJECT_TYPE, kind), *payload.children)))


async def _state(answered: Answered) -> int | None:
    """The state of the object that was asked for, as the target has it."""
    response = await answered.passage.ask(requests.get_attributes(answered.uid, "State"))
    return response.root.number(Tag.BATCH_ITEM, Tag.RESPONSE_PAYLOAD, Tag.ATTRIBUTE, Tag.ATTRIBUTE_VALUE)


@MUTANTS.spoils_item(
    "get.refuses-pre-active",
    "A key that is not active yet cannot be fetched.",
    Operation.GET,
    source="vCenter fetches before it activates (S4.4)",
)
async def refuses_pre_active(answered: Answered) -> Item:
    """Pre-Active alone."""
    if not answered.succeeded or await _state(answered) != State.PRE_ACTIVE:
        return answered.item
    return answered.as_failure(ResultReason.PERMISSION_DENIED, "the object is not active")


async def _remember_what_is_destroyed(passage: Passage) -> Item:
    for asked in passage.asked:
        uid = asked.payload.text(Tag.UNIQUE_IDENTIFIER)
        if asked.operation == Operation.DESTROY and uid:
            response = await passage.ask(requests.get(uid))
            if response.batch_items and response.batch_items[0].result_status == ResultStatus.SUCCESS:
                passage.memory[uid] = response.batch_items[0].payload
    return passage.request


def _give_what_was_destroyed(answered: Answered) -> Item:
    payload = answered.passage.memory.get(answered.uid)
    if answered.succeeded or not isinstance(payload, Item):
        return answered.item
    return answered.as_success(*payload.children)


MUTANTS.add(
    Mutant(
        "destroy.material-stays",
        "The material of a destroyed object can still be fetched.",
        "kmip-pqc, section 0: Destroy only flips a flag; KMIP 1.4, 4.21",
        on_request=_remember_what_is_destroyed,
        on_item=_give_what_was_destroyed,
        operations=frozenset({Operation.GET}),
    )
)


@MUTANTS.spoils_item(
    "destroy.active-object-destroyed", "An active object is destroyed.", Operation.DESTROY, source="KMIP 1.4, 4.21 and 3.22"
)
async def active_object_destroyed(answered: Answered) -> Item:
    """It is revoked and destroyed behind the client's back."""
    if answered.succeeded or await _state(answered) != State.ACTIVE:
        return answered.item
    uid = answered.uid
    await answered.passage.ask(requests.revoke(uid, RevocationReasonCode.CESSATION_OF_OPERATION))
    response = await answered.passage.ask(requests.destroy(uid))
    if response.batch_items[0].result_status != ResultStatus.SUCCESS:
        return answered.item
    return answered.as_success(text(Tag.UNIQUE_IDENTIFIER, uid))


@MUTANTS.spoils_item(
    "destroy.unknown-object-destroyed", "Destroying an unknown object succeeds.", Operation.DESTROY, source="KMIP 1.4, 4.21 and 11.21"
)
def unknown_object_destroyed(answered: Answered) -> Item:
    """Item Not Found becomes Success."""
    if answered.answer.result_reason != ResultReason.ITEM_NOT_FOUND:
        return answered.item
    return answered.as_success(text(Tag.UNIQUE_IDENTIFIER, answered.uid))


@MUTANTS.spoils_request(
    "revoke.compromise-only-deactivates", "An object revoked as compromised is only Deactivated.", source="KMIP 1.4, 4.20 and 3.22"
)
def compromise_only_deactivates(passage: Passage) -> Item:
    """Key Compromise reaches the target as Cessation of Operation, without its date."""

    def change(payload: Item) -> Item:
        code = payload.number(Tag.REVOCATION_REASON, Tag.REVOCATION_REASON_CODE)
        if code not in {RevocationReasonCode.KEY_COMPROMISE, RevocationReasonCode.CA_COMPROMISE}:
            return payload
        other = RevocationReasonCode.CESSATION_OF_OPERATION
        softened = payload.mapped(Tag.REVOCATION_REASON_CODE, lambda item: enumeration(item.tag, other))
        return _without(softened, Tag.COMPROMISE_OCCURRENCE_DATE)

    return _of_requests(Operation.REVOKE, passage, change)


def _ask_for_state_instead(operation: Operation) -> Callable[[Passage], Item]:
    """In place of an operation the target gets a Get Attributes, which changes nothing and fails when the object is not there."""

    def change(passage: Passage) -> Item:
        def changed(item: Item) -> Item:
            uid = item.text(Tag.REQUEST_PAYLOAD, Tag.UNIQUE_IDENTIFIER)
            if item.number(Tag.OPERATION) != operation or uid is None:
                return item
            return requests.get_attributes(uid, "State")

        return passage.request.mapped(Tag.BATCH_ITEM, changed)

    return change


def _say_that_it_was_done(answered: Answered) -> Item:
    return answered.as_success(text(Tag.UNIQUE_IDENTIFIER, answered.uid)) if answered.succeeded else answered.item


for _operation, _name, _defect in (
    (Operation.ACTIVATE, "activate.state-unchanged", "Activate succeeds, but the object stays as it was."),
    (Operation.REVOKE, "revoke.state-unchanged", "Revoke succeeds, but the object stays as it was."),
    (Operation.DESTROY, "destroy.object-unchanged", "Destroy succeeds, but the object stays as it was."),
):
    MUTANTS.add(
        Mutant(
            _name,
            _defect,
            "KMIP 1.4, 4.19 to 4.21; kmip-pqc, section 0",
            on_request=_ask_for_state_instead(_operation),
            on_item=_say_that_it_was_done,
            operations=frozenset({_operation}),
        )
    )


@MUTANTS.spoils_item(
    "activate.active-object-activated-again", "Activating an active object succeeds.", Operation.ACTIVATE, source="KMIP 1.4, 4.19 and 11.19"
)
async def active_object_activated_again(answered: Answered) -> Item:
    """Wrong Key Lifecycle State becomes Success."""
    if answered.succeeded or await _state(answered) != State.ACTIVE:
        return answered.item
    return answered.as_success(text(Tag.UNIQUE_IDENTIFIER, answered.uid))


@MUTANTS.spoils_item(
    "activate.dead-object-not-found",
    "Activating an object that is past its life fails with Item Not Found.",
    Operation.ACTIVATE,
    source="Cosmian KMS 5.23: object not found instead of wrong state",
)
async def dead_object_not_found(answered: Answered) -> Item:
    """For every refusal."""
    if answered.succeeded or await _state(answered) is None:
        return answered.item
    return answered.as_failure(ResultReason.ITEM_NOT_FOUND, "not found")


@MUTANTS.spoils_request(
    "locate.filter-ignored", "Locate ignores its attributes and finds everything.", source="Cosmian KMS 824, 935; KMIP 1.4, 4.9"
)
def filter_ignored(passage: Passage) -> Item:
    """The target never sees them."""
    return _of_requests(Operation.LOCATE, passage, lambda payload: _without(payload, Tag.ATTRIBUTE))


@MUTANTS.spoils_request("locate.maximum-items-ignored", "Locate ignores Maximum Items.", source="KMIP 1.4, 4.9")
def maximum_items_ignored(passage: Passage) -> Item:
    """The target never sees it."""
    return _of_requests(Operation.LOCATE, passage, lambda payload: _without(payload, Tag.MAXIMUM_ITEMS))


@MUTANTS.spoils_item(
    "locate.nothing-found-is-an-error",
    "Locate fails when it finds nothing.",
    Operation.LOCATE,
    source="KMIP 1.4, 4.9: a response without Unique Identifiers",
)
def nothing_found_is_an_error(answered: Answered) -> Item:
    """Item Not Found in place of an empty list."""
    if not answered.succeeded or answered.answer.payload.first(Tag.UNIQUE_IDENTIFIER) is not None:
        return answered.item
    return answered.as_failure(ResultReason.ITEM_NOT_FOUND, "nothing was found")


@MUTANTS.spoils_request("check.usage-not-checked", "Check allows every use.", source="Cosmian KMS 845; KMIP 1.4, 4.10")
def usage_not_checked(passage: Passage) -> Item:
    """The target is not asked for the Cryptographic Usage Mask."""
    return _of_requests(Operation.CHECK, passage, lambda payload: _without(payload, Tag.CRYPTOGRAPHIC_USAGE_MASK))
