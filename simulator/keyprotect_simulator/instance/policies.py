"""Policies of an instance. They concern keys that are made later, and (the two about networks) every call from then on.

A body has one resource a policy: `{"policy_type": T, "policy_data": {"enabled": true, "attributes": {…}}}`. The table says which
attributes a type has; those that have some need them to be enabled, and lose them when they are disabled.
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

from keyprotect_simulator.calls import Answer, Call, collection
from keyprotect_simulator.faults import bad_body, bad_field, fault
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.bodies import BOOLEAN, ROTATION, TEXT, Field, checked, read_collection, required_field
from keyprotect_simulator.records import InstancePolicy, Put

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.state.tables import State

NETWORKS = ("public-and-private", "private-only")
ALLOWED_NETWORK, ALLOWED_IP, IMPORT_ACCESS = "allowedNetwork", "allowedIP", "keyCreateImportAccess"


def are_networks(values: list[Any]) -> bool:
    """Whether these are one or more addresses or ranges, IPv4 or IPv6."""
    try:
        return bool(values) and all(isinstance(value, str) and ipaddress.ip_network(value, strict=False) for value in values)
    except ValueError:
        return False


ATTRIBUTES: dict[str, dict[str, Field]] = {
    ALLOWED_NETWORK: {"allowed_network": Field(str, NETWORKS.__contains__, f"one of {', '.join(NETWORKS)}")},
    "dualAuthDelete": {},
    ALLOWED_IP: {"allowed_ip": Field(list, are_networks, "a list of IPv4 or IPv6 CIDR subnets")},
    IMPORT_ACCESS: {
        "create_root_key": BOOLEAN,
        "create_standard_key": BOOLEAN,
        "import_root_key": BOOLEAN,
        "import_standard_key": BOOLEAN,
        "enforce_token": BOOLEAN,
    },
    "metrics": {},
    "rotation": {"interval_month": ROTATION["interval_month"]},
}
"""Which attributes a policy of this type has."""
DEFAULTS: dict[str, Json] = {
    IMPORT_ACCESS: {
        "create_root_key": True,
        "create_standard_key": True,
        "import_root_key": True,
        "import_standard_key": True,
        "enforce_token": False,
    }
}
"""What attributes mean that an enabled policy leaves out; of the other types none can be left out."""
RESOURCE = {"policy_type": TEXT, "policy_data": Field(dict), "type": TEXT}


def put_instance_policies(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#putinstancepolicy."""
    metadata, resources = read_collection(call.request)
    if metadata.get("collectionTotal", len(resources)) != len(resources):
        raise fault("COLLECTION_TOTAL_MISMATCH_ERR")
    only = call.query["policy"]
    if only is not None and len(resources) > 1:
        raise fault("NUM_COLLECTION_RESOURCE_ERR")
    policies = [policy_from(call, checked(resource, RESOURCE)) for resource in resources]
    types = [policy.policy_type for policy in policies]
    if len(set(types)) != len(types):
        raise bad_body("a policy type is given more than once")
    if only not in (None, types[0]):
        raise fault("BODY_QUERY_PARAM_MISMATCH_ERR", target=("query_param", "policy"))
    return Answer(204, changes=tuple(Put(policy) for policy in policies))


def policy_from(call: Call, fields: Json) -> InstancePolicy:
    """The policy that a resource of the body asks for, made or changed."""
    policy_type = fields.get("policy_type")
    if policy_type not in ATTRIBUTES:
        raise bad_field("policy_type", f"one of {', '.join(ATTRIBUTES)}")
    enabled, attributes = data_from(policy_type, fields.get("policy_data", {}))
    former = policy_of(call.state, call.instance.id, policy_type)
    return InstancePolicy(
        id=f"{call.instance.id} {policy_type}",
        instance_id=call.instance.id,
        policy_type=policy_type,
        enabled=enabled,
        attributes=json.dumps(attributes),
        created=former.created if former else call.now,
        created_by=former.created_by if former else call.iam_id,
        updated=call.now,
        updated_by=call.iam_id,
    )


def data_from(policy_type: str, given: Json) -> tuple[bool, Json]:
    """Whether the policy is on, and its attributes, out of the checked `policy_data`."""
    table = ATTRIBUTES[policy_type]
    data = checked(given, {"enabled": BOOLEAN, **({"attributes": Field(dict)} if table else {})})
    if "enabled" not in data:
        raise required_field("enabled")
    if not data["enabled"]:
        if "attributes" in data:
            raise bad_field("attributes", "left out when a policy is disabled")
        return False, {}
    if table and "attributes" not in data:
        raise required_field("attributes")
    attributes = {**DEFAULTS.get(policy_type, {}), **checked(data.get("attributes", {}), table)}
    for name in table:
        if name not in attributes:
            raise required_field(name)
    return True, attributes


def get_instance_policies(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getinstancepolicy."""
    only = call.query["policy"]
    policies = call.state.find(InstancePolicy, "instance", call.instance.id)
    return Answer(200, collection("policy+json", [policy_form(one) for one in policies if only in (None, one.policy_type)]))


def policy_form(policy: InstancePolicy) -> Json:
    """A policy as lists show it."""
    attributes = json.loads(policy.attributes)
    return {
        "policy_type": policy.policy_type,
        "policy_data": {"enabled": policy.enabled, **({"attributes": attributes} if attributes else {})},
        "createdBy": policy.created_by,
        "creationDate": rfc3339(policy.created),
        "updatedBy": policy.updated_by,
        "lastUpdated": rfc3339(policy.updated),
    }


def policy_of(state: State, instance_id: str, policy_type: str) -> InstancePolicy | None:
    """The policy of this type that the instance has."""
    return state.get(InstancePolicy, f"{instance_id} {policy_type}")


def attributes_in_force(state: State, instance_id: str, policy_type: str) -> Json | None:
    """The attributes of a policy that is on; None when there is none."""
    policy = policy_of(state, instance_id, policy_type)
    return json.loads(policy.attributes) if policy is not None and policy.enabled else None


def inherited_by(state: State, instance_id: str, *, generated_root_key: bool) -> Json:
    """The policies, as the members of a request, that a new key has from its instance."""
    inherited: Json = {}
    rotation = attributes_in_force(state, instance_id, "rotation")
    if rotation is not None and generated_root_key:
        inherited["rotation"] = rotation
    if attributes_in_force(state, instance_id, "dualAuthDelete") is not None:
        inherited["dualAuthDelete"] = {"enabled": True}
    return inherited
