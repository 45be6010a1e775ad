"""Tokens, instances and accounts: who is let in, and how the others are refused."""

from __future__ import annotations

import base64
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from keyprotect_simulator.iam.tokens import TokenIssuer, claims_of, new_signing_key
from keyprotect_simulator.records import Remove, ServiceId
from keyprotect_simulator.roles import Role

UNKNOWN = "4dc9fb9c-7a8a-4b3f-a6a3-7f9e0ad5a0d4"
NO_ACCESS = (
    "Unauthorized: Either the user does not have access to the specified resource, the resource does not exist, "
    "or the region is incorrectly set"
)


def get_keys(api, authorization, instance=None):
    headers = {"Bluemix-Instance": instance or api.instance_id}
    if authorization is not None:
        headers["Authorization"] = authorization
    return api.send("GET", "/api/v2/keys", headers=headers)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic dXNlcjpwYXNz", "Token abc"])
def test_without_a_bearer_token_nobody_is_let_in(api, error_of, authorization):
    response = get_keys(api, authorization)
    assert error_of(response) == (401, "", NO_ACCESS)
    assert response.header("WWW-Authenticate") == "Bearer"


def unsigned(claims):
    def part(document):
        return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


@pytest.mark.parametrize("token", ["abc", "a.b.c", "....", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA", "ä.ö.ü"])
def test_a_token_without_a_subject_is_malformed(core_api, error_of, token):
    assert error_of(get_keys(core_api, f"Bearer {token}"))[:2] == (400, "BEARER_SUB_EXTRACTION_ERR")


def claims_for(api, **changes):
    identity = api.simulator.add_service_id(Role.MANAGER, instance_id=api.instance_id)
    service = api.simulator.simulator.state.get(ServiceId, identity.service_id)
    return {**claims_of(service, grant_type="g", now=int(time.time()), token_id=UNKNOWN), **changes}


def test_a_token_that_this_iam_did_not_sign_is_refused(api, error_of):
    claims = claims_for(api)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(api.token(Role.MANAGER))["kid"]
    forged = jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": kid})
    for token in (forged, unsigned(claims), jwt.encode(claims, "s" * 32, algorithm="HS256")):
        assert error_of(get_keys(api, f"Bearer {token}")) == (401, "", NO_ACCESS)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://iam.example.com/identity"},
        {"exp": int(time.time()) - 5},
        {"iat": int(time.time()) + 600},
    ],
    ids=["another issuer", "expired", "from the future"],
)
def test_a_signed_token_is_held_to_its_claims(core_api, error_of, changes):
    signer = core_api.simulator.simulator.core._issuer._private
    sign = lambda claims: jwt.encode(claims, signer, algorithm="RS256")  # noqa: E731
    assert get_keys(core_api, f"Bearer {sign(claims_for(core_api))}").status == 200
    assert error_of(get_keys(core_api, f"Bearer {sign(claims_for(core_api, **changes))}")) == (401, "", NO_ACCESS)


def test_a_token_is_good_for_an_hour_of_iams_time(core_api, error_of):
    token = core_api.token(Role.MANAGER)
    core_api.clock.move(days=40)
    assert get_keys(core_api, f"Bearer {token}").status == 200
    iam_clock = core_api.simulator.iam_clock
    iam_clock.move(seconds=3595)
    assert get_keys(core_api, f"Bearer {token}").status == 200
    iam_clock.move(seconds=6)
    assert error_of(get_keys(core_api, f"Bearer {token}")) == (401, "", NO_ACCESS)


@pytest.mark.parametrize("instance", ["", "abc", UNKNOWN[:-1], f"{UNKNOWN}0", f"{{{UNKNOWN}}}", UNKNOWN.replace("-", "")])
def test_an_instance_header_that_is_no_uuid(api, error_of, instance):
    headers = {"Authorization": f"Bearer {api.token(Role.MANAGER)}", **({"Bluemix-Instance": instance} if instance else {})}
    expected = "Bad Request: Request requires valid Bluemix-Instance Header containing a valid UUID"
    assert error_of(api.send("GET", "/api/v2/keys", headers=headers)) == (400, "", expected)


def test_header_names_and_the_instance_are_read_in_any_case(api):
    headers = {"AUTHORIZATION": f"bearer {api.token(Role.MANAGER)}", "bluemix-INSTANCE": api.instance_id.upper()}
    assert api.send("GET", "/api/v2/keys", headers=headers).status == 200


def test_an_instance_that_is_not_there_or_anothers(api, error_of):
    manager = f"Bearer {api.token(Role.MANAGER)}"
    foreign = api.simulator.add_instance(api.simulator.add_account())
    for instance in (UNKNOWN, foreign):
        assert error_of(get_keys(api, manager, instance)) == (401, "", NO_ACCESS)


def test_an_identity_of_another_account_is_refused_whatever_its_roles(api, error_of):
    account = api.simulator.add_account()
    stranger = api.simulator.add_service_id(Role.MANAGER, account_id=account, instance_id=api.instance_id)
    assert error_of(get_keys(api, f"Bearer {api.simulator.token(stranger.api_key)}")) == (401, "", NO_ACCESS)


def test_rights_are_those_of_now(core_api, error_of):
    simulator = core_api.simulator
    core_api.instance_id = simulator.instance_id
    identity = simulator.add_service_id(Role.WRITER)
    token = {"Authorization": f"Bearer {simulator.token(identity.api_key)}"}
    assert core_api.act(simulator.crk_id, "wrap", headers=token).status == 200
    simulator.set_roles(identity.service_id)
    assert error_of(core_api.act(simulator.crk_id, "wrap", headers=token))[0] == 401
    simulator.set_roles(identity.service_id, Role.READER)
    assert core_api.act(simulator.crk_id, "wrap", headers=token).status == 200


def test_a_service_id_that_is_gone_is_refused(core_api, error_of):
    simulator = core_api.simulator
    identity = simulator.add_service_id(Role.MANAGER, instance_id=core_api.instance_id)
    token = f"Bearer {simulator.token(identity.api_key)}"
    assert get_keys(core_api, token).status == 200
    core = simulator.simulator.core
    with core.exclusive():
        core.commit(Remove(core.state.get(ServiceId, identity.service_id)))
    assert error_of(get_keys(core_api, token)) == (401, "", NO_ACCESS)


def test_another_issuers_key_with_the_same_claims_is_refused():
    import os

    from keyprotect_simulator.iam.tokens import InvalidToken

    service = ServiceId("ServiceId-x", "a" * 32, "x")
    ours, theirs = (TokenIssuer(new_signing_key(os.urandom)) for _ in range(2))
    token = theirs.issue(service, grant_type="g", now=1000, random=os.urandom)
    assert theirs.subject(token, now=1001) == "iam-ServiceId-x"
    with pytest.raises(InvalidToken):
        ours.subject(token, now=1001)
