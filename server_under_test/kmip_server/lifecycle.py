"""The life of a managed object, as one table: state × event → new state, or why not.

The permitted transitions are the ten of KMIP 1.4, 3.22 ("Only the transitions described above are permitted"); the Result Reasons of
the refusals are those of the operations' error tables (11.20 Activate, 11.21 Revoke, 11.22 Destroy). Nothing here reads a clock or a
store: callers bring the state, the dates and the time.

Until 1.4 Opaque Objects and Templates have no State attribute (3.22 applies to Cryptographic Objects), yet they are destroyed (4.20, 4.21).
Their rows differ where the second table says so. In 2.x they live as all others do ("All Objects", 2.1, 4.57).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from kmip_server.enums import ObjectType, ResultReason, RevocationReasonCode, State
from kmip_server.errors import KmipFailure
from kmip_server.versions import V1_3, V2_0, KmipVersion


class Event(Enum):
    """What moves an object from state to state: three operations, one of them in two kinds, and two dates."""

    ACTIVATE = auto()
    REVOKE = auto()
    COMPROMISE = auto()
    DESTROY = auto()
    ACTIVATION_DATE = auto()
    DEACTIVATION_DATE = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event does not move an object: the sentence, and the Result Reason of 1.x and of 2.x."""

    reason: ResultReason
    reason_2: ResultReason
    sentence: str

    def failure(self) -> KmipFailure:
        """The batch item's failure."""
        return KmipFailure(self.reason, self.sentence, reason_2=self.reason_2)


_DENIED, _ILLEGAL = ResultReason.PERMISSION_DENIED, ResultReason.ILLEGAL_OPERATION
_WRONG_STATE, _DESTROYED = ResultReason.WRONG_KEY_LIFECYCLE_STATE, ResultReason.OBJECT_DESTROYED


def _activate(state: str) -> Refusal:
    return Refusal(_DENIED, _WRONG_STATE, f"Activate is refused: the object is {state}, and only a Pre-Active one can be activated")


def _revoke(state: str, remedy: str = "") -> Refusal:
    return Refusal(_ILLEGAL, _WRONG_STATE, f"Revoke is refused: the object is {state}{remedy}")


_destroyed = Refusal(_DENIED, _DESTROYED, "Destroy is refused: the object has already been destroyed")

TRANSITIONS: dict[tuple[State, Event], State | Refusal] = {
    (State.PRE_ACTIVE, Event.ACTIVATE): State.ACTIVE,
    (State.PRE_ACTIVE, Event.ACTIVATION_DATE): State.ACTIVE,
    (State.PRE_ACTIVE, Event.COMPROMISE): State.COMPROMISED,
    (State.PRE_ACTIVE, Event.REVOKE): _revoke("Pre-Active", "; only Key Compromise can be its reason (or destroy the object)"),
    (State.PRE_ACTIVE, Event.DESTROY): State.DESTROYED,
    (State.ACTIVE, Event.ACTIVATE): _activate("already Active"),
    (State.ACTIVE, Event.DEACTIVATION_DATE): State.DEACTIVATED,
    (State.ACTIVE, Event.COMPROMISE): State.COMPROMISED,
    (State.ACTIVE, Event.REVOKE): State.DEACTIVATED,
    (State.ACTIVE, Event.DESTROY): Refusal(_DENIED, _WRONG_STATE, "Destroy is refused: the object is Active; revoke it first"),
    (State.DEACTIVATED, Event.ACTIVATE): _activate("Deactivated"),
    (State.DEACTIVATED, Event.COMPROMISE): State.COMPROMISED,
    (State.DEACTIVATED, Event.REVOKE): _revoke("already Deactivated"),
    (State.DEACTIVATED, Event.DESTROY): State.DESTROYED,
    (State.COMPROMISED, Event.ACTIVATE): _activate("Compromised"),
    (State.COMPROMISED, Event.COMPROMISE): _revoke("already Compromised"),
    (State.COMPROMISED, Event.REVOKE): _revoke("already Compromised"),
    (State.COMPROMISED, Event.DESTROY): State.DESTROYED_COMPROMISED,
    (State.DESTROYED, Event.ACTIVATE): _activate("Destroyed"),
    (State.DESTROYED, Event.COMPROMISE): State.DESTROYED_COMPROMISED,
    (State.DESTROYED, Event.REVOKE): _revoke("Destroyed"),
    (State.DESTROYED, Event.DESTROY): _destroyed,
    (State.DESTROYED_COMPROMISED, Event.ACTIVATE): _activate("Destroyed Compromised"),
    (State.DESTROYED_COMPROMISED, Event.COMPROMISE): _revoke("Destroyed Compromised"),
    (State.DESTROYED_COMPROMISED, Event.REVOKE): _revoke("Destroyed Compromised"),
    (State.DESTROYED_COMPROMISED, Event.DESTROY): _destroyed,
}

_not_activatable = Refusal(_ILLEGAL, ResultReason.ILLEGAL_OBJECT_TYPE, "Activate is refused: the object has no State")

OPAQUE_TRANSITIONS: dict[tuple[State, Event], State | Refusal] = {
    **{(state, Event.ACTIVATE): _not_activatable for state in State},
    (State.PRE_ACTIVE, Event.REVOKE): State.DEACTIVATED,
}

DESTROYED_STATES = frozenset({State.DESTROYED, State.DESTROYED_COMPROMISED})


def next_state(object_type: ObjectType, state: State, event: Event, version: KmipVersion) -> State:
    """The state after the event. Raises `KmipFailure` with the Result Reason of the table when the event is refused."""
    outcome = TRANSITIONS[state, event]
    if object_type in (ObjectType.OPAQUE_OBJECT, ObjectType.TEMPLATE) and version < V2_0:
        outcome = OPAQUE_TRANSITIONS.get((state, event), outcome)
    if isinstance(outcome, Refusal):
        raise outcome.failure()
    return outcome


def revocation_event(code: RevocationReasonCode, version: KmipVersion) -> Event:
    """What a Revocation Reason Code does: 1.0-1.2 know "key compromise" only, 1.3 added "CA compromise" (4.20 Revoke)."""
    compromises = code is RevocationReasonCode.KEY_COMPROMISE
    compromises = compromises or (code is RevocationReasonCode.CA_COMPROMISE and version >= V1_3)
    return Event.COMPROMISE if compromises else Event.REVOKE


def settled(state: State, activation_date: int | None, deactivation_date: int | None, now: int) -> State:
    """The state at ``now`` (seconds since 1970), when dates that have come move it by themselves (3.22, transitions 4 and 6)."""
    if state is State.PRE_ACTIVE and activation_date is not None and activation_date <= now:
        state = State.ACTIVE
    if state is State.ACTIVE and deactivation_date is not None and deactivation_date <= now:
        state = State.DEACTIVATED
    return state


def next_date(state: State, activation_date: int | None, deactivation_date: int | None) -> int | None:
    """When the state will move by itself next, if nobody touches the object. None: never."""
    if state is State.PRE_ACTIVE:
        return activation_date
    return deactivation_date if state is State.ACTIVE else None
