"""How requests that were put off are performed: one alone, or all of a batch together (Batch Error Continuation Option Undo).

What a request changes and what it answers become durable in one unit of work, if the request still waits then: so it is performed once or
not at all, whoever is killed, cancels, or performs it at the same time. The unit begins with the first change (`LazyUnit`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kmip_server.engine import answers
from kmip_server.engine.asynchronous_entries import answered, context_of, data_key_of, item_of
from kmip_server.engine.batch import finish, perform, record_of
from kmip_server.enums import ProcessingStage, ResultReason, ResultStatus
from kmip_server.errors import KmipFailure
from kmip_server.ledger import Book
from kmip_server.messages import RequestBatchItem, ResponseBatchItem
from kmip_server.store.lazy_unit import LazyUnit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmip_server.conversation import ItemLog
    from kmip_server.engine.context import RequestContext, Services
    from kmip_server.ledger import Entry
    from kmip_server.store.contract import Store, Transaction

REQUESTS = Book("kmip:asynchronous", most=1000)


class Overtaken(Exception):
    """The request was cancelled, or performed by another process, in the meantime. Nothing of it was done."""


async def perform_alone(
    store: Store, entry: Entry, before: Entry | None, told: list[ResponseBatchItem], services: Services, now: int, log: ItemLog
) -> None:
    """Perform one request, behind ``before`` in its batch; ``told`` are the answers so far, and get its own. Raises `Overtaken`."""
    started = time.perf_counter_ns()
    client, unit = services.directory.client(entry.client), LazyUnit(store)
    if client is None:
        await store.write(lambda transaction: REQUESTS.remove(transaction, entry.key))
        return
    key = await data_key_of(entry, client, services)
    item, context = item_of(entry, key), context_of(entry, client, unit, services, now)
    context.answered = told
    if before is not None:
        context.id_placeholder = before.content["placeholder"]
    try:
        stopped = before is not None and entry.content["stop"] and before.content.get("status") == ResultStatus.OPERATION_FAILED
        result = _not_performed(item, context) if stopped else await perform(item, context)
        done = answered(entry, answers.without_ephemeral_data(item, result), context.id_placeholder, key)
        await unit.commit(lambda transaction: _settle(transaction, [done], now))
    finally:
        await unit.abandon()
    told.append(result)
    log(record_of(item, result, context, started))
    finish(context)


async def perform_together(store: Store, entries: Sequence[Entry], services: Services, now: int, log: ItemLog) -> None:
    """Perform the requests of a batch, all or nothing: when one fails, or was cancelled, those before it are undone (11.43)."""
    client = services.directory.client(entries[0].client)
    if client is None:
        await store.write(lambda transaction: [REQUESTS.remove(transaction, entry.key) for entry in entries])
        return
    keys = {entry.key: await data_key_of(entry, client, services) for entry in entries if _waits(entry)}
    items = {entry.key: item_of(entry, keys[entry.key]) for entry in entries if _waits(entry)}
    unit, results = LazyUnit(store), list[ResponseBatchItem]()
    context = context_of(entries[0], client, unit, services, now)
    context.answered = results

    def answered_by(given: Sequence[ResponseBatchItem]) -> list[Entry]:
        pairs = [(entry, result) for entry, result in zip(entries, given, strict=True) if _waits(entry)]
        kept = [(entry, answers.without_ephemeral_data(items[entry.key], result)) for entry, result in pairs]
        return [answered(entry, result, None, keys[entry.key]) for entry, result in kept]

    try:
        if await _all_succeed(entries, items, context, results, log):
            done = answered_by(results)
            await unit.commit(lambda transaction: _settle(transaction, done, now))
            finish(context)
            return
    except Overtaken:
        pass
    finally:
        await unit.abandon()
    undone = answered_by([_undone(entry, place, items, results, context) for place, entry in enumerate(entries)])
    await store.write(lambda transaction: _settle_what_waits(transaction, undone, now))


async def _all_succeed(
    entries: Sequence[Entry],
    items: Mapping[str, RequestBatchItem],
    context: RequestContext,
    results: list[ResponseBatchItem],
    log: ItemLog,
) -> bool:
    """Perform in order, until one fails or is none that waits; ``results`` gets the answers."""
    for entry in entries:
        if not _waits(entry):
            return False
        started, item = time.perf_counter_ns(), items[entry.key]
        results.append(await perform(item, context))
        log(record_of(item, results[-1], context, started))
        if results[-1].result_status is ResultStatus.OPERATION_FAILED:
            return False
    return True


def _undone(
    entry: Entry, place: int, items: Mapping[str, RequestBatchItem], results: Sequence[ResponseBatchItem], context: RequestContext
) -> ResponseBatchItem:
    """What an item of a batch that failed is answered: its failure, or that it was undone, or never performed."""
    if place < len(results):
        failed = results[place].result_status is ResultStatus.OPERATION_FAILED
        return results[place] if failed else answers.undone(results[place])
    return _not_performed(items.get(entry.key) or RequestBatchItem(operation=None, request_payload=None), context)


def _waits(entry: Entry) -> bool:
    return entry.stage == ProcessingStage.SUBMITTED


def _settle(transaction: Transaction, done: Sequence[Entry], now: int) -> None:
    """Write answers down, in the transaction that makes what was done durable. Raises `Overtaken` unless all still wait."""
    for one in done:
        entry = REQUESTS.read(transaction, one.key, now)
        if entry is None or entry.stage != ProcessingStage.SUBMITTED:
            raise Overtaken
        REQUESTS.change(transaction, one)


def _settle_what_waits(transaction: Transaction, done: Sequence[Entry], now: int) -> None:
    for one in done:
        entry = REQUESTS.read(transaction, one.key, now)
        if entry is not None and entry.stage == ProcessingStage.SUBMITTED:
            REQUESTS.change(transaction, one)


def _not_performed(item: RequestBatchItem, context: RequestContext) -> ResponseBatchItem:
    failure = KmipFailure(ResultReason.GENERAL_FAILURE, "not performed, because an earlier item of its batch failed")
    return answers.failed(item, failure, context.version)
