"""What the holder of a delegated ticket may do (KMIP 2.1, 6.1.12, 7.34, 7.35): operations, objects and groups, right by right.

An operation that no right names is Not Authorised, whatever it is about. Objects are watched where they are read and written: a batch
that is bound by rights sees the store through `GuardedStore`, so that links, wrapping keys and searches are bound as well. What such a
batch may not see is Not Authorised whether it exists or not.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from kmip_server.enums import Operation
    from kmip_server.messages import Right
    from kmip_server.store.contract import LocateQuery, Store, StoredObject, Transaction

T = TypeVar("T")

GROUP = "Object Group"
"""The attribute by which the store's index tells an object's groups."""


@dataclass(slots=True)
class Grant:
    """What a ticket gives its holder. Without ``rights`` everything that its client may; ``in_force`` are those for the item under way."""

    rights: tuple[Right, ...] | None = None
    in_force: tuple[Right, ...] = field(default=())

    def permits(self, operation: Operation | int) -> bool:
        """Whether any right permits this operation, on whatever objects."""
        return self.rights is None or any(permits(right, operation) for right in self.rights)

    def begin(self, operation: Operation | int) -> None:
        """An item of the batch begins. Raises `KmipFailure`: Permission Denied without rights, Not Authorised when none permits it."""
        if self.rights is None:
            return
        if not self.rights:
            raise KmipFailure(ResultReason.PERMISSION_DENIED, "the ticket of this request permits nothing")
        self.in_force = tuple(right for right in self.rights if permits(right, operation))
        if not self.in_force:
            raise not_authorised("this operation")


def permits(right: Right, operation: Operation | int) -> bool:
    """Whether a right is about this operation."""
    return right.operations is None or operation in right.operations.operation


def not_authorised(what: str) -> KmipFailure:
    """What the rights of a ticket do not permit. Not Authorised is in no table of 2.x, but in TC-DLOGIN-2."""
    return KmipFailure(ResultReason.NOT_AUTHORISED, f"the ticket of this request does not permit {what}")


def _covers(right: Right, row: StoredObject) -> bool:
    """Whether an object is among those of a right."""
    if right.objects is not None and row.unique_identifier not in right.objects.unique_identifier:
        return False
    return right.object_groups is None or any((GROUP, group) in row.index for group in right.object_groups.object_group)


class _Guard:
    """The watch over the rows of one owner."""

    def __init__(self, rows: Store | Transaction, owner: str, grant: Grant) -> None:
        self._rows = rows
        self._owner = owner
        self._grant = grant

    def _visible(self, owner: str, row: StoredObject | None) -> StoredObject | None:
        if owner != self._owner or not self._is_bound():
            return row
        if row is None or not self._permits(row):
            raise not_authorised("access to this object")
        return row

    def _permits(self, row: StoredObject) -> bool:
        return any(_covers(right, row) for right in self._grant.in_force)

    def _is_bound(self) -> bool:
        return all(right.objects is not None or right.object_groups is not None for right in self._grant.in_force)

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """What matches and may be seen."""
        if owner != self._owner or not self._is_bound():
            return self._rows.locate(owner, query)
        found = self._rows.locate(owner, replace(query, offset=0, maximum=None))
        seen = [one for one in found if (row := self._rows.get(owner, one)) is not None and self._permits(row)]
        return seen[query.offset :][: query.maximum]


class GuardedTransaction(_Guard):
    """A transaction that reads and writes what the rights in force permit."""

    _rows: Transaction

    def get(self, owner: str, unique_identifier: str, *, for_update: bool = False) -> StoredObject | None:
        """Read a row (`Transaction.get`)."""
        return self._visible(owner, self._rows.get(owner, unique_identifier, for_update=for_update))

    def insert(self, row: StoredObject) -> StoredObject:
        """Add a row (`Transaction.insert`)."""
        self._visible(row.owner, row)
        return self._rows.insert(row)

    def update(self, row: StoredObject) -> StoredObject:
        """Write a row again (`Transaction.update`); its groups may have changed, so what it was is asked."""
        self.get(row.owner, row.unique_identifier)
        return self._rows.update(row)

    def delete(self, owner: str, unique_identifier: str) -> bool:
        """Forget a row (`Transaction.delete`)."""
        self.get(owner, unique_identifier)
        return self._rows.delete(owner, unique_identifier)


class GuardedStore(_Guard):
    """A store that gives what the rights in force permit."""

    _rows: Store

    def get(self, owner: str, unique_identifier: str) -> StoredObject | None:
        """Read a row (`Store.get`)."""
        return self._visible(owner, self._rows.get(owner, unique_identifier))

    def count(self, owner: str, query: LocateQuery) -> int:
        """How many match and may be seen (`Store.count`)."""
        if owner != self._owner or not self._is_bound():
            return self._rows.count(owner, query)
        return len(self.locate(owner, replace(query, offset=0, maximum=None)))

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Change something (`Store.write`)."""
        return await self._rows.write(lambda transaction: change(GuardedTransaction(transaction, self._owner, self._grant)))

    def unit_of_work(self) -> AbstractAsyncContextManager[Store]:
        """All or nothing (`Store.unit_of_work`)."""
        return self._unit_of_work()

    @asynccontextmanager
    async def _unit_of_work(self) -> AsyncIterator[Store]:
        async with self._rows.unit_of_work() as unit:
            yield GuardedStore(unit, self._owner, self._grant)
