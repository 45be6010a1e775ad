"""Numbers for Prometheus. Each server has a registry of its own; with several worker processes their numbers are added up.

The labels are few and known: operations and results of the standard, causes of our own. No client, no identifier: those are in the log.

A batch item only leaves its time in a list. The lists are counted together, at the latest `PUBLISH_SECONDS` afterwards or when somebody
asks: Prometheus' counters between any two requests cost four times what they do one after the other.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kmip_server.enums import ResultStatus

if TYPE_CHECKING:
    from kmip_server.conversation import ItemRecord

PUBLISH_SECONDS = 0.1

UNTIMED = frozenset({"away", "open", "closed"})
"""Outcomes that took no time: a call that was refused because nothing answers, and the turns of the circuit that refuses it."""

LATENCY_SECONDS = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)


class Answered(NamedTuple):
    """The batch items of one operation and result: the counters, and the times that are not counted yet."""

    items: Counter
    latency: Histogram
    microseconds: list[int]


class Metrics:
    """The counters of one server process."""

    def __init__(self) -> None:
        """All at zero, in a new registry."""
        self.registry = registry = CollectorRegistry()
        self.connections = Gauge("kmip_connections", "Connections open now", registry=registry, multiprocess_mode="livesum")
        self.connections_total = Counter("kmip_connections_accepted", "Connections accepted", registry=registry)
        self.handshakes = Counter("kmip_handshakes", "TLS handshakes that succeeded", registry=registry)
        self.handshakes_failed = Counter("kmip_handshakes_failed", "TLS handshakes that failed", ["cause"], registry=registry)
        self.items = Counter("kmip_requests", "Batch items answered", ["operation", "result"], registry=registry)
        self.latency = Histogram(
            "kmip_request_seconds", "Time to answer a batch item", ["operation"], buckets=LATENCY_SECONDS, registry=registry
        )
        self.wrapping = Counter("kmip_wrapping_calls", "Calls to the keeper of the root keys", ["call", "outcome"], registry=registry)
        self.wrapping_seconds = Histogram("kmip_wrapping_seconds", "Time of those calls", ["call"], registry=registry)
        self.commits = Counter("kmip_store_commits", "Transactions committed", registry=registry)
        self._answered: dict[tuple[int, int, int | None], Answered] = {}
        self._publishing = False

    def item(self, record: ItemRecord) -> None:
        """A batch item was answered."""
        key = (record.operation, record.status, record.reason)
        answered = self._answered.get(key)
        if answered is None:
            answered = self._answered[key] = self._begin(record)
        answered.microseconds.append(record.microseconds)
        if not self._publishing:
            self._publish_soon()

    def publish(self) -> CollectorRegistry:
        """The registry, with everything counted until now."""
        self._publishing = False
        for answered in self._answered.values():
            answered.items.inc(len(answered.microseconds))
            for microseconds in answered.microseconds:
                answered.latency.observe(microseconds * 1e-6)
            answered.microseconds.clear()
        return self.registry

    def _publish_soon(self) -> None:
        try:
            asyncio.get_running_loop().call_later(PUBLISH_SECONDS, self.publish)
        except RuntimeError:
            self.publish()
        else:
            self._publishing = True

    def wrapped(self, call: str, outcome: str, seconds: float) -> None:
        """A call to the keeper of the root keys ended, or was not made; or the circuit before it opened or closed."""
        self.wrapping.labels(call, outcome).inc()
        if outcome not in UNTIMED:
            self.wrapping_seconds.labels(call).observe(seconds)

    def _begin(self, record: ItemRecord) -> Answered:
        operation = _label(record.operation) if hasattr(record.operation, "name") else "unknown"
        result = "success" if record.status is ResultStatus.SUCCESS else _label(record.reason or record.status)
        return Answered(self.items.labels(operation, result), self.latency.labels(operation), [])


def _label(member: object) -> str:
    return str(getattr(member, "name", member)).lower()
