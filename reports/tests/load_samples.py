"""A realistic load run to render, made the same every time. ``python load_samples.py FOLDER [FACTOR]`` writes it to look at."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from kmip_reports.records_load import FILE_NAME, FailureReason, Latency, LoadRun, OperationLoad, PercentilePoint, Second, write_load

MARKS = (0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.9, 99.95, 99.99, 100.0)


def sample_load(*, factor: float = 1.0, seconds: int = 30, failures: int = 37, complete: bool = True) -> LoadRun:
    """A boot storm of 64 users; ``factor`` makes every latency that much longer."""
    rng = random.Random(5696)
    by_operation = {
        "connect": [factor * rng.lognormvariate(1.9, 0.25) for _ in range(4000)],
        "Discover Versions": [factor * rng.lognormvariate(-0.9, 0.3) for _ in range(4000)],
        "Get": [factor * rng.lognormvariate(-0.5, 0.45) for _ in range(8000)],
    }
    every = sorted(value for values in by_operation.values() for value in values)
    operations = {
        name: OperationLoad(
            len(values), failures if name == "Get" else 0, round(len(values) / seconds, 3), _latency(sorted(values)), _curve(sorted(values))
        )
        for name, values in by_operation.items()
    }
    return LoadRun(
        started_at="2026-11-20T10:00:00Z",
        finished_at="2026-11-20T10:00:30Z",
        tool="kmiplab 0.1.0",
        target={"name": "Example KMS", "address": "kms.example.com:5696", "kmip_versions": ["1.0", "1.4"]},
        profile="boot-storm",
        users=64,
        processes=2,
        duration_seconds=float(seconds),
        requests=len(every),
        failures=failures,
        rps=round(len(every) / seconds, 3),
        latency_ms=_latency(every),
        operations=operations,
        series=tuple(_second(rng, number, len(every) / seconds, factor, failures) for number in range(seconds)),
        distribution=_curve(every),
        failure_reasons=(
            FailureReason("Get", "Operation Failed: Item Not Found", failures - failures // 3, 11.4),
            FailureReason("Get", "the connection was reset", failures // 3, 12.0),
        )
        if failures
        else (),
        complete=complete,
        asked_seconds=30.0,
        profile_summary="Hosts that come back at once: each opens a TLS connection, asks Discover Versions, and fetches two keys.",
        command="kmiplab load --target kms.example.com:5696 --profile boot-storm --users 64 --duration 30s --processes 2",
        versions={"kmiplab": "0.1.0", "python": "3.13.1", "locust": "2.47.0", "platform": "Linux-6.12", "cpus": 8},
    )


def _second(rng: random.Random, number: int, rps: float, factor: float, failures: int) -> Second:
    slow = 2.5 if number in {11, 12} else 1.0
    requests = int(rps * rng.uniform(0.9, 1.1) / slow)
    p50 = 0.7 * slow * factor * rng.uniform(0.95, 1.05)
    failed = failures // 2 if slow > 1 else 0
    return Second(number, requests, failed, p50, p50 * 9, p50 * 14, p50 * rng.uniform(20, 60), min(64, 8 * number + 8))


def _latency(ordered: list[float]) -> Latency:
    p50, p95, p99, p999 = (round(_at(ordered, mark), 3) for mark in (50, 95, 99, 99.9))
    return Latency(p50, p95, p99, round(ordered[-1], 3), p999, round(sum(ordered) / len(ordered), 3))


def _curve(ordered: list[float]) -> tuple[PercentilePoint, ...]:
    return tuple(PercentilePoint(mark, round(_at(ordered, mark), 3), int(mark / 100 * len(ordered))) for mark in MARKS)


def _at(ordered: list[float], percentile: float) -> float:
    return ordered[min(len(ordered) - 1, int(percentile / 100 * len(ordered)))]


def main() -> None:
    from kmip_reports.render.load import write_load_report

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    run = sample_load(factor=float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
    write_load(run, folder / FILE_NAME)
    write_load_report([run], folder)


if __name__ == "__main__":
    main()
