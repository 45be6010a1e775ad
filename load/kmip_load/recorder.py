"""What a load generator counts while it runs: latencies and failures of the second that is passing.

The hot path is one ``append`` a request. Once a second `take` hands out what was gathered as counts per microsecond, which is small
enough to pipe to the parent: no histogram is filled, and nothing is written, between two requests. Locust's own request event is
never fired: it costs 5 µs a request, and its statistics round to milliseconds.

Latencies are those of answered, verified requests alone: a server that refuses quickly must not look fast.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

CONNECT = "connect"
"""TCP connect and TLS handshake. Lower case names what a client does besides KMIP requests: timed, but outside the totals."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one generator saw in one second: ``latencies[operation][microseconds]`` and ``failures[operation][reason]`` are counts."""

    second: int
    latencies: dict[str, dict[int, int]] = field(default_factory=dict)
    failures: dict[str, dict[str, int]] = field(default_factory=dict)
    created: tuple[str, ...] = ()
    """Unique identifiers of the objects that came into being on the target."""
    users: int = 0
    cpu: float = 0.0
    """Share of one core that the generator used: near 1.0 it measures itself."""

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Sample:
        """The sample of a line that `dataclasses.asdict` and JSON made; JSON turned the microseconds into text."""
        latencies = {name: {int(micros): count for micros, count in counts.items()} for name, counts in line["latencies"].items()}
        return cls(**{**line, "latencies": latencies, "created": tuple(line["created"])})


class Recorder:
    """Gathers what the users of one generator see. Not for threads: greenlets of one thread only."""

    def __init__(self) -> None:
        self.latencies: defaultdict[str, list[int]] = defaultdict(list)
        self._failures: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._created: list[str] = []

    def answered(self, operation: str, microseconds: int) -> None:
        """A request got the answer it deserved."""
        self.latencies[operation].append(microseconds)

    def failed(self, operation: str, reason: str) -> None:
        """A request was refused, answered wrongly, or not answered at all."""
        self._failures[operation][reason] += 1

    def created(self, unique_identifier: str) -> None:
        """An object now exists on the target and is ours to destroy."""
        self._created.append(unique_identifier)

    def take(self, second: int, *, users: int, cpu: float) -> Sample:
        """Hand out everything gathered since the last call, and begin anew."""
        latencies, self.latencies = self.latencies, defaultdict(list)
        failures, self._failures = self._failures, defaultdict(Counter)
        created, self._created = self._created, []
        return Sample(
            second=second,
            latencies={operation: dict(Counter(values)) for operation, values in latencies.items()},
            failures={operation: dict(reasons) for operation, reasons in failures.items()},
            created=tuple(created),
            users=users,
            cpu=cpu,
        )
