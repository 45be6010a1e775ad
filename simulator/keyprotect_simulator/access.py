"""Who asks, and whether he may: the token, the instance, the roles.

Key Protect answers every lack of a right with one and the same 401, whatever is missing; only a token that cannot be read at all, and a
`Bluemix-Instance` header that is no UUID, are told apart from it (both 400).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyprotect_simulator.faults import Fault, fault, unauthorized
from keyprotect_simulator.iam.tokens import InvalidToken, TokenIssuer, UnreadableToken
from keyprotect_simulator.identifiers import is_uuid
from keyprotect_simulator.records import AccessPolicy, Instance, ServiceId
from keyprotect_simulator.roles import PERMISSIONS
from keyprotect_simulator.settings import REGIONS

if TYPE_CHECKING:
    from keyprotect_simulator.messages import ApiRequest
    from keyprotect_simulator.records import Key
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
    """The instance that the request is for, which must belong to the caller's account, and to the region that was asked."""
    name = request.headers.get("bluemix-instance", "")
    if not is_uuid(name):
        raise Fault(400, message=INSTANCE_HEADER_RULE)
    instance = state.get(Instance, name.lower())
    service = state.get(ServiceId, caller.removeprefix("iam-"))
    if instance is None or service is None or service.account_id != instance.account_id:
        raise unauthorized()
    if asked_region(request) not in ("", instance.region):
        raise unauthorized()
    return instance


def asked_region(request: ApiRequest) -> str:
    """The region whose host name the request was made to, as `eu-de.kms.cloud.ibm.com` or `private.eu-de.…`; empty when it names none."""
    first = request.headers.get("host", "").lower().removeprefix("private.").partition(".")[0]
    return first if first in REGIONS else ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What of an instance a caller may do something with: all of it, or some key rings and single keys."""

    everything: bool = False
    key_rings: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.everything or self.key_rings or self.keys)

    def covers(self, key: Key) -> bool:
        """Whether a key is within reach."""
        return self.everything or key.id in self.keys or key.key_ring in self.key_rings

    def covers_ring(self, key_ring: str) -> bool:
        """Whether a ring is, and so all of its keys."""
        return self.everything or key_ring in self.key_rings


EVERYTHING = Reach(everything=True)


def reach(state: State, iam_id: str, instance: Instance, action: str) -> Reach:
    """How far the roles that policies give this identity carry for the action; nothing at all is false."""
    policies = state.find(AccessPolicy, "grant", f"{iam_id} {instance.id}")
    granting = [policy for policy in policies if not PERMISSIONS[action].isdisjoint(policy.roles)]
    if any(not policy.key_ring and not policy.key_id for policy in granting):
        return EVERYTHING
    return Reach(
        key_rings=frozenset(policy.key_ring for policy in granting if not policy.key_id),
        keys=frozenset(policy.key_id for policy in granting if policy.key_id),
    )
