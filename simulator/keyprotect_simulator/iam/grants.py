"""The calls of IAM: a token for an API key, and the key set.

    POST /identity/token, /oidc/token     grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=…
    GET  /identity/keys                   the JSON Web Key Set

`response_type`, `scope` and a Basic client authentication, which SDKs may send, change nothing.
"""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs

from keyprotect_simulator.iam.calls import IamAnswer, IamCall, IamRoute
from keyprotect_simulator.iam.faults import IamFault, invalid_property
from keyprotect_simulator.iam.tokens import LIFETIME, SCOPE
from keyprotect_simulator.records import ApiKey, ServiceId

API_KEY_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
GRANTS = (API_KEY_GRANT,)
"""The grant types that are simulated."""


def digest_of(api_key: str) -> str:
    """Under what an API key is found."""
    return hashlib.sha256(api_key.encode()).hexdigest()


def grant_token(call: IamCall) -> IamAnswer:
    """Exchange an API key for an access token."""
    form = {name: values[0] for name, values in parse_qs(call.request.body.decode("utf-8", "replace"), keep_blank_values=True).items()}
    grant_type = form.get("grant_type")
    if grant_type not in GRANTS:
        raise invalid_property("grant_type", grant_type, ", ".join(f"'{name}'" for name in GRANTS))
    if not form.get("apikey"):
        raise invalid_property("apikey", form.get("apikey"), "an API key")
    service = owner_of(call, form["apikey"])
    document = {
        "access_token": call.issuer.issue(service, grant_type=API_KEY_GRANT, now=call.now, random=call.random),
        "refresh_token": "not_supported",
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "expiration": int(call.now) + LIFETIME,
        "scope": SCOPE,
    }
    return IamAnswer(200, document)


def owner_of(call: IamCall, api_key: str) -> ServiceId:
    """The service ID whose API key this is; BXNIM0415E when there is none, or it is disabled or expired."""
    for record in call.state.find(ApiKey, "digest", digest_of(api_key)):
        service = call.state.get(ServiceId, record.service_id)
        expired = record.expires is not None and record.expires <= call.now
        if service is not None and not record.disabled and not expired:
            return service
    raise IamFault("BXNIM0415E")


def list_keys(call: IamCall) -> IamAnswer:
    """The public keys that tokens can be verified with."""
    return IamAnswer(200, call.issuer.key_set())


TOKEN_ROUTES = (
    IamRoute("POST", "/identity/token", grant_token),
    IamRoute("POST", "/oidc/token", grant_token),
    IamRoute("GET", "/identity/keys", list_keys),
    IamRoute("GET", "/oidc/keys", list_keys),
)
