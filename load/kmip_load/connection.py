"""A TLS connection that sends one request and reads its answer, and does nothing else.

Nothing here knows gevent or Locust: `kmip_load.cooperative` is the same for greenlets. Whether an answer is the right one is the
caller's to judge; here only what ends a connection is noticed.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.client import DEFAULT_TLS, context_for, server_name

if TYPE_CHECKING:
    from kmip_conformance.client import Target

READ = 16_384
"""Bytes asked for at once: what one TLS record can hold at most."""

LONGEST = 16 * 1024 * 1024
"""An answer that claims to be longer is no answer to anything that a profile asks."""


class ConnectionLost(Exception):
    """The target closed the connection, or sent what is no answer; ``str()`` is the reason that failures are counted under."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where connections go, with everything that need not be done again for each."""

    address: tuple[str, int]
    server_name: str | None
    context: ssl.SSLContext
    timeout: float


class Connection:
    """An open connection. Raises OSError (TimeoutError and ssl.SSLError among them) and `ConnectionLost`."""

    __slots__ = ("_socket",)

    def __init__(self, endpoint: Endpoint) -> None:
        raw = socket.create_connection(endpoint.address, endpoint.timeout)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = endpoint.context.wrap_socket(raw, server_hostname=endpoint.server_name)
        except BaseException:
            raw.close()
            raise

    def exchange(self, request: bytes) -> bytes:
        """Send a whole message, and return the whole message that comes back."""
        self._send(request)
        answer = self._receive()
        missing = _missing(answer)
        while missing > 0:
            more = self._receive()
            if not more:
                raise ConnectionLost("connection closed within an answer" if answer else "connection closed without an answer")
            answer += more
            missing = _missing(answer)
        if missing < 0:
            raise ConnectionLost("more bytes came than one answer")
        return answer

    def _send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def _receive(self) -> bytes:
        """What has come, at least a byte; nothing at all when the peer has closed."""
        return self._socket.recv(READ)

    def close(self) -> None:
        """Close at once, as vCenter does: no waiting for the peer's close_notify."""
        self._socket.close()


def _missing(answer: bytes) -> int:
    """How many more bytes the TTLV header promises, or 1 while the header itself is not whole; negative: too many came."""
    if len(answer) < 8:
        return 1
    length = int.from_bytes(answer[4:8])
    if length > LONGEST:
        raise ConnectionLost("the answer is no KMIP message")
    return 8 + length - len(answer)


def reason(error: BaseException) -> str:
    """What happened to a connection, in a few words without addresses or numbers, so that equal failures add up."""
    match error:
        case ConnectionLost():
            return str(error)
        case TimeoutError():
            return "no answer in time"
        case ssl.SSLCertVerificationError():
            return f"certificate refused: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS: {(error.reason or 'error').lower().replace('_', ' ')}"
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionResetError() | BrokenPipeError():
            return "connection reset"
        case _:
            return getattr(error, "strerror", None) or type(error).__name__


def endpoint_of(target: Target, timeout: float) -> Endpoint:
    """What it takes to connect to a target. Raises `kmip_conformance.errors.FileUnusable`."""
    return Endpoint((target.host, target.port), server_name(target, DEFAULT_TLS), context_for(target), timeout)
