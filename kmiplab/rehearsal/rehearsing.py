"""The whole rehearsal: the places, the migration of the estate, and the accidents that have not happened to it, on small ones."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kmip_reports.records_rehearsal import AccidentRecord, Rehearsal

from kmiplab import __version__
from kmiplab.errors import LabError
from kmiplab.rehearsal.accidents import ACCIDENTS, HOST_OFF, OLD_KEY_IN_USE, Accident
from kmiplab.rehearsal.estate import make_estate
from kmiplab.rehearsal.migration import NEW, OLD, Migration
from kmiplab.rehearsal.places import places
from kmiplab.rehearsal.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kmiplab.rehearsal.estate import Estate
    from kmiplab.rehearsal.migration import Watch
    from kmiplab.rehearsal.places import Places
    from kmiplab.rehearsal.settings import Settings

THE_ESTATE, A_SMALL_ONE = "the estate", "a small estate of its own"
SMALL = {"machines": 2, "hosts": 4, "clusters": 1}
"""The estate of the closing section."""


class Unwatched:
    """A `Watch` that looks away."""

    def stage(self, title: str) -> None:
        """A stage begins."""

    def step(self, done: int, of: int) -> None:
        """So many things of a stage are done."""


def rehearse(settings: Settings, watch: Watch | None = None) -> Rehearsal:
    """Rehearse the migration. Ctrl-C ends it: what was done up to then is in the record, which is not `complete` then.

    Raises `LabError` for settings that cannot be, `LabDidNotStart` when the lab does not come up.
    """
    estate = _estate(settings)
    watch = watch or Unwatched()
    watch.stage("Starting Key Protect, the classic service and a native endpoint")
    started, begun = dt.datetime.now(dt.UTC), time.perf_counter()
    with _folder(settings) as folder, places(folder) as where:
        migration = Migration(where, estate, watch, label="estate", accidents=settings.accidents, trial=_trial(settings))
        accidents: list[AccidentRecord] = []
        complete = False
        with suppress(KeyboardInterrupt):
            migration.run(STAGES)
            accidents += [_accident(migration, ACCIDENTS[name], THE_ESTATE) for name in ACCIDENTS if name in settings.accidents]
            for name in ACCIDENTS if settings.closing else ():
                if name not in settings.accidents:
                    accidents.append(_played(where, ACCIDENTS[name], watch))
            complete = True
    return Rehearsal(
        started_at=_stamp(started),
        finished_at=_stamp(dt.datetime.now(dt.UTC)),
        tool=f"kmiplab {__version__}",
        seed=settings.seed,
        machines=settings.machines,
        hosts=settings.hosts,
        clusters=settings.clusters,
        data_keys=sum(1 for _ in estate.encrypted()),
        old_provider=OLD,
        new_provider=NEW,
        seconds=time.perf_counter() - begun,
        stages=tuple(migration.records),
        moved=migration.moved(),
        refers_to_old=tuple(item.name for item in estate.refers_to(OLD)),
        lost=tuple(migration.lost),
        accidents=tuple(accidents),
        complete=complete,
        command=settings.command,
        problems=tuple(migration.problems),
    )


def _estate(settings: Settings) -> Estate:
    unknown = settings.accidents - set(ACCIDENTS)
    if unknown:
        raise LabError(f"there is no accident {min(unknown)!r}", f"choose among {', '.join(ACCIDENTS)}")
    if OLD_KEY_IN_USE.name in settings.accidents and not settings.machines:
        raise LabError("a clone needs a virtual machine to be cloned", "--vms 1 or more, or another accident.")
    if HOST_OFF.name in settings.accidents and settings.hosts < 2:
        raise LabError("when the only host is off there is nothing to rehearse", "--hosts 2 or more, or another accident.")
    return make_estate(settings.seed, machines=settings.machines, hosts=settings.hosts, clusters=settings.clusters)


def _trial(settings: Settings) -> Callable[[Migration], int] | None:
    if not settings.trials:
        return None
    from kmiplab.rehearsal.trial import open_after_a_deletion

    return open_after_a_deletion


def _played(where: Places, accident: Accident, watch: Watch) -> AccidentRecord:
    """An accident on a small estate, from beginning to end."""
    watch.stage(f"Accident: {accident.title}")
    told = _accident(_small_migration(where, accident, accident.name, is_careful=False), accident, A_SMALL_ONE)
    if not accident.loses:
        return told
    averted = _small_migration(where, accident, f"{accident.name}-averted", is_careful=True)
    whole = "after that the service is deleted without force, every host reboots, and every data key opens"
    outcome = [whole] if averted.is_whole else ["that did not help", *averted.problems]
    return replace(told, averted=(*averted.made_good, *outcome))


def _small_migration(where: Places, accident: Accident, label: str, *, is_careful: bool) -> Migration:
    accidents = frozenset({accident.name})
    migration = Migration(where, make_estate(1, **SMALL), Unwatched(), label=label, accidents=accidents, is_careful=is_careful)
    migration.run(STAGES)
    return migration


def _accident(migration: Migration, accident: Accident, where: str) -> AccidentRecord:
    happened = migration.happened.get(accident.name, [])
    seconds = sum(stage.seconds for stage in migration.records)
    lost = tuple(
        item.name for item in migration.estate.encrypted() if item.name in migration.lost and accident in migration.accidents_of(item)
    )
    return AccidentRecord(accident.name, accident.title, where, (*happened, *migration.problems), accident.prevention, lost, seconds)


@contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    if settings.state_dir is not None:
        if settings.state_dir.is_dir() and any(settings.state_dir.iterdir()):
            raise LabError(f"{settings.state_dir} is not empty, and a rehearsal begins with nothing", "name a new folder: --state-dir DIR")
        yield settings.state_dir
        return
    with TemporaryDirectory(prefix="kmiplab-rehearsal-") as folder:
        yield Path(folder)


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
