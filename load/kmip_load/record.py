"""The record of a run, made from its tally: what ``load.json`` says, with the notes that a reader of its figures needs."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kmip_reports.records_load import LoadRun

from kmip_load.profiles import PROFILES

if TYPE_CHECKING:
    from kmip_conformance.client import TargetFacts

    from kmip_load.options import Options
    from kmip_load.tally import Tally

BUSY = 0.9
"""Share of a core from which on a generator is taken to measure itself."""


def record_of(options: Options, facts: TargetFacts, tally: Tally, *, started_at: datetime, seconds: float, broken_off: str) -> LoadRun:
    """The record of a run that was measured for so many seconds; ``broken_off`` says why it is not complete, or is empty."""
    version = importlib.metadata.version("kmiplab")
    return LoadRun(
        started_at=_stamp(started_at),
        finished_at=_stamp(datetime.now(UTC)),
        tool=f"kmiplab {version}",
        target={"name": options.target_name or options.target.address, **facts.as_record()},
        profile=options.profile,
        users=options.users,
        processes=options.processes,
        duration_seconds=round(seconds, 3),
        requests=tally.requests,
        failures=tally.failures,
        rps=round(tally.requests / seconds, 3),
        latency_ms=tally.latency(),
        operations=tally.operations(seconds),
        series=tuple(tally.series),
        distribution=tally.curve(),
        failure_reasons=tally.failure_reasons(),
        complete=not broken_off,
        asked_seconds=options.duration,
        profile_summary=PROFILES[options.profile].summary,
        command=options.command,
        versions={
            "kmiplab": version,
            "python": platform.python_version(),
            "locust": importlib.metadata.version("locust"),
            "platform": platform.platform(terse=True),
            "cpus": os.cpu_count(),
        },
        notes=tuple(_notes(tally, broken_off)),
    )


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _notes(tally: Tally, broken_off: str) -> list[str]:
    notes = [broken_off] if broken_off else []
    if tally.busiest >= BUSY:
        notes.append(
            f"a load generator used {tally.busiest:.0%} of a core: throughput and latency may be its own limit, not the target's; "
            "use more --processes, or fewer users"
        )
    if tally.requests == 0:
        notes.append("nothing was asked: no user got as far as a request")
    return notes
