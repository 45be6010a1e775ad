"""The listening socket and everything that its connections share: limits, turns at the handshake, the sweep, the end.

A handshake costs as much as fifty requests. So handshakes take turns, one step each time round the event loop: requests on open
connections go on between them, however many strangers knock.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from kmip_server.errors import ConfigurationError
from kmip_server.listener.connection import Connection, Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.conversation import Peer, RequestHandler
    from kmip_server.directory.contract import Directory
    from kmip_server.listener.causes import Cause
    from kmip_server.listener.limits import Limits
    from kmip_server.listener.tls import ClientContexts

SWEEP_SECONDS = 1.0
"""How often connections are looked at: for time-outs, and for clients that were removed."""

FAREWELL_SECONDS = 0.2
"""How long clients have to close their side when the server stops."""

BACKLOG = 1024


class ListenerEvents(Protocol):
    """What a listener reports as it happens."""

    def accepted(self) -> None:
        """A connection was accepted; `ended` follows."""

    def opened(self, peer: Peer, tls: str) -> None:
        """A handshake succeeded."""

    def handshake_failed(self, address: str, cause: Cause) -> None:
        """A handshake failed."""

    def turned_away(self, address: str) -> None:
        """There are too many connections."""

    def removed(self, peer: Peer) -> None:
        """A client lost its certificate while it was connected."""

    def ended(self) -> None:
        """A connection is gone."""


class HandshakeTurns:
    """Who may take the next step of its handshake: one connection each time round the event loop, a limited number at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop, maximum: int) -> None:
        """At most ``maximum`` handshakes are begun and not finished."""
        self._loop = loop
        self._maximum = maximum
        self._begun: set[Connection] = set()
        self._ready: deque[Connection] = deque()
        self._waiting: deque[Connection] = deque()

    def enqueue(self, connection: Connection) -> None:
        """The connection has received bytes of its handshake."""
        if connection in self._begun or len(self._begun) < self._maximum:
            self._begun.add(connection)
            self._make_ready(connection)
        else:
            self._waiting.append(connection)

    def forget(self, connection: Connection) -> None:
        """The connection's handshake is over; the next one in the row may begin."""
        self._begun.discard(connection)
        while self._waiting and len(self._begun) < self._maximum:
            following = self._waiting.popleft()
            if following.phase is not Phase.CLOSED:
                self._begun.add(following)
                self._make_ready(following)

    def _make_ready(self, connection: Connection) -> None:
        if not self._ready:
            self._loop.call_soon(self._turn)
        self._ready.append(connection)

    def _turn(self) -> None:
        connection = self._ready.popleft()
        if self._ready:
            self._loop.call_soon(self._turn)
        if not connection.shake():
            self.forget(connection)


class Listener:
    """Serves KMIP over TLS on one socket."""

    def __init__(
        self,
        *,
        engine: RequestHandler,
        directory: Directory,
        contexts: ClientContexts,
        frame_length: Callable[[bytes | bytearray], int | None],
        limits: Limits,
        events: ListenerEvents,
    ) -> None:
        """Inside a running event loop. ``frame_length`` is the codec's: how long the message at the beginning of a buffer is."""
        self.loop = asyncio.get_running_loop()
        self.engine = engine
        self.directory = directory
        self.contexts = contexts
        self.frame_length = frame_length
        self.limits = limits
        self.events = events
        self.handshakes = HandshakeTurns(self.loop, limits.handshakes)
        self._connections: set[Connection] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._generation = directory.generation()
        self._server: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None

    async def start(self, listening: socket.socket) -> None:
        """Begin to accept on a bound socket."""
        self._server = await self.loop.create_server(lambda: Connection(self), sock=listening, backlog=BACKLOG)
        self._sweeping = self.loop.call_later(SWEEP_SECONDS, self._sweep)

    async def stop(self) -> None:
        """Accept no more, finish what is being answered (within the grace of the limits), close everything."""
        if self._server is not None:
            self._server.close()
        if self._sweeping is not None:
            self._sweeping.cancel()
        answering = [connection.busy for connection in self._connections if connection.busy is not None]
        if answering:
            await asyncio.wait(answering, timeout=self.limits.shutdown_grace)
        for connection in tuple(self._connections):
            if connection.busy is not None:
                connection.busy.cancel()
            connection.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), FAREWELL_SECONDS)
        for connection in tuple(self._connections):
            connection.abort()
        await self._empty.wait()

    @property
    def open_connections(self) -> int:
        """How many there are."""
        return len(self._connections)

    def admit(self, connection: Connection) -> bool:
        """Is there room for one more connection?"""
        self.events.accepted()
        self._connections.add(connection)
        self._empty.clear()
        if len(self._connections) <= self.limits.connections:
            return True
        self.events.turned_away(connection.address)
        return False

    def forget(self, connection: Connection) -> None:
        """The connection is gone."""
        self._connections.discard(connection)
        self.handshakes.forget(connection)
        self.events.ended()
        if not self._connections:
            self._empty.set()

    def _sweep(self) -> None:
        self._sweeping = self.loop.call_later(SWEEP_SECONDS, self._sweep)
        now = self.loop.time()
        for connection in tuple(self._connections):
            connection.expire(now)
        generation = self.directory.generation()
        if generation != self._generation:
            self._generation = generation
            self._drop_removed_clients()

    def _drop_removed_clients(self) -> None:
        for connection in tuple(self._connections):
            if connection.phase is Phase.OPEN:
                connection.still_welcome()


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound socket; ``shared`` with other processes that bind it the same way. Raises `ConfigurationError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise ConfigurationError(
            f"{host!r} is no address of this machine: {error.strerror}", "use 127.0.0.1, or 0.0.0.0 for all"
        ) from error
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise ConfigurationError(*_why_not_bound(error, host, port)) from error
    return listening


def _why_not_bound(error: OSError, host: str, port: int) -> tuple[str, str]:
    where = f"{host or '*'}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use: another program listens on {where}", "end it, or choose another port (0: any free one)"
    if error.errno == errno.EACCES:
        return f"this user may not listen on {where}", "choose a port above 1023"
    return f"cannot listen on {where}: {error.strerror}", "choose an address of this machine and a free port"
