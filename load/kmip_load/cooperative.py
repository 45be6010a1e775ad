"""A connection for greenlets: while it waits for an answer, the other users of the generator run.

gevent's own sockets would do, but they start a timer for every wait and ask OpenSSL twice for every answer, which costs a third of
the load that a generator can make. Here a connection keeps one readiness watcher for its life, reads when there is something to read, and
leaves time-outs to a `Watchdog` that looks at all connections four times a second.
"""

from __future__ import annotations

import ssl
from time import monotonic
from typing import TYPE_CHECKING

import gevent

from kmip_load.connection import READ, Connection, ConnectionLost

if TYPE_CHECKING:
    from kmip_load.connection import Endpoint

LOOK_EVERY = 0.25
"""Seconds between two looks of the watchdog, and so how late a time-out may come."""

READABLE = 1
"""libev's and libuv's bit for it."""


class CooperativeConnection(Connection):
    """As `Connection`. A TLS record is never longer than `READ`: what is not yet read is in the kernel, and makes the socket readable."""

    __slots__ = ("_hub", "_readable", "_watchdog", "waiting_since")

    def __init__(self, endpoint: Endpoint, watchdog: Watchdog) -> None:
        super().__init__(endpoint)
        self._socket.setblocking(False)  # noqa: FBT003 - the standard library's
        self._hub = gevent.get_hub()
        self._readable = self._hub.loop.io(self._socket.fileno(), READABLE)
        self._watchdog = watchdog
        self.waiting_since: float | None = None
        watchdog.connections.add(self)

    def _send(self, request: bytes) -> None:
        if self._socket.send(request) != len(request):  # a request is a fraction of the socket's buffer, which is empty now
            raise ConnectionLost("the target reads no requests")

    def _receive(self) -> bytes:
        while True:
            self.waiting_since = monotonic()
            self._hub.wait(self._readable)
            self.waiting_since = None
            try:
                return self._socket.recv(READ)
            except ssl.SSLWantReadError:
                continue  # a session ticket, or a part of a record

    def give_up(self) -> None:
        """Let whoever waits here have a TimeoutError."""
        self._hub.cancel_wait(self._readable, TimeoutError())

    def close(self) -> None:
        """Close at once."""
        self._watchdog.connections.discard(self)
        self._readable.close()
        super().close()


class Watchdog:
    """Ends the waits that last longer than ``timeout`` seconds. Its `watch` is to be spawned once."""

    def __init__(self, timeout: float) -> None:
        self.connections: set[CooperativeConnection] = set()
        self._timeout = timeout

    def watch(self) -> None:
        """Look after the connections for ever."""
        while True:
            gevent.sleep(LOOK_EVERY)
            overdue = monotonic() - self._timeout
            for connection in tuple(self.connections):
                if connection.waiting_since is not None and connection.waiting_since < overdue:
                    connection.give_up()
