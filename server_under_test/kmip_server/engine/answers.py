"""How answers are made: batch items of success and failure, the header, and the size the client can take."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from kmip_server.codec import encode, encode_answer
from kmip_server.engine.reasons import reason_of
from kmip_server.enums import Operation, ResultReason, ResultStatus
from kmip_server.errors import KmipFailure, UnencodableMessage
from kmip_server.messages import ProtocolVersion, ResponseBatchItem, ResponseHeader
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.conversation import Correlation
    from kmip_server.engine.context import RequestContext
    from kmip_server.errors import MalformedMessage
    from kmip_server.messages import RequestBatchItem
    from kmip_server.versions import KmipVersion

_log = logging.getLogger("kmip_server.engine")


def failed(asked: RequestBatchItem | ResponseBatchItem, failure: KmipFailure, version: KmipVersion) -> ResponseBatchItem:
    """An item that fails. Some failures say more in a payload (Check, KMIP 1.4, 4.10)."""
    return ResponseBatchItem(
        operation=asked.operation,
        unique_batch_item_id=asked.unique_batch_item_id,
        result_status=ResultStatus.OPERATION_FAILED,
        result_reason=reason_of(failure, version, asked.operation),
        result_message=str(failure),
        response_payload=getattr(failure, "payload", None),
    )


EPHEMERAL = ("data", "mac_data", "signature_data")
"""The fields that hold the Data output of an operation (KMIP 2.1, 8.3). RNG Retrieve has to have its Data, and is left none of it."""


def without_ephemeral_data(asked: RequestBatchItem, item: ResponseBatchItem) -> ResponseBatchItem:
    """The answer as the client gets it: with Ephemeral, "the Data output of the operation should not be returned" (2.1, 8.3)."""
    if not asked.ephemeral or item.response_payload is None:
        return item
    nothing = b"" if item.operation is Operation.RNG_RETRIEVE else None
    given = {name: nothing for name in EPHEMERAL if getattr(item.response_payload, name, None) is not None}
    return replace(item, response_payload=replace(cast("Any", item.response_payload), **given)) if given else item


def undone(item: ResponseBatchItem) -> ResponseBatchItem:
    """An item that had succeeded before a later one of an Undo batch failed (11.43). It is no failure, so it has its payload (7.2)."""
    message = "undone, because a later item of the batch failed"
    return replace(item, result_status=ResultStatus.OPERATION_UNDONE, result_message=message)


def without_operation(failure: KmipFailure | MalformedMessage, version: KmipVersion) -> ResponseBatchItem:
    """The one item of a message that is refused as a whole (11.1): no Operation, no Unique Batch Item ID."""
    return ResponseBatchItem(
        result_status=ResultStatus.OPERATION_FAILED, result_reason=reason_of(failure, version), result_message=str(failure)
    )


def encoded(
    items: Sequence[ResponseBatchItem],
    version: KmipVersion,
    now: int,
    correlation: Correlation | None = None,
    server_hashed_password: bytes | None = None,
) -> bytes:
    """The response message. An item whose payload this version cannot carry (a key of a later algorithm) becomes a failure of its own."""
    try:
        return _encoded(items, version, now, correlation, server_hashed_password)
    except UnencodableMessage:
        return _encoded([_carried(item, version, now) for item in items], version, now, correlation, server_hashed_password)


def given(asked: Sequence[RequestBatchItem], results: Sequence[ResponseBatchItem], context: RequestContext) -> bytes:
    """The response to a batch that was performed."""
    if context.version >= V2_0:
        results = [without_ephemeral_data(item, result) for item, result in zip(asked, results, strict=False)]
    return encoded(results, context.version, context.now, context.correlation, context.server_hashed_password)


def all_refused(asked: Sequence[RequestBatchItem], failure: KmipFailure, context: RequestContext) -> bytes:
    """The response in which every item fails, because none was performed."""
    return encoded([failed(item, failure, context.version) for item in asked], context.version, context.now, context.correlation)


def no_words_for_it(version: KmipVersion) -> KmipFailure:
    """The failure of an item whose answer this version cannot carry."""
    return KmipFailure(ResultReason.GENERAL_FAILURE, f"the answer holds what KMIP {version} has no words for; ask under a later version")


def _carried(item: ResponseBatchItem, version: KmipVersion, now: int) -> ResponseBatchItem:
    try:
        _encoded((item,), version, now)
    except UnencodableMessage as error:
        _log.warning("an answer could not be written: %s", error)
        return failed(item, no_words_for_it(version), version)
    return item


def _encoded(
    items: Sequence[ResponseBatchItem],
    version: KmipVersion,
    now: int,
    correlation: Correlation | None = None,
    server_hashed_password: bytes | None = None,
) -> bytes:
    if correlation is None and server_hashed_password is None:
        return encode_answer(_header(version, now, len(items)), items, version)
    header = ResponseHeader(
        protocol_version=_protocol(version),
        time_stamp=now,
        server_hashed_password=server_hashed_password,
        server_correlation_value=None if correlation is None else correlation.server,
        batch_count=len(items),
    )
    return encode_answer(encode(header, version), items, version)


@lru_cache(maxsize=64)
def _header(version: KmipVersion, now: int, batch_count: int) -> bytes:
    """The header, encoded: many answers of one second share it. Time Stamp is required in every response (6.5)."""
    return encode(ResponseHeader(protocol_version=_protocol(version), time_stamp=now, batch_count=batch_count), version)


def _protocol(version: KmipVersion) -> ProtocolVersion:
    return ProtocolVersion(protocol_version_major=version.major, protocol_version_minor=version.minor)
