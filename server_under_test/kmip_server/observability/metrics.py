"""Numbers for Prometheus. Each server has a registry of its own; with several worker processes their numbers are added up.

The labels are few and known: operations and results of the standard, causes of our own. No client, no identifier: those are in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kmip_server.enums import ResultStatus

if TYPE_CHECKING:
    from kmip_server.conversation import ItemRecord

LATENCY_SECONDS = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)


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
        self._of: dict[tuple[int, int, int | None], tuple[Counter, Histogram]] = {}

    def item(self, record: ItemRecord) -> None:
        """A batch item was answered."""
        key = (record.operation, record.status, record.reason)
        children = self._of.get(key)
        if children is None:
            children = self._of[key] = self._children(record)
        children[0].inc()
        children[1].observe(record.microseconds * 1e-6)

    def wrapped(self, call: str, outcome: str, seconds: float) -> None:
        """A call to the keeper of the root keys ended."""
        self.wrapping.labels(call, outcome).inc()
        self.wrapping_seconds.labels(call).observe(seconds)

    def _children(self, record: ItemRecord) -> tuple[Counter, Histogram]:
        operation = _label(record.operation) if hasattr(record.operation, "name") else "unknown"
        result = "success" if record.status is ResultStatus.SUCCESS else _label(record.reason or record.status)
        return self.items.labels(operation, result), self.latency.labels(operation)


def _label(member: object) -> str:
    return str(getattr(member, "name", member)).lower()
