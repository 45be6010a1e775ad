"""The KMIP keys of an instance as they lie in the server's store, and the standard keys in Key Protect that keep them."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from kmip_server.enums import State
from kmip_server.objects.at_rest import object_of
from kmip_server.store.contract import LocateQuery
from kmip_server.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_server.store.contract import StoredObject
    from kmip_server.wrapping.contract import Envelope

    from kmiplab.service.key_protect import KeyProtect


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
    return getattr(row, "standard_key", None)


def put_standard_key_back(key_protect: KeyProtect, row: StoredObject, envelope: Envelope) -> Envelope:  # noqa: ARG001 - there are none yet
    """Keep a wrapped key in Key Protect again, as the object's standard key."""
    return envelope


def rewritten(row: StoredObject, envelope: Envelope) -> StoredObject:
    """The row with another wrapping."""
    return dataclasses.replace(row, envelope=envelope)
