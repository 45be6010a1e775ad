"""Key rings: groups of keys to which access can be granted. Every instance has one named `default`; a key is in exactly one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection, paged
from keyprotect_simulator.faults import bad_field, fault, unauthorized
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.bodies import PATCH, read_object, required_field
from keyprotect_simulator.keys.lifecycle import KeyState, is_gone, require
from keyprotect_simulator.keys.lookup import key_of
from keyprotect_simulator.keys.rendering import full_form
from keyprotect_simulator.records import Key, KeyRing, Put, Remove

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

DEFAULT = "default"
FORM = re.compile(r"[A-Za-z0-9-]{2,100}")
RULE = f"2 to 100 characters out of A-Z, a-z, 0-9 and -, and not {DEFAULT}, which is reserved"
MOST = 50
"""Key rings that an instance may have besides `default`."""


def ring_named(call: Call, name: str) -> KeyRing | None:
    """The key ring of the instance with this name; `default` has no record."""
    return call.state.get(KeyRing, f"{call.instance.id} {name}")


def existing_key_ring(call: Call, name: str) -> str:
    """The name of a ring that there is, and that the caller may use. KEY_RING_NOT_FOUND_ERR."""
    if name != DEFAULT and ring_named(call, name) is None:
        raise fault("KEY_RING_NOT_FOUND_ERR")
    if not call.reach.covers_ring(name):
        raise unauthorized()
    return name


def create_key_ring(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#createkeyring."""
    name = custom_name(call)
    if ring_named(call, name) is not None:
        raise fault("KEY_RING_NOT_UNIQUE_ERR")
    if len(call.state.find(KeyRing, "instance", call.instance.id)) >= MOST:
        raise fault("KEY_RING_QUOTA_ERR")
    return Answer(201, changes=(Put(KeyRing(f"{call.instance.id} {name}", call.instance.id, name, call.now, call.iam_id)),))


def custom_name(call: Call) -> str:
    """The name in the path, which must be one that a ring besides `default` can have."""
    name = call.path["id"]
    if not FORM.fullmatch(name) or name == DEFAULT:
        raise bad_field("id", RULE, quote="'")
    return name


def list_key_rings(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#listkeyrings."""
    rings = call.state.find(KeyRing, "instance", call.instance.id)
    forms: list[Json] = [{"id": ring.name, "creationDate": rfc3339(ring.created), "createdBy": ring.created_by} for ring in rings]
    return paged(call, "key_ring+json", [{"id": DEFAULT}, *forms])


def delete_key_ring(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#deletekeyring. With `force`, destroyed keys in it go to `default`."""
    ring = ring_named(call, custom_name(call))
    if ring is None:
        raise fault("KEY_RING_NOT_FOUND_ERR")
    keys = [key for key in call.state.find(Key, "ring", f"{call.instance.id} {ring.name}") if not is_gone(key, call.now)]
    if any(key.state != KeyState.DESTROYED for key in keys) or (keys and not call.query["force"]):
        raise fault("KEY_RING_NOT_EMPTY_ERR")
    moved = [replace(key, key_ring=DEFAULT) for key in keys]
    return Answer(204, changes=(*(Put(key) for key in moved), Remove(ring)))


def patch_key(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#patchkey: move a key to another ring."""
    fields = read_object(call.request, PATCH, required=True)
    if "keyRingID" not in fields:
        raise required_field("keyRingID")
    key = key_of(call)
    require(key, "move to a ring", call.now)
    moved = replace(key, key_ring=existing_key_ring(call, fields["keyRingID"]), updated=call.now)
    return Answer(200, collection("key+json", [full_form(moved, call)]), changes=(Put(moved),))
