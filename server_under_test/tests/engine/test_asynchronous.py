"""Requests that are answered later: put off, polled, cancelled, performed by themselves, and after a restart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from kmip_server.codec import decode
from kmip_server.engine import asynchronous, asynchronous_work
from kmip_server.enums import (
    AsynchronousIndicator,
    BatchErrorContinuationOption,
    CancellationResult,
    CredentialType,
    Operation,
    ProcessingStage,
    QueryFunction,
    ResultReason,
    ResultStatus,
    State,
    UniqueIdentifier,
)
from kmip_server.messages import (
    ActivateRequest,
    ArchiveRequest,
    AsynchronousCorrelationValues,
    AttributeReference,
    Attributes,
    Authentication,
    CancelRequest,
    Credential,
    DelegatedLoginRequest,
    DestroyRequest,
    GetAttributesRequest,
    GetRequest,
    LocateRequest,
    NotifyRequest,
    Objects,
    Operations,
    PollRequest,
    ProcessRequest,
    QueryAsynchronousRequestsRequest,
    QueryRequest,
    ResponseBatchItem,
    ResponseMessage,
    Right,
    Rights,
    TicketCredential,
)
from kmip_server.personality import KMIP_FOR_VMWARE
from kmip_server.versions import V1_0, V1_4, V2_0, V2_1, KmipVersion

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANDATORY = {"asynchronous": AsynchronousIndicator.MANDATORY}
PENDING, SUCCESS, FAILED = ResultStatus.OPERATION_PENDING, ResultStatus.SUCCESS, ResultStatus.OPERATION_FAILED


@pytest.fixture(autouse=True)
def in_2_1(lab: Any) -> None:
    lab.version = V2_1


async def put_off(lab: Any, payload: Any, **options: Any) -> bytes:
    item: ResponseBatchItem = await lab.ask(payload, **(MANDATORY | options))
    assert (item.result_status, item.response_payload) == (PENDING, None)
    assert item.asynchronous_correlation_value is not None
    return item.asynchronous_correlation_value


async def poll(lab: Any, value: bytes, **options: Any) -> ResponseBatchItem:
    """What Poll is answered: with the batch item of another operation, which the lab's own `ask` would not expect."""
    item: ResponseBatchItem = await lab.ask(PollRequest(asynchronous_correlation_value=value), **options)
    return item


async def created(lab: Any, **options: Any) -> str:
    identifier: str = (await lab.ask(lab.create(), **options)).response_payload.unique_identifier
    return identifier


@pytest.mark.parametrize("version", [V1_0, V1_4, V2_0, V2_1], ids=str)
async def test_a_locate_is_pending_and_its_answer_polled(lab: Any, version: KmipVersion) -> None:
    lab.version = version
    key = await created(lab)
    may = {"asynchronous_indicator": True} if version < V2_0 else {"asynchronous": AsynchronousIndicator.OPTIONAL}
    item = await lab.ask(LocateRequest(attributes=Attributes()), ids=[b"7"], **may)
    assert (item.operation, item.unique_batch_item_id, item.result_status) == (Operation.LOCATE, b"7", PENDING)
    for batch_item_id in (b"8", b"9"):
        answer = await poll(lab, item.asynchronous_correlation_value, ids=[batch_item_id])
        assert (answer.operation, answer.unique_batch_item_id, answer.result_status) == (Operation.LOCATE, batch_item_id, SUCCESS)
        assert answer.response_payload.unique_identifier == (key,)  # type: ignore[union-attr]
        assert answer.asynchronous_correlation_value is None


@pytest.mark.parametrize(
    ("version", "header"),
    [
        (V1_4, {"asynchronous_indicator": False}),
        (V1_4, {}),
        (V2_1, {"asynchronous": AsynchronousIndicator.PROHIBITED}),
        (V2_1, {}),
    ],
)
async def test_a_client_that_cannot_wait_is_answered_at_once(lab: Any, version: KmipVersion, header: dict[str, Any]) -> None:
    item = await lab.ask(LocateRequest(attributes=Attributes()), version=version, **header)
    assert item.result_status is SUCCESS


@pytest.mark.parametrize(
    ("version", "header"), [(V1_4, {"asynchronous_indicator": True}), (V2_1, {"asynchronous": AsynchronousIndicator.OPTIONAL})]
)
async def test_what_is_quick_is_not_put_off_by_choice(lab: Any, version: KmipVersion, header: dict[str, Any]) -> None:
    assert (await lab.ask(lab.create(), version=version, **header)).result_status is SUCCESS
    answer = await lab.batch(LocateRequest(attributes=Attributes()), LocateRequest(attributes=Attributes()), version=version, **header)
    assert [item.result_status for item in answer.batch_item] == [SUCCESS, SUCCESS]


async def test_mandatory_puts_everything_off_but_what_is_about_that(lab: Any) -> None:
    value = await put_off(lab, lab.create())
    answer = await poll(lab, value, **MANDATORY)
    assert (answer.operation, answer.result_status) == (Operation.CREATE, SUCCESS)
    key = answer.response_payload.unique_identifier  # type: ignore[union-attr]
    got = await poll(lab, await put_off(lab, GetRequest(unique_identifier=key)))
    assert len(got.response_payload.managed_object.key_block.key_value.key_material) == 32  # type: ignore[union-attr]
    cancelled = await lab.ask(CancelRequest(asynchronous_correlation_value=value), **MANDATORY)
    assert cancelled.response_payload.cancellation_result is CancellationResult.COMPLETED


async def test_what_fails_later_fails_as_it_would_at_once(lab: Any) -> None:
    missing = GetRequest(unique_identifier="nothing")
    at_once, later = await lab.ask(missing), await poll(lab, await put_off(lab, missing))
    assert later == at_once
    assert later.result_status is FAILED


async def test_what_is_no_operation_fails_at_once(lab: Any) -> None:
    item = await lab.ask(NotifyRequest(unique_identifier="nothing"), **MANDATORY)
    assert (item.result_status, item.result_reason) == (FAILED, ResultReason.OPERATION_NOT_SUPPORTED)


async def test_nothing_is_done_before_its_time_and_then_once(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asynchronous, "DELAY", 0.0)
    value = await put_off(lab, lab.create())
    performed = asyncio.Event()
    finish = asynchronous_work.finish
    monkeypatch.setattr(asynchronous_work, "finish", lambda context: (finish(context), performed.set()))
    await asyncio.wait_for(performed.wait(), 10)
    keys = (await lab.ask(LocateRequest(attributes=Attributes()))).response_payload.unique_identifier
    answer = await poll(lab, value)
    assert (answer.response_payload.unique_identifier,) == keys  # type: ignore[union-attr]


async def test_a_request_survives_the_server(
    lab: Any, make_lab: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asynchronous, "DELAY", 3600.0)
    to_poll, by_itself = await put_off(lab, lab.create()), await put_off(lab, lab.create())
    await lab.engine.aclose()
    monkeypatch.setattr(asynchronous, "DELAY", 0.0)
    after = make_lab(tmp_path)
    try:
        assert (await poll(after, to_poll, version=V2_1)).operation is Operation.CREATE
        after.engine.resume()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await after.engine.aclose()
        (request,) = await outstanding(after)
        assert (request.asynchronous_correlation_value, request.processing_stage) == (by_itself, ProcessingStage.COMPLETED)
    finally:
        after.close()


async def outstanding(lab: Any, **asked: Any) -> tuple[Any, ...]:
    item = await lab.ask(QueryAsynchronousRequestsRequest(**asked), version=V2_1)
    found: tuple[Any, ...] = item.response_payload.asynchronous_request
    return found


async def test_what_is_outstanding_is_listed_until_it_is_polled(lab: Any) -> None:
    lab.now[0] = 1_000_000_000
    first, second = await put_off(lab, lab.create()), await put_off(lab, LocateRequest(attributes=Attributes()))
    listed = await outstanding(lab)
    assert [(one.asynchronous_correlation_value, one.operation, one.processing_stage) for one in listed] == [
        (second, Operation.LOCATE, ProcessingStage.SUBMITTED),
        (first, Operation.CREATE, ProcessingStage.SUBMITTED),
    ]
    assert listed[0].submission_date == 1_000_000_000_000_000
    assert [one.operation for one in await outstanding(lab, operations=Operations((Operation.CREATE,)))] == [Operation.CREATE]
    (named,) = await outstanding(lab, asynchronous_correlation_values=AsynchronousCorrelationValues((second, b"other")))
    assert named.asynchronous_correlation_value == second
    assert await outstanding(lab, asynchronous_correlation_values=AsynchronousCorrelationValues()) == ()
    await lab.ask(ProcessRequest(asynchronous_correlation_value=first))
    assert [one.processing_stage for one in await outstanding(lab)] == [ProcessingStage.SUBMITTED, ProcessingStage.COMPLETED]
    again = await lab.ask(ProcessRequest(asynchronous_correlation_value=first))
    assert again.result_reason is ResultReason.DUPLICATE_PROCESS_REQUEST
    await poll(lab, first)
    assert [one.asynchronous_correlation_value for one in await outstanding(lab)] == [second]


async def test_cancel_says_what_became_of_it(lab: Any) -> None:
    async def cancel(value: bytes, **options: Any) -> CancellationResult:
        item = await lab.ask(CancelRequest(asynchronous_correlation_value=value), **options)
        assert item.response_payload.asynchronous_correlation_value == value
        result: CancellationResult = item.response_payload.cancellation_result
        return result

    waiting = await put_off(lab, lab.create())
    assert await cancel(waiting, peer=lab.other) is CancellationResult.UNAVAILABLE
    assert await cancel(waiting) is CancellationResult.CANCELED
    assert await cancel(waiting) is CancellationResult.CANCELED
    assert await cancel(b"never given") is CancellationResult.UNAVAILABLE
    polled = await poll(lab, waiting)
    assert (polled.operation, polled.result_reason) == (Operation.CREATE, ResultReason.OPERATION_CANCELED_BY_REQUESTER)
    assert (await lab.ask(LocateRequest(attributes=Attributes()))).response_payload.unique_identifier == ()
    done, failed = await put_off(lab, lab.create()), await put_off(lab, GetRequest(unique_identifier="nothing"))
    for value in (done, failed):
        await lab.ask(ProcessRequest(asynchronous_correlation_value=value))
    assert [await cancel(value) for value in (done, failed)] == [CancellationResult.COMPLETED, CancellationResult.FAILED]
    assert await outstanding(lab) == ()


@pytest.mark.parametrize(
    ("version", "reason"), [(V1_4, ResultReason.ITEM_NOT_FOUND), (V2_1, ResultReason.INVALID_ASYNCHRONOUS_CORRELATION_VALUE)]
)
async def test_there_is_nothing_to_poll_for_others_or_after_a_day(lab: Any, version: KmipVersion, reason: ResultReason) -> None:
    value = await put_off(lab, lab.create())
    assert (await poll(lab, b"never given", version=version)).result_reason is reason
    assert (await poll(lab, value, peer=lab.other, version=version)).result_reason is reason
    lab.now[0] += 24 * 60 * 60
    assert (await poll(lab, value, version=version)).result_reason is reason


async def test_a_batch_is_performed_in_order_and_hands_the_placeholder_on(lab: Any) -> None:
    answer = await lab.batch(
        lab.create(), ActivateRequest(), GetAttributesRequest(attribute_reference=(AttributeReference("State"),)), **MANDATORY
    )
    values = [item.asynchronous_correlation_value for item in answer.batch_item]
    assert [item.result_status for item in answer.batch_item] == [PENDING] * 3
    last = await poll(lab, values[2])
    assert last.response_payload.attributes.attribute[0].attribute_value is State.ACTIVE  # type: ignore[union-attr]
    first = await poll(lab, values[0])
    assert first.response_payload.unique_identifier == last.response_payload.unique_identifier  # type: ignore[union-attr]


@pytest.mark.parametrize(("option", "second"), [(None, FAILED), (BatchErrorContinuationOption.CONTINUE, SUCCESS)])
async def test_after_a_failure_a_batch_goes_on_only_if_it_is_to_continue(lab: Any, option: Any, second: ResultStatus) -> None:
    answer = await lab.batch(GetRequest(unique_identifier="nothing"), lab.create(), batch_error_continuation_option=option, **MANDATORY)
    values = [item.asynchronous_correlation_value for item in answer.batch_item]
    assert [(await poll(lab, value)).result_status for value in reversed(values)] == [second, FAILED]


UNDO = {"batch_error_continuation_option": BatchErrorContinuationOption.UNDO}


async def keys_of(lab: Any) -> tuple[str, ...]:
    found: tuple[str, ...] = (await lab.ask(LocateRequest(attributes=Attributes()))).response_payload.unique_identifier
    return found


@pytest.mark.parametrize("first", [0, 1, 2])
async def test_a_batch_that_is_undone_as_a_whole_is_undone_later_too(lab: Any, first: int) -> None:
    answer = await lab.batch(lab.create(), GetRequest(unique_identifier="nothing"), lab.create(), **UNDO, **MANDATORY)
    values = [item.asynchronous_correlation_value for item in answer.batch_item]
    polled = {place: await poll(lab, values[place]) for place in sorted(range(3), key=lambda place: place != first)}
    assert [polled[place].result_status for place in range(3)] == [ResultStatus.OPERATION_UNDONE, FAILED, FAILED]
    assert [polled[place].operation for place in range(3)] == [Operation.CREATE, Operation.GET, Operation.CREATE]
    assert polled[1].result_reason is ResultReason.OBJECT_NOT_FOUND
    assert await keys_of(lab) == ()


async def test_a_batch_that_succeeds_as_a_whole_stays_and_hands_its_placeholder_on(lab: Any) -> None:
    answer = await lab.batch(lab.create(), ActivateRequest(), **UNDO, **MANDATORY)
    values = [item.asynchronous_correlation_value for item in answer.batch_item]
    assert [(await poll(lab, value)).result_status for value in reversed(values)] == [SUCCESS, SUCCESS]
    (key,) = await keys_of(lab)
    assert (await poll(lab, values[1])).response_payload.unique_identifier == key  # type: ignore[union-attr]


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_a_cancelled_item_undoes_its_batch(lab: Any, cancelled: int) -> None:
    answer = await lab.batch(lab.create(), lab.create(), **UNDO, **MANDATORY)
    values = [item.asynchronous_correlation_value for item in answer.batch_item]
    await lab.ask(CancelRequest(asynchronous_correlation_value=values[cancelled]))
    other = await poll(lab, values[1 - cancelled])
    assert other.result_status is (FAILED if cancelled == 0 else ResultStatus.OPERATION_UNDONE)
    assert (await poll(lab, values[cancelled])).result_reason is ResultReason.OPERATION_CANCELED_BY_REQUESTER
    assert await keys_of(lab) == ()


async def test_what_cannot_be_undone_with_the_others_is_not_put_off_with_them(lab: Any) -> None:
    answer = await lab.batch(lab.create(), PollRequest(asynchronous_correlation_value=b"1"), **UNDO, **MANDATORY)
    assert {item.result_reason for item in answer.batch_item} == {ResultReason.FEATURE_NOT_SUPPORTED}
    assert await outstanding(lab) == ()
    value = await put_off(lab, lab.create())
    polled = await lab.batch(lab.create(), PollRequest(asynchronous_correlation_value=value), **UNDO)
    assert polled.batch_item[1].result_reason is ResultReason.FEATURE_NOT_SUPPORTED
    assert (await poll(lab, value)).result_status is SUCCESS


async def test_a_poll_with_little_room_for_its_answer(lab: Any) -> None:
    value = await put_off(lab, QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,)))
    too_large = await poll(lab, value, maximum_response_size=300)
    assert too_large.result_reason is ResultReason.RESPONSE_TOO_LARGE
    assert (await poll(lab, value)).result_status is SUCCESS


async def test_what_could_not_be_polled_for_is_not_put_off(lab: Any) -> None:
    item = await lab.ask(lab.create(), maximum_response_size=150, **MANDATORY)
    assert item.result_reason is ResultReason.RESPONSE_TOO_LARGE
    assert await outstanding(lab) == ()
    classic = lab.as_personality(KMIP_FOR_VMWARE)
    locate = LocateRequest(attributes=Attributes())
    assert (await classic.ask(locate, version=V1_4, asynchronous_indicator=True)).result_status is SUCCESS
    capabilities = QueryRequest(query_function=(QueryFunction.QUERY_CAPABILITIES,))
    (told,) = (await classic.ask(capabilities, version=V1_4)).response_payload.capability_information
    assert told.asynchronous_capability is False


async def test_a_request_of_2_x_is_polled_for_under_2_x(lab: Any) -> None:
    value = await put_off(lab, lab.create())
    assert (await poll(lab, value, version=V1_4)).result_reason is ResultReason.INVALID_FIELD
    assert (await poll(lab, value, version=V2_0)).result_status is SUCCESS


@pytest.mark.parametrize("restarted", [False, True])
async def test_items_of_a_batch_may_name_what_those_before_them_answered(
    lab: Any, make_lab: Callable[[Path], Any], tmp_path: Path, restarted: bool
) -> None:
    named = GetRequest(unique_identifier=UniqueIdentifier.CREATE)
    answer = await lab.batch(lab.create(), lab.create(), named, GetRequest(unique_identifier=0), **MANDATORY)
    values = [item.asynchronous_correlation_value for item in answer.batch_item]
    made = (await poll(lab, values[0])).response_payload.unique_identifier  # type: ignore[union-attr]
    asked = make_lab(tmp_path) if restarted else lab
    last, first = [(await poll(asked, value, version=V2_1)).response_payload for value in values[2:]]
    assert first.unique_identifier == made  # type: ignore[union-attr]
    assert last.unique_identifier == (await poll(lab, values[1])).response_payload.unique_identifier  # type: ignore[union-attr]
    if restarted:
        await asked.engine.aclose()
        asked.close()


async def test_what_takes_long_holds_nobody_up_and_can_be_cancelled(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    value = await put_off(lab, lab.create())
    wrap = lab.services["wrapping"].wrap

    async def slowly(*arguments: Any) -> Any:
        begun.set()
        await go_on.wait()
        return await wrap(*arguments)

    with monkeypatch.context() as slow:
        slow.setattr(lab.services["wrapping"], "wrap", slowly)
        polling = asyncio.create_task(poll(lab, value))
        await begun.wait()
    quick = await asyncio.wait_for(created(lab), 5)
    cancelled = await lab.ask(CancelRequest(asynchronous_correlation_value=value))
    assert cancelled.response_payload.cancellation_result is CancellationResult.CANCELED
    go_on.set()
    assert (await polling).result_reason is ResultReason.OPERATION_CANCELED_BY_REQUESTER
    assert (await lab.ask(LocateRequest(attributes=Attributes()))).response_payload.unique_identifier == (quick,)


async def test_a_client_puts_off_only_so_much(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asynchronous, "REQUESTS", type(asynchronous.REQUESTS)("kmip:asynchronous", most=1))
    await put_off(lab, lab.create())
    item = await lab.ask(lab.create(), **MANDATORY)
    assert item.result_reason is ResultReason.SERVER_LIMIT_EXCEEDED
    await put_off(lab, lab.create(), peer=lab.other)


async def test_rights_hold_later_too(lab: Any) -> None:
    mine, other = await created(lab), await created(lab)
    rights = Rights((Right(operations=Operations((Operation.GET,)), objects=Objects((mine,))),))
    ticket = (await lab.ask(DelegatedLoginRequest(rights=rights))).response_payload.ticket
    shown = {"authentication": Authentication((Credential(CredentialType.TICKET, TicketCredential(ticket)),))}
    assert (await lab.ask(DestroyRequest(unique_identifier=mine), **MANDATORY, **shown)).result_reason is ResultReason.NOT_AUTHORISED
    values = [await put_off(lab, GetRequest(unique_identifier=one), **shown) for one in (mine, other)]
    assert [(await poll(lab, value)).result_reason for value in values] == [None, ResultReason.NOT_AUTHORISED]


async def test_key_material_is_not_in_the_clear_while_it_waits(lab: Any, tmp_path: Path) -> None:
    key = await created(lab)
    value = await put_off(lab, GetRequest(unique_identifier=key))
    got = await poll(lab, value)
    material = got.response_payload.managed_object.key_block.key_value.key_material  # type: ignore[union-attr]
    at_rest = everything_in(tmp_path)
    assert key.encode() in at_rest
    assert material not in at_rest
    assert material.hex().encode() not in at_rest


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*.db*"))


async def test_query_says_that_it_can_be_done(lab: Any) -> None:
    asked = QueryRequest(query_function=(QueryFunction.QUERY_CAPABILITIES, QueryFunction.QUERY_OPERATIONS))
    payload = (await lab.ask(asked)).response_payload
    assert payload.capability_information[0].asynchronous_capability is True
    assert {Operation.POLL, Operation.CANCEL, Operation.PROCESS, Operation.QUERY_ASYNCHRONOUS_REQUESTS} <= set(payload.operation)
    in_1_x = (await lab.ask(asked, version=V1_4)).response_payload
    assert Operation.POLL in in_1_x.operation
    assert Operation.PROCESS not in in_1_x.operation


async def test_archive_is_put_off_as_the_published_cases_have_it(lab: Any) -> None:
    key = await created(lab, version=V1_4)
    item = await lab.ask(ArchiveRequest(unique_identifier=key), version=V1_4, asynchronous_indicator=True)
    assert item.result_status is PENDING
    assert (await lab.ask(GetRequest(unique_identifier=key), version=V1_4)).result_status is SUCCESS
    assert (await poll(lab, item.asynchronous_correlation_value, version=V1_4)).operation is Operation.ARCHIVE
    assert (await lab.ask(GetRequest(unique_identifier=key), version=V1_4)).result_reason is ResultReason.OBJECT_ARCHIVED


async def test_a_pending_item_has_no_payload_on_the_wire(lab: Any) -> None:
    message = lab.request(lab.create(), version=V2_1, **MANDATORY)
    reply = await lab.send(message)
    assert b"\x42\x00\x7c" not in reply.data
    assert decode(ResponseMessage, reply.data, V2_1).batch_item[0].result_status is PENDING
