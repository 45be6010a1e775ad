"""Other people's clients against this server, over real TLS: PyKMIP, and MongoDB's libmongocrypt."""

from __future__ import annotations

import socket
import ssl
import uuid
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from kmip_server.testing import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.testing import RunningServer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    enums = pytest.importorskip("kmip.core.enums")
    pie = pytest.importorskip("kmip.pie.client")
    pie_objects = pytest.importorskip("kmip.pie.objects")
    bson = pytest.importorskip("bson")
    mongocrypt = pytest.importorskip("pymongocrypt.mongocrypt")
    explicit = pytest.importorskip("pymongocrypt.synchronous.explicit_encrypter")
    state_machine = pytest.importorskip("pymongocrypt.synchronous.state_machine")

CODEC = bson.codec_options.CodecOptions(uuid_representation=bson.binary.UuidRepresentation.STANDARD)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


@pytest.fixture(params=["KMIP_1_0", "KMIP_1_1", "KMIP_1_2", "KMIP_1_3", "KMIP_1_4"])
def pykmip(request: pytest.FixtureRequest, server: RunningServer) -> Iterator[Any]:
    client = pie.ProxyKmipClient(
        hostname="localhost",
        port=server.port,
        cert=str(server.cert),
        key=str(server.key),
        ca=str(server.ca),
        kmip_version=enums.KMIPVersion[request.param],
    )
    with client:
        yield client


def test_pykmip_leads_a_key_through_its_life(pykmip: Any) -> None:
    identifier = pykmip.create(enums.CryptographicAlgorithm.AES, 256, name=f"life of a key {uuid.uuid4()}")
    key = pykmip.get(identifier)
    assert len(key.value) == 32
    assert key.cryptographic_length == 256
    pykmip.activate(identifier)
    assert identifier in pykmip.locate()
    with pytest.raises(Exception, match=r"(?i)active|permission|denied|illegal"):
        pykmip.destroy(identifier)
    pykmip.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, identifier)
    pykmip.destroy(identifier)


def test_pykmip_registers_and_reads_back(pykmip: Any) -> None:
    mask = [enums.CryptographicUsageMask.ENCRYPT, enums.CryptographicUsageMask.DECRYPT]
    key = pie_objects.SymmetricKey(enums.CryptographicAlgorithm.AES, 128, bytes(range(16)), mask, f"brought along {uuid.uuid4()}")
    identifier = pykmip.register(key)
    assert pykmip.get(identifier).value == bytes(range(16))
    names = pykmip.get_attribute_list(identifier)
    assert {"State", "Cryptographic Algorithm", "Name"} <= set(names)
    _, attributes = pykmip.get_attributes(identifier, ["State", "Cryptographic Length"])
    assert {attribute.attribute_name.value: attribute.attribute_value.value for attribute in attributes} == {
        "State": enums.State.PRE_ACTIVE,
        "Cryptographic Length": 128,
    }


def test_pykmip_makes_a_key_pair_and_signs_with_it(pykmip: Any) -> None:
    names = {half: f"{half} {uuid.uuid4()}" for half in ("public", "private")}
    public, private = pykmip.create_key_pair(
        enums.CryptographicAlgorithm.RSA,
        2048,
        public_name=names["public"],
        public_usage_mask=[enums.CryptographicUsageMask.VERIFY],
        private_name=names["private"],
        private_usage_mask=[enums.CryptographicUsageMask.SIGN],
    )
    held = {identifier: pykmip.get(identifier) for identifier in (public, private)}
    key = serialization.load_der_public_key(held[public].value)
    assert serialization.load_der_private_key(held[private].value, None).public_key() == key
    if pykmip.kmip_version < enums.KMIPVersion.KMIP_1_2:
        return
    parameters = {
        "padding_method": enums.PaddingMethod.PKCS1v15,
        "cryptographic_algorithm": enums.CryptographicAlgorithm.RSA,
        "hashing_algorithm": enums.HashingAlgorithm.SHA_256,
    }
    for identifier in (public, private):
        pykmip.activate(identifier)
    signature = pykmip.sign(b"a message", private, parameters)
    key.verify(signature, b"a message", padding.PKCS1v15(), hashes.SHA256())
    assert pykmip.signature_verify(b"a message", signature, public, parameters) is enums.ValidityIndicator.VALID
    assert pykmip.signature_verify(b"another", signature, public, parameters) is enums.ValidityIndicator.INVALID


def test_pykmip_registers_every_kind_of_object_it_knows(pykmip: Any, server: RunningServer) -> None:
    certificate = x509.load_pem_x509_certificate(server.cert.read_bytes())
    private = rsa.generate_private_key(65537, 2048)
    pkcs_1 = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    spki = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = certificate.public_bytes(serialization.Encoding.DER)
    part = {"split_key_parts": 3, "key_part_identifier": 1, "split_key_threshold": 2, "split_key_method": enums.SplitKeyMethod.XOR}
    mask, run = [enums.CryptographicUsageMask.SIGN], uuid.uuid4()
    objects = [
        pie_objects.X509Certificate(der, mask, f"certificate {run}"),
        pie_objects.PrivateKey(enums.CryptographicAlgorithm.RSA, 2048, pkcs_1, enums.KeyFormatType.PKCS_1, mask, f"private {run}"),
        pie_objects.PublicKey(enums.CryptographicAlgorithm.RSA, 2048, spki, enums.KeyFormatType.X_509, mask, f"public {run}"),
        pie_objects.SplitKey(enums.CryptographicAlgorithm.AES, 128, bytes(range(16)), mask, f"part {run}", **part),
        pie_objects.SecretData(b"a secret", enums.SecretDataType.PASSWORD, mask, f"secret {run}"),
        pie_objects.OpaqueObject(b"opaque", enums.OpaqueDataType.NONE, f"opaque {run}"),
    ]
    for held in objects:
        got = pykmip.get(pykmip.register(held))
        assert (type(got), got.value) == (type(held), held.value)


def test_libmongocrypt_registers_and_gets_its_master_key(server: RunningServer) -> None:
    """What MongoDB's client-side encryption does with the provider "kmip": Register a secret of 96 bytes, Activate, Get."""
    endpoint = f"localhost:{server.port}"
    callback = DriverCallback(server)
    with closing(explicit.ExplicitEncrypter(callback, mongocrypt.MongoCryptOptions({"kmip": {"endpoint": endpoint}}))) as encrypter:
        key_id = encrypter.create_data_key("kmip", {"endpoint": endpoint})
        [stored] = callback.vault
        assert stored["masterKey"]["provider"] == "kmip"
        secret = encrypter.encrypt(bson.encode({"v": "a secret"}), "AEAD_AES_256_CBC_HMAC_SHA_512-Random", key_id=key_id.bytes)
    with closing(explicit.ExplicitEncrypter(callback, mongocrypt.MongoCryptOptions({"kmip": {"endpoint": endpoint}}))) as another:
        assert bson.decode(another.decrypt(secret)) == {"v": "a secret"}


class DriverCallback(state_machine.MongoCryptCallback):  # type: ignore[misc]
    """What a MongoDB driver does for libmongocrypt: the network, and a vault of data keys."""

    def __init__(self, server: RunningServer) -> None:
        self.vault: list[dict[str, Any]] = []
        self.tls = ssl.create_default_context(cafile=server.ca)
        self.tls.load_cert_chain(server.cert, server.key)

    def kms_request(self, kms_context: Any) -> None:
        host, port = kms_context.endpoint.split(":")
        with (
            socket.create_connection((host, int(port)), timeout=10) as plain,
            self.tls.wrap_socket(plain, server_hostname=host) as secure,
        ):
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
