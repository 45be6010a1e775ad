"""The simulator on a port.

`run` lives inside somebody else's event loop: it installs no signal handlers, tells `ready` where it listens, and ends when `stop` is
set. The socket is bound before anything else starts, so that a port that is taken is one clear error.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from keyprotect_simulator.access_log import AccessLog, LogFormat
from keyprotect_simulator.errors import AddressUnavailable, TlsUnusable
from keyprotect_simulator.faults import Fault
from keyprotect_simulator.http_adapter import HANG_UP, HttpAdapter
from keyprotect_simulator.messages import respond
from keyprotect_simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keyprotect_simulator.settings import Settings, TlsFiles

BACKLOG = 1024
GRACE = 2
"""Seconds that requests under way get to finish when the server stops."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a running simulator is reached, and the simulator itself."""

    host: str
    port: int
    simulator: Simulator

    @property
    def url(self) -> str:
        """The base URL for the Key Protect SDKs, on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104 - read, not listened on
        scheme = "https" if self.simulator.settings.tls else "http"
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"

    @property
    def iam_url(self) -> str:
        """Where tokens are had."""
        return f"{self.url}/identity/token"


async def run(
    settings: Settings,
    ready: Callable[[Endpoint], None],
    stop: asyncio.Event,
    *,
    simulator: Simulator | None = None,
    log_format: LogFormat = "human",
) -> None:
    """Serve until `stop` is set. Opens (and closes) a simulator of these settings unless one is given, which stays open.

    Raises:
        AddressUnavailable: the host and port cannot be listened on.
        TlsUnusable: the certificate or its key cannot be used.
        StateFolderError: the state folder cannot be used.
    """
    require_usable(settings.tls)
    with contextlib.ExitStack() as resources:
        listening = resources.enter_context(listen(settings.host, settings.port))
        opened = simulator or resources.enter_context(Simulator.open(settings))
        writer = resources.enter_context(ThreadPoolExecutor(max_workers=1, thread_name_prefix="keyprotect-writer"))
        adapter = HttpAdapter(opened, writer=writer, access_log=AccessLog(log_format))
        endpoint = Endpoint(settings.host, listening.getsockname()[1], opened)
        server = StoppableServer(adapter, lambda: ready(endpoint), tls=settings.tls)
        await server.serve_until(stop, listening)


def require_usable(tls: TlsFiles | None) -> None:
    """TlsUnusable for files that are no certificate chain with its key, before anything is started with them."""
    if tls is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls.certificate, tls.key, password=no_passphrase)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        hint = "give a PEM certificate (chain) and the PEM private key that belongs to it, without a passphrase."
        raise TlsUnusable(f"cannot speak TLS with {tls.certificate} and {tls.key}: {why}", hint) from error


def no_passphrase() -> str:
    """Instead of asking on the terminal."""
    raise ValueError("the private key has a passphrase")


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; AddressUnavailable when the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressUnavailable(f"cannot listen on {host}: {error.strerror}", "give an address of this machine, as 127.0.0.1.") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise address_unavailable(host, port, error) from error
    return bound


def address_unavailable(host: str, port: int, error: OSError) -> AddressUnavailable:
    """The error of a bind, with what helps against it."""
    hints = {
        errno.EADDRINUSE: "another program listens there; choose another port, or 0 for any free one.",
        errno.EACCES: "ports below 1024 need privileges; choose another port, or 0 for any free one.",
        errno.EADDRNOTAVAIL: "give an address of this machine, as 127.0.0.1.",
    }
    hint = hints.get(error.errno or 0, "choose another host or port.")
    return AddressUnavailable(f"cannot listen on {host} port {port}: {error.strerror}", hint)


class Protocol(H11Protocol):
    """HTTP/1.1; what cannot be parsed as such is refused in Key Protect's shape too. The application is told how to hang up."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        application: Any = self.app

        async def with_a_way_to_hang_up(scope: Any, receive: Any, send: Any) -> None:
            await application({**scope, HANG_UP: self.transport.close}, receive, send)

        self.app = with_a_way_to_hang_up

    def send_400_response(self, msg: str) -> None:
        """Answer a request that is no HTTP, and close the connection."""
        response = respond(400, Fault(400, message=msg).body(""))
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers]
        headers += [(b"content-length", str(len(response.body)).encode()), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=response.body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class StoppableServer(uvicorn.Server):
    """uvicorn without signal handlers, which says when it is up and ends with an event."""

    def __init__(self, application: HttpAdapter, ready: Callable[[], None], *, tls: TlsFiles | None) -> None:
        configuration = uvicorn.Config(
            application,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
        )
        super().__init__(configuration)
        self._ready = ready

    async def serve_until(self, stop: asyncio.Event, listening: socket.socket) -> None:
        """Serve on a bound socket until the event is set."""
        stopping = asyncio.create_task(self._end_with(stop))
        try:
            await self.serve(sockets=[listening])
        finally:
            stopping.cancel()

    async def _end_with(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to whoever owns the event loop."""
        yield
