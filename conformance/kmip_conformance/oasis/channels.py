"""How messages of a case get to the target and back: one channel a client, opened when it is first needed and kept for the next cases.

A channel gives what came as bytes of TTLV, whatever it was carried in, or `Silence` or `Closed`. A request that the server sends while an
answer is awaited (a turned connection) is put aside until somebody asks for it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from ssl import TLSVersion
from typing import TYPE_CHECKING, Protocol

from kmip_conformance.client import DEFAULT_TLS, Closed, Connection, Exchange, Silence, Tls, connect
from kmip_conformance.oasis.https import ENCODING_OF, HttpsChannel
from kmip_conformance.tables import Tag
from kmip_conformance.wire import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_conformance.client import Outcome, Target
    from kmip_conformance.client.target import Identity
    from kmip_conformance.wire import Item

_REQUEST = Tag.REQUEST_MESSAGE.to_bytes(3, "big")


class Channel(Protocol):
    """One client's way to the target."""

    def exchange(self, message: Item) -> Exchange:
        """Send a message and wait for what answers it. Raises `TargetError` when the target cannot be reached."""

    def receive_request(self, seconds: float) -> Outcome:
        """Wait for a request of the server's own."""

    def send(self, message: Item) -> None:
        """Send a message that nothing answers: the answer to a request of the server's."""

    def close(self) -> None:
        """Hang up."""


class TtlvChannel:
    """TTLV over TLS (KMIP 1.4, 9.1)."""

    def __init__(self, target: Target, timeout: float, tls: Tls = DEFAULT_TLS) -> None:
        self._target, self._timeout, self._tls = target, timeout, tls
        self._connection: Connection | None = None
        self._has_answered = False
        self._requests: list[bytes] = []

    def exchange(self, message: Item) -> Exchange:
        """Send and wait; a kept connection that the target has closed meanwhile is opened again, once."""
        data = encode(message)
        reused = self._has_answered
        exchange = self._exchange(data)
        if reused and isinstance(exchange.response, Closed):
            exchange = self._exchange(data)
        return exchange

    def receive_request(self, seconds: float) -> Outcome:
        """The first request of the server's own that has come, or comes."""
        if self._requests:
            return self._requests.pop(0)
        return self._open().receive(seconds)

    def send(self, message: Item) -> None:
        """Send and wait for nothing."""
        self._open().send(encode(message))

    def close(self) -> None:
        """Hang up; the next message opens another connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._has_answered = None, False
        self._requests.clear()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._target, tls=self._tls, timeout=self._timeout)
        return self._connection

    def _exchange(self, data: bytes) -> Exchange:
        begun = time.perf_counter()
        connection = self._open()
        connection.send(data)
        response = connection.receive(self._timeout)
        while isinstance(response, bytes) and response[:3] == _REQUEST:
            self._requests.append(response)
            response = connection.receive(self._timeout)
        self._has_answered = isinstance(response, bytes)
        if isinstance(response, Closed | Silence):
            self.close()
        return Exchange(data, response, (time.perf_counter() - begun) * 1000)


TLS_OF = {
    "SUITEB_128": Tls(maximum=TLSVersion.TLSv1_2, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256"),
    "SUITEB_192": Tls(maximum=TLSVersion.TLSv1_2, ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"),
    "QS-": Tls(minimum=TLSVersion.TLSv1_3),
}
"""Beginning of a case's name → how its profile wants TLS spoken (Suite B 1.0, 2.1.2 and 4.1.2; Profiles 2.1, Quantum Safe)."""


class Channels:
    """The channels of every client that cases ask for: "A" is the target's own, the others are given identities of their own.

    An identity under a case's name is who plays that case in place of "A": some cases need a client that is treated in another way.
    """

    def __init__(self, target: Target, identities: Mapping[str, Identity], timeout: float, https_port: int | None = None) -> None:
        self._identities = identities
        self._targets = {"A": target} | {letter: replace(target, cert=one.cert, key=one.key) for letter, one in identities.items()}
        self._timeout = timeout
        self._https_port = https_port
        self._open: dict[tuple[str, Tls, str], Channel] = {}

    def has(self, letter: str) -> bool:
        """Is there an identity for this client?"""
        return letter in self._targets

    def target_of(self, letter: str) -> Target:
        """The target as this client sees it."""
        return self._targets[letter]

    def channel(self, letter: str, case: str) -> Channel:
        """The channel of a client for a case: in the encoding and under the TLS that it is about."""
        encoding = next((start for start in ENCODING_OF if case.startswith(start)), "")
        tls = next((tls for start, tls in TLS_OF.items() if case.startswith(start)), DEFAULT_TLS)
        key = (letter, tls, encoding)
        if key not in self._open:
            self._open[key] = self._new(self._targets[letter], tls, encoding)
        return self._open[key]

    def _new(self, target: Target, tls: Tls, encoding: str) -> Channel:
        if encoding:
            return HttpsChannel(target, self._https_port or target.port, self._timeout, ENCODING_OF[encoding], tls)
        return TtlvChannel(target, self._timeout, tls)

    def close(self) -> None:
        """Hang up everywhere."""
        for channel in self._open.values():
            channel.close()
        self._open.clear()
