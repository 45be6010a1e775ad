"""What can be done with a key in place: wrap, unwrap, rewrap, rotate, disable, enable, sync."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call
from keyprotect_simulator.faults import Fault, bad_query_parameter, fault
from keyprotect_simulator.identifiers import new_uuid
from keyprotect_simulator.instance.import_access import rotation_is_allowed
from keyprotect_simulator.keys import wrapping
from keyprotect_simulator.keys.bodies import ROTATE, UNWRAP, WRAP, read_base64, read_object, required_field
from keyprotect_simulator.keys.creation import GENERATED_LENGTH, root_key_material
from keyprotect_simulator.keys.lifecycle import KeyState, require
from keyprotect_simulator.keys.lookup import key_of
from keyprotect_simulator.keys.secure_import import is_secure, opened_material
from keyprotect_simulator.records import Key, KeyVersion, Put, Secret

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
    secure = is_secure(fields)
    payload = read_base64(fields, "payload") if fields.get("payload") and not secure else None
    key = key_of(call)
    require(key, "rotate", call.now)
    rotation_is_allowed(call, imported=key.imported, secure=secure)
    material = imported_anew(call, key, fields) if secure else next_material(call, key, payload)
    version = KeyVersion(id=new_uuid(call.random), created=call.now, material=material)
    return Answer(204, changes=(Put(rotated(key, version)),))


def rotated(key: Key, version: KeyVersion) -> Key:
    """The key with one version more, which is the one that wraps from its creation on."""
    at = version.created
    return replace(key, versions=(*key.versions, version), rotated=at, updated=at, last_action=at, notified=at)


def imported_anew(call: Call, key: Key, fields: Json) -> Secret:
    """Material for an imported key that comes encrypted to an import token."""
    if not key.imported:
        raise payload_of_a_generated_key()
    return Secret(opened_material(call, fields))


def payload_of_a_generated_key() -> Fault:
    """The refusal of material for a key that is not imported."""
    return bad_query_parameter("payload", "provided only if key is imported")


def next_material(call: Call, key: Key, payload: bytes | None) -> Secret:
    """Fresh material for a generated key, the given one for an imported key; nothing else is lawful."""
    if key.imported:
        if payload is None:
            raise fault("KEY_PAYLOAD_REQ_ERR", target=("field", "payload"))
        return root_key_material(payload)
    if payload is not None:
        raise payload_of_a_generated_key()
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
    return Answer(204, changes=(Put(replace(key, state=state, updated=call.now, last_action=call.now, notified=call.now)),))


def sync(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#syncassociatedresources. There is nobody to tell; only the moment is noted."""
    key = key_of(call)
    require(key, "sync", call.now)
    return Answer(204, changes=(Put(replace(key, notified=call.now)),))
