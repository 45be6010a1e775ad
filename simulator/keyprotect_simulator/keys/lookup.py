"""Finding a key by what stands in the path: its UUID or one of its aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.faults import bad_field, fault, unauthorized
from keyprotect_simulator.identifiers import ALIAS_FORM, is_uuid
from keyprotect_simulator.keys.lifecycle import is_gone
from keyprotect_simulator.records import Key

if TYPE_CHECKING:
    from keyprotect_simulator.calls import Call


def key_of(call: Call) -> Key:
    """The key of this call; KEY_NOT_FOUND_ERR when the instance, or the ring that the call is limited to, has none."""
    name = call.path["id"]
    if not ALIAS_FORM.fullmatch(name):
        raise bad_field("id", "a key ID in the v4 UUID format or a key alias", quote="'")
    key = call.state.get(Key, name.lower()) if is_uuid(name) else by_alias(call, name)
    if key is None or key.instance_id != call.instance.id or is_gone(key, call.now):
        raise fault("KEY_NOT_FOUND_ERR")
    if call.key_ring is not None and call.key_ring != key.key_ring:
        raise fault("KEY_NOT_FOUND_ERR")
    if not call.reach.covers(key):
        raise unauthorized()
    return key


def by_alias(call: Call, alias: str) -> Key | None:
    """The key of the instance that has this alias."""
    found = call.state.find(Key, "alias", f"{call.instance.id} {alias}")
    return found[0] if found else None


def keys_of(call: Call) -> list[Key]:
    """All keys of the instance, or of the ring that the call is limited to, whatever their state.

    Keys that the caller reaches by a policy on a single key alone are not among them.
    """
    keys = call.state.find(Key, "instance", call.instance.id)
    return [
        key for key in keys if not is_gone(key, call.now) and call.key_ring in (None, key.key_ring) and call.reach.covers_ring(key.key_ring)
    ]
