"""What a load run writes down: the values of ``load.json``, and nothing that shows them.

Lowest of all rooms and standard library only, as `kmip_reports.records` is. The load profiles fill in a `LoadRun` and call
`write_load`; the pages read it back with `read_load`. Latencies are milliseconds with microseconds in the fraction, as they were
measured from the first byte of a request written to the last byte of its answer read. Every time is seconds since the run began,
except for the two wall-clock stamps.

The names ``requests``, ``failures``, ``rps`` and ``latency_ms`` at the top and in each entry of ``operations`` are a contract that
other people's scripts read. Fields are only ever added; readers ignore those that they do not know.
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

FILE_NAME = "load.json"


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of the answered requests, in milliseconds. ``p999`` and ``mean`` are None where nobody took them."""

    p50: float
    p95: float
    p99: float
    max: float
    p999: float | None = None
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class PercentilePoint:
    """One point of a latency distribution: ``percentile`` (0 to 100) of the requests were answered within ``milliseconds``.

    ``count`` is how many requests lie at or below it. A curve wants its points denser towards 100, as HDR histograms print them.
    """

    percentile: float
    milliseconds: float
    count: int = 0


@dataclass(frozen=True, slots=True)
class OperationLoad:
    """One operation ("Get", "Create", or a client's call such as "connect") over the whole run."""

    requests: int
    failures: int
    rps: float
    """Requests a second, over the measured seconds of the run."""
    latency_ms: Latency
    distribution: tuple[PercentilePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Second:
    """What was answered within one second of the run; percentiles are None in a second that answered nothing."""

    second: int
    requests: int
    failures: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None
    users: int | None = None


@dataclass(frozen=True, slots=True)
class FailureReason:
    """Requests of one operation that failed for one reason; ``first_second`` is when the first of them was seen."""

    operation: str
    reason: str
    count: int
    first_second: float | None = None


@dataclass(frozen=True, slots=True)
class LoadRun:
    """A whole ``load.json``.

    ``target`` is as in `records.RunHeader`: ``{"name", "address", "vendor", "kmip_versions", "tls"}``, as far as they are known.
    ``duration_seconds`` is what was measured, ``asked_seconds`` what was asked for. ``versions`` names what the load came from and
    ran on: ``{"kmiplab", "python", "locust", "platform", "cpus"}``. ``complete`` is False for a run that was cut short.
    """

    started_at: str
    finished_at: str
    tool: str
    target: dict[str, Any]
    profile: str
    users: int
    processes: int
    duration_seconds: float
    requests: int
    failures: int
    rps: float
    latency_ms: Latency
    operations: dict[str, OperationLoad]
    series: tuple[Second, ...] = ()
    distribution: tuple[PercentilePoint, ...] = ()
    failure_reasons: tuple[FailureReason, ...] = ()
    complete: bool = True
    asked_seconds: float | None = None
    profile_summary: str = ""
    """The profile in one sentence, as its help has it."""
    command: str = ""
    versions: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()


def write_load(run: LoadRun, path: Path) -> None:
    """Write ``load.json`` whole or not at all: a reader never meets half a file. Raises `RecordError` when the disk refuses."""
    write_file(path, json.dumps({"format": FORMAT, **asdict(run)}, indent=1) + "\n")


def read_load(path: Path) -> LoadRun:
    """Read ``load.json``. Raises `RecordError`, with what to do, for a file that is missing, half-written or something else."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read: {error}", "name a report folder that `kmiplab load` wrote.") from error
    try:
        return _run_from(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordError(
            f"{path} is not the record of a load run: {error}", "was the file edited, or written by something else?"
        ) from error


def _run_from(document: dict[str, Any]) -> LoadRun:
    return known(
        LoadRun,
        {
            **document,
            **_figures_from(document),
            "duration_seconds": float(document["duration_seconds"]),
            "target": dict(document["target"]),
            "operations": {name: _operation_from(entry) for name, entry in document["operations"].items()},
            "series": tuple(known(Second, entry) for entry in document.get("series", ())),
            "failure_reasons": tuple(known(FailureReason, entry) for entry in document.get("failure_reasons", ())),
            "notes": tuple(document.get("notes", ())),
        },
    )


def _operation_from(entry: dict[str, Any]) -> OperationLoad:
    return known(OperationLoad, {**entry, **_figures_from(entry)})


def _figures_from(entry: dict[str, Any]) -> dict[str, Any]:
    """What the whole run and each operation have alike; a figure that is no number is refused here, not met later."""
    latency = {name: value if value is None else float(value) for name, value in entry["latency_ms"].items()}
    return {
        "requests": int(entry["requests"]),
        "failures": int(entry["failures"]),
        "rps": float(entry["rps"]),
        "latency_ms": known(Latency, latency),
        "distribution": tuple(known(PercentilePoint, point) for point in entry.get("distribution", ())),
    }
