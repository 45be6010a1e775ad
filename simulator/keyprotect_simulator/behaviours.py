"""What the simulator does beside its tables of routes, errors, states and waiting times: one row a behaviour, with how we know it.

`documentation` prints all of these tables into docs/simulator.md. Whoever adds a behaviour adds its row; the words of `provenance` mean
what they say there, and nothing here was compared with the live service.
"""

from __future__ import annotations

from typing import NamedTuple

from keyprotect_simulator.provenance import DOCUMENTED, INFERRED, RECORDED, Provenance


class Behaviour(NamedTuple):
    """What happens, how we know it, and from where."""

    what: str
    provenance: Provenance
    source: str


BEHAVIOURS: dict[str, tuple[Behaviour, ...]] = {
    "Access": (
        Behaviour("Authentication is checked before parameters and body", DOCUMENTED, "activity tracking events"),
        Behaviour("A missing right is 401 without reasons, the same for a wrong instance", DOCUMENTED, "error messages; migration tool"),
        Behaviour("`WWW-Authenticate` on 401 (its value, `Bearer`, is a guess)", DOCUMENTED, "error messages"),
        Behaviour("An expired, forged or foreign token is that same 401", INFERRED, "by analogy"),
        Behaviour("A token that is no JWT, or has no subject, is 400 `BEARER_SUB_EXTRACTION_ERR`", DOCUMENTED, "error messages"),
        Behaviour("A `Bluemix-Instance` that is no UUID is 400 without reasons", RECORDED, "terraform-provider-ibm issue 4520"),
        Behaviour("The instance header is looked at after the token", INFERRED, "by analogy"),
        Behaviour("A list without any right is 200 and empty", DOCUMENTED, "troubleshooting"),
        Behaviour("Platform roles alone give no key operation", DOCUMENTED, "managing user access"),
        Behaviour("Roles count from the moment they are given or taken", INFERRED, "the service may take minutes"),
    ),
    "IAM": (
        Behaviour("API-key grant on `/identity/token`; claims of the token", DOCUMENTED, "IAM API, published tokens"),
        Behaviour("The same on `/oidc/token`", RECORDED, "Go SDK's default"),
        Behaviour("`response_type`, `scope` and Basic authentication are accepted", RECORDED, "Python and Node SDK cores"),
        Behaviour("Unknown API key: 400 `BXNIM0415E`", RECORDED, "public issues"),
        Behaviour("Missing or unknown grant, missing API key: 400 `BXNIM0106E`", INFERRED, "that code is recorded for other properties"),
        Behaviour("Tokens outlive the API key that they were got with", INFERRED, "tokens are self-contained"),
        Behaviour("404 and 405 below `/identity/`", INFERRED, "by analogy; codes are words, not IBM's"),
    ),
    "Answers": (
        Behaviour(
            "Create and wrap answer vendor media types, everything else application/json", INFERRED, "how IBM's own Python tests read them"
        ),
        Behaviour("`Accept` never matters", RECORDED, "SDKs and documentation send different ones"),
        Behaviour("A given `Correlation-Id` is echoed, otherwise one is made", INFERRED, "Go SDK's comment"),
        Behaviour("A create without `Prefer` answers a short object", DOCUMENTED, "error messages; Go SDK's integration test"),
        Behaviour("`Prefer: return=minimal` answers the id alone", INFERRED, "the SDK's words: only the key identifier"),
        Behaviour("An empty list has no `resources`", DOCUMENTED, "examples throughout"),
        Behaviour("404, 405, 413, 415 and 501 have the shape of an error without reasons", INFERRED, "by analogy with 401"),
    ),
    "Bodies and parameters": (
        Behaviour("Unknown fields are refused by name (`BAD_BODY_ERR`)", DOCUMENTED, "error messages"),
        Behaviour("Unknown or repeated query parameters are refused", INFERRED, "as unknown fields are"),
        Behaviour("`state=` without a value means the default", RECORDED, "Python SDK sends it"),
        Behaviour("Empty bodies and `{}` may have any or no media type", RECORDED, "Python and Node SDKs"),
        Behaviour("A key without `extractable` is a root key", INFERRED, "default of the console"),
        Behaviour("Illegal base64 names its byte as Go does", RECORDED, "messages in documentation"),
    ),
    "Keys": (
        Behaviour("The first version of a key has the key's id", DOCUMENTED, "every trace in the documentation"),
        Behaviour(
            "Destroyed at once on delete (state 5), not deactivated for a day first", DOCUMENTED, "examples; the boilerplate says otherwise"
        ),
        Behaviour("A key expires at its date; the service takes up to an hour", DOCUMENTED, "monitoring the lifecycle of keys"),
        Behaviour("A suspended key expires too", INFERRED, "by analogy"),
        Behaviour("On a destroyed key, every action but restore is 410", INFERRED, "documented for delete and versions"),
        Behaviour("Any key can be restored, without its material", DOCUMENTED, "release notes of 25 February 2021"),
        Behaviour("Restorable for 30 days, gone after 90", DOCUMENTED, "deleting and purging keys"),
        Behaviour(
            "An active root key of a KMIP adapter cannot be deleted, with force neither", INFERRED, "documented without code or status"
        ),
    ),
    "Wrapping": (
        Behaviour("AES-GCM with a 12-byte IV; 256-bit generated keys", DOCUMENTED, "envelope encryption"),
        Behaviour("Ciphertext is base64 of JSON: ciphertext, iv, version 4.0.0, handle = key version", DOCUMENTED, "examples"),
        Behaviour("How the AAD list is turned into bytes", INFERRED, "invisible from outside"),
        Behaviour("Wrong, missing or reordered AAD is 400 `INVALID_FIELD_ERR`", RECORDED, "ceph-csi issue 2865"),
        Behaviour(
            "A ciphertext of another root key is 422 `UNPROCESSABLE_CIPHERTEXT_ERR`", INFERRED, "the code is documented, this use is not"
        ),
        Behaviour("Root keys of the same material open each other's ciphertexts", DOCUMENTED, "unwrapping keys"),
        Behaviour("Unwrap after a rotation hands back a newer ciphertext", DOCUMENTED, "API reference"),
    ),
}

DIFFERENCES = (
    "Plain HTTP unless something in front adds TLS; IAM and Key Protect share one host and port.",
    "Nothing propagates: what takes the service minutes or hours (roles, aliases, expiry) is there at once.",
    "Key Protect's clock can be moved. IAM's clock is another one, because SDKs judge tokens by the machine's clock.",
    "`REQ_TOO_EARLY_ERR` and the other waiting times count from the simulator's clock to the fraction of a second.",
    "No rate limits, unless a test asks for 429.",
    "No secure import: there are no import tokens yet, and material that claims to be encrypted to one is refused as if it had expired.",
    "One key ring, `default`. No policies, registrations, purge, governance, IP or network rules yet: their calls answer 501.",
    "Everyone with a role has it on the whole instance; no policies on single keys or rings.",
)
"""What a user of the service would notice."""
