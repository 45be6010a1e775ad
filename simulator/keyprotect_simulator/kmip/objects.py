"""KMIP objects as the REST API shows them: their states and who did what when, never their material.

Where the objects are is behind `KmipObjects`: in the simulator's own state, where tests put them, or in a KMIP server that runs beside it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from keyprotect_simulator.calls import Answer, Call, collection, paged
from keyprotect_simulator.faults import bad_field, fault
from keyprotect_simulator.identifiers import is_uuid, rfc3339
from keyprotect_simulator.kmip.adapters import ACTIVE, adapter_of
from keyprotect_simulator.records import KmipAdapter, KmipEvent, KmipObject, Put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.records import Change
    from keyprotect_simulator.state.tables import State

PRE_ACTIVE, DEACTIVATED, COMPROMISED, DESTROYED = 1, 3, 4, 5
"""KMIP 1.4, 9.1.3.2.18."""
LISTED_BY_DEFAULT = frozenset({PRE_ACTIVE, ACTIVE, DEACTIVATED, COMPROMISED})
DELETABLE = frozenset({PRE_ACTIVE, DEACTIVATED, COMPROMISED})


class KmipObjects(Protocol):
    """Where the objects of KMIP adapters are."""

    def of_adapter(self, adapter: KmipAdapter, most: int | None = None) -> Sequence[KmipObject]:
        """All objects of an adapter, whatever their state, or so many of the newest; oldest first."""
        ...

    def destroy(self, found: KmipObject, at: KmipEvent) -> Sequence[Change]:
        """Erase the material of an object; the changes that the simulator's state is to take over."""
        ...


class StateObjects:
    """The objects that are records of the simulator's own state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def of_adapter(self, adapter: KmipAdapter, most: int | None = None) -> Sequence[KmipObject]:
        return self._state.find(KmipObject, "adapter", adapter.id)[-most if most else None :]

    def destroy(self, found: KmipObject, at: KmipEvent) -> Sequence[Change]:
        return (Put(replace(found, state=DESTROYED, updated=at, destroyed=at)),)


def list_objects(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkmipobjects."""
    states = call.query["state"] or LISTED_BY_DEFAULT
    found = call.kmip_objects.of_adapter(adapter_of(call))
    return paged(call, "kmip_object+json", [object_form(one) for one in found if one.state in states])


def get_object(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkmipobject."""
    return Answer(200, collection("kmip_object+json", [object_form(object_of(call, adapter_of(call)))]))


def delete_object(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#deletekmipobject. An Active object needs `force`; a destroyed one stays what it is."""
    adapter = adapter_of(call)
    found = object_of(call, adapter)
    if found.state not in DELETABLE and not (found.state == ACTIVE and call.query["force"]):
        raise fault("KMIP_OBJECT_INVALID_STATE_ERR", target=("query_param", "force") if found.state == ACTIVE else None)
    destroyed = call.kmip_objects.destroy(found, KmipEvent(call.now, "", call.iam_id))
    return Answer(204, changes=(*destroyed, Put(replace(adapter, updated=call.now, updated_by=call.iam_id))))


def object_of(call: Call, adapter: KmipAdapter) -> KmipObject:
    """The object of this call, which is named by its UUID alone."""
    name = call.path["object"]
    if not is_uuid(name):
        raise bad_field("id", "a KMIP object ID in the v4 UUID format", quote="'")
    for found in call.kmip_objects.of_adapter(adapter):
        if found.id == name.lower():
            return found
    raise fault("KMIP_OBJECT_NOT_FOUND_ERR")


def object_form(found: KmipObject) -> Json:
    """An object as lists show it."""
    return {
        "id": found.id,
        "kmip_object_type": found.object_type,
        "state": found.state,
        **event_form("created", found.created),
        **event_form("updated", found.updated),
        **event_form("destroyed", found.destroyed),
    }


def event_form(what: str, event: KmipEvent | None) -> Json:
    """The members that tell when something was done, by whom, and through which certificate, as far as that is known."""
    if event is None:
        return {}
    members = {f"{what}_at": rfc3339(event.at), f"{what}_by": event.by, f"{what}_by_kmip_client_cert_id": event.certificate_id}
    return {name: value for name, value in members.items() if value}
