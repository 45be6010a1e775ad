"""Each call by each role: the table of "Managing user access", written down here a second time."""

from __future__ import annotations

import base64

import pytest
from contract_tables import CALLS, EMPTY_FOR_STRANGERS, ROLES, VIEWER, P, R, W, arranged, route_of
from keyprotect_simulator.routes import ROUTES


def title(roles):
    return "+".join(role.value for role in roles) or "no-role"


def total(response):
    """How many keys a list or a count speaks of."""
    return int(response.header("Key-Total") or response.json()["metadata"]["collectionTotal"])


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
    assert {route_of(method, path) for method, path, *_ in CALLS.values()} == {f"{route.method} {route.path}" for route in ROUTES}


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
