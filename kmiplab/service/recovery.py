"""Keys come back after Key Protect lost their root key, with the material that its owner had imported (BYOK).

1. Each material is imported as a root key; the newest one becomes the root key of the instance. ("Root keys with the same material can
   unwrap each other's ciphertexts": Key Protect documentation, "Unwrapping keys". That an import takes the place of a rotation is our
   choice: a key can be rotated once an hour, and a drill should not last a day.)
2. Every key is opened, by the newest material or by an older one; what an older one opened is wrapped by the newest. If none opens,
   nothing has changed, and the imported root keys go again.
3. The instance is pointed at the new root key, and at another Key Protect if it is told so.
4. Every key that was opened gets its standard key back, and its row the new wrapping.

A key whose standard key was deleted is revoked, and stays so: Key Protect still knows that it was there. A recovery may be repeated: a key
that was recovered is opened again. Root keys of older material are deleted at the end, where the service ID may do that (Manager); they
hold nothing that the newest one does not.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple

from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.key_protect import NOTHING
from kmip_server.wrapping.leavings import leave

from kmiplab.service.key_protect import KeyProtect, Refusal
from kmiplab.service.keys import Standing, ciphertext_of, living, put_back, standing_of
from kmiplab.service.materials import LENGTHS
from kmiplab.service.values import Failure, Recovery, ServiceRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kmip_server.store.contract import StoredObject, Transaction
    from kmip_server.wrapping.contract import Envelope

    from kmiplab.service.values import ServiceInstance

log = logging.getLogger("kmiplab.service")


REVOKED = "its standard key was deleted in Key Protect: the key is revoked; restore that one to have it again"


class Opened(NamedTuple):
    """A key that the material opened, and how it is wrapped now. ``keeps``: its standard key is there, and holds just that."""

    row: StoredObject
    envelope: Envelope
    keeps: bool


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
            for one in opened:
                self._keep(store, one)
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

    def _open_all(self, rows: Sequence[StoredObject]) -> tuple[list[Opened], list[Failure]]:
        opened, lost = [], []
        for row in rows:
            assert row.envelope is not None
            standing = standing_of(self._key_protect, row)
            if standing is Standing.REVOKED:
                lost.append(Failure(row.unique_identifier, REVOKED))
            elif (envelope := self._opened(row)) is not None:
                opened.append(
                    Opened(row, envelope, keeps=standing is Standing.THERE and envelope.ciphertext == ciphertext_of(row.envelope))
                )
            else:
                lost.append(Failure(row.unique_identifier, "none of the material opens it"))
        return opened, lost

    def _opened(self, row: StoredObject) -> Envelope | None:
        """The row's key wrapped by the newest material, without a standard key; None when none of the material opens it."""
        assert row.envelope is not None
        crk_id, envelope = self._imported[-1], dataclasses.replace(row.envelope, ciphertext=ciphertext_of(row.envelope))
        if envelope.ciphertext == NOTHING:
            return dataclasses.replace(envelope, key_id=crk_id)
        body = {"ciphertext": envelope.ciphertext.decode("ascii"), "aad": [row.unique_identifier]}
        for key_id in reversed(self._imported):
            with suppress(Refusal):
                answer = self._key_protect.call("POST", f"/keys/{key_id}/actions/unwrap", body)
                if key_id == crk_id:
                    return dataclasses.replace(envelope, key_id=crk_id, key_version=str(answer["keyVersion"]["id"]))
                return self._wrapped(envelope, row.unique_identifier, str(answer["plaintext"]))
        return None

    def _wrapped(self, envelope: Envelope, unique_identifier: str, plaintext: str) -> Envelope:
        crk_id, body = self._imported[-1], {"plaintext": plaintext, "aad": [unique_identifier]}
        answer = self._key_protect.call("POST", f"/keys/{crk_id}/actions/wrap", body)
        ciphertext = str(answer["ciphertext"]).encode("ascii")
        return dataclasses.replace(envelope, key_id=crk_id, key_version=str(answer["keyVersion"]["id"]), ciphertext=ciphertext)

    def _keep(self, store: SqliteStore, opened: Opened) -> None:
        """The standard key first, then the row that names it."""
        row, envelope = opened.row, opened.envelope
        assert row.envelope is not None
        if opened.keeps:
            kept = dataclasses.replace(envelope, ciphertext=row.envelope.ciphertext)
        else:
            kept = put_back(self._key_protect, self._instance.id, row, envelope)

        def write(rows: Transaction) -> None:
            now = rows.get(row.owner, row.unique_identifier, for_update=True)
            unchanged = now is not None and now.envelope == row.envelope
            if now is not None and unchanged:
                rows.update(dataclasses.replace(now, envelope=kept))
            if not opened.keeps:
                leave(rows, row.envelope if unchanged else kept)

        asyncio.run(store.write(write))

    def _delete_imported(self, key_ids: Sequence[str]) -> None:
        for key_id in key_ids:
            try:
                self._key_protect.call("DELETE", f"/keys/{key_id}")
            except ServiceRefused as error:
                log.warning("root key %s, imported for a recovery, was not deleted: %s", key_id, error)
            except Refusal as refusal:
                log.warning("root key %s, imported for a recovery, was not deleted: %s", key_id, refusal)
