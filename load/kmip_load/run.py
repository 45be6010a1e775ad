"""A whole load run: look at the target, make keys there, let the generators run, write the record, destroy what was made.

`run` returns an `Outcome`; it prints nothing, and tells an `Observer` how it is getting on. The first SIGINT or SIGTERM ends the run
in good order: users finish what they are doing, the record is written and marked incomplete, the keys are destroyed. The second ends it
at once.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Protocol

from kmip_conformance.client import probe
from kmip_conformance.tables import V1_0, V1_4, KmipVersion
from kmip_reports.records_load import FILE_NAME, LoadRun, write_load

from kmip_load.connection import endpoint_of
from kmip_load.errors import GeneratorLost
from kmip_load.fleet import Fleet, running_fleet
from kmip_load.messages import Messages
from kmip_load.options import make_writable, refuse_nonsense
from kmip_load.plan import Plan
from kmip_load.profiles import PROFILES
from kmip_load.record import record_of
from kmip_load.recorder import Sample
from kmip_load.stock import destroy_keys, stock_keys
from kmip_load.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from kmip_conformance.client import TargetFacts

    from kmip_load.options import Options


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. ``left`` are keys that are still on the target, ``lost`` is why the run broke off, if it did."""

    record: LoadRun
    left: tuple[str, ...] = ()
    lost: GeneratorLost | None = None


class Observer(Protocol):
    """Somebody who watches a run."""

    def stage(self, text: str) -> None:
        """A new part of the run has begun."""

    def second(self, tally: Tally, users: int) -> None:
        """Something was told; ``tally`` is as far as it goes."""


def run(options: Options, observer: Observer) -> Outcome:
    """Do what was asked. Raises `LoadError` and the client's own errors for what stands in the way of a run."""
    refuse_nonsense(options)
    if options.report_dir is not None:
        make_writable(options.report_dir)
    observer.stage(f"looking at {options.target.address}")
    facts = probe(options.target, timeout=options.timeout)
    plan = _plan(options, facts)
    messages, endpoint = Messages(plan), endpoint_of(options.target, options.timeout)
    made: list[str] = []
    try:
        wanted = PROFILES[options.profile].keys if options.keys is None else options.keys
        if wanted:
            observer.stage(f"making {wanted} keys on the target")
            stock_keys(endpoint, messages, wanted, made)
        outcome = _measure(options, replace(plan, keys=tuple(made)), facts, made, observer)
        _write(options, outcome.record)
    finally:
        left = made
        if made and not options.keep:
            observer.stage(f"destroying {len(made)} keys on the target")
            left = destroy_keys(endpoint, messages, made)
    if left:
        note = f"{len(left)} keys were left on the target" + (", as asked" if options.keep else ": they could not be destroyed")
        outcome = replace(outcome, left=tuple(left), record=replace(outcome.record, notes=(*outcome.record.notes, note)))
        _write(options, outcome.record)
    return outcome


def _plan(options: Options, facts: TargetFacts) -> Plan:
    offered = [version for version in facts.kmip_versions if V1_0 <= version <= V1_4]
    version = max(offered, default=KmipVersion(1, 1))
    return Plan(
        target=options.target,
        profile=options.profile,
        users=options.users,
        spawn_rate=options.spawn_rate or float(options.users),
        duration=options.duration,
        timeout=options.timeout,
        kmip_version=(version.major, version.minor),
    )


def _measure(options: Options, plan: Plan, facts: TargetFacts, made: list[str], observer: Observer) -> Outcome:
    """Let the generators run, and add up; ids of keys that the users made are appended to ``made``."""
    tally = Tally(options.processes)
    started_at, seconds, lost = datetime.now(UTC), 0.0, None
    observer.stage("starting the load generators")
    with running_fleet(plan.shares(options.processes)) as fleet, _stopped_by_signals(fleet) as interrupted:
        try:
            fleet.go()
            started_at = datetime.now(UTC)
            observer.stage(f"{options.profile}: {options.users} users for {options.duration:g} s")
            seconds = _hear(fleet, tally, options, observer)
        except GeneratorLost as error:
            if interrupted.is_set():
                raise KeyboardInterrupt from error
            lost, seconds = error, max((datetime.now(UTC) - started_at).total_seconds(), 1.0)
    tally.close()
    made.extend(tally.created)
    broken_off = str(lost) if lost else f"interrupted after {seconds:.1f} s of {options.duration:g} s" if interrupted.is_set() else ""
    record = record_of(options, facts, tally, started_at=started_at, seconds=seconds, broken_off=broken_off)
    return Outcome(record, lost=lost)


def _write(options: Options, record: LoadRun) -> None:
    if options.report_dir is not None:
        write_load(record, options.report_dir / FILE_NAME)


def _hear(fleet: Fleet, tally: Tally, options: Options, observer: Observer) -> float:
    """Add up what is told until every generator has finished; returns the seconds that were measured."""
    seconds = 0.0
    while fleet.is_running:
        number, told = fleet.hear(patience=options.timeout + 30.0)
        if isinstance(told, Sample):
            tally.add(number, told)
            observer.second(tally, options.users)
        else:
            seconds = max(seconds, told)
    return seconds


@contextmanager
def _stopped_by_signals(fleet: Fleet) -> Iterator[Event]:
    """Within the block the first SIGINT or SIGTERM stops the fleet and sets the event; the second is a KeyboardInterrupt."""
    stopped = Event()

    def stop(signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the standard library's signature
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        fleet.stop()

    with _handling(stop):
        yield stopped


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
