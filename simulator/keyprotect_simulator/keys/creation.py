"""POST /keys and /keys_with_policy_overrides: a root key or a standard key, generated here or imported.

A new key has the policies of its instance, or, in the second form, exactly those of the request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection
from keyprotect_simulator.faults import bad_field, fault
from keyprotect_simulator.identifiers import new_uuid, parse_rfc3339
from keyprotect_simulator.instance.import_access import creation_is_allowed
from keyprotect_simulator.instance.key_rings import DEFAULT, existing_key_ring
from keyprotect_simulator.instance.policies import inherited_by
from keyprotect_simulator.keys.aliases import free_aliases
from keyprotect_simulator.keys.bodies import KEY, KEY_WITH_POLICIES, read_base64, read_one_resource, required_field
from keyprotect_simulator.keys.lifecycle import KeyState
from keyprotect_simulator.keys.policies import KINDS, with_policies
from keyprotect_simulator.keys.rendering import full_form, short_form
from keyprotect_simulator.keys.secure_import import is_secure, opened_material
from keyprotect_simulator.records import Key, KeyVersion, Put, Secret

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

GENERATED_LENGTH = 32
"""Bytes of a generated key, root or standard."""
ROOT_KEY_LENGTHS = (16, 24, 32)
"""Bytes that an imported root key may have."""
MAXIMUM_PAYLOAD = 7500
"""Bytes that an imported standard key may have."""


def create_key(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#createkey."""
    key = new_key(call, read_one_resource(call.request, KEY))
    inherited = inherited_by(call.state, call.instance.id, generated_root_key=not key.extractable and not key.imported)
    return answered(call, with_policies(call, key, inherited))


def create_key_with_policies(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#createkeywithpoliciesoverrides."""
    fields = read_one_resource(call.request, KEY_WITH_POLICIES)
    own = {kind: fields[kind] for kind in KINDS if kind in fields}
    return answered(call, with_policies(call, new_key(call, fields), own))


def answered(call: Call, key: Key) -> Answer:
    """The new key, told as much of as the caller prefers."""
    document = {
        "representation": full_form(key, call, payload=True),
        "minimal": {"id": key.id},
    }.get(call.preference, short_form(key, call))
    return Answer(201, collection("key+json", [document]), changes=(Put(key),))


def new_key(call: Call, fields: Json) -> Key:
    """The key that the checked fields describe."""
    if "name" not in fields:
        raise required_field("name")
    extractable, imported = fields.get("extractable", False), "payload" in fields
    creation_is_allowed(call, extractable=extractable, imported=imported, secure=is_secure(fields))
    key_id = new_uuid(call.random)
    return Key(
        id=key_id,
        instance_id=call.instance.id,
        name=fields["name"],
        description=fields.get("description", ""),
        aliases=free_aliases(call, fields.get("aliases", ())),
        tags=tuple(fields.get("tags", ())),
        key_ring=existing_key_ring(call, call.key_ring or DEFAULT),
        extractable=extractable,
        imported=imported,
        state=KeyState.ACTIVE,
        versions=(KeyVersion(id=key_id, created=call.now, material=material(call, fields, extractable=extractable)),),
        created=call.now,
        created_by=call.iam_id,
        updated=call.now,
        last_action=call.now,
        expires=expiration(call, fields),
    )


def material(call: Call, fields: Json, *, extractable: bool) -> Secret:
    """The imported key material, or a fresh one."""
    if is_secure(fields):
        if extractable:
            raise fault("KEY_ROOT_REQ_ERR", "Standard keys cannot be imported with an import token")
        return Secret(opened_material(call, fields))
    if "payload" not in fields:
        return Secret(call.random(GENERATED_LENGTH))
    payload = read_base64(fields, "payload")
    if not extractable:
        return root_key_material(payload)
    if not 1 <= len(payload) <= MAXIMUM_PAYLOAD:
        raise bad_field("payload", f"a base64 encoded key material of 1 to {MAXIMUM_PAYLOAD} bytes")
    return Secret(payload)


def root_key_material(payload: bytes) -> Secret:
    """Imported material, once it has the length of an AES key."""
    if len(payload) not in ROOT_KEY_LENGTHS:
        raise bad_field("payload", "a base64 encoded key material of 16, 24 or 32 bytes")
    return Secret(payload)


def expiration(call: Call, fields: Json) -> float | None:
    """The expiration date asked for, which must lie ahead."""
    if "expirationDate" not in fields:
        return None
    expires = parse_rfc3339(fields["expirationDate"])
    if expires <= call.now:
        raise bad_field("expirationDate", "a date and time in the future")
    return expires
