"""How much of the server one peer, or all of them together, may take. Times in seconds, sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a listener.

    Attributes:
        handshake_timeout: from the accepted connection to the finished handshake.
        idle_timeout: without a byte from the peer, after the handshake, while nothing is being answered.
        connections: open at once; one more is closed at once.
        handshakes: under way at once; others wait their turn, within their own timeout.
        message_bytes: the largest request message.
        shutdown_grace: how long a request that is being answered may go on when the server stops.
        answer_timeout: how long a client has to answer a request of the server's own.
    """

    handshake_timeout: float = 10.0
    idle_timeout: float = 600.0
    connections: int = 10_000
    handshakes: int = 256
    message_bytes: int = 1 << 20
    shutdown_grace: float = 5.0
    answer_timeout: float = 30.0
