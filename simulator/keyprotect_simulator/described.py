"""What the calls answer when all goes well, and what their bodies hold: the parts of the OpenAPI document that `routes` has no need of.

One row a call, by method and path; a test holds it to the table of routes. The bodies are the tables that the rules read them with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keyprotect_simulator.instance import import_token
from keyprotect_simulator.instance import policies as instance_policies
from keyprotect_simulator.keys import bodies, policies
from keyprotect_simulator.kmip import adapters, certificates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keyprotect_simulator.keys.bodies import Field


class Described(NamedTuple):
    """The statuses of success, the component that the answer is (nothing: no body), and the body of the request."""

    statuses: tuple[int, ...]
    answer: str = ""
    body: Mapping[str, Field] | None = None
    collected: bool = False
    """Whether the body is the one resource of a collection."""
    required: bool = False
    """Whether there must be a body."""


def resource(statuses: tuple[int, ...], answer: str, body: Mapping[str, Field]) -> Described:
    """A call that takes a collection of one resource."""
    return Described(statuses, answer, body, collected=True, required=True)


UNDESCRIBED = Described((200, 201, 204), "Document")
"""What is said of a call without a row."""

KEYS, KEY, ACTIONS = "/api/v2/keys", "/api/v2/keys/{id}", "/api/v2/keys/{id}/actions"
INSTANCE, RINGS = "/api/v2/instance", "/api/v2/key_rings"
ADAPTERS = "/api/v2/kmip_adapters"
CERTIFICATES, OBJECTS = f"{ADAPTERS}/{{id}}/certificates", f"{ADAPTERS}/{{id}}/kmip_objects"
DONE = Described((204,))

DESCRIBED: dict[str, Described] = {
    f"POST {KEYS}": resource((201,), "Keys", bodies.KEY),
    "POST /api/v2/keys_with_policy_overrides": resource((201,), "Keys", bodies.KEY_WITH_POLICIES),
    f"GET {KEYS}": Described((200,), "Keys"),
    f"HEAD {KEYS}": Described((200,)),
    f"GET {KEY}": Described((200,), "Keys"),
    f"GET {KEY}/metadata": Described((200,), "Keys"),
    f"PATCH {KEY}": Described((200,), "Keys", bodies.PATCH, required=True),
    f"DELETE {KEY}": Described((200, 204), "Keys"),
    f"DELETE {KEY}/purge": Described((200, 204), "Keys"),
    f"POST {KEY}/restore": Described((201,), "Keys"),
    f"GET {KEY}/versions": Described((200,), "KeyVersions"),
    f"POST {ACTIONS}/wrap": Described((200,), "Wrapped", bodies.WRAP),
    f"POST {ACTIONS}/unwrap": Described((200,), "Unwrapped", bodies.UNWRAP, required=True),
    f"POST {ACTIONS}/rewrap": Described((200,), "Rewrapped", bodies.UNWRAP, required=True),
    f"POST {ACTIONS}/rotate": Described((204,), "", bodies.ROTATE),
    f"POST {ACTIONS}/disable": DONE,
    f"POST {ACTIONS}/enable": DONE,
    f"POST {ACTIONS}/setKeyForDeletion": DONE,
    f"POST {ACTIONS}/unsetKeyForDeletion": DONE,
    f"POST {ACTIONS}/sync": DONE,
    f"PUT {KEY}/policies": resource((200,), "KeyPolicies", policies.POLICY),
    f"GET {KEY}/policies": Described((200,), "KeyPolicies"),
    f"POST {KEY}/aliases/{{alias}}": Described((201,), "Aliases"),
    f"DELETE {KEY}/aliases/{{alias}}": DONE,
    f"GET {KEY}/registrations": Described((200,), "Registrations"),
    f"GET {KEYS}/registrations": Described((200,), "Registrations"),
    **{
        f"{method} {KEY}/registrations/{{crn}}{rest}": Described(())
        for method in ("POST", "PUT", "PATCH", "DELETE")
        for rest in ("", "/{rest}")
    },
    f"PUT {INSTANCE}/policies": resource((204,), "", instance_policies.RESOURCE),
    f"GET {INSTANCE}/policies": Described((200,), "InstancePolicies"),
    f"GET {INSTANCE}/allowed_ip_port": Described((200,), "AllowedIpPort"),
    "POST /api/v2/import_token": Described((200,), "ImportToken", import_token.BODY),
    "GET /api/v2/import_token": Described((200,), "ImportToken"),
    f"GET {RINGS}": Described((200,), "KeyRings"),
    f"POST {RINGS}/{{id}}": Described((201,)),
    f"DELETE {RINGS}/{{id}}": DONE,
    f"POST {ADAPTERS}": resource((201,), "KmipAdapters", adapters.ADAPTER),
    f"GET {ADAPTERS}": Described((200,), "KmipAdapters"),
    f"GET {ADAPTERS}/{{id}}": Described((200,), "KmipAdapters"),
    f"DELETE {ADAPTERS}/{{id}}": DONE,
    f"POST {CERTIFICATES}": resource((201,), "KmipCertificates", certificates.CERTIFICATE),
    f"GET {CERTIFICATES}": Described((200,), "KmipCertificates"),
    f"GET {CERTIFICATES}/{{certificate}}": Described((200,), "KmipCertificates"),
    f"DELETE {CERTIFICATES}/{{certificate}}": DONE,
    f"GET {OBJECTS}": Described((200,), "KmipObjects"),
    f"GET {OBJECTS}/{{object}}": Described((200,), "KmipObjects"),
    f"DELETE {OBJECTS}/{{object}}": DONE,
}
"""Statuses, bodies and answers; Key Protect API reference."""
