"""The calls of IAM: a token for an API key, and the key set.

    POST /identity/token, /oidc/token     grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=…
    GET  /identity/keys                   the JSON Web Key Set

`response_type`, `scope` and a Basic client authentication, which SDKs may send, change nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from keyprotect_simulator.iam.faults import IamFault, invalid_property
from keyprotect_simulator.iam.tokens import LIFETIME, SCOPE, TokenIssuer
from keyprotect_simulator.records import ApiKey, ServiceId

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.messages import ApiRequest, Json
    from keyprotect_simulator.state.tables import State

API_KEY_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
GRANTS = (API_KEY_GRANT,)
"""The grant types that are simulated."""


@dataclass(frozen=True, slots=True)
class IamCall:
    """One request to IAM, with all that its rules may look at."""

    request: ApiRequest
    state: State
    issuer: TokenIssuer
    now: float
    random: Random


def digest_of(api_key: str) -> str:
    """Under what an API key is found."""
    return hashlib.sha256(api_key.encode()).hexdigest()


def grant_token(call: IamCall) -> Json:
    """Exchange an API key for an access token."""
    form = {name: values[0] for name, values in parse_qs(call.request.body.decode("utf-8", "replace"), keep_blank_values=True).items()}
    grant_type = form.get("grant_type")
    if grant_type not in GRANTS:
        raise invalid_property("grant_type", grant_type, ", ".join(f"'{name}'" for name in GRANTS))
    if not form.get("apikey"):
        raise invalid_property("apikey", form.get("apikey"), "an API key")
    service = owner_of(call.state, form["apikey"])
    return {
        "access_token": call.issuer.issue(service, grant_type=API_KEY_GRANT, now=call.now, random=call.random),
        "refresh_token": "not_supported",
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "expiration": int(call.now) + LIFETIME,
        "scope": SCOPE,
    }


def owner_of(state: State, api_key: str) -> ServiceId:
    """The service ID whose API key this is; BXNIM0415E when there is none."""
    for record in state.find(ApiKey, "digest", digest_of(api_key)):
        service = state.get(ServiceId, record.service_id)
        if service is not None:
            return service
    raise IamFault("BXNIM0415E")


def list_keys(call: IamCall) -> Json:
    """The public keys that tokens can be verified with."""
    return call.issuer.key_set()


IAM_ROUTES: dict[str, dict[str, Callable[[IamCall], Json]]] = {
    "/identity/token": {"POST": grant_token},
    "/oidc/token": {"POST": grant_token},
    "/identity/keys": {"GET": list_keys},
    "/oidc/keys": {"GET": list_keys},
}
"""Path, then method, then what answers it; each answers 200."""
