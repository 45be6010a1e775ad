"""Requests that are answered later (KMIP 1.4, 6.7, 6.8, 4.27, 4.28; KMIP 2.1, 9.1, 9.2, 6.1.5, 6.1.38, 6.1.39, 6.1.41).

A batch item that is put off is in the ledger before the client hears "Operation Pending": it survives a restart, and any worker may perform
it. It is performed when the client asks (Poll, Process), else by itself a little later, once and only once: what it changes and what it
answers become durable in one unit of work. Requests and answers may hold key material, so they are wrapped like it.

Decisions where the standard leaves room:

* True (1.x) and Optional (2.x) leave the choice to the server: it puts off a Locate, an Archive or a Recover that comes alone, as the
  published test cases have it. Mandatory puts off every item but those that are about putting off.
* Items of one Mandatory batch are performed in their order and hand the ID Placeholder on; under Stop, none after one that failed.
* An answer that was polled can be polled again until it expires, a day after its request: the first one may have been lost on the way.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

from kmip_server.access.rights import Grant, GuardedStore
from kmip_server.codec import decode, encode
from kmip_server.conversation import Peer
from kmip_server.engine import answers
from kmip_server.engine.batch import finish, perform, perform_batch, record_of
from kmip_server.engine.context import RequestContext
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
from kmip_server.errors import KmipFailure, KmipServerError, UnencodableMessage
from kmip_server.ledger import Book, Entry
from kmip_server.messages import AsynchronousRequest, PayloadFault, RequestBatchItem, ResponseBatchItem, Rights
from kmip_server.operations.table import offer_of
from kmip_server.versions import EVERY_VERSION, KmipVersion
from kmip_server.wrapping.contract import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmip_server.conversation import ItemLog
    from kmip_server.engine.batch import SizeLimit
    from kmip_server.engine.context import Services
    from kmip_server.messages import RequestHeader, Right
    from kmip_server.store.contract import Store, Transaction

REQUESTS = Book("kmip:asynchronous", most=1000)

KEPT_SECONDS = 24 * 60 * 60
OBTAINED = 4
"""The stage of an entry whose answer its client has: no Processing Stage any more."""

DELAY = 2.0
"""Seconds after which a request is performed that nobody has asked for."""

CORRELATION_BYTES = 16

SLOW = frozenset({Operation.LOCATE, Operation.ARCHIVE, Operation.RECOVER})
NEVER = frozenset({Operation.POLL, Operation.CANCEL, Operation.PROCESS, Operation.QUERY_ASYNCHRONOUS_REQUESTS})


class AsynchronousRequests:
    """The requests of a server that are answered later. Shared by all connections of a process."""

    def __init__(self, store: Store, clock: Callable[[], float], log: ItemLog) -> None:
        """``clock`` gives seconds since 1970, ``log`` takes one record a batch item."""
        self._store = store
        self._clock = clock
        self._log = log
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- putting off

    async def perform_batch(
        self, header: RequestHeader, items: Sequence[RequestBatchItem], context: RequestContext, limit: SizeLimit | None
    ) -> list[ResponseBatchItem]:
        """The answers of a batch whose header says what may be put off."""
        option = header.batch_error_continuation_option
        if header.asynchronous is not AsynchronousIndicator.MANDATORY:
            may = header.asynchronous_indicator or header.asynchronous is AsynchronousIndicator.OPTIONAL
            if may and len(items) == 1 and items[0].operation in SLOW and _can_be_put_off(items[0], context):
                return [await self._put_off(items[0], context, None, stop=False)]
            return await perform_batch(items, option, context, limit, self._log)
        if option is BatchErrorContinuationOption.UNDO and len(items) > 1:
            failure = KmipFailure(ResultReason.FEATURE_NOT_SUPPORTED, "a batch that is performed later cannot be undone as a whole")
            return [answers.failed(item, failure, context.version) for item in items]
        stop = option is not BatchErrorContinuationOption.CONTINUE
        results: list[ResponseBatchItem] = []
        previous: str | None = None
        for item in items:
            if _can_be_put_off(item, context):
                results.append(await self._put_off(item, context, previous, stop=stop))
                value = results[-1].asynchronous_correlation_value
                previous = previous if value is None else value.hex()
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
            entry = await _entry_of(item, value.hex(), context)
            entry = entry.with_content(previous=previous, stop=stop)
            await context.store.write(lambda transaction: REQUESTS.add(transaction, entry))
        except KmipFailure as failure:
            return answers.failed(item, failure, context.version)
        self._perform_later(entry.key, context.services)
        return ResponseBatchItem(
            operation=item.operation,
            unique_batch_item_id=item.unique_batch_item_id,
            result_status=ResultStatus.OPERATION_PENDING,
            asynchronous_correlation_value=value,
        )

    # --- what clients ask about it

    async def answer(self, value: bytes, context: RequestContext) -> ResponseBatchItem:
        """The answer of a request of this client, performed now if it was not yet. Raises `KmipFailure` when there is none such."""
        entry = await self.performed(value, context)
        answer = await _answer_of(entry, context.peer, context.services)
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

    async def cancel(self, value: bytes, context: RequestContext) -> CancellationResult:
        """Take a request back, if it has not been performed yet."""

        def in_transaction(transaction: Transaction) -> CancellationResult:
            entry = self._own(transaction, value, context)
            if entry is None:
                return CancellationResult.UNAVAILABLE
            if entry.stage == ProcessingStage.SUBMITTED:
                REQUESTS.remove(transaction, entry.key)
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
        if self._tasks:
            await asyncio.wait(self._tasks)

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
        entry = REQUESTS.read(self._store, key, int(self._clock()))
        if entry is None or entry.stage != ProcessingStage.SUBMITTED:
            return
        before = None
        if entry.content["previous"] is not None:
            await self._perform(entry.content["previous"], services)
            before = REQUESTS.read(self._store, entry.content["previous"], int(self._clock()))
        await self._perform_alone(key, before, services)

    async def _perform_alone(self, key: str, before: Entry | None, services: Services) -> None:
        now, started = int(self._clock()), time.perf_counter_ns()
        async with self._store.unit_of_work() as unit:
            entry = REQUESTS.read(unit, key, now)
            if entry is None or entry.stage != ProcessingStage.SUBMITTED:
                return
            context = _context_of(entry, unit, services, now)
            if context is None:
                await unit.write(lambda transaction: REQUESTS.remove(transaction, key))
                return
            if before is not None:
                context.id_placeholder = before.content["placeholder"]
            if before is not None and entry.content["stop"] and before.content.get("status") == ResultStatus.OPERATION_FAILED:
                item = RequestBatchItem(operation=Operation(entry.content["operation"]), request_payload=None)
                failure = KmipFailure(ResultReason.GENERAL_FAILURE, "not performed, because an earlier item of its batch failed")
                result = answers.failed(item, failure, context.version)
            else:
                item = await _item_of(entry, context)
                result = await perform(item, context)
            self._log(record_of(item, result, context, started))
            answered = await _answered(entry, result, context)
            await unit.write(lambda transaction: REQUESTS.change(transaction, answered))
        finish(context)
        if timer := self._timers.pop(key, None):
            timer.cancel()


def _can_be_put_off(item: RequestBatchItem, context: RequestContext) -> bool:
    """Whether an item is whole, is on offer, and is not itself about putting off. Any other is answered at once."""
    if not isinstance(item.operation, Operation) or item.operation in NEVER or isinstance(item.request_payload, PayloadFault):
        return False
    return offer_of(item.operation, context.version, context.services.personality) is not None


# --- entries


async def _entry_of(item: RequestBatchItem, key: str, context: RequestContext) -> Entry:
    grant = context.grant
    rights = None if grant is None or grant.rights is None else encode(Rights(grant.rights), EVERY_VERSION).hex()
    return Entry(
        key=key,
        client=context.peer.client.id,
        content={
            "operation": int(item.operation or 0),
            "version": list(context.version),
            "address": context.peer.address,
            "has_ticket": grant is not None,
            "rights": rights,
            "placeholder": context.id_placeholder,
            "request": await _sealed(encode(item, context.version), key, context),
        },
        created=context.now,
        expires=context.now + KEPT_SECONDS,
        stage=ProcessingStage.SUBMITTED,
    )


def _context_of(entry: Entry, store: Store, services: Services, now: int) -> RequestContext | None:
    """The context of the request as it was; None when its client is no more."""
    client = services.directory.client(entry.client)
    if client is None:
        return None
    context = RequestContext(KmipVersion(*entry.content["version"]), Peer(client, entry.content["address"]), now, store, services)
    if entry.content["has_ticket"]:
        context.grant = Grant(_rights(entry))
        if context.grant.rights is not None:
            context.store = GuardedStore(store, context.owner, context.grant)
    context.id_placeholder = entry.content["placeholder"]
    return context


def _rights(entry: Entry) -> tuple[Right, ...] | None:
    written = entry.content["rights"]
    return None if written is None else decode(Rights, bytes.fromhex(written), EVERY_VERSION).right


async def _item_of(entry: Entry, context: RequestContext) -> RequestBatchItem:
    return decode(RequestBatchItem, await _opened(entry.content["request"], entry.key, context.peer, context.services), context.version)


async def _answered(entry: Entry, result: ResponseBatchItem, context: RequestContext) -> Entry:
    """The entry with its answer, and without its request."""
    content = {
        "request": None,
        "placeholder": context.id_placeholder,
        "status": int(result.result_status),
        "answer": await _sealed(_written(result, context.version), entry.key, context),
    }
    return dataclasses.replace(entry.with_content(**content), stage=ProcessingStage.COMPLETED)


def _written(result: ResponseBatchItem, version: KmipVersion) -> bytes:
    try:
        return encode(result, version)
    except UnencodableMessage:
        item = RequestBatchItem(operation=result.operation, request_payload=None)
        return encode(answers.failed(item, answers.no_words_for_it(version), version), version)


async def _answer_of(entry: Entry, peer: Peer, services: Services) -> ResponseBatchItem:
    written = await _opened(entry.content["answer"], entry.key, peer, services)
    return decode(ResponseBatchItem, written, KmipVersion(*entry.content["version"]))


async def _sealed(data: bytes, key: str, context: RequestContext) -> str:
    envelope = await context.services.wrapping.wrap(context.peer.client, key, data)
    context.services.wrapping.forget(key)
    return envelope.to_json()


async def _opened(sealed: str, key: str, peer: Peer, services: Services) -> bytes:
    data = await services.wrapping.unwrap(peer.client, key, Envelope.from_json(sealed))
    services.wrapping.forget(key)
    return data
