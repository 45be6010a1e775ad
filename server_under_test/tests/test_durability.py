"""A server that is killed at any moment has everything that it had answered."""

from __future__ import annotations

import random
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from kmip_server.store.contract import LocateQuery
from kmip_server.store.sqlite import SqliteStore
from kmip_server.testing import RunningServer, add_client, running_server_process

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 6
CLIENTS = 4


def item(tag: str, kind: int, value: bytes) -> bytes:
    return bytes.fromhex(tag) + bytes([kind]) + struct.pack(">I", len(value)) + value + bytes(-len(value) % 8)


def number(tag: str, value: int, kind: int = 2) -> bytes:
    return item(tag, kind, struct.pack(">i", value))


def attribute(name: bytes, value: bytes) -> bytes:
    return item("420008", 1, item("42000a", 7, name) + value)


def request(operation: int, payload: bytes) -> bytes:
    version = item("420069", 1, number("42006a", 1) + number("42006b", 1))
    header = item("420077", 1, version + number("42000d", 1))
    return item("420078", 1, header + item("42000f", 1, number("42005c", operation, 5) + item("420079", 1, payload)))


AES_256 = (
    attribute(b"Cryptographic Algorithm", number("42000b", 3, 5))
    + attribute(b"Cryptographic Usage Mask", number("42000b", 12))
    + attribute(b"Cryptographic Length", number("42000b", 256))
)
CREATE = request(1, number("420057", 2, 5) + item("420091", 1, AES_256))


def connected(server: RunningServer) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=server.ca)
    context.load_cert_chain(server.cert, server.key)
    return context.wrap_socket(socket.create_connection((server.host, server.port), timeout=20), server_hostname="localhost")


def exchange(connection: ssl.SSLSocket, message: bytes) -> bytes:
    connection.sendall(message)
    answer = b""
    while len(answer) < 8 or len(answer) < 8 + int.from_bytes(answer[4:8]):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the server is gone")
        answer += piece
    return answer


def identifier_in(answer: bytes) -> str:
    found = re.search(rb"\x42\x00\x94\x07\x00\x00\x00\x24(.{36})", answer)
    assert found is not None
    return found[1].decode()


def create_until_it_dies(server: RunningServer, acknowledged: list[str], first: threading.Event) -> None:
    try:
        with connected(server) as connection:
            while True:
                acknowledged.append(identifier_in(exchange(connection, CREATE)))
                first.set()
    except OSError:
        return


def test_kill_9_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    chance = random.Random(20261123)
    client_id = ""
    for _ in range(ROUNDS):
        with running_server_process(tmp_path) as server:
            first = threading.Event()
            clients = [threading.Thread(target=create_until_it_dies, args=(server, acknowledged, first)) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            assert first.wait(20)
            time.sleep(chance.uniform(0.0, 0.25))
            assert server.process is not None
            server.process.kill()
            for client in clients:
                client.join()
            client_id = server.client.id
    assert len(set(acknowledged)) == len(acknowledged) > ROUNDS
    store = SqliteStore(tmp_path / "kmip.db")
    assert set(acknowledged) <= set(store.locate(client_id, LocateQuery()))
    store.close()
    with running_server_process(tmp_path) as server, connected(server) as connection:
        for identifier in chance.sample(acknowledged, min(50, len(acknowledged))):
            answer = exchange(connection, request(10, item("420094", 7, identifier.encode())))
            assert b"\x42\x00\x45" in answer, "Get has no Key Value"


def test_two_server_processes_on_one_state_folder_give_one_answer(tmp_path: Path) -> None:
    with (
        running_server_process(tmp_path) as one,
        running_server_process(tmp_path) as two,
        connected(one) as writing,
        connected(two) as reading,
    ):
        for _ in range(20):
            identifier = identifier_in(exchange(writing, CREATE))
            named = item("420094", 7, identifier.encode())
            state = request(11, named + item("42000a", 7, b"State"))
            assert number("42000b", 1, 5) in exchange(reading, state)
            exchange(writing, request(18, named))
            assert number("42000b", 2, 5) in exchange(reading, state)


def test_workers_share_a_port_and_end_with_their_parent(tmp_path: Path) -> None:
    """The parent is killed, not asked: its workers notice by themselves."""
    program = (
        "import asyncio, sys, pathlib\n"
        "from kmip_server.server import serve\n"
        "from kmip_server.settings import Settings\n"
        "async def main():\n"
        "    settings = Settings(pathlib.Path(sys.argv[1]), port=0, workers=2, log_level='error')\n"
        "    await serve(settings, ready=lambda endpoint: print(endpoint.port, flush=True), stop=asyncio.Event())\n"
        "asyncio.run(main())\n"
    )
    files = add_client(tmp_path, "client")
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    port = int(parent.stdout.readline())
    server = RunningServer("127.0.0.1", port, tmp_path / "ca.pem", files.cert, files.key, tmp_path, files.client)
    connections = [connected(server) for _ in range(8)]
    identifier = identifier_in(exchange(connections[0], CREATE))
    for connection in connections:
        assert identifier.encode() in exchange(connection, request(10, item("420094", 7, identifier.encode())))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for connection in connections:
        connection.settimeout(20)
        with suppress(ConnectionError):
            assert connection.recv(1) == b""
        connection.close()
    with pytest.raises(ConnectionError):
        socket.create_connection((server.host, port), timeout=5)
