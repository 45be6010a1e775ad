"""Policies of keys and of instances: what can be set, what it does, and how the rest is refused."""

from __future__ import annotations

import base64

import pytest

POLICY_TYPE = "application/vnd.ibm.kms.policy+json"
IMPORTED = base64.b64encode(bytes(32)).decode()
UNKNOWN_FIELD = (
    "Invalid body data was passed. Please ensure the data passed had valid formatting with no invalid characters: json: unknown field"
)


def collection(*resources, total=None):
    metadata = {"collectionType": POLICY_TYPE, "collectionTotal": len(resources) if total is None else total}
    return {"metadata": metadata, "resources": list(resources)}


def put(api, key, query="", **policies):
    return api.call("PUT", f"/keys/{key}/policies", collection({"type": POLICY_TYPE, **policies}), query=query)


def reason(response):
    return response.json()["resources"][0]["reasons"][0]


# -- of keys


def test_a_key_has_no_policies_at_first(api):
    key = api.create_id()
    empty = {"metadata": {"collectionType": POLICY_TYPE, "collectionTotal": 0}}
    for query in ("", "policy=rotation", "policy=dualAuthDelete"):
        assert api.call("GET", f"/keys/{key}/policies", query=query).json() == empty


def test_both_policies_are_set_and_shown(api):
    key = api.create()
    response = put(api, key["id"], rotation={"enabled": True, "interval_month": 3}, dualAuthDelete={"enabled": False})
    assert response.status == 200
    rotation, dual_auth = response.json()["resources"]
    assert rotation["rotation"] == {"enabled": True, "interval_month": 3}
    assert dual_auth["dualAuthDelete"] == {"enabled": False}
    assert set(rotation) == {"id", "crn", "rotation", "createdBy", "creationDate", "updatedBy", "lastUpdateDate", "type"}
    assert rotation["crn"] == key["crn"]
    assert api.call("GET", f"/keys/{key['id']}/policies").json()["resources"] == [rotation, dual_auth]
    only = api.call("GET", f"/keys/{key['id']}/policies", query="policy=dualAuthDelete").json()
    assert (only["metadata"]["collectionTotal"], only["resources"]) == (1, [dual_auth])
    shown = api.metadata(key["id"])
    assert (shown["rotation"], shown["dualAuthDelete"]) == ({"enabled": True, "interval_month": 3}, {"enabled": False})


def test_a_policy_is_changed_in_place(api):
    key = api.create_id()
    first = put(api, key, "policy=rotation", rotation={"interval_month": 3}).json()["resources"][0]
    api.clock.move(seconds=10)
    second = put(api, key, "policy=rotation", rotation={"enabled": False}).json()["resources"][0]
    assert second["rotation"] == {"enabled": False, "interval_month": 3}
    assert (second["id"], second["creationDate"]) == (first["id"], first["creationDate"])
    assert second["lastUpdateDate"] > first["lastUpdateDate"]


def test_a_key_that_takes_two_to_delete_stays_so(api, error_of):
    key = api.create_id()
    assert put(api, key, dualAuthDelete={"enabled": True}).status == 200
    assert put(api, key, dualAuthDelete={"enabled": True}).status == 200
    assert error_of(put(api, key, dualAuthDelete={"enabled": False}))[:2] == (400, "INVALID_FIELD_ERR")


KEY_POLICIES = {
    "interval 0": (
        {},
        "",
        {"rotation": {"interval_month": 0}},
        "INVALID_FIELD_ERR",
        'The field "interval_month" must be: an integer between',
    ),
    "interval 13": ({}, "", {"rotation": {"interval_month": 13}}, "INVALID_FIELD_ERR", 'The field "interval_month" must be: an integer'),
    "interval text": ({}, "", {"rotation": {"interval_month": "3"}}, "BAD_BODY_ERR", "Invalid body data"),
    "no interval": ({}, "", {"rotation": {"enabled": True}}, "INVALID_FIELD_ERR", 'The field "interval_month" must be: an integer'),
    "unknown member": ({}, "", {"rotation": {"days": 3}}, "BAD_BODY_ERR", UNKNOWN_FIELD),
    "dual auth attributes": ({}, "", {"dualAuthDelete": {"enabled": True, "x": 1}}, "BAD_BODY_ERR", UNKNOWN_FIELD),
    "dual auth nothing": ({}, "", {"dualAuthDelete": {}}, "INVALID_FIELD_ERR", "The field `enabled` must be: present"),
    "neither": ({}, "", {}, "BAD_BODY_ERR", "Invalid body data"),
    "unknown policy": ({}, "", {"colour": {}}, "BAD_BODY_ERR", UNKNOWN_FIELD),
    "another than asked": (
        {},
        "policy=dualAuthDelete",
        {"rotation": {"interval_month": 3}},
        "BODY_QUERY_PARAM_MISMATCH_ERR",
        "Data in body does not match data required by query parameter",
    ),
    "both where one is asked": (
        {},
        "policy=rotation",
        {"rotation": {"interval_month": 3}, "dualAuthDelete": {"enabled": True}},
        "BODY_QUERY_PARAM_MISMATCH_ERR",
        "Data in body",
    ),
    "standard key": (
        {"extractable": True},
        "",
        {"rotation": {"interval_month": 3}},
        "KEY_ROOT_REQ_ERR",
        "Requested action can only be completed with a root key: Rotation policy cannot be set on a standard key",
    ),
    "imported key": (
        {"payload": IMPORTED},
        "",
        {"rotation": {"interval_month": 3}},
        "KEY_PAYLOAD_REQ_ERR",
        "This root key was created with",
    ),
}


@pytest.mark.parametrize("case", KEY_POLICIES)
def test_a_policy_of_a_key_that_cannot_be(api, error_of, case):
    fields, query, policies, code, message = KEY_POLICIES[case]
    key = api.create_id(**fields)
    response = put(api, key, query, **policies)
    assert error_of(response)[:2] == (400, code)
    assert reason(response)["message"].startswith(message)
    assert "resources" not in api.call("GET", f"/keys/{key}/policies").json()


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_policy_that_there_is_not(api, error_of, method):
    response = api.call(method, f"/keys/{api.create_id()}/policies", collection({}) if method == "PUT" else None, query="policy=colour")
    assert error_of(response)[:2] == (400, "INVALID_QUERY_PARAM_ERR")


def test_a_destroyed_key_shows_its_policies_and_takes_no_new_ones(api, error_of):
    key = api.create_id()
    assert put(api, key, rotation={"interval_month": 3}).status == 200
    assert api.call("DELETE", f"/keys/{key}").status == 204
    assert api.call("GET", f"/keys/{key}/policies").json()["metadata"]["collectionTotal"] == 1
    assert error_of(put(api, key, rotation={"interval_month": 4}))[:2] == (410, "KEY_DELETED_ERR")


# -- of instances


def policy(policy_type, *, enabled=True, **attributes):
    return {"policy_type": policy_type, "policy_data": {"enabled": enabled, **({"attributes": attributes} if attributes else {})}}


def put_instance(api, *policies, query=""):
    return api.call("PUT", "/instance/policies", collection(*policies), query=query)


POLICIES = {
    "allowedNetwork": {"allowed_network": "public-and-private"},
    "dualAuthDelete": {},
    "allowedIP": {"allowed_ip": ["127.0.0.0/8", "::1/128"]},
    "keyCreateImportAccess": {
        "create_root_key": True,
        "create_standard_key": True,
        "import_root_key": True,
        "import_standard_key": True,
        "enforce_token": False,
    },
    "metrics": {},
    "rotation": {"interval_month": 6},
}


@pytest.mark.parametrize("policy_type", POLICIES)
def test_a_policy_of_an_instance_is_set_shown_and_switched_off(api, policy_type):
    query = f"policy={policy_type}"
    assert api.call("GET", "/instance/policies", query=query).json() == {"metadata": {"collectionType": POLICY_TYPE, "collectionTotal": 0}}
    response = put_instance(api, policy(policy_type, **POLICIES[policy_type]), query=query)
    assert (response.status, response.body) == (204, b"")
    (shown,) = api.call("GET", "/instance/policies", query=query).json()["resources"]
    attributes = {"attributes": POLICIES[policy_type]} if POLICIES[policy_type] else {}
    assert (shown["policy_type"], shown["policy_data"]) == (policy_type, {"enabled": True, **attributes})
    assert set(shown) == {"policy_type", "policy_data", "createdBy", "creationDate", "updatedBy", "lastUpdated"}
    assert put_instance(api, policy(policy_type, enabled=False)).status == 204
    (shown,) = api.call("GET", "/instance/policies").json()["resources"]
    assert shown["policy_data"] == {"enabled": False}


def test_several_policies_are_set_at_once(api):
    assert put_instance(api, *(policy(name, **attributes) for name, attributes in POLICIES.items())).status == 204
    shown = api.call("GET", "/instance/policies").json()
    assert shown["metadata"]["collectionTotal"] == len(POLICIES)
    assert {one["policy_type"] for one in shown["resources"]} == set(POLICIES)


INSTANCE_POLICIES = {
    "attributes of one without": ([policy("dualAuthDelete", x=1)], "", "BAD_BODY_ERR", f'{UNKNOWN_FIELD} "attributes"'),
    "no attributes": ([policy("rotation")], "", "INVALID_FIELD_ERR", "The field `attributes` must be: present"),
    "attributes when off": (
        [policy("rotation", enabled=False, interval_month=3)],
        "",
        "INVALID_FIELD_ERR",
        "The field `attributes` must be: left",
    ),
    "interval": (
        [policy("rotation", interval_month=13)],
        "",
        "INVALID_FIELD_ERR",
        'The field "interval_month" must be: an integer between 1 and 12',
    ),
    "network": ([policy("allowedNetwork", allowed_network="lan")], "", "INVALID_FIELD_ERR", "The field `allowed_network` must be: one of"),
    "no CIDR": ([policy("allowedIP", allowed_ip=["home"])], "", "INVALID_FIELD_ERR", "The field `allowed_ip` must be: a list of"),
    "no addresses": ([policy("allowedIP", allowed_ip=[])], "", "INVALID_FIELD_ERR", "The field `allowed_ip` must be: a list of"),
    "unknown attribute": ([policy("keyCreateImportAccess", fly=True)], "", "BAD_BODY_ERR", f'{UNKNOWN_FIELD} "fly"'),
    "attribute type": ([policy("keyCreateImportAccess", enforce_token="yes")], "", "BAD_BODY_ERR", "Invalid body data"),
    "unknown type": ([policy("colour")], "", "INVALID_FIELD_ERR", "The field `policy_type` must be: one of"),
    "no data": ([{"policy_type": "metrics"}], "", "INVALID_FIELD_ERR", "The field `enabled` must be: present"),
    "another than asked": ([policy("metrics")], "policy=rotation", "BODY_QUERY_PARAM_MISMATCH_ERR", "Data in body does not match"),
    "two where one is asked": (
        [policy("metrics"), policy("dualAuthDelete")],
        "policy=metrics",
        "NUM_COLLECTION_RESOURCE_ERR",
        "Only a single instance policy may be created per query parameter",
    ),
    "one type twice": ([policy("metrics"), policy("metrics")], "", "BAD_BODY_ERR", "Invalid body data"),
}


@pytest.mark.parametrize("case", INSTANCE_POLICIES)
def test_a_policy_of_an_instance_that_cannot_be(api, error_of, case):
    policies, query, code, message = INSTANCE_POLICIES[case]
    response = put_instance(api, *policies, query=query)
    assert error_of(response)[:2] == (400, code)
    assert error_of(response)[2].startswith("Bad Request: Instance policy could not be created: ")
    assert reason(response)["message"].startswith(message)
    assert "resources" not in api.call("GET", "/instance/policies").json()


def test_the_total_of_a_collection_must_be_right(api, error_of):
    response = api.call("PUT", "/instance/policies", collection(policy("metrics"), total=2))
    assert error_of(response)[:2] == (400, "COLLECTION_TOTAL_MISMATCH_ERR")


def test_keys_inherit_the_policies_of_their_instance(api):
    before = api.create_id()
    assert put_instance(api, policy("rotation", interval_month=6), policy("dualAuthDelete")).status == 204
    guarded = {"enabled": True, "keySetForDeletion": False}
    generated, imported, standard = api.create(), api.create(payload=IMPORTED), api.create(extractable=True)
    assert (generated["rotation"], generated["dualAuthDelete"]) == ({"enabled": True, "interval_month": 6}, guarded)
    for key in (imported, standard):
        assert ("rotation" in key, key["dualAuthDelete"]) == (False, guarded)
    assert "rotation" not in api.metadata(before)
    assert put_instance(api, policy("rotation", enabled=False), policy("dualAuthDelete", enabled=False)).status == 204
    assert "rotation" not in api.create()


def test_overrides_set_exactly_what_they_say(api, error_of):
    assert put_instance(api, policy("rotation", interval_month=6), policy("dualAuthDelete")).status == 204

    def create(**fields):
        resource = {"type": "application/vnd.ibm.kms.key+json", "name": "overrides", "extractable": False, **fields}
        body = {"metadata": {"collectionType": resource["type"], "collectionTotal": 1}, "resources": [resource]}
        return api.call("POST", "/keys_with_policy_overrides", body, headers={"Prefer": "return=representation"})

    key = create(rotation={"enabled": True, "interval_month": 2}).json()["resources"][0]
    assert (key["rotation"], key["dualAuthDelete"]) == ({"enabled": True, "interval_month": 2}, {"enabled": False})
    assert "rotation" not in create().json()["resources"][0]
    assert error_of(create(extractable=True, rotation={"interval_month": 2}))[:2] == (400, "KEY_ROOT_REQ_ERR")


KINDS = {
    "create_root_key": {},
    "create_standard_key": {"extractable": True},
    "import_root_key": {"payload": IMPORTED},
    "import_standard_key": {"extractable": True, "payload": IMPORTED},
}


@pytest.mark.parametrize("forbidden", KINDS)
def test_kinds_of_keys_can_be_forbidden_one_by_one(api, error_of, forbidden):
    assert put_instance(api, policy("keyCreateImportAccess", **{forbidden: False})).status == 204
    for kind, fields in KINDS.items():
        resource = {"type": "application/vnd.ibm.kms.key+json", "name": "a key", "extractable": False, **fields}
        response = api.call("POST", "/keys", {"metadata": {"collectionTotal": 1}, "resources": [resource]})
        if kind == forbidden:
            assert error_of(response)[:2] == (409, "KEY_CREATE_IMPORT_ACCESS_ERR")
        else:
            assert response.status == 201


def test_imports_can_be_bound_to_tokens(api, error_of):
    imported, generated = api.create_id(payload=IMPORTED), api.create_id()
    assert put_instance(api, policy("keyCreateImportAccess", enforce_token=True)).status == 204
    body = {"metadata": {"collectionTotal": 1}, "resources": [{"name": "a key", "extractable": False, "payload": IMPORTED}]}
    assert error_of(api.call("POST", "/keys", body))[:2] == (409, "KEY_CREATE_IMPORT_ACCESS_ERR")
    assert error_of(api.act(imported, "rotate", {"payload": IMPORTED}))[:2] == (409, "KEY_CREATE_IMPORT_ACCESS_ERR")
    assert api.act(generated, "rotate").status == 204
    assert api.create(extractable=True, payload=IMPORTED)["imported"] is True


# -- networks


def test_a_private_instance_is_reached_by_its_private_name_only(api, error_of):
    assert put_instance(api, policy("allowedNetwork", allowed_network="private-only")).status == 204
    private = {"Host": "private.us-south.kms.cloud.ibm.com"}
    assert error_of(api.call("GET", "/keys"))[:2] == (401, "")
    assert error_of(api.call("GET", "/instance/policies"))[:2] == (401, "")
    assert api.call("GET", "/keys", headers=private).status == 200
    response = api.call("PUT", "/instance/policies", collection(policy("allowedNetwork", enabled=False)), headers=private)
    assert response.status == 204
    assert api.call("GET", "/keys").status == 200


def test_an_instance_is_reached_from_its_addresses_only(api, error_of):
    port = "/instance/allowed_ip_port"
    assert api.call("GET", port).json()["metadata"]["collectionTotal"] == 0
    assert put_instance(api, policy("allowedIP", allowed_ip=["127.0.0.1/32", "10.0.0.0/8"])).status == 204
    assert api.call("GET", "/keys").status == 200
    document = api.call("GET", port).json()
    assert document["metadata"]["collectionType"] == "application/vnd.ibm.kms.allowed_ip_metadata+json"
    assert document["resources"] == [{"private_endpoint_port": 8888}]
    assert put_instance(api, policy("allowedIP", allowed_ip=["10.0.0.0/8", "2001:db8::/32"])).status == 204
    assert error_of(api.call("GET", "/keys"))[:2] == (401, "")
