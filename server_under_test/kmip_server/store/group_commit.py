"""The one writer of a process: a thread that takes whatever changes wait and commits them together.

A commit waits for the disk, a change hardly costs anything: under load, thirty clients share one wait. What comes up in one turn of the
event loop is handed over together. A change that fails takes nobody with it: those that share its commit are then made again, each under a
savepoint of its own. A `Unit` (all or nothing over several awaits) has a commit to itself.

The thread answers in the caller's event loop: first it tells the store which rows are new (`Committed`), then it resolves the futures.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from kmip_server.errors import StoreError
from kmip_server.store.epoch import odd_after
from kmip_server.store.sqlite_file import explain
from kmip_server.store.sqlite_rows import SqliteRows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kmip_server.store.contract import StoredObject, Transaction
    from kmip_server.store.epoch import Epoch

GROUP_MAXIMUM = 256
"""The most changes that share a commit."""


class End(Enum):
    """What `GroupCommit.close` queues behind the last change."""

    END = "end"


END = End.END


class Committed(NamedTuple):
    """A commit of this process: the epoch before, the odd one during, the one after, and the rows it wrote."""

    before: int
    during: int
    after: int
    rows: dict[tuple[str, str], StoredObject | None]


@dataclass(eq=False, slots=True)
class Job:
    """A change, and who waits for it."""

    change: Callable[[Transaction], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def run(self, rows: SqliteRows) -> None:
        """Make the change and keep what comes of it. After a rollback it is made again."""
        self.error = None
        try:
            self.result = self.change(rows)
        except BaseException as error:  # noqa: BLE001 - it belongs to the caller, whatever it is
            self.error = error

    def settle(self) -> None:
        """Resolve the future; in the caller's event loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


@dataclass(eq=False, slots=True)
class Unit:
    """An exclusive transaction: ``jobs`` come one at a time, and None ends it; ``commit`` says how."""

    begun: asyncio.Future[SqliteRows]
    ended: asyncio.Future[None]
    lock: threading.Lock = field(default_factory=threading.Lock)
    jobs: queue.SimpleQueue[Job | None] = field(default_factory=queue.SimpleQueue)
    commit: bool = False


class GroupCommit:
    """The writer thread.

    ``published`` holds its commits, oldest first, from just before the epoch moves until ``on_commit`` has seen them.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, epoch: Epoch, on_commit: Callable[[Committed], None]) -> None:
        """Write through ``connection``, which belongs to this thread from now on; ``on_commit`` is called in the waiters' event loop."""
        self.published: deque[Committed] = deque()
        self.commits = 0
        self._path = path
        self._connection = connection
        self._epoch = epoch
        self._on_commit = on_commit
        self._turn: list[Job | Unit | End] = []
        self._handed_over: queue.SimpleQueue[list[Job | Unit | End]] = queue.SimpleQueue()
        self._waiting: deque[Job | Unit | End] = deque()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Job | Unit) -> None:
        """Queue a change or a unit. Inside the event loop."""
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._turn.append(work)

    def close(self) -> None:
        """Finish what waits and end the thread."""
        self._turn.append(END)
        self._hand_over()
        self._thread.join()
        self._connection.close()

    def _hand_over(self) -> None:
        turn, self._turn = self._turn, []
        if turn:
            self._handed_over.put(turn)

    def _run(self) -> None:
        waiting = self._waiting
        while True:
            if not waiting or not self._handed_over.empty():
                waiting += self._handed_over.get()
                continue
            if isinstance(waiting[0], Job):
                self._run_group(self._next_group())
                continue
            work = waiting.popleft()
            if not isinstance(work, Unit):
                return
            self._run_unit(work)

    def _next_group(self) -> list[Job]:
        """The changes at the head of the row, up to the first unit."""
        group: list[Job] = []
        while self._waiting and len(group) < GROUP_MAXIMUM and isinstance(job := self._waiting[0], Job):
            group.append(job)
            self._waiting.popleft()
        return group

    def _run_group(self, group: list[Job]) -> None:
        committed: Committed | None = None
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            rows = self._run_together(group)
            if rows is None:
                self._roll_back()
                self._connection.execute("BEGIN IMMEDIATE")
                rows = SqliteRows(self._connection)
                for job in group:
                    self._run_job(job, rows)
            committed = self._commit(rows)
        except sqlite3.Error as error:
            self._roll_back()
            for job in group:
                job.error = job.error or self._failed(error)
        self._call(group[0].future.get_loop(), self._settle, committed, group)

    def _run_together(self, group: list[Job]) -> SqliteRows | None:
        """All changes, one after the other. None when one has failed and may have left something behind."""
        rows = SqliteRows(self._connection)
        for job in group:
            before = self._connection.total_changes
            job.run(rows)
            if job.error is not None and (self._connection.total_changes != before or isinstance(job.error, sqlite3.Error)):
                return None
        return rows

    def _run_job(self, job: Job, rows: SqliteRows) -> None:
        """One change under its savepoint; what a failed one wrote is undone and forgotten."""
        mine = SqliteRows(self._connection)
        self._connection.execute("SAVEPOINT change")
        job.run(mine)
        if job.error is None:
            rows.changed.update(mine.changed)
        else:
            if isinstance(job.error, sqlite3.Error):
                job.error = self._failed(job.error)
            self._connection.execute("ROLLBACK TO change")
        self._connection.execute("RELEASE change")

    def _commit(self, rows: SqliteRows) -> Committed | None:
        if not rows.changed:
            self._connection.execute("ROLLBACK")
            return None
        before = self._epoch.read()
        during = odd_after(before)
        committed = Committed(before, during, during + 1, rows.changed)
        self.published.append(committed)
        self._epoch.write(during)
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self.published.pop()
            raise
        finally:
            self._epoch.write(during + 1)
        self.commits += 1
        return committed

    def _run_unit(self, unit: Unit) -> None:
        loop = unit.begun.get_loop()
        rows = SqliteRows(self._connection)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._call(loop, _fail, unit.begun, self._failed(error))
            return
        self._call(loop, _resolve, unit.begun, rows)
        while (job := unit.jobs.get()) is not None:
            with unit.lock:
                self._run_job(job, rows)
            self._call(loop, job.settle)
        committed, failure = None, None
        try:
            if unit.commit:
                committed = self._commit(rows)
            else:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._roll_back()
            failure = self._failed(error)
        self._call(loop, self._settle_unit, committed, unit, failure)

    def _settle(self, committed: Committed | None, jobs: list[Job]) -> None:
        self._remember(committed)
        for job in jobs:
            job.settle()

    def _settle_unit(self, committed: Committed | None, unit: Unit, failure: StoreError | None) -> None:
        self._remember(committed)
        if failure is not None:
            _fail(unit.ended, failure)
        else:
            _resolve(unit.ended, None)

    def _remember(self, committed: Committed | None) -> None:
        if committed is not None:
            self._on_commit(committed)
            self.published.popleft()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _failed(self, error: sqlite3.Error) -> StoreError:
        return StoreError(*explain(error, self._path))

    @staticmethod
    def _call(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *arguments: object) -> None:
        """Call back in the event loop, unless that has ended meanwhile: then nobody waits any more."""
        try:
            loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            return


def _resolve(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
