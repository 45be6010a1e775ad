"""Policies of a key: automatic rotation, and dual authorization of its deletion.

A key has at most one policy of each kind, and keeps both through deletion and restoration. Dual authorization that is on stays on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import VENDOR, Answer, Call, collection
from keyprotect_simulator.faults import bad_body, bad_field, fault
from keyprotect_simulator.identifiers import key_crn, new_uuid, rfc3339
from keyprotect_simulator.keys.bodies import DUAL_AUTH_DELETE, INTERVAL_RULE, ROTATION, TEXT, Field, checked, read_one_resource
from keyprotect_simulator.keys.lifecycle import require
from keyprotect_simulator.keys.lookup import key_of
from keyprotect_simulator.records import Key, KeyPolicy, Put

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

ROTATE, DUAL_AUTH = "rotation", "dualAuthDelete"
KINDS = (ROTATE, DUAL_AUTH)
POLICY_TYPE = f"{VENDOR}policy+json"
POLICY = {"type": TEXT, ROTATE: Field(dict), DUAL_AUTH: Field(dict)}
FIELDS = {ROTATE: ROTATION, DUAL_AUTH: DUAL_AUTH_DELETE}


def policy_of(key: Key, kind: str) -> KeyPolicy | None:
    """The policy of this kind that the key has."""
    return next((policy for policy in key.policies if policy.kind == kind), None)


def is_enabled(key: Key, kind: str) -> bool:
    """Whether the key has a policy of this kind that is on."""
    policy = policy_of(key, kind)
    return policy is not None and policy.enabled


def put_policies(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#putpolicy."""
    fields = read_one_resource(call.request, POLICY, what="policy")
    wanted = {kind: fields[kind] for kind in KINDS if kind in fields}
    if not wanted:
        raise bad_body("the policy has neither rotation nor dualAuthDelete")
    only = call.query["policy"]
    if only is not None and set(wanted) != {only}:
        raise fault("BODY_QUERY_PARAM_MISMATCH_ERR", target=("query_param", "policy"))
    key = key_of(call)
    require(key, "set policies", call.now)
    changed = with_policies(call, key, wanted)
    shown = [policy_form(call, changed, policy) for policy in changed.policies if policy.kind in wanted]
    return Answer(200, collection("policy+json", shown), changes=(Put(replace(changed, updated=call.now)),))


def with_policies(call: Call, key: Key, wanted: Json) -> Key:
    """The key with these policies made or changed; the values are the members of the request, by kind."""
    for kind, members in wanted.items():
        policy = changed_policy(call, key, kind, checked(members, FIELDS[kind]))
        others = tuple(other for other in key.policies if other.kind != kind)
        key = replace(key, policies=tuple(sorted((*others, policy), key=lambda one: KINDS.index(one.kind))))
    return key


def changed_policy(call: Call, key: Key, kind: str, fields: Json) -> KeyPolicy:
    """The policy of this kind, made or changed as the checked fields say."""
    former = policy_of(key, kind)
    lawful = rotation_is_lawful if kind == ROTATE else dual_auth_is_lawful
    lawful(key, former, fields)
    interval = fields.get("interval_month", former.interval_month if former else None)
    return KeyPolicy(
        id=former.id if former else new_uuid(call.random),
        kind=kind,
        enabled=fields.get("enabled", True),
        created=former.created if former else call.now,
        created_by=former.created_by if former else call.iam_id,
        updated=call.now,
        updated_by=call.iam_id,
        interval_month=interval if kind == ROTATE else None,
    )


def rotation_is_lawful(key: Key, former: KeyPolicy | None, fields: Json) -> None:
    """Refuse automatic rotation of anything but a generated root key, and a first policy without an interval."""
    if key.extractable:
        raise fault("KEY_ROOT_REQ_ERR", "Rotation policy cannot be set on a standard key")
    if key.imported:
        raise fault("KEY_PAYLOAD_REQ_ERR", target=("field", "payload"))
    if "interval_month" not in fields and former is None:
        raise bad_field("interval_month", INTERVAL_RULE, quote='"')


def dual_auth_is_lawful(_: Key, former: KeyPolicy | None, fields: Json) -> None:
    """Refuse to turn dual authorization off again."""
    if "enabled" not in fields:
        raise bad_field("enabled", "present in the body of the request")
    if former is not None and former.enabled and not fields["enabled"]:
        raise bad_field("enabled", "true: a dual authorization policy that is enabled cannot be disabled")


def get_policies(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getpolicy."""
    key = key_of(call)
    only = call.query["policy"]
    shown = [policy_form(call, key, policy) for policy in key.policies if only in (None, policy.kind)]
    return Answer(200, collection("policy+json", shown))


def policy_form(call: Call, key: Key, policy: KeyPolicy) -> Json:
    """A policy as lists show it."""
    return {
        "id": policy.id,
        "crn": key_crn(call.instance.region, call.instance.account_id, call.instance.id, key.id),
        policy.kind: settings_of(policy),
        "createdBy": policy.created_by,
        "creationDate": rfc3339(policy.created),
        "updatedBy": policy.updated_by,
        "lastUpdateDate": rfc3339(policy.updated),
        "type": POLICY_TYPE,
    }


def settings_of(policy: KeyPolicy) -> Json:
    """What a policy says."""
    return {"enabled": policy.enabled, **({"interval_month": policy.interval_month} if policy.kind == ROTATE else {})}
