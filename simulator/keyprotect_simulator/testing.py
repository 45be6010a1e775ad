"""A real simulator for tests: `running_simulator` serves over HTTP on a free port, from a thread of its own.

with running_simulator() as simulator:
    kp = IbmKeyProtectApiV2(authenticator=IAMAuthenticator(simulator.api_key, url=simulator.url))
    kp.set_service_url(simulator.url)
    simulator.clock.move(days=31)
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.control import Control
from keyprotect_simulator.server import Endpoint, run
from keyprotect_simulator.settings import ContentType, Settings, TlsFiles
from keyprotect_simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class RunningSimulator(Control):
    """A simulator that answers at `url`, its lab, and what a test may do to it (see `Control` too)."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self._serving = contextlib.ExitStack()
        endpoint = self._serving.enter_context(serving(simulator, simulator.settings.port))
        self.url = endpoint.url
        self.iam_url = endpoint.iam_url
        self.port = endpoint.port

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        """Nobody listens at `url` within the block; connections are closed and new ones refused."""
        self._serving.close()
        try:
            yield
        finally:
            self._serving.enter_context(serving(self.simulator, self.port))

    def stop(self) -> None:
        """Stop listening for good."""
        self._serving.close()


@contextlib.contextmanager
def running_simulator(
    *,
    state_dir: Path | None = None,
    region: str = "us-south",
    content_type: ContentType = "service",
    port: int = 0,
    tls: TlsFiles | None = None,
) -> Iterator[RunningSimulator]:
    """A simulator over HTTP (HTTPS with `tls`) on 127.0.0.1, with a lab in it, until the block ends."""
    settings = Settings(host="127.0.0.1", port=port, state_dir=state_dir, region=region, content_type=content_type, tls=tls)
    with Simulator.open(settings) as simulator:
        running = RunningSimulator(simulator)
        try:
            yield running
        finally:
            running.stop()


@contextlib.contextmanager
def serving(simulator: Simulator, port: int) -> Iterator[Endpoint]:
    """The simulator on a port, from a thread with an event loop of its own."""
    started: queue.Queue[tuple[Endpoint, asyncio.AbstractEventLoop, asyncio.Event] | BaseException] = queue.Queue()
    settings = replace(simulator.settings, port=port)

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        await run(settings, lambda endpoint: started.put((endpoint, loop, stop)), stop, simulator=simulator, log_format="off")

    def body() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            started.put(error)

    thread = threading.Thread(target=body, name="keyprotect-simulator", daemon=True)
    thread.start()
    outcome = started.get()
    if isinstance(outcome, BaseException):
        raise outcome
    endpoint, loop, stop = outcome
    try:
        yield endpoint
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
