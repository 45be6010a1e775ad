"""The rules of a request's header and of its batch as a whole, before any item is performed (KMIP 1.4, sections 6 and 7).

The codec has seen to it already that Batch Count is the number of items.

A message that breaks one of them is rejected as a whole: the answer is a header and one Batch Item without Operation, and nothing of the
batch has been done.

Decisions where the standard leaves room:

* Asynchronous Indicator: see `asynchronous`.
* Batch Order Option: items are always performed in their order, which satisfies True and False alike (6.12).
* A Batch Error Continuation Option beside a single item is ignored: it cannot mean anything (6.13).
* Equal Unique Batch Item IDs are refused: the client could not tell the answers apart (6.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.messages import RequestBatchItem


MAXIMUM_BATCH_ITEMS = 1_000
"""How many items one message may have: each may take as long as a message of its own, and others wait meanwhile."""


class MessageRejected(KmipFailure):
    """The whole message is refused; nothing of it was done."""


class EveryItemFails(KmipFailure):
    """Every item of the message fails, each under its own Operation; nothing was done."""


def batch_item_ids_must_tell_items_apart(items: Sequence[RequestBatchItem]) -> None:
    """With more than one item, each carries a Unique Batch Item ID of its own (7.2, 6.4); and there are not too many of them."""
    if len(items) > 1:
        if len(items) > MAXIMUM_BATCH_ITEMS:
            sentence = f"{len(items)} Batch Items are more than the {MAXIMUM_BATCH_ITEMS} that one message may have; send several"
            raise MessageRejected(ResultReason.SERVER_LIMIT_EXCEEDED, sentence)
        ids = [item.unique_batch_item_id for item in items if item.operation is not None]
        if None in ids:
            raise MessageRejected(
                ResultReason.INVALID_MESSAGE, "Unique Batch Item ID is required in every item when Batch Count is above 1"
            )
        if len(set(ids)) != len(ids):
            raise MessageRejected(ResultReason.INVALID_MESSAGE, "two Batch Items have the same Unique Batch Item ID")


def critical_extensions_must_be_known(items: Sequence[RequestBatchItem]) -> None:
    """A critical extension that is not understood rejects the entire message (6.16): every item fails, none is performed."""
    for item in items:
        for extension in item.message_extension:
            if extension.criticality_indicator:
                raise EveryItemFails(
                    ResultReason.FEATURE_NOT_SUPPORTED,
                    f"the critical Message Extension of vendor {extension.vendor_identification!r} is not known here",
                    reason_2=ResultReason.UNKNOWN_MESSAGE_EXTENSION,
                )
