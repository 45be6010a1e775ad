"""A server as a process of its own: an event loop and signals."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
from typing import TYPE_CHECKING

from kmip_server.process import collect_seldom, fast_loop
from kmip_server.server import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.settings import Endpoint, Settings


def run_until_signalled(settings: Settings, *, ready: Callable[[Endpoint], None]) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code 0 then. Raises what `serve` raises."""

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await serve(settings, ready=ready, stop=stop)

    allow_many_connections()
    collect_seldom()
    with asyncio.Runner(loop_factory=fast_loop) as runner:
        runner.run(run())
    return 0


def allow_many_connections() -> None:
    """Raise the soft limit of open files to the hard one: a connection is a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
