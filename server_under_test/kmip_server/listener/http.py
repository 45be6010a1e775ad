"""KMIP over HTTPS: requests in ``POST /kmip``, on the same port and under the same TLS (KMIP Additional Message Encodings 1.0, section 2).

`HttpFraming` stands where the framer of TTLV does, and takes the same part: bytes in, one request at a time out. h11 keeps the rules of
HTTP/1.1 (RFC 9112); here is what KMIP wants of them. What HTTP cannot pass on (another path, method, media type, a body that is too
long) is answered by an HTTP status and a sentence; everything else, be it a message that cannot be read, is a KMIP answer under 200, in
the form of the request.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import h11

from kmip_server.codec.forms import FORMS, TTLV, Form
from kmip_server.conversation import Reply
from kmip_server.enums import ResultReason
from kmip_server.errors import MalformedMessage, UnencodableMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kmip_server.conversation import Peer, RequestHandler

_log = logging.getLogger("kmip_server.listener")

TARGET = "/kmip"
"""The request URI that servers should support (2.3)."""

HEADER_BYTES = 16 * 1024
"""The most that a request's line and headers may take."""

LONG_BODY = 32 * 1024
"""From here on XML or JSON takes some ten milliseconds to read or write."""

METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"TRACE ", b"PATCH ", b"CONNECT ")


def begins_http(data: bytes) -> bool:
    """Whether these are the first bytes of an HTTP request. A Request Message begins with 42 00 78, as no method does."""
    return data.startswith(METHODS)


class Refusal(NamedTuple):
    """What HTTP itself says no to: a status, a sentence for people, and the header that says what would do."""

    status: HTTPStatus
    sentence: str
    header: tuple[str, str] | None = None


@dataclass(slots=True)
class HttpRequest:
    """A request: what became of its headers, and its body as it comes in."""

    form: Form = TTLV
    refusal: Refusal | None = None
    limit: int = 0
    has_answer_body: bool = True
    body: bytearray = field(default_factory=bytearray)


class HttpFraming:
    """The HTTP of one connection: bytes go in by `feed`, whole requests come out by `next`, and `handle` answers one."""

    def __init__(
        self,
        engine: RequestHandler,
        frame_length: Callable[[bytes | bytearray], int | None],
        message_bytes: int,
        clock: Callable[[], float],
    ) -> None:
        """``frame_length`` says how long a message in TTLV is, ``message_bytes`` how long one may be."""
        self._engine = engine
        self._frame_length = frame_length
        self._message_bytes = message_bytes
        self._clock = clock
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADER_BYTES)
        self._request = HttpRequest()

    @property
    def buffered(self) -> int:
        """How many bytes wait here."""
        return len(self._http.trailing_data[0])

    def feed(self, data: bytes) -> None:
        """Add what has come."""
        self._http.receive_data(data)

    def next(self) -> HttpRequest | bytes | None:
        """The next request that can be answered, or bytes that go back at once; None when more has to come first."""
        try:
            return self._next()
        except h11.RemoteProtocolError as fault:
            return HttpRequest(refusal=Refusal(HTTPStatus(fault.error_status_hint), f"This is no HTTP request: {fault}."))

    def _next(self) -> HttpRequest | bytes | None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                self._request = self._begun(event)
            elif isinstance(event, h11.Data):
                self._request.body += event.data
                if len(self._request.body) > self._request.limit:
                    self._request.refusal = _too_long(self._request.limit)
            elif isinstance(event, h11.EndOfMessage):
                return self._request
            elif event is h11.NEED_DATA:
                return self._continue()
            else:
                return None
            if self._request.refusal is not None and self._is_not_worth_reading():
                return self._request

    def _is_not_worth_reading(self) -> bool:
        """Whether a request that is refused has a body that is better not sent: the answer then ends the connection."""
        refusal = self._request.refusal
        too_long = refusal is not None and refusal.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return too_long or self._http.they_are_waiting_for_100_continue

    def _continue(self) -> bytes | None:
        """A client that waits with its body until it is told to go on is told so (RFC 9110, 10.1.1)."""
        if not self._http.they_are_waiting_for_100_continue:
            return None
        return self._http.send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))

    def _begun(self, asked: h11.Request) -> HttpRequest:
        headers = {bytes(name): bytes(value).decode("latin-1") for name, value in asked.headers}
        form, refusal = _form_of(headers)
        refusal = _wrong_target(asked) or refusal
        limit = self._message_bytes * form.length
        if refusal is None and int(headers.get(b"content-length", "0")) > limit:
            refusal = _too_long(limit)
        return HttpRequest(form, refusal, limit, has_answer_body=asked.method != b"HEAD")

    async def handle(self, request: HttpRequest | bytes, peer: Peer) -> Reply:
        """Answer a request that `next` gave."""
        if isinstance(request, bytes):
            return Reply(request)
        if request.refusal is not None:
            return self._refuse(request, request.refusal)
        try:
            return await self._answered(request, peer._replace(line=None))
        except Exception as defect:  # noqa: BLE001 - whatever goes wrong, the client gets an answer
            frame = traceback.extract_tb(defect.__traceback__)[-1]  # never the message: it may hold a value
            _log.error("unexpected %s at %s:%s, answering over HTTP", type(defect).__name__, frame.name, frame.lineno)
            return self._refuse(request, Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed unexpectedly; its log says where."))

    async def _answered(self, request: HttpRequest, peer: Peer) -> Reply:
        form = request.form
        try:
            message = await _beside(form.read, bytes(request.body))
            self._frame_length(message)
        except MalformedMessage as fault:
            answer = self._engine.refuse(fault, peer)
        else:
            answer = await self._engine.handle(message, peer)
        try:
            body = await _beside(form.write, answer.data)
        except UnencodableMessage as unwritable:
            failure = MalformedMessage(ResultReason.GENERAL_FAILURE, str(unwritable))
            body = form.write(self._engine.refuse(failure, peer).data)
        return self._reply(HTTPStatus.OK, form.media_type, body, has_body=True)

    def _refuse(self, request: HttpRequest, refusal: Refusal) -> Reply:
        more = [refusal.header] if refusal.header else []
        sentence = f"{refusal.sentence}\n".encode()
        return self._reply(refusal.status, "text/plain; charset=utf-8", sentence, more, has_body=request.has_answer_body)

    def _reply(self, status: HTTPStatus, media_type: str, body: bytes, more: Sequence[tuple[str, str]] = (), *, has_body: bool) -> Reply:
        """The answer's bytes. The connection ends after it when the client wants that, or when the request was not read to its end."""
        headers = [
            ("Date", formatdate(self._clock(), usegmt=True)),
            ("Content-Type", media_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-cache"),
            *more,
        ]
        if self._http.their_state is not h11.DONE:
            headers.append(("Connection", "close"))
        events = [h11.Response(status_code=status, headers=headers, reason=status.phrase), h11.Data(data=body), h11.EndOfMessage()]
        if not has_body:
            del events[1]
        data = b"".join(self._http.send(event) or b"" for event in events)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return Reply(data)
        return Reply(data, close=True)


async def _beside(transcribe: Callable[[bytes], bytes], data: bytes) -> bytes:
    """Transcribe, in a thread when it would hold the other connections up."""
    return transcribe(data) if len(data) < LONG_BODY else await asyncio.to_thread(transcribe, data)


def _wrong_target(asked: h11.Request) -> Refusal | None:
    path = urlsplit(asked.target.decode("latin-1")).path
    if path != TARGET:
        return Refusal(HTTPStatus.NOT_FOUND, f"There is nothing here but {TARGET}: POST KMIP requests to it.")
    if asked.method != b"POST":
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"{TARGET} takes KMIP requests by POST alone.", ("Allow", "POST"))
    return None


def _form_of(headers: Mapping[bytes, str]) -> tuple[Form, Refusal | None]:
    """The form that the body has (2.4), or why it cannot be read."""
    media_type, _, parameters = headers.get(b"content-type", "").partition(";")
    form, accepted = FORMS.get(media_type.strip().lower()), ", ".join(FORMS)
    if form is None:
        named = f"Content-Type {media_type.strip()!r}" if media_type else "No Content-Type"
        return TTLV, _unreadable(f"{named}: KMIP is one of {accepted}.", ("Accept-Post", accepted))
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in {"", "utf-8"}:
        return form, _unreadable(f"{parameters.strip()}: the body has to be UTF-8.", ("Accept-Post", accepted))
    if headers.get(b"content-encoding", "identity").lower() != "identity":
        return form, _unreadable("A compressed body cannot be read.", ("Accept-Encoding", "identity"))
    return form, None


def _unreadable(sentence: str, header: tuple[str, str]) -> Refusal:
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, sentence, header)


def _too_long(limit: int) -> Refusal:
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request of this Content-Type has {limit} bytes at most.")
