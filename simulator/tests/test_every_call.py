"""What holds for every call there is, by the table of routes: no error has another shape than Key Protect's, and nothing makes it fail."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyprotect_simulator.roles import Role
from keyprotect_simulator.routes import ROUTES

UNKNOWN = "4dc9fb9c-7a8a-4b3f-a6a3-7f9e0ad5a0d4"
EVERYTHING = (Role.MANAGER, Role.READER_PLUS, Role.KEY_PURGE, Role.KMIP_ADAPTER_MANAGER)
CALLS = {f"{route.method} {route.path}": route for route in ROUTES}
LISTS = {name: route for name, route in CALLS.items() if "limit" in route.query}


def path_of(route):
    """The path of a route, about things that are not there, below /api/v2."""
    return re.sub(r"{\w+}", UNKNOWN, route.path).removeprefix("/api/v2")


def shape(api, error_of, route, response):
    """Status and code of a refusal; a refused HEAD has its status alone."""
    return (response.status, "") if route.method == "HEAD" else error_of(response)[:2]


@pytest.mark.parametrize("call", CALLS)
def test_without_a_token_no_call_is_answered(api, error_of, call):
    route = CALLS[call]
    response = api.call(route.method, path_of(route), headers={"Authorization": "Bearer"})
    assert shape(api, error_of, route, response) == (401, "")


@pytest.mark.parametrize("call", CALLS)
def test_no_call_takes_a_parameter_that_it_does_not_have(api, error_of, call):
    route = CALLS[call]
    response = api.call(route.method, path_of(route), query="colour=red", roles=EVERYTHING)
    assert response.status == 400
    if route.method != "HEAD":
        assert error_of(response)[1] == "INVALID_QUERY_PARAM_ERR"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("content", "media_type", "status"), [(b"{}", "text/plain", 415), (b" " * ((1 << 20) + 1), "application/json", 413)]
)
def test_no_call_takes_a_body_that_is_no_json_or_too_large(core_api, error_of, call, content, media_type, status):
    route = CALLS[call]
    headers = {"Content-Type": media_type}
    response = core_api.call(route.method, path_of(route), content=content, headers=headers, roles=EVERYTHING)
    assert shape(core_api, error_of, route, response) == (status, "")


@pytest.mark.parametrize("call", LISTS)
@pytest.mark.parametrize("value", ["limit=0", "limit={beyond}", "limit=ten", "offset=-1", "limit=1&limit=1"])
def test_no_list_has_pages_of_another_size(api, error_of, call, value):
    most = int(re.findall(r"\d+", LISTS[call].query["limit"].must_be)[1])
    query = value.format(beyond=most + 1)
    response = api.call("GET", path_of(LISTS[call]), query=query, roles=EVERYTHING)
    assert error_of(response)[:2] == (400, "INVALID_QUERY_PARAM_ERR")


NAMES = st.sampled_from(
    (
        *("metadata", "resources", "collectionType", "collectionTotal", "type", "name", "description", "aliases", "tags", "expirationDate"),
        *("extractable", "payload", "iv", "encryptedNonce", "encryptionAlgorithm", "plaintext", "ciphertext", "aad", "keyRingID"),
        *("rotation", "dualAuthDelete", "enabled", "interval_month", "policy_type", "policy_data", "attributes", "allowed_ip"),
        *("expiration", "maxAllowedRetrievals", "profile", "profile_data", "crk_id", "certificate"),
    )
)
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        (
            *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2099-01-01T00:00:00Z", UNKNOWN, "AAAA", "native_1.0", "::1/200"),
            *("allowedIP", "rotation", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "\ud800", "\x00", "٣"),
        )
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
RESOURCES = st.dictionaries(NAMES, VALUES, max_size=6).map(lambda fields: {"name": "fuzzed", **fields})
COLLECTIONS = st.lists(RESOURCES, min_size=1, max_size=2).map(
    lambda found: {"metadata": {"collectionTotal": len(found)}, "resources": found}
)
BODIES = st.one_of(VALUES, RESOURCES, COLLECTIONS, COLLECTIONS)


@pytest.fixture
def key(core_api):
    """A root key that every call with a key in its path is about."""
    return core_api.create_id()


@pytest.mark.parametrize("call", [name for name, route in CALLS.items() if route.method in ("POST", "PUT", "PATCH")])
def test_no_body_makes_a_call_fail(core_api, key, call):
    route = CALLS[call]
    path = re.sub(r"{\w+}", key, route.path).removeprefix("/api/v2")

    @settings(max_examples=40)
    @given(BODIES)
    def send(body):
        response = core_api.call(route.method, path, content=json.dumps(body).encode(), roles=EVERYTHING)
        assert response.status < 500, response.body

    send()


@pytest.mark.parametrize("call", CALLS)
def test_no_query_makes_a_call_fail(core_api, key, call):
    route = CALLS[call]
    path = re.sub(r"{\w+}", key, route.path).removeprefix("/api/v2")
    names = st.sampled_from([*route.query, "colour"])
    pairs = st.tuples(
        names, st.one_of(TEXTS, st.sampled_from(["true", "1", 'creationDate=lt:"9999-12-31T23:59:59-23:59"', "*:*", "%25", "5"]))
    )

    @settings(max_examples=20)
    @given(st.lists(pairs, max_size=3))
    def send(query):
        text = "&".join(f"{name}={value}" for name, value in query)
        response = core_api.call(route.method, path, query=text, roles=EVERYTHING)
        assert response.status < 500, response.body

    send()
