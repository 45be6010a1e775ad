"""A store that opens a unit of work with the first write, and not before.

What is done asynchronously is done together with its own result: either both are durable or neither, so that nothing is done twice when
the server is killed in between. The long part (making a key pair, asking Key Protect) comes before the first write and keeps nobody
waiting.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from kmip_server.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from kmip_server.store.contract import LocateQuery, Store, StoredObject, Transaction

T = TypeVar("T")


class _Abandoned(Exception):
    """Leaves the unit so that it is undone."""


class LazyUnit:
    """`Store` for one piece of work, ended by `commit` or `abandon`."""

    def __init__(self, whole: Store) -> None:
        """On ``whole``; nothing is begun yet."""
        self._whole = whole
        self._seen = whole
        self._unit: AbstractAsyncContextManager[Store] | None = None

    def get(self, owner: str, unique_identifier: str) -> StoredObject | None:
        """The row, as this work left it (`Store.get`)."""
        return self._seen.get(owner, unique_identifier)

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """What matches (`Store.locate`)."""
        return self._seen.locate(owner, query)

    def count(self, owner: str, query: LocateQuery) -> int:
        """How many match (`Store.count`)."""
        return self._seen.count(owner, query)

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Change something; it becomes durable with `commit`."""
        if self._unit is None:
            unit = self._whole.unit_of_work()
            self._seen = await unit.__aenter__()
            self._unit = unit
        return await self._seen.write(change)

    def unit_of_work(self) -> AbstractAsyncContextManager[Store]:
        """A unit is one already."""
        raise StoreError("a unit of work cannot hold another", "end the first one")

    async def commit(self, last: Callable[[Transaction], None]) -> None:
        """Make everything durable together with one last change. When that raises, nothing is, and it comes out here."""
        if self._unit is None:
            await self._whole.write(last)
            return
        try:
            await self._seen.write(last)
        except BaseException:
            await self.abandon()
            raise
        unit = self._end()
        await unit.__aexit__(None, None, None)

    async def abandon(self) -> None:
        """Undo everything."""
        if self._unit is not None:
            unit, reason = self._end(), _Abandoned()
            with suppress(_Abandoned):
                await unit.__aexit__(_Abandoned, reason, None)

    def _end(self) -> AbstractAsyncContextManager[Store]:
        assert self._unit is not None
        unit, self._unit, self._seen = self._unit, None, self._whole
        return unit
