"""A connection whose roles were turned: the server asks and tells, over real TLS, and the client answers (KMIP 2.1, 6.1.54 and 6.2)."""

from __future__ import annotations

import socket
import ssl
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from kmip_server.codec import decode, decode_request, encode
from kmip_server.codec.forms import XML
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    EndpointRole,
    ItemType,
    ObjectType,
    Operation,
    PutFunction,
    QueryFunction,
    ResultReason,
    ResultStatus,
    State,
)
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    ActivateRequest,
    AddAttributeRequest,
    Attribute,
    Attributes,
    CreateRequest,
    CustomValue,
    DeleteAttributeRequest,
    DiscoverVersionsResponse,
    GetRequest,
    ProtocolVersion,
    QueryRequest,
    QueryResponse,
    ReKeyRequest,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseHeader,
    ResponseMessage,
    SetEndpointRoleRequest,
)
from kmip_server.testing import running_server
from kmip_server.versions import V1_4, V2_0, V2_1, KmipVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.testing import RunningServer

OPERATION_OF = {payload: operation for operation, payload in REQUEST_PAYLOADS.items()}
TURN = SetEndpointRoleRequest(endpoint_role=EndpointRole.CLIENT)
AES = (
    Attribute(attribute_name="Cryptographic Algorithm", attribute_value=CryptographicAlgorithm.AES),
    Attribute(attribute_name="Cryptographic Length", attribute_value=256),
    Attribute(attribute_name="Cryptographic Usage Mask", attribute_value=CryptographicUsageMask.ENCRYPT),
)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


class Client:
    """A client that can ask, and be asked."""

    def __init__(self, connection: ssl.SSLSocket, version: KmipVersion = V2_1) -> None:
        self.connection = connection
        self.version = version

    def read(self) -> bytes:
        head = self._exactly(8)
        return head + self._exactly(struct.unpack(">I", head[4:])[0])

    def _exactly(self, length: int) -> bytes:
        read = b""
        while len(read) < length:
            more = self.connection.recv(length - len(read))
            if not more:
                raise EOFError(read)
            read += more
        return read

    def ask(self, payload: Any, version: KmipVersion | None = None) -> ResponseBatchItem:
        asked = version or self.version
        item = RequestBatchItem(operation=OPERATION_OF[type(payload)], request_payload=payload)
        header = RequestHeader(protocol_version=ProtocolVersion(*asked), batch_count=1)
        self.connection.sendall(encode(RequestMessage(request_header=header, batch_item=(item,)), asked))
        (answer,) = decode(ResponseMessage, self.read(), asked).batch_item
        return answer

    def create(self, *attributes: Attribute) -> str:
        payload = self.ask(CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, attributes=Attributes((*AES, *attributes)))).response_payload
        identifier: str = payload.unique_identifier  # type: ignore[union-attr]
        return identifier

    def turn(self) -> None:
        answer = self.ask(TURN)
        assert answer.response_payload.endpoint_role is EndpointRole.CLIENT  # type: ignore[union-attr]

    def asked(self, payload: Any = None, status: ResultStatus = ResultStatus.SUCCESS) -> Any:
        """The server's next request, answered by this payload."""
        message = decode_request(self.read())
        (item,) = message.batch_item
        assert message.request_header.time_stamp is not None
        self.answer(item.operation, payload, status)
        return item.request_payload

    def answer(self, operation: Any, payload: Any = None, status: ResultStatus = ResultStatus.SUCCESS) -> None:
        reason = None if status is ResultStatus.SUCCESS else ResultReason.OPERATION_NOT_SUPPORTED
        item = ResponseBatchItem(operation=operation, result_status=status, result_reason=reason, response_payload=payload)
        header = ResponseHeader(protocol_version=ProtocolVersion(*self.version), time_stamp=1, batch_count=1)
        self.connection.sendall(encode(ResponseMessage(response_header=header, batch_item=(item,)), self.version))

    def introduced(self, *operations: Operation) -> None:
        """Turn the connection and say what this client can do."""
        self.turn()
        self.asked(DiscoverVersionsResponse(protocol_version=(ProtocolVersion(*self.version),)))
        self.asked(QueryResponse(operation=operations))


@contextmanager
def client(server: RunningServer, version: KmipVersion = V2_1, files: Any = None) -> Iterator[Client]:
    context = ssl.create_default_context(cafile=str(server.ca))
    context.load_cert_chain((files or server).cert, (files or server).key)
    with (
        socket.create_connection((server.host, server.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        yield Client(connection, version)


@pytest.mark.parametrize("version", [V2_0, V2_1], ids=str)
def test_the_server_asks_what_the_client_is(server: RunningServer, version: KmipVersion) -> None:
    with client(server, version) as turned:
        turned.turn()
        discover = turned.asked(DiscoverVersionsResponse())
        assert KmipVersion(*(getattr(discover.protocol_version[0], f"protocol_version_{part}") for part in ("major", "minor"))) == V2_1
        query = turned.asked(QueryResponse())
        assert QueryFunction.QUERY_OPERATIONS in query.query_function


def test_a_new_key_is_put_and_its_changes_are_notified(server: RunningServer) -> None:
    with client(server) as turned, client(server) as other:
        turned.introduced(Operation.PUT, Operation.NOTIFY)
        key = other.create(Attribute(attribute_name="x-Color", attribute_value=CustomValue(ItemType.TEXT_STRING, "red")))
        put = turned.asked()
        assert (put.unique_identifier, put.put_function, put.replaced_unique_identifier) == (key, PutFunction.NEW, None)
        material = other.ask(GetRequest(unique_identifier=key)).response_payload.managed_object  # type: ignore[union-attr]
        assert put.managed_object == material
        told = {one.attribute_name: one.attribute_value for one in put.attributes.attribute}
        assert told["Cryptographic Length"] == 256
        assert told["x-Color"] == CustomValue(ItemType.TEXT_STRING, "red")
        other.ask(ActivateRequest(unique_identifier=key))
        notified = turned.asked()
        assert notified.unique_identifier == key
        changed = {one.attribute_name: one.attribute_value for one in notified.attributes.attribute}
        assert changed["State"] is State.ACTIVE
        assert {"Activation Date", "Last Change Date"} <= set(changed)
        assert "Cryptographic Length" not in changed
        color = Attribute(attribute_name="x-Color", attribute_value=CustomValue(ItemType.TEXT_STRING, "red"))
        assert (
            other.ask(DeleteAttributeRequest(unique_identifier=key, current_attribute=Attributes((color,)))).result_status
            is ResultStatus.SUCCESS
        )
        assert "x-Color" in turned.asked().attribute_reference


def test_a_key_in_anothers_place_is_put_as_a_replacement(server: RunningServer) -> None:
    with client(server) as turned, client(server) as other:
        key = other.create()
        other.ask(ActivateRequest(unique_identifier=key))
        turned.introduced(Operation.PUT)
        new = other.ask(ReKeyRequest(unique_identifier=key)).response_payload.unique_identifier  # type: ignore[union-attr]
        put = turned.asked()
        assert (put.unique_identifier, put.put_function, put.replaced_unique_identifier) == (new, PutFunction.REPLACE, key)


def test_a_sensitive_key_is_only_notified(server: RunningServer) -> None:
    with client(server) as turned, client(server) as other:
        turned.introduced(Operation.PUT, Operation.NOTIFY)
        key = other.create(Attribute(attribute_name="Sensitive", attribute_value=True))
        notified = turned.asked()
        assert notified.unique_identifier == key
        assert not hasattr(notified, "managed_object")


def test_what_the_client_does_not_take_is_not_sent_and_a_refusal_ends_nothing(server: RunningServer) -> None:
    with client(server) as turned, client(server) as other:
        turned.introduced(Operation.NOTIFY)
        first = other.create()
        assert turned.asked(status=ResultStatus.OPERATION_FAILED).unique_identifier == first
        second = other.create()
        assert turned.asked().unique_identifier == second


def test_another_clients_objects_are_nobodys_business(server: RunningServer) -> None:
    stranger = server.add_client("stranger")
    with client(server) as turned, client(server) as other, client(server, files=stranger) as foreign:
        turned.introduced(Operation.NOTIFY)
        foreign.create()
        mine = other.create()
        assert turned.asked().unique_identifier == mine


def test_who_is_not_asked_does_not_answer(server: RunningServer) -> None:
    with client(server) as turned:
        turned.introduced()
        turned.answer(Operation.NOTIFY)
        with pytest.raises(EOFError):
            turned.read()


@pytest.mark.parametrize(
    "noise", [b"GET / HTTP/1.1\r\n\r\n", b"\x42\x00\x7b\x01\x00\x00\x00\x08" + bytes(8), b"\x42\x00\x78\x01" + bytes(12)]
)
def test_what_is_no_answer_ends_the_connection_and_no_other(server: RunningServer, noise: bytes) -> None:
    with client(server) as turned, client(server) as other:
        turned.turn()
        turned.read()
        turned.connection.sendall(noise)
        with pytest.raises(EOFError):
            turned.read()
        assert other.create()


def test_the_roles_that_are_there_already_are_kept(server: RunningServer) -> None:
    with client(server) as asking:
        answer = asking.ask(SetEndpointRoleRequest(endpoint_role=EndpointRole.SERVER))
        assert answer.response_payload.endpoint_role is EndpointRole.SERVER  # type: ignore[union-attr]
        assert asking.create()


def test_1_x_has_no_roles_and_2_x_lists_what_the_server_sends(server: RunningServer) -> None:
    query = QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,))
    sent = {Operation.SET_ENDPOINT_ROLE, Operation.NOTIFY, Operation.PUT}
    with client(server) as asking:
        assert sent <= set(asking.ask(query).response_payload.operation)  # type: ignore[union-attr]
        assert not sent & set(asking.ask(query, V1_4).response_payload.operation)  # type: ignore[union-attr]
        assert asking.ask(AddAttributeRequest(unique_identifier="x", new_attribute=Attributes((AES[1],)))).result_reason is not None


def test_http_cannot_be_turned(server: RunningServer) -> None:
    context = ssl.create_default_context(cafile=str(server.ca))
    context.load_cert_chain(server.cert, server.key)
    item = RequestBatchItem(operation=Operation.SET_ENDPOINT_ROLE, request_payload=TURN)
    header = RequestHeader(protocol_version=ProtocolVersion(*V2_1), batch_count=1)
    body = XML.write(encode(RequestMessage(request_header=header, batch_item=(item,)), V2_1))
    url = f"https://localhost:{server.port}/kmip"
    with httpx.Client(verify=context) as http:
        assert b"FeatureNotSupported" in http.post(url, content=body, headers={"Content-Type": "text/xml"}).content


def test_a_server_stops_while_connections_are_turned() -> None:
    with running_server() as server, client(server) as turned:
        turned.introduced(Operation.NOTIFY)
