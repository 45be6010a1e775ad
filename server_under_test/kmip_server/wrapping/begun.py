"""Standard keys that are being made: written down before Key Protect is asked for one, so that none is forgotten.

Between the request to Key Protect and the commit of the object that needs the key, much may end it: ``kill -9``, a batch that is undone,
the other half of a key pair that is refused, an answer that never comes. So each attempt is on disk first, and its key's id as soon as
that is known. `settle` compares them with the objects:

==========================================  =================================================================================
the object names the attempt's key          it has succeeded; the attempt is forgotten
younger than `GRACE_SECONDS`                it may be under way: nothing is done
the key's id is known                       that key is deleted
the id is not known (no answer was seen)    the keys of the object's name are looked up, and those deleted that it does not name
==========================================  =================================================================================

The attempts are in a file of their own: that of the objects may be locked by a batch that waits for this very standard key.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from kmip_server.errors import KmipFailure
from kmip_server.store.sqlite_file import connect, immediate, store_errors
from kmip_server.wrapping.leavings import kept_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kmip_server.store.contract import Store

GRACE_SECONDS = 600
"""An object's commit comes long before: a call to Key Protect has a deadline, and so has the wait for the file."""

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS attempts (id INTEGER PRIMARY KEY, keeper TEXT NOT NULL, owner TEXT NOT NULL,"
    " unique_identifier TEXT NOT NULL, key_id TEXT, at INTEGER NOT NULL)"
)

log = logging.getLogger("kmip_server.wrapping")


class Attempt(NamedTuple):
    """A standard key that was to be made for an object, at that time in seconds since 1970."""

    id: int
    keeper: str
    owner: str
    unique_identifier: str
    key_id: str | None
    at: int


class Keeping(Protocol):
    """What is asked of a keeper's wrapping."""

    async def named(self, unique_identifier: str) -> list[str]:
        """The ids of the standard keys that bear the object's name."""
        ...

    async def delete(self, key_id: str) -> None:
        """Delete a standard key."""
        ...


class Begun:
    """The attempts, in the SQLite file ``path``, which is made with the first of them. ``told`` is called for each, in the event loop."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self.told: Callable[[], None] = lambda: None

    async def begin(self, keeper: str, owner: str, unique_identifier: str) -> int:
        """A standard key is about to be asked for. Durable when this returns. Raises `StoreError`."""
        statement = "INSERT INTO attempts (keeper, owner, unique_identifier, at) VALUES (?, ?, ?, ?) RETURNING id"
        rows = await self._run(statement, keeper, owner, unique_identifier, int(time.time()))
        self.told()
        number: int = rows[0][0]
        return number

    async def made(self, attempt: int, key_id: str) -> None:
        """This is its id."""
        await self._run("UPDATE attempts SET key_id = ? WHERE id = ?", key_id, attempt)

    async def forget(self, attempt: int) -> None:
        """There is nothing to do about it any more."""
        await self._run("DELETE FROM attempts WHERE id = ?", attempt)

    async def all(self) -> Sequence[Attempt]:
        """Every attempt, oldest first."""
        if not self._path.exists():
            return ()
        return [Attempt(*row) for row in await self._run("SELECT * FROM attempts ORDER BY id")]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    async def _run(self, statement: str, *values: str | int) -> list[Any]:
        return await asyncio.to_thread(self._run_here, statement, values)

    def _run_here(self, statement: str, values: tuple[str | int, ...]) -> list[Any]:
        with self._lock, store_errors(self._path):
            connection = self._connection = self._connection or self._opened()
            with immediate(connection):
                return connection.execute(statement, values).fetchall()

    def _opened(self) -> sqlite3.Connection:
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        connection = connect(self._path)
        connection.execute(SCHEMA)
        return connection


async def settle(begun: Begun, store: Store, keeping: Callable[[str], Keeping | None]) -> bool:
    """See what became of each attempt (the table above). True when none is left. ``keeping``: of a keeper's name; None: it is gone."""
    attempts = await begun.all()
    left = len(attempts)
    for attempt in attempts:
        try:
            settled = await _is_settled(attempt, begun, store, keeping)
        except KmipFailure as failure:
            log.warning("a standard key of %s may be left over in Key Protect: %s", attempt.unique_identifier, failure)
            continue
        if settled:
            await begun.forget(attempt.id)
            left -= 1
    return left == 0


async def _is_settled(attempt: Attempt, begun: Begun, store: Store, keeping: Callable[[str], Keeping | None]) -> bool:
    if attempt.key_id is not None and _needed(attempt, store) == attempt.key_id:
        return True
    if await _may_be_under_way(attempt, begun):
        return False
    keeper = keeping(attempt.keeper)
    if keeper is None:
        return True
    found = [attempt.key_id] if attempt.key_id is not None else await keeper.named(attempt.unique_identifier)
    if await _may_be_under_way(attempt, begun):  # one that began meanwhile may have been found as well
        return False
    needed = _needed(attempt, store)
    for key_id in found:
        if key_id != needed:
            await keeper.delete(key_id)
    return True


async def _may_be_under_way(attempt: Attempt, begun: Begun) -> bool:
    same = [other.at for other in await begun.all() if other[1:4] == attempt[1:4]]
    return max(same, default=attempt.at) > time.time() - GRACE_SECONDS


def _needed(attempt: Attempt, store: Store) -> str | None:
    row = store.get(attempt.owner, attempt.unique_identifier)
    kept = None if row is None else kept_of(row.envelope)
    return None if kept is None else kept.key_id
