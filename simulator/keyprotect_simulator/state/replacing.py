"""One whole state in the place of another: what that changes, and what stays because something outside depends on it.

Whoever watches changes (`Core.guards`) is told what differs, not that everything went and came back: a KMIP server would otherwise lose,
with a client that goes, the objects of a client that comes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.records import Change, Instance, Key, Put, Record, Remove

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keyprotect_simulator.state.tables import State


def difference(former: Iterable[Record], latter: Iterable[Record]) -> tuple[Change, ...]:
    """What makes the one state the other: records that go, then records that are new or different."""
    before = {(type(record), record.id): record for record in former}
    after = {(type(record), record.id): record for record in latter}
    gone = (Remove(record) for place, record in before.items() if place not in after)
    return (*gone, *(Put(record) for place, record in after.items() if before.get(place) != record))


def with_needed(records: Sequence[Record], now: State, needed: Iterable[str]) -> tuple[Record, ...]:
    """The records, and of the keys that are needed every version that there is now: what they wrapped can be opened still.

    A needed key that the records do not have stays as it is, with its instance.
    """
    kept = {(type(record), record.id): record for record in records}
    for key_id in needed:
        key, then = now.get(Key, key_id), kept.get((Key, key_id))
        if key is None:
            continue
        if isinstance(then, Key):
            versions = {version.id: version for version in key.versions} | {version.id: version for version in then.versions}
            kept[Key, key_id] = replace(then, versions=tuple(versions.values()))
            continue
        kept[Key, key_id] = key
        instance = now.get(Instance, key.instance_id)
        if instance is not None:
            kept.setdefault((Instance, instance.id), instance)
    return tuple(kept.values())
