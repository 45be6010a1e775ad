"""What can be done with a key: wrap, unwrap, rewrap, rotate, disable, enable, delete, restore."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection
from keyprotect_simulator.faults import bad_query_parameter, fault
from keyprotect_simulator.identifiers import new_uuid
from keyprotect_simulator.keys import wrapping
from keyprotect_simulator.keys.bodies import ROTATE, UNWRAP, WRAP, read_base64, read_object, required_field
from keyprotect_simulator.keys.creation import GENERATED_LENGTH, root_key_material
from keyprotect_simulator.keys.lifecycle import KeyState, require, require_restorable, state_of
from keyprotect_simulator.keys.lookup import key_of
from keyprotect_simulator.keys.rendering import full_form
from keyprotect_simulator.keys.secure_import import refuse_secure_import
from keyprotect_simulator.records import Key, KeyVersion, KmipAdapter, Put, Secret

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json


def wrap(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#wrapkey."""
    fields = read_object(call.request, WRAP, required=False)
    plaintext = read_base64(fields, "plaintext") if fields.get("plaintext") else None
    key = key_of(call)
    require(key, "wrap", call.now)
    data_key = plaintext if plaintext is not None else call.random(GENERATED_LENGTH)
    document: Json = {
        "ciphertext": wrapping.wrap(key.newest, data_key, aad_of(fields), call.random),
        "keyVersion": {"id": key.newest.id},
    }
    if plaintext is None:
        document["plaintext"] = base64.b64encode(data_key).decode()
    return Answer(200, document)


def unwrap(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#unwrapkey."""
    key, fields, plaintext, version = opened(call, "unwrap")
    document: Json = {"plaintext": base64.b64encode(plaintext).decode(), "keyVersion": {"id": version.id}}
    if version.id != key.newest.id:
        document |= rewrapped(call, key, plaintext, aad_of(fields))
    return Answer(200, document)


def rewrap(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#rewrapkey."""
    key, fields, plaintext, version = opened(call, "rewrap")
    return Answer(200, {"keyVersion": {"id": version.id}, **rewrapped(call, key, plaintext, aad_of(fields))})


def opened(call: Call, action: str) -> tuple[Key, Json, bytes, KeyVersion]:
    """The key, the checked body, and what its ciphertext holds with the version that made it."""
    fields = read_object(call.request, UNWRAP, required=True)
    if "ciphertext" not in fields:
        raise required_field("ciphertext")
    key = key_of(call)
    require(key, action, call.now)
    plaintext, version = wrapping.unwrap(key, fields["ciphertext"], aad_of(fields))
    return key, fields, plaintext, version


def rewrapped(call: Call, key: Key, plaintext: bytes, aad: tuple[str, ...]) -> Json:
    """The plaintext wrapped by the newest version."""
    return {
        "ciphertext": wrapping.wrap(key.newest, plaintext, aad, call.random),
        "rewrappedKeyVersion": {"id": key.newest.id},
    }


def aad_of(fields: Json) -> tuple[str, ...]:
    """The additional authenticated data of a body."""
    return tuple(fields.get("aad", ()))


def rotate(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#rotatekey."""
    fields = read_object(call.request, ROTATE, required=False)
    refuse_secure_import(fields)
    payload = read_base64(fields, "payload") if fields.get("payload") else None
    key = key_of(call)
    require(key, "rotate", call.now)
    material = next_material(call, key, payload)
    version = KeyVersion(id=new_uuid(call.random), created=call.now, material=material)
    rotated = replace(key, versions=(*key.versions, version), rotated=call.now, updated=call.now, last_action=call.now)
    return Answer(204, changes=(Put(rotated),))


def next_material(call: Call, key: Key, payload: bytes | None) -> Secret:
    """Fresh material for a generated key, the given one for an imported key; nothing else is lawful."""
    if key.imported:
        if payload is None:
            raise fault("KEY_PAYLOAD_REQ_ERR", target=("field", "payload"))
        return root_key_material(payload)
    if payload is not None:
        raise bad_query_parameter("payload", "provided only if key is imported")
    return Secret(call.random(GENERATED_LENGTH))


def disable(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#disablekey."""
    return switched(call, "disable", KeyState.SUSPENDED)


def enable(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#enablekey."""
    return switched(call, "enable", KeyState.ACTIVE)


def switched(call: Call, action: str, state: KeyState) -> Answer:
    """Take the key to another state."""
    key = key_of(call)
    require(key, action, call.now)
    return Answer(204, changes=(Put(replace(key, state=state, updated=call.now, last_action=call.now)),))


def delete(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#deletekey.

    `force` overrides registrations, of which there are none yet; a root key that a KMIP adapter uses is protected even from it, while
    it is active.
    """
    key = key_of(call)
    require(key, "delete", call.now)
    if state_of(key, call.now) is KeyState.ACTIVE and call.state.find(KmipAdapter, "crk", key.id):
        raise fault("PROTECTED_RESOURCE_ERR", "a KMIP adapter uses it", target=("query_param", "force"))
    deleted = replace(key, state=KeyState.DESTROYED, deleted=call.now, deleted_by=call.iam_id, updated=call.now, last_action=call.now)
    if call.preference != "representation":
        return Answer(204, changes=(Put(deleted),))
    return Answer(200, collection("key+json", [full_form(deleted, call)]), changes=(Put(deleted),))


def restore(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#restorekey. Any body is ignored."""
    key = key_of(call)
    require(key, "restore", call.now)
    require_restorable(key, call.now)
    restored = replace(key, state=KeyState.ACTIVE, deleted=None, deleted_by="", updated=call.now, last_action=call.now)
    document = {"id": key.id} if call.preference == "minimal" else full_form(restored, call)
    return Answer(201, collection("key+json", [document]), changes=(Put(restored),))
