"""The mock: what uses `requests`, IBM's SDK first of all, in this process at IBM's own addresses."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import subprocess
import sys

import pytest
import requests
from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from keyprotect import IbmKeyProtectApiV2
from keyprotect_simulator.mock import MockedKeyProtect, mocked_key_protect
from keyprotect_simulator.settings import REGIONS

KEY_TYPE = "application/vnd.ibm.kms.key+json"


def client(key_protect):
    kp = IbmKeyProtectApiV2(authenticator=IAMAuthenticator(key_protect.api_key))
    kp.set_service_url(key_protect.url)
    return kp


def stream(body):
    return io.BytesIO(json.dumps(body).encode())


def document(response):
    result = response.get_result()
    return result if isinstance(result, dict) else result.json()


def test_the_sdk_works_unchanged_at_the_addresses_of_ibm_cloud():
    with mocked_key_protect() as key_protect:
        kp = client(key_protect)
        body = {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [{"type": KEY_TYPE, "name": "mine"}]}
        created = kp.create_key(key_protect.instance_id, stream(body), prefer="return=representation")
        key = document(created)["resources"][0]["id"]
        plaintext = base64.b64encode(b"a data key").decode()
        wrapped = document(kp.wrap_key(key, key_protect.instance_id, key_action_wrap_body=stream({"plaintext": plaintext})))
        assert (
            document(kp.unwrap_key(key, key_protect.instance_id, stream({"ciphertext": wrapped["ciphertext"]})))["plaintext"] == plaintext
        )
        assert kp.delete_key(key, key_protect.instance_id).get_status_code() == 204
        assert [(entry.way, entry.method) for entry in key_protect.requests()][:2] == [("mock", "POST"), ("mock", "POST")]


@mocked_key_protect(region="eu-de")
def test_a_decorated_test_is_given_the_simulator(key_protect):
    assert key_protect.url == "https://eu-de.kms.cloud.ibm.com"
    assert document(client(key_protect).get_keys(key_protect.instance_id))["resources"][0]["id"] == key_protect.crk_id


@pytest.mark.parametrize("number", [1, 2])
@mocked_key_protect()
def test_the_decorator_leaves_other_parameters_to_pytest(number, key_protect, tmp_path):
    assert isinstance(key_protect, MockedKeyProtect)
    assert tmp_path.exists()
    assert len(key_protect.simulator.state.everything()) < 12


@mocked_key_protect()
async def test_coroutines_can_be_decorated(key_protect):
    assert (await asyncio.to_thread(requests.get, "https://iam.cloud.ibm.com/identity/keys", timeout=5)).status_code == 200


@mocked_key_protect()
def test_the_decorated_function_need_not_want_it():
    assert requests.get("https://private.iam.cloud.ibm.com/identity/keys", timeout=5).status_code == 200


def test_each_call_of_a_decorated_function_has_its_own():
    @mocked_key_protect()
    def instance(key_protect):
        return key_protect.instance_id

    assert instance() != instance()


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_answers_publicly_and_privately(region):
    with mocked_key_protect():
        for host in (f"{region}.kms.cloud.ibm.com", f"private.{region}.kms.cloud.ibm.com"):
            assert requests.get(f"https://{host}/api/v2/keys", timeout=5).status_code == 401


@pytest.mark.parametrize(
    "host", ["mars.kms.cloud.ibm.com", "cloud.ibm.com", "us-south.kms.cloud.ibm.com.example.org", "xiam.cloud.ibm.com"]
)
def test_other_hosts_are_refused(host):
    with mocked_key_protect(), pytest.raises(requests.ConnectionError, match="Responses"):
        requests.get(f"https://{host}/", timeout=5)


def test_private_and_public_addresses_are_told_apart():
    policy = {"policy_type": "allowedNetwork", "policy_data": {"enabled": True, "attributes": {"allowed_network": "private-only"}}}
    body = {"metadata": {"collectionType": "application/vnd.ibm.kms.policy+json", "collectionTotal": 1}, "resources": [policy]}
    with mocked_key_protect() as mocked:
        headers = {"Authorization": f"Bearer {mocked.token()}", "Bluemix-Instance": mocked.instance_id}
        private = mocked.url.replace("https://", "https://private.")
        assert requests.put(f"{mocked.url}/api/v2/instance/policies", json=body, headers=headers, timeout=5).status_code == 204
        assert requests.get(f"{mocked.url}/api/v2/keys", headers=headers, timeout=5).status_code == 401
        assert requests.get(f"{private}/api/v2/keys", headers=headers, timeout=5).status_code == 200


def test_other_hosts_are_reached_if_that_is_asked_for(simulator):
    with mocked_key_protect(others="pass") as mocked:
        assert requests.get(f"{simulator.url}/api/v2/keys", timeout=5).status_code == 401
        assert mocked.requests() == []


def test_streams_and_texts_are_bodies_too():
    with mocked_key_protect() as mocked:
        form = f"grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey={mocked.api_key}"
        for body in (form, form.encode(), io.BytesIO(form.encode()), iter([form[:9].encode(), form[9:].encode()])):
            assert requests.post(mocked.iam_url, data=body, timeout=5).status_code == 200


def test_nothing_is_caught_after_the_end(simulator):
    with mocked_key_protect():
        pass
    assert requests.get(f"{simulator.url}/identity/keys", timeout=5).status_code == 200


def test_the_control_api_answers_too():
    with mocked_key_protect() as mocked:
        assert requests.get(f"{mocked.url}/_simulator/lab", timeout=5).json()["crk_id"] == mocked.crk_id


FIXTURES = """
import requests

kept = []

def test_over_http(key_protect_server):
    assert requests.get(key_protect_server.url + "/identity/keys").status_code == 200
    key_protect_server.delete_key()
    kept.append(key_protect_server.crk_id)

def test_in_process(key_protect_mock, key_protect_server):
    assert [key_protect_mock.crk_id] == kept
    key_protect_mock.disable_key()   # it is active again: nothing is left of the test before
    assert requests.get("https://iam.cloud.ibm.com/identity/keys").status_code == 200
    assert requests.get(key_protect_server.url + "/identity/keys").status_code == 200
"""


def test_the_fixtures_start_each_test_afresh(tmp_path):
    (tmp_path / "test_users.py").write_text(FIXTURES)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "keyprotect_simulator.fixtures", "-p", "no:kmip_conformance", "--rootdir", "."]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert "2 passed" in finished.stdout, finished.stdout


def test_without_responses_it_says_what_to_install():
    code = "import sys; sys.modules['responses'] = None; import keyprotect_simulator.testing; import keyprotect_simulator.mock"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert "install kmiplab[mock]" in finished.stderr.splitlines()[-1]
