"""Bad input, derived from the field tables: each fault fails its own batch item with the right Result Reason, and touches nothing else.

The faults themselves, and the clauses for their reasons, are in `faulty_payloads`.
"""

from __future__ import annotations

import pytest
from faulty_payloads import faults_of
from kmip_server.codec import decode, encode
from kmip_server.enums import BatchErrorContinuationOption, Operation, QueryFunction, ResultReason, ResultStatus
from kmip_server.messages import ActivateRequest, DestroyRequest, QueryRequest, ResponseMessage
from kmip_server.operations.table import offer_of
from kmip_server.personality import REFERENCE
from kmip_server.versions import VERSIONS
from specimens import request_payloads
from written import batch, everything_in

AT_ONCE = 400
"""Faults in one message."""


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
