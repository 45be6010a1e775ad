"""Each call by each role: the table of "Managing user access", written down here a second time."""

from __future__ import annotations

import base64

import pytest
from keyprotect_simulator.roles import Role

R, P, W, M, PURGE, K = Role.READER, Role.READER_PLUS, Role.WRITER, Role.MANAGER, Role.KEY_PURGE, Role.KMIP_ADAPTER_MANAGER
VIEWER, OPERATOR, EDITOR, ADMINISTRATOR = Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMINISTRATOR

KEY = {
    "metadata": {"collectionType": "application/vnd.ibm.kms.key+json", "collectionTotal": 1},
    "resources": [{"type": "application/vnd.ibm.kms.key+json", "name": "by role", "extractable": False}],
}

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
EMPTY_FOR_STRANGERS = {"list", "count"}
"""Calls that answer a caller without rights with nothing instead of a refusal."""


def title(roles):
    return "+".join(role.value for role in roles) or "no-role"


def total(response):
    """How many keys a list or a count speaks of."""
    return int(response.header("Key-Total") or response.json()["metadata"]["collectionTotal"])


@pytest.mark.parametrize("roles", ROLES, ids=title)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_answered_to_exactly_the_roles_that_have_it(api, error_of, call, roles):
    method, path, body, status, permitted = CALLS[call]
    key = api.create_id()
    if "{deleted}" in path:
        assert api.call("DELETE", f"/keys/{key}").status == 204
    if "{suspended}" in path:
        assert api.act(key, "disable").status == 204
    if body == "ciphertext":
        body = {"ciphertext": api.wrap(key, b"a data key")}
    api.clock.move(seconds=30)

    response = api.call(method, path.format(key=key, deleted=key, suspended=key), body, roles=roles)

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
