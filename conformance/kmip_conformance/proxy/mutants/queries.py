"""Mutants of what a server says of itself: Query and Discover Versions."""

from __future__ import annotations

from kmip_conformance.proxy.mutant import MUTANTS, Answered, Passage
from kmip_conformance.tables import Operation, ResultReason, Tag
from kmip_conformance.wire import Item, enumeration


@MUTANTS.spoils_item(
    "discover-versions.ascending-order",
    "Discover Versions lists the oldest version first.",
    Operation.DISCOVER_VERSIONS,
    source="KMIP 1.4, 4.26; the landscape's list of what has no issue yet",
)
def ascending_order(answered: Answered) -> Item:
    """The list is in decreasing order of preference."""
    return answered.with_payload(lambda payload: payload.holding(tuple(reversed(payload.children))))


@MUTANTS.spoils_request(
    "discover-versions.clients-list-ignored",
    "Discover Versions answers with all versions, whatever the client lists.",
    source="KMIP 1.4, 4.26",
)
def clients_list_ignored(passage: Passage) -> Item:
    """The target never sees the list."""

    def without_list(item: Item) -> Item:
        if item.number(Tag.OPERATION) != Operation.DISCOVER_VERSIONS:
            return item
        return item.mapped(Tag.REQUEST_PAYLOAD, lambda payload: payload.holding(()))

    return passage.request.mapped(Tag.BATCH_ITEM, without_list)


@MUTANTS.spoils_item(
    "query.advertises-what-it-refuses",
    "Obtain Lease, which Query lists, is refused as not supported.",
    Operation.OBTAIN_LEASE,
    source="kmip-pqc 4.5: Create Split Key for five days",
)
def advertises_what_it_refuses(answered: Answered) -> Item:
    """Whatever the target says to it."""
    return answered.as_failure(ResultReason.OPERATION_NOT_SUPPORTED)


@MUTANTS.spoils_item("query.hides-an-operation", "Query does not list Get, although it works.", Operation.QUERY, source="KMIP 1.4, 4.25")
def hides_an_operation(answered: Answered) -> Item:
    """Get alone is left out."""
    return answered.with_payload(
        lambda payload: payload.holding(
            tuple(child for child in payload.children if (child.tag, child.value) != (Tag.OPERATION, Operation.GET))
        )
    )


@MUTANTS.spoils_item(
    "query.answers-more-than-asked",
    "Query lists the operations although only the objects are asked for.",
    Operation.QUERY,
    source="KMIP 1.4, 4.25",
)
def answers_more_than_asked(answered: Answered) -> Item:
    """Operations come first in every answer."""
    if not answered.succeeded or answered.answer.payload.first(Tag.OPERATION) is not None:
        return answered.item
    extra = (enumeration(Tag.OPERATION, Operation.CREATE), enumeration(Tag.OPERATION, Operation.GET))
    return answered.with_payload(lambda payload: payload.holding((*extra, *payload.children)))
