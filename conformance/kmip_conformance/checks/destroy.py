"""Destroy (KMIP 1.4, 4.21)."""

from __future__ import annotations

from kmip_conformance.authoring import MUST, Conversation, Operation, Reason, State, check, expect, kmip_1_4


@check(
    "destroy.active-object-refused",
    level=MUST,
    cites=[kmip_1_4("11.22 Destroy", "Object is not in Pre-Active, Deactivated or Compromised state"), kmip_1_4("4.21 Destroy")],
    needs=[Operation.CREATE, Operation.ACTIVATE, Operation.DESTROY],
    mutants=["destroy.active-object-destroyed"],
)
def active_object_cannot_be_destroyed(kmip: Conversation) -> None:
    """An Active object is not destroyed: Destroy fails with Permission Denied."""
    key = kmip.has_key(active=True)
    kmip.destroy(key).refuses(because=Reason.PERMISSION_DENIED).or_acceptably(because=Reason.WRONG_KEY_LIFECYCLE_STATE)
    expect(kmip.state_of(key), "the State of the key afterwards").is_(State.ACTIVE)


@check(
    "destroy.material-is-gone",
    level=MUST,
    cites=kmip_1_4("4.21 Destroy", "the key material for the specified Managed Object SHALL be destroyed"),
    needs=[Operation.CREATE, Operation.GET, Operation.DESTROY],
    mutants=["destroy.material-stays", "destroy.object-unchanged"],
)
def a_destroyed_key_is_not_given_out(kmip: Conversation) -> None:
    """After Destroy, nobody gets the key any more."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds()
    kmip.get(key).refuses()
