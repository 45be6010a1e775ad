"""What a mutant is: one defect, planted between a good server and whoever speaks to it.

A mutant is a small function with a name, a sentence, and the real bug that it is modelled on. It gets a `Passage`, a request and its
answer on their way through, and returns what goes on instead. Three kinds of functions, by where they stand:

``@spoils_request``    sees each request before it is sent on, and returns another
``@spoils_response``   sees each response, and returns another; None drops the connection
``@spoils_item``       sees each answered batch item of some operations, and returns another

Functions may be coroutines: then they may `Passage.ask` the target something of their own on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kmip_conformance.tables import V1_0, KmipVersion, Operation, ResultStatus, Tag
from kmip_conformance.wire import Item, Request, RequestBatchItem, Response, ResponseBatchItem, enumeration, structure, text
from kmip_conformance.wire.messages import NOTHING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Changed = Item | None | Awaitable[Item | None]
    Hook = Callable[["Passage"], Changed]
    ItemHook = Callable[["Answered"], Item | Awaitable[Item]]


@dataclass(slots=True)
class Passage:
    """A request and, once it is there, its response, as trees; and what the mutant needs to know around them."""

    request: Item
    memory: dict[str, Any]
    """What this mutant has chosen to remember since the proxy was started."""
    ask: Callable[..., Awaitable[Response]]
    """``await ask(batch_item, …)``: the target's own answer to something else, asked for the same client under the same version."""
    response: Item = NOTHING

    @property
    def version(self) -> KmipVersion:
        """The request's Protocol Version."""
        return Request(self.request).version or V1_0

    @property
    def asked(self) -> tuple[RequestBatchItem, ...]:
        """The request's batch items."""
        return Request(self.request).batch_items

    @property
    def answered(self) -> tuple[Answered, ...]:
        """The response's batch items, each with the one of the request that it answers."""
        answers = Response(self.response).batch_items
        return tuple(Answered(self, asked, answer) for asked, answer in zip(self.asked, answers, strict=False))

    @property
    def has_failures(self) -> bool:
        """Did any batch item fail?"""
        return any(answer.result_status == ResultStatus.OPERATION_FAILED for answer in Response(self.response).batch_items)


@dataclass(frozen=True, slots=True)
class Answered:
    """A batch item of a request and the one that answers it."""

    passage: Passage
    asked: RequestBatchItem
    answer: ResponseBatchItem

    @property
    def item(self) -> Item:
        """The answer as it came."""
        return self.answer.item

    @property
    def succeeded(self) -> bool:
        """Is the answer a Success?"""
        return self.answer.result_status == ResultStatus.SUCCESS

    @property
    def uid(self) -> str:
        """The Unique Identifier that was asked for, or else the one in the answer; "" when there is none."""
        return self.asked.payload.text(Tag.UNIQUE_IDENTIFIER) or self.answer.unique_identifier or ""

    def with_payload(self, change: Callable[[Item], Item]) -> Item:
        """The answer with its payload changed; as it came when it has none."""
        if self.item.first(Tag.RESPONSE_PAYLOAD) is None:
            return self.item
        return self.item.changed(Tag.RESPONSE_PAYLOAD, change)

    def echo(self) -> tuple[Item, ...]:
        """What every answer repeats of its question: Operation and Unique Batch Item ID."""
        return tuple(child for child in self.asked.item.children if child.tag in {Tag.OPERATION, Tag.UNIQUE_BATCH_ITEM_ID})

    def as_success(self, *payload: Item) -> Item:
        """A Success with this payload in place of the answer."""
        return structure(
            Tag.BATCH_ITEM,
            *self.echo(),
            enumeration(Tag.RESULT_STATUS, ResultStatus.SUCCESS),
            structure(Tag.RESPONSE_PAYLOAD, *payload),
        )

    def as_failure(self, reason: int, message: str = "refused") -> Item:
        """A failure in place of the answer."""
        return structure(
            Tag.BATCH_ITEM,
            *self.echo(),
            enumeration(Tag.RESULT_STATUS, ResultStatus.OPERATION_FAILED),
            enumeration(Tag.RESULT_REASON, reason),
            text(Tag.RESULT_MESSAGE, message),
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """How responses go on the wire: after a pause (seconds), in pieces of so many bytes (0: whole), and whether the connection ends."""

    pause: float = 0.0
    piece: int = 0
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Mutant:
    """A declared defect, or a lawful variation. ``source`` names the real bug, or the clause that allows the variation."""

    name: str
    defect: str
    source: str
    on_request: Hook | None = None
    on_response: Hook | None = None
    on_item: ItemHook | None = None
    operations: frozenset[int] = frozenset()
    """The operations whose answers `on_item` sees; empty for all."""
    delivery: Delivery = field(default_factory=Delivery)
    admits_everyone: bool = False
    """Handshakes without a client certificate are accepted."""
    knows_one_client: bool = False
    """Whoever connects is taken for the target's first client."""


class Collection(dict[str, Mutant]):
    """Mutants by name, filled by declarations."""

    def add(self, mutant: Mutant) -> Mutant:
        """Declare a mutant. Raises `ValueError` when the name is taken."""
        if mutant.name in self:
            raise ValueError(f"there is a mutant {mutant.name} already")
        self[mutant.name] = mutant
        return mutant

    def declare(self, name: str, defect: str, *, source: str, **settings: Any) -> Mutant:
        """Declare a mutant that needs no function."""
        return self.add(Mutant(name, defect, source, **settings))

    def spoils_request(self, name: str, defect: str, *, source: str) -> Callable[[Hook], Mutant]:
        """Declare a mutant by the function that changes requests."""
        return lambda hook: self.add(Mutant(name, defect, source, on_request=hook))

    def spoils_response(self, name: str, defect: str, *, source: str) -> Callable[[Hook], Mutant]:
        """Declare a mutant by the function that changes responses."""
        return lambda hook: self.add(Mutant(name, defect, source, on_response=hook))

    def spoils_item(self, name: str, defect: str, *operations: Operation, source: str) -> Callable[[ItemHook], Mutant]:
        """Declare a mutant by the function that changes the answers of some operations (of all, when none is named)."""
        return lambda hook: self.add(Mutant(name, defect, source, on_item=hook, operations=frozenset(operations)))


MUTANTS = Collection()
"""Every defect that the suite must catch."""

VARIATIONS = Collection()
"""What servers may lawfully do otherwise: no check may fail because of it."""
