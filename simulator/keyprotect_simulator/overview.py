"""What the console shows: every record of the state without its secrets, and the state of each key at this moment.

Derived from the records themselves, so that a kind that is added shows up by itself: a `Secret` is left out wherever it stands, and so are
digests of secrets; a number that is a time is written as one.
"""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.lifecycle import STATE_NAMES, is_gone, state_of
from keyprotect_simulator.records import Clocks, Key, KmipAdapter, LabRecord, Record, Secret, SigningKey
from keyprotect_simulator.state.sealing import KIND_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.simulator import Simulator

MOST_OF_A_KIND = 1000
"""Records of one kind that are shown, the newest."""
NOT_SHOWN = (SigningKey, LabRecord, Clocks, Key)
HIDDEN_FIELDS = frozenset({"digest"})
NO_TIMES = 1e8
"""Numbers below are no times (1973)."""


def overview(simulator: Simulator) -> Json:
    """Clocks, keys, and all other records by kind."""
    with simulator.core.exclusive() as state:
        records = state.everything()
    now = simulator.clock()
    keys = [record for record in records if isinstance(record, Key) and not is_gone(record, now)]
    others: dict[str, list[Record]] = {}
    for record in (*records, *elsewhere(simulator, records)):
        if not isinstance(record, NOT_SHOWN):
            others.setdefault(KIND_NAMES[type(record)], []).append(record)
    return {
        "clock": {"time": rfc3339(now), "moved": simulator.clock.offset},
        "iam_clock": {"time": rfc3339(simulator.iam_clock()), "moved": simulator.iam_clock.offset},
        "keys": [shown_key(key, now) for key in keys[-MOST_OF_A_KIND:]],
        "records": {kind: [shown(record) for record in found[-MOST_OF_A_KIND:]] for kind, found in others.items()},
        "totals": {"key": len(keys), **{kind: len(found) for kind, found in others.items()}},
        "requests": simulator.requests.numbers(),
        "regions_away": sorted(simulator.core.regions_away),
        "disturbances": [
            {"number": one.number, "disturbed": one.disturbed, **asdict(one.disturbance)} for one in simulator.disturbances.in_force()
        ],
    }


def elsewhere(simulator: Simulator, records: list[Record]) -> Iterator[Record]:
    """The objects of KMIP adapters that are not in the state, but in a KMIP server."""
    if simulator.core.kmip_objects is not None:
        for adapter in records:
            if isinstance(adapter, KmipAdapter):
                yield from simulator.core.kmip_objects.of_adapter(adapter, MOST_OF_A_KIND)


def shown_key(key: Key, now: float) -> Json:
    """A key, its state in words."""
    return {**shown(key), "state": STATE_NAMES.get(state_of(key, now), "pre-activation")}


def shown(value: Any) -> Json:
    """The fields of a record, or of a value in it, that are no secret."""
    named = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: plain(item) for name, item in named if name not in HIDDEN_FIELDS and not isinstance(item, Secret)}


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Secret):
        return "•••"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list, frozenset)):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return shown(value)
    if isinstance(value, (int, float)) and value >= NO_TIMES:
        return rfc3339(value)
    return value.hex() if isinstance(value, bytes) else value
