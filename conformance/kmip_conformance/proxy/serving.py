"""The proxy: it ends TLS, lets a mutant spoil what passes, and speaks to the target with the target's own client certificates.

It has an authority and certificates of its own, and gives a `Target` that is used like the real one: whoever comes with the proxy's first
client certificate is the target's first client there, the second its second. Bytes that are not framed as TTLV, or that stop in the
middle of a message, are handed on as they are and nothing is spoilt from then on, so that checks of framing see the target itself.
Half-closed TLS connections are not kept open.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmip_conformance.certificates import Authority
from kmip_conformance.client import Target, Tls, Who, context_for, server_name
from kmip_conformance.proxy.mutant import Mutant, Passage
from kmip_conformance.requests.forms import in_form_of
from kmip_conformance.tables import V1_0, Tag
from kmip_conformance.wire import Item, Request, Response, decode, encode, integer, structure
from kmip_conformance.wire.quick import HEADER_SIZE, message_length

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator

LONGEST = 16 * 1024 * 1024
UNFINISHED = 0.2
"""Seconds after which a message that stops in the middle is handed on as it is."""

_SERVER_NAME = "mutant"
_CLIENTS = {"client": Who.CLIENT, "other": Who.OTHER}


@contextlib.contextmanager
def running_proxy(target: Target, mutant: Mutant) -> Iterator[Target]:
    """Run a proxy with one defect in front of a target, in a thread of its own; gives the target as it is to be reached now."""
    with tempfile.TemporaryDirectory(prefix="kmip-mutant-") as folder:
        credentials = _Credentials.make(Path(folder))
        ready: threading.Event = threading.Event()
        proxy = _Proxy(target, mutant, credentials)
        thread = threading.Thread(target=lambda: asyncio.run(proxy.run(ready)), name=f"mutant {mutant.name}", daemon=True)
        thread.start()
        ready.wait()
        try:
            yield credentials.seen(target, proxy.port)
        finally:
            proxy.stop()
            thread.join()


@dataclass(frozen=True, slots=True)
class _Credentials:
    """The proxy's own authority, its server's context, and the certificates of the clients that it knows."""

    authority: Authority
    folder: Path

    @classmethod
    def make(cls, folder: Path) -> _Credentials:
        authority = Authority.make(folder)
        authority.server(name=_SERVER_NAME)
        for name in _CLIENTS:
            authority.client(name)
        return cls(authority, folder)

    def seen(self, target: Target, port: int) -> Target:
        here = replace(
            target, host="127.0.0.1", port=port, ca=self.authority.file, cert=self.folder / "client.pem", key=self.folder / "client.key"
        )
        if target.other_cert is None:
            return here
        return replace(here, other_cert=self.folder / "other.pem", other_key=self.folder / "other.key")

    def context(self, *, admits_everyone: bool) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{_SERVER_NAME}.pem", self.folder / f"{_SERVER_NAME}.key")
        context.load_verify_locations(self.authority.file)
        context.verify_mode = ssl.CERT_OPTIONAL if admits_everyone else ssl.CERT_REQUIRED
        return context


@dataclass(slots=True)
class _Proxy:
    target: Target
    mutant: Mutant
    credentials: _Credentials
    memory: dict[str, Any] = field(default_factory=dict)
    port: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _stopping: asyncio.Event | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # peers that vanish in a handshake are no news
        context = self.credentials.context(admits_everyone=self.mutant.admits_everyone)
        server = await asyncio.start_server(self.accept, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopping.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.sleep(0)  # aborted connections are closed in the loop's next turn

    def stop(self) -> None:
        assert self._loop is not None
        assert self._stopping is not None
        self._loop.call_soon_threadsafe(self._stopping.set)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await _Session(self, self.who(writer), reader, writer).run()
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            await _close(writer)
            self._open.discard(task)

    def who(self, writer: asyncio.StreamWriter) -> Who:
        """Which of the target's clients has come, by the name in its certificate."""
        certificate = writer.get_extra_info("peercert") or {}
        names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
        known = _CLIENTS.get(names[0] if names else "client", Who.CLIENT)
        return Who.CLIENT if self.mutant.knows_one_client else known


@contextlib.asynccontextmanager
async def _upstream(target: Target, who: Who) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    tls = Tls(who=who)
    reader, writer = await asyncio.open_connection(
        target.host, target.port, ssl=context_for(target, tls), server_hostname=server_name(target, tls) or ""
    )
    try:
        yield reader, writer
    finally:
        await _close(writer)


@dataclass(slots=True)
class _Session:
    """One connection through the proxy."""

    proxy: _Proxy
    who: Who
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def run(self) -> None:
        first = await self.reader.read(65536)  # connections that end with the handshake never reach the target
        if not first:
            return
        async with _upstream(self.proxy.target, self.who) as (target_reader, target_writer):
            pending = bytearray(first)
            while True:
                message = await self.next_message(pending)
                if message is None:
                    await self.relay(bytes(pending), target_reader, target_writer)
                    return
                if not message or not await self.exchange(message, target_reader, target_writer):
                    return

    async def next_message(self, pending: bytearray) -> bytes | None:
        """The next whole message; b"" at the end; None when what comes is not framed as TTLV or stops in the middle."""
        while True:
            size = len(pending)
            if size >= HEADER_SIZE:
                wanted = message_length(bytes(pending[:HEADER_SIZE]))
                if pending[0] != 0x42 or wanted > LONGEST:
                    return None
                if size >= wanted:
                    message = bytes(pending[:wanted])
                    del pending[:wanted]
                    return message
            try:
                more = await asyncio.wait_for(self.reader.read(65536), UNFINISHED if size else None)
            except TimeoutError:
                return None
            if not more:
                return None if size else b""
            pending += more

    async def exchange(self, message: bytes, target_reader: asyncio.StreamReader, target_writer: asyncio.StreamWriter) -> bool:
        """Let one request and its response pass; False when the connection ends with it."""
        mutant = self.proxy.mutant
        request = decode(message).item
        if request is None:
            return False
        passage = Passage(request, self.proxy.memory, lambda *items: self.ask(passage.request, *items))
        if mutant.on_request is not None:
            spoilt_request = await _settled(mutant.on_request(passage))
            if spoilt_request is None:
                return False
            message = message if spoilt_request == request else encode(spoilt_request)
        target_writer.write(message)
        answer = await _whole_message(target_reader)
        if not answer:
            return False
        spoilt = await self.spoilt(passage, answer)
        if not spoilt:
            return False
        await self.deliver(spoilt)
        return not mutant.delivery.closes

    async def spoilt(self, passage: Passage, answer: bytes) -> bytes:
        """The response's bytes as they go on; b"" when none do."""
        mutant = self.proxy.mutant
        if mutant.on_response is None and mutant.on_item is None:
            return answer
        passage.response = decode(answer).item or passage.response
        changed: Item | None = passage.response
        if mutant.on_item is not None:
            changed = await self.with_items(passage)
        if mutant.on_response is not None:
            changed = await _settled(mutant.on_response(passage))
        return b"" if changed is None else answer if changed == passage.response else encode(changed)

    async def with_items(self, passage: Passage) -> Item:
        """The response with each batch item as the mutant wants it."""
        mutant = self.proxy.mutant
        assert mutant.on_item is not None
        changed = []
        for answered in passage.answered:
            concerned = not mutant.operations or answered.asked.operation in mutant.operations
            changed.append(await _settled(mutant.on_item(answered)) if concerned else answered.item)
        others = [child for child in passage.response.children if child.tag != Tag.BATCH_ITEM]
        return passage.response.holding((*others, *(item for item in changed if item is not None)))

    async def ask(self, request: Item, *items: Item) -> Response:
        """What the target answers to something else, for the same client, with the same version and credential."""
        header = request.first(Tag.REQUEST_HEADER)
        assert header is not None
        kept = [child for child in header.children if child.tag in {Tag.PROTOCOL_VERSION, Tag.AUTHENTICATION}]
        written = [in_form_of(Request(request).version or V1_0, item) for item in items]
        message = structure(Tag.REQUEST_MESSAGE, structure(Tag.REQUEST_HEADER, *kept, integer(Tag.BATCH_COUNT, len(items))), *written)
        async with _upstream(self.proxy.target, self.who) as (reader, writer):
            writer.write(encode(message))
            return Response.read(await _whole_message(reader))

    async def deliver(self, data: bytes) -> None:
        """Put a response on the wire in the mutant's way."""
        delivery = self.proxy.mutant.delivery
        if delivery.pause:
            await asyncio.sleep(delivery.pause)
        piece = delivery.piece or len(data)
        for start in range(0, len(data), piece):
            self.writer.write(data[start : start + piece])
            await self.writer.drain()

    async def relay(self, first: bytes, target_reader: asyncio.StreamReader, target_writer: asyncio.StreamWriter) -> None:
        """Hand on bytes both ways as they come, until one side ends."""
        target_writer.write(first)
        there = asyncio.create_task(_pour(self.reader, target_writer))
        back = asyncio.create_task(_pour(target_reader, self.writer))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            if there.done():
                await asyncio.wait({back}, timeout=UNFINISHED)
        finally:
            there.cancel()
            back.cancel()
            await asyncio.gather(there, back, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close a connection, politely for as long as the other side takes part in it."""
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), UNFINISHED)
    except (OSError, TimeoutError):
        pass
    finally:
        writer.transport.abort()  # whatever happened, also when the proxy is stopped meanwhile: nothing is left open


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def _whole_message(reader: asyncio.StreamReader) -> bytes:
    """One message; b"" when the other side closes without one. What is no TTLV is given as it comes."""
    try:
        header = await reader.readexactly(HEADER_SIZE)
        return header + await reader.readexactly(message_length(header) - HEADER_SIZE) if header[0] == 0x42 else header
    except asyncio.IncompleteReadError as error:
        return error.partial


async def _settled(value: Item | Awaitable[Item | None] | None) -> Item | None:
    """The value itself: mutants may be functions or coroutines."""
    return value if value is None or isinstance(value, Item) else await value
