"""Which refusals each call can give: one row a call, held to the code by the contract tests both ways.

Each code of a row is provoked by a test, over HTTP, under the mock and in process; and no contract test gets a refusal that is not in the
row of its call. A refusal without a reason code stands by its status. The OpenAPI document tells the statuses of these rows.

What a region that was switched off answers (503), and disturbances, are the simulator's own and in no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.faults import ERROR_CODES

if TYPE_CHECKING:
    from keyprotect_simulator.routes import Route

EVERY_CALL = ("401", "BEARER_SUB_EXTRACTION_ERR", "400", "INVALID_QUERY_PARAM_ERR", "413", "415")
"""No token or no right, a malformed token, no instance named, a wrong parameter, a body too large or of another type."""
BODY = ("NO_BODY_ERR", "BAD_BODY_ERR", "INVALID_FIELD_ERR")
A_KEY = ("KEY_NOT_FOUND_ERR", "INVALID_FIELD_ERR")
"""An id that no key has, and one that no key can have."""
STATE = ("KEY_ACTION_INVALID_STATE_ERR", "KEY_DELETED_ERR")
ROOT = ("KEY_ROOT_REQ_ERR",)
IMPORTED = ("IMPORT_TOKEN_EXPIRED_ERR", "INCORRECT_NONCE_ERR", "INCORRECT_NONCE_IV_ERR", "KEY_CREATE_IMPORT_ACCESS_ERR")
NEW_KEY = (*BODY, *IMPORTED, *ROOT, "KEY_RING_NOT_FOUND_ERR", "KEY_ALIAS_NOT_UNIQUE_ERR", "KEY_ALIAS_QUOTA_ERR")
AN_ADAPTER = ("KMIP_ADAPTER_NOT_FOUND_ERR",)
A_CERTIFICATE = (*AN_ADAPTER, "KMIP_CERT_NOT_FOUND_ERR")
AN_OBJECT = (*AN_ADAPTER, "KMIP_OBJECT_NOT_FOUND_ERR", "INVALID_FIELD_ERR")

KEYS, KEY = "/api/v2/keys", "/api/v2/keys/{id}"
ACTIONS = f"{KEY}/actions"
ADAPTERS, ADAPTER = "/api/v2/kmip_adapters", "/api/v2/kmip_adapters/{id}"
CERTIFICATES, OBJECTS = f"{ADAPTER}/certificates", f"{ADAPTER}/kmip_objects"

OWN: dict[str, tuple[str, ...]] = {
    f"POST {KEYS}": NEW_KEY,
    "POST /api/v2/keys_with_policy_overrides": (*NEW_KEY, "KEY_PAYLOAD_REQ_ERR"),
    f"GET {KEYS}": ("KEY_SEARCH_TOO_BROAD",),
    f"HEAD {KEYS}": (),
    f"GET {KEY}": A_KEY,
    f"GET {KEY}/metadata": A_KEY,
    f"PATCH {KEY}": (*BODY, *A_KEY, "KEY_RING_NOT_FOUND_ERR"),
    f"DELETE {KEY}": (*A_KEY, "KEY_DELETED_ERR", "AUTHORIZATIONS_NOT_MET", "PREV_KEY_DEL_ERR", "PROTECTED_RESOURCE_ERR"),
    f"DELETE {KEY}/purge": (*A_KEY, "KEY_ACTION_INVALID_STATE_ERR", "REQ_TOO_EARLY_ERR"),
    f"POST {KEY}/restore": (*A_KEY, "KEY_ACTION_INVALID_STATE_ERR", "REQ_TOO_EARLY_ERR", "KEY_EXPIRED_ERR", "KEY_RESTORE_EXPIRED"),
    f"GET {KEY}/versions": (*A_KEY, *STATE, *ROOT),
    f"POST {ACTIONS}/wrap": ("BAD_BODY_ERR", *A_KEY, *STATE, *ROOT),
    f"POST {ACTIONS}/unwrap": (*BODY, *A_KEY, *STATE, *ROOT, "UNPROCESSABLE_CIPHERTEXT_ERR"),
    f"POST {ACTIONS}/rewrap": (*BODY, *A_KEY, *STATE, *ROOT, "UNPROCESSABLE_CIPHERTEXT_ERR"),
    f"POST {ACTIONS}/rotate": (
        *("BAD_BODY_ERR", *A_KEY, *STATE, *ROOT, *IMPORTED),
        *("KEY_PAYLOAD_REQ_ERR", "KEY_ROTATION_NOT_PERMITTED"),
    ),
    f"POST {ACTIONS}/disable": (*A_KEY, *STATE, *ROOT),
    f"POST {ACTIONS}/enable": (*A_KEY, *STATE, *ROOT, "REQ_TOO_EARLY_ERR"),
    f"POST {ACTIONS}/setKeyForDeletion": (*A_KEY, *STATE, "NOT_DUAL_AUTH_ERR"),
    f"POST {ACTIONS}/unsetKeyForDeletion": (*A_KEY, *STATE, "NOT_DUAL_AUTH_ERR"),
    f"POST {ACTIONS}/sync": (*A_KEY, *ROOT, "REQ_TOO_EARLY_ERR"),
    f"PUT {KEY}/policies": (
        *(*BODY, *A_KEY, *ROOT),
        *("KEY_DELETED_ERR", "KEY_PAYLOAD_REQ_ERR", "BODY_QUERY_PARAM_MISMATCH_ERR"),
    ),
    f"GET {KEY}/policies": A_KEY,
    f"POST {KEY}/aliases/{{alias}}": (*A_KEY, "KEY_DELETED_ERR", "KEY_ALIAS_NOT_UNIQUE_ERR", "KEY_ALIAS_QUOTA_ERR"),
    f"DELETE {KEY}/aliases/{{alias}}": (*A_KEY, "KEY_ALIAS_NOT_FOUND_ERR"),
    f"GET {KEY}/registrations": A_KEY,
    f"GET {KEYS}/registrations": (),
    **{
        f"{method} {KEY}/registrations/{{crn}}{rest}": ("SERVICE_ONLY_ERR",)
        for method in ("POST", "PUT", "PATCH", "DELETE")
        for rest in ("", "/{rest}")
    },
    "PUT /api/v2/instance/policies": (
        *BODY,
        *("BODY_QUERY_PARAM_MISMATCH_ERR", "COLLECTION_TOTAL_MISMATCH_ERR", "NUM_COLLECTION_RESOURCE_ERR"),
    ),
    "GET /api/v2/instance/policies": (),
    "GET /api/v2/instance/allowed_ip_port": (),
    "POST /api/v2/import_token": ("BAD_BODY_ERR", "INVALID_FIELD_ERR"),
    "GET /api/v2/import_token": ("IMPORT_TOKEN_NOT_FOUND_ERR", "IMPORT_TOKEN_EXPIRED_ERR"),
    "GET /api/v2/key_rings": (),
    "POST /api/v2/key_rings/{id}": ("INVALID_FIELD_ERR", "KEY_RING_NOT_UNIQUE_ERR", "KEY_RING_QUOTA_ERR"),
    "DELETE /api/v2/key_rings/{id}": ("INVALID_FIELD_ERR", "KEY_RING_NOT_FOUND_ERR", "KEY_RING_NOT_EMPTY_ERR"),
    f"POST {ADAPTERS}": (
        *BODY,
        *("NATIVE_CRK_ID_NOT_FOUND_ERR", "NATIVE_INVALID_CRK_ERR", "KMIP_ADAPTER_DUPLICATE_NAME_ERR", "KMIP_ADAPTER_QUOTA_ERR"),
    ),
    f"GET {ADAPTERS}": (),
    f"GET {ADAPTER}": AN_ADAPTER,
    f"DELETE {ADAPTER}": (*AN_ADAPTER, "KMIP_ADAPTER_ACTIVE_OBJECTS_ERR"),
    f"POST {CERTIFICATES}": (
        *(*BODY, *AN_ADAPTER),
        *("KMIP_CERT_DUPLICATE_ERR", "KMIP_CERT_REUSE_ERR", "KMIP_CERT_DUPLICATE_NAME_ERR", "KMIP_CERT_QUOTA_ERR"),
    ),
    f"GET {CERTIFICATES}": AN_ADAPTER,
    f"GET {CERTIFICATES}/{{certificate}}": A_CERTIFICATE,
    f"DELETE {CERTIFICATES}/{{certificate}}": A_CERTIFICATE,
    f"GET {OBJECTS}": AN_ADAPTER,
    f"GET {OBJECTS}/{{object}}": AN_OBJECT,
    f"DELETE {OBJECTS}/{{object}}": (*AN_OBJECT, "KMIP_OBJECT_INVALID_STATE_ERR"),
}
"""What a call can refuse beyond `EVERY_CALL`, by method and path."""

NEVER = {
    "CONFIG_RULE_CONFLICT_ERR": "403: there is no governance here",
    "FEATURE_RESTRICTED_ERR": "403: no feature is restricted here",
    "INCOMPLETE_METADATA_ERR": "500: metadata does not become corrupted; a disturbance can give any status",
    "INVALID_SIG_EXP_ERR": "422: internal to the service",
    "KEY_IMPT_REQ_ERR": "400: obsolete since 2021, when restoring generated keys became possible",
    "KEY_INVALID_STATE_ERR": "422: what other services get when they register resources",
    "KEY_ROOT_REQ_REG_ERR": "422: the same",
    "KEY_VERSION_INVALID": "422: the same",
    "RESOURCE_OWNER_ERR": "403: the same",
    "UNAUTHORIZED_ERR": "401: the service gives its 401 without a code, and so does the simulator",
}
"""Documented codes that no call gives, and why."""


def refusals_of(call: str) -> tuple[str, ...]:
    """The codes, or statuses of refusals without one, that a call ("GET /api/v2/keys") can give, each once."""
    return tuple(dict.fromkeys((*EVERY_CALL, *OWN[call])))


def status_of(refusal: str) -> int:
    """The HTTP status of a code; a refusal without one is its status."""
    return int(refusal) if refusal.isdigit() else ERROR_CODES[refusal].status


def statuses_of(route: Route) -> set[int]:
    """The statuses of all refusals of a call."""
    return {status_of(refusal) for refusal in refusals_of(f"{route.method} {route.path}")}
