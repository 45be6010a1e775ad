"""A real server for tests: real sockets, real TLS, a real store, on a free port.

`running_server` serves from a thread of this process; `running_server_process` from a process of its own, which can be killed. Both start
with one client, whose certificate and key they name::

    with running_server() as server:
        context = ssl.create_default_context(cafile=server.ca)
        context.load_cert_chain(server.cert, server.key)
"""

from __future__ import annotations

import asyncio
import dataclasses
import queue
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kmip_server.directory import pki
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.process import fast_loop
from kmip_server.server import serve
from kmip_server.settings import Endpoint, Settings
from kmip_server.state_folder import own_authority

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Coroutine, Iterator

    from kmip_server.directory.contract import Client
    from kmip_server.engine.outgoing.sending import Sending

T = TypeVar("T")

START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """A client and the PEM files that it connects with."""

    client: Client
    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers on ``host``:``port``; ``cert`` and ``key`` are those of its first client."""

    host: str
    port: int
    ca: Path
    cert: Path
    key: Path
    state_dir: Path
    client: Client
    admin_port: int | None = None
    process: subprocess.Popen[str] | None = None
    way_to_clients: tuple[asyncio.AbstractEventLoop, Sending] | None = None

    def add_client(self, name: str, **fields: Any) -> ClientFiles:
        """One more client, known from the next handshake on. ``fields`` as of `Directory.add_client`."""
        return add_client(self.state_dir, name, **fields)

    def send(self, act: Callable[[Sending], Coroutine[Any, Any, T]]) -> T:
        """Send a client a request of the server's own, and wait for its answer: ``server.send(lambda clients: clients.put(id, key))``.

        Of a server in this process alone.
        """
        assert self.way_to_clients is not None
        loop, sending = self.way_to_clients
        return asyncio.run_coroutine_threadsafe(act(sending), loop).result(START_SECONDS)


def add_client(state_dir: Path, name: str, **fields: Any) -> ClientFiles:
    """A client with a certificate of the state folder's own authority; the one of that name if there is one already."""
    files = state_dir / f"{name}.pem", state_dir / f"{name}.key"
    directory = SqliteDirectory(state_dir / "kmip.db")
    try:
        known = directory.client(name)
        if known is not None:
            return ClientFiles(known, *files)
        client = directory.add_client(name, **fields)
        pair = pki.create_client_certificate(own_authority(state_dir), name)
        pair.write(*files)
        directory.add_certificate(client.id, pair.certificate_pem.decode(), name)
        return ClientFiles(client, *files)
    finally:
        directory.close()


@contextmanager
def running_server(state_dir: Path | None = None, **settings: Any) -> Iterator[RunningServer]:
    """A server in a thread of its own until the block ends. ``settings`` as of `Settings`; the state is temporary unless named."""
    with _state(state_dir) as folder:
        first = add_client(folder, "client")
        started: queue.SimpleQueue[tuple[Endpoint, asyncio.AbstractEventLoop, asyncio.Event] | BaseException] = queue.SimpleQueue()
        wanted = dataclasses.replace(Settings(folder, port=0, log_level="off"), **settings)

        way: list[Sending] = []

        async def run() -> None:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            await serve(wanted, ready=lambda endpoint: started.put((endpoint, loop, stop)), stop=stop, sending=way.append)

        def run_in_thread() -> None:
            try:
                with asyncio.Runner(loop_factory=fast_loop) as runner:
                    runner.run(run())
            except BaseException as error:  # noqa: BLE001 - it belongs to the test that waits
                started.put(error)

        thread = threading.Thread(target=run_in_thread, name="kmip-server", daemon=True)
        thread.start()
        outcome = started.get(timeout=START_SECONDS)
        if isinstance(outcome, BaseException):
            raise outcome
        endpoint, loop, stop = outcome
        try:
            yield dataclasses.replace(_running(endpoint, first), way_to_clients=(loop, way[0]) if way else None)
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(START_SECONDS)
        if not started.empty():
            failure = started.get()
            assert isinstance(failure, BaseException)
            raise failure


@contextmanager
def running_server_process(state_dir: Path | None = None, **settings: Any) -> Iterator[RunningServer]:
    """A server in a process of its own, which is ended with the block; a test may kill it before."""
    with _state(state_dir) as folder:
        first = add_client(folder, "client")
        wanted = dataclasses.replace(Settings(folder, port=0, log_level="warning"), **settings)
        from kmip_server.workers import start_process

        process, endpoint = start_process(wanted)
        try:
            yield dataclasses.replace(_running(endpoint, first), process=process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(START_SECONDS)
            assert process.stdout is not None
            process.stdout.close()


def _running(endpoint: Endpoint, first: ClientFiles) -> RunningServer:
    return RunningServer(
        endpoint.host, endpoint.port, endpoint.ca, first.cert, first.key, endpoint.state_dir, first.client, endpoint.admin_port
    )


@contextmanager
def _state(state_dir: Path | None) -> Iterator[Path]:
    if state_dir is not None:
        yield state_dir
        return
    with tempfile.TemporaryDirectory(prefix="kmip-server-") as folder:
        yield Path(folder)
