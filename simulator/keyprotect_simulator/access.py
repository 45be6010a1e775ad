"""Who asks, and whether he may: the token, the instance, the roles.

Key Protect answers every lack of a right with one and the same 401, whatever is missing; only a token that cannot be read at all, and a
`Bluemix-Instance` header that is no UUID, are told apart from it (both 400).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.faults import Fault, fault, unauthorized
from keyprotect_simulator.iam.tokens import InvalidToken, TokenIssuer, UnreadableToken
from keyprotect_simulator.identifiers import is_uuid
from keyprotect_simulator.records import AccessPolicy, Instance, ServiceId
from keyprotect_simulator.roles import PERMISSIONS

if TYPE_CHECKING:
    from keyprotect_simulator.messages import ApiRequest
    from keyprotect_simulator.state.tables import State

INSTANCE_HEADER_RULE = "Request requires valid Bluemix-Instance Header containing a valid UUID"


def authenticated(request: ApiRequest, issuer: TokenIssuer, now: float) -> str:
    """The `iam_id` of the caller, by the bearer token of the request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized()
    try:
        return issuer.subject(token.strip(), now=now)
    except UnreadableToken as error:
        raise fault("BEARER_SUB_EXTRACTION_ERR", "the token is malformed") from error
    except InvalidToken as error:
        raise unauthorized() from error


def addressed_instance(request: ApiRequest, state: State, caller: str) -> Instance:
    """The instance that the request is for, which must belong to the caller's account."""
    name = request.headers.get("bluemix-instance", "")
    if not is_uuid(name):
        raise Fault(400, message=INSTANCE_HEADER_RULE)
    instance = state.get(Instance, name.lower())
    service = state.get(ServiceId, caller.removeprefix("iam-"))
    if instance is None or service is None or service.account_id != instance.account_id:
        raise unauthorized()
    return instance


def may(state: State, iam_id: str, instance: Instance, action: str) -> bool:
    """Whether a policy gives this identity a role that has the action."""
    policies = state.find(AccessPolicy, "grant", f"{iam_id} {instance.id}")
    return any(not PERMISSIONS[action].isdisjoint(policy.roles) for policy in policies)
