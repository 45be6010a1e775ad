"""Registrations: which cloud resources a root key protects.

Only other services make, change and remove them, never a user: whoever tries is told so (SERVICE_ONLY_ERR). Users read them, of one key
or of all, and choose by the resource's CRN:

    crn:v1:bluemix:public:cloud-object-storage:global:a/<account>:<instance>:bucket:<name>

A `*` stands for any text of a segment, and the last segment given is a prefix. SDKs encode the query twice.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import unquote

from keyprotect_simulator.calls import Answer, Call, paged
from keyprotect_simulator.faults import bad_query_parameter, fault
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.lookup import key_of, keys_of
from keyprotect_simulator.records import Key, Registration

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

SEGMENTS_WITHOUT_WILDCARD = 8
"""Segments that a query over all keys has to spell out."""
CRN_QUERY = "urlEncodedResourceCRNQuery"


def list_of_key(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getregistrations."""
    return listed(call, [key_of(call)])


def list_of_instance(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getregistrationsallkeys."""
    query = decoded(call.query[CRN_QUERY] or "")
    if "*" in ":".join(query.split(":")[:SEGMENTS_WITHOUT_WILDCARD]):
        raise bad_query_parameter(CRN_QUERY, f"a CRN without * in its first {SEGMENTS_WITHOUT_WILDCARD} segments")
    return listed(call, keys_of(call))


def listed(call: Call, keys: list[Key]) -> Answer:
    """The registrations of these keys that the query asks for."""
    query, prevents = decoded(call.query[CRN_QUERY] or ""), call.query["preventKeyDeletion"]
    found = [
        registration_form(key, registration)
        for key in keys
        for registration in call.state.find(Registration, "key", key.id)
        if matches(query, registration.resource_crn) and prevents in (None, registration.prevent_key_deletion)
    ]
    return paged(call, "registration+json", found)


def decoded(query: str) -> str:
    """The CRN of a query, however often it was percent-encoded."""
    while "%" in query and unquote(query) != query:
        query = unquote(query)
    return query


def matches(query: str, crn: str) -> bool:
    """Whether the CRN of a resource is one that the query describes."""
    wanted, given = query.split(":"), crn.split(":")
    if len(wanted) > len(given):
        return False
    wanted[-1] += "*"
    return all(fnmatchcase(segment, literal_but_star(pattern)) for pattern, segment in zip(wanted, given, strict=False))


def literal_but_star(pattern: str) -> str:
    """The pattern with nothing special in it but `*`."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def registration_form(key: Key, registration: Registration) -> Json:
    """A registration as lists show it."""
    version = next((version for version in key.versions if version.id == registration.key_version_id), key.newest)
    return {
        "keyId": key.id,
        "keyName": key.name,
        "resourceCrn": registration.resource_crn,
        "createdBy": registration.created_by,
        "creationDate": rfc3339(registration.created),
        "updatedBy": registration.updated_by,
        "lastUpdated": rfc3339(registration.updated),
        "description": registration.description,
        "preventKeyDeletion": registration.prevent_key_deletion,
        "keyVersion": {"id": version.id, "creationDate": rfc3339(version.created)},
    }


def new_registration(key: Key, resource_crn: str, *, prevent_key_deletion: bool, now: float, by: str) -> Registration:
    """What another service would make, with the newest version of a root key."""
    return Registration(
        id=f"{key.id} {resource_crn}",
        instance_id=key.instance_id,
        key_id=key.id,
        resource_crn=resource_crn,
        created=now,
        created_by=by,
        updated=now,
        updated_by=by,
        key_version_id=key.newest.id,
        prevent_key_deletion=prevent_key_deletion,
    )


def services_only(_: Call) -> Answer:
    """Whatever else can be done to registrations is not for users."""
    raise fault("SERVICE_ONLY_ERR")
