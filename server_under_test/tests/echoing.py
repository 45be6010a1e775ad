"""A listener over real sockets and real TLS, with an engine that only echoes, and events that are counted."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_server.conversation import Reply
from kmip_server.directory import pki
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.enums import ResultReason
from kmip_server.errors import MalformedMessage
from kmip_server.listener.limits import Limits
from kmip_server.listener.listener import Listener, bind
from kmip_server.listener.tls import ClientContexts, TlsSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from kmip_server.conversation import Peer
    from kmip_server.listener.causes import Cause

AUTHORITY = pki.create_authority(kind="ecdsa")


def framed(body: bytes) -> bytes:
    return b"\x42\x00\x78\x01" + len(body).to_bytes(4) + body


def frame_length(buffer: bytes | bytearray) -> int | None:
    if len(buffer) < 8:
        return None
    if buffer[:3] != b"\x42\x00\x78":
        raise MalformedMessage(ResultReason.INVALID_MESSAGE, "no request message")
    return 8 + int.from_bytes(buffer[4:8])


async def until(condition: Callable[[], object]) -> None:
    """Wait until something shows that has no event to be awaited."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.005)


class Echo:
    """Answers with what came. ``slow`` messages wait for `release`; others are answered at once."""

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.answered = 0

    async def handle(self, message: bytes, peer: Peer) -> Reply:
        if message[8:].startswith(b"slow"):
            await self.release.wait()
            await asyncio.sleep(0)
        self.answered += 1
        return Reply(message + peer.client.name.encode(), close=not message.startswith(b"\x42") or message.endswith(b"bye"))


@dataclass
class Seen:
    """Listens to the listener's events."""

    causes: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def accepted(self) -> None:
        self.counts["accepted"] += 1

    def opened(self, peer: Peer, tls: str) -> None:
        self.counts["opened"] += 1
        self.counts[tls.split(maxsplit=1)[0]] += 1

    def handshake_failed(self, address: str, cause: Cause) -> None:
        self.causes[cause.label] += 1

    def turned_away(self, address: str) -> None:
        self.counts["turned away"] += 1

    def removed(self, peer: Peer) -> None:
        self.counts["removed"] += 1

    def ended(self) -> None:
        self.counts["ended"] += 1


@dataclass
class Lab:
    """A listener, its directory, and a certificate that it knows."""

    listener: Listener
    echo: Echo
    seen: Seen
    directory: SqliteDirectory
    port: int
    folder: Path

    def context(self, pair: pki.KeyPair | None, *, version: ssl.TLSVersion | None = None, ciphers: str | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=AUTHORITY.certificate_pem.decode())
        if pair is not None:
            certificate, key = self.folder / "c.pem", self.folder / "c.key"
            pair.write(certificate, key)
            context.load_cert_chain(certificate, key)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if ciphers is not None:
            context.set_ciphers(ciphers)
        return context

    async def connect(self, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=context, server_hostname="localhost")

    async def ask(self, context: ssl.SSLContext, body: bytes = b"hello") -> bytes:
        reader, writer = await self.connect(context)
        writer.write(framed(body))
        answer = await reader.read(1000)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return answer

    async def refuses(self, context: ssl.SSLContext, cause: str) -> None:
        before = self.seen.causes[cause]
        try:
            answer = await self.ask(context)
        except OSError:
            answer = b""
        assert answer == b""
        assert self.seen.causes[cause] == before + 1, self.seen.causes

    async def is_quiet(self) -> None:
        """Nothing is left of any connection."""
        await until(lambda: not (self.listener.open_connections or self.seen.counts["ended"] < self.seen.counts["accepted"]))


@asynccontextmanager
async def running(
    folder: Path,
    limits: Limits | None = None,
    *,
    kinds: tuple[str, ...] = ("ecdsa",),
    legacy_ciphers: bool = False,
    session_tickets: int = 0,
) -> AsyncIterator[Lab]:
    pairs = [(folder / f"{kind}.pem", folder / f"{kind}.key") for kind in kinds]
    for kind, pair in zip(kinds, pairs, strict=True):
        pki.create_server_certificate(AUTHORITY, ["localhost", "127.0.0.1"], kind=kind).write(*pair)
    directory = SqliteDirectory(folder / "kmip.db")
    (certificate, key), *others = pairs
    settings = TlsSettings(certificate, key, legacy_ciphers=legacy_ciphers, session_tickets=session_tickets, others=tuple(others))
    echo, seen = Echo(), Seen()
    listener = Listener(
        engine=echo,
        directory=directory,
        contexts=ClientContexts(settings, directory),
        frame_length=frame_length,
        limits=limits or Limits(),
        events=seen,
    )
    listening = bind("127.0.0.1", 0)
    await listener.start(listening)
    try:
        yield Lab(listener, echo, seen, directory, listening.getsockname()[1], folder)
    finally:
        await listener.stop()
        directory.close()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert left == []


def known(lab: Lab, pair: pki.KeyPair | None = None) -> pki.KeyPair:
    pair = pair or pki.create_client_certificate(AUTHORITY, "alice", kind="ecdsa")
    client = lab.directory.client("alice") or lab.directory.add_client("alice")
    lab.directory.add_certificate(client.id, pair.certificate_pem.decode())
    return pair
