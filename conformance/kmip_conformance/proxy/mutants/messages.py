"""Mutants of messages: headers, batches, what becomes of errors, and of the connection."""

from __future__ import annotations

from kmip_conformance.proxy.mutant import MUTANTS, Answered, Delivery, Mutant, Passage
from kmip_conformance.requests import protocol_version
from kmip_conformance.tables import (
    V1_0,
    BatchErrorContinuationOption,
    Operation,
    ResultReason,
    ResultStatus,
    Tag,
)
from kmip_conformance.wire import Item, enumeration, integer, octets, structure, text

_HEADER = Tag.RESPONSE_HEADER


@MUTANTS.spoils_item("messages.batch-item-id-lost", "The Unique Batch Item ID is not echoed.", source="vCenter, PyKMIP 661; KMIP 1.4, 6.4")
def batch_item_id_lost(answered: Answered) -> Item:
    """Neither for one item nor for several."""
    return answered.item.mapped(Tag.UNIQUE_BATCH_ITEM_ID, lambda _: None)


@MUTANTS.spoils_item(
    "messages.batch-item-id-altered",
    "The Unique Batch Item ID comes back without its trailing zero bytes.",
    source="vCenter's ids; KMIP 1.4, 6.4",
)
def batch_item_id_altered(answered: Answered) -> Item:
    """As a server does that takes the id for a text or a number."""

    def shortened(item: Item) -> Item:
        return octets(item.tag, item.value.rstrip(b"\0")) if isinstance(item.value, bytes) else item

    return answered.item.mapped(Tag.UNIQUE_BATCH_ITEM_ID, shortened)


@MUTANTS.spoils_response(
    "messages.error-under-version-1.0", "Answers with an error bear the version 1.0.", source="PyKMIP 661; KMIP 1.4, 6.1"
)
def error_under_version_1_0(passage: Passage) -> Item:
    """Whatever version was asked under."""
    if not passage.has_failures:
        return passage.response
    return passage.response.changed((_HEADER, Tag.PROTOCOL_VERSION), lambda _: protocol_version(V1_0))


@MUTANTS.spoils_response(
    "messages.one-error-for-a-batch",
    "A batch in which something fails is answered by a single error without Operation and id.",
    source="PyKMIP 661, kms4vsphere 3; KMIP 1.4, 7.2",
)
def one_error_for_a_batch(passage: Passage) -> Item:
    """As PyKMIP answers vCenter's three Add Attribute."""
    if len(passage.asked) < 2 or not passage.has_failures:
        return passage.response
    error = structure(
        Tag.BATCH_ITEM,
        enumeration(Tag.RESULT_STATUS, ResultStatus.OPERATION_FAILED),
        enumeration(Tag.RESULT_REASON, ResultReason.INVALID_MESSAGE),
        text(Tag.RESULT_MESSAGE, "Error parsing request message. See server logs for more information."),
    )
    (header,) = passage.response.all(_HEADER)
    return structure(Tag.RESPONSE_MESSAGE, header.changed(Tag.BATCH_COUNT, lambda item: item.holding(1)), error)


@MUTANTS.spoils_response(
    "messages.connection-dropped-on-unsupported-operation",
    "An operation that is not supported ends the connection without an answer.",
    source="PyKMIP 211, 218; KMIP 1.4, 11.1",
)
def connection_dropped_on_unsupported_operation(passage: Passage) -> Item | None:
    """Other errors are answered."""
    reasons = {answered.answer.result_reason for answered in passage.answered}
    return None if ResultReason.OPERATION_NOT_SUPPORTED in reasons else passage.response


MUTANTS.declare(
    "messages.connection-closed-after-answer",
    "The connection is closed after each answer.",
    source="vCenter sends several requests on a connection (vmware-sequences, 3)",
    delivery=Delivery(closes=True),
)


@MUTANTS.spoils_response("messages.time-stamp-missing", "The response header has no Time Stamp.", source="KMIP 1.4, 7.2, table 284")
def time_stamp_missing(passage: Passage) -> Item:
    """In no response."""
    return passage.response.mapped(Tag.TIME_STAMP, lambda _: None)


@MUTANTS.spoils_request(
    "messages.maximum-response-size-ignored", "Maximum Response Size is ignored.", source="KMIP 1.4, 6.3; Cosmian KMS 966"
)
def maximum_response_size_ignored(passage: Passage) -> Item:
    """The target never sees it."""
    return passage.request.mapped(Tag.MAXIMUM_RESPONSE_SIZE, lambda _: None)


@MUTANTS.spoils_response(
    "messages.server-correlation-value-in-1.0",
    "Responses under versions before 1.4 bear a Server Correlation Value.",
    source="vault 24309; KMIP 1.4, 6.19",
)
def server_correlation_value_in_1_0(passage: Passage) -> Item:
    """It exists since 1.4."""
    (header,) = passage.response.all(_HEADER)
    *others, batch_count = header.children
    correlation = text(Tag.SERVER_CORRELATION_VALUE, "7f3a-0001")
    return passage.response.changed(_HEADER, lambda item: item.holding((*others, correlation, batch_count)))


@MUTANTS.spoils_response("messages.batch-count-wrong", "Batch Count is always 1.", source="KMIP 1.4, 6.14")
def batch_count_wrong(passage: Passage) -> Item:
    """Also for two items."""
    return passage.response.changed((_HEADER, Tag.BATCH_COUNT), lambda _: integer(Tag.BATCH_COUNT, 1))


@MUTANTS.spoils_item(
    "messages.operation-not-echoed", "The Operation is missing in responses.", source="ovh/kmip-go 92; KMIP 1.4, 7.2, table 285"
)
def operation_not_echoed(answered: Answered) -> Item:
    """In successes and failures."""
    return answered.item.without(Tag.OPERATION) if answered.item.first(Tag.OPERATION) else answered.item


@MUTANTS.spoils_item("messages.failure-without-reason", "A failure has no Result Reason.", source="KMIP 1.4, 6.10")
def failure_without_reason(answered: Answered) -> Item:
    """Status and message only."""
    return answered.item.mapped(Tag.RESULT_REASON, lambda _: None)


@MUTANTS.spoils_response(
    "messages.batch-answered-in-reverse", "The answers of a batch come in reverse order.", source="KMIP 1.4, 4.1 and 6.12"
)
def batch_answered_in_reverse(passage: Passage) -> Item:
    """Although Batch Order Option asks for the order of the request."""
    header, *items = passage.response.children
    return passage.response.holding((header, *reversed(items)))


@MUTANTS.spoils_request(
    "messages.critical-extension-ignored", "A critical Message Extension is ignored.", source="OASIS TC-71, TC-72; KMIP 1.4, 6.16"
)
def critical_extension_ignored(passage: Passage) -> Item:
    """The target never sees it."""
    return passage.request.mapped(Tag.MESSAGE_EXTENSION, lambda _: None)


def _with_option(request: Item, option: int) -> Item:
    """The request with this Batch Error Continuation Option, which stands behind Authentication and before the order option."""
    header = request.first(Tag.REQUEST_HEADER)
    assert header is not None
    behind = {Tag.BATCH_ORDER_OPTION, Tag.TIME_STAMP, Tag.BATCH_COUNT}
    before = [child for child in header.children if child.tag not in behind | {Tag.BATCH_ERROR_CONTINUATION_OPTION}]
    after = [child for child in header.children if child.tag in behind]
    chosen = enumeration(Tag.BATCH_ERROR_CONTINUATION_OPTION, option)
    return request.changed(Tag.REQUEST_HEADER, lambda item: item.holding((*before, chosen, *after)))


def _option_of(passage: Passage) -> int:
    return passage.request.number(Tag.REQUEST_HEADER, Tag.BATCH_ERROR_CONTINUATION_OPTION) or BatchErrorContinuationOption.STOP


@MUTANTS.spoils_request("messages.batch-goes-on-after-failure", "A batch that is to stop at a failure goes on.", source="KMIP 1.4, 6.13")
def batch_goes_on_after_failure(passage: Passage) -> Item:
    """Stop, which is also what no option means, becomes Continue."""
    stops = _option_of(passage) == BatchErrorContinuationOption.STOP and len(passage.asked) > 1
    return _with_option(passage.request, BatchErrorContinuationOption.CONTINUE) if stops else passage.request


@MUTANTS.spoils_request(
    "messages.batch-stops-though-continue", "A batch that is to continue after a failure stops there.", source="KMIP 1.4, 6.13"
)
def batch_stops_though_continue(passage: Passage) -> Item:
    """Continue becomes Stop."""
    continues = _option_of(passage) == BatchErrorContinuationOption.CONTINUE
    return _with_option(passage.request, BatchErrorContinuationOption.STOP) if continues else passage.request


def _undo_as_stop(passage: Passage) -> Item:
    undoes = _option_of(passage) == BatchErrorContinuationOption.UNDO
    return _with_option(passage.request, BatchErrorContinuationOption.STOP) if undoes else passage.request


def _successes_called_undone(passage: Passage) -> Item:
    if _option_of(passage) != BatchErrorContinuationOption.UNDO or not passage.has_failures:
        return passage.response
    items = [_as_undone(answered) if answered.succeeded else answered.item for answered in passage.answered]
    return passage.response.holding((*passage.response.all(_HEADER), *items))


def _as_undone(answered: Answered) -> Item:
    return structure(Tag.BATCH_ITEM, *answered.echo(), enumeration(Tag.RESULT_STATUS, ResultStatus.OPERATION_UNDONE))


MUTANTS.add(
    Mutant(
        "messages.undo-not-undone",
        "A batch with Undo says Operation Undone, but what it did stays.",
        "PyKMIP engine; KMIP 1.4, 6.13",
        on_request=_undo_as_stop,
        on_response=_successes_called_undone,
    )
)


@MUTANTS.spoils_item(
    "messages.id-placeholder-not-set",
    "An operation without a Unique Identifier does not find the object of the one before it.",
    Operation.GET,
    Operation.GET_ATTRIBUTES,
    Operation.ACTIVATE,
    source="KMIP 1.4, 4 (ID Placeholder)",
)
def id_placeholder_not_set(answered: Answered) -> Item:
    """It fails as if there had been none."""
    if answered.asked.payload.first(Tag.UNIQUE_IDENTIFIER) is not None:
        return answered.item
    return answered.as_failure(ResultReason.ITEM_NOT_FOUND, "no unique identifier")
