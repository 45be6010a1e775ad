"""Requests that are answered later (KMIP 1.4, 6.7, 6.8, 4.27, 4.28; KMIP 2.1, 9.1, 9.2, 6.1.5, 6.1.38, 6.1.39, 6.1.41).

A batch item that is put off is in the ledger before the client hears "Operation Pending": it survives a restart, and any worker may perform
it. It is performed when the client asks (Poll, Process), else by itself a little later, once and only once: what it changes and what it
answers become durable in one unit of work. Requests and answers may hold key material, so they are wrapped like it.

Decisions where the standard leaves room:

* True (1.x) and Optional (2.x) leave the choice to the server: it puts off a Locate, an Archive or a Recover that comes alone, as the
  published test cases have it. Mandatory puts off every item but those that are about putting off.
* Items of one Mandatory batch are performed in their order and hand the ID Placeholder on, and what they answered; under Stop, none after
  one that failed.
* What is being performed holds nobody up: its unit of work begins with its first change. A Cancel that comes before the end undoes it.
* An answer that was polled can be polled again until it expires, a day after its request: the first one may have been lost on the way.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from kmip_server.engine import answers
from kmip_server.engine.asynchronous_entries import answer_of, entry_of, version_of
from kmip_server.engine.asynchronous_work import REQUESTS, Overtaken, perform_alone, perform_together
from kmip_server.engine.batch import perform_batch, record_of
from kmip_server.engine.defects import defect_in
from kmip_server.enums import (
    AsynchronousIndicator,
    BatchErrorContinuationOption,
    CancellationResult,
    Operation,
    ProcessingStage,
    ResultReason,
    ResultStatus,
)
from kmip_server.errors import KmipFailure, KmipServerError
from kmip_server.messages import AsynchronousRequest, PayloadFault, RequestBatchItem, ResponseBatchItem
from kmip_server.operations.table import offer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmip_server.conversation import ItemLog
    from kmip_server.engine.batch import SizeLimit
    from kmip_server.engine.context import RequestContext, Services
    from kmip_server.ledger import Entry
    from kmip_server.messages import RequestHeader
    from kmip_server.store.contract import Store, Transaction

OBTAINED = 4
"""The stage of an entry whose answer its client has: no Processing Stage any more."""

DELAY = 2.0
"""Seconds after which a request is performed that nobody has asked for."""

CORRELATION_BYTES = 16

SLOW = frozenset({Operation.LOCATE, Operation.ARCHIVE, Operation.RECOVER})
NEVER = frozenset({Operation.POLL, Operation.CANCEL, Operation.PROCESS, Operation.QUERY_ASYNCHRONOUS_REQUESTS, Operation.SET_ENDPOINT_ROLE})
"""What is about putting off itself, and what is about the connection."""


class AsynchronousRequests:
    """The requests of a server that are answered later. Shared by all connections of a process."""

    def __init__(self, store: Store, clock: Callable[[], float], log: ItemLog) -> None:
        """``clock`` gives seconds since 1970, ``log`` takes one record a batch item."""
        self._store = store
        self._clock = clock
        self._log = log
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._performing: dict[str, asyncio.Task[None]] = {}
        self._answered: dict[str, list[ResponseBatchItem]] = {}

    # --- putting off

    async def perform_batch(
        self, header: RequestHeader, items: Sequence[RequestBatchItem], context: RequestContext, limit: SizeLimit | None
    ) -> list[ResponseBatchItem]:
        """The answers of a batch whose header says what may be put off."""
        option = header.batch_error_continuation_option
        if header.asynchronous_indicator and not context.services.personality.offers(Operation.POLL):
            return await perform_batch(items, option, context, limit, self._log)
        if header.asynchronous is not AsynchronousIndicator.MANDATORY:
            may = header.asynchronous_indicator or header.asynchronous is AsynchronousIndicator.OPTIONAL
            may = may and (limit is None or _pending_fits(items, context, limit))
            if may and len(items) == 1 and items[0].operation in SLOW and _can_be_put_off(items[0], context):
                return [await self._put_off(items[0], context, None, stop=False)]
            return await perform_batch(items, option, context, limit, self._log)
        if limit is not None and not _pending_fits(items, context, limit):
            sentence = f"what is pending cannot be told in an answer of {limit.maximum} bytes, so nothing was put off"
            return [answers.failed(item, KmipFailure(ResultReason.RESPONSE_TOO_LARGE, sentence), context.version) for item in items]
        if option is BatchErrorContinuationOption.UNDO and len(items) > 1:
            return await self._put_off_together(items, context)
        stop = option is not BatchErrorContinuationOption.CONTINUE
        results: list[ResponseBatchItem] = []
        performed: list[ResponseBatchItem] = []
        previous: str | None = None
        for item in items:
            if _can_be_put_off(item, context):
                results.append(await self._put_off(item, context, previous, stop=stop))
                value = results[-1].asynchronous_correlation_value
                if value is not None:
                    previous = value.hex()
                    self._answered[previous] = performed
            else:
                results += await perform_batch([item], None, context, limit, self._log)
            if stop and results[-1].result_status is ResultStatus.OPERATION_FAILED:
                break
        return results

    async def _put_off(self, item: RequestBatchItem, context: RequestContext, previous: str | None, *, stop: bool) -> ResponseBatchItem:
        """Write an item into the ledger and answer that it is pending."""
        value = context.services.random(CORRELATION_BYTES)
        try:
            if context.grant is not None:
                context.grant.begin(item.operation or 0)
            entry = await entry_of(item, value.hex(), context)
            entry = entry.with_content(previous=previous, stop=stop)
            await context.store.write(lambda transaction: REQUESTS.add(transaction, entry))
        except KmipFailure as failure:
            return answers.failed(item, failure, context.version)
        self._perform_later(entry.key, context.services)
        return self._told_of(item, value, context)

    def _told_of(self, item: RequestBatchItem, value: bytes, context: RequestContext) -> ResponseBatchItem:
        """That an item is pending, recorded."""
        result = _pending(item, value)
        self._log(record_of(item, result, context, time.perf_counter_ns()))
        return result

    async def _put_off_together(self, items: Sequence[RequestBatchItem], context: RequestContext) -> list[ResponseBatchItem]:
        """Write the items of a batch that is performed all or nothing into the ledger, all or none."""
        if not all(_can_be_put_off(item, context) for item in items):
            sentence = "an item of the batch can only be answered at once, so that it could not be undone with the others"
            return [answers.failed(item, KmipFailure(ResultReason.FEATURE_NOT_SUPPORTED, sentence), context.version) for item in items]
        values = [context.services.random(CORRELATION_BYTES) for _ in items]
        entries: list[Entry] = []
        try:
            for item, value in zip(items, values, strict=True):
                if context.grant is not None:
                    context.grant.begin(item.operation or 0)
                together = [one.hex() for one in values]
                entries.append((await entry_of(item, value.hex(), context)).with_content(previous=None, stop=True, together=together))
            await context.store.write(lambda transaction: _add_all(transaction, entries))
        except KmipFailure as failure:
            return [answers.failed(item, failure, context.version) for item in items]
        self._perform_later(entries[0].key, context.services)
        return [self._told_of(item, value, context) for item, value in zip(items, values, strict=True)]

    # --- what clients ask about it

    async def answer(self, value: bytes, context: RequestContext) -> ResponseBatchItem:
        """The answer of a request of this client, performed now if it was not yet. Raises `KmipFailure` when there is none such."""
        entry = await self.performed(value, context)
        if version_of(entry).major != context.version.major:
            sentence = f"the request was made under KMIP {version_of(entry)}; poll for it under that version"
            raise KmipFailure(ResultReason.INVALID_FIELD, sentence)
        answer = await answer_of(entry, context.peer.client, context.services)
        if entry.stage != OBTAINED:
            await context.store.write(lambda transaction: REQUESTS.change(transaction, dataclasses.replace(entry, stage=OBTAINED)))
        return answer

    async def performed(self, value: bytes, context: RequestContext) -> Entry:
        """The entry of a request of this client, performed now if it was not yet. Raises `KmipFailure` when there is none such."""
        entry = self._own(context.store, value, context)
        if entry is not None and entry.stage == ProcessingStage.SUBMITTED:
            if context.in_unit:
                sentence = "a request that waits cannot be performed within a batch that is undone as a whole"
                raise KmipFailure(ResultReason.FEATURE_NOT_SUPPORTED, sentence)
            await self._perform(entry.key, context.services)
            entry = self._own(context.store, value, context)
        if entry is None:
            raise KmipFailure(
                ResultReason.ITEM_NOT_FOUND,
                "no outstanding request has this Asynchronous Correlation Value",
                reason_2=ResultReason.INVALID_ASYNCHRONOUS_CORRELATION_VALUE,
            )
        return entry

    async def process(self, value: bytes, context: RequestContext) -> None:
        """Perform a request of this client now. Raises `KmipFailure` when there is none such, or when it was performed already."""
        entry = self._own(context.store, value, context)
        if entry is not None and entry.stage != ProcessingStage.SUBMITTED:
            sentence = "the request has been processed already; Poll gives its answer"
            raise KmipFailure(ResultReason.DUPLICATE_PROCESS_REQUEST, sentence)
        await self.performed(value, context)

    async def cancel(self, value: bytes, context: RequestContext) -> CancellationResult:
        """Take a request back, if it has not been performed yet."""

        def in_transaction(transaction: Transaction) -> CancellationResult:
            entry = self._own(transaction, value, context)
            if entry is None:
                return CancellationResult.UNAVAILABLE
            if entry.stage == ProcessingStage.SUBMITTED:
                cancelled = entry.with_content(request=None, cancelled=True, status=int(ResultStatus.OPERATION_FAILED))
                REQUESTS.change(transaction, dataclasses.replace(cancelled, stage=OBTAINED))
                return CancellationResult.CANCELED
            if entry.content.get("cancelled"):
                return CancellationResult.CANCELED
            REQUESTS.change(transaction, dataclasses.replace(entry, stage=OBTAINED))
            succeeded = entry.content["status"] == ResultStatus.SUCCESS
            return CancellationResult.COMPLETED if succeeded else CancellationResult.FAILED

        return await context.store.write(in_transaction)

    def outstanding(self, context: RequestContext) -> list[AsynchronousRequest]:
        """This client's requests whose answers it has not obtained yet, newest first."""
        keys = REQUESTS.of_client(context.store, context.peer.client.id)
        entries = (REQUESTS.read(context.store, key, context.now) for key in keys)
        return [
            AsynchronousRequest(
                asynchronous_correlation_value=bytes.fromhex(entry.key),
                operation=Operation(entry.content["operation"]),
                submission_date=entry.created * 1_000_000,
                processing_stage=ProcessingStage(entry.stage),
            )
            for entry in entries
            if entry is not None and entry.stage != OBTAINED
        ]

    def _own(self, store: Store | Transaction, value: bytes, context: RequestContext) -> Entry | None:
        entry = REQUESTS.read(store, value.hex(), context.now)
        return entry if entry is not None and entry.client == context.peer.client.id else None

    # --- performing

    def resume(self, services: Services) -> None:
        """Go on with what was under way when the server ended."""
        for key in REQUESTS.of_stage(self._store, ProcessingStage.SUBMITTED):
            self._perform_later(key, services)

    async def aclose(self) -> None:
        """Begin nothing more; what is being performed is performed to its end."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        while under_way := {*self._tasks, *self._performing.values()}:
            await asyncio.wait(under_way)

    def _perform_later(self, key: str, services: Services) -> None:
        loop = asyncio.get_running_loop()

        def start() -> None:
            self._timers.pop(key, None)
            task = loop.create_task(self._perform_by_itself(key, services))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._timers[key] = loop.call_later(DELAY, start)

    async def _perform_by_itself(self, key: str, services: Services) -> None:
        try:
            await self._perform(key, services)
        except KmipServerError as error:
            defect_in("performing a request later", error)

    async def _perform(self, key: str, services: Services) -> None:
        """Perform a request that waits, and those of its batch before it; one that was performed already stays as it is."""
        task = self._performing.get(key)
        if task is None:
            task = self._performing[key] = asyncio.get_running_loop().create_task(self._perform_in_order(key, services))
            task.add_done_callback(lambda ended: self._ended(key, ended))
        await asyncio.shield(task)

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        self._performing.pop(key, None)
        self._answered.pop(key, None)
        if timer := self._timers.pop(key, None):
            timer.cancel()
        if not task.cancelled():
            task.exception()  # whoever waited has it; there may be nobody left

    async def _perform_in_order(self, key: str, services: Services) -> None:
        entry = REQUESTS.read(self._store, key, int(self._clock()))
        if entry is None or entry.stage != ProcessingStage.SUBMITTED:
            return
        now, together = int(self._clock()), entry.content.get("together", [key])
        if together[0] != key:
            await self._perform(together[0], services)
            return
        if len(together) > 1:
            found = [REQUESTS.read(self._store, one, now) for one in together]
            await perform_together(self._store, [one for one in found if one is not None], services, now, self._log)
            return
        before = None
        if entry.content["previous"] is not None:
            await self._perform(entry.content["previous"], services)
            before = REQUESTS.read(self._store, entry.content["previous"], now)
        told = await self._answers_before(entry, services)
        with suppress(Overtaken):
            await perform_alone(self._store, entry, before, told, services, now, self._log)

    async def _answers_before(self, entry: Entry, services: Services) -> list[ResponseBatchItem]:
        """What the items before it in its batch were answered: known, unless it was another process that performed them."""
        known = self._answered.get(entry.key)
        if known is not None:
            return known
        told: list[ResponseBatchItem] = []
        client, previous = services.directory.client(entry.client), entry.content["previous"]
        while client is not None and previous is not None:
            before = REQUESTS.read(self._store, previous, int(self._clock()))
            if before is None:
                break
            told.append(await answer_of(before, client, services))
            previous = before.content["previous"]
        return told[::-1]


def _add_all(transaction: Transaction, entries: Sequence[Entry]) -> None:
    for entry in entries:
        REQUESTS.add(transaction, entry)


def _pending(item: RequestBatchItem, value: bytes) -> ResponseBatchItem:
    return ResponseBatchItem(
        operation=item.operation,
        unique_batch_item_id=item.unique_batch_item_id,
        result_status=ResultStatus.OPERATION_PENDING,
        asynchronous_correlation_value=value,
    )


def _pending_fits(items: Sequence[RequestBatchItem], context: RequestContext, limit: SizeLimit) -> bool:
    """Whether the client could be told the values to poll with."""
    told = [_pending(item, bytes(CORRELATION_BYTES)) for item in items]
    return len(answers.encoded(told, context.version, context.now)) <= limit.maximum


def _can_be_put_off(item: RequestBatchItem, context: RequestContext) -> bool:
    """Whether an item is whole, is on offer, and is not itself about putting off. Any other is answered at once."""
    if not isinstance(item.operation, Operation) or item.operation in NEVER or isinstance(item.request_payload, PayloadFault):
        return False
    return offer_of(item.operation, context.version, context.services.personality) is not None
