"""Requests of the server's own over real sockets: turned connections of 2.x, clients that are pushed to, and what becomes of bad ones."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from kmip_server.codec import decode, encode
from kmip_server.codec.items import read_item
from kmip_server.codec.wire import MARGIN
from kmip_server.engine.outgoing import channel
from kmip_server.engine.outgoing.channel import NotDelivered
from kmip_server.enums import (
    BatchErrorContinuationOption,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    EndpointRole,
    ItemType,
    NameType,
    ObjectType,
    Operation,
    PutFunction,
    QueryFunction,
    ResultReason,
    ResultStatus,
    State,
    Tag,
)
from kmip_server.errors import KmipFailure
from kmip_server.listener.limits import Limits
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    ActivateRequest,
    AddAttributeRequest,
    Attribute,
    Attributes,
    CreateRequest,
    CustomValue,
    DeleteAttributeRequest,
    DestroyRequest,
    DiscoverVersionsResponse,
    GetRequest,
    LocateRequest,
    Name,
    ProtocolVersion,
    QueryRequest,
    QueryResponse,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseHeader,
    ResponseMessage,
    SetEndpointRoleRequest,
    SetEndpointRoleResponse,
    TemplateAttribute,
)
from kmip_server.testing import RunningServer, running_server
from kmip_server.versions import V1_0, V1_4, V2_0, V2_1, KmipVersion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPERATION_OF = {payload: operation for operation, payload in REQUEST_PAYLOADS.items()}
TURN = SetEndpointRoleRequest(endpoint_role=EndpointRole.CLIENT)
SUCCESS, FAILED = ResultStatus.SUCCESS, ResultStatus.OPERATION_FAILED
UNKNOWN = CustomValue(item_type=ItemType.TEXT_STRING, value="unknown")
AES = {
    "Cryptographic Algorithm": CryptographicAlgorithm.AES,
    "Cryptographic Length": 256,
    "Cryptographic Usage Mask": CryptographicUsageMask.ENCRYPT,
}


def attr(name: str, value: object) -> Attribute:
    return Attribute(attribute_name=name, attribute_value=value)


def create(**more: object) -> CreateRequest:
    given = tuple(attr(name, value) for name, value in (AES | more).items())
    template = TemplateAttribute(attribute=given)
    return CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=template, attributes=Attributes(given))


class Endpoint:
    """A client's connection, on either side of it."""

    def __init__(self, server: RunningServer, version: KmipVersion, files: Any = None) -> None:
        context = ssl.create_default_context(cafile=server.ca)
        context.load_cert_chain((files or server).cert, (files or server).key)
        plain = socket.create_connection((server.host, server.port), timeout=20)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        self.version = version
        self.waiting = b""

    def close(self) -> None:
        self.socket.close()

    def ask(self, *payloads: object, **header: Any) -> list[ResponseBatchItem]:
        """Send a request; the answering items."""
        items = tuple(
            RequestBatchItem(operation=OPERATION_OF[type(one)], unique_batch_item_id=bytes([number]), request_payload=one)
            for number, one in enumerate(payloads)
        )
        message = RequestMessage(
            request_header=RequestHeader(protocol_version=self._protocol(), batch_count=len(items), **header), batch_item=items
        )
        self.socket.sendall(encode(message, self.version))
        return list(decode(ResponseMessage, self.receive(), self.version).batch_item)

    def do(self, payload: object) -> Any:
        (item,) = self.ask(payload)
        assert item.result_status is SUCCESS, item.result_message
        return item.response_payload

    def serve(self) -> tuple[RequestHeader, Any]:
        """Receive the server's next request: its header and its batch item."""
        message = decode(RequestMessage, self.receive(), self.version)
        (item,) = message.batch_item
        return message.request_header, item

    def answer(self, operation: Operation, payload: object | None = None, **fields: Any) -> None:
        header = ResponseHeader(protocol_version=self._protocol(), time_stamp=0, batch_count=1)
        item = ResponseBatchItem(operation=operation, response_payload=payload, **({"result_status": SUCCESS} | fields))
        self.socket.sendall(encode(ResponseMessage(response_header=header, batch_item=(item,)), self.version))

    def turn(self, *operations: Operation) -> None:
        """Turn the connection, and say what this client takes."""
        assert self.do(TURN).endpoint_role is EndpointRole.CLIENT
        assert self.serve()[1].operation is Operation.DISCOVER_VERSIONS
        self.answer(Operation.DISCOVER_VERSIONS, DiscoverVersionsResponse())
        assert self.serve()[1].operation is Operation.QUERY
        self.answer(Operation.QUERY, QueryResponse(operation=operations or (Operation.NOTIFY, Operation.PUT)))

    def told(self) -> Any:
        """The payload of the server's next request, which is answered with Success."""
        _, item = self.serve()
        self.answer(item.operation)
        return item.request_payload

    def receive(self) -> bytes:
        while len(self.waiting) < 8 or len(self.waiting) < 8 + int.from_bytes(self.waiting[4:8]):
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the server has hung up")
            self.waiting += piece
        length = 8 + int.from_bytes(self.waiting[4:8])
        message, self.waiting = self.waiting[:length], self.waiting[length:]
        return message

    def is_hung_up(self) -> bool:
        try:
            self.receive()
        except (ConnectionError, ssl.SSLEOFError):
            return True
        return False

    def _protocol(self) -> ProtocolVersion:
        return ProtocolVersion(protocol_version_major=self.version.major, protocol_version_minor=self.version.minor)


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


def values(payload: Any) -> dict[str, object]:
    attributes = payload.attribute if payload.attributes is None else payload.attributes.attribute
    return {one.attribute_name: one.attribute_value for one in attributes}


@pytest.mark.parametrize("version", [V2_0, V2_1], ids=str)
def test_a_turned_connection_is_notified_of_changes(server: RunningServer, version: KmipVersion) -> None:
    with closing(Endpoint(server, version)) as asking, closing(Endpoint(server, version)) as listening:
        key = asking.do(create()).unique_identifier
        listening.turn()
        name = Name(name_value="one", name_type=NameType.UNINTERPRETED_TEXT_STRING)
        asking.do(AddAttributeRequest(unique_identifier=key, new_attribute=Attributes((attr("Name", name),))))
        header, item = listening.serve()
        assert (item.operation, item.request_payload.unique_identifier) == (Operation.NOTIFY, key)
        assert values(item.request_payload).keys() == {"Name", "Last Change Date"}
        assert header.time_stamp is not None
        assert header.server_correlation_value is not None
        assert (header.maximum_response_size, header.asynchronous, header.batch_error_continuation_option, header.batch_order_option) == (
            None,
        ) * 4
        listening.answer(Operation.NOTIFY)
        asking.do(ActivateRequest(unique_identifier=key))
        assert values(listening.told())["State"] is State.ACTIVE
        asking.do(DeleteAttributeRequest(unique_identifier=key, current_attribute=Attributes((attr("Name", name),))))
        deleted = listening.told()
        assert deleted.attribute_reference == ("Name",)
        assert values(deleted).keys() == {"Last Change Date"}


def test_what_was_undone_or_belongs_to_others_is_not_told(server: RunningServer) -> None:
    stranger = server.add_client("stranger")
    with (
        closing(Endpoint(server, V2_1)) as asking,
        closing(Endpoint(server, V2_1)) as listening,
        closing(Endpoint(server, V2_1, stranger)) as other,
        closing(Endpoint(server, V2_1, stranger)) as spying,
    ):
        key, foreign = asking.do(create()).unique_identifier, other.do(create()).unique_identifier
        listening.turn()
        spying.turn()
        undone = asking.ask(
            ActivateRequest(unique_identifier=key),
            GetRequest(unique_identifier="none"),
            batch_error_continuation_option=BatchErrorContinuationOption.UNDO,
        )
        assert [item.result_status for item in undone] == [ResultStatus.OPERATION_UNDONE, FAILED]
        asking.do(ActivateRequest(unique_identifier=key))
        other.do(ActivateRequest(unique_identifier=foreign))
        assert listening.told().unique_identifier == key
        assert spying.told().unique_identifier == foreign


@pytest.mark.parametrize("version", [V1_0, V1_4, V2_1], ids=str)
def test_a_client_that_is_pushed_to_is_told_on_its_own_connection(tmp_path: Path, version: KmipVersion) -> None:
    in_2 = version >= V2_0
    with running_server(tmp_path, push_to=("client",)) as server, closing(Endpoint(server, version)) as client:
        listed = client.do(QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,))).operation
        assert {Operation.NOTIFY, Operation.PUT} <= set(listed)
        key = client.do(create()).unique_identifier
        header, put = client.serve()
        assert (put.operation, put.request_payload.unique_identifier) == (Operation.PUT, key)
        assert put.request_payload.put_function is PutFunction.NEW
        assert values(put.request_payload)["State"] is State.PRE_ACTIVE
        assert (header.server_correlation_value is None) == (not in_2)
        # a request of the client's may come before its answer
        got = client.do(GetRequest(unique_identifier=key))
        assert got.managed_object == put.request_payload.managed_object
        client.answer(Operation.PUT)
        given = attr("x-provider", UNKNOWN)
        client.do(AddAttributeRequest(unique_identifier=key, attribute=given, new_attribute=Attributes((given,))))
        assert values(client.told()).keys() == {"x-provider", "Last Change Date"}
        client.do(DestroyRequest(unique_identifier=key))
        destroyed = values(client.told())
        assert destroyed["State"] is State.DESTROYED
        assert {"Destroy Date", "Last Change Date", "State"} <= destroyed.keys()


def test_a_deleted_attribute_of_1_x_is_told_without_its_value(tmp_path: Path) -> None:
    with running_server(tmp_path, push_to=("client",)) as server, closing(Endpoint(server, V1_4)) as client:
        key = client.do(create(**{"x-provider": UNKNOWN})).unique_identifier
        client.told()
        client.do(DeleteAttributeRequest(unique_identifier=key, attribute_name="x-provider"))
        message = client.receive()
        root, _ = read_item(message + MARGIN, 0, len(message))
        (payload,) = [one for item in root.value for one in item.value if one.tag == Tag.REQUEST_PAYLOAD]
        told = [item.value for item in payload.value if item.tag == Tag.ATTRIBUTE]
        assert sorted(len(one) for one in told) == [1, 2]
        assert ["x-provider"] in [[field.value for field in one] for one in told]


def test_the_server_asks_puts_and_turns_back(server: RunningServer) -> None:
    with closing(Endpoint(server, V2_1)) as asking, closing(Endpoint(server, V2_1)) as listening:
        key, newer = (asking.do(create()).unique_identifier for _ in range(2))
        listening.turn()
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as administrator:
            put = administrator.submit(server.send, lambda clients: clients.put(server.client.id, newer, replaces=key))
            payload = listening.told()
            assert (payload.put_function, payload.replaced_unique_identifier) == (PutFunction.REPLACE, key)
            assert put.result().result_status is SUCCESS
            notified = administrator.submit(server.send, lambda clients: clients.notify(server.client.id, key, ["State"]))
            assert values(listening.told()).keys() == {"State", "Last Change Date"}
            assert notified.result().operation is Operation.NOTIFY
            functions = (QueryFunction.QUERY_OPERATIONS,)
            asked = administrator.submit(server.send, lambda clients: clients.query(server.client.id, functions))
            assert listening.serve()[1].request_payload.query_function == functions
            listening.answer(Operation.QUERY, QueryResponse(operation=(Operation.PUT,)))
            assert asked.result().response_payload.operation == (Operation.PUT,)
            versions = administrator.submit(server.send, lambda clients: clients.discover_versions(server.client.id, [V2_1]))
            listed = listening.serve()[1].request_payload.protocol_version
            listening.answer(Operation.DISCOVER_VERSIONS, DiscoverVersionsResponse(protocol_version=listed))
            assert versions.result().response_payload.protocol_version == listed
            back = administrator.submit(server.send, lambda clients: clients.turn_back(server.client.id))
            assert listening.serve()[1].request_payload.endpoint_role is EndpointRole.CLIENT
            listening.answer(Operation.SET_ENDPOINT_ROLE, SetEndpointRoleResponse(endpoint_role=EndpointRole.CLIENT))
            assert back.result().result_status is SUCCESS
        assert listening.do(LocateRequest(attributes=Attributes())).unique_identifier == (newer, key)


def test_a_clients_refusal_is_given_to_who_asked(server: RunningServer) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with closing(Endpoint(server, V2_1)) as listening, ThreadPoolExecutor(1) as administrator:
        with pytest.raises(NotDelivered):
            server.send(lambda clients: clients.query(server.client.id, [QueryFunction.QUERY_OBJECTS]))
        listening.turn()
        with pytest.raises(KmipFailure):
            server.send(lambda clients: clients.put(server.client.id, "none"))
        asked = administrator.submit(server.send, lambda clients: clients.query(server.client.id, [QueryFunction.QUERY_OBJECTS]))
        listening.serve()
        refusal = {"result_status": FAILED, "result_reason": ResultReason.OPERATION_NOT_SUPPORTED}
        listening.answer(Operation.QUERY, **refusal)
        assert asked.result().result_reason is ResultReason.OPERATION_NOT_SUPPORTED


def test_on_a_turned_connection_the_client_asks_nothing(server: RunningServer) -> None:
    with closing(Endpoint(server, V2_1)) as client:
        assert client.do(SetEndpointRoleRequest(endpoint_role=EndpointRole.SERVER)).endpoint_role is EndpointRole.SERVER
        key = client.do(create()).unique_identifier
        turned, still = client.ask(TURN, LocateRequest(attributes=Attributes()))
        assert (turned.result_status, still.result_status) == (SUCCESS, SUCCESS)
        client.serve()
        with pytest.raises(ConnectionError):
            client.ask(GetRequest(unique_identifier=key))


def test_only_so_many_connections_of_a_client_are_turned(server: RunningServer) -> None:
    clients = [Endpoint(server, V2_1) for _ in range(9)]
    outcomes = [client.ask(TURN)[0].result_reason for client in clients]
    assert outcomes == [None] * 8 + [ResultReason.SERVER_LIMIT_EXCEEDED]
    for client in clients:
        client.close()


def test_a_client_that_does_not_answer_is_hung_up_on(tmp_path: Path) -> None:
    with running_server(tmp_path, limits=Limits(answer_timeout=0.2)) as server, closing(Endpoint(server, V2_1)) as asking:
        key = asking.do(create()).unique_identifier
        with closing(Endpoint(server, V2_1)) as silent:
            silent.turn()
            asking.do(ActivateRequest(unique_identifier=key))
            silent.serve()
            assert silent.is_hung_up()
        assert asking.do(GetRequest(unique_identifier=key)).unique_identifier == key


@pytest.mark.parametrize("answer", ["another operation", "unasked", "no response", "not TTLV inside", "no TTLV"])
def test_a_client_whose_answer_makes_no_sense_is_hung_up_on(server: RunningServer, answer: str) -> None:
    with closing(Endpoint(server, V2_1)) as asking, closing(Endpoint(server, V2_1)) as client:
        key = asking.do(create()).unique_identifier
        client.turn()
        if answer != "unasked":
            asking.do(ActivateRequest(unique_identifier=key))
            client.serve()
        if answer in {"another operation", "unasked"}:
            client.answer(Operation.PUT)
        elif answer == "no response":
            client.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
        else:
            length = 8 if answer == "not TTLV inside" else 7
            client.socket.sendall(bytes.fromhex("42007b01") + length.to_bytes(4) + bytes(8))
        assert client.is_hung_up()


def test_a_client_that_falls_far_behind_is_hung_up_on(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_WAITING", 2)
    with closing(Endpoint(server, V2_1)) as asking, closing(Endpoint(server, V2_1)) as client:
        client.turn()
        for _ in range(4):
            key = asking.do(create()).unique_identifier
            asking.do(ActivateRequest(unique_identifier=key))
        client.serve()
        assert client.is_hung_up()
