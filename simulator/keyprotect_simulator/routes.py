"""The calls of Key Protect: one row each.

A row says the method and path, the IAM action that the caller needs, the sentence that an error begins with, the query parameters, the
media types of a body, the type of the answer, and whether the call may change what is remembered. A call of the service that has no
row in `ROUTES` but one in `NOT_SIMULATED` is answered 501, so that nobody takes it for a call that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import VENDOR, Answer, Call
from keyprotect_simulator.keys import actions, creation, retrieval
from keyprotect_simulator.messages import JSON
from keyprotect_simulator.parameters import BOOLEAN, NOT_YET, PAGE, SORT, STATES, TEXT, Parameter
from keyprotect_simulator.provenance import DOCUMENTED, Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


KEY_BODY = (f"{VENDOR}key+json",)
ACTION = f"{VENDOR}key_action+json"


def action_body(name: str) -> tuple[str, ...]:
    """The media types that the body of an action may have besides JSON."""
    return (ACTION, f"{VENDOR}key_action_{name}+json")


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the service."""

    method: str
    path: str
    action: str
    answer: Callable[[Call], Answer]
    undone: str
    query: Mapping[str, Parameter] = field(default_factory=dict)
    consumes: tuple[str, ...] = ()
    produces: str = JSON
    writes: bool = False
    lists: bool = False
    """Whether a caller without rights gets an empty list instead of a refusal."""
    old_action: str = ""
    """Its name in the deprecated form, `POST /keys/{id}?action=…`."""
    provenance: Provenance = DOCUMENTED


NOT_DONE = "Action could not be performed on key"
KEYS, KEY, ACTIONS = "/api/v2/keys", "/api/v2/keys/{id}", "/api/v2/keys/{id}/actions"
CHOICE = {"state": STATES, "extractable": BOOLEAN, "filter": NOT_YET}

ROUTES = (
    Route("POST", KEYS, "kms.secrets.create", creation.create_key, "Key could not be created",
          consumes=KEY_BODY, produces=f"{VENDOR}key+json", writes=True),
    Route("GET", KEYS, "kms.secrets.list", retrieval.list_keys, "Keys could not be retrieved",
          query={**PAGE, **CHOICE, "search": TEXT, "sort": SORT}, lists=True),
    Route("HEAD", KEYS, "kms.secrets.head", retrieval.count_keys, "Keys could not be retrieved", query=CHOICE, lists=True),
    Route("GET", KEY, "kms.secrets.read", retrieval.get_key, "Key could not be retrieved"),
    Route("GET", f"{KEY}/metadata", "kms.secrets.readmetadata", retrieval.get_key_metadata, "Key could not be retrieved"),
    Route("DELETE", KEY, "kms.secrets.delete", actions.delete, "Key could not be deleted", query={"force": BOOLEAN}, writes=True),
    Route("POST", f"{KEY}/restore", "kms.secrets.restore", actions.restore, "Key could not be restored",
          consumes=(*KEY_BODY, *action_body("restore")), writes=True, old_action="restore"),
    Route("GET", f"{KEY}/versions", "kms.secrets.listkeyversions", retrieval.list_versions, "KeyVersions could not be retrieved",
          query={**PAGE, "totalCount": BOOLEAN, "allKeyStates": BOOLEAN}),
    Route("POST", f"{ACTIONS}/wrap", "kms.secrets.wrap", actions.wrap, "Wrap with key could not be performed",
          consumes=action_body("wrap"), produces=f"{VENDOR}key_action+json", old_action="wrap"),
    Route("POST", f"{ACTIONS}/unwrap", "kms.secrets.unwrap", actions.unwrap, "Unwrap with key could not be performed",
          consumes=action_body("unwrap"), old_action="unwrap"),
    Route("POST", f"{ACTIONS}/rewrap", "kms.secrets.rewrap", actions.rewrap, "Rewrap with key could not be performed",
          consumes=action_body("rewrap"), old_action="rewrap"),
    Route("POST", f"{ACTIONS}/rotate", "kms.secrets.rotate", actions.rotate, "Key could not be rotated",
          consumes=action_body("rotate"), writes=True, old_action="rotate"),
    Route("POST", f"{ACTIONS}/disable", "kms.secrets.disable", actions.disable, "Key could not be disabled",
          consumes=action_body("disable"), writes=True, old_action="disable"),
    Route("POST", f"{ACTIONS}/enable", "kms.secrets.enable", actions.enable, "Key could not be enabled",
          consumes=action_body("enable"), writes=True, old_action="enable"),
)  # fmt: skip
"""Every call that is simulated; Key Protect API reference."""

NOT_SIMULATED = (
    "POST /api/v2/keys_with_policy_overrides",
    "PATCH /api/v2/keys/{id}",
    "DELETE /api/v2/keys/{id}/purge",
    "POST /api/v2/keys/{id}/actions/setKeyForDeletion",
    "POST /api/v2/keys/{id}/actions/unsetKeyForDeletion",
    "POST /api/v2/keys/{id}/actions/sync",
    "PUT /api/v2/keys/{id}/policies",
    "GET /api/v2/keys/{id}/policies",
    "POST /api/v2/keys/{id}/aliases/{alias}",
    "DELETE /api/v2/keys/{id}/aliases/{alias}",
    "GET /api/v2/keys/{id}/registrations",
    "GET /api/v2/keys/registrations",
    "PUT /api/v2/instance/policies",
    "GET /api/v2/instance/policies",
    "GET /api/v2/instance/allowed_ip_port",
    "POST /api/v2/import_token",
    "GET /api/v2/import_token",
    "GET /api/v2/key_rings",
    "POST /api/v2/key_rings/{id}",
    "DELETE /api/v2/key_rings/{id}",
    "POST /api/v2/kmip_adapters",
    "GET /api/v2/kmip_adapters",
    "GET /api/v2/kmip_adapters/{id}",
    "DELETE /api/v2/kmip_adapters/{id}",
    "POST /api/v2/kmip_adapters/{id}/certificates",
    "GET /api/v2/kmip_adapters/{id}/certificates",
    "GET /api/v2/kmip_adapters/{id}/certificates/{certificate}",
    "DELETE /api/v2/kmip_adapters/{id}/certificates/{certificate}",
    "GET /api/v2/kmip_adapters/{id}/kmip_objects",
    "GET /api/v2/kmip_adapters/{id}/kmip_objects/{object}",
    "DELETE /api/v2/kmip_adapters/{id}/kmip_objects/{object}",
)
"""Calls of the service that this simulator does not have yet."""
