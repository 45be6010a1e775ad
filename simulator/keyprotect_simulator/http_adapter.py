"""The way in over HTTP: an ASGI application that translates and nothing else.

Paths, methods and errors are the core's business; Starlette only reads requests and writes responses here. Calls that may wait for the
disk run on a thread of their own, one after the other; all others are answered at once on the event loop.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from keyprotect_simulator.messages import MAXIMUM_BODY, ApiRequest, ApiResponse

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from starlette.types import Receive, Scope, Send

    from keyprotect_simulator.access_log import AccessLog
    from keyprotect_simulator.simulator import Simulator


class HttpAdapter:
    """The simulator as an ASGI application."""

    def __init__(self, simulator: Simulator, *, writer: Executor, access_log: AccessLog) -> None:
        self._simulator = simulator
        self._writer = writer
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        try:
            request = await translated(Request(scope, receive))
        except ClientDisconnect:
            return
        response = await self._answer(request)
        self._access_log.write(request, response, time.perf_counter() - started)
        await to_starlette(response)(scope, receive, send)

    async def _answer(self, request: ApiRequest) -> ApiResponse:
        disturbance = self._simulator.disturbances.next_for(request)
        if disturbance is not None:
            await asyncio.sleep(disturbance.delay)
            instead = disturbance.response()
            if instead is not None:
                return instead
        if self._simulator.core.may_write(request):
            return await asyncio.get_running_loop().run_in_executor(self._writer, self._simulator.handle, request)
        return self._simulator.handle(request)


async def translated(request: Request) -> ApiRequest:
    """The request without Starlette. Of a body that is too large, only so much is kept as shows that it is."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: MAXIMUM_BODY + 1 - len(body)]
    return ApiRequest(
        method=request.method,
        path=request.scope["path"],
        query=request.scope["query_string"].decode("ascii", "replace"),
        headers=dict(request.headers),
        body=bytes(body),
        address=request.client.host if request.client else "",
    )


def to_starlette(response: ApiResponse) -> Response:
    """The response as Starlette sends it, with exactly the headers of the core and a length."""
    sent = Response(response.body or None, response.status)
    for name, value in response.headers:
        sent.headers[name] = value
    return sent
