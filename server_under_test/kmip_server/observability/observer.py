"""Who hears of everything that happens and passes it on to the log and to the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.observability.journal import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.conversation import ItemRecord, Peer
    from kmip_server.listener.causes import Cause
    from kmip_server.observability.journal import Journal
    from kmip_server.observability.metrics import Metrics

FAILURES_A_SECOND = 20
"""How many failed handshakes are told one by one; a flood is summed up."""


class Observer:
    """The engine's item log and the listener's events, in one."""

    def __init__(self, journal: Journal, metrics: Metrics, monotonic: Callable[[], float]) -> None:
        """``monotonic`` gives seconds for counting a flood."""
        self._journal = journal
        self._metrics = metrics
        self._monotonic = monotonic
        self._second = 0
        self._told = 0

    def item(self, record: ItemRecord) -> None:
        """A batch item was answered."""
        self._metrics.item(record)
        self._journal.item(record)

    def accepted(self) -> None:
        """A connection was accepted."""
        self._metrics.connections.inc()
        self._metrics.connections_total.inc()

    def opened(self, peer: Peer, tls: str) -> None:
        """A handshake succeeded."""
        self._metrics.handshakes.inc()
        self._journal.event(Level.DEBUG, "connected", tls, client=peer.client.name, address=peer.address)

    def handshake_failed(self, address: str, cause: Cause) -> None:
        """A handshake failed."""
        self._metrics.handshakes_failed.labels(cause.label).inc()
        second = int(self._monotonic())
        if second != self._second:
            if self._told > FAILURES_A_SECOND:
                self._journal.event(Level.WARNING, "handshakes-failed", f"{self._told - FAILURES_A_SECOND} more failed within a second")
            self._second, self._told = second, 0
        self._told += 1
        if self._told <= FAILURES_A_SECOND:
            self._journal.event(Level.WARNING, "handshake-failed", cause.words, address=address, cause=cause.label)

    def turned_away(self, address: str) -> None:
        """There are too many connections."""
        self._metrics.handshakes_failed.labels("too-many-connections").inc()
        self._journal.event(Level.WARNING, "turned-away", "too many connections", address=address)

    def removed(self, peer: Peer) -> None:
        """A client lost its certificate while it was connected."""
        self._journal.event(
            Level.INFO, "removed", "the certificate is not registered any more", client=peer.client.name, address=peer.address
        )

    def ended(self) -> None:
        """A connection is gone."""
        self._metrics.connections.dec()
