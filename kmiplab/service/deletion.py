"""An instance is deleted, with every key that was created for its certificates.

1. What is still active is counted, and refused without force.
2. Removing, durably; every certificate goes, so nobody makes or reads a key any more.
3. Key by key: the standard key in Key Protect first (unless they are kept), then the KMIP object, whose material is erased. A key is never
   left without a trace of the other half: what was done is found done when the command is repeated.
4. Standard keys that say that they are the instance's, and that no object names: of a server that was killed while it made a key.
5. The store's file is built anew: no byte of a wrapped key stays in it, nor in its log (`erase_traces`).
6. The client, the keeper with its API key, and the record.

When Key Protect does not answer, it is not asked for every key: the deletion ends there, and goes on when it is repeated. What was said
once of wrapped keys that are to be kept holds for the repetition too.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from kmip_server.store.sqlite import SqliteStore
from kmip_server.store.sqlite_file import erase_traces

from kmiplab.adapters import erase
from kmiplab.lab_client import directory_of
from kmiplab.service.key_protect import KeyProtect, Refusal
from kmiplab.service.keys import DELETED, NOT_FOUND, count_by_state, living, standard_key_of, standard_keys_of
from kmiplab.service.values import Deletion, Failure, KeyManagerAway, Status, StillActive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kmip_server.store.contract import StoredObject

    from kmiplab.service.records import Records
    from kmiplab.service.values import KeyManager, ServiceInstance

KEPT = "keep-wrapped-keys"


class Removal:
    """One instance on its way out."""

    def __init__(self, state_dir: Path, records: Records, instance: ServiceInstance, key_manager: KeyManager | None) -> None:
        """``key_manager``: None, when the order was never finished."""
        self._state_dir = state_dir
        self._records = records
        self._instance = instance
        self._key_manager = key_manager
        self._done: Counter[str] = Counter()

    def begin(self, *, force: bool, keep_wrapped_keys: bool) -> None:
        """Say what would be lost, or shut everybody out. Raises `StillActive`."""
        if self._instance.status is not Status.REMOVING and not force:
            states = count_by_state(self._state_dir, self._instance.id)
            if states.get("Active"):
                raise StillActive(self._instance.name, states["Active"], states)
        if keep_wrapped_keys:
            self._records.take_note(self._instance.id, KEPT, "yes")
        self._instance = self._records.put(dataclasses.replace(self._instance, status=Status.REMOVING))
        with directory_of(self._state_dir) as directory:
            for certificate in directory.certificates(self._instance.id):
                directory.remove_certificate(certificate.id)

    def finish(self) -> Deletion:
        """Destroy the keys, and forget the instance if all of them are."""
        failures = tuple(self._destroy_all())
        if not failures:
            if (self._state_dir / "kmip.db").exists():
                erase_traces(self._state_dir / "kmip.db")
            with directory_of(self._state_dir) as directory:
                directory.remove_client(self._instance.id)
                directory.remove_keeper(self._instance.id)
            self._records.remove(self._instance)
        done = self._done
        return Deletion(self._instance, done["destroyed"], done["deleted"], done["kept"], failures)

    def _destroy_all(self) -> Iterator[Failure]:
        keeps = self._records.note(self._instance.id, KEPT) is not None
        if self._key_manager is None or self._instance.crk_id is None:
            return
        with closing(SqliteStore(self._state_dir / "kmip.db")) as store, KeyProtect(self._key_manager) as key_protect:
            while rows := living(store, self._instance.id):  # again, for what was under way when everybody was shut out
                failures = list(self._destroy_each(store, key_protect, rows, keeps=keeps))
                if failures:
                    yield from failures
                    return
            if not keeps:
                yield from self._delete_strays(key_protect)

    def _destroy_each(self, store: SqliteStore, key_protect: KeyProtect, rows: Sequence[StoredObject], *, keeps: bool) -> Iterator[Failure]:
        for number, row in enumerate(rows):
            try:
                self._done["deleted"] += 0 if keeps else _delete(key_protect, standard_key_of(row))
                self._done["kept"] += int(keeps and standard_key_of(row) is not None)
                self._destroy(store, row)
            except Refusal as refusal:
                yield Failure(row.unique_identifier, f"Key Protect does not delete its standard key: {refusal}")
            except KeyManagerAway as away:
                yield Failure(row.unique_identifier, f"{away}; keys that are left: {len(rows) - number}")
                return

    def _delete_strays(self, key_protect: KeyProtect) -> Iterator[Failure]:
        try:
            for key_id in standard_keys_of(key_protect, self._instance.id):
                self._done["deleted"] += _delete(key_protect, key_id)
        except (Refusal, KeyManagerAway) as trouble:
            yield Failure("", f"standard keys that no KMIP key needs are left in Key Protect: {trouble}")

    def _destroy(self, store: SqliteStore, row: StoredObject) -> None:
        now = int(time.time())
        asyncio.run(store.write(lambda transaction: erase(transaction, row.owner, row.unique_identifier, now)))
        self._done["destroyed"] += 1


def _delete(key_protect: KeyProtect, standard_key: str | None) -> int:
    """Delete a standard key; how many were there. Raises `Refusal` or `KeyManagerAway`."""
    if standard_key is None:
        return 0
    try:
        key_protect.call("DELETE", f"/keys/{standard_key}", force="true")
    except Refusal as refusal:
        if refusal.status not in {NOT_FOUND, DELETED}:
            raise
        return 0
    return 1
