"""IBM's own Python SDK, unchanged, over real HTTP and under the mock: every call that the simulator has.

The SDK hands out a dict where the answer is application/json and a `requests.Response` where it has a vendor's type; `document` reads
both, as users of the service have to.
"""

from __future__ import annotations

import base64
import datetime as dt
import inspect
import io
import json
import os
import uuid
from collections import defaultdict
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from ibm_cloud_sdk_core import ApiException
from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from keyprotect import IbmKeyProtectApiV2
from keyprotect_simulator.mock import mocked_key_protect
from keyprotect_simulator.records import KmipEvent, KmipObject, Put
from keyprotect_simulator.roles import Role
from keyprotect_simulator.testing import running_simulator

KEY_TYPE = "application/vnd.ibm.kms.key+json"
DATA_KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture(scope="module", params=["service", "json", "mock"])
def running(request):
    way = mocked_key_protect() if request.param == "mock" else running_simulator(content_type=request.param)
    with way as simulator:
        yield simulator


class Counted:
    """The SDK's client, unchanged, and the names of its calls that succeeded."""

    succeeded: ClassVar[dict[str, set[str]]] = defaultdict(set)
    """By the URL of the simulator: one way of running it each."""

    def __init__(self, service, url):
        self._service, self._url = service, url

    def __getattr__(self, name):
        call = getattr(self._service, name)

        def counted(*arguments, **named):
            answer = call(*arguments, **named)
            self.succeeded[self._url].add(name)
            return answer

        return counted


def client(simulator, api_key=None):
    service = IbmKeyProtectApiV2(authenticator=IAMAuthenticator(api_key or simulator.api_key, url=simulator.url))
    service.set_service_url(simulator.url)
    return Counted(service, simulator.url)


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


@pytest.fixture
def pem():
    """A self-signed certificate that was never used."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "host")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start.replace(year=2036))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


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


# -- every other call that the SDK has

POLICY_TYPE = "application/vnd.ibm.kms.policy+json"


def collection(media_type, *resources):
    return {"metadata": {"collectionType": media_type, "collectionTotal": len(resources)}, "resources": list(resources)}


def test_policies_of_a_key(kp, running, key):
    instance = running.instance_id
    wanted = collection(POLICY_TYPE, {"type": POLICY_TYPE, "rotation": {"enabled": True, "interval_month": 3}})
    assert kp.put_policy(key, instance, wanted, policy="rotation").get_status_code() == 200
    both = collection(POLICY_TYPE, {"rotation": {"interval_month": 4}, "dualAuthDelete": {"enabled": False}})
    assert document(kp.put_policy(key, instance, both))["metadata"]["collectionTotal"] == 2
    (rotation,) = document(kp.get_policy(key, instance, policy="rotation"))["resources"]
    assert rotation["rotation"] == {"enabled": True, "interval_month": 4}
    assert len(document(kp.get_policy(key, instance))["resources"]) == 2


def test_policies_of_an_instance(kp, running):
    instance = running.instance_id
    policies = [
        {"policy_type": "metrics", "policy_data": {"enabled": True}},
        {"policy_type": "allowedIP", "policy_data": {"enabled": True, "attributes": {"allowed_ip": ["127.0.0.1/32"]}}},
    ]
    assert kp.put_instance_policy(instance, collection(POLICY_TYPE, *policies)).get_status_code() == 204
    assert len(document(kp.get_instance_policy(instance))["resources"]) == 2
    assert document(kp.get_allowed_ip_port(instance))["resources"] == [{"private_endpoint_port": 8888}]
    off = collection(POLICY_TYPE, {"policy_type": "allowedIP", "policy_data": {"enabled": False}})
    assert kp.put_instance_policy(instance, off, policy="allowedIP").get_status_code() == 204
    (shown,) = document(kp.get_instance_policy(instance, policy="allowedIP"))["resources"]
    assert shown["policy_data"] == {"enabled": False}


def test_a_key_with_policies_of_its_own(kp, running):
    made = kp.create_key_with_policies_overrides(
        running.instance_id, body(rotation={"enabled": True, "interval_month": 6}), prefer="return=representation"
    )
    assert made.get_status_code() == 201
    assert document(made)["resources"][0]["rotation"] == {"enabled": True, "interval_month": 6}


def test_aliases_and_registrations(kp, running, key):
    instance = running.instance_id
    alias = f"alias-{uuid.uuid4().hex}"
    made = kp.create_key_alias(key, alias, instance)
    assert (made.get_status_code(), document(made)["resources"][0]["alias"]) == (201, alias)
    assert document(kp.get_registrations(alias, instance, limit=10, offset=0, total_count=True))["metadata"]["totalCount"] == 0
    crn = "crn%3Av1%3Abluemix%3Apublic%3Ais%3A"
    listed = kp.get_registrations_all_keys(instance, url_encoded_resource_crn_query=crn, prevent_key_deletion=False)
    assert document(listed)["metadata"]["collectionTotal"] == 0
    assert kp.delete_key_alias(key, alias, instance).get_status_code() == 204


def test_key_rings(kp, running, key):
    instance, ring = running.instance_id, f"ring-{uuid.uuid4().hex}"
    assert kp.create_key_ring(ring, instance).get_status_code() == 201
    assert ring in [one["id"] for one in document(kp.list_key_rings(instance, limit=100, total_count=True))["resources"]]
    moved = kp.patch_key(key, instance, key_patch_body=stream({"keyRingID": ring}), x_kms_key_ring="default")
    assert document(moved)["resources"][0]["keyRingID"] == ring
    assert refused(409, kp.delete_key_ring, ring, instance, force=True)["resources"][0]["reasons"][0]["code"] == "KEY_RING_NOT_EMPTY_ERR"
    assert kp.delete_key(key, instance, x_kms_key_ring=ring).get_status_code() == 204
    assert kp.delete_key_ring(ring, instance, force=True).get_status_code() == 204


def test_an_import_token_and_what_it_is_for(kp, running):
    instance = running.instance_id
    made = kp.post_import_token(instance, expiration=600, max_allowed_retrievals=2)
    assert (made.get_status_code(), document(made)["remainingRetrievals"]) == (200, 2)
    token = document(kp.get_import_token(instance))
    public = serialization.load_pem_public_key(base64.b64decode(token["payload"]))
    material, iv = os.urandom(32), os.urandom(12)
    sealed = public.encrypt(material, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
    nonce = AESGCM(material).encrypt(iv, base64.b64decode(token["nonce"]), None)
    encoded = {name: base64.b64encode(value).decode() for name, value in {"payload": sealed, "iv": iv, "encryptedNonce": nonce}.items()}
    imported = kp.create_key(instance, body(**encoded, encryptionAlgorithm="RSAES_OAEP_SHA_256"), prefer="return=representation")
    assert document(imported)["resources"][0]["imported"] is True


def test_a_deletion_by_two_people(kp, running, key):
    instance = running.instance_id
    policy = collection(POLICY_TYPE, {"type": POLICY_TYPE, "dualAuthDelete": {"enabled": True}})
    assert kp.put_policy(key, instance, policy, policy="dualAuthDelete").get_status_code() == 200
    assert kp.set_key_for_deletion(key, instance).get_status_code() == 204
    assert kp.unset_key_for_deletion(key, instance).get_status_code() == 204
    writer = client(running, running.add_service_id(Role.WRITER).api_key)
    assert writer.set_key_for_deletion(key, instance).get_status_code() == 204
    assert kp.delete_key(key, instance).get_status_code() == 204


def test_sync_and_purge(kp, running, key):
    instance = running.instance_id
    assert kp.sync_associated_resources(key, instance).get_status_code() == 204
    assert kp.delete_key(key, instance).get_status_code() == 204
    purger = client(running, running.add_service_id(Role.KEY_PURGE).api_key)
    assert refused(409, purger.purge_key, key, instance)["resources"][0]["reasons"][0]["code"] == "REQ_TOO_EARLY_ERR"
    running.clock.move(hours=4)
    purged = purger.purge_key(key, instance, prefer="return=representation")
    assert (purged.get_status_code(), document(purged)["resources"][0]["id"]) == (200, key)
    refused(404, kp.get_key, key, instance)


def test_kmip_adapters_certificates_and_objects(kp, running, key, pem):
    instance, metadata = running.instance_id, {"collectionType": "application/vnd.ibm.kms.kmip_adapter+json", "collectionTotal": 1}
    name = f"vcenter-{uuid.uuid4().hex[:8]}"
    wanted = {"name": name, "profile": "native_1.0", "profile_data": {"crk_id": key}}
    made = kp.create_kmip_adapter(instance, metadata, [wanted], allow_expiring_key=True)
    assert made.get_status_code() == 201
    adapter = document(made)["resources"][0]["id"]
    assert document(kp.get_kmip_adapters(instance, crk_id=key, limit=5, total_count=True))["metadata"]["totalCount"] == 1
    assert document(kp.get_kmip_adapter(name, instance))["resources"][0]["id"] == adapter
    metadata = {"collectionType": "application/vnd.ibm.kms.kmip_client_certificate+json", "collectionTotal": 1}
    added = kp.add_kmip_client_certificate(adapter, instance, metadata, [{"certificate": pem, "name": "host"}])
    assert added.get_status_code() == 201
    certificate = document(added)["resources"][0]["id"]
    assert len(document(kp.get_kmip_client_certificates(adapter, instance, limit=5))["resources"]) == 1
    assert document(kp.get_kmip_client_certificate(adapter, "host", instance))["resources"][0]["certificate"] == pem
    found = KmipObject(str(uuid.uuid4()), adapter, 2, KmipEvent(running.clock(), certificate, "iam-x"))
    core = running.simulator.core
    with core.exclusive():
        core.commit(Put(found))
    assert [one["id"] for one in document(kp.get_kmip_objects(adapter, instance, state=[1, 2]))["resources"]] == [found.id]
    assert document(kp.get_kmip_object(adapter, instance, found.id))["resources"][0]["created_by_kmip_client_cert_id"] == certificate
    refused(409, kp.delete_kmip_object, adapter, instance, found.id)
    assert kp.delete_kmip_object(adapter, instance, found.id, force=True).get_status_code() == 204
    assert kp.delete_kmip_client_certificate(adapter, certificate, instance).get_status_code() == 204
    assert kp.delete_kmip_adapter(adapter, instance).get_status_code() == 204


def test_filters_and_searches(kp, running, key):
    listed = kp.get_keys(running.instance_id, filter='creationDate=gt:"2001-01-01T00:00:00Z" extractable=false', search=key, sort="-id")
    assert [one["id"] for one in document(listed)["resources"]] == [key]
    total = kp.get_key_collection_metadata(running.instance_id, filter="lastRotateDate=none state=1").get_headers()["Key-Total"]
    assert int(total) >= 1


def test_every_call_of_the_sdk_succeeded(request, running):
    """The last test of each way in: public methods of the client without those that somebody called with success above."""
    chosen = {item.originalname for item in request.session.items if item.path == Path(__file__)}
    if {name for name, value in globals().items() if name.startswith("test_") and inspect.isfunction(value)} - chosen:
        pytest.skip("only some tests of this file were chosen")
    calls = {name for name, call in vars(IbmKeyProtectApiV2).items() if inspect.isfunction(call) and not name.startswith("_")}
    assert len(calls) > 40
    assert calls - Counted.succeeded[running.url] == set()
