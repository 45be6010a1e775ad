"""One connection: ciphertext in, requests to the engine in order, ciphertext out.

There is no task for a connection. Bytes arrive, and everything that can be answered at once is answered in that same call: the engine's
coroutine is started by hand, and most requests end without ever waiting. Only one that does wait (for the disk, for Key Protect) becomes
a task, and until that ends the requests behind it wait in the framer.

The first bytes tell whether a client speaks TTLV or HTTP. TTLV is tried first, so that it costs nothing there.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import types
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, cast

from kmip_server.codec.wire import REQUEST_MESSAGE, RESPONSE_MESSAGE
from kmip_server.conversation import Peer, Reply
from kmip_server.errors import MalformedMessage
from kmip_server.listener.causes import LEFT, TIMEOUT, UNKNOWN_CERTIFICATE, Cause, cause_of
from kmip_server.listener.framer import Framer, NewFramer
from kmip_server.listener.http import HttpFraming, begins_http
from kmip_server.listener.tls import TlsChannel

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from kmip_server.conversation import AnswerTaker
    from kmip_server.listener.listener import Listener

PIPELINE_BYTES = 1 << 16
"""How many request bytes may wait behind one that is being answered before reading stops."""


REQUEST_HEAD, RESPONSE_HEAD = REQUEST_MESSAGE.to_bytes(4, "big"), RESPONSE_MESSAGE.to_bytes(4, "big")
"""How messages begin in TTLV (KMIP 1.4, 9.1.3.1)."""

NOTHING, HANG_UP = Reply(b""), Reply(b"", close=True)
"""What an answer is answered; and what is no answer, on a connection whose roles are turned."""

LINGER_SECONDS = 2.0
"""How long a client has to close its side, once we have closed ours."""


class Phase(Enum):
    """How far a connection is."""

    ACCEPTED = auto()
    HANDSHAKING = auto()
    OPEN = auto()
    CLOSED = auto()


class Connection(asyncio.Protocol):
    """One client's connection, from accept to its end."""

    __slots__ = (
        "_accepted_at",
        "_channel",
        "_framer",
        "_generation",
        "_handle",
        "_held",
        "_listener",
        "_loop",
        "_reading_paused",
        "_taker",
        "_task",
        "_transport",
        "_unshaken",
        "_writing_paused",
        "address",
        "certificate",
        "last_activity",
        "peer",
        "phase",
        "turned",
    )

    def __init__(self, listener: Listener) -> None:
        """A connection of ``listener``, which knows what all connections share."""
        self._listener = listener
        self._loop = listener.loop
        self._handle: Callable[[Any, Peer], Coroutine[Any, Any, Reply]] = listener.engine.handle
        self._framer: Framer | HttpFraming = NewFramer(listener.frame_length)
        self._channel: TlsChannel
        self._transport: asyncio.Transport
        self._task: asyncio.Task[Reply] | None = None
        self._taker: AnswerTaker | None = None
        self._held: list[bytes] = []
        self.turned = False
        self._generation = -1
        self._unshaken = bytearray()
        self._reading_paused = False
        self._writing_paused = False
        self.address = ""
        self.certificate = b""
        self.peer: Peer
        self.phase = Phase.ACCEPTED
        self.last_activity = self._accepted_at = self._loop.time()

    # --- what the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accepted; nothing is spent on TLS before the client has sent something."""
        self._transport = cast("asyncio.Transport", transport)
        self.address = address_of(self._transport)
        if not self._listener.admit(self):
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Ciphertext came."""
        self.last_activity = self._loop.time()
        if self.phase is not Phase.OPEN:
            if self.phase is not Phase.CLOSED:
                self._unshaken += data
                self._pause_reading()
                self._listener.handshakes.enqueue(self)
            return
        self._receive(data)

    def _receive(self, ciphertext: bytes) -> None:
        try:
            plaintext = self._channel.decrypt(ciphertext)
        except ssl.SSLError:
            self._finish(self._channel.outgoing())
            return
        if plaintext is None:
            self.close()
        elif plaintext:
            self._framer.feed(plaintext)
            self._advance()

    def eof_received(self) -> None:
        """The client has closed its side: nobody reads an answer any more, so the transport closes itself."""

    def connection_lost(self, error: Exception | None) -> None:
        """The end. A request that is being answered is answered to the end, for nobody."""
        if self.phase in {Phase.ACCEPTED, Phase.HANDSHAKING} and (self.phase is Phase.HANDSHAKING or error is not None):
            self._listener.events.handshake_failed(self.address, LEFT)
        self.phase = Phase.CLOSED
        self._listener.forget(self)
        if hasattr(self, "peer"):
            self.peer = self.peer._replace(line=None)
        if self._taker is not None:
            taker, self._taker = self._taker, None
            taker.lost()

    def pause_writing(self) -> None:
        """The client reads too slowly: its further requests wait."""
        self._writing_paused = True
        self._pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._writing_paused = False
        self._resume_reading()
        self._advance()

    # --- the handshake

    def shake(self) -> bool:
        """One step of the handshake, when it is this connection's turn. False when it is over, one way or the other."""
        if self.phase in {Phase.OPEN, Phase.CLOSED} or self._transport.is_closing():
            return False
        data, self._unshaken = bytes(self._unshaken), bytearray()
        try:
            if self.phase is Phase.ACCEPTED:
                self._channel = TlsChannel(self._listener.contexts.current())
                self.phase = Phase.HANDSHAKING
            done = self._channel.handshake(data)
        except (ssl.SSLError, OSError) as error:
            self.refuse(cause_of(error))
            return False
        if waiting := self._channel.outgoing():
            self._transport.write(waiting)
        self._resume_reading()
        if done:
            self._open()
        return not done

    def _open(self) -> None:
        self.certificate = self._channel.peer_certificate
        self._generation = self._listener.directory.generation()
        client = self._listener.directory.identify(self.certificate)
        if client is None:
            self.refuse(UNKNOWN_CERTIFICATE)
            return
        self.peer = Peer(client, self.address, self, self.certificate)
        self.phase = Phase.OPEN
        self._listener.events.opened(self.peer, self._channel.description)
        self._receive(b"")

    def refuse(self, cause: Cause) -> None:
        """End a handshake that failed; OpenSSL's alert, if there is one, goes out first."""
        self._listener.events.handshake_failed(self.address, cause)
        alert = self._channel.outgoing() if self.phase is Phase.HANDSHAKING else b""
        self._finish(alert)

    # --- requests and answers

    def _advance(self) -> None:
        """Answer whole messages, in order, until one has to wait or the client does not read. Their answers leave together."""
        replies: list[bytes] = []
        framer = self._framer
        message: object
        while self._task is None and not self._writing_paused and self.phase is Phase.OPEN:
            try:
                message = framer.next()
            except MalformedMessage:
                message = self._unframed()
                framer = self._framer
            if message is None:
                break
            if self._listener.directory.generation() != self._generation:
                if replies:
                    self._send(replies)
                    replies = []
                if not self.still_welcome():
                    return
            reply = self._start(self._handle(message, self.peer))
            if reply is None:
                break
            replies.append(reply.data)
            if reply.close:
                self._send(replies)
                self.close()
                return
        if replies:
            self._send(replies)

    def still_welcome(self) -> bool:
        """Whether the certificate is still this client's, now that the directory has changed. If not, the connection is closed."""
        generation = self._listener.directory.generation()
        if self._listener.directory.identify(self.certificate) == self.peer.client:
            self._generation = generation
            return True
        self._listener.events.removed(self.peer)
        self.close()
        return False

    def _unframed(self) -> object:
        """What bytes that begin no message in TTLV are: HTTP, from here on, or the last thing that this connection says."""
        assert isinstance(self._framer, Framer)
        remains = self._framer.remains()
        if self._taker is not None and remains[:4] == RESPONSE_HEAD:
            return self._first_response(remains)
        if not (isinstance(self._framer, NewFramer) and begins_http(remains)):
            self._framer = Framer(refuse_more)
            return remains
        listener = self._listener
        framing = HttpFraming(listener.engine, listener.frame_length, listener.limits.message_bytes, time.time)
        framing.feed(remains)
        self._framer, self._handle = framing, framing.handle
        return framing.next()

    def _first_response(self, remains: bytes) -> object:
        """A Response Message, where until now requests came alone: the framing is another one from here on."""
        framer = Framer(self._either_length)
        framer.feed(remains)
        try:
            message = framer.next()
        except MalformedMessage:
            self._framer = Framer(refuse_more)
            return remains
        self._framer = framer
        return message

    def _start(self, answering: Coroutine[Any, Any, Reply]) -> Reply | None:
        """Start answering. The reply if it is there at once, else None and a task."""
        try:
            waits_for = answering.send(None)
        except StopIteration as done:
            reply: Reply = done.value
            return reply
        self._task = self._loop.create_task(_go_on(answering, waits_for))
        self._task.add_done_callback(self._answered)
        if self._framer.buffered > PIPELINE_BYTES:
            self._pause_reading()
        return None

    def _answered(self, task: asyncio.Task[Reply]) -> None:
        self._task = None
        if self.phase is not Phase.OPEN or task.cancelled():
            return
        reply = task.result()
        self.last_activity = self._loop.time()
        self._send([reply.data])
        if reply.close:
            self.close()
            return
        if self._held:
            held, self._held = self._held, []
            self._send(held)
        self._resume_reading()
        self._advance()

    def _send(self, replies: list[bytes]) -> None:
        data = replies[0] if len(replies) == 1 else b"".join(replies)
        if data and not self._transport.is_closing():
            self._transport.write(self._channel.encrypt(data))

    # --- requests of the server's own, and the client's answers (`Line`)

    @property
    def answer_timeout(self) -> float:
        """How long the client has to answer."""
        return self._listener.limits.answer_timeout

    def open(self, taker: AnswerTaker, *, turned: bool) -> None:
        """Take Response Messages from now on; ``turned``: and no requests."""
        self._taker, self.turned = taker, turned
        self._handle = self._take
        if turned:  # such a connection may be silent for long: TCP itself finds out whether the client is still there
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def say(self, data: bytes) -> None:
        """Send a request of the server's own; while an answer is being made, it waits behind that."""
        if self._task is not None:
            self._held.append(data)
        elif self.phase is Phase.OPEN:
            self.last_activity = self._loop.time()
            self._send([data])

    def hang_up(self) -> None:
        """End the connection in order."""
        self.close()

    async def _take(self, message: bytes, peer: Peer) -> Reply:
        """A message of a client that the server sends requests to: an answer. A request, where the roles are not turned."""
        if message[:4] != RESPONSE_HEAD:
            return HANG_UP if self.turned else await self._listener.engine.handle(message, peer)
        if self._taker is not None:
            self._taker.take(message)
        return NOTHING

    def _either_length(self, buffer: bytes | bytearray) -> int | None:
        """The framing of a connection that requests and answers come over."""
        if buffer[:4] == RESPONSE_HEAD:
            return self._listener.frame_length(REQUEST_HEAD + buffer[4:8])
        return self._listener.frame_length(buffer)

    # --- its end

    @property
    def busy(self) -> asyncio.Task[Reply] | None:
        """The request that is being answered and has to wait."""
        return self._task

    def expire(self, now: float) -> None:
        """Close the connection when it has used up its time."""
        limits = self._listener.limits
        if self.phase is Phase.OPEN:
            if self._task is None and not self.turned and now - self.last_activity > limits.idle_timeout:
                self.close()
        elif self.phase is Phase.CLOSED:
            if now - self.last_activity > LINGER_SECONDS:
                self._transport.abort()
        elif now - self._accepted_at > limits.handshake_timeout:
            if self._unshaken or self.phase is Phase.HANDSHAKING:
                self._listener.events.handshake_failed(self.address, TIMEOUT)
            self.abort()

    def close(self) -> None:
        """End the session in order."""
        self._finish(self._channel.close_notify() if self.phase is Phase.OPEN else b"")

    def abort(self) -> None:
        """Drop the connection without a word."""
        self.phase = Phase.CLOSED
        self._transport.abort()

    def _finish(self, last: bytes) -> None:
        """Send the last bytes and close our side only: closing both with unread bytes would be a reset, and could swallow them."""
        if self.phase is Phase.CLOSED:
            return
        self.phase = Phase.CLOSED
        self.last_activity = self._loop.time()
        if self._transport.is_closing():
            return
        if last:
            self._transport.write(last)
        self._transport.write_eof()
        self._writing_paused = False
        self._resume_reading()

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and not self._writing_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()


async def _go_on(answering: Coroutine[Any, Any, Reply], waits_for: object) -> Reply:
    """`_resumed` as a native coroutine: since Python 3.12 tasks are made of no others."""
    return await _resumed(answering, waits_for)


@types.coroutine
def _resumed(answering: Coroutine[Any, Any, Reply], waits_for: object) -> Generator[object, Any, Reply]:
    """Go on with a coroutine that was started by hand and waits for a future: hand that to the task, then everything after it."""
    try:
        while True:
            try:
                value = yield waits_for
            except BaseException as error:  # noqa: BLE001 - cancellation belongs to the coroutine
                waits_for = answering.throw(error)
            else:
                waits_for = answering.send(value)
    except StopIteration as done:
        reply: Reply = done.value
        return reply


def refuse_more(_: bytes | bytearray) -> int | None:
    """The framing of a connection that broke it: no further message."""
    return None


def address_of(transport: asyncio.Transport) -> str:
    """The client's address as people write it."""
    name = transport.get_extra_info("peername")
    if not name:
        return "unknown"
    host, port = name[0], name[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
