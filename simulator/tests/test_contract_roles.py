"""Each call by each role: the table of "Managing user access", written down here a second time."""

from __future__ import annotations

import base64
import datetime as dt
import os
import re
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from keyprotect_simulator.iam.tokens import new_signing_key
from keyprotect_simulator.messages import ApiRequest
from keyprotect_simulator.records import ImportToken, KmipEvent, KmipObject, Put, Secret
from keyprotect_simulator.roles import PERMISSIONS, Role
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


def title(roles):
    return "+".join(role.value for role in roles) or "no-role"


def total(response):
    """How many keys a list or a count speaks of."""
    return int(response.header("Key-Total") or response.json()["metadata"]["collectionTotal"])


@pytest.fixture(scope="module")
def pem():
    """Gives a certificate that was never used."""
    key = ec.generate_private_key(ec.SECP256R1())
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "by role")])

    def make():
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start.replace(year=2036))
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    return make


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


@pytest.mark.parametrize("roles", ROLES, ids=title)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_answered_to_exactly_the_roles_that_have_it(api, error_of, pem, call, roles):
    method, path, body, status, permitted = CALLS[call]
    names, body = arranged(api, path, body, pem)
    api.clock.move(seconds=30)

    response = api.call(method, path.format(**names), body, roles=roles)

    if permitted & set(roles):
        assert response.status == status, response.body
        if call in EMPTY_FOR_STRANGERS:
            assert total(response) == 1
    elif call in EMPTY_FOR_STRANGERS:
        assert response.status == 200
        assert total(response) == 0
    else:
        assert error_of(response)[:2] == (401, "")
        assert "user does not have access to the specified resource" in error_of(response)[2]
        assert response.header("WWW-Authenticate") == "Bearer"


def test_the_table_has_every_call():
    """All but `POST /import_token`, whose key pair would take seconds for each role, and the refusals of registrations."""
    routed = set()
    for method, path, *_ in CALLS.values():
        route, _, _ = find_route(ApiRequest(method, "/api/v2" + re.sub(r"{\w+}", UNKNOWN, path)))
        routed.add((route.method, route.path))
    untold = {(route.method, route.path) for route in ROUTES} - routed
    assert {path for _, path in untold} == {
        "/api/v2/import_token",
        "/api/v2/keys/{id}/registrations/{crn}",
        "/api/v2/keys/{id}/registrations/{crn}/{rest}",
    }
    assert PERMISSIONS["kms.importtoken.create"] == PERMISSIONS["kms.importtoken.read"]


def test_a_refused_call_changes_nothing(api):
    key = api.create_id()
    for call in ("disable", "rotate"):
        assert api.act(key, call, roles=(VIEWER, R)).status == 401
    assert api.call("DELETE", f"/keys/{key}", roles=(W,)).status == 401
    assert api.metadata(key)["state"] == 1
    assert api.call("GET", f"/keys/{key}/versions").json()["metadata"]["collectionTotal"] == 1


def test_the_payload_of_a_standard_key_is_shown_to_those_who_may_read_it_only(api):
    key = api.create_id(extractable=True, payload=base64.b64encode(b"a secret").decode())
    assert api.call("GET", f"/keys/{key}", roles=(R,)).status == 401
    assert "payload" not in api.call("GET", f"/keys/{key}/metadata", roles=(R,)).json()["resources"][0]
    assert api.call("GET", f"/keys/{key}", roles=(P,)).json()["resources"][0]["payload"] == base64.b64encode(b"a secret").decode()
