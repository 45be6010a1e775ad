"""Standard keys in Key Protect that no object needs any more: remembered durably, and deleted there.

A keeper that keeps keys has one standard key for each wrapped key (`standard_keys`). When an object's envelope goes, because it was
destroyed or replaced, `leave` writes down in the same transaction which standard key is left over; `Leavings` deletes it afterwards, for as
long as it takes: over restarts, and over a Key Protect that is away or refuses (a service ID that is Writer only may delete nothing).
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from kmip_server.errors import KmipFailure, StoreError
from kmip_server.ledger import Book, Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kmip_server.store.contract import Store, Transaction
    from kmip_server.wrapping.contract import Envelope

BY_KEEPER = "keeper:"
"""How the provider of an envelope begins that a keeper's root key made; the keeper's name follows."""

BETWEEN = b":"
FOREVER = 2**62
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds between two attempts: twice as long each time."""

SOON = 2.0
LEFT = Book("kmip:standard-keys-left", most=None)

log = logging.getLogger("kmip_server.wrapping")


class Kept(NamedTuple):
    """What an envelope of such a keeper holds: the id of the standard key, and the ciphertext that it holds as well."""

    key_id: str
    ciphertext: bytes

    def to_bytes(self) -> bytes:
        """The form in an `Envelope`."""
        return self.key_id.encode("ascii") + BETWEEN + self.ciphertext


def kept_of(envelope: Envelope | None) -> Kept | None:
    """The standard key of an envelope; None when there is none."""
    if envelope is None or not envelope.provider.startswith(BY_KEEPER):
        return None
    key_id, between, ciphertext = envelope.ciphertext.partition(BETWEEN)
    return Kept(key_id.decode("ascii"), ciphertext) if between else None


def keeper_of(envelope: Envelope) -> str | None:
    """The name of the keeper whose root key made an envelope; None: the server's own wrapping."""
    return envelope.provider.removeprefix(BY_KEEPER) if envelope.provider.startswith(BY_KEEPER) else None


def leave(transaction: Transaction, envelope: Envelope | None) -> None:
    """This envelope is nobody's any more: note the standard key that goes with it, if it has one."""
    kept = kept_of(envelope)
    if kept is None or envelope is None:
        return
    keeper = envelope.provider.removeprefix(BY_KEEPER)
    if transaction.get(LEFT.name, kept.key_id) is None:
        LEFT.add(transaction, Entry(kept.key_id, keeper, {}, int(time.time()), FOREVER))


class Leavings:
    """Deletes what was left, in the background."""

    def __init__(self, store: Store, delete: Callable[[str, str], Awaitable[None]], also: Callable[[], Awaitable[bool]]) -> None:
        """``delete`` takes a keeper's name and a standard key's id; it raises `KmipFailure` when that did not succeed.

        ``also`` is done at the same times; False: something is left.
        """
        self._also = also
        self._later: asyncio.TimerHandle | None = None
        self._store = store
        self._delete = delete
        self._task: asyncio.Task[None] | None = None
        self._more = asyncio.Event()

    def look(self) -> None:
        """There may be something to delete, now. Inside the event loop."""
        self._more.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def look_soon(self) -> None:
        """There will be something to look at in a moment."""
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(SOON, self._now)

    def _now(self) -> None:
        self._later = None
        self.look()

    async def aclose(self) -> None:
        """End; what is left is noted."""
        if self._later is not None:
            self._later.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._more.clear()
            try:
                all_gone = await self._sweep()
                all_gone = await self._also() and all_gone
            except StoreError as error:
                log.warning("standard keys that are left over could not be looked up: %s", error)
                all_gone = False
            pause = FIRST_PAUSE if all_gone else min(2 * pause, LONGEST_PAUSE)
            try:
                await asyncio.wait_for(self._more.wait(), None if all_gone else pause)
            except TimeoutError:
                continue

    async def _sweep(self) -> bool:
        """Try each once. True when nothing is left."""
        all_gone = True
        for key_id in LEFT.of_stage(self._store, 0):
            entry = LEFT.read(self._store, key_id, 0)
            if entry is None:
                continue
            try:
                await self._delete(entry.client, key_id)
            except KmipFailure as failure:
                log.warning("standard key %s is left over in Key Protect and cannot be deleted now: %s", key_id, failure)
                all_gone = False
                continue
            await self._store.write(lambda transaction, gone=key_id: LEFT.remove(transaction, gone))  # type: ignore[misc]
        return all_gone
