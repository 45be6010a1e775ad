"""The server's requests over one client's connection: one at a time, in their order, each matched with its answer.

A client that does not answer within `Limits.answer_timeout`, that lets more than `MOST_WAITING` requests wait, or whose answer does not
belong to the request, is disconnected: nobody can tell what it knows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmip_server.codec import decode, encode
from kmip_server.conversation import ItemRecord
from kmip_server.enums import ResultReason, ResultStatus
from kmip_server.errors import KmipServerError, MalformedMessage
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    ProtocolVersion,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseMessage,
)
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from kmip_server.conversation import Correlation, ItemLog, Line
    from kmip_server.directory.contract import Client
    from kmip_server.enums import Operation
    from kmip_server.versions import KmipVersion

OPERATION_OF = {payload: operation for operation, payload in REQUEST_PAYLOADS.items()}

MOST_WAITING = 256
"""How many requests of the server may wait for one client."""


class NotDelivered(KmipServerError):
    """A request of the server's own did not reach its client, or was not answered."""


@dataclass(eq=False, slots=True)
class Outgoing:
    """A request on its way.

    Attributes:
        prepare: makes its payload when its turn has come; None: there is nothing to be said any more.
        version: of the message.
        answered: for whoever waits for the answer.
    """

    prepare: Callable[[], Coroutine[Any, Any, object | None]]
    version: KmipVersion
    answered: asyncio.Future[ResponseBatchItem] | None = None
    operation: Operation | int = 0
    unique_identifier: str | None = None
    correlation: Correlation | None = None
    began: float = 0.0

    def fail(self, failure: KmipServerError) -> None:
        """Tell whoever waits that there will be no answer."""
        if self.answered is not None and not self.answered.done():
            self.answered.set_exception(failure)


class Channel:
    """What the server sends over one connection. ``turned``: the client has asked to be sent requests (Set Endpoint Role).

    ``takes``: the operations that the client says it takes; None while it has not said.
    """

    def __init__(
        self,
        line: Line,
        client: Client,
        *,
        version: KmipVersion,
        clock: Callable[[], float],
        correlate: Callable[[], Correlation],
        log: ItemLog,
        lost: Callable[[Channel], None],
    ) -> None:
        """``clock`` gives seconds since 1970, ``correlate`` a Server Correlation Value; ``lost`` is told when the connection is gone."""
        self.client = client
        self.version = version
        self.turned = False
        self.takes: frozenset[Operation] | None = None
        self.line = line
        self._clock = clock
        self._correlate = correlate
        self._log = log
        self._lost = lost
        self._waiting: deque[Outgoing] = deque()
        self._under_way: Outgoing | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def send(self, outgoing: Outgoing) -> None:
        """Send a request behind those that wait."""
        if len(self._waiting) >= MOST_WAITING:
            self._give_up(f"{MOST_WAITING} requests wait for the client's answers")
            return
        self._waiting.append(outgoing)
        if self._under_way is None:
            self._next()

    def take(self, data: bytes) -> None:
        """An answer has come (`AnswerTaker.take`)."""
        outgoing = self._under_way
        if outgoing is None or self._timer is None:
            self._give_up("a response came that nothing had asked for")
            return
        try:
            message = decode(ResponseMessage, data, outgoing.version)
        except MalformedMessage as fault:
            self._give_up(f"the answer cannot be read: {fault}")
            return
        item = message.batch_item[0]
        if len(message.batch_item) != 1 or item.operation not in {outgoing.operation, None}:
            self._give_up("the answer is not that of the request")
            return
        self._timer.cancel()
        self._timer = None
        self._record(
            outgoing, item.result_status, item.result_reason, item.result_message, message.response_header.client_correlation_value
        )
        if outgoing.answered is not None and not outgoing.answered.done():
            outgoing.answered.set_result(item)
        self._under_way = None
        self._next()

    def lost(self) -> None:
        """The connection is gone (`AnswerTaker.lost`)."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._preparing is not None:
            self._preparing.cancel()
        undelivered = [*self._waiting, *([self._under_way] if self._under_way is not None else [])]
        self._waiting.clear()
        self._under_way = None
        for outgoing in undelivered:
            outgoing.fail(NotDelivered("the client's connection ended before it had answered"))
        self._lost(self)

    def _next(self) -> None:
        if self._waiting:
            self._under_way = self._waiting.popleft()
            self._preparing = self._loop.create_task(self._send(self._under_way))

    async def _send(self, outgoing: Outgoing) -> None:
        """Make the request and send it. One that cannot be made is not sent; those behind it are."""
        try:
            payload = await outgoing.prepare()
            data = None if payload is None else self._written(outgoing, payload)
        except KmipServerError as failure:
            reason = getattr(failure, "reason", ResultReason.GENERAL_FAILURE)
            self._record(outgoing, ResultStatus.OPERATION_FAILED, reason, str(failure))
            outgoing.fail(failure)
            data = None
        if data is None:
            self._under_way = None
            self._next()
            return
        self._timer = self._loop.call_later(self.line.answer_timeout, self._give_up, "it did not answer in time")
        self.line.say(data)

    def _written(self, outgoing: Outgoing, payload: object) -> bytes:
        """The request message: with a Time Stamp, which "is REQUIRED in a server request" (6.5), and since 2.0 a correlation value."""
        version = outgoing.version
        outgoing.began = self._loop.time()
        outgoing.operation = OPERATION_OF[type(payload)]
        outgoing.unique_identifier = getattr(payload, "unique_identifier", None)
        outgoing.correlation = self._correlate() if version >= V2_0 else None
        header = RequestHeader(
            protocol_version=ProtocolVersion(protocol_version_major=version.major, protocol_version_minor=version.minor),
            server_correlation_value=None if outgoing.correlation is None else outgoing.correlation.server,
            time_stamp=int(self._clock()),
            batch_count=1,
        )
        item = RequestBatchItem(operation=outgoing.operation, request_payload=payload)
        return encode(RequestMessage(request_header=header, batch_item=(item,)), version)

    def _give_up(self, why: str) -> None:
        """Disconnect a client that cannot be spoken to."""
        outgoing = self._under_way or (self._waiting[0] if self._waiting else None)
        if outgoing is not None:
            self._record(outgoing, ResultStatus.OPERATION_FAILED, ResultReason.GENERAL_FAILURE, f"the client is disconnected: {why}")
        self.line.hang_up()
        self.lost()

    def _record(
        self, outgoing: Outgoing, status: ResultStatus, reason: ResultReason | None, message: str | None, client_value: str | None = None
    ) -> None:
        microseconds = int((self._loop.time() - outgoing.began) * 1_000_000) if outgoing.began else 0
        correlation = None if outgoing.correlation is None else outgoing.correlation._replace(client=client_value)
        record = ItemRecord(
            self.client,
            self.line.address,
            outgoing.operation,
            outgoing.unique_identifier,
            status,
            reason,
            message,
            microseconds,
            correlation,
        )
        self._log(record)
