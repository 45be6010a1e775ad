"""What a rehearsal of a migration writes down: the values of ``rehearsal.json``, and nothing that shows them.

Lowest of all rooms and standard library only, as `kmip_reports.records` is. Names of machines, hosts and keys stand here; no key
material, API key or certificate does. Times are seconds, except for the two wall-clock stamps. Fields are only ever added; readers
ignore those that they do not know.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kmip_reports.records import RecordError, known, write_file

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""The number of this format."""

FILE_NAME = "rehearsal.json"


@dataclass(frozen=True, slots=True)
class IfDeletedNow:
    """What would become of the data keys if the old provider were deleted at this moment; the three add up to all data keys.

    ``safe`` need nothing of the old provider. ``until_reboot`` are readable as long as a host has the key in its memory, and lost with
    its next reboot. ``lost`` are lost at once. ``tried`` is how many really opened when a copy of the old service was deleted and all
    hosts had rebooted; None where that was not tried.
    """

    safe: int
    until_reboot: int
    lost: int
    tried: int | None = None
    names: tuple[str, ...] = ()
    """What would be lost, now or with a reboot."""


@dataclass(frozen=True, slots=True)
class StageRecord:
    """One stage: how long it took, what went over the wire, and what came of it. ``mark`` says how its steps are known to be so."""

    name: str
    title: str
    mark: str
    seconds: float
    told: tuple[str, ...] = ()
    connections: int = 0
    requests: dict[str, int] | None = None
    if_deleted_now: IfDeletedNow | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """How many of one kind refer to the new provider now."""

    kind: str
    moved: int
    of: int


@dataclass(frozen=True, slots=True)
class AccidentRecord:
    """A known accident, made to happen: what came of it, and what would have prevented it.

    ``on`` is "the estate", or the small estate that the closing section played it on. ``lost`` names what cannot be opened any more.
    ``averted`` tells how it went when the prevention was tried; empty where it was not.
    """

    name: str
    title: str
    on: str
    happened: tuple[str, ...]
    prevention: str
    lost: tuple[str, ...]
    seconds: float
    averted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A whole ``rehearsal.json``. ``complete`` is False for one that was broken off."""

    started_at: str
    finished_at: str
    tool: str
    seed: int
    machines: int
    hosts: int
    clusters: int
    data_keys: int
    old_provider: str
    new_provider: str
    seconds: float
    stages: tuple[StageRecord, ...]
    moved: tuple[Moved, ...]
    refers_to_old: tuple[str, ...]
    lost: tuple[str, ...]
    accidents: tuple[AccidentRecord, ...] = ()
    complete: bool = True
    command: str = ""
    problems: tuple[str, ...] = ()
    """What kept the rehearsal from its end, or did not come out as expected."""

    @property
    def succeeded(self) -> bool:
        """Did everything move, and was nothing lost?"""
        return self.complete and not self.refers_to_old and not self.lost and not self.problems

    @property
    def exit_code(self) -> int:
        """0 everything moved and nothing was lost; 2 broken off; 1 otherwise."""
        if not self.complete:
            return 2
        return 0 if self.succeeded else 1


def write_rehearsal(rehearsal: Rehearsal, path: Path) -> None:
    """Write ``rehearsal.json`` whole or not at all. Raises `RecordError` when the disk refuses."""
    write_file(path, rehearsal_json(rehearsal))


def rehearsal_json(rehearsal: Rehearsal) -> str:
    """The document: the record, the number of its format, and what it comes to."""
    document = {"format": FORMAT, "succeeded": rehearsal.succeeded, "exit_code": rehearsal.exit_code, **asdict(rehearsal)}
    return json.dumps(document, indent=1) + "\n"


def read_rehearsal(path: Path) -> Rehearsal:
    """Read ``rehearsal.json``. Raises `RecordError`, with what to do, for a file that is missing, half-written or something else."""
    try:
        return _rehearsal_from(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(
            f"{path} is not the record of a rehearsal: {error}", "name a folder that `kmiplab rehearse migration` wrote."
        ) from error


def _rehearsal_from(document: dict[str, Any]) -> Rehearsal:
    return known(
        Rehearsal,
        {
            **document,
            "stages": tuple(_stage_from(entry) for entry in document["stages"]),
            "moved": tuple(known(Moved, entry) for entry in document["moved"]),
            "accidents": tuple(
                known(AccidentRecord, {**entry, **{name: tuple(entry.get(name, ())) for name in ("happened", "lost", "averted")}})
                for entry in document.get("accidents", ())
            ),
            **{name: tuple(document.get(name, ())) for name in ("refers_to_old", "lost", "problems")},
        },
    )


def _stage_from(entry: dict[str, Any]) -> StageRecord:
    now = entry.get("if_deleted_now")
    return known(
        StageRecord,
        {
            **entry,
            "told": tuple(entry.get("told", ())),
            "if_deleted_now": known(IfDeletedNow, {**now, "names": tuple(now.get("names", ()))}) if now else None,
        },
    )
