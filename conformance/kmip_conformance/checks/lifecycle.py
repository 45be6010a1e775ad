"""The lifecycle: which operation takes an object from which state to which (KMIP 1.4, 3.22 State)."""

from __future__ import annotations

from kmip_conformance.authoring import MUST, Conversation, Operation, Reason, RevocationReasonCode, State, check, expect, kmip_1_4


@check(
    "lifecycle.activate-once",
    level=MUST,
    cites=kmip_1_4("11.20 Activate", "Object is not in Pre-Active state"),
    needs=[Operation.CREATE, Operation.ACTIVATE],
    mutants=["activate.active-object-activated-again"],
)
def an_active_key_cannot_be_activated_again(kmip: Conversation) -> None:
    """Activate of an object that is not Pre-Active fails with Permission Denied."""
    key = kmip.has_key(active=True)
    kmip.activate(key).refuses(because=Reason.PERMISSION_DENIED).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)


@check(
    "lifecycle.revoke-deactivates",
    level=MUST,
    cites=kmip_1_4("3.22 State", "A client issues a Revoke operation, with a Revocation Reason other than Compromised"),
    needs=[Operation.CREATE, Operation.ACTIVATE, Operation.REVOKE, Operation.GET_ATTRIBUTES],
    mutants=["revoke.state-unchanged"],
)
def a_revoked_key_is_deactivated(kmip: Conversation) -> None:
    """Revoke of an Active object for a reason other than compromise makes it Deactivated."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RevocationReasonCode.CESSATION_OF_OPERATION).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.DEACTIVATED)
