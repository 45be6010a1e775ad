"""Asking a real server over a real socket, under KMIP 2.1."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any

from kmip_server.codec import decode, encode
from kmip_server.messages import REQUEST_PAYLOADS, ProtocolVersion, RequestBatchItem, RequestHeader, RequestMessage, ResponseMessage
from kmip_server.versions import V2_1

if TYPE_CHECKING:
    from kmip_server.messages import ResponseBatchItem
    from kmip_server.testing import RunningServer

OPERATION_OF = {payload: operation for operation, payload in REQUEST_PAYLOADS.items()}


def connected(server: RunningServer) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=server.ca)
    context.load_cert_chain(server.cert, server.key)
    return context.wrap_socket(socket.create_connection((server.host, server.port), timeout=20), server_hostname="localhost")


def asked(connection: ssl.SSLSocket, *payloads: object, **header: Any) -> tuple[ResponseBatchItem, ...]:
    """Send payloads in one message of KMIP 2.1 and read the answering items."""
    items = tuple(
        RequestBatchItem(operation=OPERATION_OF[type(one)], unique_batch_item_id=bytes([number]), request_payload=one)
        for number, one in enumerate(payloads)
    )
    protocol = ProtocolVersion(protocol_version_major=2, protocol_version_minor=1)
    message = RequestMessage(request_header=RequestHeader(protocol_version=protocol, batch_count=len(items), **header), batch_item=items)
    connection.sendall(encode(message, V2_1))
    answer = b""
    while len(answer) < 8 or len(answer) < 8 + int.from_bytes(answer[4:8]):
        piece = connection.recv(65536)
        assert piece
        answer += piece
    return decode(ResponseMessage, answer, V2_1).batch_item
