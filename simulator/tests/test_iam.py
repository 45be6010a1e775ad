"""IAM: API keys for tokens, the key set, and IAM's own errors."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import jwt
import pytest
from keyprotect_simulator.control import Refused
from keyprotect_simulator.roles import Role

GRANT = "urn:ibm:params:oauth:grant-type:apikey"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


def ask(api, path="/identity/token", headers=FORM, **form):
    return api.send("POST", path, headers=headers, content=urlencode(form).encode())


def iam_error(response):
    document = response.json()
    assert set(document) == {"errorCode", "errorMessage", "context"}
    assert {"requestId", "requestType", "userAgent", "url", "startTime", "endTime", "elapsedTime", "locale"} <= set(document["context"])
    return response.status, document["errorCode"], document["errorMessage"]


@pytest.mark.parametrize("path", ["/identity/token", "/oidc/token"])
@pytest.mark.parametrize("more", [{}, {"response_type": "cloud_iam"}, {"scope": "ibm openid"}])
def test_an_api_key_is_exchanged_for_a_token(api, path, more):
    before = int(time.time())
    response = ask(api, path, grant_type=GRANT, apikey=api.simulator.api_key, **more)
    assert response.status == 200
    assert response.header("content-type") == "application/json"
    answer = response.json()
    assert set(answer) == {"access_token", "refresh_token", "token_type", "expires_in", "expiration", "scope"}
    assert (answer["refresh_token"], answer["token_type"], answer["expires_in"], answer["scope"]) == (
        *("not_supported", "Bearer"),
        *(3600, "ibm openid"),
    )
    assert before + 3600 <= answer["expiration"] <= time.time() + 3600


def test_a_client_authentication_changes_nothing(api):
    headers = {**FORM, "Authorization": "Basic Yng6Yng="}
    assert ask(api, headers=headers, grant_type=GRANT, apikey=api.simulator.api_key).status == 200


def test_a_token_is_verified_with_the_key_set_and_has_the_documented_claims(simulator):
    token = simulator.token()
    keys = jwt.PyJWKClient(f"{simulator.url}/identity/keys")
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    key = keys.get_signing_key_from_jwt(token)
    assert key.key_id == header["kid"]
    claims = jwt.decode(token, key.key, algorithms=["RS256"], issuer="https://iam.cloud.ibm.com/identity")
    service = simulator.lab.service_id
    assert service.startswith("ServiceId-")
    expected = {
        "iam_id": f"iam-{service}",
        "id": f"iam-{service}",
        "realmid": "iam",
        "identifier": service,
        "sub": service,
        "sub_type": "ServiceId",
        "grant_type": GRANT,
        "scope": "ibm openid",
        "client_id": "default",
        "acr": 1,
        "amr": ["pwd"],
        "authn": {"sub": service, "iam_id": f"iam-{service}", "sub_type": "ServiceId", "name": claims["name"]},
    }
    assert {name: claims[name] for name in expected} == expected
    assert claims["account"]["bss"] == simulator.lab.account
    assert claims["account"]["valid"] is True
    assert claims["exp"] == claims["iat"] + 3600
    assert claims["jti"] != jwt.decode(simulator.token(), options={"verify_signature": False})["jti"]


def test_the_key_set_is_public_and_has_no_private_part(api):
    (key,) = api.send("GET", "/identity/keys").json()["keys"]
    assert set(key) == {"kty", "n", "e", "alg", "use", "kid"}


@pytest.mark.parametrize(
    ("form", "status", "code", "message"),
    [
        ({"grant_type": GRANT, "apikey": "wrong"}, 400, "BXNIM0415E", "Provided API key could not be found."),
        ({"grant_type": GRANT}, 400, "BXNIM0106E", "Validation of property 'apikey' with value 'null' failed."),
        ({"grant_type": GRANT, "apikey": ""}, 400, "BXNIM0106E", "Validation of property 'apikey' with value '' failed."),
        ({"apikey": "wrong"}, 400, "BXNIM0106E", f"Validation of property 'grant_type' with value 'null' failed. Valid values: '{GRANT}'"),
        ({"grant_type": "password"}, 400, "BXNIM0106E", "Validation of property 'grant_type' with value 'password' failed."),
        ({}, 400, "BXNIM0106E", "Validation of property 'grant_type' with value 'null' failed."),
    ],
)
def test_a_token_is_refused_as_iam_refuses_it(api, form, status, code, message):
    got = iam_error(ask(api, **form))
    assert got[:2] == (status, code)
    assert got[2].startswith(message)


def test_a_body_that_is_no_form_has_no_grant(api):
    response = api.send("POST", "/identity/token", headers={"Content-Type": "application/json"}, content=b'{"grant_type": "x"}\xff')
    assert iam_error(response)[:2] == (400, "BXNIM0106E")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/identity/token", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/identity/keys", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/identity/nothing", 404, "NOT_FOUND"),
        ("GET", "/oidc/", 404, "NOT_FOUND"),
    ],
)
def test_iam_answers_in_its_own_shape_whatever_is_asked(api, method, path, status, code):
    response = api.send(method, path)
    assert iam_error(response)[:2] == (status, code)
    assert (response.header("Allow") is not None) is (status == 405)


def test_a_form_that_is_too_large_is_refused(api):
    assert iam_error(ask(api, grant_type=GRANT, apikey="x" * (1 << 20)))[:2] == (413, "REQUEST_TOO_LARGE")


def test_a_revoked_api_key_gets_no_token_while_its_tokens_live_on(core_api):
    simulator = core_api.simulator
    identity = simulator.add_service_id(Role.MANAGER, instance_id=core_api.instance_id)
    token = simulator.token(identity.api_key)
    simulator.revoke_api_key(identity.api_key)
    with pytest.raises(Refused, match="BXNIM0415E"):
        simulator.token(identity.api_key)
    assert core_api.call("GET", "/keys", headers={"Authorization": f"Bearer {token}"}).status == 200


def test_the_lab_gets_a_new_api_key_in_place_of_a_revoked_one(core_api):
    from keyprotect_simulator.settings import Settings
    from keyprotect_simulator.simulator import Simulator
    from keyprotect_simulator.state.journal import Forgetful

    simulator = Simulator(Settings(), Forgetful())
    first = simulator.ensure_lab()
    assert simulator.ensure_lab() == first
    from keyprotect_simulator.control import Control

    control = Control(simulator)
    control.revoke_api_key()
    second = simulator.ensure_lab()
    assert second.api_key != first.api_key
    assert (second.instance_id, second.crk_id, second.adapter_id) == (first.instance_id, first.crk_id, first.adapter_id)
    assert control.token(second.api_key)
