"""The lifecycle: which operation takes an object from which State to which, and that nothing else does (KMIP 1.4, 3.22 State)."""

from __future__ import annotations

import time
from functools import partial

from kmip_conformance import requests
from kmip_conformance.authoring import (
    V1_3,
    Conversation,
    ObjectType,
    Operation,
    Reason,
    RevocationReasonCode,
    State,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
)

STATES = "3.22 State"
COMPROMISE = RevocationReasonCode.KEY_COMPROMISE
RETIREMENT = RevocationReasonCode.CESSATION_OF_OPERATION
HOUR = 3600

rule = partial(check, needs=[Operation.CREATE, Operation.ACTIVATE, Operation.REVOKE, Operation.GET_ATTRIBUTES])
REFUSED = (Reason.PERMISSION_DENIED, Reason.ILLEGAL_OPERATION)
"""What the standard has for a transition that 3.22 does not permit; which of the two it is, it says for some operations only."""


@rule(
    "lifecycle.registered-is-pre-active",
    cites=kmip_1_4(STATES, "When an object is created or registered"),
    in_2_x=kmip_2_1("4.57 State", "When an object is created or registered"),
    needs=[Operation.REGISTER, Operation.GET_ATTRIBUTES, ObjectType.SECRET_DATA],
)
def a_registered_object_is_pre_active(kmip: Conversation) -> None:
    """Registered Secret Data without an Activation Date is Pre-Active."""
    expect(kmip.state_of(kmip.has_secret()), "the State of the new object").is_(State.PRE_ACTIVE)


@rule(
    "lifecycle.activation-date-past",
    cites=kmip_1_4(STATES, "then the state immediately transitions from Pre-Active to Active"),
    in_2_x=kmip_2_1("4.57 State", "then the state immediately transitions from Pre-Active to Active"),
)
def an_activation_date_that_has_occurred_makes_it_active(kmip: Conversation) -> None:
    """An object that is created with an Activation Date in the past is Active at once, or not created."""
    answer = kmip.create_symmetric_key(requests.attribute("Activation Date", int(time.time()) - HOUR)).succeeds()
    expect(kmip.state_of(answer.uid), "the State of the new key").is_(State.ACTIVE)


@rule(
    "lifecycle.activation-date-future",
    cites=kmip_1_4(STATES, "an Activation Date attribute that is in the future"),
    in_2_x=kmip_2_1("4.57 State", "an Activation Date attribute that is in the future"),
)
def an_activation_date_to_come_leaves_it_pre_active(kmip: Conversation) -> None:
    """An object that is created with an Activation Date in the future is Pre-Active."""
    key = kmip.has_key(requests.attribute("Activation Date", int(time.time()) + HOUR))
    expect(kmip.state_of(key), "the State of the new key").is_(State.PRE_ACTIVE)


@rule(
    "lifecycle.activate-activates",
    cites=kmip_1_4(STATES, "A client issues an Activate operation on the object"),
    in_2_x=kmip_2_1("4.57 State", "A client issues an Activate operation on the object"),
    mutants=["activate.state-unchanged"],
)
def activate_makes_active(kmip: Conversation) -> None:
    """Activate takes an object from Pre-Active to Active."""
    expect(kmip.state_of(kmip.has_key(active=True)), "the State of the key").is_(State.ACTIVE)


@rule(
    "lifecycle.activation-date-modified",
    cites=kmip_1_4(STATES, "modifying the Activation Date to a date in the past"),
    in_2_x=kmip_2_1("4.57 State", "modifying the Activation Date to a date in the past"),
    needs=[Operation.CREATE, Operation.MODIFY_ATTRIBUTE, Operation.GET_ATTRIBUTES],
)
def an_activation_date_moved_to_the_past_activates(kmip: Conversation) -> None:
    """Modifying the Activation Date of a Pre-Active object to a date in the past makes it Active."""
    key = kmip.has_key(requests.attribute("Activation Date", int(time.time()) + HOUR))
    kmip.modify_attribute(key, requests.attribute("Activation Date", int(time.time()) - HOUR)).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.ACTIVE)


@rule(
    "lifecycle.deactivation-date-modified",
    cites=kmip_1_4(STATES, "modifying the Deactivation Date to a date in the past"),
    in_2_x=kmip_2_1("4.57 State", "modifying the Deactivation Date to a date in the past"),
    needs=[Operation.CREATE, Operation.ACTIVATE, Operation.MODIFY_ATTRIBUTE, Operation.GET_ATTRIBUTES],
)
def a_deactivation_date_moved_to_the_present_deactivates(kmip: Conversation) -> None:
    """Modifying the Deactivation Date of an Active object to the current date makes it Deactivated."""
    key = kmip.has_key(requests.attribute("Deactivation Date", int(time.time()) + HOUR), active=True)
    kmip.modify_attribute(key, requests.attribute("Deactivation Date", int(time.time()))).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.DEACTIVATED)


@rule(
    "lifecycle.revoke-deactivates",
    cites=kmip_1_4(STATES, "A client issues a Revoke operation, with a Revocation Reason other than Compromised"),
    in_2_x=kmip_2_1(
        "4.57 State",
        "A client issues a Revoke operation, with a Revocation Reason containing a Revocation Reason Code other than Compromised",
    ),
    mutants=["revoke.state-unchanged"],
)
def a_revoked_key_is_deactivated(kmip: Conversation) -> None:
    """Revoke of an Active object for a reason other than compromise makes it Deactivated."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RETIREMENT).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.DEACTIVATED)


@rule(
    "lifecycle.compromise-of-active",
    cites=kmip_1_4(STATES, "The transition from Active to Compromised"),
    in_2_x=kmip_2_1("4.57 State", "The transition from Active to Compromised"),
    mutants=["revoke.compromise-only-deactivates"],
)
def a_compromised_active_key_is_compromised(kmip: Conversation) -> None:
    """Revoke of an Active object for Key Compromise makes it Compromised."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, COMPROMISE, compromise_occurrence=int(time.time())).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.COMPROMISED)


@rule(
    "lifecycle.compromise-of-pre-active",
    cites=kmip_1_4(STATES, "The transition from Pre-Active to Compromised"),
    in_2_x=kmip_2_1("4.57 State", "The transition from Pre-Active to Compromised"),
    mutants=["revoke.compromise-only-deactivates"],
)
def a_compromised_pre_active_key_is_compromised(kmip: Conversation) -> None:
    """Revoke of a Pre-Active object for Key Compromise makes it Compromised."""
    key = kmip.has_key()
    kmip.revoke(key, COMPROMISE, compromise_occurrence=int(time.time())).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.COMPROMISED)


@rule(
    "lifecycle.compromise-of-deactivated",
    cites=kmip_1_4(STATES, "The transition from Deactivated to Compromised"),
    in_2_x=kmip_2_1("4.57 State", "The transition from Deactivated to Compromised"),
    mutants=["revoke.compromise-only-deactivates"],
)
def a_compromised_deactivated_key_is_compromised(kmip: Conversation) -> None:
    """Revoke of a Deactivated object for Key Compromise makes it Compromised."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RETIREMENT).succeeds().settle()
    kmip.revoke(key, COMPROMISE, compromise_occurrence=int(time.time())).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.COMPROMISED)


@rule(
    "lifecycle.ca-compromise",
    since=V1_3,
    cites=kmip_1_4("4.20 Revoke", "then the object is placed into the “compromised” state"),
    in_2_x=kmip_2_1("6.1.44 Revoke", "then the object is placed into the “compromised” state"),
)
def ca_compromise_compromises_too(kmip: Conversation) -> None:
    """Revoke for CA Compromise makes an object Compromised as Key Compromise does."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RevocationReasonCode.CA_COMPROMISE, compromise_occurrence=int(time.time())).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.COMPROMISED)


@rule(
    "lifecycle.deactivation-of-pre-active-refused",
    cites=kmip_1_4(STATES, "Only the transitions described above are permitted"),
    in_2_x=kmip_2_1("4.57 State", "Only the transitions described above are permitted"),
)
def a_pre_active_key_is_not_deactivated(kmip: Conversation) -> None:
    """Revoke of a Pre-Active object for a reason other than compromise is no transition of the standard: refused, and the State stays."""
    key = kmip.has_key()
    kmip.revoke(key, RETIREMENT).refuses(because=REFUSED).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)
    expect(kmip.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)


@rule(
    "lifecycle.compromised-stays-compromised",
    cites=kmip_1_4(STATES, "Only the transitions described above are permitted"),
    in_2_x=kmip_2_1("4.57 State", "Only the transitions described above are permitted"),
)
def a_compromised_key_is_not_deactivated(kmip: Conversation) -> None:
    """Revoke of a Compromised object for another reason does not take the compromise back."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, COMPROMISE, compromise_occurrence=int(time.time())).succeeds().settle()
    kmip.revoke(key, RETIREMENT).refuses().or_succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.COMPROMISED)


@rule(
    "lifecycle.deactivated-is-not-activated",
    cites=kmip_1_4("11.20 Activate", "Object is not in Pre-Active state"),
    in_2_x=kmip_2_1("6.1.1 Activate", "The operation SHALL only be performed on an object in the Pre-Active state"),
    mutants=["activate.dead-object-not-found"],
)
def a_deactivated_key_is_not_activated_again(kmip: Conversation) -> None:
    """Activate of a Deactivated object fails with Permission Denied, and the State stays."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RETIREMENT).succeeds().settle()
    kmip.activate(key).refuses(because=Reason.PERMISSION_DENIED).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)
    expect(kmip.state_of(key), "the State of the key").is_(State.DEACTIVATED)


@rule(
    "lifecycle.compromised-is-not-activated",
    cites=kmip_1_4("11.20 Activate", "Object is not in Pre-Active state"),
    in_2_x=kmip_2_1("6.1.1 Activate", "The operation SHALL only be performed on an object in the Pre-Active state"),
    mutants=["activate.dead-object-not-found"],
)
def a_compromised_key_is_not_activated(kmip: Conversation) -> None:
    """Activate of a Compromised object fails with Permission Denied, and the State stays."""
    key = kmip.has_key()
    kmip.revoke(key, COMPROMISE, compromise_occurrence=int(time.time())).succeeds().settle()
    kmip.activate(key).refuses(because=Reason.PERMISSION_DENIED).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)
    expect(kmip.state_of(key), "the State of the key").is_(State.COMPROMISED)


@rule(
    "lifecycle.state-is-not-modified",
    cites=kmip_1_4(STATES, "The State SHALL NOT be changed by using the Modify Attribute operation"),
    in_2_x=kmip_2_1("4.57 State", "The State SHALL NOT be changed by using the Modify Attribute operation"),
    needs=[Operation.CREATE, Operation.MODIFY_ATTRIBUTE, Operation.GET_ATTRIBUTES],
    mutants=["attributes.read-only-modified"],
)
def the_state_cannot_be_written(kmip: Conversation) -> None:
    """Modify Attribute of State fails, and the State stays."""
    key = kmip.has_key()
    kmip.modify_attribute(key, requests.attribute("State", State.ACTIVE)).refuses(because=Reason.PERMISSION_DENIED).or_acceptably()
    expect(kmip.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)


@rule(
    "lifecycle.created-with-a-state",
    cites=kmip_1_4(STATES, "The State SHALL only be changed by the server"),
    in_2_x=kmip_2_1("4.57 State", "The State SHALL only be changed by the server"),
)
def the_state_is_not_chosen_at_creation(kmip: Conversation) -> None:
    """Create does not let the client choose the State."""
    answer = kmip.create_symmetric_key(requests.attribute("State", State.ACTIVE)).refuses()
    answer.or_acceptably_succeeds()
