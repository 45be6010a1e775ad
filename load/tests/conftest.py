"""Servers to put under load: the reference server, and small ones with a vice each."""

from __future__ import annotations

import socketserver
import ssl
import struct
import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from kmip_conformance.client import Target
from kmip_conformance.tables import V1_1, Operation, ResultReason, ResultStatus, Tag
from kmip_conformance.wire import encode, enumeration, integer, structure, text
from kmip_conformance.wire.quick import message_length
from kmip_server.testing import running_server_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kmip_server.testing import RunningServer

PREPARATIONS = {Operation.CREATE, Operation.ACTIVATE, Operation.REVOKE, Operation.DESTROY}


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """The reference server, in a process of its own."""
    with running_server_process() as running:
        yield running


@pytest.fixture(scope="session")
def target(server: RunningServer) -> Target:
    """The reference server, as the load room knows it."""
    return Target(server.host, server.port, server.ca, server.cert, server.key)


@pytest.fixture
def server_to_kill() -> Iterator[tuple[Target, psutil.Process]]:
    """A reference server of one's own, and its process."""
    with running_server_process() as running:
        assert running.process is not None
        yield Target(running.host, running.port, running.ca, running.cert, running.key), psutil.Process(running.process.pid)


def operation_of(message: bytes) -> Operation:
    """The operation of a request's first batch item."""
    at = message.index(struct.pack(">I", Tag.OPERATION << 8 | 5)) + 8
    return Operation(int.from_bytes(message[at : at + 4]))


def answer(operation: Operation, key: str = "the-key", *, refused: ResultReason | None = None) -> bytes:
    """A response of one item."""
    version = structure(
        Tag.PROTOCOL_VERSION, integer(Tag.PROTOCOL_VERSION_MAJOR, V1_1.major), integer(Tag.PROTOCOL_VERSION_MINOR, V1_1.minor)
    )
    status = ResultStatus.OPERATION_FAILED if refused else ResultStatus.SUCCESS
    item = structure(
        Tag.BATCH_ITEM,
        enumeration(Tag.OPERATION, operation),
        enumeration(Tag.RESULT_STATUS, status),
        enumeration(Tag.RESULT_REASON, refused) if refused else None,
        None if refused else structure(Tag.RESPONSE_PAYLOAD, text(Tag.UNIQUE_IDENTIFIER, key)),
    )
    header = structure(Tag.RESPONSE_HEADER, version, integer(Tag.BATCH_COUNT, 1))
    return encode(structure(Tag.RESPONSE_MESSAGE, header, item))


def refuses(line: ssl.SSLSocket, operation: Operation) -> bool:
    line.sendall(answer(operation, refused=ResultReason.ITEM_NOT_FOUND))
    return True


def is_silent(line: ssl.SSLSocket, operation: Operation) -> bool:
    return bool(line.recv(1))


def hangs_up(line: ssl.SSLSocket, operation: Operation) -> bool:
    return False


def answers_byte_by_byte(line: ssl.SSLSocket, operation: Operation) -> bool:
    for byte in answer(operation, refused=ResultReason.ITEM_NOT_FOUND):
        line.sendall(bytes((byte,)))
    return True


def talks_too_much(line: ssl.SSLSocket, operation: Operation) -> bool:
    line.sendall(2 * answer(operation))
    return True


VICES = {vice.__name__: vice for vice in (refuses, is_silent, hangs_up, answers_byte_by_byte, talks_too_much)}
"""What a bad server does with a request for a key; False ends the connection."""


@pytest.fixture
def bad_server(server: RunningServer) -> Iterator[Callable[[str], Target]]:
    """Starts a server with one of the `VICES`."""
    with ExitStack() as stack:
        yield lambda vice: stack.enter_context(running_bad_server(server, VICES[vice]))


@contextmanager
def running_bad_server(server: RunningServer, react: Callable[[ssl.SSLSocket, Operation], bool]) -> Iterator[Target]:
    """A server that makes, activates and destroys one and the same key, and meets every request for it with ``react``.

    It borrows the reference server's certificates.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.state_dir / "server.pem", server.state_dir / "server.key")

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) as line:
                while header := line.recv(8):
                    operation = operation_of(header + line.recv(message_length(header) - 8))
                    if operation in PREPARATIONS:
                        line.sendall(answer(operation))
                    elif operation in {Operation.DISCOVER_VERSIONS, Operation.QUERY}:
                        line.sendall(answer(operation, refused=ResultReason.OPERATION_NOT_SUPPORTED))
                    elif not react(line, operation):
                        return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Target("127.0.0.1", listening.server_address[1], server.ca, server.cert, server.key)
        finally:
            listening.shutdown()
            thread.join()
