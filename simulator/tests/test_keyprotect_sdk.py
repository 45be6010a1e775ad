"""IBM's own Python SDK, unchanged, over real HTTP and under the mock: every call that the simulator has.

The SDK hands out a dict where the answer is application/json and a `requests.Response` where it has a vendor's type; `document` reads
both, as users of the service have to.
"""

from __future__ import annotations

import base64
import io
import json
import uuid

import pytest
from ibm_cloud_sdk_core import ApiException
from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from keyprotect import IbmKeyProtectApiV2
from keyprotect_simulator.mock import mocked_key_protect
from keyprotect_simulator.testing import running_simulator

KEY_TYPE = "application/vnd.ibm.kms.key+json"
DATA_KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture(scope="module", params=["service", "json", "mock"])
def running(request):
    way = mocked_key_protect() if request.param == "mock" else running_simulator(content_type=request.param)
    with way as simulator:
        yield simulator


def client(simulator, api_key=None):
    service = IbmKeyProtectApiV2(authenticator=IAMAuthenticator(api_key or simulator.api_key, url=simulator.url))
    service.set_service_url(simulator.url)
    return service


@pytest.fixture(scope="module")
def kp(running):
    return client(running)


def stream(document):
    return io.BytesIO(json.dumps(document).encode())


def document(response):
    result = response.get_result()
    return result if isinstance(result, dict) else result.json()


def body(**fields):
    resource = {"type": KEY_TYPE, "name": "from the SDK", "extractable": False, **fields}
    return stream({"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [resource]})


@pytest.fixture
def key(kp, running):
    response = kp.create_key(running.instance_id, body(), prefer="return=representation")
    assert response.get_status_code() == 201
    return document(response)["resources"][0]["id"]


def refused(status, call, *arguments, **named):
    with pytest.raises(ApiException) as refusal:
        call(*arguments, **named)
    assert refusal.value.status_code == status
    return refusal.value.http_response.json()


def test_create_get_and_list(kp, running, key):
    (shown,) = document(kp.get_key(key, running.instance_id))["resources"]
    assert (shown["id"], shown["state"], shown["extractable"]) == (key, 1, False)
    assert document(kp.get_key_metadata(key, running.instance_id))["resources"] == [shown]
    listed = document(kp.get_keys(running.instance_id, limit=1, offset=0, state=[0, 1, 2, 3], extractable=False, sort="-creationDate"))
    assert listed["metadata"]["collectionTotal"] == 1
    total = kp.get_key_collection_metadata(running.instance_id, state=[1]).get_headers()["Key-Total"]
    assert int(total) == len(document(kp.get_keys(running.instance_id, state=[1]))["resources"])
    assert kp.get_key_collection_metadata(running.instance_id).get_status_code() == 200


def test_ids_that_callers_choose_come_back(kp, running):
    correlation_id = str(uuid.uuid4())
    assert kp.get_keys(running.instance_id, correlation_id=correlation_id).get_headers()["correlation-id"] == correlation_id


def test_import_of_a_standard_key(kp, running):
    created = document(kp.create_key(running.instance_id, body(extractable=True, payload=DATA_KEY), prefer="return=representation"))
    (shown,) = document(kp.get_key(created["resources"][0]["id"], running.instance_id))["resources"]
    assert (shown["payload"], shown["imported"]) == (DATA_KEY, True)


def test_wrap_unwrap_rewrap_and_rotate(kp, running, key):
    wrapped = document(kp.wrap_key(key, running.instance_id, key_action_wrap_body=stream({"plaintext": DATA_KEY, "aad": ["a"]})))
    assert wrapped["keyVersion"] == {"id": key}
    opened = {"ciphertext": wrapped["ciphertext"], "aad": ["a"]}
    assert document(kp.unwrap_key(key, running.instance_id, stream(opened))) == {"plaintext": DATA_KEY, "keyVersion": {"id": key}}
    assert kp.rotate_key(key, running.instance_id).get_status_code() == 204
    newer = document(kp.unwrap_key(key, running.instance_id, stream(opened)))
    assert newer["plaintext"] == DATA_KEY
    newest = document(kp.get_key_versions(key, running.instance_id, total_count=True))
    assert newest["metadata"]["totalCount"] == 2
    assert newer["rewrappedKeyVersion"]["id"] == newest["resources"][0]["id"]
    rewrapped = document(kp.rewrap_key(key, running.instance_id, stream(opened)))
    assert rewrapped["rewrappedKeyVersion"]["id"] == newest["resources"][0]["id"]


def test_wrap_without_a_body_makes_a_data_key(kp, running, key):
    wrapped = document(kp.wrap_key(key, running.instance_id))
    assert len(base64.b64decode(wrapped["plaintext"])) == 32


def test_rotation_of_an_imported_key(kp, running):
    created = document(kp.create_key(running.instance_id, body(payload=DATA_KEY)))
    key_id = created["resources"][0]["id"]
    assert refused(400, kp.rotate_key, key_id, running.instance_id)["resources"][0]["reasons"][0]["code"] == "KEY_PAYLOAD_REQ_ERR"
    rotated = kp.rotate_key(key_id, running.instance_id, key_action_rotate_body=stream({"payload": DATA_KEY}), prefer="return=minimal")
    assert rotated.get_status_code() == 204


def test_disable_and_enable(kp, running, key):
    assert kp.disable_key(key, running.instance_id).get_status_code() == 204
    assert refused(409, kp.wrap_key, key, running.instance_id)["resources"][0]["reasons"][0]["code"] == "KEY_ACTION_INVALID_STATE_ERR"
    assert refused(409, kp.enable_key, key, running.instance_id)["resources"][0]["reasons"][0]["code"] == "REQ_TOO_EARLY_ERR"
    running.clock.move(seconds=30)
    assert kp.enable_key(key, running.instance_id).get_status_code() == 204
    assert kp.wrap_key(key, running.instance_id).get_status_code() == 200


def test_delete_and_restore(kp, running, key):
    deleted = kp.delete_key(key, running.instance_id, prefer="return=representation", force=True)
    assert (deleted.get_status_code(), document(deleted)["resources"][0]["state"]) == (200, 5)
    assert refused(410, kp.delete_key, key, running.instance_id)["resources"][0]["reasons"][0]["code"] == "KEY_DELETED_ERR"
    running.clock.move(seconds=30)
    restored = kp.restore_key(key, running.instance_id)
    assert (restored.get_status_code(), document(restored)["resources"][0]["state"]) == (201, 1)
    assert kp.delete_key(key, running.instance_id).get_status_code() == 204


@pytest.mark.parametrize(
    ("action", "sent", "status"),
    [("wrap", {"plaintext": DATA_KEY}, 200), ("rotate", {}, 204), ("disable", {}, 204)],
)
def test_the_deprecated_form_of_actions(kp, running, key, action, sent, status):
    assert kp.action_on_key(key, running.instance_id, action, stream(sent)).get_status_code() == status


def test_errors_are_the_services(kp, running):
    unknown = str(uuid.uuid4())
    assert refused(404, kp.get_key, unknown, running.instance_id)["resources"][0]["reasons"][0]["code"] == "KEY_NOT_FOUND_ERR"
    assert "does not have access" in refused(401, kp.get_keys, unknown)["resources"][0]["errorMsg"]
    assert refused(400, kp.get_keys, "no-uuid")["resources"][0]["errorMsg"].startswith(
        "Bad Request: Request requires valid Bluemix-Instance"
    )


def test_a_wrong_api_key_fails_at_the_token(running):
    document = refused(400, client(running, "wrong").get_keys, running.instance_id)
    assert (document["errorCode"], document["errorMessage"]) == ("BXNIM0415E", "Provided API key could not be found.")


def test_configuration_by_environment(running, monkeypatch):
    for name, value in {"URL": running.url, "AUTH_TYPE": "iam", "APIKEY": running.api_key, "AUTH_URL": running.iam_url}.items():
        monkeypatch.setenv(f"IBM_KEY_PROTECT_API_{name}", value)
    assert IbmKeyProtectApiV2.new_instance().get_keys(running.instance_id).get_status_code() == 200


def test_answers_of_create_and_wrap_have_the_services_types(kp, running, key):
    result = kp.wrap_key(key, running.instance_id).get_result()
    service_like = running.simulator.settings.content_type == "service"
    assert isinstance(result, dict) is not service_like
    assert isinstance(kp.create_key(running.instance_id, body()).get_result(), dict) is not service_like
    assert isinstance(kp.get_keys(running.instance_id).get_result(), dict)
