"""Bad input, derived from the field tables: each fault fails its own batch item with the right Result Reason, and touches nothing else.

The faults themselves, and the clauses for their reasons, are in `faulty_payloads`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from faulty_payloads import Node, faults_of
from kmip_server.codec import decode, encode
from kmip_server.engine.header import MAXIMUM_BATCH_ITEMS
from kmip_server.enums import BatchErrorContinuationOption, ItemType, Operation, QueryFunction, ResultReason, ResultStatus, Tag
from kmip_server.messages import ActivateRequest, DestroyRequest, ProtocolVersion, QueryRequest, RequestHeader, ResponseMessage
from kmip_server.operations.table import offer_of
from kmip_server.personality import REFERENCE
from kmip_server.versions import V1_0, V1_2, V1_4, V2_0, V2_1, VERSIONS
from specimens import request_payloads

AT_ONCE = 400
"""Faults in one message."""


def batch(version, *items, **header):
    """A request message of these operations and payloads, which are bytes."""
    protocol = ProtocolVersion(protocol_version_major=version.major, protocol_version_minor=version.minor)
    head = RequestHeader(protocol_version=protocol, batch_count=len(items), **header)
    written = [encode(head, version)]
    for number, (operation, payload) in enumerate(items):
        before = Node(Tag.OPERATION, ItemType.ENUMERATION, int(operation).to_bytes(4, "big")).written()
        identity = Node(Tag.UNIQUE_BATCH_ITEM_ID, ItemType.BYTE_STRING, number.to_bytes(4, "big")).written()
        written.append(Node(Tag.BATCH_ITEM, ItemType.STRUCTURE, before + identity + payload).written())
    return Node(Tag.REQUEST_MESSAGE, ItemType.STRUCTURE, b"".join(written)).written()


def everything_in(folder):
    """All rows of the store, but not those that say when something was."""
    with closing(sqlite3.connect(folder / "state.db")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_every_fault_of_every_request_fails_its_item_alone(lab, tmp_path, version):
    key = await lab.key(version=version)
    await lab.do(ActivateRequest(unique_identifier=key), version=version)
    await lab.do(DestroyRequest(unique_identifier=await lab.key(version=version)), version=version)
    unharmed, wrong, seen = everything_in(tmp_path), [], 0
    good = (Operation.QUERY, encode(QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,)), version))
    for operation in request_payloads(version):
        faults = faults_of(operation, version)
        offered = offer_of(operation, version, REFERENCE) is not None
        for start in range(0, len(faults), AT_ONCE):
            some = faults[start : start + AT_ONCE]
            message = batch(
                version,
                *((operation, fault.payload) for fault in some),
                good,
                batch_error_continuation_option=BatchErrorContinuationOption.CONTINUE,
            )
            reply = await lab.send(message)
            assert not reply.close
            *refused, last = decode(ResponseMessage, reply.data, version).batch_item
            assert last.result_status is ResultStatus.SUCCESS
            for fault, item in zip(some, refused, strict=True):
                expected = fault.reasons if offered else {ResultReason.OPERATION_NOT_SUPPORTED}
                if item.result_reason not in expected or item.operation is not operation:
                    wrong.append((fault.title, item.result_reason, item.result_message))
            seen += len(some)
    assert not wrong, wrong[:20]
    assert seen > 2_000
    assert everything_in(tmp_path) == unharmed
