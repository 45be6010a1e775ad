"""The calls of Key Protect: one row each.

A row says the method and path, the IAM action that the caller needs, the sentence that an error begins with, the query parameters, the
media types of a body, the type of the answer, and whether the call may change what is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import VENDOR, Answer, Call
from keyprotect_simulator.instance import import_token, key_rings, network
from keyprotect_simulator.instance import policies as instance_policies
from keyprotect_simulator.keys import actions, aliases, creation, deletion, policies, registrations, retrieval
from keyprotect_simulator.kmip import adapters, certificates, objects
from keyprotect_simulator.messages import JSON
from keyprotect_simulator.parameters import (
    BOOLEAN,
    FILTER,
    INSTANCE_POLICY,
    KMIP_STATES,
    PAGE,
    PAGE_OF_KEYS,
    POLICY,
    SORT,
    STATES,
    TEXT,
    Parameter,
    page,
)
from keyprotect_simulator.provenance import DOCUMENTED, INFERRED, Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


KEY_BODY = (f"{VENDOR}key+json",)
POLICY_BODY = (f"{VENDOR}policy+json",)
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
    prepare: Callable[[Call], object] | None = None
    """What takes long and reads no state, for `Call.prepared`: done while other calls go on."""

    @property
    def instance_wide(self) -> bool:
        """Whether it takes a role on the whole instance; calls on keys are content with one on the key or its ring."""
        return not self.path.startswith(KEYS)


NOT_DONE = "Action could not be performed on key"
KEYS, KEY, ACTIONS = "/api/v2/keys", "/api/v2/keys/{id}", "/api/v2/keys/{id}/actions"
INSTANCE, RING = "/api/v2/instance", "/api/v2/key_rings"
ADAPTERS, ADAPTER = "/api/v2/kmip_adapters", "/api/v2/kmip_adapters/{id}"
CERTIFICATES, OBJECTS = f"{ADAPTER}/certificates", f"{ADAPTER}/kmip_objects"
CHOICE = {"state": STATES, "extractable": BOOLEAN, "filter": FILTER}
FORCE = {"force": BOOLEAN}
REGISTRATIONS = {**PAGE, registrations.CRN_QUERY: TEXT, "preventKeyDeletion": BOOLEAN}


def key_routes() -> tuple[Route, ...]:
    """Keys themselves."""
    return (
        Route("POST", KEYS, "kms.secrets.create", creation.create_key, "Key could not be created",
              consumes=KEY_BODY, produces=f"{VENDOR}key+json", writes=True),
        Route("POST", "/api/v2/keys_with_policy_overrides", "kms.secrets-with-policy-overrides.create", creation.create_key_with_policies,
              "Key could not be created", consumes=KEY_BODY, produces=f"{VENDOR}key+json", writes=True),
        Route("GET", KEYS, "kms.secrets.list", retrieval.list_keys, "Keys could not be retrieved",
              query={**PAGE_OF_KEYS, **CHOICE, "search": TEXT, "sort": SORT}, lists=True),
        Route("HEAD", KEYS, "kms.secrets.head", retrieval.count_keys, "Keys could not be retrieved", query=CHOICE, lists=True),
        Route("GET", KEY, "kms.secrets.read", retrieval.get_key, "Key could not be retrieved"),
        Route("GET", f"{KEY}/metadata", "kms.secrets.readmetadata", retrieval.get_key_metadata, "Key could not be retrieved"),
        Route("PATCH", KEY, "kms.secrets.patch", key_rings.patch_key, "Key could not be updated", consumes=KEY_BODY, writes=True),
        Route("DELETE", KEY, "kms.secrets.delete", deletion.delete, "Key could not be deleted", query=FORCE, writes=True),
        Route("DELETE", f"{KEY}/purge", "kms.secrets.purge", deletion.purge, "Key could not be purged", writes=True),
        Route("POST", f"{KEY}/restore", "kms.secrets.restore", deletion.restore, "Key could not be restored",
              consumes=(*KEY_BODY, *action_body("restore")), writes=True, old_action="restore"),
        Route("GET", f"{KEY}/versions", "kms.secrets.listkeyversions", retrieval.list_versions, "KeyVersions could not be retrieved",
              query={**PAGE, "allKeyStates": BOOLEAN}),
    )  # fmt: skip


def action_routes() -> tuple[Route, ...]:
    """What can be done with a key."""
    return (
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
        Route("POST", f"{ACTIONS}/setKeyForDeletion", "kms.secrets.setkeyfordeletion", deletion.set_key_for_deletion,
              "Key could not be set for deletion", consumes=(ACTION,), writes=True, old_action="setKeyForDeletion"),
        Route("POST", f"{ACTIONS}/unsetKeyForDeletion", "kms.secrets.unsetkeyfordeletion", deletion.unset_key_for_deletion,
              "Key could not be unset for deletion", consumes=(ACTION,), writes=True, old_action="unsetKeyForDeletion"),
        Route("POST", f"{ACTIONS}/sync", "kms.secrets.sync", actions.sync,
              "Could not initiate sync requests to associated resources", consumes=(ACTION,), writes=True),
    )  # fmt: skip


def key_attribute_routes() -> tuple[Route, ...]:
    """What hangs on a key: policies, aliases, registrations."""
    return (
        Route("PUT", f"{KEY}/policies", "kms.policies.write", policies.put_policies, "Key policy could not be created",
              query={"policy": POLICY}, consumes=POLICY_BODY, writes=True),
        Route("GET", f"{KEY}/policies", "kms.policies.read", policies.get_policies, "Key policy could not be retrieved",
              query={"policy": POLICY}),
        Route("POST", f"{KEY}/aliases/{{alias}}", "kms.secrets.createalias", aliases.create_alias, "Key alias could not be created",
              consumes=(f"{VENDOR}alias+json",), writes=True),
        Route("DELETE", f"{KEY}/aliases/{{alias}}", "kms.secrets.deletealias", aliases.delete_alias, "Key alias could not be deleted",
              writes=True),
        Route("GET", f"{KEY}/registrations", "kms.registrations.list", registrations.list_of_key, "Registrations could not be retrieved",
              query=REGISTRATIONS),
        Route("GET", f"{KEYS}/registrations", "kms.registrations.list", registrations.list_of_instance,
              "Registrations could not be retrieved", query=REGISTRATIONS),
        *(
            Route(method, f"{KEY}/registrations/{{crn}}{rest}", "kms.registrations.write", registrations.services_only,
                  f"Registration could not be {done}", consumes=(f"{VENDOR}registration_input+json",), provenance=INFERRED)
            for method, done in (("POST", "created"), ("PUT", "replaced"), ("PATCH", "updated"), ("DELETE", "deleted"))
            for rest in ("", "/{rest}")
        ),
    )  # fmt: skip


def instance_routes() -> tuple[Route, ...]:
    """What belongs to the instance: policies, import token, key rings."""
    return (
        Route("PUT", f"{INSTANCE}/policies", "kms.instancepolicies.write", instance_policies.put_instance_policies,
              "Instance policy could not be created", query={"policy": INSTANCE_POLICY}, consumes=POLICY_BODY, writes=True),
        Route("GET", f"{INSTANCE}/policies", "kms.instancepolicies.read", instance_policies.get_instance_policies,
              "Instance policy could not be retrieved", query={"policy": INSTANCE_POLICY}),
        Route("GET", f"{INSTANCE}/allowed_ip_port", "kms.instance.readallowedipport", network.get_allowed_ip_port,
              "Allowed IP port could not be retrieved"),
        Route("POST", "/api/v2/import_token", "kms.importtoken.create", import_token.create_import_token,
              "Import Token could not be created", consumes=(f"{VENDOR}import_token+json",), writes=True,
              prepare=import_token.new_key_pair),
        Route("GET", "/api/v2/import_token", "kms.importtoken.read", import_token.get_import_token,
              "Import Token could not be retrieved", writes=True),
        Route("GET", RING, "kms.keyrings.list", key_rings.list_key_rings, "Key rings could not be retrieved", query=page(100, 5000)),
        Route("POST", f"{RING}/{{id}}", "kms.keyrings.create", key_rings.create_key_ring, "Key ring could not be created",
              consumes=(f"{VENDOR}key_ring+json",), writes=True),
        Route("DELETE", f"{RING}/{{id}}", "kms.keyrings.delete", key_rings.delete_key_ring, "Key ring could not be deleted",
              query=FORCE, writes=True),
    )  # fmt: skip


def kmip_routes() -> tuple[Route, ...]:
    """KMIP adapters, their certificates and their objects."""
    adapter, certificate, kmip_object = "KMIP Adapter", "KMIP Client Certificate", "KMIP Object"
    return (
        Route("POST", ADAPTERS, "kms.kmip-management.create", adapters.create_adapter, f"{adapter} could not be created",
              query={"allowExpiringKey": BOOLEAN}, consumes=(f"{VENDOR}kmip_adapter+json",), writes=True),
        Route("GET", ADAPTERS, "kms.kmip-management.list", adapters.list_adapters, f"{adapter}s could not be retrieved",
              query={**page(100, 200), "crk_id": TEXT}),
        Route("GET", ADAPTER, "kms.kmip-management.read", adapters.get_adapter, f"{adapter} could not be retrieved"),
        Route("DELETE", ADAPTER, "kms.kmip-management.delete", adapters.delete_adapter, f"{adapter} could not be deleted", writes=True),
        Route("POST", CERTIFICATES, "kms.kmip-management.create", certificates.add_certificate, f"{certificate} could not be added",
              consumes=(f"{VENDOR}kmip_client_certificate+json",), produces=f"{VENDOR}kmip_client_certificate+json", writes=True),
        Route("GET", CERTIFICATES, "kms.kmip-management.list", certificates.list_certificates, f"{certificate}s could not be retrieved",
              query=page(100, 200)),
        Route("GET", f"{CERTIFICATES}/{{certificate}}", "kms.kmip-management.read", certificates.get_certificate,
              f"{certificate} could not be retrieved"),
        Route("DELETE", f"{CERTIFICATES}/{{certificate}}", "kms.kmip-management.delete", certificates.delete_certificate,
              f"{certificate} could not be deleted", writes=True),
        Route("GET", OBJECTS, "kms.kmip-management.list", objects.list_objects, f"{kmip_object}s could not be retrieved",
              query={**page(100, 5000), "state": KMIP_STATES}),
        Route("GET", f"{OBJECTS}/{{object}}", "kms.kmip-management.read", objects.get_object, f"{kmip_object} could not be retrieved"),
        Route("DELETE", f"{OBJECTS}/{{object}}", "kms.kmip-management.delete", objects.delete_object, f"{kmip_object} could not be deleted",
              query=FORCE, writes=True),
    )  # fmt: skip


ROUTES = (*key_routes(), *action_routes(), *key_attribute_routes(), *instance_routes(), *kmip_routes())
"""Every call; Key Protect API reference."""
