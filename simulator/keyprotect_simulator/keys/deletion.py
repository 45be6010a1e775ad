"""The end of a key, and the way back: authorize the deletion, delete, restore, purge.

A key with a dual authorization policy needs two people: one authorizes its deletion, which is good for seven days, another deletes it.
What stands against a deletion is asked in this order: the state, the missing authorization, registrations, KMIP adapters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection
from keyprotect_simulator.faults import fault
from keyprotect_simulator.keys.lifecycle import KeyState, is_authorized, require, require_restorable, state_of
from keyprotect_simulator.keys.lookup import key_of
from keyprotect_simulator.keys.policies import DUAL_AUTH, is_enabled
from keyprotect_simulator.keys.rendering import full_form
from keyprotect_simulator.records import Key, KmipAdapter, Put, Registration, Remove

if TYPE_CHECKING:
    from keyprotect_simulator.records import Change

FORCE = ("query_param", "force")


def set_key_for_deletion(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#setkeyfordeletion. A second authorization replaces the first."""
    return authorization(call, "setKeyForDeletion", call.now, call.iam_id)


def unset_key_for_deletion(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#unsetkeyfordeletion."""
    return authorization(call, "unsetKeyForDeletion", None, "")


def authorization(call: Call, action: str, moment: float | None, by: str) -> Answer:
    """Note, or take back, that somebody authorized the deletion of the key."""
    key = key_of(call)
    require(key, action, call.now)
    if not is_enabled(key, DUAL_AUTH):
        raise fault("NOT_DUAL_AUTH_ERR")
    return Answer(204, changes=(Put(replace(key, authorized=moment, authorized_by=by, updated=call.now)),))


def delete(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#deletekey.

    `force` overrides registrations, unless one of them forbids the deletion; a root key that a KMIP adapter uses is protected even from
    it, while it is active.
    """
    key = key_of(call)
    require(key, "delete", call.now)
    another_has_authorized(call, key)
    nothing_is_protected(call, key)
    deleted = replace(
        key,
        state=KeyState.DESTROYED,
        deleted=call.now,
        deleted_by=call.iam_id,
        updated=call.now,
        last_action=call.now,
        notified=call.now,
        authorized=None,
        authorized_by="",
    )
    return answer_of_an_end(call, deleted, (Put(deleted),))


def another_has_authorized(call: Call, key: Key) -> None:
    """Refuse the deletion of a dual authorization key that nobody else has authorized within seven days."""
    if is_enabled(key, DUAL_AUTH) and (not is_authorized(key, call.now) or key.authorized_by == call.iam_id):
        raise fault("AUTHORIZATIONS_NOT_MET", detail="1 prior authorization(s) are required for deletion")


def nothing_is_protected(call: Call, key: Key) -> None:
    """Refuse the deletion of a key that a cloud resource or a KMIP adapter depends on."""
    registrations = call.state.find(Registration, "key", key.id)
    if any(registration.prevent_key_deletion for registration in registrations):
        raise fault("PREV_KEY_DEL_ERR")
    if registrations and not call.query["force"]:
        raise fault("PROTECTED_RESOURCE_ERR", target=FORCE)
    if state_of(key, call.now) is KeyState.ACTIVE and call.state.find(KmipAdapter, "crk", key.id):
        raise fault("PROTECTED_RESOURCE_ERR", "a KMIP adapter uses it", target=FORCE)


def restore(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#restorekey. Any body is ignored."""
    key = key_of(call)
    require(key, "restore", call.now)
    require_restorable(key, call.now)
    restored = replace(key, state=KeyState.ACTIVE, deleted=None, deleted_by="", updated=call.now, last_action=call.now, notified=call.now)
    document = {"id": key.id} if call.preference == "minimal" else full_form(restored, call)
    return Answer(201, collection("key+json", [document]), changes=(Put(restored),))


def purge(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#purgekey."""
    key = key_of(call)
    require(key, "purge", call.now)
    return answer_of_an_end(call, key, purged(call.state.find(Registration, "key", key.id), key))


def purged(registrations: list[Registration], key: Key) -> tuple[Change, ...]:
    """What it takes to leave nothing of a key."""
    return (*(Remove(registration) for registration in registrations), Remove(key))


def answer_of_an_end(call: Call, key: Key, changes: tuple[Change, ...]) -> Answer:
    """Nothing, or the key as it was last seen, by what the caller prefers."""
    if call.preference != "representation":
        return Answer(204, changes=changes)
    return Answer(200, collection("key+json", [full_form(key, call)]), changes=changes)
