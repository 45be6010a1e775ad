"""The KMIP adapters of a lab's Key Protect, and the KMIP server that serves them.

What is done to adapters and certificates over REST is done to the server's directory: an adapter is a client of the server, and the
certificates of the one are pinned for the other. What clients keep in the server is shown over REST, and destroyed there. The server has
the credentials of the lab's own instance from the start; for every other one with adapters, in whatever region, it gets a `Keeper`.

The service takes up to five minutes to know a certificate that was added. Here that takes no time, or as much as is asked for, by the
simulator's clock, which a test can move. Certificates that wait are found in the state itself, so that a restart forgets none of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import closing
from http import HTTPStatus
from typing import TYPE_CHECKING

from keyprotect_simulator.faults import Fault, fault
from keyprotect_simulator.identifiers import is_uuid
from keyprotect_simulator.records import Clocks, Key, KmipAdapter, KmipCertificate, KmipEvent, KmipObject, LabRecord, Put
from kmip_server.enums import State
from kmip_server.errors import ConfigurationError
from kmip_server.lifecycle import Event, next_state
from kmip_server.objects.at_rest import object_of, row_of
from kmip_server.store.contract import LocateQuery
from kmip_server.store.sqlite import SqliteStore
from kmip_server.versions import V1_4
from kmip_server.wrapping.standard_keys import NAME_PREFIX

from kmiplab.keepers import Keepers
from kmiplab.lab_client import directory_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from keyprotect_simulator.lab import Lab
    from keyprotect_simulator.records import Change
    from keyprotect_simulator.simulator import Simulator
    from kmip_server.directory.contract import Client, Directory
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction

ANOTHER_LAB = (
    "the state has another lab (account, instance, API key) than the one that this KMIP server works for; "
    "use it with kmiplab simulate, or with kmiplab up in a state folder of its own"
)


class Adapters:
    """The adapters of one lab: told of changes by the simulator (`guards`), asked by it for objects (`KmipObjects`)."""

    def __init__(self, state_dir: Path, simulator: Simulator, lab: Lab, *, url: str, certificate_delay: float = 0.0) -> None:
        """``url``: where the server finds the simulator. ``certificate_delay``: how many seconds a certificate waits to be served."""
        self._state_dir = state_dir
        self._keepers = Keepers(simulator, url)
        self._simulator = simulator
        self._lab = lab
        self._delay = certificate_delay
        self._look_again: Callable[[], object] = lambda: None

    def join(self) -> None:
        """Make both sides the same, and keep them so from now on. Raises `ConfigurationError` or `StoreError`."""
        state, core = self._simulator.state, self._simulator.core
        with directory_of(self._state_dir) as directory, core.exclusive():
            core.commit(*self._unknown_certificates(directory))
            for record in state.all(KmipAdapter):
                self._apply(directory, Put(record), ())
            for certificate in state.all(KmipCertificate):
                with contextlib.suppress(ConfigurationError):  # in use in two regions, which have one endpoint here: the first has it
                    self._apply(directory, Put(certificate), ())
            core.guards.append(self.change)
            core.kmip_objects = self
            core.needed_keys = self.needed_keys
        self._simulator.remember_start()

    def needed_keys(self) -> Sequence[str]:
        """What a reset of the simulator must not lose: the root keys of what is in the server's store, and its standard keys."""
        with closing(SqliteStore(self._state_dir / "kmip.db")) as store:
            root_keys = sorted({key_id for _, key_id in store.wrapping_keys()})
        return [*root_keys, *(key.id for key in self._simulator.state.all(Key) if key.name.startswith(f"{NAME_PREFIX}-"))]

    async def serve_in_time(self) -> None:
        """Let certificates in when they have waited long enough, until this is cancelled. Raises `StoreError`."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        self._look_again = lambda: loop.call_soon_threadsafe(changed.set)
        while True:
            changed.clear()
            wait = await asyncio.to_thread(self._pin_what_is_due) if self._delay else None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), wait)

    def _pin_what_is_due(self) -> float | None:
        """Pin them; the seconds until it is worth looking again, None when nothing waits."""
        state, now = self._simulator.state, self._simulator.clock()
        with self._simulator.core.exclusive(), directory_of(self._state_dir) as directory:
            pinned = {one.fingerprint for one in directory.certificates()}
            waiting = [record for record in state.all(KmipCertificate) if record.fingerprint not in pinned]
            for record in waiting:
                with contextlib.suppress(ConfigurationError):  # whoever pinned it a moment ago keeps it
                    self._apply(directory, Put(record), ())
            left = [record.created + self._delay - now for record in waiting if record.created + self._delay > now]
        return min(left, default=None)

    def change(self, changes: Sequence[Change]) -> None:
        """Do to the directory what is about to be done to the state. KMIP_CERT_REUSE_ERR for what another client has.

        A state with another lab is refused: the server would go on asking with the API key of this one.
        """
        if any(isinstance(change.record, LabRecord) for change in changes):
            raise Fault(HTTPStatus.CONFLICT, message=ANOTHER_LAB)
        if self._delay and any(isinstance(change.record, (KmipCertificate, Clocks)) for change in changes):
            self._look_again()
        concerned = net(change for change in changes if isinstance(change.record, (KmipAdapter, KmipCertificate)))
        if not concerned:
            return
        with directory_of(self._state_dir) as directory:
            try:
                for change in concerned:
                    self._apply(directory, change, changes)
            except ConfigurationError as error:
                raise fault("KMIP_CERT_REUSE_ERR") from error

    def of_adapter(self, adapter: KmipAdapter, most: int | None = None) -> Sequence[KmipObject]:
        """What the adapter's client keeps in the server, or so much of it that is newest; oldest first."""
        client = self._client_of(adapter.id)
        if client is None:
            return ()
        with closing(SqliteStore(self._state_dir / "kmip.db")) as store:
            newest = store.locate(client.owner, LocateQuery())[:most]
            rows = [store.get(client.owner, identifier) for identifier in reversed(newest)]
        now = int(time.time())
        return [shown(adapter, object_of(row).at(now)) for row in rows if row is not None and is_uuid(row.unique_identifier)]

    def destroy(self, found: KmipObject, at: KmipEvent) -> Sequence[Change]:  # noqa: ARG002 - the contract's; the server has its own time
        """Erase the material in the server's store, at the server's time; nothing of it is the simulator's to remember."""
        client = self._client_of(found.adapter_id)
        assert client is not None
        with closing(SqliteStore(self._state_dir / "kmip.db")) as store:
            asyncio.run(store.write(lambda transaction: erase(transaction, client.owner, found.id, int(time.time()))))
        return ()

    def _client_of(self, adapter_id: str) -> Client | None:
        with directory_of(self._state_dir) as directory:
            return client_of(directory, adapter_id)

    def _apply(self, directory: Directory, change: Change, beside: Sequence[Change]) -> None:
        record, stays = change.record, isinstance(change, Put)
        if isinstance(record, KmipAdapter):
            client = client_of(directory, record.id)
            if stays:
                is_the_labs = record.instance_id == self._lab.instance_id
                keeper = None if is_the_labs else self._keepers.ensure(directory, record, beside)
                if client is None:
                    directory.add_client(f"adapter-{record.id}", adapter_id=record.id, crk_id=record.crk_id, keeper=keeper)
            elif client is not None:
                directory.remove_client(client.id)
                self._keepers.forget(directory, record)
        if isinstance(record, KmipCertificate):
            client = client_of(directory, record.adapter_id)
            pinned = client is not None and any(one.fingerprint == record.fingerprint for one in directory.certificates(client.id))
            if client is not None and stays and not pinned:
                self._let_in(directory, client, record)
            elif pinned and not stays:
                directory.remove_certificate(record.fingerprint)

    def _let_in(self, directory: Directory, client: Client, record: KmipCertificate) -> None:
        """Pin a certificate, or let it wait. Raises `ConfigurationError` for one that somebody else has."""
        if self._simulator.clock() >= record.created + self._delay:
            directory.add_certificate(client.id, record.pem, record.name)
        elif any(one.fingerprint == record.fingerprint for one in directory.certificates()):
            raise ConfigurationError("this certificate is pinned already", "a certificate belongs to one client only")

    def _unknown_certificates(self, directory: Directory) -> list[Change]:
        """Certificates that the server's commands pinned for adapters, as records that the simulator does not have yet."""
        state = self._simulator.state
        made: list[Change] = []
        for adapter in state.all(KmipAdapter):
            client = client_of(directory, adapter.id)
            for one in directory.certificates(client.id) if client is not None else ():
                if not state.find(KmipCertificate, "fingerprint", one.fingerprint):
                    record = KmipCertificate(one.id, adapter.id, one.name, one.pem, one.fingerprint, one.created_at, adapter.created_by)
                    made.append(Put(record))
        return made


def net(changes: Iterable[Change]) -> list[Change]:
    """What becomes of each record in the end, removals first: a reset removes everything, and puts back what stays."""
    last = {(type(change.record), change.record.id): change for change in changes}
    return sorted(last.values(), key=lambda change: isinstance(change, Put))


def client_of(directory: Directory, adapter_id: str) -> Client | None:
    """The client of the server that an adapter is."""
    return next((client for client in directory.clients() if client.adapter_id == adapter_id), None)


def shown(adapter: KmipAdapter, item: ManagedObject) -> KmipObject:
    """An object of the server as Key Protect shows it. Through which certificate, the server does not remember."""
    created, destroyed = KmipEvent(item.created_at, "", adapter.created_by), item.date("Destroy Date")
    ended = KmipEvent(destroyed, "", "") if destroyed is not None else None
    return KmipObject(item.unique_identifier, adapter.id, item.state, created, ended, ended, item.object_type)


def erase(transaction: Transaction, owner: str, unique_identifier: str, now: int) -> None:
    """Destroy an object, whatever its state: an Active one is deactivated first (KMIP 1.4, 4.20 and 4.21)."""
    row = transaction.get(owner, unique_identifier, for_update=True)
    if row is None:
        return
    item = object_of(row).at(now)
    if item.state is State.ACTIVE:
        revoked = next_state(item.object_type, item.state, Event.REVOKE, V1_4)
        item = item.with_values({"Deactivation Date": now}, state=revoked)
    state = next_state(item.object_type, item.state, Event.DESTROY, V1_4)
    transaction.update(row_of(item.with_values({"Destroy Date": now}, state=state).without_material()))
