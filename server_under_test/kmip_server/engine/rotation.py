"""Objects that the server rotates by itself, when the time has come (KMIP 2.1, 4.48-4.54).

What is due is in the store's index (`ROTATION`), so that a restart forgets nothing; what was missed while the server was down is made up
for once, because the next rotation counts from the Initial Date of the new object. Every process looks from time to time, and a request
first has rotated what its own client has due, so that it sees no object that should have been replaced. It does no more for that than
compare the time with `due_at`, until which there is nothing.

Several processes may begin the same rotation. Each writes by a transaction that sees first whether the object still waits for it
(`_WhileDue`), so that one of them succeeds and the others leave nothing behind.

What fails is tried again, later and later, and only by the server itself: no request waits for it twice. A root key that cannot be used
holds up all of its owner's objects, anything else the one object.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from kmip_server.conversation import Peer
from kmip_server.engine import answers
from kmip_server.engine.batch import finish, record_of
from kmip_server.engine.context import RequestContext
from kmip_server.engine.defects import defect_in
from kmip_server.enums import ResultReason, ResultStatus
from kmip_server.errors import KmipFailure, StoreError, WrappingUnavailable
from kmip_server.messages import RequestBatchItem, ResponseBatchItem
from kmip_server.objects.at_rest import object_of
from kmip_server.objects.rotating import ROTATED_BY, rotation_of
from kmip_server.operations.table import OPERATIONS
from kmip_server.store.contract import ROTATION, Between, LocateQuery
from kmip_server.versions import V2_1

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from kmip_server.conversation import ItemLog
    from kmip_server.directory.contract import Client
    from kmip_server.engine.context import Services
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Store, StoredObject, Transaction, WatchedStore

T = TypeVar("T")

MOST, MOST_BEFORE_A_REQUEST = 32, 8
"""How many objects of one owner are rotated in one turn, and how many while a request waits. Others wait for the next."""

FIRST_RETRY, LONGEST_RETRY = 15.0, 3600.0
"""Seconds until a rotation that failed is tried again: twice as long each time."""

ADDRESS = "the server"
"""What the log has for the address of a client that has not asked."""


class _Overtaken(Exception):
    """The object does not wait for this rotation any more: another process has done it, or its client has."""


@dataclass(frozen=True, slots=True)
class _HeldBack:
    """Tried in vain: when it is tried again, and after how many seconds the time after that."""

    until: float
    seconds: float


_Held = tuple[str, str | None]
"""Owner and object; None: all of that owner's objects."""


class Rotation:
    """What is due, and its turn. Shared by all connections of a process."""

    def __init__(self, store: WatchedStore, clock: Callable[[], float], log: ItemLog, seconds: float) -> None:
        """``clock`` gives seconds since 1970, ``log`` takes one record a rotation, ``seconds`` lie between two turns."""
        self.due_at: float = 0
        self._store = store
        self._clock = clock
        self._log = log
        self._seconds = seconds
        self._held: dict[_Held, _HeldBack] = {}
        self._performing: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._stop = asyncio.Event()
        self._turns: asyncio.Task[None] | None = None

    def expect(self, item: ManagedObject) -> None:
        """This process writes an object, which may be the first that is due."""
        rotates_at = item.rotates_at
        if rotates_at is not None and rotates_at < self.due_at:
            self.due_at = rotates_at

    async def catch_up(self, owner: str, services: Services) -> None:
        """Rotate what this owner has due, before one of its requests. What was tried in vain does not delay it."""
        for unique_identifier in self._due(owner, again=False)[:MOST_BEFORE_A_REQUEST]:
            await self._perform(owner, unique_identifier, services)
        self._look_ahead()

    async def turn(self, services: Services) -> bool:
        """Rotate what is due, of every owner. True when more may be waiting."""
        more, now = False, self._clock()
        self._held = {key: held for key, held in self._held.items() if held.until + LONGEST_RETRY > now}
        for owner in self._store.owners_to_rotate(int(now)):
            due = self._due(owner, again=True)
            more = more or len(due) == MOST
            for unique_identifier in due:
                if self._stop.is_set() or not self._may_try(owner, None, again=True):
                    break
                await self._perform(owner, unique_identifier, services)
        self._look_ahead()
        return more

    # --- when

    def start(self, services: Services) -> None:
        """Take turns from now on, until `aclose`."""
        self._turns = asyncio.get_running_loop().create_task(self._take_turns(services))

    async def aclose(self) -> None:
        """End after the rotation under way."""
        self._stop.set()
        if self._turns is not None:
            await self._turns
        while self._performing:
            await asyncio.wait(self._performing.values())

    async def _take_turns(self, services: Services) -> None:
        while not self._stop.is_set():
            more = False
            try:
                more = await self.turn(services)
            except Exception as defect:  # noqa: BLE001 - whatever it was, the next turn comes
                defect_in("looking for what is to be rotated", defect)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), 0 if more else self._seconds)

    def _look_ahead(self) -> None:
        """When a request has to ask again. What other processes write is seen with the next turn."""
        now = int(self._clock())
        waiting = any(self._due(owner, again=False) for owner in self._store.owners_to_rotate(now))
        following = self._store.next_rotation(now)
        self.due_at = now if waiting else float("inf") if following is None else following

    def _due(self, owner: str, *, again: bool) -> list[str]:
        """What this owner has due and may be tried; ``again``: also what was tried in vain, when its time has come."""
        if not self._may_try(owner, None, again=again):
            return []
        held = sum(one == owner for one, _ in self._held)
        query = LocateQuery((Between(ROTATION, None, int(self._clock())),), maximum=MOST + held)
        return [one for one in self._store.locate(owner, query) if self._may_try(owner, one, again=again)][:MOST]

    def _may_try(self, owner: str, unique_identifier: str | None, *, again: bool) -> bool:
        held = self._held.get((owner, unique_identifier))
        return held is None or (again and held.until <= self._clock())

    def _hold_back(self, owner: str, unique_identifier: str | None) -> None:
        before = self._held.get((owner, unique_identifier))
        seconds = FIRST_RETRY if before is None else min(before.seconds * 2, LONGEST_RETRY)
        self._held[owner, unique_identifier] = _HeldBack(self._clock() + seconds, seconds)

    def _let_go(self, owner: str, unique_identifier: str) -> None:
        self._held.pop((owner, unique_identifier), None)

    # --- performing

    async def _perform(self, owner: str, unique_identifier: str, services: Services) -> None:
        """Rotate one object, or wait for that if it is under way."""
        key = (owner, unique_identifier)
        task = self._performing.get(key)
        if task is None:
            task = self._performing[key] = asyncio.get_running_loop().create_task(self._rotate(owner, unique_identifier, services))
            task.add_done_callback(lambda _: self._performing.pop(key, None))
        await asyncio.shield(task)

    async def _rotate(self, owner: str, unique_identifier: str, services: Services) -> None:
        """Rotate one object, if it still waits for that. Failures are logged, and hold it back."""
        client, row = _client_of(owner, services), self._store.get(owner, unique_identifier)
        item = None if row is None else object_of(row)
        if client is None:
            self._hold_back(owner, None)
        if client is None or item is None:
            return
        now = int(self._clock())
        context = RequestContext(V2_1, Peer(client, ADDRESS), now, _WhileDue(self._store, owner, unique_identifier, now), services)
        started, asked = time.perf_counter_ns(), RequestBatchItem(operation=ROTATED_BY[item.object_type], request_payload=None)
        try:
            result = await _performed(item, asked, context)
        except _Overtaken:
            self._let_go(owner, unique_identifier)
            return
        except WrappingUnavailable as failure:
            self._hold_back(owner, None)
            result = answers.failed(asked, failure, V2_1)
        except KmipFailure as failure:
            self._hold_back(owner, unique_identifier)
            result = answers.failed(asked, failure, V2_1)
        else:
            self._let_go(owner, unique_identifier)
            self._held.pop((owner, None), None)
        self._log(record_of(asked, result, context, started)._replace(unique_identifier=unique_identifier))
        finish(context)


async def _performed(item: ManagedObject, asked: RequestBatchItem, context: RequestContext) -> ResponseBatchItem:
    """The operation itself. Raises `KmipFailure`, whatever goes wrong, or `_Overtaken`."""
    find = context.services.shelf.get
    try:
        request = rotation_of(item, lambda unique_identifier: find(context, unique_identifier))
        payload = await OPERATIONS[asked.operation or 0].perform(request, context)
    except (_Overtaken, KmipFailure):
        raise
    except StoreError as error:
        raise KmipFailure(ResultReason.GENERAL_FAILURE, f"the server's store failed: {error}") from error
    except Exception as defect:
        raise defect_in(asked.operation, defect) from defect
    return ResponseBatchItem(operation=asked.operation, result_status=ResultStatus.SUCCESS, response_payload=payload)


def _client_of(owner: str, services: Services) -> Client | None:
    """Who is asked for the root key: the owner itself, or else one that shares its objects."""
    found = [one for one in services.directory.clients() if one.owner == owner]
    return next((one for one in found if one.id == owner), found[0] if found else None)


class _WhileDue:
    """The store for one rotation: nothing is written when the object does not wait for it any more."""

    def __init__(self, whole: Store, owner: str, unique_identifier: str, now: int) -> None:
        self._whole = whole
        self._key = (owner, unique_identifier)
        self._now = now

    def get(self, owner: str, unique_identifier: str) -> StoredObject | None:
        """The row (`Store.get`)."""
        return self._whole.get(owner, unique_identifier)

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """What matches (`Store.locate`)."""
        return self._whole.locate(owner, query)

    def count(self, owner: str, query: LocateQuery) -> int:
        """How many match (`Store.count`)."""
        return self._whole.count(owner, query)

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Change something, if the object is still due. Raises `_Overtaken` otherwise."""

        def in_transaction(transaction: Transaction) -> T:
            row = transaction.get(*self._key, for_update=True)
            rotates_at = None if row is None else object_of(row).rotates_at
            if rotates_at is None or rotates_at > self._now:
                raise _Overtaken
            return change(transaction)

        return await self._whole.write(in_transaction)

    def unit_of_work(self) -> AbstractAsyncContextManager[Store]:
        """No operation that rotates asks for one."""
        raise StoreError("a rotation is one change, and no unit of work", "write it at once")
