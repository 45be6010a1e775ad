"""Destroy (KMIP 1.4, 4.21)."""

from __future__ import annotations

import time

from kmip_conformance.authoring import (
    Conversation,
    ObjectType,
    Operation,
    Reason,
    RevocationReasonCode,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)

NEEDS = [Operation.CREATE, Operation.DESTROY]
RULE = "4.21 Destroy"
GONE = (Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED)
"""A server that keeps meta-data refuses with Permission Denied what was destroyed; one that keeps none has no such object."""


@check(
    "destroy.names-the-object",
    cites=kmip_1_4(RULE, "The Unique Identifier of the object"),
    in_2_x=kmip_2_1("6.1.15 Destroy", "The Unique Identifier of the object"),
    needs=NEEDS,
)
def the_answer_names_the_object(kmip: Conversation) -> None:
    """Destroy answers with the Unique Identifier of the object."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)


@check(
    "destroy.active-object-refused",
    cites=kmip_1_4("11.22 Destroy", "Object is not in Pre-Active, Deactivated or Compromised state"),
    in_2_x=kmip_2_1("6.1.15 Destroy", "Objects SHALL only be destroyed if they are in either Pre-Active or Deactivated state"),
    needs=[*NEEDS, Operation.ACTIVATE],
    mutants=["destroy.active-object-destroyed"],
)
def active_object_cannot_be_destroyed(kmip: Conversation) -> None:
    """An Active object is not destroyed: Destroy fails with Permission Denied."""
    key = kmip.has_key(active=True)
    kmip.destroy(key).refuses(because=Reason.PERMISSION_DENIED).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)
    expect(kmip.state_of(key), "the State of the key afterwards").is_(State.ACTIVE)


@check(
    "destroy.material-is-gone",
    cites=kmip_1_4(RULE, "the key material for the specified Managed Object SHALL be destroyed"),
    in_2_x=kmip_2_1("6.1.15 Destroy", "the key material for the specified Managed Object SHALL be destroyed"),
    needs=[*NEEDS, Operation.GET],
    mutants=["destroy.material-stays", "destroy.object-unchanged"],
)
def a_destroyed_key_is_not_given_out(kmip: Conversation) -> None:
    """After Destroy, nobody gets the key any more."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds()
    kmip.get(key).refuses()


@check(
    "destroy.unknown-object-not-found",
    cites=kmip_1_4("11.22 Destroy", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[1:],
    mutants=["destroy.unknown-object-destroyed", "access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Destroy of an object that does not exist fails with Item Not Found."""
    kmip.destroy("no-such-object").refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "destroy.twice-refused",
    cites=kmip_1_4("11.22 Destroy", "Object exists, but has already been destroyed"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "Object exists, but has already been destroyed"),
    needs=NEEDS,
)
def a_destroyed_object_is_not_destroyed_again(kmip: Conversation) -> None:
    """Destroy of an object that was destroyed fails: Permission Denied, or Item Not Found where no meta-data is kept."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds().settle()
    kmip.destroy(key).refuses(because=GONE).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)


@check(
    "destroy.deactivated-object",
    cites=kmip_1_4(RULE, "MAY only be destroyed if they are in either Pre-Active or Deactivated state"),
    in_2_x=kmip_2_1("6.1.15 Destroy", "Objects SHALL only be destroyed if they are in either Pre-Active or Deactivated state"),
    needs=[*NEEDS, Operation.ACTIVATE, Operation.REVOKE],
)
def a_deactivated_object_can_be_destroyed(kmip: Conversation) -> None:
    """A Deactivated object can be destroyed."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RevocationReasonCode.CESSATION_OF_OPERATION).succeeds().settle()
    kmip.destroy(key).succeeds()


@check(
    "destroy.compromised-object",
    cites=kmip_1_4(
        "3.22 State", "The transition from Compromised to Destroyed Compromised is caused by a client issuing a Destroy operation"
    ),
    in_2_x=kmip_2_1(
        "4.57 State", "The transition from Compromised to Destroyed Compromised is caused by a client issuing a Destroy operation"
    ),
    needs=[*NEEDS, Operation.REVOKE, Operation.GET_ATTRIBUTES],
)
def a_destroyed_compromised_object_is_remembered_as_such(kmip: Conversation) -> None:
    """Destroy of a Compromised object makes it Destroyed Compromised, where anything of it is kept at all."""
    key = kmip.has_key()
    kmip.revoke(key, RevocationReasonCode.KEY_COMPROMISE, compromise_occurrence=int(time.time())).succeeds().settle()
    kmip.destroy(key).succeeds().settle()
    answer = kmip.get_attributes(key, "State").succeeds().or_refuses(because=Reason.ITEM_NOT_FOUND)
    answer.settle()
    expect(answer.values("State"), "the State, if it is kept").is_one_of([State.DESTROYED_COMPROMISED], [])


@check(
    "destroy.state-afterwards",
    cites=kmip_1_4("3.22 State", "The transition from Pre-Active to Destroyed is caused by a client issuing a Destroy operation"),
    in_2_x=kmip_2_1("4.57 State", "The transition from Pre-Active to Destroyed is caused by a client issuing a Destroy operation"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
    mutants=["destroy.object-unchanged"],
)
def a_destroyed_object_is_destroyed(kmip: Conversation) -> None:
    """After Destroy the State is Destroyed, where anything of the object is kept at all."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds().settle()
    answer = kmip.get_attributes(key, "State").succeeds().or_refuses(because=Reason.ITEM_NOT_FOUND)
    answer.settle()
    expect(answer.values("State"), "the State, if it is kept").is_one_of([State.DESTROYED], [])


@check(
    "destroy.sets-destroy-date",
    cites=kmip_1_4("3.28 Destroy Date", "the date and time when the Managed Object was destroyed"),
    in_2_x=kmip_2_1("4.20 Destroy Date", "the date and time when the Managed Object was destroyed"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def the_destroy_date_is_the_time_of_the_operation(kmip: Conversation) -> None:
    """After Destroy the Destroy Date is the current time, where anything of the object is kept at all."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds().settle()
    answer = kmip.get_attributes(key, "Destroy Date").succeeds().or_refuses(because=Reason.ITEM_NOT_FOUND)
    answer.settle()
    now = time.time()
    expect([now - 300 <= date <= now + 300 for date in answer.values("Destroy Date")], "whether the Destroy Date is now").is_one_of(
        [True], []
    )


@check(
    "destroy.secret-data",
    cites=kmip_1_4(RULE),
    in_2_x=kmip_2_1("6.1.15 Destroy", "the key material for the specified Managed Object SHALL be destroyed or rendered inaccessible"),
    needs=[Operation.REGISTER, Operation.GET, Operation.DESTROY, ObjectType.SECRET_DATA],
)
def destroyed_secret_data_is_not_given_out(kmip: Conversation) -> None:
    """After Destroy of Secret Data, nobody gets it any more."""
    secret = kmip.has_secret()
    kmip.destroy(secret).succeeds()
    kmip.get(secret).refuses()


@check(
    "destroy.opaque-object",
    cites=kmip_1_4(RULE),
    in_2_x=kmip_2_1("6.1.15 Destroy", "the key material for the specified Managed Object SHALL be destroyed or rendered inaccessible"),
    needs=[Operation.REGISTER, Operation.GET, Operation.DESTROY, ObjectType.OPAQUE_OBJECT],
)
def a_destroyed_opaque_object_is_not_given_out(kmip: Conversation) -> None:
    """After Destroy of an Opaque Object, nobody gets it any more."""
    opaque = kmip.ask(requests.register_opaque(b"\x00\x01\x02")).uid
    kmip.destroy(opaque).succeeds()
    kmip.get(opaque).refuses()


@check(
    "destroy.activation-afterwards-refused",
    cites=kmip_1_4("3.22 State", "Only the transitions described above are permitted"),
    in_2_x=kmip_2_1("4.57 State", "Only the transitions described above are permitted"),
    needs=[*NEEDS, Operation.ACTIVATE],
)
def a_destroyed_object_is_not_activated(kmip: Conversation) -> None:
    """Activate of a destroyed object fails: Permission Denied, or Item Not Found where no meta-data is kept."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds().settle()
    kmip.activate(key).refuses(because=GONE).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)
