"""The way in over HTTP: an ASGI application that translates and nothing else.

Paths, methods and errors are the core's business; Starlette only reads requests and writes responses here. Calls that may wait for the
disk run on a thread of their own, one after the other, and those that compute for long on further ones; all others are answered at once
on the event loop. Disturbances that break an answer off need the connection itself: the server leaves the way to close it in the scope.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from keyprotect_simulator.messages import ApiRequest, ApiResponse

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from starlette.types import Receive, Scope, Send

    from keyprotect_simulator.access_log import AccessLog
    from keyprotect_simulator.disturbances import Disturbed
    from keyprotect_simulator.simulator import Simulator

HANG_UP = "keyprotect_simulator.hang_up"
"""Where the scope of a request has the function that closes its connection."""


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
            request = await self._translated(Request(scope, receive))
        except ClientDisconnect:
            return
        if self._simulator.controls(request):
            await to_starlette(await self._answer(request))(scope, receive, send)
            return
        disturbed = self._simulator.disturbances.next_for(request)
        if disturbed is not None:
            await asyncio.sleep(disturbed.delay)
        response = (disturbed and disturbed.instead) or await self._answer(request)
        seconds = time.perf_counter() - started
        self._access_log.write(request, response, seconds)
        self._simulator.requests.write("http", request, response, seconds, disturbed)
        if disturbed is None or disturbed.ending == "whole":
            await to_starlette(response)(scope, receive, send)
        else:
            await break_off(response, disturbed, scope, receive, send)

    async def _answer(self, request: ApiRequest) -> ApiResponse:
        if self._simulator.may_take_long(request):
            return await asyncio.to_thread(self._simulator.handle, request)
        if self._simulator.may_write(request):
            return await asyncio.get_running_loop().run_in_executor(self._writer, self._simulator.handle, request)
        return self._simulator.handle(request)

    async def _translated(self, request: Request) -> ApiRequest:
        """The request without Starlette. Of a body that is too large, only so much is kept as shows that it is."""
        path = request.scope["path"]
        most = self._simulator.most_of_a_body(path)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk[: most + 1 - len(body)]
        return ApiRequest(
            method=request.method,
            path=path,
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


async def break_off(response: ApiResponse, disturbed: Disturbed, scope: Scope, receive: Receive, send: Send) -> None:
    """Close the connection after half of the body, or before the answer, and wait until it is closed."""
    if disturbed.ending == "truncated":
        whole = to_starlette(response)
        await send({"type": "http.response.start", "status": whole.status_code, "headers": whole.raw_headers})
        await send({"type": "http.response.body", "body": response.body[: len(response.body) // 2], "more_body": True})
    scope[HANG_UP]()
    while (await receive())["type"] != "http.disconnect":
        pass
