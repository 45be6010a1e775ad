"""Asynchronous requests over real sockets, of a real process that is killed, and of several processes that share a store."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from asking import asked, connected
from kmip_server.enums import AsynchronousIndicator, CryptographicAlgorithm, CryptographicUsageMask, ObjectType, Operation, ResultStatus
from kmip_server.messages import (
    Attribute,
    Attributes,
    CreateRequest,
    LocateRequest,
    PollRequest,
    ResponseBatchItem,
)
from kmip_server.testing import RunningServer, running_server, running_server_process

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

CREATE = CreateRequest(
    object_type=ObjectType.SYMMETRIC_KEY,
    attributes=Attributes(
        tuple(
            Attribute(attribute_name=name, attribute_value=value)
            for name, value in {
                "Cryptographic Algorithm": CryptographicAlgorithm.AES,
                "Cryptographic Length": 256,
                "Cryptographic Usage Mask": CryptographicUsageMask.ENCRYPT,
            }.items()
        )
    ),
)


def submitted(server: RunningServer, *payloads: object) -> list[bytes]:
    with closing(connected(server)) as connection:
        items = asked(connection, *payloads, asynchronous=AsynchronousIndicator.MANDATORY)
    assert {item.result_status for item in items} == {ResultStatus.OPERATION_PENDING}
    return [item.asynchronous_correlation_value for item in items if item.asynchronous_correlation_value is not None]


def polled(connection: ssl.SSLSocket, value: bytes) -> ResponseBatchItem:
    """Poll until the request is done."""
    while True:
        (item,) = asked(connection, PollRequest(asynchronous_correlation_value=value))
        if item.result_status is not ResultStatus.OPERATION_PENDING:
            return item


def test_kill_9_loses_no_pending_request(tmp_path: Path) -> None:
    with running_server_process(tmp_path) as server:
        values = submitted(server, *[CREATE] * 5)
        assert server.process is not None
        server.process.kill()
        server.process.wait()
    with running_server(tmp_path) as again, closing(connected(again)) as connection:
        made = {polled(connection, value).response_payload.unique_identifier for value in values}  # type: ignore[attr-defined]
        assert len(made) == 5
        (found,) = asked(connection, LocateRequest(attributes=Attributes()))
        assert set(found.response_payload.unique_identifier) == made  # type: ignore[attr-defined]


def test_any_worker_answers_a_poll(tmp_path: Path) -> None:
    with running_server_process(tmp_path, workers=2) as server:
        values = [value for _ in range(4) for value in submitted(server, CREATE)]
        for value in values:
            with closing(connected(server)) as connection:
                assert (item := polled(connection, value)).result_status is ResultStatus.SUCCESS
                assert item.operation is Operation.CREATE
        with closing(connected(server)) as connection:
            (found,) = asked(connection, LocateRequest(attributes=Attributes()))
            assert len(found.response_payload.unique_identifier) == 4  # type: ignore[attr-defined]
