"""What the listener and the engine say to each other: who asks, what is answered, and the record of each batch item.

Lowest of the server's modules, so that either side can import it. These are named tuples, not dataclasses: one `Reply` and one
`ItemRecord` are made for every request, and a tuple costs a third.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from kmip_server.directory.contract import Client
    from kmip_server.enums import Operation, ResultReason, ResultStatus
    from kmip_server.errors import MalformedMessage
    from kmip_server.versions import KmipVersion


class Peer(NamedTuple):
    """The other end of a connection: resolved once, after the handshake. ``address`` is "host:port", for the log.

    ``turn`` turns the connection's roles under a version (KMIP 2.1, 6.1.54) once what is being answered is; None where that cannot be.
    ``certificate`` is the client's own, in DER.
    """

    client: Client
    address: str
    turn: Callable[[KmipVersion], None] | None = None
    certificate: bytes = b""


class Reply(NamedTuple):
    """The bytes to send, and whether the connection ends after them (the request could not be parsed)."""

    data: bytes
    close: bool = False


class Correlation(NamedTuple):
    """The Client and the Server Correlation Value of a message (KMIP 1.4, 6.18 and 6.19), which both "SHOULD" be logged."""

    client: str | None
    server: str


class ItemRecord(NamedTuple):
    """One batch item, as logs and metrics see it. ``operation`` is a plain integer when the standard has no such operation.

    ``message`` never holds key material, passwords or tokens.
    """

    client: Client
    address: str
    operation: Operation | int
    unique_identifier: str | None
    status: ResultStatus
    reason: ResultReason | None
    message: str | None
    microseconds: int
    correlation: Correlation | None = None


class Outgoing(Protocol):
    """The requests for a client whose connection was turned."""

    async def next(self) -> bytes:
        """The next request, as soon as there is one."""
        ...

    def answered(self, response: bytes) -> bool:
        """Take the client's answer to the last request. False when the connection is to be ended."""
        ...

    def close(self) -> None:
        """There will be no more."""
        ...


class RequestHandler(Protocol):
    """The engine, as the listener sees it."""

    def handle(self, message: bytes, peer: Peer) -> Coroutine[Any, Any, Reply]:
        """Answer one request message; never raises.

        The listener starts the coroutine by itself and makes a task of it only when it really suspends: up to that point there is no
        current task, so no ``asyncio.timeout`` before the first ``await`` that waits.
        """
        ...

    def refuse(self, fault: MalformedMessage, peer: Peer) -> Reply:
        """Answer a message that was in another form than TTLV and could not be read."""
        ...

    def outgoing(self, peer: Peer, version: KmipVersion) -> Outgoing:
        """What there is to ask and tell a client whose connection was turned."""
        ...


if TYPE_CHECKING:
    ItemLog = Callable[[ItemRecord], None]
