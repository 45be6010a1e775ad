"""Rotation followed: an unwrap may answer with the same key wrapped by a newer version of its root key, and that is stored instead.

It happens behind the answer, when there is time. Nothing is lost if it does not happen: older versions go on to unwrap.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from typing import TYPE_CHECKING

from kmip_server.errors import StoreError
from kmip_server.wrapping.leavings import kept_of, leave

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.directory.contract import Client
    from kmip_server.store.contract import Store, Transaction
    from kmip_server.wrapping.contract import Envelope

log = logging.getLogger("kmip_server.wrapping")


class Adoption:
    """Stores newer envelopes in the background."""

    def __init__(self, store: Store) -> None:
        """In ``store``; ``afterwards`` is called when something was left over by it (`leavings`)."""
        self._store = store
        self.afterwards: Callable[[], None] = lambda: None
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, client: Client, unique_identifier: str, old: Envelope, new: Envelope) -> None:
        """Put ``new`` in the place of ``old``, unless the object has changed its envelope meanwhile."""
        task = asyncio.get_running_loop().create_task(self._adopt(client, unique_identifier, old, new))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what is under way."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def _adopt(self, client: Client, unique_identifier: str, old: Envelope, new: Envelope) -> None:
        def replace(rows: Transaction) -> None:
            row = rows.get(client.owner, unique_identifier, for_update=True)
            if row is None or row.envelope != old:
                leave(rows, new)
                return
            rows.update(dataclasses.replace(row, envelope=new))
            leave(rows, old)

        try:
            await self._store.write(replace)
        except StoreError as error:
            log.warning("the newer envelope of %s was not stored: %s", unique_identifier, error)
        if kept_of(new) is not None:
            self.afterwards()
