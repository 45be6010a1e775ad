"""Import tokens, and keys that are imported with them; the client's half of the cryptography is written down here."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor

import contract_tables
import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from keyprotect_simulator.records import ImportToken, Put, Secret

KEY_TYPE = "application/vnd.ibm.kms.key+json"
NONCE = bytes(range(12))


def b64(data):
    return base64.b64encode(data).decode()


@pytest.fixture(scope="module")
def key_pair():
    """An RSA key pair as short as is sensible, so that not every test waits for a long one."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def token(api, key_pair):
    """An import token of the instance, good for ten minutes."""
    pem = key_pair.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    now = api.clock()
    record = ImportToken(api.instance_id, Secret(pem), Secret(NONCE), now, now + 600, 2, 2)
    core = api.simulator.simulator.core
    with core.exclusive():
        core.commit(Put(record))
    return record


def sealed(public, material, **more):
    """The members of a secure import to the token of these tests."""
    return contract_tables.sealed(public, material, **{"nonce": NONCE, **more})


def create(api, **fields):
    resource = {"type": KEY_TYPE, "name": "imported", "extractable": False, **fields}
    body = {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [resource]}
    return api.call("POST", "/keys", body, headers={"Prefer": "return=representation"})


def test_a_token_is_made_retrieved_and_used(core_api, error_of):
    response = core_api.call("POST", "/import_token", {"expiration": 1200, "maxAllowedRetrievals": 1})
    assert response.status == 200
    made = response.json()
    assert (made["maxAllowedRetrievals"], made["remainingRetrievals"]) == (1, 1)
    assert set(made) == {"creationDate", "expirationDate", "maxAllowedRetrievals", "remainingRetrievals"}
    got = core_api.call("GET", "/import_token").json()
    assert got == {**made, "remainingRetrievals": 0, "payload": got["payload"], "nonce": got["nonce"]}
    public = serialization.load_pem_public_key(base64.b64decode(got["payload"]))
    assert public.key_size == 4096
    material = os.urandom(32)
    key = create(core_api, **sealed(public, material, nonce=base64.b64decode(got["nonce"]))).json()["resources"][0]
    assert (key["imported"], key["algorithmBitSize"]) == (True, 256)
    ciphertext = core_api.wrap(core_api.create_id(payload=b64(material)), b"a data key")
    assert core_api.act(key["id"], "unwrap", {"ciphertext": ciphertext}).json()["plaintext"] == b64(b"a data key")
    assert error_of(core_api.call("GET", "/import_token"))[:2] == (409, "IMPORT_TOKEN_EXPIRED_ERR")


def test_others_write_while_a_token_is_made(simulator, http, core_api):
    api = type(core_api)(simulator, http)
    api.create_id()
    with httpx.Client(base_url=simulator.url, timeout=60) as connection, ThreadPoolExecutor() as pool:
        other = type(core_api)(simulator, connection)
        other.create_id()
        made = pool.submit(other.call, "POST", "/import_token")
        keys = 0
        while not made.done():
            api.create_id()
            keys += 1
        assert made.result().status == 200
    assert keys > 10, "they waited for the key pair"


def test_a_retrieval_counts_down(api, error_of, token):
    assert [api.call("GET", "/import_token").json()["remainingRetrievals"] for _ in range(2)] == [1, 0]
    assert error_of(api.call("GET", "/import_token"))[:2] == (409, "IMPORT_TOKEN_EXPIRED_ERR")


def test_a_token_expires(api, error_of, token, key_pair):
    api.clock.move(seconds=595)
    assert api.call("GET", "/import_token").status == 200
    api.clock.move(seconds=5)
    status, code, message = error_of(api.call("GET", "/import_token"))
    assert (status, code) == (409, "IMPORT_TOKEN_EXPIRED_ERR")
    assert message.startswith("Conflict: Import Token could not be retrieved: ")
    assert error_of(create(api, **sealed(key_pair.public_key(), bytes(32))))[:2] == (409, "IMPORT_TOKEN_EXPIRED_ERR")


def test_without_a_token_there_is_nothing_to_retrieve(api, error_of):
    assert error_of(api.call("GET", "/import_token"))[:2] == (404, "IMPORT_TOKEN_NOT_FOUND_ERR")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"expiration": 299}, "INVALID_FIELD_ERR"),
        ({"expiration": 86_401}, "INVALID_FIELD_ERR"),
        ({"expiration": 600.5}, "INVALID_FIELD_ERR"),
        ({"maxAllowedRetrievals": 0}, "INVALID_FIELD_ERR"),
        ({"maxAllowedRetrievals": 501}, "INVALID_FIELD_ERR"),
        ({"maxAllowedRetrievals": True}, "BAD_BODY_ERR"),
        ({"expiration": "600"}, "BAD_BODY_ERR"),
        ({"colour": 1}, "BAD_BODY_ERR"),
    ],
)
def test_a_token_that_cannot_be(api, error_of, body, code):
    assert error_of(api.call("POST", "/import_token", body))[:2] == (400, code)


@pytest.mark.parametrize("length", [16, 24, 32])
def test_material_of_every_length_is_imported_and_rotated(api, token, key_pair, length):
    public = key_pair.public_key()
    response = create(api, **sealed(public, os.urandom(length)))
    assert response.status == 201, response.body
    key = response.json()["resources"][0]
    assert key["algorithmBitSize"] == length * 8
    assert api.act(key["id"], "rotate", sealed(public, os.urandom(length))).status == 204
    assert api.call("GET", f"/keys/{key['id']}/versions").json()["metadata"]["collectionTotal"] == 2


REFUSED = {
    "another token's nonce": (lambda public: sealed(public, bytes(32), nonce=bytes(12)), 400, "INCORRECT_NONCE_ERR"),
    "nonce sealed by another key": (lambda public: sealed(public, bytes(32), by=bytes(range(32))), 400, "INCORRECT_NONCE_IV_ERR"),
    "another iv": (lambda public: {**sealed(public, bytes(32)), "iv": b64(bytes(12))}, 400, "INCORRECT_NONCE_IV_ERR"),
    "iv too long": (lambda public: {**sealed(public, bytes(32)), "iv": b64(bytes(16))}, 400, "INVALID_FIELD_ERR"),
    "iv is no base64": (lambda public: {**sealed(public, bytes(32)), "iv": "*"}, 400, "INVALID_FIELD_ERR"),
    "SHA-1": (lambda public: sealed(public, bytes(32), algorithm=hashes.SHA1), 400, "INVALID_FIELD_ERR"),
    "another algorithm": (
        lambda public: {**sealed(public, bytes(32)), "encryptionAlgorithm": "RSAES_OAEP_SHA_1"},
        400,
        "INVALID_FIELD_ERR",
    ),
    "20 bytes": (lambda public: sealed(public, bytes(20), by=bytes(32)), 400, "INVALID_FIELD_ERR"),
    "material in the clear": (lambda public: {**sealed(public, bytes(32)), "payload": b64(bytes(32))}, 400, "INVALID_FIELD_ERR"),
    "no nonce": (lambda public: {**sealed(public, bytes(32)), "encryptedNonce": None}, 400, "INVALID_FIELD_ERR"),
    "no iv": (lambda public: {**sealed(public, bytes(32)), "iv": None}, 400, "INVALID_FIELD_ERR"),
    "no payload": (lambda public: {**sealed(public, bytes(32)), "payload": None}, 400, "INVALID_FIELD_ERR"),
    "a standard key": (lambda public: {**sealed(public, bytes(32)), "extractable": True}, 400, "KEY_ROOT_REQ_ERR"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_material_that_was_not_sealed_for_the_token_is_refused(api, error_of, token, key_pair, case):
    fields, status, code = REFUSED[case]
    assert error_of(create(api, **fields(key_pair.public_key())))[:2] == (status, code)
    assert api.call("HEAD", "/keys").header("Key-Total") == "0"


def test_an_instance_that_enforces_tokens_takes_sealed_material(api, token, key_pair):
    policy = {"policy_type": "keyCreateImportAccess", "policy_data": {"enabled": True, "attributes": {"enforce_token": True}}}
    body = {"metadata": {"collectionTotal": 1}, "resources": [policy]}
    assert api.call("PUT", "/instance/policies", body).status == 204
    key = create(api, **sealed(key_pair.public_key(), os.urandom(32))).json()["resources"][0]
    assert api.act(key["id"], "rotate", sealed(key_pair.public_key(), os.urandom(32))).status == 204


def test_the_token_of_another_instance_opens_nothing(api, error_of, token, key_pair):
    api.instance_id = api.simulator.add_instance()
    api._tokens.clear()
    assert error_of(create(api, **sealed(key_pair.public_key(), bytes(32))))[:2] == (409, "IMPORT_TOKEN_EXPIRED_ERR")
