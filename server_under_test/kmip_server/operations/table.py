"""The table of operations: what there is, since which version, and whether it changes anything.

An operation is one coroutine ``(request payload, context) -> response payload``. Query and Discover Versions answer from this table;
the engine looks nothing else up. KMIP 2.x operations will be rows here, not a second table.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kmip_server.versions import V1_0, KmipVersion, lives_in

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.enums import Operation
    from kmip_server.messages import ResponseBatchItem
    from kmip_server.personality import Personality

Performance = Callable[[Any, "RequestContext"], Coroutine[Any, Any, Any]]
P = TypeVar("P", bound=Performance)


class AnsweredOtherwise(Exception):
    """An operation gives a whole batch item instead of a payload: Poll, whose answer is another operation's."""

    def __init__(self, item: ResponseBatchItem) -> None:
        """The item; the Unique Batch Item ID is put in later."""
        super().__init__()
        self.item = item


@dataclass(frozen=True, slots=True)
class Offer:
    """One row: the coroutine, the versions that have the operation, and whether it writes."""

    operation: Operation
    perform: Performance
    since: KmipVersion
    until: KmipVersion | None
    writes: bool

    def exists_in(self, version: KmipVersion) -> bool:
        """Whether this version of the standard has the operation."""
        return lives_in(version, self.since, self.until)


OPERATIONS: dict[int, Offer] = {}


def operation(code: Operation, *, writes: bool, since: KmipVersion = V1_0, until: KmipVersion | None = None) -> Callable[[P], P]:
    """Register a coroutine as the way an operation is performed."""

    def register(perform: P) -> P:
        OPERATIONS[code] = Offer(code, perform, since, until, writes)
        return perform

    return register


def offer_of(code: Operation | int, version: KmipVersion, personality: Personality) -> Offer | None:
    """The operation's row, when this version has it and this personality offers it."""
    offer = OPERATIONS.get(code)
    if offer is None or not offer.exists_in(version) or not personality.offers(code):
        return None
    return offer


def offered_operations(version: KmipVersion, personality: Personality) -> tuple[Operation, ...]:
    """Everything on offer under a version, in the order of the standard's numbers."""
    return tuple(OPERATIONS[code].operation for code in sorted(OPERATIONS) if offer_of(code, version, personality))
