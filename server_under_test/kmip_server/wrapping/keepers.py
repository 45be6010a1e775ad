"""Each client's keys wrapped by its own keeper, and all others by the server's own wrapping.

An envelope says whose root key made it (its provider), so that it is opened there whatever its client's keeper is now. A keeper's
connections are opened when it is needed first. What commands change in the directory is seen with the next call: a keeper that changed
begins anew, without anything that was cached.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeAlias

from kmip_server.enums import ResultReason
from kmip_server.errors import ConfigurationError, KmipFailure
from kmip_server.wrapping.begun import settle
from kmip_server.wrapping.leavings import BY_KEEPER, Leavings, keeper_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.directory.contract import Client, Directory, Keeper
    from kmip_server.store.contract import Store
    from kmip_server.wrapping.begun import Begun
    from kmip_server.wrapping.contract import Envelope, KeyWrapping
    from kmip_server.wrapping.standard_keys import StandardKeyWrapping

CHECK_SECONDS = 1.0
"""How long a keeper is waited for by who asks whether all is well: no customer's Key Protect may make the server look dead."""

log = logging.getLogger("kmip_server.wrapping")


Opened: TypeAlias = "Callable[[Keeper], StandardKeyWrapping]"


class KeepersWrapping:
    """`KeyWrapping` by the keepers of a directory."""

    def __init__(self, own: KeyWrapping, directory: Directory, store: Store, begun: Begun, opened: Opened) -> None:
        """``own`` is for clients without a keeper; ``opened`` makes the wrapping of a keeper. Inside the event loop."""
        self._own = own
        self._directory = directory
        self._opened = opened
        self._keepers: dict[str, Keeper] = {}
        self._wrappings: dict[str, StandardKeyWrapping] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._generation = -1
        self._store = store
        self._begun = begun
        self._leavings = Leavings(store, self._delete, self._settle)
        begun.told = self._leavings.look_soon

    def start(self) -> None:
        """Go on deleting what was left when the server ended."""
        try:
            if self._known():
                self._leavings.look()
        except ConfigurationError as error:
            log.warning("this server's keepers cannot be read, the keys of their clients are shut: %s", error)

    def look_for_leavings(self) -> None:
        """Something may be left over now. Inside the event loop."""
        self._leavings.look()

    async def wrap(self, client: Client, unique_identifier: str, plaintext: bytes, *, passing: bool = False) -> Envelope:
        """Wrap by the client's keeper (`KeyWrapping.wrap`)."""
        by = self._own if client.keeper is None else self._wrapping(client.keeper)
        return await by.wrap(client, unique_identifier, plaintext, passing=passing)

    async def unwrap(self, client: Client, unique_identifier: str, envelope: Envelope) -> bytes:
        """Open an envelope where it was made (`KeyWrapping.unwrap`)."""
        keeper = keeper_of(envelope)
        by = self._own if keeper is None else self._wrapping(keeper)
        return await by.unwrap(client, unique_identifier, envelope)

    def cached(self, unique_identifier: str, envelope: Envelope) -> bytes | None:
        """What is known without asking (`KeyWrapping.cached`)."""
        if not envelope.provider.startswith(BY_KEEPER):
            return self._own.cached(unique_identifier, envelope)
        if self._directory.generation() != self._generation:
            return None
        by = self._wrappings.get(envelope.provider.removeprefix(BY_KEEPER))
        return None if by is None else by.cached(unique_identifier, envelope)

    def forget(self, unique_identifier: str) -> None:
        """Drop what is known of an object, and delete what it leaves elsewhere (`KeyWrapping.forget`)."""
        self._own.forget(unique_identifier)
        for by in self._wrappings.values():
            by.forget(unique_identifier)
        if self._wrappings:
            self._leavings.look()

    async def check(self) -> str | None:
        """Is the server's own keeper well? (`KeyWrapping.check`). What serves all clients but one is not failing: see `check_keepers`."""
        return await self._own.check()

    async def check_keepers(self) -> str | None:
        """Which keepers are unwell, each by its name and what is wrong with it; None: all are well, or there are none."""
        try:
            names = tuple(self._known())
        except ConfigurationError as error:
            return str(error)
        found = await asyncio.gather(*(self._found(name) for name in names))
        return "; ".join(f"{name}: {trouble}" for name, trouble in zip(names, found, strict=True) if trouble is not None) or None

    async def _found(self, name: str) -> str | None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._wrapping(name).check()
        except KmipFailure as failure:
            return str(failure)
        except TimeoutError:
            return f"no answer within {CHECK_SECONDS:g} s"

    async def aclose(self) -> None:
        """Let go of every keeper's connections (`KeyWrapping.aclose`); who made the server's own wrapping closes that."""
        await self._leavings.aclose()
        await asyncio.gather(*(by.aclose() for by in self._wrappings.values()), *self._closing)
        self._begun.close()

    def _known(self) -> dict[str, Keeper]:
        """The keepers as they are now."""
        generation = self._directory.generation()
        if generation != self._generation:
            self._keepers = {keeper.name: keeper for keeper in self._directory.keepers()}
            self._generation = generation
            for name, by in tuple(self._wrappings.items()):
                if by.keeper != self._keepers.get(name):
                    self._close(self._wrappings.pop(name))
        return self._keepers

    def _readable(self) -> dict[str, Keeper]:
        try:
            return self._known()
        except ConfigurationError as error:
            raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, f"this server's keepers cannot be read: {error}") from error

    def _wrapping(self, name: str) -> StandardKeyWrapping:
        keeper = self._readable().get(name)
        if keeper is None:
            raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, f"the keeper {name} of this key's root key is not known here any more")
        if name not in self._wrappings:
            self._wrappings[name] = self._opened(keeper)
        return self._wrappings[name]

    def _close(self, by: StandardKeyWrapping) -> None:
        task = asyncio.get_running_loop().create_task(by.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _settle(self) -> bool:
        """See what became of the standard keys that were begun."""
        return await settle(self._begun, self._store, lambda name: self._wrapping(name) if name in self._readable() else None)

    async def _delete(self, name: str, key_id: str) -> None:
        """Delete a standard key that is left over. Of a keeper that is gone, nobody can delete anything: that one is let be."""
        if name in self._readable():
            await self._wrapping(name).delete(key_id)
