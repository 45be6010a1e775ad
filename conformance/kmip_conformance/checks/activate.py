"""Activate (KMIP 1.4, 4.19)."""

from __future__ import annotations

import time

from kmip_conformance.authoring import Conversation, ObjectType, Operation, Reason, Tag, check, expect, kmip_1_4, kmip_2_1, requests

NEEDS = [Operation.CREATE, Operation.ACTIVATE]


@check(
    "activate.names-the-object",
    cites=kmip_1_4("4.19 Activate", "The Unique Identifier of the object"),
    in_2_x=kmip_2_1("6.1.1 Activate", "The Unique Identifier of the object"),
    needs=NEEDS,
)
def the_answer_names_the_object(kmip: Conversation) -> None:
    """Activate answers with the Unique Identifier of the object."""
    key = kmip.has_key()
    kmip.activate(key).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)


@check(
    "activate.active-object-refused",
    cites=kmip_1_4("11.20 Activate", "Object is not in Pre-Active state"),
    in_2_x=kmip_2_1("6.1.1 Activate", "The operation SHALL only be performed on an object in the Pre-Active state"),
    needs=NEEDS,
    mutants=["activate.active-object-activated-again"],
    aliases=["lifecycle.activate-once"],
)
def an_active_key_cannot_be_activated_again(kmip: Conversation) -> None:
    """Activate of an Active object fails with Permission Denied."""
    key = kmip.has_key(active=True)
    kmip.activate(key).refuses(because=Reason.PERMISSION_DENIED).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)


@check(
    "activate.unknown-object-not-found",
    cites=kmip_1_4("11.20 Activate", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[1:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Activate of an object that does not exist fails with Item Not Found."""
    kmip.activate("no-such-object").refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "activate.sets-activation-date",
    cites=kmip_1_4("3.22 State", "The server SHALL set the Activation Date to the time the Activate operation is received"),
    in_2_x=kmip_2_1("4.57 State", "The server SHALL set the Activation Date to the time the Activate operation is received"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def the_activation_date_is_the_time_of_the_operation(kmip: Conversation) -> None:
    """Activate sets the Activation Date to the current time."""
    key = kmip.has_key()
    kmip.activate(key).succeeds().settle()
    now = time.time()
    expect(kmip.get_attributes(key, "Activation Date").attribute("Activation Date"), "the Activation Date").is_between(now - 300, now + 300)


@check(
    "activate.replaces-a-later-date",
    cites=kmip_1_4("3.22 State", "The server SHALL set the Activation Date to the time the Activate operation is received"),
    in_2_x=kmip_2_1("4.57 State", "The server SHALL set the Activation Date to the time the Activate operation is received"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def an_activation_date_to_come_is_brought_forward(kmip: Conversation) -> None:
    """Activate of an object with an Activation Date in the future sets that date to the current time."""
    key = kmip.has_key(requests.attribute("Activation Date", int(time.time()) + 86_400))
    kmip.activate(key).succeeds().settle()
    now = time.time()
    expect(kmip.get_attributes(key, "Activation Date").attribute("Activation Date"), "the Activation Date").is_between(now - 300, now + 300)


@check(
    "activate.secret-data",
    cites=kmip_1_4("4.19 Activate", "activate a Managed Cryptographic Object"),
    in_2_x=kmip_2_1("6.1.1 Activate", "has the effect of changing its state to Active"),
    needs=[Operation.REGISTER, Operation.ACTIVATE, ObjectType.SECRET_DATA],
)
def secret_data_can_be_activated(kmip: Conversation) -> None:
    """Activate of Secret Data succeeds, as of any Managed Cryptographic Object."""
    kmip.activate(kmip.has_secret()).succeeds()


@check(
    "activate.key-stays-the-same",
    cites=kmip_1_4("4.19 Activate"),
    in_2_x=kmip_2_1("6.1.1 Activate", "has the effect of changing its state to Active"),
    needs=[*NEEDS, Operation.GET],
    mutants=["get.refuses-pre-active"],
)
def the_material_is_the_same_before_and_after(kmip: Conversation) -> None:
    """A key has the same Key Material before and after Activate."""
    key = kmip.has_key()
    before = kmip.get(key).key_material
    kmip.activate(key).succeeds().settle()
    expect(kmip.get(key).key_material == before, "whether the Key Material is the same").is_(wanted=True)
