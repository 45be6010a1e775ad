"""What happens to keys without anybody asking: automatic rotation, and the end of a deleted key.

Once a deleted key can no longer be restored, after 30 days, its material is erased: whatever it wraps is lost for good (crypto-shredding).
What is told of the key goes after 90 days.

The service does these within a day of their moment; here they are done before the first request after it, and bear its time. A rotation
counts from the last one, or from the creation; a policy that comes later than its first moment rotates at once. An interval is 30 days
a month. Suspended, expired and destroyed keys do not rotate.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.identifiers import Random, new_uuid
from keyprotect_simulator.keys.actions import rotated
from keyprotect_simulator.keys.creation import GENERATED_LENGTH
from keyprotect_simulator.keys.deletion import purged
from keyprotect_simulator.keys.lifecycle import DAY, PURGED_AFTER, RESTORE_WINDOW, KeyState, is_erased
from keyprotect_simulator.keys.policies import ROTATE, policy_of
from keyprotect_simulator.records import Key, KeyVersion, Put, Record, Registration, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyprotect_simulator.records import Change
    from keyprotect_simulator.state.tables import State

MONTH = 30 * DAY


def due_at(record: Record) -> float:
    """When something happens to a record by itself; infinity for never."""
    if not isinstance(record, Key):
        return math.inf
    if record.deleted is None:
        return next_rotation(record)
    return record.deleted + (PURGED_AFTER if is_erased(record) else RESTORE_WINDOW + 1)


def next_rotation(key: Key) -> float:
    """When the key rotates by itself; infinity for never."""
    policy = policy_of(key, ROTATE)
    if policy is None or not policy.enabled or policy.interval_month is None or key.state != KeyState.ACTIVE:
        return math.inf
    since = key.created if key.rotated is None else key.rotated
    moment = max(since + policy.interval_month * MONTH, policy.updated, key.last_action)
    return moment if key.expires is None or moment < key.expires else math.inf


def due_changes(state: State, now: float, random: Random) -> tuple[Change, ...]:
    """Everything that is due at this moment."""
    return tuple(change for key in state.all(Key) if due_at(key) <= now for change in changes_of(state, key, now, random))


def changes_of(state: State, key: Key, now: float, random: Random) -> Iterator[Change]:
    """What is due for one key, every rotation that the moment has passed among it."""
    if key.deleted is not None:
        gone = now >= key.deleted + PURGED_AFTER
        yield from purged(state.find(Registration, "key", key.id), key) if gone else (Put(erased(key)),)
        return
    while next_rotation(key) <= now:
        key = rotated(key, KeyVersion(new_uuid(random), next_rotation(key), Secret(random(GENERATED_LENGTH))))
    yield Put(key)


def erased(key: Key) -> Key:
    """The key without the material of any of its versions."""
    return replace(key, versions=tuple(replace(version, material=Secret()) for version in key.versions))
