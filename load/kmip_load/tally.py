"""Adds up what the generators report: HDR histograms over the run, a series over its seconds, failures by reason.

Histograms hold microseconds with three significant digits (0.1 %) up to ten minutes. A second is closed, and its percentiles are
taken, when every generator has reported it or a later one. Operations with a lower-case name ("connect", "host boot") are what a client
does besides KMIP requests: they have rows of their own, and stand outside the totals. A connection that *fails* counts in the totals as
one failed request: the one that could not be sent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hdrh.histogram import HdrHistogram
from kmip_reports.records_load import FailureReason, Latency, OperationLoad, PercentilePoint, Second

if TYPE_CHECKING:
    from kmip_load.recorder import Sample

HIGHEST = 600_000_000
"""Microseconds; anything slower is counted as this."""

CURVE = tuple(100.0 * (1 - 0.5 ** (step / 4)) for step in range(61))
"""Percentiles of a distribution's points: four for every halving of the rest, up to 99.997 %."""


class Histogram:
    """Latencies in microseconds; read in milliseconds."""

    def __init__(self) -> None:
        self._counts = HdrHistogram(1, HIGHEST, 3)

    def add(self, counts: dict[int, int]) -> None:
        """Record ``counts[microseconds]``."""
        for microseconds, count in counts.items():
            self._counts.record_value(min(microseconds, HIGHEST), count)

    @property
    def total(self) -> int:
        """How many values were recorded."""
        return int(self._counts.get_total_count())

    def latency(self) -> Latency:
        """The percentiles; zeros for an empty histogram."""
        at = self._milliseconds_at((50.0, 95.0, 99.0, 99.9))
        return Latency(
            p50=at[50.0],
            p95=at[95.0],
            p99=at[99.0],
            max=self._slowest,
            p999=at[99.9],
            mean=round(self._counts.get_mean_value() / 1000, 3) if self.total else 0.0,
        )

    def curve(self) -> tuple[PercentilePoint, ...]:
        """The distribution, dense towards the slow end, ending with the slowest."""
        if not self.total:
            return ()
        at = self._milliseconds_at(CURVE)
        points = [PercentilePoint(round(part, 4), at[part], round(part * self.total / 100)) for part in CURVE]
        return (*points, PercentilePoint(100.0, self._slowest, self.total))

    @property
    def _slowest(self) -> float:
        return int(self._counts.max_value) / 1000

    def _milliseconds_at(self, percentiles: tuple[float, ...]) -> dict[float, float]:
        if not self.total:
            return dict.fromkeys(percentiles, 0.0)
        at = self._counts.get_percentile_to_value_dict(percentiles)
        return {percentile: min(at[percentile] / 1000, self._slowest) for percentile in percentiles}


@dataclass(slots=True)
class _OpenSecond:
    latencies: Counter[int] = field(default_factory=Counter)
    failures: int = 0
    users: int = 0

    def closed(self, number: int) -> Second:
        answered = self.latencies.total()
        if not answered:
            return Second(number, self.failures, self.failures, users=self.users)
        histogram = Histogram()
        histogram.add(self.latencies)
        latency = histogram.latency()
        requests = answered + self.failures
        return Second(number, requests, self.failures, latency.p50, latency.p95, latency.p99, latency.max, self.users)


class Tally:
    """Everything that ``generators`` processes report about one run."""

    def __init__(self, generators: int) -> None:
        self.created: list[str] = []
        self.series: list[Second] = []
        self.busiest = 0.0
        """The highest share of a core that a generator used in any second."""
        self._reached = [-1] * generators
        self._open: defaultdict[int, _OpenSecond] = defaultdict(_OpenSecond)
        self._overall = Histogram()
        self._histograms: defaultdict[str, Histogram] = defaultdict(Histogram)
        self._failures: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._first_seen: dict[tuple[str, str], int] = {}

    def add(self, generator: int, sample: Sample) -> None:
        """Take in one second of one generator, and close the seconds that all have reported."""
        second = self._open[sample.second]
        second.users += sample.users
        for operation, counts in sample.latencies.items():
            self._histograms[operation].add(counts)
            if is_request(operation):
                self._overall.add(counts)
                second.latencies.update(counts)
        for operation, reasons in sample.failures.items():
            second.failures += sum(reasons.values())
            self._failures[operation].update(reasons)
            for reason in reasons:
                self._first_seen.setdefault((operation, reason), sample.second)
        self.created.extend(sample.created)
        self.busiest = max(self.busiest, sample.cpu)
        self._reached[generator] = sample.second
        self._close_before(min(self._reached))

    def close(self) -> None:
        """No more will come: close what is open."""
        self._close_before(max(self._open, default=-1))

    def _close_before(self, reached: int) -> None:
        for number in sorted(second for second in self._open if second <= reached):
            second = self._open.pop(number)
            self.series.append(second.closed(number))

    @property
    def failures(self) -> int:
        """Requests that failed, connections that failed among them."""
        return sum(reasons.total() for reasons in self._failures.values())

    @property
    def requests(self) -> int:
        """Requests answered or failed."""
        return self._overall.total + self.failures

    def latency(self) -> Latency:
        """Over all requests that were answered."""
        return self._overall.latency()

    def curve(self) -> tuple[PercentilePoint, ...]:
        """The distribution over all requests that were answered."""
        return self._overall.curve()

    def operations(self, seconds: float) -> dict[str, OperationLoad]:
        """A row for each operation, KMIP's first; ``seconds`` is how long the run was measured."""
        names = sorted(self._histograms.keys() | self._failures.keys(), key=lambda name: (not is_request(name), name))
        return {name: self._operation(name, seconds) for name in names}

    def _operation(self, name: str, seconds: float) -> OperationLoad:
        histogram, failures = self._histograms[name], self._failures[name].total()
        requests = histogram.total + failures
        return OperationLoad(requests, failures, round(requests / seconds, 3), histogram.latency(), histogram.curve())

    def failure_reasons(self) -> tuple[FailureReason, ...]:
        """Why requests failed, the most frequent reason first."""
        found = [
            FailureReason(operation, reason, count, self._first_seen[operation, reason])
            for operation, reasons in self._failures.items()
            for reason, count in reasons.items()
        ]
        return tuple(sorted(found, key=lambda failure: -failure.count))


def is_request(operation: str) -> bool:
    """Is this a KMIP request, rather than something else that a client does."""
    return operation[:1].isupper()
