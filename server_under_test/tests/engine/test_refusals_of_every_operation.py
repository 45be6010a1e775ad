"""What every operation refuses alike, whatever it does (KMIP 1.4, 11.1; the second half of each error table of 2.1, 6.1)."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from kmip_server.enums import CredentialType, ObjectType, Operation, ResultReason, ResultStatus, State
from kmip_server.messages import (
    AddAttributeRequest,
    AnyStructure,
    Attributes,
    Authentication,
    Credential,
    DelegatedLoginRequest,
    MessageExtension,
    RequestBatchItem,
    Rights,
    TicketCredential,
    fields_of,
)
from kmip_server.operations.table import offered_operations
from kmip_server.personality import REFERENCE
from kmip_server.versions import V1_0, V1_4, V2_0, V2_1
from museum import ARCHIVED, exhibit, exhibits
from sensible import naming, requests_of, requests_with_attributes
from specimens import request_payloads, specimen

REASON = ResultReason
EVERY_OPERATION = [
    pytest.param(operation, version, id=f"{version}-{operation.name}")
    for version in (V1_0, V1_4, V2_0, V2_1)
    for operation in offered_operations(version, REFERENCE)
]
IN_2_X = [one for one in EVERY_OPERATION if one.values[1] >= V2_0]


def item_of(operation, version):
    payload = specimen(request_payloads(version)[operation], version, rich=False)
    return RequestBatchItem(operation=operation, request_payload=payload)


@pytest.mark.parametrize(("operation", "version"), EVERY_OPERATION)
async def test_what_is_not_on_offer_is_not_supported(lab, operation, version):
    others = replace(REFERENCE, operations=frozenset(Operation) - {operation})
    answer = await lab.as_personality(others).batch(item_of(operation, version), version=version)
    assert [(one.operation, one.result_reason) for one in answer.batch_item] == [(operation, REASON.OPERATION_NOT_SUPPORTED)]


@pytest.mark.parametrize(("operation", "version"), EVERY_OPERATION)
async def test_a_critical_extension_that_nobody_knows_fails_the_item(lab, operation, version):
    extension = MessageExtension(vendor_identification="Acme", criticality_indicator=True, vendor_extension=AnyStructure())
    reason = REASON.FEATURE_NOT_SUPPORTED if version < V2_0 else REASON.UNKNOWN_MESSAGE_EXTENSION
    answer = await lab.batch(replace(item_of(operation, version), message_extension=(extension,)), version=version)
    assert [(one.operation, one.result_reason) for one in answer.batch_item] == [(operation, reason)]


@pytest.mark.parametrize(("operation", "version"), IN_2_X)
async def test_a_ticket_without_rights_permits_no_operation(lab, operation, version):
    made = await lab.do(DelegatedLoginRequest(rights=Rights()), version=version)
    showing = Authentication((Credential(CredentialType.TICKET, TicketCredential(made.ticket)),))
    answer = await lab.batch(item_of(operation, version), version=version, authentication=showing)
    assert answer.batch_item[0].result_reason is REASON.PERMISSION_DENIED


def names_an_object(operation, version):
    rows = {row.name for row in fields_of(request_payloads(version)[operation]) if row.exists_in(version)}
    return bool(rows & {"unique_identifier", "private_key_unique_identifier"}) and operation not in FIRST_OF_ALL


FIRST_OF_ALL = {
    Operation.NOTIFY,
    Operation.PUT,
    Operation.IMPORT,
    Operation.CREATE_SPLIT_KEY,
}
"""Operations of the server's, and those whose identifier need not be of anything that is there."""

OF_AN_OBJECT = [one for one in EVERY_OPERATION if names_an_object(*one.values)]


@pytest.mark.parametrize(("operation", "version"), OF_AN_OBJECT)
async def test_an_object_that_is_not_there_is_not_found(lab, operation, version):
    found = set()
    for payload in chain(requests_of(operation, version), requests_with_attributes(operation, version)):
        item = await lab.ask(naming(payload, "nobody"), version=version)
        assert item.result_status is ResultStatus.OPERATION_FAILED
        found.add(item.result_reason)
    assert found & {REASON.ITEM_NOT_FOUND if version < V2_0 else REASON.OBJECT_NOT_FOUND, REASON.ITEM_NOT_FOUND}


ATTRIBUTES_CAN_BE_READ = {Operation.GET_ATTRIBUTES, Operation.GET_ATTRIBUTE_LIST, Operation.RECOVER}
"""What may be done with an archived object: see kmip_server.operations.archive."""


@pytest.mark.parametrize(("operation", "version"), [one for one in OF_AN_OBJECT if one.values[0] not in ATTRIBUTES_CAN_BE_READ])
async def test_an_archived_object_has_to_be_recovered_first(lab, operation, version):
    away = [one.unique_identifier for one in await exhibits(lab) if one.state == ARCHIVED]
    found = set()
    for payload in chain(requests_of(operation, version), requests_with_attributes(operation, version)):
        for unique_identifier in away:
            item = await lab.ask(naming(payload, unique_identifier), version=version)
            assert item.result_status is ResultStatus.OPERATION_FAILED
            found.add(item.result_reason)
    assert REASON.OBJECT_ARCHIVED in found


NEED_MORE = {
    Operation.CANCEL,
    Operation.CREATE_SPLIT_KEY,
    Operation.GET_USAGE_ALLOCATION,
    Operation.IMPORT,
    Operation.JOIN_SPLIT_KEY,
    Operation.LOGOUT,
    Operation.POLL,
    Operation.PROCESS,
    Operation.RE_CERTIFY,
    Operation.RE_KEY_KEY_PAIR,
    Operation.RE_PROVISION,
    Operation.SET_ENDPOINT_ROLE,
}
"""Operations that succeed after others only: a ticket, usage limits, a pair, a request that waits."""


SUCCEED = [one for one in EVERY_OPERATION if one.values[0] not in NEED_MORE and one.values[1] != V1_0]


@pytest.mark.parametrize(("operation", "version"), SUCCEED)
async def test_an_answer_that_is_larger_than_the_client_can_take_is_refused(lab, operation, version):
    comment = "Contact Information" if version < V2_0 else "Comment"
    for object_type in (ObjectType.SYMMETRIC_KEY, ObjectType.PRIVATE_KEY, ObjectType.PUBLIC_KEY, ObjectType.CERTIFICATE):
        for state in (State.PRE_ACTIVE, State.ACTIVE):
            key = await exhibit(lab, object_type, state)
            one = lab.attr(comment, "text")
            await lab.do(AddAttributeRequest(unique_identifier=key, attribute=one, new_attribute=Attributes((one,))), version=version)
            for payload in chain(requests_of(operation, version), requests_with_attributes(operation, version)):
                lab.records.clear()
                await lab.send(lab.request(naming(payload, key), version=version, maximum_response_size=1))
                if any(record.reason is REASON.RESPONSE_TOO_LARGE for record in lab.records):
                    return
    pytest.fail("none of the usual requests succeeds")
