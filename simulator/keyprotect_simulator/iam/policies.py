"""Access policies as resources of IAM: which roles an identity has on an instance of Key Protect, or on a key ring or a key of it.

    {"type": "access",
     "subjects": [{"attributes": [{"name": "iam_id", "value": "iam-ServiceId-…"}]}],
     "roles": [{"role_id": "crn:v1:bluemix:public:iam::::serviceRole:Manager"}],
     "resources": [{"attributes": [{"name": "serviceName", "value": "kms"}, {"name": "serviceInstance", "value": "<uuid>"},
                                   {"name": "resourceType", "value": "key"}, {"name": "resource", "value": "<key id>"}]}]}

Everyone in an account may read them. Who assigns roles on an instance, or takes them away, has the platform role Administrator on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keyprotect_simulator.iam.bodies import POLICY, read_body
from keyprotect_simulator.iam.calls import IamAnswer, IamCall, IamRoute
from keyprotect_simulator.iam.faults import IamFault, invalid_property
from keyprotect_simulator.iam.identities import unlocked
from keyprotect_simulator.identifiers import new_uuid
from keyprotect_simulator.records import AccessPolicy, Instance, Put, Remove, ServiceId
from keyprotect_simulator.roles import Role

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

OWN_ROLES = (Role.READER_PLUS, Role.KEY_PURGE, Role.KMIP_ADAPTER_MANAGER)
PLATFORM_ROLES = (Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMINISTRATOR)
ATTRIBUTES = ("accountId", "serviceName", "serviceInstance", "keyRing", "resourceType", "resource")


def role_id(role: Role) -> str:
    """How policies name a role: roles of every service, roles of Key Protect's own, platform roles."""
    if role in PLATFORM_ROLES:
        return f"crn:v1:bluemix:public:iam::::role:{role.value}"
    return f"crn:v1:bluemix:public:{'kms' if role in OWN_ROLES else 'iam'}::::serviceRole:{role.value}"


ROLES = {role_id(role): role for role in Role}


def create_policy(call: IamCall) -> IamAnswer:
    """Grant roles to a service ID of the caller's account."""
    caller, fields = call.caller(), read_body(call, POLICY, required=("type", "subjects", "roles", "resources"))
    if fields["type"] != "access":
        raise invalid_property("type", fields["type"], "access")
    subject, resource = attributes_of(fields, "subjects"), attributes_of(fields, "resources")
    service = call.state.get(ServiceId, subject.get("iam_id", "").removeprefix("iam-"))
    if service is None or service.account_id != caller.account_id:
        raise invalid_property("subjects", subject.get("iam_id"), "the IAM ID of a service ID of the account")
    instance = instance_of(call, resource)
    administers(call, caller, instance.id)
    policy = AccessPolicy(
        id=new_uuid(call.random),
        iam_id=unlocked(service).iam_id,
        instance_id=instance.id,
        roles=tuple(roles_of(fields["roles"])),
        key_ring=resource.get("keyRing", ""),
        key_id=resource.get("resource", ""),
    )
    return IamAnswer(201, policy_form(call, policy), (Put(policy),))


def attributes_of(fields: Json, name: str) -> dict[str, str]:
    """The attributes of the one subject or resource of a policy."""
    members = fields[name]
    try:
        (member,) = members
        attributes = {attribute["name"]: attribute["value"] for attribute in member["attributes"]}
    except (ValueError, TypeError, KeyError) as error:
        raise invalid_property(name, "•••", "a list of one object with a list of attributes") from error
    unknown = [one for one in attributes if name == "resources" and one not in ATTRIBUTES]
    if unknown or not all(isinstance(value, str) for value in attributes.values()):
        raise invalid_property(name, ", ".join(map(str, unknown)), ", ".join(ATTRIBUTES))
    return attributes


def instance_of(call: IamCall, resource: dict[str, str]) -> Instance:
    """The instance of Key Protect that a policy is about. Policies on all instances of an account are not simulated."""
    instance = call.state.get(Instance, resource.get("serviceInstance", ""))
    if resource.get("serviceName") != "kms" or instance is None or instance.account_id != call.caller().account_id:
        raise invalid_property(
            "resources", resource.get("serviceInstance"), "serviceName kms, and the id of an instance as serviceInstance"
        )
    if "resource" in resource and resource.get("resourceType") != "key":
        raise invalid_property("resourceType", resource.get("resourceType"), "key")
    return instance


def roles_of(given: list[Any]) -> list[Role]:
    """The roles of a policy."""
    if not given or not all(isinstance(one, dict) and one.get("role_id") in ROLES for one in given):
        raise invalid_property("roles", "•••", ", ".join(ROLES))
    return [ROLES[one["role_id"]] for one in given]


def list_policies(call: IamCall) -> IamAnswer:
    """The access policies of the account, or of one identity with `iam_id`."""
    caller, query = call.caller(), call.query
    services = call.state.find(ServiceId, "account", caller.account_id)
    found = [one for service in services for one in call.state.find(AccessPolicy, "iam_id", service.iam_id)]
    return IamAnswer(200, {"policies": [policy_form(call, one) for one in found if query.get("iam_id", one.iam_id) == one.iam_id]})


def get_policy(call: IamCall) -> IamAnswer:
    """One access policy."""
    return IamAnswer(200, policy_form(call, policy_of(call)))


def delete_policy(call: IamCall) -> IamAnswer:
    """Take the roles of a policy away again."""
    policy = policy_of(call)
    administers(call, call.caller(), policy.instance_id)
    return IamAnswer(204, None, (Remove(policy),))


def administers(call: IamCall, caller: ServiceId, instance_id: str) -> None:
    """Refuse a caller who may not assign roles on an instance: the one thing that platform roles mean for Key Protect itself."""
    granted = call.state.find(AccessPolicy, "grant", f"{caller.iam_id} {instance_id}")
    if not any(Role.ADMINISTRATOR in one.roles and not one.key_ring and not one.key_id for one in granted):
        raise IamFault("NOT_PERMITTED")


def policy_of(call: IamCall) -> AccessPolicy:
    """The policy in the path, if it is of the caller's account."""
    caller, policy = call.caller(), call.state.get(AccessPolicy, call.path["id"])
    service = call.state.get(ServiceId, policy.iam_id.removeprefix("iam-")) if policy is not None else None
    if policy is None or service is None or service.account_id != caller.account_id:
        raise IamFault("NOT_FOUND")
    return policy


def policy_form(call: IamCall, policy: AccessPolicy) -> Json:
    """A policy as answers show it."""
    limits = {"keyRing": policy.key_ring, "resourceType": "key" if policy.key_id else "", "resource": policy.key_id}
    resource = {"accountId": call.caller().account_id, "serviceName": "kms", "serviceInstance": policy.instance_id, **limits}
    return {
        "id": policy.id,
        "type": "access",
        "subjects": [{"attributes": [{"name": "iam_id", "value": policy.iam_id}]}],
        "roles": [{"role_id": role_id(role), "display_name": role.value} for role in policy.roles],
        "resources": [{"attributes": [{"name": name, "value": value} for name, value in resource.items() if value]}],
        "state": "active",
    }


POLICIES = "/v1/policies"
POLICY_ROUTES = (
    IamRoute("GET", POLICIES, list_policies),
    IamRoute("POST", POLICIES, create_policy, writes=True),
    IamRoute("GET", f"{POLICIES}/{{id}}", get_policy),
    IamRoute("DELETE", f"{POLICIES}/{{id}}", delete_policy, writes=True),
)
