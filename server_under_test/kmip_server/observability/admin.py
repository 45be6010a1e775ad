"""The admin port: ``/metrics`` for Prometheus and ``/healthz`` for whoever restarts servers. Plain HTTP, off unless asked for."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from starlette.requests import Request

    HealthChecks = Mapping[str, Callable[[], Awaitable[str | None]]]

CHECK_SECONDS = 5.0
"""How long a health check may take before it has failed."""


class AdminServer:
    """Serves the admin port in the running event loop."""

    def __init__(
        self, listening: socket.socket, registry: Callable[[], CollectorRegistry], checks: HealthChecks, notes: HealthChecks
    ) -> None:
        """``registry`` gives the numbers of the moment.

        ``checks`` and ``notes`` are asked for each ``/healthz``: None is well, a sentence is not. A check that is not well fails the
        server; a note says what some clients lack, which no restart would mend.
        """

        async def metrics(_: Request) -> Response:
            return Response(generate_latest(registry()), media_type=CONTENT_TYPE_LATEST)

        async def healthz(_: Request) -> Response:
            found = {name: await _within_time(check) for name, check in checks.items()}
            noted = {name: await _within_time(note) for name, note in notes.items()}
            told = {name: trouble or "ok" for name, trouble in (found | noted).items()}
            if any(found.values()):
                return JSONResponse({"status": "failing", **told}, status_code=503)
            return JSONResponse({"status": "degraded" if any(noted.values()) else "ok", **told})

        application = Starlette(routes=[Route("/metrics", metrics), Route("/healthz", healthz)])
        config = uvicorn.Config(application, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        self._server = _QuietServer(config)
        self._listening = listening
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to answer."""
        self._listening.listen()  # from now on nobody is refused, though the server below needs a moment
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listening]))

    async def stop(self) -> None:
        """Answer no more."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task


class _QuietServer(uvicorn.Server):
    """Signals belong to the command, not to a library inside it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _within_time(check: Callable[[], Awaitable[str | None]]) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
