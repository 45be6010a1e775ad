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
        Behaviour("An instance of another region than the host name's is that same 401", DOCUMENTED, "the wording of the 401"),
        Behaviour("A host name that is none of the service's asks for no region", INFERRED, "there are no such names"),
        Behaviour("A region that is switched off answers 503", INFERRED, "nobody has seen one"),
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
        Behaviour("Service IDs and API keys under `/v1/serviceids` and `/v1/apikeys`: paths and members", DOCUMENTED, "IAM Identity API"),
        Behaviour("A deleted API key's tokens stay good; a service ID goes with its API keys", DOCUMENTED, "IAM Identity API"),
        Behaviour("What is locked cannot be changed or deleted (409, the code is a word)", INFERRED, "documented without a code"),
        Behaviour("An update needs the `entity_tag` that was read, or `*`, as `If-Match`", DOCUMENTED, "IAM Identity API"),
        Behaviour("`support_sessions`, `action_when_leaked` and `unique_instance_crns` have no effect", INFERRED, "left out"),
        Behaviour("A disabled or expired API key gets no tokens: `BXNIM0415E`", INFERRED, "documented without a code"),
        Behaviour("Everyone of an account manages its identities and reads its policies", INFERRED, "IAM's own roles are not simulated"),
        Behaviour("Platform roles give no right on keys; Administrator assigns roles on its instance", DOCUMENTED, "managing user access"),
        Behaviour("Access policies under `/v1/policies`, for one instance, ring or key each", DOCUMENTED, "IAM Policy Management API"),
        Behaviour("The errors of these calls have the token endpoint's shape", INFERRED, "by analogy"),
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
        Behaviour("404, 405, 413 and 415 have the shape of an error without reasons", INFERRED, "by analogy with 401"),
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
        Behaviour("On a destroyed key, every action but restore, purge and sync is 410", INFERRED, "documented for delete and versions"),
        Behaviour("Any key can be restored, without its material", DOCUMENTED, "release notes of 25 February 2021"),
        Behaviour("Restorable for 30 days, gone after 90", DOCUMENTED, "deleting and purging keys"),
        Behaviour("The material is erased as soon as the key cannot be restored any more", INFERRED, "when it is erased is not described"),
        Behaviour(
            "An active root key of a KMIP adapter cannot be deleted, with force neither", INFERRED, "documented without code or status"
        ),
        Behaviour("Purge from 4 hours after the deletion, by role KeyPurge alone", DOCUMENTED, "deleting and purging keys"),
        Behaviour("Sync is allowed right after a create, then an hour after the last action or sync", RECORDED, "Python SDK's tests"),
        Behaviour("Sync in every state", INFERRED, "not described"),
        Behaviour("Filter terms compare dates in whole seconds, as they are shown", INFERRED, "not described"),
        Behaviour("A search over more than 5000 keys finds a whole id or alias only", DOCUMENTED, "SDK's description of search"),
        Behaviour("More than 1000 aliases in an instance are `KEY_ALIAS_QUOTA_ERR`", DOCUMENTED, "aliases; the SDK says no limit"),
        Behaviour("An alias that the key does not have is 404 on delete", INFERRED, "not described; the code is ours"),
    ),
    "Policies of keys": (
        Behaviour("One or both policies at once; the answer shows those that were set", DOCUMENTED, "API reference"),
        Behaviour("Automatic rotation for generated root keys only", DOCUMENTED, "rotation policies"),
        Behaviour("An imported key is refused a rotation policy with `KEY_PAYLOAD_REQ_ERR`", INFERRED, "documented without a code"),
        Behaviour("`enabled` may be left out of a rotation policy", RECORDED, "Node SDK's tests"),
        Behaviour("A rotation policy without an interval takes that of the former one", RECORDED, "Go SDK"),
        Behaviour("Rotated every 30 days a month, from the creation or the last rotation", DOCUMENTED, "rotation policies"),
        Behaviour(
            "Rotated at the moment itself, and at once where a policy comes later than that", INFERRED, "the service takes up to a day"
        ),
        Behaviour("Suspended, expired and destroyed keys do not rotate by themselves", INFERRED, "not described"),
        Behaviour("Dual authorization that is on stays on (`INVALID_FIELD_ERR`)", INFERRED, "documented without a code"),
        Behaviour("`enabled: false` makes a dual authorization policy that is off", RECORDED, "Python and Node SDKs' tests"),
        Behaviour("An authorization to delete is good for 7 days", DOCUMENTED, "deleting keys with dual authorization"),
        Behaviour("Who authorized a deletion cannot delete: 409 `AUTHORIZATIONS_NOT_MET`", INFERRED, "documented without a code"),
        Behaviour("A second authorization replaces the first; unset needs none", INFERRED, "not described"),
    ),
    "Policies of instances": (
        Behaviour("Attributes are needed to enable, and refused when disabling", DOCUMENTED, "API reference"),
        Behaviour("Keys made later inherit rotation (generated root keys) and dualAuthDelete", DOCUMENTED, "instance policies"),
        Behaviour("`keys_with_policy_overrides` inherits nothing", RECORDED, "Go SDK's integration test"),
        Behaviour("`private-only` refuses calls by another host name than `private.…` with 401", DOCUMENTED, "allowedNetwork"),
        Behaviour("allowedIP looks at the address of the connection, proxies or not", INFERRED, "not described"),
        Behaviour("Both hold for the calls that change policies too", INFERRED, "not described"),
        Behaviour(
            "`enforce_token` concerns root keys, made and rotated; not their restoration", INFERRED, "restoring takes no material now"
        ),
        Behaviour("`GET /instance/allowed_ip_port` needs Manager; its port is 8888", INFERRED, "in no table of roles; an example's port"),
    ),
    "Import tokens": (
        Behaviour("RSA-4096, OAEP with SHA-256; nonce sealed with AES-GCM by the material", DOCUMENTED, "importing keys; Go SDK"),
        Behaviour("One token an instance; a new one replaces it", DOCUMENTED, "API reference"),
        Behaviour(
            "After the last retrieval: GET is 409, importing goes on until it expires", INFERRED, "the sources contradict each other"
        ),
        Behaviour(
            "No token at all: GET is 404, importing is `IMPORT_TOKEN_EXPIRED_ERR`", INFERRED, "not described; the 404's code is ours"
        ),
        Behaviour("Material that was not encrypted to the token is `INVALID_FIELD_ERR`", INFERRED, "not described"),
        Behaviour("A standard key with an import token is `KEY_ROOT_REQ_ERR`", INFERRED, "refused by the documentation without a code"),
    ),
    "Key rings": (
        Behaviour("50 besides `default`, 2 to 100 letters, digits and hyphens", DOCUMENTED, "grouping keys; terraform-provider-ibm"),
        Behaviour("Not empty: 409; with only destroyed keys it needs force, and they move to `default`", DOCUMENTED, "grouping keys"),
        Behaviour("A name taken, or one too many, is 409", INFERRED, "not described; the codes are ours"),
        Behaviour("A key moves in every state", INFERRED, "not described"),
        Behaviour("A role may be limited to a ring or a key; lists show rings, not single keys", DOCUMENTED, "granting access to keys"),
        Behaviour("Calls that are not about keys need a role on the whole instance", DOCUMENTED, "key rings; inferred for the rest"),
    ),
    "Registrations": (
        Behaviour("Made by other services alone; users get 403 `SERVICE_ONLY_ERR`", DOCUMENTED, "error messages"),
        Behaviour("A registration blocks deletion unless forced; preventKeyDeletion even then", DOCUMENTED, "error messages"),
        Behaviour("CRN queries are decoded as often as they were encoded", RECORDED, "Node SDK encodes twice"),
        Behaviour("The last segment of a CRN query is a prefix, `*` is any text of a segment", DOCUMENTED, "API reference"),
    ),
    "KMIP adapters": (
        Behaviour("Adapters and certificates by id or name, objects by id", DOCUMENTED, "API reference"),
        Behaviour("The root key must be active, and without expiration unless allowExpiringKey", DOCUMENTED, "KMIP adapters; Python SDK"),
        Behaviour("Statuses of `NATIVE_…` and `KMIP_…` codes but for `KMIP_CERT_REUSE_ERR`", INFERRED, "only the codes were seen"),
        Behaviour("The same certificate twice in an adapter is `KMIP_CERT_DUPLICATE_ERR`", RECORDED, "terraform-provider-ibm's tests"),
        Behaviour("A certificate serves one adapter of a region, whoever's", DOCUMENTED, "KMIP adapters"),
        Behaviour("An adapter goes with its certificates, unless an object is Active", INFERRED, "three sources, three rules"),
        Behaviour("An object that is destroyed already cannot be deleted, with force neither", INFERRED, "CLI's description"),
        Behaviour("What REST deletes has no certificate in `destroyed_by_kmip_client_cert_id`", INFERRED, "there is none"),
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
    "Plain HTTP unless it is given a certificate; IAM and Key Protect share one host and port (the mock has their own host names).",
    "Nothing propagates: what takes the service minutes or hours (roles, aliases, expiry) is there at once.",
    "Key Protect's clock can be moved. IAM's clock is another one, because SDKs judge tokens by the machine's clock.",
    "`REQ_TOO_EARLY_ERR` and the other waiting times count from the simulator's clock to the fraction of a second.",
    "No rate limits, unless a test asks for them.",
    "Paths under `/_simulator` are the simulator's own; the service has nothing there.",
    "No other cloud services: registrations are made by tests, and a sync tells nobody.",
    "No governance and no context-based restrictions.",
    "Metrics policies are remembered, and nothing is measured.",
    "Of IAM, no users, access groups, trusted profiles, refresh tokens; accounts are made by tests.",
)
"""What a user of the service would notice."""
