"""Headers and batches: versions, credentials, identifiers, the three continuation options, sizes, extensions, broken bytes."""

from __future__ import annotations

import logging
from hashlib import sha256

import pytest
from kmip_server.codec import decode
from kmip_server.enums import (
    BatchErrorContinuationOption,
    CredentialType,
    Data,
    HashingAlgorithm,
    Operation,
    QueryFunction,
    ResultReason,
    ResultStatus,
    State,
)
from kmip_server.messages import (
    ActivateRequest,
    AnyStructure,
    Authentication,
    Credential,
    CryptographicParameters,
    DestroyRequest,
    DiscoverVersionsRequest,
    GetAttributesRequest,
    GetRequest,
    HashRequest,
    LocateRequest,
    MessageExtension,
    QueryRequest,
    RequestBatchItem,
    ResponseMessage,
    RNGRetrieveRequest,
    UsernamePasswordCredential,
)
from kmip_server.personality import KMIP_FOR_VMWARE
from kmip_server.versions import V1_0, V1_1, V1_4, V2_1, KmipVersion

VERSIONS = [KmipVersion(1, minor) for minor in range(5)]
CONTINUE, STOP, UNDO = BatchErrorContinuationOption
OK, FAILED, UNDONE = ResultStatus.SUCCESS, ResultStatus.OPERATION_FAILED, ResultStatus.OPERATION_UNDONE


def statuses(answer):
    return [item.result_status for item in answer.batch_item]


def password(name, word):
    value = UsernamePasswordCredential(username=name, password=word)
    return Authentication(credential=(Credential(credential_type=CredentialType.USERNAME_AND_PASSWORD, credential_value=value),))


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_an_answer_has_the_requests_version_and_a_time_stamp(lab, version):
    answer = await lab.batch(LocateRequest(), version=version)
    header = answer.response_header
    assert (header.protocol_version.protocol_version_major, header.protocol_version.protocol_version_minor) == version
    assert header.time_stamp == 1_700_000_000


@pytest.mark.parametrize("major", [0, 4, 9])
async def test_a_foreign_major_version_is_refused_and_the_connection_lives(lab, major):
    message = bytearray(lab.request(LocateRequest(), version=V1_4))
    assert message[35] == 1
    message[35] = major
    reply = await lab.send(bytes(message))
    answer = decode(ResponseMessage, reply.data, V2_1)
    (item,) = answer.batch_item
    assert (item.operation, item.result_status, item.result_reason) == (None, FAILED, ResultReason.UNSUPPORTED_PROTOCOL_VERSION)
    assert not reply.close


async def test_a_foreign_major_version_is_an_invalid_message_to_a_server_of_1_x(lab):
    lab = lab.as_personality(KMIP_FOR_VMWARE)
    message = bytearray(lab.request(LocateRequest(), version=V1_4))
    message[35] = 2
    answer = decode(ResponseMessage, (await lab.send(bytes(message))).data, V1_4)
    assert answer.batch_item[0].result_reason is ResultReason.INVALID_MESSAGE


async def test_a_later_minor_version_is_processed_as_the_highest_there_is(lab):
    message = bytearray(lab.request(LocateRequest(), version=V1_4))
    assert message[51] == 4
    message[51] = 9
    reply = await lab.send(bytes(message))
    answer = decode(ResponseMessage, reply.data, V1_4)
    assert statuses(answer) == [OK]
    assert answer.response_header.protocol_version.protocol_version_minor == 4


async def test_the_right_password_and_no_password_both_suffice(lab):
    assert statuses(await lab.batch(LocateRequest(), authentication=password("vsphere", "password"))) == [OK]
    assert statuses(await lab.batch(LocateRequest())) == [OK]


@pytest.mark.parametrize(("name", "word"), [("vsphere", "wrong"), ("nobody", "password"), ("vsphere", None)])
async def test_a_wrong_password_is_refused(lab, name, word):
    (item,) = (await lab.batch(LocateRequest(), authentication=password(name, word))).batch_item
    assert (item.operation, item.result_reason) == (None, ResultReason.AUTHENTICATION_NOT_SUCCESSFUL)
    assert lab.records[-1].reason is ResultReason.AUTHENTICATION_NOT_SUCCESSFUL


async def test_another_clients_password_is_refused(lab):
    answer = await lab.batch(LocateRequest(), authentication=password("vsphere", "password"), peer=lab.other)
    assert answer.batch_item[0].result_reason is ResultReason.AUTHENTICATION_NOT_SUCCESSFUL


@pytest.mark.parametrize("identity", [None, b"", b"\x00", b"QLKC\x01\x00\x00\x00", bytes(range(256))])
async def test_the_batch_item_id_comes_back_as_it_was(lab, identity):
    answer = await lab.batch(LocateRequest(), ids=[identity])
    assert answer.batch_item[0].unique_batch_item_id == identity


@pytest.mark.parametrize("ids", [[b"1", None], [None, None], [b"1", b"1"]])
@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_several_items_need_ids_that_tell_them_apart(lab, ids, version):
    answer = await lab.batch(lab.create(), lab.create(), ids=ids, version=version)
    assert [(item.operation, item.result_reason) for item in answer.batch_item] == [(None, ResultReason.INVALID_MESSAGE)]
    assert (await lab.do(LocateRequest())).unique_identifier == ()


async def test_stop_is_the_default(lab):
    key = await lab.key()
    for header in ({}, {"batch_error_continuation_option": STOP}):
        answer = await lab.batch(
            GetRequest(unique_identifier=key), GetRequest(unique_identifier="none"), GetRequest(unique_identifier=key), **header
        )
        assert statuses(answer) == [OK, FAILED]


async def test_continue_answers_every_item(lab):
    key = await lab.key()
    answer = await lab.batch(
        GetRequest(unique_identifier="none"),
        ActivateRequest(unique_identifier=key),
        ActivateRequest(unique_identifier=key),
        GetRequest(unique_identifier=key),
        batch_error_continuation_option=CONTINUE,
    )
    assert statuses(answer) == [FAILED, OK, FAILED, OK]
    assert [item.unique_batch_item_id for item in answer.batch_item] == [b"\1", b"\2", b"\3", b"\4"]


async def test_undo_really_undoes(lab):
    key = await lab.key()
    answer = await lab.batch(
        ActivateRequest(unique_identifier=key),
        lab.create(),
        GetRequest(unique_identifier="none"),
        ActivateRequest(unique_identifier=key),
        batch_error_continuation_option=UNDO,
    )
    assert statuses(answer) == [UNDONE, UNDONE, FAILED]
    assert [item.response_payload is None for item in answer.batch_item] == [False, False, True]
    assert [item.operation for item in answer.batch_item] == [Operation.ACTIVATE, Operation.CREATE, Operation.GET]
    assert await lab.values(key, "State") == {"State": State.PRE_ACTIVE}
    assert (await lab.do(LocateRequest())).unique_identifier == (key,)


async def test_undo_keeps_what_succeeds_as_a_whole(lab):
    answer = await lab.batch(lab.create(), ActivateRequest(), batch_error_continuation_option=UNDO)
    assert statuses(answer) == [OK, OK]
    key = answer.batch_item[0].response_payload.unique_identifier
    assert await lab.values(key, "State") == {"State": State.ACTIVE}


async def test_an_undone_destroy_leaves_the_key_readable(lab):
    key = await lab.key()
    before = await lab.do(GetRequest(unique_identifier=key))
    answer = await lab.batch(DestroyRequest(unique_identifier=key), GetRequest(), batch_error_continuation_option=UNDO)
    assert statuses(answer) == [UNDONE, FAILED]
    assert await lab.do(GetRequest(unique_identifier=key)) == before


async def test_the_id_placeholder_goes_from_item_to_item_and_no_further(lab):
    answer = await lab.batch(lab.create(lab.named("one")), ActivateRequest(), GetAttributesRequest(attribute_name=("State",)), GetRequest())
    assert statuses(answer) == [OK, OK, OK, OK]
    assert answer.batch_item[2].response_payload.attribute[0].attribute_value is State.ACTIVE
    assert await lab.refused(GetRequest()) is ResultReason.ITEM_NOT_FOUND


async def test_locate_of_several_empties_the_placeholder(lab):
    await lab.key()
    assert statuses(await lab.batch(LocateRequest(), GetRequest())) == [OK, OK]
    await lab.key()
    assert statuses(await lab.batch(LocateRequest(), GetRequest())) == [OK, FAILED]
    assert statuses(await lab.batch(LocateRequest(maximum_items=1), GetRequest())) == [OK, OK]
    assert statuses(await lab.batch(LocateRequest(offset_items=1), GetRequest())) == [OK, FAILED]
    answer = await lab.batch(lab.create(), LocateRequest(attribute=(lab.named("nobody"),)), GetRequest())
    assert statuses(answer) == [OK, OK, FAILED]


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_a_client_that_could_wait_is_answered_at_once(lab, asynchronous):
    assert statuses(await lab.batch(lab.create(), asynchronous_indicator=asynchronous)) == [OK]


@pytest.mark.parametrize("order", [True, False, None])
async def test_items_are_performed_in_their_order(lab, order):
    answer = await lab.batch(lab.create(), ActivateRequest(), ActivateRequest(), batch_order_option=order)
    assert statuses(answer) == [OK, OK, FAILED]


def extended(lab, *, critical):
    extension = MessageExtension(vendor_identification="Acme", criticality_indicator=critical, vendor_extension=AnyStructure())
    return RequestBatchItem(
        operation=Operation.CREATE, unique_batch_item_id=b"2", request_payload=lab.create(), message_extension=(extension,)
    )


async def test_a_critical_extension_rejects_the_entire_message(lab):
    answer = await lab.batch(lab.create(), extended(lab, critical=True))
    assert [(item.operation, item.result_reason) for item in answer.batch_item] == [
        (Operation.CREATE, ResultReason.FEATURE_NOT_SUPPORTED)
    ] * 2
    assert (await lab.do(LocateRequest())).unique_identifier == ()


async def test_2_x_may_repeat_extensions_and_has_a_reason_for_what_it_does_not_know(lab):
    passed_over, critical = (extended(lab, critical=critical).message_extension[0] for critical in (False, True))
    item = RequestBatchItem(operation=Operation.CREATE, request_payload=lab.create(), message_extension=(passed_over, passed_over))
    assert statuses(await lab.batch(item, version=V2_1)) == [OK]
    item = RequestBatchItem(operation=Operation.CREATE, request_payload=lab.create(), message_extension=(passed_over, critical))
    answer = await lab.batch(item, version=V2_1)
    assert answer.batch_item[0].result_reason is ResultReason.UNKNOWN_MESSAGE_EXTENSION


async def test_another_extension_is_passed_over(lab):
    assert statuses(await lab.batch(extended(lab, critical=False))) == [OK]


@pytest.mark.parametrize("operation", [Operation.LOGIN, Operation.PING, Operation.SET_ATTRIBUTE, 0x7F, 0x80000001])
@pytest.mark.parametrize("version", [V1_0, V1_1, V1_4], ids=str)
async def test_an_unknown_operation_fails_its_item_alone(lab, operation, version):
    item = RequestBatchItem(operation=operation, unique_batch_item_id=b"x", request_payload=AnyStructure())
    message = lab.request(LocateRequest(), LocateRequest(), version=version, batch_error_continuation_option=CONTINUE)
    message = message.replace(
        b"\x42\x00\x5c\x05\x00\x00\x00\x04\x00\x00\x00\x08", b"\x42\x00\x5c\x05\x00\x00\x00\x04" + operation.to_bytes(4, "big"), 1
    )
    assert item.operation == operation
    reply = await lab.send(message)
    answer = decode(ResponseMessage, reply.data, version)
    assert [one.result_reason for one in answer.batch_item] == [ResultReason.OPERATION_NOT_SUPPORTED, None]
    assert answer.batch_item[0].operation == operation
    assert not reply.close


async def test_discover_versions_came_with_1_1(lab):
    message = lab.request(DiscoverVersionsRequest(), version=V1_1)
    message = message[:51] + b"\x00" + message[52:]
    answer = decode(ResponseMessage, (await lab.send(message)).data, V1_0)
    assert answer.batch_item[0].result_reason is ResultReason.OPERATION_NOT_SUPPORTED


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 8, b"GET / HTTP/1.1\r\n\r\n", bytes.fromhex("4200780100000008") + bytes(8)],
)
async def test_bytes_that_are_no_message_are_answered_and_the_connection_ends(lab, data):
    reply = await lab.send(data)
    answer = decode(ResponseMessage, reply.data, V1_4)
    assert [(one.operation, one.result_reason) for one in answer.batch_item] == [(None, ResultReason.INVALID_MESSAGE)]
    assert reply.close


async def test_a_broken_message_is_answered_under_its_own_version(lab):
    message = lab.request(LocateRequest(), version=V1_1)
    broken = message.replace(bytes.fromhex("42000d0200000004000000010000"), bytes.fromhex("42000d0200000004000000020000"))
    assert broken != message
    answer = decode(ResponseMessage, (await lab.send(broken)).data, V1_1)
    assert answer.response_header.protocol_version.protocol_version_minor == 1
    assert answer.batch_item[0].result_reason is ResultReason.INVALID_MESSAGE


async def test_a_payload_that_does_not_parse_fails_its_item_alone(lab):
    key = await lab.key()
    good = lab.request(GetRequest(unique_identifier=key), GetRequest(unique_identifier=key), batch_error_continuation_option=CONTINUE)
    at = good.index(key.encode())
    broken = good[: at - 8] + b"\x42\x00\x94\x08" + good[at - 4 :]
    answer = decode(ResponseMessage, (await lab.send(broken)).data, V1_4)
    assert statuses(answer) == [FAILED, OK]
    assert answer.batch_item[0].result_reason is ResultReason.INVALID_MESSAGE


async def test_an_answer_that_is_too_large_fails(lab):
    query = QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_SERVER_INFORMATION))
    item = await lab.ask(query, maximum_response_size=256)
    assert (item.operation, item.result_reason) == (Operation.QUERY, ResultReason.RESPONSE_TOO_LARGE)
    assert "Maximum Response Size indicated in request: 256" in item.result_message
    reply = await lab.send(lab.request(query, maximum_response_size=4096))
    exact = len(reply.data)
    assert statuses(await lab.batch(query, maximum_response_size=exact)) == [OK]
    assert statuses(await lab.batch(query, maximum_response_size=exact - 1)) == [FAILED]


async def test_a_change_whose_answer_does_not_fit_is_not_made(lab):
    for option in (None, UNDO):
        answer = await lab.batch(lab.create(), ActivateRequest(), maximum_response_size=200, batch_error_continuation_option=option)
        assert {item.result_reason for item in answer.batch_item} == {ResultReason.RESPONSE_TOO_LARGE}
        assert (await lab.do(LocateRequest())).unique_identifier == ()


async def test_when_nothing_fits_the_shortest_answer_is_sent(lab):
    item = await lab.ask(LocateRequest(), maximum_response_size=1)
    assert (item.operation, item.result_reason) == (None, ResultReason.RESPONSE_TOO_LARGE)


async def test_each_item_is_recorded_once_without_key_material(lab):
    key = await lab.key()
    got = await lab.do(GetRequest(unique_identifier=key))
    await lab.ask(GetRequest(unique_identifier="none"))
    created, read, missing = lab.records
    assert (created.operation, created.unique_identifier, created.status) == (Operation.CREATE, key, OK)
    assert (read.operation, read.client.name, read.address) == (Operation.GET, "alice", "192.0.2.1:1")
    assert (missing.unique_identifier, missing.reason) == ("none", ResultReason.ITEM_NOT_FOUND)
    assert got.managed_object.key_block.key_value.key_material.hex() not in repr(lab.records)


async def test_a_defect_of_ours_is_a_general_failure_and_says_no_secret(lab, caplog, monkeypatch):
    async def broken(*_):
        raise ValueError("the key is 00112233")

    monkeypatch.setattr(lab.services["wrapping"], "unwrap", broken)
    monkeypatch.setattr(lab.services["wrapping"], "cached", lambda *_: None)
    key = await lab.key()
    with caplog.at_level(logging.ERROR, "kmip_server"):
        assert await lab.refused(GetRequest(unique_identifier=key)) is ResultReason.GENERAL_FAILURE
    assert "ValueError" in caplog.text
    assert "00112233" not in caplog.text
    assert statuses(await lab.batch(LocateRequest())) == [OK]


def server_value(answer):
    return answer.response_header.server_correlation_value


async def test_answers_are_correlated_where_clients_know_of_it_and_it_is_logged(lab):
    for version in (V1_0, V1_4):
        assert server_value(await lab.batch(lab.create(), version=version)) is None
    header = {"client_correlation_value": "step 1"}
    values = [
        server_value(await lab.batch(lab.create(), version=V1_4, **header)),
        server_value(await lab.batch(lab.create(), version=V2_1)),
        server_value(await lab.batch(lab.create(), version=V2_1, **header)),
        server_value(await lab.batch(GetRequest(), GetRequest(), ids=[None, None], version=V2_1)),
        server_value(await lab.as_personality(lab.services["personality"]).batch(lab.create(), version=V2_1)),
    ]
    assert None not in values
    assert len(set(values)) == 5
    assert [record.correlation for record in lab.records[:4]] == [None, None, ("step 1", values[0]), (None, values[1])]
    assert (await lab.batch(lab.create(), version=V2_1, **header)).response_header.client_correlation_value is None


async def test_an_answer_that_is_too_large_by_its_correlation_does_without(lab):
    asked = GetRequest(unique_identifier=await lab.key())
    size = len((await lab.send(lab.request(asked, version=V2_1, maximum_response_size=4096))).data)
    assert server_value(await lab.batch(asked, version=V2_1, maximum_response_size=size)) is not None
    answer = await lab.batch(asked, version=V2_1, maximum_response_size=size - 1)
    assert (server_value(answer), answer.batch_item[0].result_status) == (None, OK)


async def test_ephemeral_output_stays_here_and_can_be_named_by_what_follows(lab):
    text = {"cryptographic_parameters": CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256)}
    first = HashRequest(data=b"abc", **text)
    once, twice = [
        RequestBatchItem(operation=Operation.HASH, ephemeral=True, unique_batch_item_id=b"1", request_payload=first),
        RequestBatchItem(operation=Operation.HASH, unique_batch_item_id=b"2", request_payload=HashRequest(data=Data.HASH, **text)),
    ]
    answer = await lab.batch(once, twice, version=V2_1)
    assert [item.response_payload.data for item in answer.batch_item] == [None, sha256(sha256(b"abc").digest()).digest()]
    drawn = RequestBatchItem(operation=Operation.RNG_RETRIEVE, ephemeral=True, request_payload=RNGRetrieveRequest(data_length=8))
    assert (await lab.batch(drawn, version=V2_1)).batch_item[0].response_payload.data == b""
