"""A connection whose roles were turned (KMIP 2.1, 6.1.54): the server sends requests over it, one at a time, and takes the answers."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from kmip_server.codec.wire import REQUEST_MESSAGE, RESPONSE_MESSAGE, malformed
from kmip_server.conversation import Reply
from kmip_server.errors import KmipServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.conversation import Outgoing, Peer

_log = logging.getLogger("kmip_server.listener")

_REQUEST, _RESPONSE = REQUEST_MESSAGE.to_bytes(4, "big"), RESPONSE_MESSAGE.to_bytes(4, "big")


def response_length(request_length: Callable[[bytes | bytearray], int | None]) -> Callable[[bytes | bytearray], int | None]:
    """The framing of answers, out of that of requests: they have the same rules and limits."""

    def length(buffer: bytes | bytearray) -> int | None:
        if len(buffer) < 2 * len(_RESPONSE):
            return None
        if not buffer.startswith(_RESPONSE):
            raise malformed(f"not a KMIP answer: it begins with {bytes(buffer[:4]).hex()}, not {_RESPONSE.hex()}", 0)
        return request_length(_REQUEST + bytes(buffer[len(_RESPONSE) : 2 * len(_RESPONSE)]))

    return length


class TurnedConnection:
    """The requests and answers of one turned connection."""

    def __init__(self, outgoing: Outgoing, send: Callable[[bytes], None], close: Callable[[], None]) -> None:
        """Begin to send what there is. ``close`` ends the connection."""
        self._outgoing = outgoing
        self._send = send
        self._close = close
        self._answer: asyncio.Future[bytes] | None = None
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def handle(self, message: bytes, _: Peer) -> Reply:
        """A message came: the answer that is waited for, or nothing that anybody asked for, which ends the connection."""
        if self._answer is None or self._answer.done():
            return Reply(b"", close=True)
        self._answer.set_result(message)
        return Reply(b"")

    def end(self) -> None:
        """The connection is gone."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                request = await self._outgoing.next()
                self._answer = asyncio.get_running_loop().create_future()
                self._send(request)
                if not self._outgoing.answered(await self._answer):
                    break
        except KmipServerError as error:
            _log.warning("a turned connection ends: %s", error)
        finally:
            self._outgoing.close()
        self._close()
