"""The store on SQLite: one file, many readers, one writer thread a process.

Reads happen at once in the caller's thread: from the cache, else on a connection of their own. The cache is trusted while the shared
`Epoch` stands at the number it was filled under, and moves on with this process's own commits, whose rows it is told.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from kmip_server.errors import StoreError
from kmip_server.store.epoch import Epoch
from kmip_server.store.group_commit import Committed, GroupCommit, Job, Unit
from kmip_server.store.sqlite_file import connect, open_database, store_errors
from kmip_server.store.sqlite_rows import NEXT_ROTATION, OWNERS_TO_ROTATE, SqliteRows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from kmip_server.store.contract import LocateQuery, Store, StoredObject, Told, Transaction

T = TypeVar("T")

CACHE_ROWS = 20_000
"""How many rows a process keeps at hand, about one kilobyte each."""

CACHE_ABSENT = 1000
"""How many identifiers that nothing has are remembered: what is looked for again and again, and seldom there, costs no query."""


UNKNOWN = -1
"""An epoch that never is: the cache must not be used."""


class SqliteStore:
    """Objects in the SQLite file ``path``. All calls come from one event loop's thread."""

    def __init__(self, path: Path, *, on_commit: Callable[[], object] = lambda: None) -> None:
        """Open the file, or make it; ``on_commit`` is called for each commit, for counting. Raises `StoreError` when it cannot be used."""
        self._path = path
        self._on_commit = on_commit
        self._reader = open_database(path)
        epoch = path.with_name(path.name + ".epoch")
        with store_errors(epoch):
            self._epoch = Epoch(epoch)
        self._rows = SqliteRows(self._reader)
        self._cache: dict[tuple[str, str], StoredObject] = {}
        self._absent: dict[tuple[str, str], None] = {}
        self._cached_at = UNKNOWN
        self._watchers: dict[str, list[Told]] = {}
        self._writer = GroupCommit(path, connect(path), self._epoch, self._remember)
        self._catch_up(self._epoch.read())

    @property
    def commits(self) -> int:
        """How many transactions this process has committed."""
        return self._writer.commits

    def get(self, owner: str, unique_identifier: str) -> StoredObject | None:
        """The newest committed row (`Store.get`)."""
        key = (owner, unique_identifier)
        now = self._epoch.read()
        trusted = now == self._cached_at or self._catch_up(now)
        if trusted and (known := self._cache.get(key)) is not None:
            return known
        if trusted and key in self._absent:
            return None
        with store_errors(self._path):
            row = self._rows.get(owner, unique_identifier)
        if trusted and row is not None:
            self._keep(key, row)
        elif trusted:
            self._absent[key] = None
            if len(self._absent) > CACHE_ABSENT:
                del self._absent[next(iter(self._absent))]
        return row

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """What matches, newest first (`Store.locate`)."""
        with store_errors(self._path):
            return self._rows.locate(owner, query)

    def count(self, owner: str, query: LocateQuery) -> int:
        """How many match (`Store.count`)."""
        with store_errors(self._path):
            return self._rows.count(owner, query)

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Change something, durably (`Store.write`)."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(change, future))
        return await future

    def unit_of_work(self) -> AbstractAsyncContextManager[Store]:
        """All or nothing (`Store.unit_of_work`)."""
        return self._unit_of_work()

    @asynccontextmanager
    async def _unit_of_work(self) -> AsyncIterator[Store]:
        loop = asyncio.get_running_loop()
        unit = Unit(loop.create_future(), loop.create_future())
        self._writer.submit(unit)
        try:
            view = SqliteUnit(self._path, unit, await unit.begun)
            yield view
            unit.commit = True
        finally:
            unit.jobs.put(None)
        await unit.ended

    def watch(self, owner: str, told: Told) -> Callable[[], None]:
        """Be told what this process writes (`WatchedStore.watch`)."""
        watchers = self._watchers.setdefault(owner, [])
        watchers.append(told)

        def stop() -> None:
            watchers.remove(told)
            if not watchers:
                self._watchers.pop(owner, None)

        return stop

    def owners_to_rotate(self, until: int) -> list[str]:
        """Who has something due (`WatchedStore.owners_to_rotate`)."""
        with store_errors(self._path):
            return [owner for (owner,) in self._reader.execute(OWNERS_TO_ROTATE, (until,))]

    def next_rotation(self, after: int) -> int | None:
        """When something is due next (`WatchedStore.next_rotation`)."""
        with store_errors(self._path):
            first: int | None = self._reader.execute(NEXT_ROTATION, (after,)).fetchone()[0]
            return first

    def wrapping_keys(self) -> set[tuple[str, str]]:
        """Which root keys (provider, key id) wrap the stored keys. Reads every row."""
        with store_errors(self._path):
            return set(self._reader.execute("SELECT DISTINCT provider, key_id FROM objects WHERE ciphertext IS NOT NULL"))

    async def check(self) -> str | None:
        """Can it be written? None when it can, else what is wrong, in a sentence."""
        try:
            await self.write(_touch)
        except StoreError as error:
            return str(error)
        return None

    def close(self) -> None:
        """Commit what waits and close the file."""
        self._writer.close()
        self._reader.close()
        self._epoch.close()

    def _remember(self, committed: Committed) -> None:
        """Take over the rows of our own commit; in the event loop, before anybody is told that it succeeded."""
        self._on_commit()
        in_step = self._cached_at == committed.before
        written = self._watched(committed) if self._watchers else ()
        for key, row in committed.rows.items():
            self._absent.pop(key, None)
            if row is None or not in_step:
                self._cache.pop(key, None)
            else:
                self._keep(key, row)
        if in_step:
            self._cached_at = committed.after
        for told, before, after in written:
            told(before, after)

    def _watched(self, committed: Committed) -> list[tuple[Told, StoredObject | None, StoredObject]]:
        """Who is to be told of which rows."""
        return [
            (told, self._cache.get(key), row)
            for key, row in committed.rows.items()
            if row is not None
            for told in self._watchers.get(key[0], ())
        ]

    def _catch_up(self, now: int) -> bool:
        """The epoch has moved. By us: the cache still holds. By another process: it starts anew. Half-way: it must not be used."""
        reached = self._cached_at
        for ours in tuple(self._writer.published):
            if ours.before == reached:
                reached = ours.after
                if now in {ours.during, ours.after}:
                    return True
        self._cache.clear()
        self._absent.clear()
        if now % 2:
            self._cached_at = UNKNOWN
            return False
        self._cached_at = now
        return True

    def _keep(self, key: tuple[str, str], row: StoredObject) -> None:
        self._cache[key] = row
        if len(self._cache) > CACHE_ROWS:
            del self._cache[next(iter(self._cache))]


class SqliteUnit:
    """The store inside a unit of work: everything goes through the one open transaction."""

    def __init__(self, path: Path, unit: Unit, rows: SqliteRows) -> None:
        """A view on the transaction that ``unit`` holds open."""
        self._path = path
        self._unit = unit
        self._rows = rows

    def get(self, owner: str, unique_identifier: str) -> StoredObject | None:
        """The row as this unit left it."""
        with self._unit.lock, store_errors(self._path):
            return self._rows.get(owner, unique_identifier)

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """What matches, newest first, this unit's rows included."""
        with self._unit.lock, store_errors(self._path):
            return self._rows.locate(owner, query)

    def count(self, owner: str, query: LocateQuery) -> int:
        """How many match, this unit's rows included."""
        with self._unit.lock, store_errors(self._path):
            return self._rows.count(owner, query)

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Change something; it becomes durable with the whole unit."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._unit.jobs.put(Job(change, future))
        return await future

    def unit_of_work(self) -> AbstractAsyncContextManager[Store]:
        """A unit is one already."""
        raise StoreError("a unit of work cannot hold another", "end the first one")


def _touch(_: Transaction) -> None:
    """Change nothing: to have begun is to hold the write lock."""
