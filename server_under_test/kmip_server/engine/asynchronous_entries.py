"""An asynchronous request in the ledger: the request or its answer, sealed, and what is needed to perform it as its client would have.

A data key of its own seals both; the client's root key wraps that. So the keeper of the root keys is asked before anything is performed,
and never while changes wait to become durable.
"""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING

from kmip_server.access.rights import Grant, GuardedStore
from kmip_server.codec import decode, encode
from kmip_server.conversation import Peer
from kmip_server.engine import answers
from kmip_server.engine.context import RequestContext
from kmip_server.enums import Operation, ProcessingStage, ResultReason
from kmip_server.errors import KmipFailure, UnencodableMessage
from kmip_server.ledger import Entry
from kmip_server.messages import RequestBatchItem, ResponseBatchItem, Rights
from kmip_server.versions import EVERY_VERSION, KmipVersion
from kmip_server.wrapping.contract import Envelope
from kmip_server.wrapping.data_key import KEY_BYTES, DataKey

if TYPE_CHECKING:
    from kmip_server.directory.contract import Client
    from kmip_server.engine.context import Services
    from kmip_server.messages import Right
    from kmip_server.store.contract import Store

KEPT_SECONDS = 24 * 60 * 60

REQUEST, ANSWER = "request", "answer"


async def entry_of(item: RequestBatchItem, key: str, context: RequestContext) -> Entry:
    """A request that is put off. Raises `KmipFailure` when it cannot be sealed."""
    grant, services, client = context.grant, context.services, context.peer.client
    rights = None if grant is None or grant.rights is None else encode(Rights(grant.rights), EVERY_VERSION).hex()
    data_key = services.random(KEY_BYTES)
    envelope = await services.wrapping.wrap(client, key, data_key, passing=True)
    services.wrapping.forget(key)
    sealed = DataKey(data_key, services.random).seal(f"{key} {REQUEST}", encode(item, context.version))
    return Entry(
        key=key,
        client=client.id,
        content={
            "operation": int(item.operation or 0),
            "version": list(context.version),
            "address": context.peer.address,
            "has_ticket": grant is not None,
            "rights": rights,
            "placeholder": context.id_placeholder,
            "key": envelope.to_json(),
            REQUEST: base64.b64encode(sealed).decode("ascii"),
        },
        created=context.now,
        expires=context.now + KEPT_SECONDS,
        stage=ProcessingStage.SUBMITTED,
    )


def version_of(entry: Entry) -> KmipVersion:
    """The version that the request was made under."""
    return KmipVersion(*entry.content["version"])


def context_of(entry: Entry, client: Client, store: Store, services: Services, now: int) -> RequestContext:
    """The context of the request as it was."""
    context = RequestContext(version_of(entry), Peer(client, entry.content["address"]), now, store, services)
    if entry.content["has_ticket"]:
        context.grant = Grant(_rights(entry))
        if context.grant.rights is not None:
            context.store = GuardedStore(store, context.owner, context.grant)
    context.id_placeholder = entry.content["placeholder"]
    return context


def _rights(entry: Entry) -> tuple[Right, ...] | None:
    written = entry.content["rights"]
    return None if written is None else decode(Rights, bytes.fromhex(written), EVERY_VERSION).right


async def data_key_of(entry: Entry, client: Client, services: Services) -> DataKey:
    """What seals the request and its answer. Raises `KmipFailure` when the root key cannot be used now."""
    key = await services.wrapping.unwrap(client, entry.key, Envelope.from_json(entry.content["key"]))
    services.wrapping.forget(entry.key)
    return DataKey(key, services.random)


def item_of(entry: Entry, key: DataKey) -> RequestBatchItem:
    """The request, opened."""
    return decode(RequestBatchItem, key.open(f"{entry.key} {REQUEST}", base64.b64decode(entry.content[REQUEST])), version_of(entry))


def answered(entry: Entry, result: ResponseBatchItem, id_placeholder: str | None, key: DataKey) -> Entry:
    """The entry with its answer, and without its request."""
    sealed = key.seal(f"{entry.key} {ANSWER}", _written(result, version_of(entry)))
    content = {
        REQUEST: None,
        "placeholder": id_placeholder,
        "status": int(result.result_status),
        ANSWER: base64.b64encode(sealed).decode("ascii"),
    }
    return dataclasses.replace(entry.with_content(**content), stage=ProcessingStage.COMPLETED)


def _written(result: ResponseBatchItem, version: KmipVersion) -> bytes:
    try:
        return encode(result, version)
    except UnencodableMessage:
        item = RequestBatchItem(operation=result.operation, request_payload=None)
        return encode(answers.failed(item, answers.no_words_for_it(version), version), version)


async def answer_of(entry: Entry, client: Client, services: Services) -> ResponseBatchItem:
    """The answer, opened; of a request that was cancelled, that it was (KMIP 1.4, 6.10)."""
    if entry.content.get("cancelled"):
        item = RequestBatchItem(operation=Operation(entry.content["operation"]), request_payload=None)
        failure = KmipFailure(ResultReason.OPERATION_CANCELED_BY_REQUESTER, "cancelled before it was performed")
        return answers.failed(item, failure, version_of(entry))
    key = await data_key_of(entry, client, services)
    return decode(ResponseBatchItem, key.open(f"{entry.key} {ANSWER}", base64.b64decode(entry.content[ANSWER])), version_of(entry))
