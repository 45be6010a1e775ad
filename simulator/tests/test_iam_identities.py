"""Service IDs, API keys and access policies as resources of IAM; instances in several regions."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from keyprotect_simulator.control import Refused
from keyprotect_simulator.iam.policies import role_id
from keyprotect_simulator.records import AccessPolicy, ApiKey, Put, ServiceId
from keyprotect_simulator.roles import Role

UNKNOWN = "4dc9fb9c-7a8a-4b3f-a6a3-7f9e0ad5a0d4"


@pytest.fixture
def iam(api):
    """Calls IAM with the token of an identity of an account of its own, or with another one."""
    account = api.simulator.add_account("of this test")
    identity = api.simulator.add_service_id(account_id=account)
    token = api.simulator.token(identity.api_key)

    def call(method, path, body=None, *, query="", bearer=token, **headers):
        content = b"" if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return api.send(method, f"/v1{path}", query=query, headers=given, content=content)

    call.account, call.identity, call.token, call.simulator = account, identity, token, api.simulator
    return call


def administered(iam, *roles, **limits):
    """A new instance of the account, on which the caller is Administrator (or has these roles)."""
    instance = iam.simulator.add_instance(iam.account)
    core = iam.simulator.simulator.core
    with core.exclusive():
        core.commit(Put(AccessPolicy(str(uuid.uuid4()), iam.identity.iam_id, instance, roles or (Role.ADMINISTRATOR,), **limits)))
    return instance


def refused(response):
    return response.status, response.json()["errorCode"]


def make(iam, **fields):
    response = iam("POST", "/serviceids/", {"account_id": iam.account, "name": "made", **fields})
    assert response.status == 201, response.body
    return response.json()


def make_key(iam, iam_id, **headers):
    response = iam("POST", "/apikeys", {"name": "a key", "iam_id": iam_id}, **headers)
    assert response.status == 201, response.body
    return response.json()


def test_a_service_id_is_made_shown_listed_and_deleted(iam):
    made = make(iam, description="for tests")
    assert {name: made[name] for name in ("account_id", "name", "description", "locked")} == {
        "account_id": iam.account,
        "name": "made",
        "description": "for tests",
        "locked": False,
    }
    assert made["iam_id"] == f"iam-{made['id']}"
    assert {"entity_tag", "crn", "created_at", "modified_at"} <= set(made)
    assert iam("GET", f"/serviceids/{made['id']}").json() == made
    listed = iam("GET", "/serviceids", query=f"account_id={iam.account}&name=made").json()
    assert (listed["serviceids"], listed["offset"], listed["limit"]) == ([made], 0, 20)
    assert iam("DELETE", f"/serviceids/{made['id']}").status == 204
    assert refused(iam("GET", f"/serviceids/{made['id']}")) == (404, "NOT_FOUND")


def test_a_service_id_goes_with_its_keys_and_policies(iam):
    made = make(iam, apikey={"name": "first"})
    assert iam.simulator.token(made["apikey"]["apikey"])
    instance = administered(iam)
    assert iam("POST", "/policies", policy(made["iam_id"], instance, Role.READER)).status == 201
    assert iam("DELETE", f"/serviceids/{made['id']}").status == 204
    state = iam.simulator.simulator.state
    assert state.find(ApiKey, "service_id", made["id"]) == state.find(AccessPolicy, "iam_id", made["iam_id"]) == []
    with pytest.raises(Refused, match="BXNIM0415E"):
        iam.simulator.token(made["apikey"]["apikey"])


def test_lists_come_in_pages(iam):
    for number in range(4):
        make(iam, name=f"number {number}")
    first = iam("GET", "/serviceids", query="pagesize=3").json()
    assert (len(first["serviceids"]), "previous" in first) == (3, False)
    query = first["next"].partition("?")[2]
    second = iam("GET", "/serviceids", query=query).json()
    assert ([one["name"] for one in second["serviceids"]], "next" in second) == (["number 2", "number 3"], False)
    for query in ("pagesize=0", "pagesize=101", "pagetoken=x"):
        assert refused(iam("GET", "/serviceids", query=query)) == (400, "BXNIM0106E")


def test_an_api_key_tells_its_value_once(iam):
    made = make_key(iam, iam.identity.iam_id)
    assert len(made["apikey"]) == 44
    assert iam.simulator.token(made["apikey"])
    shown = {**made, "apikey": ""}
    assert iam("GET", f"/apikeys/{made['id']}").json() == shown
    assert shown in iam("GET", "/apikeys", query=f"account_id={iam.account}&iam_id={iam.identity.iam_id}").json()["apikeys"]
    assert len(iam("GET", "/apikeys", query="scope=account").json()["apikeys"]) == 2
    assert iam("GET", "/apikeys/details", IAM_ApiKey=made["apikey"]).json() == shown
    assert refused(iam("GET", "/apikeys/details", IAM_ApiKey="another")) == (404, "NOT_FOUND")


def test_an_api_key_may_have_a_value_of_the_callers_choice_once(iam):
    body = {"name": "chosen", "iam_id": iam.identity.iam_id, "apikey": f"chosen-{iam.account}"}
    assert iam("POST", "/apikeys", body).json()["apikey"] == body["apikey"]
    response = iam("POST", "/apikeys", body)
    assert refused(response) == (400, "BXNIM0106E")
    assert body["apikey"].encode() not in response.body


def test_a_deleted_api_key_gets_no_token_while_its_tokens_live_on(iam):
    made = make_key(iam, iam.identity.iam_id)
    token = iam.simulator.token(made["apikey"])
    assert iam("DELETE", f"/apikeys/{made['id']}").status == 204
    with pytest.raises(Refused, match="BXNIM0415E"):
        iam.simulator.token(made["apikey"])
    assert iam("GET", "/serviceids", bearer=token).status == 200


def test_a_disabled_api_key_gets_no_token_until_it_is_enabled(iam):
    made = make_key(iam, iam.identity.iam_id)
    assert iam("POST", f"/apikeys/{made['id']}/disable").status == 204
    assert iam("GET", f"/apikeys/{made['id']}").json()["disabled"] is True
    with pytest.raises(Refused, match="BXNIM0415E"):
        iam.simulator.token(made["apikey"])
    assert iam("DELETE", f"/apikeys/{made['id']}/disable").status == 204
    assert iam.simulator.token(made["apikey"])


def test_an_api_key_expires_by_iams_time(core_api):
    simulator = core_api.simulator
    made = simulator.add_service_id(account_id=simulator.add_account())
    service = simulator.simulator.state.get(ServiceId, made.service_id)
    headers = {"authorization": f"Bearer {simulator.token(made.api_key)}"}
    expires = dt.datetime.fromtimestamp(simulator.iam_clock() + 120, dt.UTC).strftime("%Y-%m-%dT%H:%M+0000")
    body = json.dumps({"name": "brief", "iam_id": service.iam_id, "expires_at": expires}).encode()
    api_key = core_api.send("POST", "/v1/apikeys", headers=headers, content=body).json()
    assert api_key["expires_at"] == f"{expires[:16]}:00Z"
    assert simulator.token(api_key["apikey"])
    simulator.iam_clock.move(seconds=121)
    with pytest.raises(Refused, match="BXNIM0415E"):
        simulator.token(api_key["apikey"])


@pytest.mark.parametrize("expires", ["tomorrow", "2099-01-01T00:00", 5])
def test_an_expiration_that_is_none(iam, expires):
    body = {"name": "x", "iam_id": iam.identity.iam_id, "expires_at": expires}
    assert refused(iam("POST", "/apikeys", body)) == (400, "BXNIM0106E")


def test_a_locked_api_key_stays_until_it_is_unlocked(iam):
    made = make_key(iam, iam.identity.iam_id, entity_lock="true")
    assert made["locked"] is True
    for method, rest in (("DELETE", ""), ("POST", "/disable")):
        assert refused(iam(method, f"/apikeys/{made['id']}{rest}")) == (409, "LOCKED")
    assert iam.simulator.token(made["apikey"])
    unlocked = iam("DELETE", f"/apikeys/{made['id']}/lock").json()
    assert (unlocked["locked"], unlocked["entity_tag"] == made["entity_tag"]) == (False, False)
    assert iam("POST", f"/apikeys/{made['id']}/lock").json()["locked"] is True
    assert iam("DELETE", f"/apikeys/{made['id']}/lock").status == 200
    assert iam("DELETE", f"/apikeys/{made['id']}").status == 204


def test_nothing_of_a_locked_service_id_changes(iam):
    made = make(iam)
    assert iam("POST", f"/serviceids/{made['id']}/lock").json()["locked"] is True
    assert refused(iam("DELETE", f"/serviceids/{made['id']}")) == (409, "LOCKED")
    assert refused(iam("POST", "/apikeys", {"name": "late", "iam_id": made["iam_id"]})) == (409, "LOCKED")
    instance = administered(iam)
    assert refused(iam("POST", "/policies", policy(made["iam_id"], instance, Role.READER))) == (409, "LOCKED")
    assert iam("DELETE", f"/serviceids/{made['id']}/lock").json()["locked"] is False
    assert iam("DELETE", f"/serviceids/{made['id']}").status == 204


@pytest.mark.parametrize("kind", ["serviceids", "apikeys"])
def test_an_update_needs_what_was_read(iam, kind):
    made = make(iam) if kind == "serviceids" else make_key(iam, iam.identity.iam_id)
    at = f"/{kind}/{made['id']}"
    renamed = iam("PUT", at, {"name": "renamed", "description": "anew"}, If_Match=made["entity_tag"]).json()
    assert (renamed["name"], renamed["description"]) == ("renamed", "anew")
    assert refused(iam("PUT", at, {"name": "late"}, If_Match=made["entity_tag"])) == (409, "STALE")
    assert refused(iam("PUT", at, {"name": "blind"})) == (409, "STALE")
    assert iam("PUT", at, {"description": ""}, If_Match="*").json()["name"] == "renamed"
    assert "description" not in iam("GET", at).json()
    assert refused(iam("PUT", at, {"name": ""}, If_Match="*")) == (400, "BXNIM0106E")
    assert iam("POST", f"{at}/lock").status == 200
    assert refused(iam("PUT", at, {"name": "locked"}, If_Match="*")) == (409, "LOCKED")


BODIES = {
    "no name": ("/serviceids", {"account_id": "account"}, 400, "BXNIM0106E"),
    "no account": ("/serviceids", {"name": "x"}, 400, "BXNIM0106E"),
    "another account": ("/serviceids", {"name": "x", "account_id": "0" * 32}, 403, "FORBIDDEN"),
    "unknown field": ("/serviceids", {"name": "x", "account_id": "account", "colour": 1}, 400, "BXNIM0106E"),
    "no service ID": ("/apikeys", {"name": "x", "iam_id": "iam-ServiceId-x"}, 400, "BXNIM0106E"),
    "no iam_id": ("/apikeys", {"name": "x"}, 400, "BXNIM0106E"),
    "key of another account": ("/apikeys", {"name": "x", "iam_id": "x", "account_id": "0" * 32}, 403, "FORBIDDEN"),
    "short value": ("/apikeys", {"name": "x", "iam_id": "x", "apikey": "short"}, 400, "BXNIM0106E"),
    "policy without roles": ("/policies", {"type": "access", "subjects": [], "resources": []}, 400, "BXNIM0106E"),
    "authorization": ("/policies", {"type": "authorization", "subjects": [], "roles": [], "resources": []}, 400, "BXNIM0106E"),
    "subjects": ("/policies", {"type": "access", "subjects": [1], "roles": [], "resources": []}, 400, "BXNIM0106E"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_cannot_be(iam, case):
    path, body, status, code = BODIES[case]
    body = {name: iam.account if value == "account" else value for name, value in body.items()}
    assert refused(iam("POST", path, body)) == (status, code)


@pytest.mark.parametrize("path", ["/serviceids", "/apikeys", "/policies", "/apikeys/details"])
@pytest.mark.parametrize("bearer", ["x", "a.b.c"])
def test_without_a_token_there_is_nothing_to_see(iam, path, bearer):
    assert refused(iam("GET", path, bearer=bearer)) == (401, "UNAUTHORIZED")


def test_the_token_must_be_a_bearer_token(api):
    for headers in ({}, {"Authorization": "Basic Yng6Yng="}):
        assert refused(api.send("GET", "/v1/apikeys", headers=headers)) == (401, "UNAUTHORIZED")


def test_another_accounts_identities_are_not_there(iam):
    stranger = iam.simulator.token(iam.simulator.add_service_id(account_id=iam.simulator.add_account()).api_key)
    made = make(iam, apikey={"name": "first"})
    for path in (f"/serviceids/{made['id']}", f"/apikeys/{made['apikey']['id']}"):
        for method in ("GET", "DELETE"):
            assert refused(iam(method, path, bearer=stranger)) == (404, "NOT_FOUND")
    assert refused(iam("GET", "/serviceids", query=f"account_id={iam.account}", bearer=stranger)) == (403, "FORBIDDEN")
    assert iam.simulator.simulator.state.get(ServiceId, made["id"]) is not None


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("GET", f"/policies/{UNKNOWN}"), ("DELETE", "/apikeys/x")])
def test_what_is_not_there(iam, method, path):
    assert refused(iam(method, path)) == (404, "NOT_FOUND")


def test_a_method_that_a_path_does_not_take(iam):
    response = iam("BREW", "/apikeys/details")
    assert refused(response) == (405, "METHOD_NOT_ALLOWED")
    assert response.header("Allow") == "DELETE, GET, PUT"


# -- access policies


def policy(iam_id, instance, *roles, **limits):
    resource = {"serviceName": "kms", "serviceInstance": instance, **limits}
    return {
        "type": "access",
        "subjects": [{"attributes": [{"name": "iam_id", "value": iam_id}]}],
        "roles": [{"role_id": role_id(role)} for role in roles],
        "resources": [{"attributes": [{"name": name, "value": value} for name, value in resource.items()]}],
    }


def test_a_policy_gives_rights_until_it_is_deleted(iam, api):
    instance = administered(iam)
    headers = {"Authorization": f"Bearer {iam.token}", "Bluemix-Instance": instance}
    import_token = "/api/v2/import_token"
    assert api.send("GET", import_token, headers=headers).status == 401
    made = iam("POST", "/policies", policy(iam.identity.iam_id, instance, Role.WRITER, Role.VIEWER)).json()
    assert [role["display_name"] for role in made["roles"]] == ["Writer", "Viewer"]
    assert api.send("GET", import_token, headers=headers).status == 404
    assert iam("GET", f"/policies/{made['id']}").json() == made
    assert made in iam("GET", "/policies", query=f"iam_id={iam.identity.iam_id}").json()["policies"]
    assert iam("DELETE", f"/policies/{made['id']}").status == 204
    assert api.send("GET", import_token, headers=headers).status == 401


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_granted(iam, role):
    instance = administered(iam)
    made = iam("POST", "/policies", policy(iam.identity.iam_id, instance, role)).json()
    assert iam.simulator.simulator.state.get(AccessPolicy, made["id"]).roles == (role,)


NOT_ADMINISTRATOR = [role for role in Role if role is not Role.ADMINISTRATOR]


@pytest.mark.parametrize("role", NOT_ADMINISTRATOR, ids=lambda role: role.value)
def test_only_an_administrator_assigns_roles_and_takes_them_away(iam, role):
    instance = administered(iam, role)
    wanted = policy(iam.identity.iam_id, instance, Role.MANAGER)
    assert refused(iam("POST", "/policies", wanted)) == (403, "NOT_PERMITTED")
    (own,) = iam.simulator.simulator.state.find(AccessPolicy, "grant", f"{iam.identity.iam_id} {instance}")
    assert refused(iam("DELETE", f"/policies/{own.id}")) == (403, "NOT_PERMITTED")


def test_an_administrator_of_a_key_ring_is_none_of_the_instance(iam):
    instance = administered(iam, Role.ADMINISTRATOR, key_ring="team")
    assert refused(iam("POST", "/policies", policy(iam.identity.iam_id, instance, Role.READER))) == (403, "NOT_PERMITTED")


def test_a_policy_may_be_limited_to_a_key_or_a_ring(iam):
    instance = administered(iam)
    limits = {"resourceType": "key", "resource": UNKNOWN, "keyRing": "team"}
    made = iam("POST", "/policies", policy(iam.identity.iam_id, instance, Role.READER, **limits)).json()
    kept = iam.simulator.simulator.state.get(AccessPolicy, made["id"])
    assert (kept.key_id, kept.key_ring) == (UNKNOWN, "team")
    attributes = {one["name"]: one["value"] for one in made["resources"][0]["attributes"]}
    assert limits.items() <= attributes.items()


@pytest.mark.parametrize(
    "limits",
    [{"serviceName": "cloud-object-storage"}, {"serviceInstance": UNKNOWN}, {"resource": UNKNOWN}, {"region": "us-south"}],
)
def test_a_policy_that_cannot_be(iam, limits):
    instance = administered(iam)
    assert refused(iam("POST", "/policies", policy(iam.identity.iam_id, instance, Role.READER, **limits))) == (400, "BXNIM0106E")


def test_a_role_that_there_is_not(iam):
    body = policy(iam.identity.iam_id, administered(iam))
    for roles in ([], [{"role_id": "crn:v1:bluemix:public:iam::::serviceRole:King"}], ["Reader"]):
        assert refused(iam("POST", "/policies", {**body, "roles": roles})) == (400, "BXNIM0106E")


# -- regions


@pytest.fixture
def frankfurt(core_api):
    """The api of an instance in eu-de."""
    core_api.instance_id = core_api.simulator.add_instance(region="eu-de")
    return core_api


def test_an_instance_answers_in_its_region(frankfurt, error_of):
    key = frankfurt.create()
    assert key["crn"].startswith("crn:v1:bluemix:public:kms:eu-de:a/")
    for host in (
        "eu-de.kms.cloud.ibm.com",
        "private.eu-de.kms.cloud.ibm.com",
        "EU-DE.kms.cloud.ibm.com:443",
        "127.0.0.1:8080",
        "localhost",
    ):
        assert frankfurt.call("GET", "/keys", headers={"Host": host}).status == 200
    for host in ("us-south.kms.cloud.ibm.com", "private.us-south.kms.cloud.ibm.com"):
        assert error_of(frankfurt.call("GET", "/keys", headers={"Host": host}))[:2] == (401, "")


def test_one_region_is_away_while_another_answers(frankfurt, error_of):
    with frankfurt.simulator.region_away("eu-de"):
        assert error_of(frankfurt.call("GET", "/keys"))[:2] == (503, "")
        assert frankfurt.simulator.operate("GET", "/api/v2/keys").status == 200
    assert frankfurt.call("GET", "/keys").status == 200
