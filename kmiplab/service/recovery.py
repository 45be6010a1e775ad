"""Keys come back after Key Protect lost their root key, with the material that its owner had imported (BYOK).

1. Each material is imported as a root key; the newest one becomes the root key of the instance. ("Root keys with the same material can
   unwrap each other's ciphertexts": Key Protect documentation, "Unwrapping keys". That an import takes the place of a rotation is our
   choice: a key can be rotated once an hour, and a drill should not last a day.)
2. Every key is opened, by the newest material or by an older one; what an older one opened is wrapped by the newest. If none opens,
   nothing has changed, and the imported root keys go again.
3. The instance is pointed at the new root key, and at another Key Protect if it is told so.
4. Every key that was opened gets its standard key back, and its row the new wrapping.

It may be repeated: a key that was recovered is opened again. Root keys of older material are deleted at the end, where the service ID may
do that (Manager); they hold nothing that the newest one does not.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.key_protect import NOTHING

from kmiplab.service.key_protect import KeyProtect, Refusal
from kmiplab.service.keys import living, put_standard_key_back, rewritten
from kmiplab.service.materials import LENGTHS
from kmiplab.service.values import Failure, Recovery, ServiceRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kmip_server.store.contract import StoredObject, Transaction
    from kmip_server.wrapping.contract import Envelope

    from kmiplab.service.values import ServiceInstance

log = logging.getLogger("kmiplab.service")


class Drill:
    """One recovery, from the import to the last key."""

    def __init__(self, state_dir: Path, instance: ServiceInstance, key_protect: KeyProtect) -> None:
        """``key_protect``: where the keys are to be kept from now on."""
        self._state_dir = state_dir
        self._instance = instance
        self._key_protect = key_protect
        self._imported: list[str] = []

    def run(self, materials: Sequence[bytes], point_at: Callable[[str], ServiceInstance]) -> Recovery:
        """The whole of it; ``point_at`` makes a root key the instance's. Raises `ServiceRefused`."""
        if not materials or any(len(material) not in LENGTHS for material in materials):
            raise ServiceRefused("unusable-material", "key material has 16, 24 or 32 bytes", "give what was imported, oldest first.")
        with closing(SqliteStore(self._state_dir / "kmip.db")) as store:
            rows = living(store, self._instance.id)
            try:
                self._import(materials)
                opened, lost = self._open_all(rows)
            except BaseException:
                self._delete_imported(self._imported)
                raise
            if rows and not opened:
                self._delete_imported(self._imported)
                raise ServiceRefused(
                    "wrong-material",
                    f"none of the {len(rows)} keys of {self._instance.name} can be opened with this material",
                    "give the material of the root key that the instance was configured with, and of its rotations, oldest first.",
                )
            *older, crk_id = self._imported
            instance = point_at(crk_id)
            for row, envelope in opened:
                self._keep(store, row, envelope)
        self._delete_imported(older)
        return Recovery(instance, crk_id, tuple(self._imported), len(opened), tuple(lost))

    def _import(self, materials: Sequence[bytes]) -> None:
        for number, material in enumerate(materials, 1):
            try:
                self._imported.append(self._key_protect.import_root_key(f"{self._instance.name}-recovered-{number}", material))
            except Refusal as refusal:
                raise ServiceRefused(
                    "import-refused",
                    f"Key Protect does not import the key material: {refusal}",
                    "the service ID needs Writer or Manager, and the instance must allow imports.",
                ) from refusal

    def _open_all(self, rows: Sequence[StoredObject]) -> tuple[list[tuple[StoredObject, Envelope]], list[Failure]]:
        opened, lost = [], []
        for row in rows:
            envelope = self._opened(row)
            if envelope is None:
                lost.append(Failure(row.unique_identifier, "none of the material opens it"))
            else:
                opened.append((row, envelope))
        return opened, lost

    def _opened(self, row: StoredObject) -> Envelope | None:
        """The row's key wrapped by the newest material; None when none of the material opens it."""
        assert row.envelope is not None
        crk_id = self._imported[-1]
        if row.envelope.ciphertext == NOTHING:
            return dataclasses.replace(row.envelope, key_id=crk_id)
        body = {"ciphertext": row.envelope.ciphertext.decode("ascii"), "aad": [row.unique_identifier]}
        for key_id in reversed(self._imported):
            with suppress(Refusal):
                answer = self._key_protect.call("POST", f"/keys/{key_id}/actions/unwrap", body)
                if key_id == crk_id:
                    return dataclasses.replace(row.envelope, key_id=crk_id, key_version=str(answer["keyVersion"]["id"]))
                return self._wrapped(crk_id, row, str(answer["plaintext"]))
        return None

    def _wrapped(self, crk_id: str, row: StoredObject, plaintext: str) -> Envelope:
        answer = self._key_protect.call("POST", f"/keys/{crk_id}/actions/wrap", {"plaintext": plaintext, "aad": [row.unique_identifier]})
        assert row.envelope is not None
        ciphertext = str(answer["ciphertext"]).encode("ascii")
        return dataclasses.replace(row.envelope, key_id=crk_id, key_version=str(answer["keyVersion"]["id"]), ciphertext=ciphertext)

    def _keep(self, store: SqliteStore, row: StoredObject, envelope: Envelope) -> None:
        """The standard key first, then the row that names it."""
        kept = put_standard_key_back(self._key_protect, row, envelope)

        def write(rows: Transaction) -> None:
            now = rows.get(row.owner, row.unique_identifier, for_update=True)
            if now is not None and now.envelope == row.envelope:
                rows.update(rewritten(now, kept))

        asyncio.run(store.write(write))

    def _delete_imported(self, key_ids: Sequence[str]) -> None:
        for key_id in key_ids:
            try:
                self._key_protect.call("DELETE", f"/keys/{key_id}")
            except ServiceRefused as error:
                log.warning("root key %s, imported for a recovery, was not deleted: %s", key_id, error)
            except Refusal as refusal:
                log.warning("root key %s, imported for a recovery, was not deleted: %s", key_id, refusal)
