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


class AnswerTaker(Protocol):
    """Whoever sends requests to a client, as the client's connection sees it."""

    def take(self, data: bytes) -> None:
        """A Response Message has come."""
        ...

    def lost(self) -> None:
        """The connection is gone."""
        ...


class Line(Protocol):
    """A client's connection, as the server's own way to that client. ``answer_timeout``: how long the client has to answer, in seconds."""

    @property
    def address(self) -> str:
        """The client's, "host:port"."""
        ...

    @property
    def answer_timeout(self) -> float:
        """How long the client has to answer, in seconds."""
        ...

    def open(self, taker: AnswerTaker, *, turned: bool) -> None:
        """Take Response Messages from now on; ``turned``: and no requests."""
        ...

    def say(self, data: bytes) -> None:
        """Send a request of the server's own, behind the answer that is being made."""
        ...

    def hang_up(self) -> None:
        """End the connection in order."""
        ...


class Peer(NamedTuple):
    """The other end of a connection: resolved once, after the handshake. ``address`` is "host:port", for the log.

    ``line``: the way to send it something that it has not asked for; None where there is none (HTTP). ``certificate`` is the client's own,
    in DER.
    """

    client: Client
    address: str
    line: Line | None = None
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


if TYPE_CHECKING:
    ItemLog = Callable[[ItemRecord], None]
