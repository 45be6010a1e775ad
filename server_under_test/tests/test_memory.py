"""What a client says costs nothing, what it sends costs no more than that: a real server's memory while clients declare and nest.

Linux only: the server's resident memory is read from /proc.
"""

from __future__ import annotations

import socket
import ssl
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faulty_payloads import Node
from kmip_server.codec import encode
from kmip_server.enums import ItemType, Operation, QueryFunction, ResultReason, Tag
from kmip_server.messages import QueryRequest
from kmip_server.testing import running_server_process
from kmip_server.versions import V1_4
from written import batch, items_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.testing import RunningServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc to read a process's memory from")

MIB = 1 << 20
CLIENTS = 64
QUERY = batch(V1_4, (Operation.QUERY, encode(QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,)), V1_4)))


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server_process() as running:
        yield running


def connected(server: RunningServer) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=server.ca)
    context.load_cert_chain(server.cert, server.key)
    return context.wrap_socket(socket.create_connection((server.host, server.port), timeout=20), server_hostname="localhost")


def exchange(connection: ssl.SSLSocket, message: bytes) -> bytes:
    """The whole answer to a message; empty when the server closes instead."""
    connection.sendall(message)
    answer = b""
    while len(answer) < 8 or len(answer) < 8 + int.from_bytes(answer[4:8], "big"):
        piece = connection.recv(65536)
        if not piece:
            break
        answer += piece
    return answer


def resident(server: RunningServer) -> int:
    """The server's resident memory, in bytes."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def test_a_declared_length_allocates_nothing_before_the_bytes_are_there(server: RunningServer) -> None:
    with ExitStack() as open_until_here:
        clients = [open_until_here.enter_context(connected(server)) for _ in range(CLIENTS)]
        assert all(exchange(client, QUERY) for client in clients)
        before = resident(server)
        for client in clients:
            client.sendall(bytes.fromhex("42007801") + (MIB - 8).to_bytes(4, "big") + QUERY[8:72])
        with connected(server) as another:
            assert items_of(exchange(another, QUERY))[0].status == 0
        assert resident(server) - before < CLIENTS * MIB // 8


@pytest.mark.parametrize("length", [MIB, 0x7FFFFFF8, 0xFFFFFFF8])
def test_a_message_that_says_it_is_too_long_is_answered_at_once(server: RunningServer, length: int) -> None:
    before = resident(server)
    for _ in range(20):
        with connected(server) as client:
            (item,) = items_of(exchange(client, bytes.fromhex("42007801") + length.to_bytes(4, "big")))
            assert item.reason == ResultReason.INVALID_MESSAGE
    assert resident(server) - before < 8 * MIB


@pytest.mark.parametrize("length", [MIB, 0x7FFFFFF8, 0xFFFFFFF8])
def test_a_length_inside_a_message_allocates_nothing(server: RunningServer, length: int) -> None:
    payload = Node(Tag.REQUEST_PAYLOAD, 1, Node(Tag.UNIQUE_IDENTIFIER, ItemType.TEXT_STRING, b"12345678", length=length).written())
    before = resident(server)
    with connected(server) as client:
        for _ in range(200):
            (item,) = items_of(exchange(client, batch(V1_4, (Operation.GET, payload.written()))))
            assert item.reason == ResultReason.INVALID_MESSAGE
    assert resident(server) - before < 8 * MIB


def nested(tag: int, depth: int) -> bytes:
    """Structures inside each other, as deep as a message is long."""
    return b"".join(tag.to_bytes(3, "big") + b"\1" + (8 * (depth - level)).to_bytes(4, "big") for level in range(1, depth + 1))


@pytest.mark.parametrize("tag", [Tag.KEY_WRAPPING_SPECIFICATION, Tag.REQUEST_PAYLOAD, 0x540001])
def test_a_hundred_thousand_structures_inside_each_other_are_refused(server: RunningServer, tag: int) -> None:
    with connected(server) as client:
        (item,) = items_of(exchange(client, batch(V1_4, (Operation.GET, Node(Tag.REQUEST_PAYLOAD, 1, nested(tag, 100_000)).written()))))
        assert item.reason in {ResultReason.INVALID_MESSAGE, ResultReason.INVALID_FIELD}
        assert items_of(exchange(client, QUERY))[0].status == 0


def test_large_messages_leave_nothing_behind(server: RunningServer) -> None:
    large = Node(Tag.REQUEST_PAYLOAD, 1, Node(Tag.UNIQUE_IDENTIFIER, ItemType.TEXT_STRING, b"x" * (MIB - 4096)).written()).written()
    with connected(server) as client:
        refused = [items_of(exchange(client, batch(V1_4, (Operation.GET, large))))[0] for _ in range(8)]
        before = resident(server)
        refused += [items_of(exchange(client, batch(V1_4, (Operation.GET, large))))[0] for _ in range(40)]
        assert {item.reason for item in refused} == {ResultReason.ITEM_NOT_FOUND}
        assert resident(server) - before < 8 * MIB


def test_a_request_for_more_than_fits_is_refused(server: RunningServer) -> None:
    """RNG Retrieve of a mebibyte and more."""
    for length in (MIB + 1, 0x7FFFFFFF):
        payload = Node(Tag.REQUEST_PAYLOAD, 1, Node(Tag.DATA_LENGTH, ItemType.INTEGER, length.to_bytes(4, "big")).written())
        before = resident(server)
        with connected(server) as client:
            (item,) = items_of(exchange(client, batch(V1_4, (Operation.RNG_RETRIEVE, payload.written()))))
        assert item.status == 1
        assert resident(server) - before < 8 * MIB
