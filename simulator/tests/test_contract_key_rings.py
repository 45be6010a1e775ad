"""Key rings, aliases and registrations, and rights that are limited to a ring or a key."""

from __future__ import annotations

import uuid
from dataclasses import replace
from urllib.parse import quote

import pytest
from keyprotect_simulator.records import AccessPolicy, Key, Put, Registration
from keyprotect_simulator.roles import Role

UNKNOWN = "4dc9fb9c-7a8a-4b3f-a6a3-7f9e0ad5a0d4"
RING_TYPE = "application/vnd.ibm.kms.key_ring+json"


def make_ring(api, name):
    response = api.call("POST", f"/key_rings/{name}")
    assert (response.status, response.body) == (201, b"")


def ids(response):
    assert response.status == 200, response.body
    return [resource["id"] for resource in response.json().get("resources", [])]


def in_ring(name):
    return {"X-Kms-Key-Ring": name}


def make_key(api, ring="default", **more):
    body = {"metadata": {"collectionTotal": 1}, "resources": [{"name": "a key", "extractable": False}]}
    response = api.call("POST", "/keys", body, headers=in_ring(ring), **more)
    assert response.status == 201, response.body
    return response.json()["resources"][0]["id"]


# -- rings


def test_rings_are_made_listed_and_deleted(api):
    assert api.call("GET", "/key_rings").json()["resources"] == [{"id": "default"}]
    for name in ("alpha", "Beta-2"):
        make_ring(api, name)
    document = api.call("GET", "/key_rings", query="totalCount=true&limit=2&offset=1").json()
    assert document["metadata"] == {"collectionType": RING_TYPE, "collectionTotal": 2, "totalCount": 3}
    assert [set(ring) for ring in document["resources"]] == [{"id", "creationDate", "createdBy"}] * 2
    response = api.call("DELETE", "/key_rings/alpha")
    assert (response.status, response.body) == (204, b"")
    assert ids(api.call("GET", "/key_rings")) == ["default", "Beta-2"]


@pytest.mark.parametrize("name", ["default", "x", "x" * 101, "a_b", "ä-ö", "a b"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_ring_cannot_have_every_name(api, error_of, method, name):
    assert error_of(api.call(method, f"/key_rings/{name}"))[:2] == (400, "INVALID_FIELD_ERR")


def test_a_ring_is_made_once_and_deleted_once(api, error_of):
    make_ring(api, "once")
    assert error_of(api.call("POST", "/key_rings/once"))[:2] == (409, "KEY_RING_NOT_UNIQUE_ERR")
    assert api.call("DELETE", "/key_rings/once").status == 204
    assert error_of(api.call("DELETE", "/key_rings/once"))[:2] == (404, "KEY_RING_NOT_FOUND_ERR")


def test_an_instance_has_50_rings_besides_the_default(core_api, error_of):
    for number in range(50):
        make_ring(core_api, f"ring-{number}")
    assert error_of(core_api.call("POST", "/key_rings/one-more"))[:2] == (409, "KEY_RING_QUOTA_ERR")
    assert core_api.call("GET", "/key_rings").json()["metadata"]["collectionTotal"] == 51


def test_a_key_is_in_the_ring_that_it_was_made_in(api, error_of):
    make_ring(api, "team")
    key, other = make_key(api, "team"), make_key(api)
    assert api.metadata(key)["keyRingID"] == "team"
    assert ids(api.call("GET", "/keys", headers=in_ring("team"))) == [key]
    assert ids(api.call("GET", "/keys", headers=in_ring("default"))) == [other]
    assert error_of(api.call("GET", f"/keys/{key}", headers=in_ring("default")))[:2] == (404, "KEY_NOT_FOUND_ERR")


def test_a_key_is_moved(api, error_of):
    make_ring(api, "team")
    key = make_key(api)
    response = api.call("PATCH", f"/keys/{key}", {"keyRingID": "team"}, headers=in_ring("default"))
    assert (response.status, response.json()["resources"][0]["keyRingID"]) == (200, "team")
    assert ids(api.call("GET", "/keys", headers=in_ring("team"))) == [key]
    assert error_of(api.call("PATCH", f"/keys/{key}", {"keyRingID": "nowhere"}))[:2] == (404, "KEY_RING_NOT_FOUND_ERR")
    assert error_of(api.call("PATCH", f"/keys/{key}", {"keyRingID": "team"}, headers=in_ring("default")))[:2] == (404, "KEY_NOT_FOUND_ERR")
    assert error_of(api.call("PATCH", f"/keys/{key}"))[:2] == (400, "NO_BODY_ERR")
    assert error_of(api.call("PATCH", f"/keys/{key}", {}))[:2] == (400, "INVALID_FIELD_ERR")
    assert error_of(api.call("PATCH", f"/keys/{key}", {"name": "new"}))[:2] == (400, "BAD_BODY_ERR")


def test_a_ring_with_keys_is_not_deleted(api, error_of):
    make_ring(api, "team")
    key = make_key(api, "team")
    for query in ("", "force=true"):
        response = api.call("DELETE", "/key_rings/team", query=query)
        assert error_of(response) == (
            409,
            "KEY_RING_NOT_EMPTY_ERR",
            "Conflict: Key ring could not be deleted: Please see `reasons` for more details (KEY_RING_NOT_EMPTY_ERR)",
        )
    assert api.call("DELETE", f"/keys/{key}").status == 204
    assert error_of(api.call("DELETE", "/key_rings/team"))[:2] == (409, "KEY_RING_NOT_EMPTY_ERR")
    assert api.call("DELETE", "/key_rings/team", query="force=true").status == 204
    assert api.metadata(key)["keyRingID"] == "default"


# -- rights that are limited


@pytest.fixture
def limited(api):
    """Gives the token of a service ID whose roles hold for one ring or one key only."""

    def grant(*roles, **limit):
        identity = api.simulator.add_service_id(*roles, instance_id=api.instance_id)
        core = api.simulator.simulator.core
        with core.exclusive():
            (policy,) = core.state.find(AccessPolicy, "grant", f"{identity.iam_id} {api.instance_id}")
            core.commit(Put(replace(policy, **limit)))
        return {"Authorization": f"Bearer {api.simulator.token(identity.api_key)}"}

    return grant


def test_a_role_on_a_ring_reaches_its_keys_alone(api, error_of, limited):
    make_ring(api, "team")
    mine, theirs = make_key(api, "team"), make_key(api)
    token = limited(Role.MANAGER, key_ring="team")
    assert ids(api.call("GET", "/keys", headers=token)) == [mine]
    assert api.call("HEAD", "/keys", headers=token).header("Key-Total") == "1"
    assert api.act(mine, "wrap", headers=token).status == 200
    for response in (
        api.act(theirs, "wrap", headers=token),
        api.call("DELETE", f"/keys/{theirs}", headers=token),
        api.call("PATCH", f"/keys/{mine}", {"keyRingID": "default"}, headers=token),
        api.call("GET", "/key_rings", headers=token),
        api.call("POST", "/key_rings/more", headers=token),
        api.call("POST", "/import_token", headers=token),
        api.call("GET", "/kmip_adapters", headers=token),
    ):
        assert error_of(response)[:2] == (401, "")
    body = {"metadata": {"collectionTotal": 1}, "resources": [{"name": "a key", "extractable": False}]}
    assert error_of(api.call("POST", "/keys", body, headers=token))[:2] == (401, "")
    assert api.call("POST", "/keys", body, headers={**token, **in_ring("team")}).status == 201


def test_a_role_on_a_key_reaches_it_and_lists_nothing(api, error_of, limited):
    mine, theirs = make_key(api), make_key(api)
    token = limited(Role.WRITER, key_id=mine)
    assert api.act(mine, "wrap", headers=token).status == 200
    assert error_of(api.act(theirs, "wrap", headers=token))[:2] == (401, "")
    assert error_of(api.call("DELETE", f"/keys/{mine}", headers=token))[:2] == (401, "")
    assert ids(api.call("GET", "/keys", headers=token)) == []


# -- aliases


def test_an_alias_names_a_key_until_it_is_deleted(api, error_of):
    key = api.create_id()
    response = api.call("POST", f"/keys/{key}/aliases/My-Alias_1")
    assert response.status == 201
    document = response.json()
    assert document["metadata"]["collectionTotal"] == 1
    assert set(document["resources"][0]) == {"keyId", "alias", "creationDate", "createdBy"}
    assert (document["resources"][0]["keyId"], document["resources"][0]["alias"]) == (key, "My-Alias_1")
    assert api.act("My-Alias_1", "wrap").status == 200
    assert error_of(api.call("GET", "/keys/my-alias_1"))[:2] == (404, "KEY_NOT_FOUND_ERR")
    assert api.metadata(key)["aliases"] == ["My-Alias_1"]
    assert api.call("POST", "/keys/My-Alias_1/aliases/second").status == 201
    response = api.call("DELETE", f"/keys/{key}/aliases/My-Alias_1")
    assert (response.status, response.body) == (204, b"")
    assert api.metadata(key)["aliases"] == ["second"]
    assert error_of(api.call("GET", "/keys/My-Alias_1"))[:2] == (404, "KEY_NOT_FOUND_ERR")
    assert error_of(api.call("DELETE", f"/keys/{key}/aliases/My-Alias_1"))[:2] == (404, "KEY_ALIAS_NOT_FOUND_ERR")


@pytest.mark.parametrize("alias", ["x", "x" * 91, "a.b", "a b", UNKNOWN, "policies", "wrap", "ä-ö"])
def test_an_alias_that_cannot_be(api, error_of, alias):
    assert error_of(api.call("POST", f"/keys/{api.create_id()}/aliases/{alias}"))[:2] == (400, "INVALID_FIELD_ERR")


def test_an_alias_belongs_to_one_key_and_a_key_has_five(api, error_of):
    key, other = api.create_id(aliases=[f"alias-{number}" for number in range(5)]), api.create_id()
    for taken in (key, other):
        assert error_of(api.call("POST", f"/keys/{taken}/aliases/alias-1"))[:2] == (409, "KEY_ALIAS_NOT_UNIQUE_ERR")
    assert error_of(api.call("POST", f"/keys/{key}/aliases/alias-5"))[:2] == (409, "KEY_ALIAS_QUOTA_ERR")
    assert api.call("POST", f"/keys/{other}/aliases/alias-5").status == 201


def test_an_instance_has_a_thousand_aliases(api, error_of):
    core = api.simulator.simulator.core
    key = core.state.get(Key, api.create_id())
    with core.exclusive():
        for number in range(200):
            aliases = tuple(f"alias-{number}-{place}" for place in range(5))
            core.commit(Put(replace(key, id=str(uuid.uuid4()), aliases=aliases)))
    assert error_of(api.call("POST", f"/keys/{key.id}/aliases/one-more"))[:2] == (409, "KEY_ALIAS_QUOTA_ERR")
    one = api.call("GET", "/keys", query="limit=1&search=exact:alias-7-0").json()["resources"][0]["id"]
    assert api.call("DELETE", f"/keys/{one}/aliases/alias-7-0").status == 204
    assert api.call("POST", f"/keys/{key.id}/aliases/one-more").status == 201


def test_a_destroyed_key_gets_no_alias(api, error_of):
    key = api.create_id()
    assert api.call("DELETE", f"/keys/{key}").status == 204
    assert error_of(api.call("POST", f"/keys/{key}/aliases/late"))[:2] == (410, "KEY_DELETED_ERR")


# -- registrations

PREFIX = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123"
PHOTOS, FILMS, VOLUME = f"{PREFIX}:one:bucket:photos", f"{PREFIX}:two:bucket:films", "crn:v1:bluemix:public:is:us-south:a/0123::volume:v-1"


@pytest.fixture
def registered(api):
    """An instance with two root keys and three registrations."""
    first, second = api.create_id(), api.create_id()
    core = api.simulator.simulator.core
    with core.exclusive():
        for key, crn, prevent in ((first, PHOTOS, False), (first, FILMS, True), (second, VOLUME, False)):
            record = Registration(f"{key} {crn}", api.instance_id, key, crn, 1000.0, "iam-x", 1000.0, "iam-x", key, "about it", prevent)
            core.commit(Put(record))
    return first, second


def crns(response):
    assert response.status == 200, response.body
    return {resource["resourceCrn"] for resource in response.json().get("resources", [])}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {PHOTOS, FILMS, VOLUME}),
        ("preventKeyDeletion=true", {FILMS}),
        ("preventKeyDeletion=false", {PHOTOS, VOLUME}),
        (f"urlEncodedResourceCRNQuery={quote(PHOTOS, safe='')}", {PHOTOS}),
        (f"urlEncodedResourceCRNQuery={quote(quote(PHOTOS, safe=''), safe='')}", {PHOTOS}),
        (f"urlEncodedResourceCRNQuery={quote(f'{PREFIX}:two:bucket:fi', safe='')}", {FILMS}),
        (f"urlEncodedResourceCRNQuery={quote(f'{PREFIX}:two:bucket:*s', safe='')}", {FILMS}),
        (f"urlEncodedResourceCRNQuery={quote(f'{PREFIX}:two:bucket:?ilms', safe='')}", set()),
        (f"urlEncodedResourceCRNQuery={quote(f'{PREFIX}:', safe='')}", {PHOTOS, FILMS}),
    ],
)
def test_registrations_of_all_keys_are_chosen(api, registered, query, found):
    assert crns(api.call("GET", "/keys/registrations", query=query)) == found


def test_registrations_of_one_key_are_shown(api, registered):
    first, second = registered
    document = api.call("GET", f"/keys/{first}/registrations", query="totalCount=true&limit=1").json()
    assert document["metadata"] == {
        "collectionType": "application/vnd.ibm.kms.registration+json",
        "collectionTotal": 1,
        "totalCount": 2,
    }
    (shown,) = document["resources"]
    assert (shown["keyId"], shown["keyName"], shown["keyVersion"]["id"]) == (first, "a key", first)
    assert set(shown) == {
        *("keyId", "keyName", "resourceCrn", "createdBy", "creationDate", "updatedBy", "lastUpdated"),
        *("description", "preventKeyDeletion", "keyVersion"),
    }
    anywhere = quote("crn:v1:bluemix:public:*:*:a/0123:*:bucket:p", safe="")
    assert crns(api.call("GET", f"/keys/{first}/registrations", query=f"urlEncodedResourceCRNQuery={anywhere}")) == {PHOTOS}
    assert crns(api.call("GET", f"/keys/{second}/registrations")) == {VOLUME}


def test_a_query_over_all_keys_spells_out_its_segments(api, error_of, registered):
    query = f"urlEncodedResourceCRNQuery={quote('crn:v1:*:public:is', safe='')}"
    assert error_of(api.call("GET", "/keys/registrations", query=query))[:2] == (400, "INVALID_QUERY_PARAM_ERR")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_registrations_are_not_for_users(api, error_of, registered, method):
    response = api.call(method, f"/keys/{registered[0]}/registrations/{PHOTOS}")
    assert error_of(response)[:2] == (403, "SERVICE_ONLY_ERR")
    assert crns(api.call("GET", "/keys/registrations")) == {PHOTOS, FILMS, VOLUME}
