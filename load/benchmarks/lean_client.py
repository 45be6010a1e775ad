"""A load client that costs little: one epoll loop, non-blocking TLS, one request outstanding a connection, every answer verified.

Leaner than the Locust profiles, so that it is the servers that are measured. Two ways to ask: `keep_asking` on connections that stay,
`ask_anew` on a new TLS connection for every call, without session resumption, as vCenter does.
"""

from __future__ import annotations

import select
import socket
import ssl
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_load.answers import Call
    from kmip_load.connection import Endpoint

READ, WRITE = select.EPOLLIN, select.EPOLLOUT


@dataclass(frozen=True, slots=True)
class Round:
    """What one round measured: the seconds it really took, and the microseconds of every answered call."""

    seconds: float
    latencies: list[int]

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.latencies) / self.seconds

    def milliseconds_at(self, percentile: float) -> float:
        """The exact percentile (nearest rank)."""
        ordered = sorted(self.latencies)
        return ordered[max(0, min(len(ordered) - 1, round(percentile / 100 * len(ordered)) - 1))] / 1000


class WrongAnswer(Exception):
    """A server answered otherwise than a benchmark can count; the figures would be of something else."""


class _Ask:
    """One connection and the call that is under way on it. It is TLS from the moment that TCP is connected."""

    __slots__ = ("answer", "call", "endpoint", "socket", "started")

    def __init__(self, endpoint: Endpoint) -> None:
        self.started = perf_counter_ns()
        self.endpoint = endpoint
        self.socket: socket.socket | ssl.SSLSocket = socket.socket()
        self.socket.setblocking(False)  # noqa: FBT003 - the standard library's
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(endpoint.address)
        self.answer = b""
        self.call: Call | None = None

    def begin(self, call: Call) -> None:
        self.call, self.answer, self.started = call, b"", perf_counter_ns()
        self.socket.send(call.request)

    def shake(self) -> int:
        """Go on with the handshake, on a socket that is connected; 0 when it is done, or what to wait for."""
        endpoint = self.endpoint
        if not isinstance(self.socket, ssl.SSLSocket):
            self.socket = endpoint.context.wrap_socket(self.socket, server_hostname=endpoint.server_name, do_handshake_on_connect=False)
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return READ
        except ssl.SSLWantWriteError:
            return WRITE
        return 0

    def take(self) -> bool:
        """Read what is there: is the answer whole? A wrong one raises `WrongAnswer`."""
        assert self.call is not None
        while True:
            try:
                chunk = self.socket.recv(65_536)
            except ssl.SSLWantReadError:
                return False
            if not chunk:
                raise WrongAnswer(f"{self.call.name}: connection closed")
            self.answer += chunk
            if len(self.answer) >= 8 and len(self.answer) >= 8 + int.from_bytes(self.answer[4:8]):
                break
        if not self.call.is_answered_by(self.answer):
            raise WrongAnswer(f"{self.call.name}: {self.answer[:400].hex()}")
        return True


def keep_asking(endpoint: Endpoint, connections: int, calls: Iterator[Call], seconds: float) -> Round:
    """Send calls on so many standing connections for so long, the next when the last is answered; handshakes are not counted."""
    asks = _standing(endpoint, connections)
    epoll = select.epoll()
    for descriptor in asks:
        epoll.register(descriptor, READ)
    latencies: list[int] = []
    started = perf_counter()
    end = perf_counter_ns() + int(seconds * 1e9)
    for ask in asks.values():
        ask.begin(next(calls))
    outstanding = connections
    while outstanding:
        for descriptor, _ in epoll.poll(30.0) or _nobody_answers():
            ask = asks[descriptor]
            if not ask.take():
                continue
            now = perf_counter_ns()
            latencies.append((now - ask.started) // 1000)
            if now < end:
                ask.begin(next(calls))
            else:
                outstanding -= 1
    elapsed = perf_counter() - started
    epoll.close()
    for ask in asks.values():
        ask.socket.close()
    return Round(elapsed, latencies)


def ask_anew(endpoint: Endpoint, at_once: int, calls: Iterator[Call], seconds: float) -> Round:
    """Connect, shake hands, call and close, so many at once, for so long; a latency is that of all four together."""
    epoll = select.epoll()
    asks: dict[int, _Ask] = {}
    latencies: list[int] = []

    def open_one() -> None:
        ask = _Ask(endpoint)
        asks[ask.socket.fileno()] = ask
        epoll.register(ask.socket.fileno(), WRITE)

    started = perf_counter()
    end = perf_counter_ns() + int(seconds * 1e9)
    for _ in range(at_once):
        open_one()
    while asks:
        for descriptor, _ in epoll.poll(30.0) or _nobody_answers():
            ask = asks[descriptor]
            if ask.call is None:
                opened = ask.started
                waiting = ask.shake()
                if not waiting:
                    ask.begin(next(calls))
                    ask.started = opened
                epoll.modify(descriptor, waiting or READ)
            elif ask.take():
                latencies.append((perf_counter_ns() - ask.started) // 1000)
                epoll.unregister(descriptor)
                asks.pop(descriptor).socket.close()
                if perf_counter_ns() < end:
                    open_one()
    elapsed = perf_counter() - started
    epoll.close()
    return Round(elapsed, latencies)


def _standing(endpoint: Endpoint, connections: int) -> dict[int, _Ask]:
    """So many connections whose handshakes are done, by descriptor."""
    asks = {}
    for _ in range(connections):
        ask = _Ask(endpoint)
        descriptor, wanted = ask.socket.fileno(), WRITE
        while wanted:
            ready = select.poll()
            ready.register(descriptor, wanted)
            ready.poll(30_000) or _nobody_answers()
            wanted = ask.shake()
        asks[descriptor] = ask
    return asks


def _nobody_answers() -> list[tuple[int, int]]:
    raise WrongAnswer("no server answered anything for 30 s")
