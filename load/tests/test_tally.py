"""Adding up: percentiles against an exact computation, seconds of several generators, failures by reason."""

from __future__ import annotations

import math
import random
from collections import Counter

from kmip_load.recorder import Recorder, Sample
from kmip_load.tally import Histogram, Tally
from kmip_reports.records_load import FailureReason

PRECISION = 0.001
"""Three significant digits."""


def exact_milliseconds(values: list[int], percentile: float) -> float:
    """The nearest rank, from the sorted values themselves."""
    return sorted(values)[max(0, math.ceil(percentile / 100 * len(values)) - 1)] / 1000


def long_tailed_microseconds() -> list[int]:
    chance = random.Random(20)
    return [int(chance.lognormvariate(7, 1)) for _ in range(20_000)] + [5_000_000, 61_000_000]


def test_percentiles_agree_with_an_exact_computation() -> None:
    values = long_tailed_microseconds()
    histogram = Histogram()
    histogram.add(Counter(values))

    latency = histogram.latency()

    for percentile, measured in ((50, latency.p50), (95, latency.p95), (99, latency.p99), (99.9, latency.p999)):
        assert measured is not None
        assert math.isclose(measured, exact_milliseconds(values, percentile), rel_tol=2 * PRECISION), percentile
    assert latency.max == 61_000
    assert latency.mean is not None
    assert math.isclose(latency.mean, sum(values) / len(values) / 1000, rel_tol=2 * PRECISION)


def test_the_curve_rises_to_the_slowest_and_counts_everything() -> None:
    values = long_tailed_microseconds()
    histogram = Histogram()
    histogram.add(Counter(values))

    curve = histogram.curve()

    assert [point.milliseconds for point in curve] == sorted(point.milliseconds for point in curve)
    assert [point.percentile for point in curve] == sorted({point.percentile for point in curve})
    assert (curve[-1].percentile, curve[-1].milliseconds, curve[-1].count) == (100.0, 61_000, len(values))
    assert sum(point.percentile > 99 for point in curve) > 20


def test_a_latency_beyond_the_histogram_is_counted_as_the_highest() -> None:
    histogram = Histogram()
    histogram.add({10**12: 1})

    assert histogram.total == 1
    assert histogram.latency().max == 600_000


def test_nothing_answered_has_zeros_and_no_curve() -> None:
    histogram = Histogram()

    assert histogram.latency().p99 == 0.0
    assert histogram.curve() == ()


def test_the_seconds_of_two_generators_are_merged() -> None:
    tally = Tally(generators=2)
    tally.add(0, Sample(0, {"Get": {1000: 3}}, users=2))
    assert tally.series == []

    tally.add(1, Sample(0, {"Get": {3000: 1}, "Create": {9000: 1}}, {"Get": {"Item Not Found": 2}}, users=1))
    tally.add(0, Sample(1, {"Get": {1000: 1}}, users=2))
    tally.close()

    first, last = tally.series
    assert (first.second, first.requests, first.failures, first.users) == (0, 7, 2, 3)
    assert (first.p50, first.max) == (1.0, 9.0)
    assert (last.second, last.requests, last.failures) == (1, 1, 0)
    assert (tally.requests, tally.failures) == (8, 2)
    operations = tally.operations(seconds=2.0)
    assert {name: (row.requests, row.failures, row.rps) for name, row in operations.items()} == {"Create": (1, 0, 0.5), "Get": (7, 2, 3.5)}


def test_a_second_that_answered_nothing_has_no_percentiles() -> None:
    tally = Tally(generators=1)
    tally.add(0, Sample(0, failures={"Get": {"no answer in time": 1}}))
    tally.close()

    assert (tally.series[0].requests, tally.series[0].p99) == (1, None)


def test_what_a_client_does_besides_requests_stands_outside_the_totals_until_it_fails() -> None:
    tally = Tally(generators=1)
    tally.add(0, Sample(0, {"connect": {5000: 4}, "Get": {1000: 4}}, {"connect": {"connection refused": 1}}))
    tally.close()

    assert (tally.requests, tally.failures) == (5, 1)
    assert tally.latency().max == 1.0
    assert list(tally.operations(1.0)) == ["Get", "connect"]
    assert tally.failure_reasons() == (FailureReason("connect", "connection refused", 1, 0),)


def test_a_recorder_hands_out_each_second_once() -> None:
    recorder = Recorder()
    for microseconds in (10, 10, 20):
        recorder.answered("Get", microseconds)
    recorder.failed("Get", "Item Not Found")
    recorder.created("7")

    assert recorder.take(0, users=1, cpu=0.5) == Sample(0, {"Get": {10: 2, 20: 1}}, {"Get": {"Item Not Found": 1}}, ("7",), 1, 0.5)
    assert recorder.take(1, users=1, cpu=0.5) == Sample(1, users=1, cpu=0.5)
