"""The tables of the contract: each call by each role, each action in each key state; and how many tests come of them and of the refusals.

    PYTHONPATH=simulator python simulator/tests/contract_tables.py docs/simulator.md

writes the count into the page, by call; a test holds the page to it. The tests are made from these same tables, one a cell and way in.
"""

from __future__ import annotations

import base64
import os
import re
import sys
import uuid
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keyprotect_simulator.iam.tokens import new_signing_key
from keyprotect_simulator.messages import ApiRequest
from keyprotect_simulator.records import ImportToken, KmipEvent, KmipObject, Put, Secret
from keyprotect_simulator.refusals import OWN, refusals_of
from keyprotect_simulator.roles import Role
from keyprotect_simulator.routes import ROUTES
from keyprotect_simulator.routing import find_route

R, P, W, M, PURGE, K = Role.READER, Role.READER_PLUS, Role.WRITER, Role.MANAGER, Role.KEY_PURGE, Role.KMIP_ADAPTER_MANAGER
VIEWER, OPERATOR, EDITOR, ADMINISTRATOR = Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMINISTRATOR

KEY = {
    "metadata": {"collectionType": "application/vnd.ibm.kms.key+json", "collectionTotal": 1},
    "resources": [{"type": "application/vnd.ibm.kms.key+json", "name": "by role", "extractable": False}],
}


def policy(**fields):
    """The body that sets a policy of a key or an instance."""
    return {"metadata": {"collectionTotal": 1}, "resources": [fields]}


CALLS = {
    "create": ("POST", "/keys", KEY, 201, {W, M}),
    "list": ("GET", "/keys", None, 200, {R, P, W, M, K}),
    "count": ("HEAD", "/keys", None, 200, {R, P, W, M, K}),
    "get": ("GET", "/keys/{key}", None, 200, {P, W, M}),
    "metadata": ("GET", "/keys/{key}/metadata", None, 200, {R, P, W, M}),
    "delete": ("DELETE", "/keys/{key}", None, 204, {M}),
    "restore": ("POST", "/keys/{deleted}/restore", None, 201, {M}),
    "versions": ("GET", "/keys/{key}/versions", None, 200, {R, P, W, M}),
    "wrap": ("POST", "/keys/{key}/actions/wrap", {}, 200, {R, P, W, M}),
    "unwrap": ("POST", "/keys/{key}/actions/unwrap", "ciphertext", 200, {R, P, W, M}),
    "rewrap": ("POST", "/keys/{key}/actions/rewrap", "ciphertext", 200, {R, P, W, M}),
    "rotate": ("POST", "/keys/{key}/actions/rotate", None, 204, {W, M}),
    "disable": ("POST", "/keys/{key}/actions/disable", None, 204, {M}),
    "enable": ("POST", "/keys/{suspended}/actions/enable", None, 204, {M}),
    "create with policies": ("POST", "/keys_with_policy_overrides", KEY, 201, {M}),
    "move": ("PATCH", "/keys/{key}", {"keyRingID": "default"}, 200, {M}),
    "purge": ("DELETE", "/keys/{purgeable}/purge", None, 204, {PURGE}),
    "set for deletion": ("POST", "/keys/{guarded}/actions/setKeyForDeletion", None, 204, {W, M}),
    "unset for deletion": ("POST", "/keys/{guarded}/actions/unsetKeyForDeletion", None, 204, {W, M}),
    "sync": ("POST", "/keys/{key}/actions/sync", None, 204, {W, M}),
    "set policies": ("PUT", "/keys/{key}/policies", policy(rotation={"interval_month": 1}), 200, {M}),
    "get policies": ("GET", "/keys/{key}/policies", None, 200, {M}),
    "create alias": ("POST", "/keys/{key}/aliases/another", None, 201, {W, M}),
    "delete alias": ("DELETE", "/keys/{key}/aliases/by-role", None, 204, {W, M}),
    "registrations": ("GET", "/keys/{key}/registrations", None, 200, {R, P, W, M}),
    "all registrations": ("GET", "/keys/registrations", None, 200, {R, P, W, M}),
    "set instance policies": ("PUT", "/instance/policies", policy(policy_type="metrics", policy_data={"enabled": True}), 204, {M}),
    "get instance policies": ("GET", "/instance/policies", None, 200, {M}),
    "allowed IP port": ("GET", "/instance/allowed_ip_port", None, 200, {M}),
    "create import token": ("POST", "/import_token", None, 200, {W, M}),
    "get import token": ("GET", "/import_token", None, 200, {W, M}),
    "list key rings": ("GET", "/key_rings", None, 200, {R, P, W, M, K}),
    "create key ring": ("POST", "/key_rings/another", None, 201, {W, M}),
    "delete key ring": ("DELETE", "/key_rings/by-role", None, 204, {M}),
    "create adapter": ("POST", "/kmip_adapters", "adapter", 201, {M, K}),
    "list adapters": ("GET", "/kmip_adapters", None, 200, {M, K}),
    "get adapter": ("GET", "/kmip_adapters/by-role", None, 200, {M, K}),
    "delete adapter": ("DELETE", "/kmip_adapters/by-role", None, 204, {M, K}),
    "add certificate": ("POST", "/kmip_adapters/by-role/certificates", "certificate", 201, {M, K}),
    "list certificates": ("GET", "/kmip_adapters/by-role/certificates", None, 200, {M, K}),
    "get certificate": ("GET", "/kmip_adapters/by-role/certificates/by-role", None, 200, {M, K}),
    "delete certificate": ("DELETE", "/kmip_adapters/by-role/certificates/by-role", None, 204, {M, K}),
    "list objects": ("GET", "/kmip_adapters/by-role/kmip_objects", None, 200, {M, K}),
    "get object": ("GET", "/kmip_adapters/by-role/kmip_objects/{object}", None, 200, {M, K}),
    "delete object": ("DELETE", "/kmip_adapters/by-role/kmip_objects/{object}", None, 204, {M, K}),
    **{
        f"{method} registration{rest}": (method, f"/keys/{{key}}/registrations/crn{rest}", None, 403, {R, P, W, M})
        for method in ("POST", "PUT", "PATCH", "DELETE")
        for rest in ("", "/rest")
    },
}
ROLES = [
    (),
    (R,),
    (P,),
    (W,),
    (M,),
    (PURGE,),
    (K,),
    (VIEWER,),
    (OPERATOR,),
    (EDITOR,),
    (ADMINISTRATOR,),
    (VIEWER, R),
    (VIEWER, W),
    (VIEWER, M),
]
UNKNOWN = "4dc9fb9c-7a8a-4b3f-a6a3-7f9e0ad5a0d4"
TOKEN_KEY = new_signing_key(os.urandom).private_pem
EMPTY_FOR_STRANGERS = {"list", "count"}
"""Calls that answer a caller without rights with nothing instead of a refusal."""


ACTIVE, SUSPENDED, DEACTIVATED, DESTROYED = 1, 2, 3, 5
OK, CONFLICT, GONE, NO_CRK = "ok", (409, "KEY_ACTION_INVALID_STATE_ERR"), (410, "KEY_DELETED_ERR"), (400, "NATIVE_INVALID_CRK_ERR")

#                    active    suspended deactivated destroyed
TABLE = {
    "get":          (OK,       OK,       OK,       OK),
    "metadata":     (OK,       OK,       OK,       OK),
    "wrap":         (OK,       CONFLICT, CONFLICT, GONE),
    "unwrap":       (OK,       CONFLICT, OK,       GONE),
    "rewrap":       (OK,       CONFLICT, OK,       GONE),
    "rotate":       (OK,       CONFLICT, OK,       GONE),
    "disable":      (OK,       CONFLICT, CONFLICT, GONE),
    "enable":       (CONFLICT, OK,       CONFLICT, GONE),
    "delete":       (OK,       OK,       OK,       GONE),
    "restore":      (CONFLICT, CONFLICT, CONFLICT, OK),
    "purge":        (CONFLICT, CONFLICT, CONFLICT, OK),
    "set":          (OK,       CONFLICT, CONFLICT, GONE),
    "unset":        (OK,       CONFLICT, CONFLICT, GONE),
    "sync":         (OK,       OK,       OK,       OK),
    "move":         (OK,       OK,       OK,       OK),
    "alias":        (OK,       OK,       OK,       GONE),
    "delete alias": (OK,       OK,       OK,       OK),
    "adapter":      (OK,       NO_CRK,   NO_CRK,   NO_CRK),
    "set policies": (OK,       OK,       OK,       GONE),
    "get policies": (OK,       OK,       OK,       OK),
    "registered":   (OK,       OK,       OK,       OK),
    "versions":     (OK,       CONFLICT, CONFLICT, GONE),
    "all versions": (OK,       OK,       OK,       OK),
}  # fmt: skip
"""Key Protect documentation, "Monitoring the lifecycle of encryption keys"."""
STATES = {"active": ACTIVE, "suspended": SUSPENDED, "deactivated": DEACTIVATED, "destroyed": DESTROYED}
FORMS = {
    "get": ("GET", "", None),
    "metadata": ("GET", "/metadata", None),
    "delete": ("DELETE", "", None),
    "restore": ("POST", "/restore", None),
    "purge": ("DELETE", "/purge", None),
    "set": ("POST", "/actions/setKeyForDeletion", None),
    "unset": ("POST", "/actions/unsetKeyForDeletion", None),
    "move": ("PATCH", "", {"keyRingID": "default"}),
    "alias": ("POST", "/aliases/another", None),
    "delete alias": ("DELETE", "/aliases/in-a-state", None),
    "adapter": ("POST", "/kmip_adapters", None),
    "set policies": ("PUT", "/policies", policy(rotation={"interval_month": 1})),
    "get policies": ("GET", "/policies", None),
    "registered": ("GET", "/registrations", None),
    "versions": ("GET", "/versions", None),
    "all versions": ("GET", "/versions", None),
}
"""The method, what follows the key in the path, and the body of an action that is no `POST …/actions/<action>`."""
OLD_FORM = {"set": "setKeyForDeletion", "unset": "unsetKeyForDeletion"} | {
    action: action for action in ("wrap", "unwrap", "rewrap", "rotate", "disable", "enable", "restore")
}
"""The names of actions in the deprecated form, `POST /keys/{id}?action=…`."""
STATE_CASES = [
    *((action, state, "new") for action in TABLE for state in STATES),
    *((action, state, "old") for action in OLD_FORM for state in STATES),
]
REFUSAL_CASES = [(call, refusal) for call in OWN for refusal in refusals_of(call)]
WAYS = ("http", "mock", "in-process")


def arranged(api, path, body, pem):
    """What the names in a path and the words for a body stand for, made for this one call."""
    key = api.create_id(aliases=["by-role"])
    names = dict.fromkeys(("key", "deleted", "purgeable", "suspended", "guarded"), key)
    if "{deleted}" in path or "{purgeable}" in path:
        assert api.call("DELETE", f"/keys/{key}").status == 204
        api.clock.move(hours=4)
    if "{suspended}" in path:
        assert api.act(key, "disable").status == 204
    if "{guarded}" in path:
        assert api.call("PUT", f"/keys/{key}/policies", policy(dualAuthDelete={"enabled": True})).status == 200
    if path == "/key_rings/by-role":
        assert api.call("POST", path).status == 201
    adapter = policy(name="by-role", profile="native_1.0", profile_data={"crk_id": key})
    if path.startswith("/kmip_adapters/by-role"):
        names["object"] = with_adapter(api, adapter, pem)
    bodies = {"ciphertext": {"ciphertext": api.wrap(key, b"x")} if body == "ciphertext" else None, "adapter": adapter}
    bodies["certificate"] = policy(certificate=pem(), name="another") if body == "certificate" else None
    if path == "/import_token":
        commit(api, ImportToken(api.instance_id, TOKEN_KEY, Secret(bytes(12)), 0.0, 1e10, 1, 1))
    return names, bodies[body] if isinstance(body, str) else body


def with_adapter(api, adapter, pem):
    """The id of an object of a new adapter, which has a certificate too."""
    made = api.call("POST", "/kmip_adapters", adapter).json()["resources"][0]["id"]
    assert api.call("POST", "/kmip_adapters/by-role/certificates", policy(certificate=pem(), name="by-role")).status == 201
    kmip_object = KmipObject(str(uuid.uuid4()), made, 1, KmipEvent(0.0, "", "iam-x"))
    commit(api, kmip_object)
    return kmip_object.id


def commit(api, record):
    core = api.simulator.simulator.core
    with core.exclusive():
        core.commit(Put(record))


def sealed(public, material, *, nonce, by=None, algorithm=hashes.SHA256):
    """The members of a secure import (Key Protect documentation, "Importing keys with an import token")."""
    oaep = padding.OAEP(mgf=padding.MGF1(algorithm()), algorithm=algorithm(), label=None)
    iv = os.urandom(12)
    members = {"payload": public.encrypt(material, oaep), "iv": iv, "encryptedNonce": AESGCM(by or material).encrypt(iv, nonce, None)}
    encoded = {name: base64.b64encode(value).decode() for name, value in members.items()}
    return {**encoded, "encryptionAlgorithm": "RSAES_OAEP_SHA_256"}


def token_public():
    """The key that material for `TOKEN_KEY` is encrypted with."""
    return serialization.load_pem_private_key(TOKEN_KEY, password=None).public_key()


# -- how many there are

BEGIN, END = "<!-- contract: begin -->", "<!-- contract: end -->"


def route_of(method, path):
    """The call that a request to a path below /api/v2 is."""
    route, _, _ = find_route(ApiRequest(method, "/api/v2" + re.sub(r"{\w+}", UNKNOWN, path)))
    return f"{route.method} {route.path}"


def call_of_action(action):
    """The call that an action of the table of states is."""
    method, rest, _ = FORMS.get(action, ("POST", f"/actions/{action if action == 'sync' else OLD_FORM.get(action, action)}", None))
    return route_of(method, rest if action == "adapter" else f"/keys/{{key}}{rest}")


def counts():
    """For each call: tests of success, of refusals, of roles and of key states, on one way in. Roles that may count as successes."""
    found = {f"{route.method} {route.path}": [0, 0, 0, 0] for route in ROUTES}
    for method, path, _, _, permitted in CALLS.values():
        for roles in ROLES:
            found[route_of(method, path)][0 if permitted & set(roles) else 2] += 1
    for call, _ in REFUSAL_CASES:
        found[call][1] += 1
    for action, _, _ in STATE_CASES:
        found[call_of_action(action)][3] += 1
    return found


def section():
    """The count as Markdown."""
    rows = counts()
    each = [sum(row) for row in rows.values()]
    lines = [
        f"{sum(each)} tests on each of the {len(WAYS)} ways in ({', '.join(WAYS)}), so **{len(WAYS) * sum(each)}** in all:",
        "",
        "| call | roles that may | refusals | roles that may not | key states | sum |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [f"| `{call}` | {' | '.join(str(number or '') for number in row)} | {sum(row)} |" for call, row in rows.items()]
    totals = [sum(row[column] for row in rows.values()) for column in range(4)]
    return "\n".join([*lines, f"| all {len(rows)} calls | {' | '.join(map(str, totals))} | {sum(each)} |"])


def renewed(page):
    """The page with a fresh count between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{section()}\n\n{END}{after}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(renewed(document.read_text(encoding="utf-8")), encoding="utf-8")
