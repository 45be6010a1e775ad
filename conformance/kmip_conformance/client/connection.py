"""A TLS connection as checks use it: blocking, with a time limit for everything, and able to behave badly.

Whatever the peer does is an outcome, not an exception: `receive` gives the bytes of one message, `Silence` when the time is up, or
`Closed`. Only opening a connection raises (`TargetError`, `FileUnusable`). Bytes that are no TTLV are given as they come, so that they
can be looked at.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.client.diagnosis import open_socket, shake_hands
from kmip_conformance.client.target import DEFAULT_TLS, Target, Tls
from kmip_conformance.wire.encoding import encode
from kmip_conformance.wire.quick import HEADER_SIZE, message_length

if TYPE_CHECKING:
    from typing import Self

    from kmip_conformance.wire.items import Item

LONGEST = 64 * 1024 * 1024
"""A message that says it is longer is not waited for; what comes of it is given as it is."""

QUIET = 0.2
"""Seconds without a byte after which bytes that are no TTLV count as all that comes."""

DEFAULT_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came, or not the whole message, within so many seconds."""

    seconds: float
    partial: bytes = b""

    def __str__(self) -> str:
        part = f"; {len(self.partial)} bytes of a message came" if self.partial else ""
        return f"no answer within {self.seconds:g} s{part}"


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is closed. ``how`` is "closed", "reset" or a TLS alert's name; ``partial`` is what came of a message before."""

    how: str = "closed"
    partial: bytes = b""

    def __str__(self) -> str:
        part = f" after {len(self.partial)} bytes of a message" if self.partial else ""
        return {"closed": "connection closed", "reset": "connection reset"}.get(self.how, f"connection closed by TLS ({self.how})") + part


Outcome = bytes | Silence | Closed


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back. ``milliseconds`` is from the first byte sent to the last byte received."""

    request: bytes
    response: Outcome
    milliseconds: float

    @property
    def answer(self) -> bytes:
        """The bytes of the response; empty when there was none."""
        return self.response if isinstance(self.response, bytes) else b""


def connect(target: Target, *, tls: Tls = DEFAULT_TLS, timeout: float = DEFAULT_TIMEOUT) -> Connection:
    """Open a connection. Raises `TargetError` naming what stands in the way, or `FileUnusable`.

    Under TLS 1.3 a server refuses a client's certificate only after the handshake: then the first `receive` gives `Closed`, with the
    alert's name unless a reset has overtaken it. `kmip_conformance.client.probing.refusal` finds out which.
    """
    return Connection(shake_hands(target, tls, timeout), timeout)


def connect_plain(target: Target, *, timeout: float = DEFAULT_TIMEOUT) -> Connection:
    """Open a TCP connection and speak no TLS on it."""
    return Connection(open_socket(target, timeout), timeout)


class Connection:
    """An open connection; a context manager that closes it."""

    def __init__(self, opened: socket.socket, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.timeout = timeout
        self._socket = opened
        self._received = bytearray()
        self._broken = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def tls_version(self) -> str:
        """The protocol version, "TLSv1.3"; "" without TLS."""
        return (self._socket.version() or "") if isinstance(self._socket, ssl.SSLSocket) else ""

    @property
    def cipher(self) -> str:
        """The cipher suite's OpenSSL name, or "" without TLS."""
        cipher = self._socket.cipher() if isinstance(self._socket, ssl.SSLSocket) else None
        return cipher[0] if cipher else ""

    @property
    def server_certificate(self) -> bytes | None:
        """The server's certificate, DER."""
        return self._socket.getpeercert(binary_form=True) if isinstance(self._socket, ssl.SSLSocket) else None

    def exchange(self, message: bytes | Item, *, timeout: float | None = None) -> Exchange:
        """Send a message and wait for one to come back."""
        data = message if isinstance(message, bytes) else encode(message)
        begun = time.perf_counter()
        self.send(data)
        response = self.receive(timeout)
        return Exchange(data, response, (time.perf_counter() - begun) * 1000)

    def send(self, data: bytes) -> None:
        """Send bytes: one message, several, or a part. When the peer has closed, the next `receive` says so."""
        try:
            self._socket.settimeout(self.timeout)
            self._socket.sendall(data)
        except OSError as error:
            self._broken = _how(error)

    def send_slowly(self, data: bytes, *, chunk: int = 1, pause: float = 0.0) -> None:
        """Send bytes in pieces of `chunk`, each in a TLS record of its own, with `pause` seconds between them."""
        for start in range(0, len(data), chunk):
            if start and pause:
                time.sleep(pause)
            self.send(data[start : start + chunk])

    def receive(self, timeout: float | None = None) -> Outcome:
        """The next message, as bytes; or what happened instead within `timeout` seconds (the connection's own, unless given)."""
        seconds = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + seconds
        while (wanted := self._wanted()) > len(self._received):
            limit = min(deadline, time.monotonic() + QUIET) if wanted == LONGEST else deadline
            ended = self._read_more(limit)
            if ended is not None:
                if wanted == LONGEST and self._received:
                    break
                partial = self._take(len(self._received))
                return Silence(seconds, partial) if ended == "silence" else Closed(self._broken or ended, partial)
        return self._take(min(self._wanted(), len(self._received)))

    def half_close(self) -> None:
        """Say that nothing more will be sent (TCP FIN), and go on listening."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_WR)

    def reset(self) -> None:
        """Drop the connection with a TCP RST."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close the connection. Closing twice is fine."""
        self._socket.close()

    def _wanted(self) -> int:
        """How many bytes the message in hand needs; `LONGEST` when it is no TTLV."""
        if len(self._received) < HEADER_SIZE:
            return HEADER_SIZE
        length = message_length(bytes(self._received[:HEADER_SIZE]))
        return length if self._received[0] in {0x42, 0x54} and length <= LONGEST else LONGEST

    def _read_more(self, deadline: float) -> str | None:
        """Read what is there. None, or why nothing more comes: "silence", "closed", "reset" or a TLS alert."""
        left = deadline - time.monotonic()
        if left <= 0:
            return "silence"
        try:
            self._socket.settimeout(left)
            data = self._socket.recv(65536)
        except TimeoutError:
            return "silence"
        except OSError as error:
            return _how(error)
        self._received += data
        return None if data else "closed"

    def _take(self, count: int) -> bytes:
        data = bytes(self._received[:count])
        del self._received[:count]
        return data


def _how(error: OSError) -> str:
    """Why a connection ended, from the exception that said so."""
    if isinstance(error, ssl.SSLError) and error.reason and "ALERT" in error.reason:
        return error.reason.partition("ALERT_")[2].replace("_", " ").lower()
    return "reset" if isinstance(error, ConnectionResetError | BrokenPipeError) else "closed"
