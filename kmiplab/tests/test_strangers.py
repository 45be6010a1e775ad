"""Other people's clients against one `kmiplab up`, with nothing but what its ready file says."""

from __future__ import annotations

import base64
import io
import json
import socket
import ssl
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from labs import Lab, up

if TYPE_CHECKING:
    from collections.abc import Iterator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    bson = pytest.importorskip("bson")
    enums = pytest.importorskip("kmip.core.enums")
    pie = pytest.importorskip("kmip.pie.client")
    keyprotect = pytest.importorskip("keyprotect")
    authenticators = pytest.importorskip("ibm_cloud_sdk_core.authenticators")
    mongocrypt = pytest.importorskip("pymongocrypt.mongocrypt")
    explicit = pytest.importorskip("pymongocrypt.synchronous.explicit_encrypter")
    state_machine = pytest.importorskip("pymongocrypt.synchronous.state_machine")

CODEC = bson.codec_options.CodecOptions(uuid_representation=bson.binary.UuidRepresentation.STANDARD)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with up(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.mark.parametrize("with_password", [False, True])
def test_pykmip_leads_a_key_through_its_life(lab: Lab, with_password: bool) -> None:
    kmip = lab.ready["kmip"]
    credential = {"username": kmip["username"], "password": kmip["password"]} if with_password else {}
    files = {name: kmip[name] for name in ("cert", "key", "ca")}
    with pie.ProxyKmipClient(hostname=kmip["host"], port=kmip["port"], **files, **credential) as client:
        identifier = client.create(enums.CryptographicAlgorithm.AES, 256)
        assert len(client.get(identifier).value) == 32
        client.activate(identifier)
        assert identifier in client.locate()
        client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, identifier)
        client.destroy(identifier)


def test_the_keyprotect_sdk_uses_the_root_key(lab: Lab) -> None:
    told = lab.ready["key_protect"]
    service = keyprotect.IbmKeyProtectApiV2(authenticator=authenticators.IAMAuthenticator(told["api_key"], url=told["url"]))
    service.set_service_url(told["url"])
    keys = service.get_keys(bluemix_instance=told["instance_id"]).get_result()
    assert told["crk_id"] in {key["id"] for key in (keys if isinstance(keys, dict) else keys.json())["resources"]}
    plaintext = base64.b64encode(bytes(32)).decode()
    wrapped = _json(service.wrap_key(told["crk_id"], told["instance_id"], key_action_wrap_body=_stream({"plaintext": plaintext})))
    opened = service.unwrap_key(told["crk_id"], told["instance_id"], _stream({"ciphertext": wrapped["ciphertext"]}))
    assert _json(opened)["plaintext"] == plaintext


def _stream(document: dict[str, str]) -> io.BytesIO:
    return io.BytesIO(json.dumps(document).encode())


def _json(answer: Any) -> dict[str, Any]:
    result = answer.get_result()
    document: dict[str, Any] = result if isinstance(result, dict) else result.json()
    return document


class Driver(state_machine.MongoCryptCallback):  # type: ignore[misc]
    """What a MongoDB driver does for libmongocrypt: the network, and a vault of data keys."""

    def __init__(self, kmip: dict[str, Any]) -> None:
        self.vault: list[dict[str, Any]] = []
        self.tls = ssl.create_default_context(cafile=kmip["ca"])
        self.tls.load_cert_chain(kmip["cert"], kmip["key"])

    def kms_request(self, kms_context: Any) -> None:
        host, port = kms_context.endpoint.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as plain, self.tls.wrap_socket(plain, server_hostname=host) as secure:
            secure.sendall(kms_context.message)
            while (needed := kms_context.bytes_needed) > 0:
                kms_context.feed(secure.recv(needed))

    def insert_data_key(self, data_key: bytes) -> Any:
        self.vault.append(bson.decode(data_key, CODEC))
        return self.vault[-1]["_id"]

    def fetch_keys(self, filter: bytes) -> Any:  # noqa: A002 - libmongocrypt's name
        return [bson.encode(document, codec_options=CODEC) for document in self.vault]

    def bson_encode(self, doc: Any) -> bytes:
        encoded: bytes = bson.encode(doc)
        return encoded

    def collection_info(self, database: Any, filter: Any) -> Any:  # noqa: A002 - libmongocrypt's name
        raise NotImplementedError

    def mark_command(self, database: Any, cmd: Any) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        pass


def test_libmongocrypt_keeps_its_master_key_here(lab: Lab) -> None:
    endpoint = f"{lab.ready['kmip']['host']}:{lab.ready['kmip']['port']}"
    driver = Driver(lab.ready["kmip"])
    options = {"kmip": {"endpoint": endpoint}}
    with closing(explicit.ExplicitEncrypter(driver, mongocrypt.MongoCryptOptions(options))) as encrypter:
        key_id = encrypter.create_data_key("kmip", {"endpoint": endpoint})
        secret = encrypter.encrypt(bson.encode({"v": "a secret"}), "AEAD_AES_256_CBC_HMAC_SHA_512-Random", key_id=key_id.bytes)
    with closing(explicit.ExplicitEncrypter(driver, mongocrypt.MongoCryptOptions(options))) as another:
        assert bson.decode(another.decrypt(secret)) == {"v": "a secret"}
