"""What a service ID must be allowed, and how that is found out over the API.

| what                              | how                                                            | how sure        |
|-----------------------------------|----------------------------------------------------------------|-----------------|
| IAM takes the API key             | it is exchanged for a token                                    | documented      |
| the instance answers it           | keys are listed: 401 when instance, account or region is wrong | documented      |
| service Writer or Manager         | a new key without a name: 401 without the right, else 400      | inferred        |
| platform Viewer (or more)         | the identity's access policies, if IAM shows them              | inferred        |
| a root key (CRK)                  | an active one is among the keys listed                         | documented      |

That roles are looked at before bodies is documented for tokens and inferred for roles. Where IAM does not show an identity its own
policies, or shows none (rights may come from an access group), Viewer is taken for granted: nothing here needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmiplab.service.key_protect import KeyProtect, Refusal
from kmiplab.service.values import KeyManagerAway, ServiceRefused

if TYPE_CHECKING:
    from kmiplab.service.values import KeyManager

ACTIVE = 1
UNAUTHORIZED = 401
REFUSES_API_KEYS = (400, 401, 403)
PLATFORM_ROLES = ("Viewer", "Operator", "Editor", "Administrator")
"""Each includes Viewer."""
NAMELESS_KEY: dict[str, Any] = {"metadata": {}, "resources": []}

ROLES_HINT = "grant the service ID platform Viewer and service Manager on the instance: Manage > Access (IAM) > Service IDs."


def check_rights(key_protect: KeyProtect) -> list[dict[str, Any]]:
    """Find out whether the service ID may do what the service needs; the active root keys that it sees.

    Raises `ServiceRefused`, with another reason for each thing that is missing, and `KeyManagerAway`.
    """
    claims = _api_key_is_accepted(key_protect)
    root_keys = _instance_answers(key_protect)
    _service_role_suffices(key_protect)
    _platform_role_suffices(key_protect, claims)
    return root_keys


def check_order(key_manager: KeyManager) -> None:
    """`check_rights`, and that there is a root key to configure the service with."""
    with KeyProtect(key_manager) as key_protect:
        if not check_rights(key_protect):
            raise ServiceRefused(
                "no-root-key",
                f"Key Protect instance {key_manager.instance_id} has no active root key",
                "create or import a root key (CRK) in it first.",
            )


def check_root_key(key_protect: KeyProtect, crk_id: str) -> str:
    """Whether this is an active root key of the instance; its id, for it may be named by an alias. Raises `ServiceRefused`."""
    try:
        key = key_protect.key(crk_id)
    except Refusal as refusal:
        raise ServiceRefused(
            "root-key-not-found", f"root key {crk_id} cannot be had: {refusal}", "name an active root key of the Key Protect instance."
        ) from refusal
    if key.get("extractable") is True:
        raise ServiceRefused("not-a-root-key", f"{crk_id} is a standard key, not a root key", "name a root key of the instance.")
    if key.get("state") != ACTIVE:
        raise ServiceRefused(
            "root-key-not-active", f"root key {crk_id} is not active: it is in state {key.get('state')}", "enable or restore it first."
        )
    return str(key["id"])


def problem_of(key_manager: KeyManager, crk_id: str | None) -> str | None:
    """What is wrong with the rights of the service ID, or with the root key, in a sentence; None: nothing."""
    try:
        with KeyProtect(key_manager) as key_protect:
            check_rights(key_protect)
            if crk_id is not None:
                check_root_key(key_protect, crk_id)
    except ServiceRefused as refusal:
        return str(refusal)
    return None


def _api_key_is_accepted(key_protect: KeyProtect) -> dict[str, Any]:
    try:
        return key_protect.sign_in()
    except Refusal as refusal:
        if refusal.status not in REFUSES_API_KEYS:
            url = key_protect.key_manager.iam_url
            raise KeyManagerAway("iam-unreachable", f"what answers at {url} is no IAM: {refusal}", "check the URL of IAM.") from refusal
        raise ServiceRefused(
            "api-key-refused", f"IAM refuses the API key: {refusal}", "give an API key of the service ID that was not revoked."
        ) from refusal


def _instance_answers(key_protect: KeyProtect) -> list[dict[str, Any]]:
    instance = key_protect.key_manager.instance_id
    try:
        return key_protect.root_keys()
    except Refusal as refusal:
        raise ServiceRefused(
            "instance-refused",
            f"Key Protect instance {instance} is not for this service ID: {refusal}",
            "check the instance's id, that the URL is of its region, and the account of the service ID.",
        ) from refusal


def _service_role_suffices(key_protect: KeyProtect) -> None:
    """Ask for a key that cannot be: who may make keys is told what is wrong with it, who may not is told that."""
    try:
        key_protect.call("POST", "/keys", NAMELESS_KEY)
    except Refusal as refusal:
        if refusal.status == UNAUTHORIZED:
            raise ServiceRefused(
                "service-role-missing", "the service ID has neither Writer nor Manager on the Key Protect instance", ROLES_HINT
            ) from refusal


def _platform_role_suffices(key_protect: KeyProtect, claims: dict[str, Any]) -> None:
    account, iam_id = claims.get("account", {}).get("bss"), claims.get("iam_id")
    if not isinstance(account, str) or not isinstance(iam_id, str):
        return
    try:
        policies = key_protect.policies(account, iam_id)
    except Refusal:
        return
    roles = [role for policy in policies if _concerns(policy, key_protect.key_manager.instance_id) for role in _roles(policy)]
    if roles and not set(roles) & set(PLATFORM_ROLES):
        raise ServiceRefused("platform-role-missing", "the service ID is not a platform Viewer of the Key Protect instance", ROLES_HINT)


def _concerns(policy: dict[str, Any], instance_id: str) -> bool:
    """Whether a policy is about this instance, or about whole services or accounts that it belongs to."""
    for resource in policy.get("resources", ()):
        attributes = {one.get("name"): one.get("value") for one in resource.get("attributes", ())}
        if attributes.get("serviceName", "kms") == "kms" and attributes.get("serviceInstance", instance_id) == instance_id:
            return True
    return False


def _roles(policy: dict[str, Any]) -> list[str]:
    return [str(role.get("role_id", "")).rpartition(":")[2] for role in policy.get("roles", ())]
