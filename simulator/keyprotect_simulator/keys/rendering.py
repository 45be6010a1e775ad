"""A key as Key Protect shows it: the full object, and the short one that a create without `Prefer` answers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import VENDOR, Call
from keyprotect_simulator.identifiers import key_crn, rfc3339
from keyprotect_simulator.keys.lifecycle import (
    AUTHORIZED_FOR,
    PURGE_ALLOWED_AFTER,
    PURGED_AFTER,
    RESTORE_WINDOW,
    KeyState,
    is_authorized,
    is_erased,
    state_of,
)

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.records import Key, KeyVersion

KEY_TYPE = f"{VENDOR}key+json"


def short_form(key: Key, call: Call) -> Json:
    """What is answered to a create that does not ask for the representation: no dates, no version, no payload."""
    return {
        "type": KEY_TYPE,
        "id": key.id,
        "name": key.name,
        **({"description": key.description} if key.description else {}),
        "state": int(state_of(key, call.now)),
        **({"expirationDate": rfc3339(key.expires)} if key.expires is not None else {}),
        "extractable": key.extractable,
        "crn": key_crn(call.instance.region, call.instance.account_id, call.instance.id, key.id),
        "imported": key.imported,
        "deleted": key.deleted is not None,
    }


def full_form(key: Key, call: Call, *, payload: bool = False) -> Json:
    """Everything about a key; the payload only if asked for, and never that of a root key."""
    bits = len(key.newest.material) * 8 if not key.extractable and not is_erased(key) else 256
    return {
        **short_form(key, call),
        **({"aliases": list(key.aliases)} if key.aliases else {}),
        **({"tags": list(key.tags)} if key.tags else {}),
        "keyRingID": key.key_ring,
        "creationDate": rfc3339(key.created),
        "createdBy": key.created_by,
        "algorithmType": "Deprecated",
        "algorithmMetadata": {"bitLength": str(bits), "mode": "Deprecated"},
        "algorithmBitSize": bits,
        "algorithmMode": "Deprecated",
        "nonactiveStateReason": 0,
        "lastUpdateDate": rfc3339(key.updated),
        **({"lastRotateDate": rfc3339(key.rotated)} if key.rotated is not None else {}),
        **({} if key.extractable else {"keyVersion": version_form(key.newest)}),
        **policies(key, call.now),
        **deletion(key, call.now),
        **({"payload": base64.b64encode(key.newest.material).decode()} if payload and key.extractable else {}),
    }


def policies(key: Key, now: float) -> Json:
    """How the policies of a key stand, the dual authorization in any case."""
    document: Json = {"dualAuthDelete": {"enabled": False}}
    for policy in key.policies:
        if policy.interval_month is not None:
            document[policy.kind] = {"enabled": policy.enabled, "interval_month": policy.interval_month}
        elif policy.enabled:
            document[policy.kind] = {"enabled": True, **authorization(key, now)}
    return document


def authorization(key: Key, now: float) -> Json:
    """Whether somebody authorized the deletion of the key, and until when that is good."""
    if key.authorized is None or not is_authorized(key, now):
        return {"keySetForDeletion": False}
    return {"keySetForDeletion": True, "authExpiration": rfc3339(key.authorized + AUTHORIZED_FOR)}


def version_form(version: KeyVersion) -> Json:
    """A key version as lists and keys show it."""
    return {"id": version.id, "creationDate": rfc3339(version.created)}


def deletion(key: Key, now: float) -> Json:
    """When and by whom a key was deleted, and until when that can be undone."""
    if key.deleted is None:
        return {}
    restorable = state_of(key, now) is KeyState.DESTROYED and now <= key.deleted + RESTORE_WINDOW
    return {
        "deletionDate": rfc3339(key.deleted),
        "deletedBy": key.deleted_by,
        "restoreExpirationDate": rfc3339(key.deleted + RESTORE_WINDOW),
        "restoreAllowed": restorable and (key.expires is None or key.expires > now),
        "purgeAllowed": now >= key.deleted + PURGE_ALLOWED_AFTER,
        "purgeAllowedFrom": rfc3339(key.deleted + PURGE_ALLOWED_AFTER),
        "purgeScheduledOn": rfc3339(key.deleted + PURGED_AFTER),
    }
