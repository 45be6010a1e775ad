"""Service IDs and their API keys as resources of IAM: made, listed, shown, renamed, locked, disabled, deleted.

    /v1/serviceids    /v1/serviceids/{id}    /v1/serviceids/{id}/lock
    /v1/apikeys       /v1/apikeys/{id}       /v1/apikeys/{id}/lock    /v1/apikeys/{id}/disable    /v1/apikeys/details

Everyone in an account may do all of this within the account: IAM's own roles (who may manage whose identities) are not simulated. What
is locked cannot be deleted or disabled; an API key that is disabled or expired gets no tokens. Its value is told once, when it is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from keyprotect_simulator.iam.bodies import API_KEY, SERVICE_ID, UPDATE, read_body
from keyprotect_simulator.iam.calls import IamAnswer, IamCall, IamRoute, page_of
from keyprotect_simulator.iam.faults import IamFault, invalid_property
from keyprotect_simulator.iam.grants import digest_of
from keyprotect_simulator.identifiers import new_uuid, parse_rfc3339, rfc3339
from keyprotect_simulator.records import AccessPolicy, ApiKey, Put, Remove, Secret, ServiceId

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.records import Change

R = TypeVar("R", ServiceId, ApiKey)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


# -- service IDs


def create_service_id(call: IamCall) -> IamAnswer:
    """A service ID of the caller's account, with an API key if the body has the beginnings of one."""
    caller, fields = call.caller(), read_body(call, SERVICE_ID, required=("account_id", "name"))
    same_account(caller, fields["account_id"])
    service = ServiceId(
        id=f"ServiceId-{new_uuid(call.random)}",
        account_id=caller.account_id,
        name=fields["name"],
        description=fields.get("description", ""),
        locked=is_true(call, "entity-lock"),
        created=call.now,
        created_by=caller.iam_id,
    )
    if "apikey" not in fields:
        return IamAnswer(201, service_form(service), (Put(service),))
    given = read_body(call, {name: API_KEY[name] for name in ("name", "description", "apikey", "store_value")}, fields["apikey"], ("name",))
    key = api_key_from(call, given, service, caller)
    return IamAnswer(201, {**service_form(service), "apikey": api_key_form(call, key, value=True)}, (Put(service), Put(key)))


def list_service_ids(call: IamCall) -> IamAnswer:
    """The service IDs of the caller's account."""
    caller, query = call.caller(), call.query
    same_account(caller, query.get("account_id", caller.account_id))
    found = call.state.find(ServiceId, "account", caller.account_id)
    return page_of(call, "serviceids", [service_form(one) for one in found if query.get("name", one.name) == one.name])


def get_service_id(call: IamCall) -> IamAnswer:
    """One service ID."""
    return IamAnswer(200, service_form(service_of(call)))


def delete_service_id(call: IamCall) -> IamAnswer:
    """A service ID, its API keys and its policies go together."""
    service = unlocked(service_of(call))
    keys = call.state.find(ApiKey, "service_id", service.id)
    policies = call.state.find(AccessPolicy, "iam_id", service.iam_id)
    return IamAnswer(204, None, tuple(Remove(record) for record in (*policies, *keys, service)))


def service_of(call: IamCall) -> ServiceId:
    """The service ID in the path, if it is of the caller's account."""
    caller = call.caller()
    service = call.state.get(ServiceId, call.path["id"].removeprefix("iam-"))
    if service is None or service.account_id != caller.account_id:
        raise IamFault("NOT_FOUND")
    return service


def service_form(service: ServiceId) -> Json:
    """A service ID as answers show it."""
    return {
        "id": service.id,
        "iam_id": service.iam_id,
        "entity_tag": entity_tag(service),
        "crn": f"crn:v1:bluemix:public:iam-identity::a/{service.account_id}::serviceid:{service.id}",
        "locked": service.locked,
        "created_at": rfc3339(service.created),
        "modified_at": rfc3339(service.modified or service.created),
        "account_id": service.account_id,
        "name": service.name,
        **({"description": service.description} if service.description else {}),
    }


# -- API keys


def create_api_key(call: IamCall) -> IamAnswer:
    """An API key of a service ID of the caller's account. Nothing of a locked service ID changes, its API keys neither."""
    caller, fields = call.caller(), read_body(call, API_KEY, required=("name", "iam_id"))
    same_account(caller, fields.get("account_id", caller.account_id))
    service = call.state.get(ServiceId, fields["iam_id"].removeprefix("iam-"))
    if service is None or service.account_id != caller.account_id:
        raise invalid_property("iam_id", fields["iam_id"], "the IAM ID of a service ID of the account")
    key = api_key_from(call, fields, unlocked(service), caller)
    key = replace(key, locked=is_true(call, "entity-lock"), disabled=is_true(call, "entity-disable"))
    return IamAnswer(201, api_key_form(call, key, value=True), (Put(key),))


def api_key_from(call: IamCall, fields: Json, service: ServiceId, caller: ServiceId) -> ApiKey:
    """The API key that the checked fields describe, with a value of its own unless they have one."""
    value = fields.get("apikey") or "".join(ALPHABET[byte & 63] for byte in call.random(44))
    if call.state.find(ApiKey, "digest", digest_of(value)):
        raise invalid_property("apikey", "•••", "a value that no other API key has")
    return ApiKey(
        id=f"ApiKey-{new_uuid(call.random)}",
        service_id=service.id,
        name=fields["name"],
        value=Secret(value.encode()),
        digest=digest_of(value),
        description=fields.get("description", ""),
        expires=expiration(fields),
        created=call.now,
        created_by=caller.iam_id,
    )


def expiration(fields: Json) -> float | None:
    """When an API key is to become invalid; an empty text is never."""
    return parse_rfc3339(fields["expires_at"]) if fields.get("expires_at") else None


def list_api_keys(call: IamCall) -> IamAnswer:
    """The API keys of one service ID; of the caller himself, if none is named, or of his account with `scope=account`."""
    caller, query = call.caller(), call.query
    same_account(caller, query.get("account_id", caller.account_id))
    wanted = query.get("iam_id", "" if query.get("scope") == "account" else caller.iam_id)
    services = [one for one in call.state.find(ServiceId, "account", caller.account_id) if wanted in ("", one.iam_id)]
    keys = [key for service in services for key in call.state.find(ApiKey, "service_id", service.id)]
    return page_of(call, "apikeys", [api_key_form(call, key) for key in keys])


def get_api_key(call: IamCall) -> IamAnswer:
    """One API key, without its value."""
    return IamAnswer(200, api_key_form(call, api_key_of(call)))


def get_api_key_details(call: IamCall) -> IamAnswer:
    """The API key whose value is in the header `IAM-ApiKey`."""
    caller = call.caller()
    for key in call.state.find(ApiKey, "digest", digest_of(call.request.headers.get("iam-apikey", ""))):
        if owner(call, key).account_id == caller.account_id:
            return IamAnswer(200, api_key_form(call, key))
    raise IamFault("NOT_FOUND")


def delete_api_key(call: IamCall) -> IamAnswer:
    """An API key goes; the tokens that it was exchanged for stay good."""
    return IamAnswer(204, None, (Remove(unlocked(api_key_of(call))),))


def api_key_of(call: IamCall) -> ApiKey:
    """The API key in the path, if it is of the caller's account."""
    caller, key = call.caller(), call.state.get(ApiKey, call.path["id"])
    if key is None or owner(call, key).account_id != caller.account_id:
        raise IamFault("NOT_FOUND")
    return key


def owner(call: IamCall, key: ApiKey) -> ServiceId:
    """The service ID that an API key is of."""
    service = call.state.get(ServiceId, key.service_id)
    if service is None:
        raise IamFault("NOT_FOUND")
    return service


def api_key_form(call: IamCall, key: ApiKey, *, value: bool = False) -> Json:
    """An API key as answers show it; its value is empty but in the answer to its creation."""
    service = owner_or_new(call, key)
    return {
        "id": key.id,
        "entity_tag": entity_tag(key),
        "crn": f"crn:v1:bluemix:public:iam-identity::a/{service}::apikey:{key.id}",
        "locked": key.locked,
        "disabled": key.disabled,
        "created_at": rfc3339(key.created),
        "created_by": key.created_by,
        "modified_at": rfc3339(key.modified or key.created),
        "name": key.name,
        **({"description": key.description} if key.description else {}),
        **({"expires_at": rfc3339(key.expires)} if key.expires is not None else {}),
        "iam_id": f"iam-{key.service_id}",
        "account_id": service,
        "apikey": key.value.decode() if value else "",
    }


def owner_or_new(call: IamCall, key: ApiKey) -> str:
    """The account of an API key's service ID; the caller's, if that is only being made."""
    service = call.state.get(ServiceId, key.service_id)
    return service.account_id if service is not None else call.caller().account_id


# -- both


def same_account(caller: ServiceId, account_id: str) -> None:
    """Refuse to look at another account."""
    if account_id != caller.account_id:
        raise IamFault("FORBIDDEN")


def unlocked(record: R) -> R:
    """The record, if it is not locked."""
    if record.locked:
        raise IamFault("LOCKED")
    return record


def is_true(call: IamCall, header: str) -> bool:
    """Whether a header says `true`."""
    return call.request.headers.get(header, "").lower() == "true"


def entity_tag(record: ServiceId | ApiKey) -> str:
    """Another text whenever the record is another one."""
    return f"1-{digest_of(repr(record))[:32]}"


def put(call: IamCall, changed: ServiceId | ApiKey) -> IamAnswer:
    """Remember a changed record, and show it."""
    form = service_form(changed) if isinstance(changed, ServiceId) else api_key_form(call, changed)
    change: Change = Put(changed)
    return IamAnswer(200, form, (change,))


def updated(call: IamCall, record: R) -> R:
    """The record with another name or description, if it is not locked and the one that the caller has read (`If-Match`)."""
    if call.request.headers.get("if-match", "") not in ("*", entity_tag(unlocked(record))):
        raise IamFault("STALE")
    fields = read_body(call, UPDATE)
    name, description = fields.get("name", record.name), fields.get("description", record.description)
    return replace(record, name=name, description=description, modified=call.now)


def update_service_id(call: IamCall) -> IamAnswer:
    """Another name or description; tokens are not affected."""
    return put(call, updated(call, service_of(call)))


def update_api_key(call: IamCall) -> IamAnswer:
    """Another name, description or expiration."""
    changed, fields = updated(call, api_key_of(call)), read_body(call, UPDATE)
    return put(call, replace(changed, expires=expiration(fields)) if "expires_at" in fields else changed)


def lock_service_id(call: IamCall) -> IamAnswer:
    """Nothing of the service ID changes from now on."""
    return put(call, replace(service_of(call), locked=True, modified=call.now))


def unlock_service_id(call: IamCall) -> IamAnswer:
    """Take the lock back."""
    return put(call, replace(service_of(call), locked=False, modified=call.now))


def lock_api_key(call: IamCall) -> IamAnswer:
    """The API key is neither disabled nor deleted from now on."""
    return put(call, replace(api_key_of(call), locked=True, modified=call.now))


def unlock_api_key(call: IamCall) -> IamAnswer:
    """Take the lock back."""
    return put(call, replace(api_key_of(call), locked=False, modified=call.now))


def disable_api_key(call: IamCall) -> IamAnswer:
    """The API key gets no more tokens."""
    changed = replace(unlocked(api_key_of(call)), disabled=True, modified=call.now)
    return IamAnswer(204, None, (Put(changed),))


def enable_api_key(call: IamCall) -> IamAnswer:
    """The API key gets tokens again."""
    changed = replace(unlocked(api_key_of(call)), disabled=False, modified=call.now)
    return IamAnswer(204, None, (Put(changed),))


SERVICE_IDS, API_KEYS = "/v1/serviceids", "/v1/apikeys"
IDENTITY_ROUTES = (
    IamRoute("GET", SERVICE_IDS, list_service_ids),
    IamRoute("POST", SERVICE_IDS, create_service_id, writes=True),
    IamRoute("GET", f"{SERVICE_IDS}/{{id}}", get_service_id),
    IamRoute("PUT", f"{SERVICE_IDS}/{{id}}", update_service_id, writes=True),
    IamRoute("DELETE", f"{SERVICE_IDS}/{{id}}", delete_service_id, writes=True),
    IamRoute("POST", f"{SERVICE_IDS}/{{id}}/lock", lock_service_id, writes=True),
    IamRoute("DELETE", f"{SERVICE_IDS}/{{id}}/lock", unlock_service_id, writes=True),
    IamRoute("GET", API_KEYS, list_api_keys),
    IamRoute("POST", API_KEYS, create_api_key, writes=True),
    IamRoute("GET", f"{API_KEYS}/details", get_api_key_details),
    IamRoute("GET", f"{API_KEYS}/{{id}}", get_api_key),
    IamRoute("PUT", f"{API_KEYS}/{{id}}", update_api_key, writes=True),
    IamRoute("DELETE", f"{API_KEYS}/{{id}}", delete_api_key, writes=True),
    IamRoute("POST", f"{API_KEYS}/{{id}}/lock", lock_api_key, writes=True),
    IamRoute("DELETE", f"{API_KEYS}/{{id}}/lock", unlock_api_key, writes=True),
    IamRoute("POST", f"{API_KEYS}/{{id}}/disable", disable_api_key, writes=True),
    IamRoute("DELETE", f"{API_KEYS}/{{id}}/disable", enable_api_key, writes=True),
)
