"""What the calls of IAM answer when all goes well, and what their bodies hold; `described` for IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keyprotect_simulator.iam.bodies import API_KEY, POLICY, SERVICE_ID, UPDATE
from keyprotect_simulator.iam.grants import API_KEY_GRANT
from keyprotect_simulator.keys.bodies import TEXT, Field
from keyprotect_simulator.messages import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = "application/x-www-form-urlencoded"
TOKEN_FORM = {
    "grant_type": Field(str, lambda text: text == API_KEY_GRANT, API_KEY_GRANT),
    **dict.fromkeys(("apikey", "response_type", "scope"), TEXT),
}


class DescribedIam(NamedTuple):
    """The status of success, the component that the answer is (nothing: no body), and the body of the request."""

    status: int
    answer: str = ""
    body: Mapping[str, Field] | None = None
    required: tuple[str, ...] = ()
    media_type: str = JSON
    open: bool = False
    """Whether it needs no token."""


UNDESCRIBED_IAM = DescribedIam(200, "Document")
"""What is said of a call without a row."""

TOKEN = DescribedIam(200, "Token", TOKEN_FORM, ("grant_type", "apikey"), FORM, open=True)
KEY_SET = DescribedIam(200, "Document", open=True)
GONE = DescribedIam(204)
SERVICE_IDS, SERVICE, API_KEYS, KEY = "/v1/serviceids", "/v1/serviceids/{id}", "/v1/apikeys", "/v1/apikeys/{id}"

DESCRIBED_IAM: dict[str, DescribedIam] = {
    "POST /identity/token": TOKEN,
    "POST /oidc/token": TOKEN,
    "GET /identity/keys": KEY_SET,
    "GET /oidc/keys": KEY_SET,
    f"GET {SERVICE_IDS}": DescribedIam(200, "ServiceIds"),
    f"POST {SERVICE_IDS}": DescribedIam(201, "ServiceId", SERVICE_ID, ("account_id", "name")),
    f"GET {SERVICE}": DescribedIam(200, "ServiceId"),
    f"PUT {SERVICE}": DescribedIam(200, "ServiceId", UPDATE),
    f"DELETE {SERVICE}": GONE,
    f"POST {SERVICE}/lock": DescribedIam(200, "ServiceId"),
    f"DELETE {SERVICE}/lock": DescribedIam(200, "ServiceId"),
    f"GET {API_KEYS}": DescribedIam(200, "ApiKeys"),
    f"POST {API_KEYS}": DescribedIam(201, "ApiKey", API_KEY, ("name", "iam_id")),
    f"GET {API_KEYS}/details": DescribedIam(200, "ApiKey"),
    f"GET {KEY}": DescribedIam(200, "ApiKey"),
    f"PUT {KEY}": DescribedIam(200, "ApiKey", UPDATE),
    f"DELETE {KEY}": GONE,
    f"POST {KEY}/lock": DescribedIam(200, "ApiKey"),
    f"DELETE {KEY}/lock": DescribedIam(200, "ApiKey"),
    f"POST {KEY}/disable": GONE,
    f"DELETE {KEY}/disable": GONE,
    "GET /v1/policies": DescribedIam(200, "AccessPolicies"),
    "POST /v1/policies": DescribedIam(201, "AccessPolicy", POLICY, ("type", "subjects", "roles", "resources")),
    "GET /v1/policies/{id}": DescribedIam(200, "AccessPolicy"),
    "DELETE /v1/policies/{id}": GONE,
}
"""Statuses, bodies and answers; IAM's API references."""
