"""Listeners for the tests of the client: real sockets on free ports, each behaving in one way, ended with their context."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kmip_conformance.client import Identity


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Accept connections on a free port and let `serve` have each, over TLS when there is a context; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    stopped = threading.Event()

    def handle(connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            serve(connection)
        connection.close()

    def accept() -> None:
        workers = []
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            connection.settimeout(5)
            workers.append(threading.Thread(target=handle, args=(connection,)))
            workers[-1].start()
        for worker in workers:
            worker.join()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield port
    finally:
        stopped.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def server_context(
    identity: Identity, client_ca: Path | None = None, *, maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
) -> ssl.SSLContext:
    """A server's TLS; with `client_ca` it demands a client's certificate from that CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.cert, identity.key)
    context.maximum_version = maximum
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


def whole_message(connection: socket.socket) -> bytes:
    """Read one TTLV message."""
    data = b""
    while len(data) < 8 or len(data) < 8 + int.from_bytes(data[4:8], "big"):
        more = connection.recv(65536)
        if not more:
            break
        data += more
    return data


def silent(connection: socket.socket) -> None:
    """Read until the other side is gone, and say nothing."""
    while connection.recv(65536):
        pass


def answering(*answers: bytes) -> Callable[[socket.socket], None]:
    """Answer each message that comes with the next of these, the last of them again and again."""

    def serve(connection: socket.socket) -> None:
        left = list(answers)
        while whole_message(connection):
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return serve


def greeting(words: bytes) -> Callable[[socket.socket], None]:
    """Speak first, then read until the other side is gone."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(words)
        silent(connection)

    return serve


def http(connection: socket.socket) -> None:
    """Answer whatever comes as a web server does."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def patient_http(connection: socket.socket) -> None:
    """A web server that waits for the end of a request before it answers."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return
        data += more
    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def hang_up(_: socket.socket) -> None:
    """Close at once."""
