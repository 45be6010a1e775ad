"""What the server asks of a store, whichever database is behind it.

A `StoredObject` is one row; what its ``attributes`` mean is the engine's business, the store only keeps them. Whatever Locate may look
for is handed over beside them as ``index``, flat (name, key) pairs that the store keeps in an indexed table. Every call names the
``owner``: there is no way to ask for somebody else's row.

A write is a function that is given a `Transaction`. It runs in the store's own thread, and again when it was rolled back through no fault
of its own, so it does nothing but read and write rows: no network, no event loop. When ``await store.write(...)`` returns, the change is
on disk and will survive the loss of power.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from kmip_server.wrapping.contract import Envelope

T = TypeVar("T")

IndexKey: TypeAlias = str | int | bytes
"""What an attribute value is compared by: dates and enumerations as integers, structures as their encoded bytes."""

ROTATION = "#rotation"
"""Index name of the time, in seconds since 1970, at which the server is to rotate the object. It is asked of all owners at once."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One managed object at rest. ``revision`` counts its updates; the store sets it.

    ``envelope`` is the wrapped key material (None: there is none, or it was destroyed). ``created_at`` is in seconds since 1970.
    """

    unique_identifier: str
    owner: str
    object_type: int
    state: int
    attributes: bytes
    index: tuple[tuple[str, IndexKey], ...] = ()
    envelope: Envelope | None = None
    created_at: int = 0
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Equals:
    """The object has an index entry ``name`` that is exactly ``key``."""

    name: str
    key: IndexKey


@dataclass(frozen=True, slots=True)
class Between:
    """The object has an index entry ``name`` with low <= key <= high, as dates need it. None leaves that side open."""

    name: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Lacks:
    """The object has no index entry ``name`` that is ``key``."""

    name: str
    key: IndexKey


Criterion: TypeAlias = Equals | Between | Lacks


@dataclass(frozen=True, slots=True)
class LocateQuery:
    """All criteria must hold. Newest first; ``offset`` results are left out, then at most ``maximum`` are given."""

    criteria: tuple[Criterion, ...] = ()
    offset: int = 0
    maximum: int | None = None


class Transaction(Protocol):
    """The rows as one transaction sees them, its own changes included."""

    def get(self, owner: str, unique_identifier: str, *, for_update: bool = False) -> StoredObject | None:
        """Read a row; ``for_update`` keeps every other node from changing it until this transaction ends."""
        ...

    def insert(self, row: StoredObject) -> StoredObject:
        """Add a row and give it back as stored (revision 1). An identifier that exists already is a `StoreError`."""
        ...

    def update(self, row: StoredObject) -> StoredObject:
        """Write all of a row again, index included, and give it back with its new revision. An absent row is a `StoreError`."""
        ...

    def delete(self, owner: str, unique_identifier: str) -> bool:
        """Forget a row altogether. False when it is not there."""
        ...

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """The unique identifiers that match, newest first."""
        ...


class Store(Protocol):
    """Objects, durable. Reads are immediate; writes are durable once awaited."""

    def get(self, owner: str, unique_identifier: str) -> StoredObject | None:
        """The newest committed row. Cached; another process's commit is seen by the next call."""
        ...

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """The unique identifiers that match, newest first."""
        ...

    def count(self, owner: str, query: LocateQuery) -> int:
        """How many match, whatever the query's offset and maximum (Located Items, KMIP 1.3)."""
        ...

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Run ``change`` in a transaction and return what it returned, once that is durable.

        Changes of concurrent callers share a commit. An exception from ``change`` undoes that change alone and comes out here; the
        others may be run again for it.
        """
        ...

    def unit_of_work(self) -> AbstractAsyncContextManager[Store]:
        """A store whose writes become durable together when the block ends, or not at all when an exception leaves it.

        It sees its own writes. Other writers wait meanwhile, so the block is short (a batch with Batch Error Continuation Option Undo).
        """
        ...


Told: TypeAlias = "Callable[[StoredObject | None, StoredObject], None]"
"""Told of a row that was written: as it was, where that is known, and as it is."""


class WatchedStore(Store, Protocol):
    """The whole store: it says what becomes of its rows, and whose are due."""

    def owners_to_rotate(self, until: int) -> list[str]:
        """The owners of rows whose `ROTATION` is not after ``until``, each once."""
        ...

    def next_rotation(self, after: int) -> int | None:
        """The first `ROTATION` after that time, of any owner; None: there is none."""
        ...

    def watch(self, owner: str, told: Told) -> Callable[[], None]:
        """Be told, in the event loop, of each row of an owner that this process has written, once it is durable. Call the result to end
        it.
        """
        ...
