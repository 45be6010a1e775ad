"""Each call of the subset when all goes well: what it answers, and what it leaves behind."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.records import Key, Put

KEY_TYPE = "application/vnd.ibm.kms.key+json"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
IMPORTED = base64.b64encode(bytes(range(32))).decode()


def b64(data):
    return base64.b64encode(data).decode()


SHORT_FORM = {"type", "id", "name", "state", "extractable", "crn", "imported", "deleted"}
FULL_FORM = SHORT_FORM | {
    *("keyRingID", "creationDate", "createdBy", "algorithmType", "algorithmMetadata", "algorithmBitSize", "algorithmMode"),
    *("nonactiveStateReason", "lastUpdateDate", "dualAuthDelete"),
}


@pytest.mark.parametrize(
    ("prefer", "members"),
    [
        (None, SHORT_FORM),
        ("return=representation", FULL_FORM | {"keyVersion"}),
        ("respond-async, Return = representation", FULL_FORM | {"keyVersion"}),
        ("return=minimal", {"id"}),
        ("return=nonsense", SHORT_FORM),
    ],
)
def test_create_answers_as_much_as_is_preferred(api, prefer, members):
    body = {
        "metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1},
        "resources": [{"type": KEY_TYPE, "name": "n1", "extractable": False}],
    }
    response = api.call("POST", "/keys", body, headers={"Prefer": prefer} if prefer else {})
    assert response.status == 201
    assert response.header("content-type") == KEY_TYPE
    document = response.json()
    assert document["metadata"] == {"collectionType": KEY_TYPE, "collectionTotal": 1}
    assert set(document["resources"][0]) == members


def test_a_root_key_is_described_in_full(api):
    key = api.create(name="root", description="protects much", aliases=["root-1"], tags=["a", "b"], expirationDate="2099-01-01T00:00:00Z")
    assert UUID.fullmatch(key["id"])
    assert key["keyVersion"] == {"id": key["id"], "creationDate": key["creationDate"]}
    assert DATE.fullmatch(key["creationDate"])
    assert key["createdBy"].startswith("iam-ServiceId-")
    account = api.simulator.lab.account
    assert key["crn"] == f"crn:v1:bluemix:public:kms:us-south:a/{account}:{api.instance_id}:key:{key['id']}"
    expected = {
        "type": KEY_TYPE,
        "name": "root",
        "description": "protects much",
        "aliases": ["root-1"],
        "tags": ["a", "b"],
        "state": 1,
        "expirationDate": "2099-01-01T00:00:00Z",
        "extractable": False,
        "imported": False,
        "keyRingID": "default",
        "algorithmType": "Deprecated",
        "algorithmMetadata": {"bitLength": "256", "mode": "Deprecated"},
        "algorithmBitSize": 256,
        "algorithmMode": "Deprecated",
        "nonactiveStateReason": 0,
        "dualAuthDelete": {"enabled": False},
        "deleted": False,
    }
    assert {name: key[name] for name in expected} == expected
    assert "payload" not in key
    for path in (f"/keys/{key['id']}", f"/keys/{key['id']}/metadata", "/keys/root-1"):
        assert api.call("GET", path).json()["resources"] == [key]


@pytest.mark.parametrize(
    ("fields", "imported", "bits"),
    [
        ({"extractable": False}, False, 256),
        ({"extractable": False, "payload": b64(bytes(16))}, True, 128),
        ({"extractable": False, "payload": b64(bytes(24))}, True, 192),
        ({"extractable": False, "payload": b64(bytes(32))}, True, 256),
        ({"extractable": True}, False, 256),
        ({"extractable": True, "payload": b64(b"anything")}, True, 256),
        ({"extractable": True, "payload": b64(bytes(7500))}, True, 256),
    ],
)
def test_keys_are_generated_or_imported(api, fields, imported, bits):
    key = api.create(**fields)
    assert (key["imported"], key["algorithmBitSize"]) == (imported, bits)
    assert ("keyVersion" in key) is not fields["extractable"]
    shown = api.call("GET", f"/keys/{key['id']}").json()["resources"][0]
    if fields["extractable"]:
        assert len(base64.b64decode(shown["payload"])) == (32 if not imported else len(base64.b64decode(fields["payload"])))
        assert shown["payload"] == fields.get("payload", shown["payload"])
    else:
        assert "payload" not in shown


def test_a_key_without_extractable_is_a_root_key(api):
    body = {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [{"type": KEY_TYPE, "name": "n1"}]}
    assert api.call("POST", "/keys", body).json()["resources"][0]["extractable"] is False


def test_delete_answers_nothing_or_the_key(api):
    silent, shown = api.create_id(), api.create_id()
    assert (api.call("DELETE", f"/keys/{silent}").status, api.call("DELETE", f"/keys/{shown}").body) == (204, b"")
    key = api.create_id()
    response = api.call("DELETE", f"/keys/{key}", headers={"Prefer": "return=representation"})
    assert response.status == 200
    (deleted,) = response.json()["resources"]
    assert (deleted["id"], deleted["state"], deleted["deleted"]) == (key, 5, True)
    assert deleted["deletedBy"].startswith("iam-ServiceId-")
    for date in ("deletionDate", "restoreExpirationDate", "purgeAllowedFrom", "purgeScheduledOn"):
        assert DATE.fullmatch(deleted[date])


@pytest.mark.parametrize("form", ["new", "deprecated"])
def test_every_action_has_two_forms(api, form):
    key = api.create_id()

    def act(action, body=None):
        if form == "deprecated":
            kind = {"Content-Type": "application/vnd.ibm.kms.key_action+json"} if body is not None else {}
            return api.call("POST", f"/keys/{key}", body, query=f"action={action}", headers=kind)
        return api.act(key, action, body)

    wrapped = act("wrap", {"plaintext": b64(b"data key")})
    assert wrapped.status == 200
    ciphertext = wrapped.json()["ciphertext"]
    assert act("unwrap", {"ciphertext": ciphertext}).json()["plaintext"] == b64(b"data key")
    assert act("rotate").status == 204
    assert act("rewrap", {"ciphertext": ciphertext}).status == 200
    assert act("disable").status == 204
    api.clock.move(seconds=30)
    assert act("enable").status == 204
    assert api.call("DELETE", f"/keys/{key}").status == 204
    api.clock.move(seconds=30)
    assert act("restore").status == 201


def test_rotation_makes_a_version_and_keeps_the_rest(api):
    before = api.create()
    api.clock.move(hours=1)
    assert api.act(before["id"], "rotate").status == 204
    after = api.metadata(before["id"])
    changed = {"keyVersion", "lastRotateDate", "lastUpdateDate"}
    assert {name for name in after if after[name] != before.get(name)} == changed
    versions = api.call("GET", f"/keys/{before['id']}/versions").json()
    assert versions["metadata"] == {"collectionType": "application/vnd.ibm.kms.key.version+json", "collectionTotal": 2}
    assert versions["resources"] == [after["keyVersion"], before["keyVersion"]]
    page = api.call("GET", f"/keys/{before['id']}/versions", query="limit=1&offset=1&totalCount=true").json()
    assert page["resources"] == [before["keyVersion"]]
    assert page["metadata"]["totalCount"] == 2


def test_an_imported_key_is_rotated_with_new_material(api):
    key = api.create_id(payload=IMPORTED)
    old = api.wrap(key, b"data key")
    assert api.act(key, "rotate", {"payload": b64(bytes(16))}).status == 204
    answer = api.act(key, "unwrap", {"ciphertext": old}).json()
    assert answer["plaintext"] == b64(b"data key")
    twin = api.create_id(payload=b64(bytes(16)))
    assert api.act(twin, "unwrap", {"ciphertext": answer["ciphertext"]}).json()["plaintext"] == b64(b"data key")


# -- lists


def names(response):
    assert response.status == 200, response.body
    return [key["name"] for key in response.json().get("resources", [])]


@pytest.fixture
def filled(api):
    """An instance with four keys, made in this order."""
    for fields in (
        {"name": "apple", "aliases": ["red-fruit"]},
        {"name": "Banana", "extractable": True},
        {"name": "cherry", "payload": IMPORTED},
        {"name": "date", "extractable": True},
    ):
        api.create(**fields)
        api.clock.move(seconds=1)
    return api


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=creationDate", ["apple", "Banana", "cherry", "date"]),
        ("sort=-creationDate", ["date", "cherry", "Banana", "apple"]),
        ("sort=creationDate&limit=2", ["apple", "Banana"]),
        ("sort=creationDate&limit=2&offset=1", ["Banana", "cherry"]),
        ("sort=creationDate&offset=4", []),
        ("sort=creationDate&extractable=true", ["Banana", "date"]),
        ("sort=creationDate&extractable=false", ["apple", "cherry"]),
        ("sort=imported,-creationDate", ["date", "Banana", "apple", "cherry"]),
        ("sort=lastRotateDate,creationDate", ["apple", "Banana", "cherry", "date"]),
        ("sort=creationDate&state=1%2C5", ["apple", "Banana", "cherry", "date"]),
        ("sort=creationDate&state=2", []),
        ("sort=creationDate&state=", ["apple", "Banana", "cherry", "date"]),
        ("sort=creationDate&search=AN", ["Banana"]),
        ("sort=creationDate&search=fruit", ["apple"]),
        ("sort=creationDate&search=name:fruit", []),
        ("sort=creationDate&search=alias:fruit", ["apple"]),
        ("sort=creationDate&search=exact:dat", []),
        ("sort=creationDate&search=exact:date", ["date"]),
        ("sort=creationDate&search=not:exact:date", ["apple", "Banana", "cherry"]),
        ("sort=creationDate&search=escape:not:date", []),
    ],
)
def test_lists_are_chosen_sorted_and_cut(filled, query, expected):
    assert names(filled.call("GET", "/keys", query=query)) == expected


def test_a_list_is_sorted_by_id_and_has_no_payloads(filled):
    document = filled.call("GET", "/keys").json()
    ids = [key["id"] for key in document["resources"]]
    assert ids == sorted(ids)
    assert document["metadata"] == {"collectionType": KEY_TYPE, "collectionTotal": 4}
    assert not any("payload" in key for key in document["resources"])


def test_an_empty_list_has_no_resources(api):
    assert api.call("GET", "/keys").json() == {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 0}}


def test_a_search_is_repeated_in_the_metadata_and_finds_ids(filled):
    wanted = filled.call("GET", "/keys", query="search=exact:cherry").json()
    assert wanted["metadata"]["searchQuery"] == {"query": "cherry", "scopes": ["name", "alias"], "not": False, "exact": True}
    assert names(filled.call("GET", "/keys", query=f"search={wanted['resources'][0]['id']}")) == ["cherry"]


@pytest.mark.parametrize(
    ("query", "total"), [("", "4"), ("extractable=true", "2"), ("state=5", "0"), ("state=", "4"), ("state=1,2,3", "4")]
)
def test_head_counts(filled, query, total):
    response = filled.call("HEAD", "/keys", query=query)
    assert (response.status, response.header("Key-Total"), response.body) == (200, total, b"")


def test_a_key_ring_that_does_not_hold_the_key_hides_it(api, error_of):
    key = api.create_id()
    assert api.call("GET", f"/keys/{key}", headers={"X-Kms-Key-Ring": "default"}).status == 200
    assert error_of(api.call("GET", f"/keys/{key}", headers={"X-Kms-Key-Ring": "other"}))[:2] == (404, "KEY_NOT_FOUND_ERR")
    assert names(api.call("GET", "/keys", headers={"X-Kms-Key-Ring": "other"})) == []


def test_another_instance_has_other_keys(api, error_of):
    key = api.create_id(aliases=["mine"])
    api.instance_id = api.simulator.add_instance()
    api._tokens.clear()
    for name in (key, "mine"):
        assert error_of(api.call("GET", f"/keys/{name}"))[:2] == (404, "KEY_NOT_FOUND_ERR")
    assert names(api.call("GET", "/keys")) == []
    api.create(aliases=["mine"])


# -- filters


@pytest.fixture
def aged(api):
    """Keys of different ages: `old` and rotated, `young`, a standard one, a deleted one. The moment between old and young."""
    old = api.create_id(name="old", expirationDate="2099-01-01T00:00:00Z")
    api.clock.move(seconds=10)
    between = rfc3339(api.clock())
    api.clock.move(seconds=10)
    assert api.act(old, "rotate").status == 204
    api.create(name="young")
    api.create(name="standard", extractable=True)
    assert api.call("DELETE", f"/keys/{api.create_id(name='deleted')}").status == 204
    return api, between


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('creationDate=lt:"{between}"', {"old"}),
        ('creationDate=gt:"{between}"', {"young", "standard"}),
        ('lastRotateDate=gte:"{between}"', {"old"}),
        ("lastRotateDate=none", {"young", "standard"}),
        ("lastRotateDate=NONE extractable=true", {"standard"}),
        ("extractable=FALSE", {"old", "young"}),
        ("state=5", {"deleted"}),
        ("state=1,5 extractable=false", {"old", "young", "deleted"}),
        ('expirationDate="2099-01-01T00:00:00Z"', {"old"}),
        ('expirationDate=lte:"2099-01-01T01:00:00+01:00"', {"old"}),
        ('expirationDate=lt:"2099-01-01T00:00:00Z"', set()),
        ("deletionDate=none", {"old", "young", "standard"}),
        ('creationDate=gt:"2000-01-01T00:00:00Z" creationDate=lt:"{between}" creationDate=gte:"2001-01-01T00:00:00Z"', {"old"}),
        ("", {"old", "young", "standard"}),
    ],
)
def test_keys_are_filtered(aged, text, expected):
    api, between = aged
    query = urlencode({"filter": text.format(between=between)})
    assert set(names(api.call("GET", "/keys", query=query))) == expected
    assert api.call("HEAD", "/keys", query=query).header("Key-Total") == str(len(expected))


@pytest.mark.parametrize(
    "query",
    [
        urlencode({"filter": text})
        for text in (
            *("name=old", "state=6", "state=active", "state=gte:1", "state=none", "extractable=maybe", "creationDate=2026-01-01T00:00:00Z"),
            *('creationDate="yesterday"', 'creationDate=ne:"2026-01-01T00:00:00Z"', "creationDate=lt:none", "=x", "creationDate"),
            *("creationDate=none " * 4, 'state="1"'),
        )
    ]
    + ["filter=state%3D1&state=1", "filter=extractable%3Dtrue&extractable=false"],
)
def test_a_filter_that_cannot_be(api, error_of, query):
    for method in ("GET", "HEAD"):
        response = api.call(method, "/keys", query=query)
        assert response.status == 400
    response = api.call("GET", "/keys", query=query)
    assert error_of(response)[:2] == (400, "INVALID_QUERY_PARAM_ERR")
    assert response.json()["resources"][0]["reasons"][0]["target"] == {"type": "query_param", "name": "filter"}


def test_a_search_for_an_id_or_an_alias_finds_that_key_first(filled):
    wanted = filled.call("GET", "/keys", query="search=exact:cherry").json()["resources"][0]["id"]
    filled.create(name=f"about {wanted}")
    filled.create(name="about red-fruit")
    assert names(filled.call("GET", "/keys", query=f"search={wanted}&sort=-creationDate")) == ["cherry", f"about {wanted}"]
    assert names(filled.call("GET", "/keys", query="search=red-fruit&sort=-creationDate")) == ["apple", "about red-fruit"]


def test_a_search_over_too_many_keys_finds_what_it_names(core_api, error_of):
    key = core_api.create_id(aliases=["needle"])
    core = core_api.simulator.simulator.core
    found = core.state.get(Key, key)
    with core.exclusive():
        core.commit(*(Put(replace(found, id=f"{number:08x}{key[8:]}", aliases=(), name="hay")) for number in range(5000)))
    response = core_api.call("GET", "/keys", query="search=hay")
    assert error_of(response)[:2] == (400, "KEY_SEARCH_TOO_BROAD")
    for text in ("needle", key):
        document = core_api.call("GET", "/keys", query=f"search={text}").json()
        assert ([shown["id"] for shown in document["resources"]], document["metadata"]["incompleteSearch"]) == ([key], True)
    assert error_of(core_api.call("GET", "/keys", query="search=name:needle"))[:2] == (400, "KEY_SEARCH_TOO_BROAD")
    assert core_api.call("GET", "/keys", query="search=hay&extractable=true").status == 200
