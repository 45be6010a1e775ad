"""KMIP adapters: a root key, client certificates, and the KMIP objects that clients with these make and that this key wraps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection, paged
from keyprotect_simulator.faults import fault
from keyprotect_simulator.identifiers import is_uuid, new_uuid, rfc3339
from keyprotect_simulator.keys.bodies import DESCRIPTION, TEXT, Field, checked, read_one_resource, required_field
from keyprotect_simulator.keys.lifecycle import KeyState, is_gone, state_of
from keyprotect_simulator.keys.lookup import by_alias
from keyprotect_simulator.records import Key, KmipAdapter, KmipCertificate, KmipObject, Put, Remove

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

ACTIVE = 2
"""The KMIP state in which an object cannot lose its adapter."""
MOST = 200
"""KMIP adapters that an instance may have."""
PROFILE = "native_1.0"
NAME_RULE = "2 to 40 characters out of A-Z, a-z, 0-9, - and _, and no UUID"
NAME_FORM = re.compile(r"[A-Za-z0-9_-]{2,40}")


def is_name(text: str) -> bool:
    """Whether an adapter or a certificate may have this name."""
    return NAME_FORM.fullmatch(text) is not None and not is_uuid(text)


NAME = Field(str, is_name, NAME_RULE)
ADAPTER = {
    "name": NAME,
    "description": DESCRIPTION,
    "profile": Field(str, lambda text: text == PROFILE, PROFILE),
    "profile_data": Field(dict),
}
PROFILE_DATA = {"crk_id": TEXT}


def create_adapter(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#createkmipadapter."""
    fields = read_one_resource(call.request, ADAPTER, what="KMIP adapter")
    for name in ("profile", "profile_data"):
        if name not in fields:
            raise required_field(name)
    profile_data = checked(fields["profile_data"], PROFILE_DATA)
    if "crk_id" not in profile_data:
        raise required_field("crk_id")
    crk = root_key(call, profile_data["crk_id"])
    adapters = adapters_of(call)
    name = fields.get("name") or f"kmip_adapter_{call.random(4).hex()}"
    if any(adapter.name == name for adapter in adapters):
        raise fault("KMIP_ADAPTER_DUPLICATE_NAME_ERR", target=("field", "name"))
    if len(adapters) >= MOST:
        raise fault("KMIP_ADAPTER_QUOTA_ERR")
    adapter = KmipAdapter(
        id=new_uuid(call.random),
        instance_id=call.instance.id,
        name=name,
        crk_id=crk.id,
        created=call.now,
        created_by=call.iam_id,
        description=fields.get("description", ""),
    )
    return Answer(201, collection("kmip_adapter+json", [adapter_form(adapter)]), changes=(Put(adapter),))


def root_key(call: Call, name: str) -> Key:
    """The key with this id or alias, once it is found fit: an active root key, without an expiration date unless that is allowed."""
    key = call.state.get(Key, name.lower()) if is_uuid(name) else by_alias(call, name)
    if key is None or key.instance_id != call.instance.id or is_gone(key, call.now):
        raise fault("NATIVE_CRK_ID_NOT_FOUND_ERR", target=("field", "crk_id"))
    if key.extractable:
        raise fault("NATIVE_INVALID_CRK_ERR", "it is a standard key", target=("field", "crk_id"))
    if state_of(key, call.now) is not KeyState.ACTIVE:
        raise fault("NATIVE_INVALID_CRK_ERR", "it is not in active state", target=("field", "crk_id"))
    if key.expires is not None and not call.query["allowExpiringKey"]:
        raise fault("NATIVE_INVALID_CRK_ERR", "it has an expiration date", target=("field", "crk_id"))
    return key


def adapters_of(call: Call) -> list[KmipAdapter]:
    """The adapters of the instance."""
    return call.state.find(KmipAdapter, "instance", call.instance.id)


def adapter_of(call: Call) -> KmipAdapter:
    """The adapter of this call, by its UUID or its name. KMIP_ADAPTER_NOT_FOUND_ERR."""
    name = call.path["id"]
    for adapter in adapters_of(call):
        if name in (adapter.name, adapter.id) or (is_uuid(name) and name.lower() == adapter.id):
            return adapter
    raise fault("KMIP_ADAPTER_NOT_FOUND_ERR")


def list_adapters(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkmipadapters."""
    crk_id = call.query["crk_id"]
    adapters = [adapter for adapter in adapters_of(call) if crk_id in (None, adapter.crk_id)]
    return paged(call, "kmip_adapter+json", [adapter_form(adapter) for adapter in adapters])


def get_adapter(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkmipadapter."""
    return Answer(200, collection("kmip_adapter+json", [adapter_form(adapter_of(call))]))


def delete_adapter(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#deletekmipadapter. Its certificates go with it, unless one of its objects is Active."""
    adapter = adapter_of(call)
    if any(found.state == ACTIVE for found in call.kmip_objects.of_adapter(adapter)):
        raise fault("KMIP_ADAPTER_ACTIVE_OBJECTS_ERR")
    certificates = call.state.find(KmipCertificate, "adapter", adapter.id)
    objects = call.state.find(KmipObject, "adapter", adapter.id)
    return Answer(204, changes=tuple(Remove(record) for record in (*certificates, *objects, adapter)))


def adapter_form(adapter: KmipAdapter) -> Json:
    """An adapter as lists show it."""
    return {
        "id": adapter.id,
        "name": adapter.name,
        "description": adapter.description,
        "profile": adapter.profile,
        "profile_data": {"crk_id": adapter.crk_id},
        "created_by": adapter.created_by,
        "created_at": rfc3339(adapter.created),
        "updated_by": adapter.updated_by or adapter.created_by,
        "updated_at": rfc3339(adapter.created if adapter.updated is None else adapter.updated),
    }
