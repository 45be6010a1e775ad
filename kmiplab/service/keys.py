"""The KMIP keys of an instance as they lie in the server's store, and the standard keys in Key Protect that keep them."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections import Counter
from contextlib import closing
from enum import Enum, auto
from typing import TYPE_CHECKING

from kmip_server.enums import State
from kmip_server.objects.at_rest import object_of
from kmip_server.store.contract import LocateQuery
from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.key_protect import NOTHING
from kmip_server.wrapping.leavings import Kept, kept_of
from kmip_server.wrapping.standard_keys import body_of, description_of

from kmiplab.service.key_protect import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_server.store.contract import StoredObject
    from kmip_server.wrapping.contract import Envelope

    from kmiplab.service.key_protect import KeyProtect


NOT_FOUND, DELETED = 404, 410
ACTIVE = 1
PAGE = 1000


class Standing(Enum):
    """What a standard key is in Key Protect now."""

    THERE = auto()
    REVOKED = auto()
    """Deleted by somebody who meant it: Key Protect remembers deleted keys for 90 days."""
    GONE = auto()


STATES = {
    State.PRE_ACTIVE: "Pre-Active",
    State.ACTIVE: "Active",
    State.DEACTIVATED: "Deactivated",
    State.COMPROMISED: "Compromised",
}
"""Of keys that have their material."""


def living(store: SqliteStore, owner: str) -> list[StoredObject]:
    """The objects of an instance that have key material, oldest first."""
    rows = (store.get(owner, identifier) for identifier in reversed(store.locate(owner, LocateQuery())))
    return [row for row in rows if row is not None and row.envelope is not None]


def count_by_state(state_dir: Path, owner: str) -> dict[str, int]:
    """How many keys of an instance are in which state now; destroyed ones are not counted."""
    if not (state_dir / "kmip.db").exists():
        return {}
    now = int(time.time())
    with closing(SqliteStore(state_dir / "kmip.db")) as store:
        found = Counter(object_of(row).at(now).state for row in living(store, owner))
    return {name: found[state] for state, name in STATES.items() if found[state]}


def standard_key_of(row: StoredObject) -> str | None:
    """The standard key in Key Protect that keeps an object's wrapped key; None: there is none."""
    kept = kept_of(row.envelope)
    return None if kept is None else kept.key_id


def ciphertext_of(envelope: Envelope) -> bytes:
    """The wrapped key as the row has it: what the root key once answered."""
    kept = kept_of(envelope)
    return envelope.ciphertext if kept is None else kept.ciphertext


def standing_of(key_protect: KeyProtect, row: StoredObject) -> Standing:
    """What has become of the standard key of an object in Key Protect. Raises `Refusal` or `KeyManagerAway`."""
    standard_key = standard_key_of(row)
    if standard_key is None:
        return Standing.GONE
    try:
        key = key_protect.key(standard_key)
    except Refusal as refusal:
        if refusal.status == DELETED:
            return Standing.REVOKED
        if refusal.status == NOT_FOUND:
            return Standing.GONE
        raise
    return Standing.THERE if key.get("state") == ACTIVE else Standing.REVOKED


def put_back(key_protect: KeyProtect, instance_id: str, row: StoredObject, envelope: Envelope) -> Envelope:
    """Make a standard key of the wrapped key in ``envelope``; the envelope that names it. Raises `Refusal` or `KeyManagerAway`."""
    if envelope.ciphertext == NOTHING:
        return envelope
    made = key_protect.call("POST", "/keys", body_of(instance_id, row.unique_identifier, envelope.ciphertext))
    key_id = str(made["resources"][0]["id"])
    return dataclasses.replace(envelope, ciphertext=Kept(key_id, envelope.ciphertext).to_bytes())


def standard_keys_of(key_protect: KeyProtect, instance_id: str) -> list[str]:
    """The standard keys in Key Protect that say that they are this instance's, whether a row names them or not."""
    found: list[str] = []
    for offset in itertools.count(0, PAGE):
        page = key_protect.call("GET", "/keys", extractable="true", limit=PAGE, offset=offset).get("resources", [])
        found += [str(key["id"]) for key in page if key.get("description") == description_of(instance_id)]
        if len(page) < PAGE:
            break
    return found
