"""The life of a key: which action is lawful in which state, and how soon after another.

    0 pre-activation   1 active   2 suspended   3 deactivated (expired)   5 destroyed

The two tables say it all; `require` reads them. Expiry needs no event: a key whose expiration date has passed *is* deactivated (the
service takes up to an hour to notice). A destroyed key can be restored for 30 days and is gone for good after 90.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from keyprotect_simulator.faults import Fault, fault
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.provenance import DOCUMENTED, INFERRED, Provenance

if TYPE_CHECKING:
    from keyprotect_simulator.records import Key

DAY = 86_400
RESTORE_WINDOW = 30 * DAY
"""Seconds after its deletion for which a key can be restored."""
PURGE_ALLOWED_AFTER = 4 * 3600
"""Seconds after its deletion from which a key may be purged."""
PURGED_AFTER = 90 * DAY
"""Seconds after its deletion from which nothing is left of a key."""
AUTHORIZED_FOR = 7 * DAY
"""Seconds for which an authorization to delete a key is good."""


class KeyState(IntEnum):
    """NIST SP 800-57 key states, with the numbers that Key Protect gives them."""

    PRE_ACTIVATION = 0
    ACTIVE = 1
    SUSPENDED = 2
    DEACTIVATED = 3
    DESTROYED = 5


ACTIVE, SUSPENDED, DEACTIVATED, DESTROYED = KeyState.ACTIVE, KeyState.SUSPENDED, KeyState.DEACTIVATED, KeyState.DESTROYED


ROOT_KEYS, ANY_KEYS = True, False


class StateRule(NamedTuple):
    """In which states an action is lawful, and whether only root keys have it."""

    states: tuple[KeyState, ...]
    root_key_only: bool
    provenance: Provenance


STATE_RULES: dict[str, StateRule] = {
    "wrap": StateRule((ACTIVE,), ROOT_KEYS, DOCUMENTED),
    "unwrap": StateRule((ACTIVE, DEACTIVATED), ROOT_KEYS, DOCUMENTED),
    "rewrap": StateRule((ACTIVE, DEACTIVATED), ROOT_KEYS, DOCUMENTED),
    "rotate": StateRule((ACTIVE, DEACTIVATED), ROOT_KEYS, DOCUMENTED),
    "disable": StateRule((ACTIVE,), ROOT_KEYS, DOCUMENTED),
    "enable": StateRule((SUSPENDED,), ROOT_KEYS, DOCUMENTED),
    "delete": StateRule((ACTIVE, SUSPENDED, DEACTIVATED), ANY_KEYS, DOCUMENTED),
    "restore": StateRule((DESTROYED,), ANY_KEYS, DOCUMENTED),
    "purge": StateRule((DESTROYED,), ANY_KEYS, DOCUMENTED),
    "setKeyForDeletion": StateRule((ACTIVE,), ANY_KEYS, DOCUMENTED),
    "unsetKeyForDeletion": StateRule((ACTIVE,), ANY_KEYS, DOCUMENTED),
    "sync": StateRule((ACTIVE, SUSPENDED, DEACTIVATED, DESTROYED), ROOT_KEYS, INFERRED),
    "move to a ring": StateRule((ACTIVE, SUSPENDED, DEACTIVATED, DESTROYED), ANY_KEYS, INFERRED),
    "aliases": StateRule((ACTIVE, SUSPENDED, DEACTIVATED), ANY_KEYS, INFERRED),
    "set policies": StateRule((ACTIVE, SUSPENDED, DEACTIVATED), ANY_KEYS, INFERRED),
    "versions": StateRule((ACTIVE,), ROOT_KEYS, DOCUMENTED),
    "versions of all key states": StateRule((ACTIVE, SUSPENDED, DEACTIVATED, DESTROYED), ROOT_KEYS, DOCUMENTED),
}
"""Key Protect documentation, "Monitoring the lifecycle of encryption keys". A destroyed key is 410, another wrong state 409."""


class TimingRule(NamedTuple):
    """How long an action has to wait after an earlier one, and the code that says so."""

    seconds: float
    after: str
    code: str
    provenance: Provenance
    more: str = ""
    """What the message says beyond the usual; `{until}` is the first moment that will do."""


TIMING_RULES: dict[str, TimingRule] = {
    "enable": TimingRule(30, "last_action", "REQ_TOO_EARLY_ERR", DOCUMENTED),
    "restore": TimingRule(30, "deleted", "REQ_TOO_EARLY_ERR", DOCUMENTED),
    "rotate": TimingRule(3600, "rotated", "KEY_ROTATION_NOT_PERMITTED", DOCUMENTED),
    "purge": TimingRule(
        PURGE_ALLOWED_AFTER, "deleted", "REQ_TOO_EARLY_ERR", DOCUMENTED, "Purge operation is allowed 4h0m0s after key is deleted"
    ),
    "sync": TimingRule(3600, "notified", "REQ_TOO_EARLY_ERR", DOCUMENTED, "Sync cannot be performed until at least {until}"),
}
"""Action, then how many seconds it must be after which moment of the key."""

STATE_NAMES = {ACTIVE: "active", SUSPENDED: "suspended", DEACTIVATED: "deactivated", DESTROYED: "destroyed"}


def state_of(key: Key, now: float) -> KeyState:
    """The state of a key at this moment."""
    state = KeyState(key.state)
    expired = key.expires is not None and key.expires <= now
    return DEACTIVATED if expired and state in (ACTIVE, SUSPENDED) else state


def is_gone(key: Key, now: float) -> bool:
    """Whether the key was deleted so long ago that nothing is left of it."""
    return key.deleted is not None and now >= key.deleted + PURGED_AFTER


def is_erased(key: Key) -> bool:
    """Whether the key has lost its material, which nothing brings back: no clock that is moved back either."""
    return not key.newest.material


def is_authorized(key: Key, now: float) -> bool:
    """Whether somebody authorized the deletion of this key lately enough."""
    return key.authorized is not None and now < key.authorized + AUTHORIZED_FOR


def require(key: Key, action: str, now: float) -> None:
    """Refuse an action that this key, in this state, at this moment, does not have."""
    rule = STATE_RULES[action]
    if rule.root_key_only and key.extractable:
        raise fault("KEY_ROOT_REQ_ERR")
    state = state_of(key, now)
    if state not in rule.states:
        raise wrong_state(state, rule)
    require_patience(key, action, now)


def wrong_state(state: KeyState, rule: StateRule) -> Fault:
    """The refusal of an action in a state that does not have it."""
    if state is DESTROYED:
        return fault("KEY_DELETED_ERR")
    return fault("KEY_ACTION_INVALID_STATE_ERR", detail=f"Key is not in {STATE_NAMES[rule.states[0]]} state")


def require_patience(key: Key, action: str, now: float) -> None:
    """Refuse an action that comes too soon after another."""
    rule = TIMING_RULES.get(action)
    since: float | None = getattr(key, rule.after) if rule else None
    if rule is not None and since is not None and now < since + rule.seconds:
        raise fault(rule.code, rule.more.format(until=rfc3339(since + rule.seconds)))


def require_restorable(key: Key, now: float) -> None:
    """Refuse to restore a key that has expired, or that was deleted more than 30 days ago."""
    if key.expires is not None and key.expires <= now:
        expired = rfc3339(key.expires).replace("T", " ").removesuffix("Z")
        raise fault("KEY_EXPIRED_ERR", detail=f"The key expired on {expired} +0000 UTC")
    if key.deleted is not None and (now > key.deleted + RESTORE_WINDOW or is_erased(key)):
        raise fault("KEY_RESTORE_EXPIRED")
