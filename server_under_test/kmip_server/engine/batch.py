"""The items of a batch, performed in their order (KMIP 1.4, 6.12, 6.13, 11.43).

* **Stop** (the default): the first failure is the last answer; what was done stays done.
* **Continue**: every item is answered.
* **Undo**: all items run in one unit of work; a failure undoes those before it, which are answered as Operation Undone.

An answer that would exceed the Maximum Response Size makes its item fail with Response Too Large, so that the rules above hold for it
too. Where such an item changes something, it runs in a unit of work of its own: a client that is told "failed" finds nothing done.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmip_server.conversation import ItemRecord
from kmip_server.engine import answers
from kmip_server.engine.defects import defect_in
from kmip_server.enums import BatchErrorContinuationOption, ResultReason, ResultStatus
from kmip_server.errors import KmipFailure, StoreError, UnencodableMessage
from kmip_server.messages import PayloadFault, ResponseBatchItem
from kmip_server.operations.table import AnsweredOtherwise, offer_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.conversation import ItemLog
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import RequestBatchItem
    from kmip_server.operations.table import Offer

SMALL_ANSWER = 1024
"""No operation that changes something answers with more than its request's length and this many bytes."""


class _Rollback(Exception):
    """Leaves a unit of work so that it is undone."""


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """Maximum Response Size (6.3) in bytes; ``cramped``: so small that even the answer of a change may not fit."""

    maximum: int
    cramped: bool

    @classmethod
    def of(cls, maximum: int | None, request_length: int) -> SizeLimit | None:
        """The limit a header asks for, or None."""
        return None if maximum is None else cls(maximum, cramped=maximum < request_length + SMALL_ANSWER)


async def perform_batch(
    items: Sequence[RequestBatchItem],
    option: BatchErrorContinuationOption | None,
    context: RequestContext,
    limit: SizeLimit | None,
    log: ItemLog,
) -> list[ResponseBatchItem]:
    """Perform the items under the Batch Error Continuation Option and give their answers."""
    if option is BatchErrorContinuationOption.UNDO and len(items) > 1:
        return await _undo_batch(items, context, limit, log)
    results: list[ResponseBatchItem] = []
    context.answered = results
    for item in items:
        if limit is None:
            started = time.perf_counter_ns()
            result = await perform(item, context)
            log(record_of(item, result, context, started))
        else:
            result = await _timed(item, context, limit, results, log)
        results.append(result)
        if result.result_status is ResultStatus.OPERATION_FAILED and option is not BatchErrorContinuationOption.CONTINUE:
            break
    finish(context)
    return results


async def _undo_batch(
    items: Sequence[RequestBatchItem], context: RequestContext, limit: SizeLimit | None, log: ItemLog
) -> list[ResponseBatchItem]:
    """All or nothing."""
    whole, results = context.store, list[ResponseBatchItem]()
    context.answered = results
    try:
        async with whole.unit_of_work() as unit:
            context.store, context.in_unit = unit, True
            for item in items:
                results.append(await _timed(item, context, limit, results, log, within_unit=True))
                _roll_back_if(results[-1].result_status is ResultStatus.OPERATION_FAILED)
    except _Rollback:
        return [*(answers.undone(result) for result in results[:-1]), results[-1]]
    finally:
        context.store, context.in_unit = whole, False
    finish(context)
    return results


def _roll_back_if(bad: bool) -> None:  # noqa: FBT001 - the name says what True is
    if bad:
        raise _Rollback


def finish(context: RequestContext) -> None:
    """What was waiting for the changes to be durable."""
    for after in context.when_done:
        after()
    context.when_done.clear()


async def _timed(
    item: RequestBatchItem,
    context: RequestContext,
    limit: SizeLimit | None,
    before: list[ResponseBatchItem],
    log: ItemLog,
    *,
    within_unit: bool = False,
) -> ResponseBatchItem:
    """One item performed, measured and recorded."""
    started = time.perf_counter_ns()
    if limit is None:
        result = await perform(item, context)
    else:
        result = await _perform_within(item, context, limit, before, within_unit=within_unit)
    log(record_of(item, result, context, started))
    return result


def record_of(item: RequestBatchItem, result: ResponseBatchItem, context: RequestContext, started: int) -> ItemRecord:
    """The record of an item that began at ``started`` (nanoseconds)."""
    return ItemRecord(
        context.peer.client,
        context.peer.address,
        item.operation or 0,
        _named_by(item, result),
        result.result_status,
        result.result_reason,
        result.result_message,
        (time.perf_counter_ns() - started) // 1000,
        context.correlation,
    )


async def perform(item: RequestBatchItem, context: RequestContext) -> ResponseBatchItem:
    """One item: found in the table, performed, answered. Whatever goes wrong becomes the item's failure."""
    try:
        payload = await _performable(item, context).perform(item.request_payload, context)
    except AnsweredOtherwise as answer:
        return replace(answer.item, unique_batch_item_id=item.unique_batch_item_id)
    except KmipFailure as failure:
        return answers.failed(item, failure, context.version)
    except UnencodableMessage:
        return answers.failed(item, answers.no_words_for_it(context.version), context.version)
    except StoreError as error:
        return answers.failed(item, KmipFailure(ResultReason.GENERAL_FAILURE, f"the server's store failed: {error}"), context.version)
    except Exception as defect:  # noqa: BLE001 - a defect of one operation must not end a connection
        return answers.failed(item, defect_in(item.operation, defect), context.version)
    return ResponseBatchItem(
        operation=item.operation,
        unique_batch_item_id=item.unique_batch_item_id,
        result_status=ResultStatus.SUCCESS,
        response_payload=payload,
    )


async def _perform_within(
    item: RequestBatchItem, context: RequestContext, limit: SizeLimit, before: list[ResponseBatchItem], *, within_unit: bool
) -> ResponseBatchItem:
    """One item whose answer must fit into what is left of the Maximum Response Size."""
    if not _needs_own_unit(_offer(item, context), limit, within_unit=within_unit):
        result = await perform(item, context)
        return _fitted(item, result, context, limit, before)
    whole, pending, placeholder = context.store, len(context.when_done), context.id_placeholder
    try:
        async with whole.unit_of_work() as unit:
            context.store = unit
            result = await perform(item, context)
            fitted = _fitted(item, result, context, limit, before)
            _roll_back_if(fitted is not result)
    except _Rollback:
        del context.when_done[pending:]
        context.id_placeholder = placeholder
    finally:
        context.store = whole
    return fitted


def _performable(item: RequestBatchItem, context: RequestContext) -> Offer:
    """The item's row of the table. Raises `KmipFailure` when there is none, or when the payload did not parse."""
    offer = _offer(item, context)
    if isinstance(item.request_payload, PayloadFault) and (offer is not None or item.operation is None):
        raise KmipFailure(item.request_payload.reason, item.request_payload.message)
    if offer is None:
        raise _not_supported(item, context)
    if context.grant is not None:
        context.grant.begin(offer.operation)
    return offer


def _offer(item: RequestBatchItem, context: RequestContext) -> Offer | None:
    return None if item.operation is None else offer_of(item.operation, context.version, context.services.personality)


def _needs_own_unit(offer: Offer | None, limit: SizeLimit, *, within_unit: bool) -> bool:
    return offer is not None and offer.writes and limit.cramped and not within_unit


def _fitted(
    item: RequestBatchItem, result: ResponseBatchItem, context: RequestContext, limit: SizeLimit, before: list[ResponseBatchItem]
) -> ResponseBatchItem:
    """The answer itself, or a Response Too Large in its place."""
    size = len(answers.encoded([*before, answers.without_ephemeral_data(item, result)], context.version, context.now))
    if size <= limit.maximum or result.result_status is not ResultStatus.SUCCESS:
        return result
    sentence = f"Response size: {size}, Maximum Response Size indicated in request: {limit.maximum}"
    return answers.failed(item, KmipFailure(ResultReason.RESPONSE_TOO_LARGE, sentence), context.version)


def _not_supported(item: RequestBatchItem, context: RequestContext) -> KmipFailure:
    name = getattr(item.operation, "name", None)
    called = name.replace("_", " ").title() if name else f"0x{item.operation or 0:08X}"
    return KmipFailure(ResultReason.OPERATION_NOT_SUPPORTED, f"operation {called} is not supported here under KMIP {context.version}")


def _named_by(item: RequestBatchItem, result: ResponseBatchItem) -> str | None:
    """The object an item is about: as its answer names it, else as its request does."""
    named = getattr(result.response_payload, "unique_identifier", None)
    if not isinstance(named, str):
        named = getattr(item.request_payload, "unique_identifier", None)
    return named if isinstance(named, str) else None
