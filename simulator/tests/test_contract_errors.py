"""Everything that can be wrong with a request, and the error that it gets."""

from __future__ import annotations

import base64
import json

import pytest

KEY_TYPE = "application/vnd.ibm.kms.key+json"
UNKNOWN = "4dc9fb9c-7a8a-4b3f-a6a3-7f9e0ad5a0d4"


def b64(data):
    return base64.b64encode(data).decode()


def collection(*resources, metadata=None):
    return {"metadata": metadata or {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": list(resources)}


def key(**fields):
    return collection({"type": KEY_TYPE, "name": "a key", "extractable": False, **fields})


def reason(response):
    return response.json()["resources"][0]["reasons"][0]


BAD_BODY = "Invalid body data was passed. Please ensure the data passed had valid formatting with no invalid characters: "
NAME_RULE = "The field `name` must be: a string between 2 and 90 characters (inclusive)"
TAGS_RULE = "The field `tags` must be: a list of at most 30 tags of at most 30 characters, none of < > , : & |"

CREATE_BODIES = {
    "none": (b"", "NO_BODY_ERR", "Missing body in request"),
    "blank": (b"  \n", "NO_BODY_ERR", "Missing body in request"),
    "no JSON": (b"{", "BAD_BODY_ERR", BAD_BODY),
    "no UTF-8": (b'{"a": "\xff"}', "BAD_BODY_ERR", BAD_BODY),
    "deep": (b"[" * 100_000, "BAD_BODY_ERR", BAD_BODY),
    "a list": (b"[]", "BAD_BODY_ERR", f"{BAD_BODY}json: cannot unmarshal array into an object"),
    "empty object": ({}, "BAD_BODY_ERR", f"{BAD_BODY}CollectionMetadata is empty"),
    "no metadata": ({"resources": [{"name": "n1"}]}, "BAD_BODY_ERR", f"{BAD_BODY}CollectionMetadata is empty"),
    "unknown member": ({**key(), "x": 1}, "BAD_BODY_ERR", f'{BAD_BODY}json: unknown field "x"'),
    "unknown metadata": (collection({"name": "n1"}, metadata={"y": 1}), "BAD_BODY_ERR", f'{BAD_BODY}json: unknown field "y"'),
    "no resources": (collection(), "BAD_BODY_ERR", f"{BAD_BODY}Resources is empty"),
    "two keys": (
        collection({"name": "n1"}, {"name": "n2"}),
        "BAD_BODY_ERR",
        f"{BAD_BODY}Only creation of one key per request is supported",
    ),
    "zero-valued key": (collection({}), "BAD_BODY_ERR", f"{BAD_BODY}Key is zero-valued"),
    "a resource that is no object": (collection("key"), "BAD_BODY_ERR", f"{BAD_BODY}json: cannot unmarshal string into an object"),
    "unknown field": (key(color="red"), "BAD_BODY_ERR", f'{BAD_BODY}json: unknown field "color"'),
    "wrong type": (key(name=5), "BAD_BODY_ERR", f"{BAD_BODY}json: cannot unmarshal number into field name"),
    "boolean for a number": (
        collection({"name": "n1"}, metadata={"collectionTotal": True}),
        "BAD_BODY_ERR",
        f"{BAD_BODY}json: cannot unmarshal bool into field collectionTotal",
    ),
    "extractable as text": (key(extractable="false"), "BAD_BODY_ERR", f"{BAD_BODY}json: cannot unmarshal string into field extractable"),
    "no name": (collection({"type": KEY_TYPE}), "INVALID_FIELD_ERR", "The field `name` must be: present in the body of the request"),
    "name too short": (key(name="n"), "INVALID_FIELD_ERR", NAME_RULE),
    "name too long": (key(name="n" * 91), "INVALID_FIELD_ERR", NAME_RULE),
    "description too short": (
        key(description="d"),
        "INVALID_FIELD_ERR",
        "The field `description` must be: a string between 2 and 240 characters (inclusive)",
    ),
    "31 tags": (key(tags=["t"] * 31), "INVALID_FIELD_ERR", TAGS_RULE),
    "tag too long": (key(tags=["t" * 31]), "INVALID_FIELD_ERR", TAGS_RULE),
    "tag with a comma": (key(tags=["a,b"]), "INVALID_FIELD_ERR", TAGS_RULE),
    "tag that is no text": (key(tags=[1]), "INVALID_FIELD_ERR", TAGS_RULE),
    "alias too short": (key(aliases=["a"]), "INVALID_FIELD_ERR", "The field `aliases` must be: "),
    "alias that is a UUID": (key(aliases=[UNKNOWN]), "INVALID_FIELD_ERR", "The field `aliases` must be: "),
    "reserved alias": (key(aliases=["policies"]), "INVALID_FIELD_ERR", "The field `aliases` must be: "),
    "six aliases": (key(aliases=[f"alias-{n}" for n in range(6)]), "KEY_ALIAS_QUOTA_ERR", ""),
    "no date": (key(expirationDate="tomorrow"), "INVALID_FIELD_ERR", "The field `expirationDate` must be: a date and time in the RFC 3339"),
    "date without offset": (key(expirationDate="2099-01-01T00:00:00"), "INVALID_FIELD_ERR", "The field `expirationDate` must be: "),
    "date that has passed": (
        key(expirationDate="2020-01-01T00:00:00Z"),
        "INVALID_FIELD_ERR",
        "The field `expirationDate` must be: a date and time in the future",
    ),
    "no base64": (
        key(payload="AAAA*AAA"),
        "INVALID_FIELD_ERR",
        "The field `payload` must be: a base64 encoded key material: illegal base64 data at input byte 4",
    ),
    "root key of 20 bytes": (key(payload=b64(bytes(20))), "INVALID_FIELD_ERR", "The field `payload` must be: "),
    "empty standard key": (key(payload="", extractable=True), "INVALID_FIELD_ERR", "The field `payload` must be: "),
    "standard key too long": (key(payload=b64(bytes(7501)), extractable=True), "INVALID_FIELD_ERR", "The field `payload` must be: "),
    "secure import": (
        key(payload=b64(bytes(512)), encryptedNonce=b64(bytes(28)), iv=b64(bytes(12))),
        "IMPORT_TOKEN_EXPIRED_ERR",
        "The import token has expired.",
    ),
}
STATUS = {"KEY_ALIAS_QUOTA_ERR": 409, "IMPORT_TOKEN_EXPIRED_ERR": 409}


@pytest.mark.parametrize("case", CREATE_BODIES)
def test_a_create_with_a_wrong_body_is_refused(api, error_of, case):
    body, code, message = CREATE_BODIES[case]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = api.call("POST", "/keys", content=content)
    status, got, error = error_of(response)
    assert (status, got) == (STATUS.get(code, 400), code)
    assert error.startswith(("Bad Request: Key could not be created: ", "Conflict: Key could not be created: "))
    assert reason(response)["message"].startswith(message)
    if code == "INVALID_FIELD_ERR":
        assert reason(response)["target"] == {"type": "field", "name": message.split("`")[1]}
    assert api.call("HEAD", "/keys").header("Key-Total") == "0"


def test_an_alias_is_unique_in_the_instance(api, error_of):
    api.create(aliases=["one"])
    assert error_of(api.call("POST", "/keys", key(aliases=["two", "one"])))[:2] == (409, "KEY_ALIAS_NOT_UNIQUE_ERR")


def test_an_unknown_key_ring_is_refused(api, error_of):
    assert error_of(api.call("POST", "/keys", key(), headers={"X-Kms-Key-Ring": "other"}))[:2] == (404, "KEY_RING_NOT_FOUND_ERR")


CIPHERTEXT_RULE = "The field 'ciphertext' must be: the original base64 encoded ciphertext from the wrap operation"
PLAINTEXT_RULE = "The field `plaintext` must be: a base64 encoded key material: illegal base64 data at input byte "
AAD_RULE = "The field `aad` must be: a list of at most 255 strings of at most 255 characters each"

ACTION_BODIES = {
    "wrap no base64": ("wrap", {"plaintext": "A" * 38 + "*"}, 400, "INVALID_FIELD_ERR", f"{PLAINTEXT_RULE}38"),
    "wrap no padding": ("wrap", {"plaintext": "AAAAA"}, 400, "INVALID_FIELD_ERR", f"{PLAINTEXT_RULE}4"),
    "wrap url-safe alphabet": ("wrap", {"plaintext": "__-_"}, 400, "INVALID_FIELD_ERR", f"{PLAINTEXT_RULE}0"),
    "wrap not ASCII": ("wrap", {"plaintext": "ÄAAA"}, 400, "INVALID_FIELD_ERR", f"{PLAINTEXT_RULE}0"),
    "wrap number": ("wrap", {"plaintext": 7}, 400, "BAD_BODY_ERR", f"{BAD_BODY}json: cannot unmarshal number into field plaintext"),
    "wrap unknown field": ("wrap", {"text": ""}, 400, "BAD_BODY_ERR", f'{BAD_BODY}json: unknown field "text"'),
    "wrap AAD text": ("wrap", {"aad": "a"}, 400, "BAD_BODY_ERR", f"{BAD_BODY}json: cannot unmarshal string into field aad"),
    "wrap AAD of numbers": ("wrap", {"aad": [1]}, 400, "INVALID_FIELD_ERR", AAD_RULE),
    "wrap AAD too long": ("wrap", {"aad": ["a" * 256]}, 400, "INVALID_FIELD_ERR", AAD_RULE),
    "wrap 256 AADs": ("wrap", {"aad": ["a"] * 256}, 400, "INVALID_FIELD_ERR", AAD_RULE),
    "unwrap without body": ("unwrap", None, 400, "NO_BODY_ERR", "Missing body in request"),
    "rewrap without body": ("rewrap", None, 400, "NO_BODY_ERR", "Missing body in request"),
    "unwrap without ciphertext": ("unwrap", {}, 400, "INVALID_FIELD_ERR", "The field `ciphertext` must be: present"),
    "unwrap plaintext": ("unwrap", {"plaintext": ""}, 400, "BAD_BODY_ERR", f'{BAD_BODY}json: unknown field "plaintext"'),
    "unwrap no base64": ("unwrap", {"ciphertext": "*"}, 400, "INVALID_FIELD_ERR", CIPHERTEXT_RULE),
    "unwrap not ASCII": ("unwrap", {"ciphertext": "ÄÖÜ="}, 400, "INVALID_FIELD_ERR", CIPHERTEXT_RULE),
    "unwrap other base64": ("unwrap", {"ciphertext": b64(b"hello")}, 400, "INVALID_FIELD_ERR", CIPHERTEXT_RULE),
    "unwrap other JSON": ("unwrap", {"ciphertext": b64(b'{"iv": "AA=="}')}, 400, "INVALID_FIELD_ERR", CIPHERTEXT_RULE),
    "unwrap a JSON list": ("unwrap", {"ciphertext": b64(b"[1]")}, 400, "INVALID_FIELD_ERR", CIPHERTEXT_RULE),
    "unwrap an empty part": (
        "unwrap",
        {"ciphertext": b64(b'{"ciphertext": "", "iv": "", "version": "4.0.0", "handle": "x"}')},
        400,
        "INVALID_FIELD_ERR",
        CIPHERTEXT_RULE,
    ),
    "rewrap no base64": ("rewrap", {"ciphertext": "*"}, 400, "INVALID_FIELD_ERR", CIPHERTEXT_RULE),
    "rotate generated key with payload": (
        "rotate",
        {"payload": b64(bytes(32))},
        400,
        "INVALID_QUERY_PARAM_ERR",
        "The query_param 'payload' must be: provided only if key is imported",
    ),
    "rotate unknown field": ("rotate", {"x": 1}, 400, "BAD_BODY_ERR", f'{BAD_BODY}json: unknown field "x"'),
    "rotate secure import": (
        "rotate",
        {"payload": b64(bytes(512)), "encryptedNonce": b64(bytes(28)), "iv": b64(bytes(12))},
        400,
        "INVALID_QUERY_PARAM_ERR",
        "The query_param 'payload' must be: provided only if key is imported",
    ),
}


@pytest.mark.parametrize("case", ACTION_BODIES)
def test_an_action_with_a_wrong_body_is_refused(api, error_of, case):
    action, body, status, code, message = ACTION_BODIES[case]
    response = api.act(api.create_id(), action, body)
    assert error_of(response)[:2] == (status, code)
    assert reason(response)["message"].startswith(message)


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("wrap", "Wrap with key could not be performed"),
        ("unwrap", "Unwrap with key could not be performed"),
        ("rewrap", "Rewrap with key could not be performed"),
        ("rotate", "Key could not be rotated"),
        ("disable", "Key could not be disabled"),
        ("enable", "Key could not be enabled"),
        ("restore", "Key could not be restored"),
    ],
)
def test_an_action_on_no_key_is_not_found(api, error_of, action, sentence):
    body = {"ciphertext": "AA=="} if action in ("unwrap", "rewrap") else None
    expected = (404, "KEY_NOT_FOUND_ERR", f"Not Found: {sentence}: Please see `reasons` for more details (KEY_NOT_FOUND_ERR)")
    assert error_of(api.act(UNKNOWN, action, body)) == expected
    assert error_of(api.act("no-such-alias", action, body)) == expected


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("GET", "/metadata"), ("GET", "/versions"), ("DELETE", "")])
@pytest.mark.parametrize("name", [UNKNOWN, UNKNOWN[:-1], "no-such-alias", "x" * 90])
def test_a_key_that_is_not_there_is_not_found(api, error_of, method, rest, name):
    assert error_of(api.call(method, f"/keys/{name}{rest}"))[:2] == (404, "KEY_NOT_FOUND_ERR")


@pytest.mark.parametrize("name", ["x", "x" * 91, "a b", "ä-ö", "a.b"])
def test_a_name_that_no_key_can_have_is_refused(api, error_of, name):
    assert error_of(api.call("GET", f"/keys/{name}"))[:2] == (400, "INVALID_FIELD_ERR")


def test_a_deleted_key_is_gone(api, error_of):
    key_id = api.create_id()
    assert api.call("DELETE", f"/keys/{key_id}").status == 204
    response = api.call("DELETE", f"/keys/{key_id}")
    assert error_of(response)[:2] == (410, "KEY_DELETED_ERR")
    assert reason(response)["message"] == "Key has already been deleted. Please delete references to this key."


def test_an_imported_key_is_not_rotated_without_material(api, error_of):
    key_id = api.create_id(payload=b64(bytes(32)))
    response = api.act(key_id, "rotate")
    assert error_of(response)[:2] == (400, "KEY_PAYLOAD_REQ_ERR")
    assert reason(response)["target"] == {"type": "field", "name": "payload"}
    assert error_of(api.act(key_id, "rotate", {"payload": b64(bytes(31))}))[:2] == (400, "INVALID_FIELD_ERR")


# -- parameters


LIMIT_RULE = "The query_param 'limit' must be: an integer between 1 and 5000 (inclusive)"

QUERIES = {
    "limit 0": ("GET", "/keys", "limit=0", LIMIT_RULE),
    "limit 5001": ("GET", "/keys", "limit=5001", LIMIT_RULE),
    "limit text": ("GET", "/keys", "limit=ten", LIMIT_RULE),
    "limit sign": ("GET", "/keys", "limit=-1", LIMIT_RULE),
    "limit digits of another script": ("GET", "/keys", "limit=%D9%A3", LIMIT_RULE),
    "limit empty": ("GET", "/keys", "limit=", LIMIT_RULE),
    "limit twice": ("GET", "/keys", "limit=1&limit=2", "The query_param 'limit' must be: given once"),
    "offset": ("GET", "/keys", "offset=-1", "The query_param 'offset' must be: an integer greater than or equal to 0"),
    "state 6": ("GET", "/keys", "state=6", "The query_param 'state' must be: "),
    "state text": ("GET", "/keys", "state=active", "The query_param 'state' must be: "),
    "state 1,,5": ("GET", "/keys", "state=1,,5", "The query_param 'state' must be: "),
    "extractable": ("GET", "/keys", "extractable=maybe", "The query_param 'extractable' must be: a boolean"),
    "sort": ("GET", "/keys", "sort=name", "The query_param 'sort' must be: "),
    "sort --": ("GET", "/keys", "sort=--id", "The query_param 'sort' must be: "),
    "unknown": ("GET", "/keys", "colour=red", "The query_param 'colour' must be: "),
    "unknown on get": ("GET", f"/keys/{UNKNOWN}", "limit=1", "The query_param 'limit' must be: "),
    "unknown on wrap": ("POST", f"/keys/{UNKNOWN}/actions/wrap", "force=true", "The query_param 'force' must be: "),
    "force": ("DELETE", f"/keys/{UNKNOWN}", "force=yes", "The query_param 'force' must be: a boolean"),
    "versions": ("GET", f"/keys/{UNKNOWN}/versions", "limit=9999", LIMIT_RULE),
    "no action": ("POST", f"/keys/{UNKNOWN}", "", "The query_param 'action' must be: one of "),
    "unknown action": ("POST", f"/keys/{UNKNOWN}", "action=fly", "The query_param 'action' must be: one of "),
    "two actions": ("POST", f"/keys/{UNKNOWN}", "action=wrap&action=unwrap", "The query_param 'action' must be: one of "),
    "action and more": ("POST", f"/keys/{UNKNOWN}", "action=wrap&x=1", "The query_param 'x' must be: "),
}


@pytest.mark.parametrize("case", QUERIES)
def test_a_wrong_parameter_is_refused(api, error_of, case):
    method, path, query, message = QUERIES[case]
    response = api.call(method, path, query=query)
    assert error_of(response)[:2] == (400, "INVALID_QUERY_PARAM_ERR")
    assert reason(response)["message"].startswith(message)
    assert reason(response)["target"] == {"type": "query_param", "name": message.split("'")[1]}


# -- paths, methods, media types, sizes


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v2", "/api/v1/keys", "/api/v2/keys/", "/api/v2/nothing", "/index.html", "/api/v2/keys//metadata"]
)
def test_a_path_that_is_not_there(api, error_of, path):
    assert error_of(api.send("GET", path)) == (404, "", "Not Found: The requested path does not exist")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v2/keys", "GET, HEAD, POST"),
        ("OPTIONS", "/api/v2/keys", "GET, HEAD, POST"),
        ("PUT", f"/api/v2/keys/{UNKNOWN}", "DELETE, GET, PATCH, POST"),
        ("GET", f"/api/v2/keys/{UNKNOWN}/actions/wrap", "POST"),
        ("BREW", f"/api/v2/keys/{UNKNOWN}/restore", "POST"),
    ],
)
def test_a_method_that_the_path_does_not_take(api, error_of, method, path, allowed):
    response = api.send(method, path)
    assert error_of(response)[:2] == (405, "")
    assert response.header("Allow") == allowed


WRAP_TYPES = ["application/json", "application/vnd.ibm.kms.key_action+json", "application/vnd.ibm.kms.key_action_wrap+json"]


@pytest.mark.parametrize("media_type", [*WRAP_TYPES, "Application/JSON; charset=utf-8", ""])
def test_a_body_of_a_lawful_type_is_read(api, media_type):
    response = api.act(api.create_id(), "wrap", {"plaintext": b64(b"x")}, headers={"Content-Type": media_type})
    assert response.status == 200
    assert "plaintext" not in response.json()


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/vnd.ibm.kms.key+json", "json"])
def test_a_body_of_another_type_is_refused(api, error_of, media_type):
    response = api.act(api.create_id(), "wrap", {"plaintext": b64(b"x")}, headers={"Content-Type": media_type})
    assert error_of(response)[:2] == (415, "")


@pytest.mark.parametrize(
    ("media_type", "content"),
    [(None, b""), ("text/plain", b""), *((media_type, content) for media_type in WRAP_TYPES for content in (b"", b"{}"))],
)
def test_a_wrap_without_a_body_makes_a_data_key(api, media_type, content):
    headers = {"Content-Type": media_type} if media_type else {}
    answer = api.call("POST", f"/keys/{api.create_id()}/actions/wrap", content=content, headers=headers).json()
    assert len(base64.b64decode(answer["plaintext"])) == 32


def test_a_body_that_is_too_large_is_refused(api, error_of):
    assert error_of(api.call("POST", "/keys", content=b" " * (1 << 20) + b"x"))[:2] == (413, "")


# -- the order of checks


def test_nobody_learns_what_is_wrong_with_a_question_that_he_may_not_ask(api, error_of):
    assert error_of(api.call("POST", "/keys", content=b"{", headers={"Authorization": "Bearer"}))[0] == 401
    assert error_of(api.call("POST", "/keys", content=b"{", query="x=1", roles=()))[0] == 401
    assert error_of(api.call("GET", f"/keys/{UNKNOWN}", roles=()))[0] == 401


def test_the_correlation_id_is_the_callers_if_it_is_a_uuid(api):
    assert api.call("GET", "/keys", headers={"Correlation-Id": UNKNOWN}).header("correlation-id") == UNKNOWN
    assert api.call("GET", "/nowhere", headers={"Correlation-Id": UNKNOWN}).header("correlation-id") == UNKNOWN
    made = {api.call("GET", "/keys", headers={"Correlation-Id": "mine"}).header("correlation-id") for _ in range(2)}
    assert len(made) == 2
    assert "mine" not in made
