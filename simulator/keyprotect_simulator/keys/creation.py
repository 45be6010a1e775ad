"""POST /keys: a root key or a standard key, generated here or imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection
from keyprotect_simulator.faults import bad_field, fault
from keyprotect_simulator.identifiers import new_uuid, parse_rfc3339
from keyprotect_simulator.keys.bodies import KEY, MAXIMUM_ALIASES, read_base64, read_one_resource, required_field
from keyprotect_simulator.keys.lifecycle import KeyState
from keyprotect_simulator.keys.lookup import by_alias
from keyprotect_simulator.keys.rendering import full_form, short_form
from keyprotect_simulator.keys.secure_import import refuse_secure_import
from keyprotect_simulator.records import Key, KeyVersion, Put, Secret

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

GENERATED_LENGTH = 32
"""Bytes of a generated key, root or standard."""
ROOT_KEY_LENGTHS = (16, 24, 32)
"""Bytes that an imported root key may have."""
MAXIMUM_PAYLOAD = 7500
"""Bytes that an imported standard key may have."""
KEY_RINGS = ("default",)
"""Key rings that keys can be created in; making others comes with the calls for key rings."""


def create_key(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#createkey."""
    fields = read_one_resource(call.request, KEY)
    key = new_key(call, fields)
    document = {
        "representation": full_form(key, call, payload=True),
        "minimal": {"id": key.id},
    }.get(call.preference, short_form(key, call))
    return Answer(201, collection("key+json", [document]), changes=(Put(key),))


def new_key(call: Call, fields: Json) -> Key:
    """The key that the checked fields describe."""
    if "name" not in fields:
        raise required_field("name")
    extractable = fields.get("extractable", False)
    key_id = new_uuid(call.random)
    return Key(
        id=key_id,
        instance_id=call.instance.id,
        name=fields["name"],
        description=fields.get("description", ""),
        aliases=free_aliases(call, fields),
        tags=tuple(fields.get("tags", ())),
        key_ring=existing_key_ring(call),
        extractable=extractable,
        imported="payload" in fields,
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
    refuse_secure_import(fields)
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


def free_aliases(call: Call, fields: Json) -> tuple[str, ...]:
    """The aliases asked for, once no other key of the instance has one of them."""
    aliases = tuple(dict.fromkeys(fields.get("aliases", ())))
    if len(aliases) > MAXIMUM_ALIASES:
        raise fault("KEY_ALIAS_QUOTA_ERR")
    if any(by_alias(call, alias) for alias in aliases):
        raise fault("KEY_ALIAS_NOT_UNIQUE_ERR")
    return aliases


def existing_key_ring(call: Call) -> str:
    """The ring that the key goes to."""
    ring = call.key_ring or "default"
    if ring not in KEY_RINGS:
        raise fault("KEY_RING_NOT_FOUND_ERR")
    return ring


def expiration(call: Call, fields: Json) -> float | None:
    """The expiration date asked for, which must lie ahead."""
    if "expirationDate" not in fields:
        return None
    expires = parse_rfc3339(fields["expirationDate"])
    if expires <= call.now:
        raise bad_field("expirationDate", "a date and time in the future")
    return expires
