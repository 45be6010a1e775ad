"""Certificates: what they say of themselves, the authority, chains, and PKCS#12, against certificates that the library makes."""

from __future__ import annotations

import datetime as dt
import subprocess
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from kmip_server.crypto.authority import Authority, Wish, certify, new_authority, read_request
from kmip_server.crypto.certificates import certificate_attributes, is_signed_by, public_key_in, read_certificate
from kmip_server.crypto.chains import validity_of
from kmip_server.crypto.der import SEQUENCE, element
from kmip_server.crypto.pkcs12 import read_container, write_container
from kmip_server.enums import (
    CertificateRequestType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    DigitalSignatureAlgorithm,
    ResultReason,
    ValidityIndicator,
)
from kmip_server.errors import KmipFailure
from kmip_server.messages import CertificateIdentifier, CertificateSubject, X509CertificateIdentifier

NOW = 1_700_000_000
YEAR = 365 * 86400
RSA, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
P256 = ec.generate_private_key(ec.SECP256R1())
SIGNING = CryptographicUsageMask.SIGN | CryptographicUsageMask.VERIFY


def a_name(common_name):
    parts = [(NameOID.COUNTRY_NAME, "AU"), (NameOID.ORGANIZATION_NAME, "Kmip Test"), (NameOID.COMMON_NAME, common_name)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def a_certificate(subject, key, issuer=None, signer=None, *, start=NOW - 10, end=NOW + YEAR, ca=None, path=None, serial=None, names=()):
    """Issued by ``issuer`` with ``signer``'s key, or self-signed."""
    issuer_name = issuer.subject if issuer is not None else a_name(subject)
    builder = x509.CertificateBuilder(issuer_name, a_name(subject), key.public_key(), serial or x509.random_serial_number())
    builder = builder.not_valid_before(dt.datetime.fromtimestamp(start, dt.UTC)).not_valid_after(dt.datetime.fromtimestamp(end, dt.UTC))
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signer = signer or key
    return builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def attributes_of(certificate):
    return certificate_attributes(certificate, der(certificate))


def test_a_certificate_in_the_words_of_every_version():
    issuer = a_certificate("Inter", RSA, ca=True)
    names = (x509.DNSName("kmip.example"), x509.RFC822Name("a@b.example"))
    leaf = a_certificate("EE", P256, issuer, RSA, serial=0x9BBA23D1B6A48F97, names=names)
    said = attributes_of(leaf)
    issuer_der = issuer.subject.public_bytes()
    assert said["Certificate Length"] == (len(der(leaf)),)
    assert said["X.509 Certificate Identifier"] == (X509CertificateIdentifier(issuer_der, bytes.fromhex("0209009bba23d1b6a48f97")),)
    assert said["Certificate Identifier"] == (CertificateIdentifier("CN=Inter,O=Kmip Test,C=AU", "9BBA23D1B6A48F97"),)
    assert said["Certificate Subject"] == (CertificateSubject("CN=EE,O=Kmip Test,C=AU", ("kmip.example", "a@b.example")),)
    (subject,) = said["X.509 Certificate Subject"]
    assert subject.subject_distinguished_name == leaf.subject.public_bytes()
    assert subject.subject_alternative_name == (b"\x82\x0ckmip.example", b"\x81\x0ba@b.example")
    assert said["Digital Signature Algorithm"] == (DigitalSignatureAlgorithm.SHA_256_WITH_RSA_ENCRYPTION,)
    assert said["Cryptographic Algorithm"] == (CryptographicAlgorithm.ECDSA,)
    assert said["Cryptographic Length"] == (256,)
    assert said["Certificate Subject CN"] == ("EE",)
    assert said["Certificate Issuer O"] == ("Kmip Test",)
    assert "Certificate Subject OU" not in said


def test_a_signature_without_a_name_in_the_standard():
    said = attributes_of(a_certificate("Ed", ed25519.Ed25519PrivateKey.generate()))
    assert "Digital Signature Algorithm" not in said
    assert said["Cryptographic Algorithm"] == (CryptographicAlgorithm.ED25519,)


@pytest.mark.parametrize("data", [b"", b"0\x00", der(a_certificate("x", P256))[:-1], der(a_certificate("x", P256)) + b"\x00\x00"])
def test_what_is_no_certificate(data):
    with pytest.raises(ValueError, match=r"."):
        read_certificate(data)


def test_who_signed_it():
    issuer = a_certificate("CA", RSA, ca=True)
    leaf = a_certificate("leaf", P256, issuer, RSA)
    assert is_signed_by(RSA.public_key(), leaf)
    assert not is_signed_by(OTHER.public_key(), leaf)
    assert not is_signed_by(P256.public_key(), leaf)


def a_request(key, subject="Client", *extensions):
    builder = x509.CertificateSigningRequestBuilder(a_name(subject))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256())


AUTHORITY = new_authority("alice's authority", NOW)


@pytest.mark.parametrize("form", [CertificateRequestType.PKCS_10, CertificateRequestType.PEM])
def test_a_request_is_certified(form):
    names = x509.SubjectAlternativeName([x509.DNSName("client.example")])
    asked = a_request(RSA, "Client", names, x509.BasicConstraints(ca=True, path_length=None))
    data = asked.public_bytes(Encoding.PEM if form is CertificateRequestType.PEM else Encoding.DER)
    request = read_request(form, data)
    wish = Wish("unused", SIGNING, NOW + 100, NOW + YEAR)
    certificate = read_certificate(certify(AUTHORITY, public_key_in(request), request, wish, NOW))
    assert certificate.subject == a_name("Client")
    assert certificate.public_key() == RSA.public_key()
    assert certificate.not_valid_before_utc.timestamp() == NOW + 100
    assert certificate.not_valid_after_utc.timestamp() == NOW + YEAR
    assert certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value == names
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign, usage.key_encipherment) == (True, False, False)
    certificate.verify_directly_issued_by(AUTHORITY.certificate)
    assert validity_of([certificate], [AUTHORITY.certificate], NOW + 200) is ValidityIndicator.VALID


@pytest.mark.parametrize("key", [RSA, P256, ed25519.Ed25519PrivateKey.generate()], ids=["RSA", "P-256", "Ed25519"])
def test_a_public_key_alone_is_certified(key):
    certificate = read_certificate(certify(AUTHORITY, key.public_key(), None, Wish("my key", SIGNING, None, None), NOW))
    assert certificate.subject.rfc4514_string() == "CN=my key"
    assert certificate.public_key() == key.public_key()
    assert certificate.not_valid_before_utc.timestamp() == NOW


def test_an_authority_survives_being_written_down():
    again = Authority.from_bytes(AUTHORITY.to_bytes())
    assert again.certificate == AUTHORITY.certificate
    assert again.key.private_numbers() == AUTHORITY.key.private_numbers()


def a_forged_request():
    """Somebody else's signature under a request for RSA's key."""
    good, other = a_request(RSA), a_request(OTHER)
    algorithm = der(good)[4 + len(good.tbs_certrequest_bytes) :][:15]
    return element(SEQUENCE, good.tbs_certrequest_bytes, algorithm, element(0x03, b"\x00", other.signature))


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (CertificateRequestType.PKCS_10, b"nonsense"),
        (CertificateRequestType.PEM, a_request(RSA).public_bytes(Encoding.DER)),
        (CertificateRequestType.CRMF, a_request(RSA).public_bytes(Encoding.DER)),
        (CertificateRequestType.PKCS_10, a_forged_request()),
    ],
)
def test_requests_that_are_none(form, data):
    with pytest.raises(KmipFailure) as refused:
        read_request(form, data)
    assert refused.value.reason is ResultReason.INVALID_CSR


def test_the_forged_request_is_otherwise_good():
    assert x509.load_der_x509_csr(a_forged_request()).subject == a_name("Client")


@pytest.mark.parametrize(("start", "end"), [(NOW, NOW), (NOW + 5, NOW), (NOW + 100 * YEAR, None), (2**62, None)])
def test_validities_that_are_none(start, end):
    with pytest.raises(KmipFailure) as refused:
        certify(AUTHORITY, RSA.public_key(), None, Wish("x", SIGNING, start, end), NOW)
    assert refused.value.reason is ResultReason.INVALID_FIELD


ROOT = a_certificate("Root", RSA, ca=True)
MIDDLE = a_certificate("Middle", OTHER, ROOT, RSA, ca=True)
LEAF = a_certificate("Leaf", P256, MIDDLE, OTHER)
VALID, INVALID, UNKNOWN = ValidityIndicator.VALID, ValidityIndicator.INVALID, ValidityIndicator.UNKNOWN

CHAINS = [
    ("the whole chain", [LEAF, MIDDLE, ROOT], [], NOW, VALID),
    ("in another order", [ROOT, LEAF, MIDDLE], [], NOW, VALID),
    ("one twice", [ROOT, LEAF, MIDDLE, LEAF], [], NOW, VALID),
    ("ends in an anchor", [LEAF, MIDDLE], [ROOT], NOW, VALID),
    ("a root alone", [ROOT], [], NOW, VALID),
    ("without the root", [LEAF, MIDDLE], [], NOW, UNKNOWN),
    ("a leaf alone", [LEAF], [], NOW, UNKNOWN),
    ("before its time", [LEAF, MIDDLE, ROOT], [], NOW - YEAR, INVALID),
    ("after its time", [LEAF, MIDDLE, ROOT], [], NOW + 2 * YEAR, INVALID),
    ("one is over", [a_certificate("Old", P256, ROOT, RSA, end=NOW - 1), ROOT], [], NOW, INVALID),
    ("signed by another key", [a_certificate("Forged", P256, ROOT, OTHER), ROOT], [], NOW, INVALID),
    ("not signed by its own key", [a_certificate("Root", OTHER, ROOT, RSA, ca=True)], [], NOW, INVALID),
    ("its issuer is no CA", [a_certificate("x", P256, LEAF, P256), LEAF, MIDDLE, ROOT], [], NOW, INVALID),
    (
        "its issuer says that it is none",
        [a_certificate("n", P256, a_certificate("m", RSA, ca=False), RSA), a_certificate("m", RSA, ca=False)],
        [],
        NOW,
        INVALID,
    ),
    ("its issuer says nothing of it", [a_certificate("y", P256, a_certificate("z", RSA), RSA), a_certificate("z", RSA)], [], NOW, INVALID),
]


@pytest.mark.parametrize(("chain", "anchors", "at", "expected"), [row[1:] for row in CHAINS], ids=[row[0] for row in CHAINS])
def test_chains(chain, anchors, at, expected):
    assert validity_of(chain, anchors, at) is expected


def test_a_chain_longer_than_its_root_allows():
    root = a_certificate("Short", RSA, ca=True, path=0)
    middle = a_certificate("Middle", OTHER, root, RSA, ca=True)
    leaf = a_certificate("Leaf", P256, middle, OTHER)
    assert validity_of([leaf, middle, root], [], NOW) is INVALID
    assert validity_of([middle, root], [], NOW) is VALID


@pytest.mark.parametrize("chain", [[LEAF, ROOT], [LEAF, a_certificate("Other", RSA)], []])
def test_what_is_no_chain(chain):
    with pytest.raises(KmipFailure) as refused:
        validity_of(chain, [], NOW)
    assert refused.value.reason is ResultReason.INVALID_MESSAGE


@pytest.mark.parametrize("name", [None, "me"])
def test_pkcs_12_there_and_back(name):
    data = write_container(P256, [der(LEAF), der(MIDDLE), der(ROOT)], name, b"secret")
    read = read_container(data, b"secret", None)
    assert read.key.private_numbers() == P256.private_numbers()
    assert read.certificates == (der(LEAF), der(MIDDLE), der(ROOT))
    assert read.friendly_name == (name or "alias")
    assert read_container(data, b"secret", (name or "alias").upper()).certificates == read.certificates


def test_pkcs_12_without_certificates():
    assert read_container(write_container(RSA, [], "me", b"secret"), b"secret", "me").certificates == ()


@pytest.mark.parametrize(
    ("data", "password", "name"),
    [
        (write_container(RSA, [], "me", b"secret"), b"wrong", None),
        (write_container(P256, [der(LEAF)], "me", b"secret"), b"secret", "you"),
        (b"nonsense", b"secret", None),
    ],
)
def test_containers_that_cannot_be_opened(data, password, name):
    with pytest.raises(KmipFailure) as refused:
        read_container(data, password, name)
    assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


def test_a_key_that_does_not_fit_its_certificate():
    with pytest.raises(KmipFailure) as refused:
        write_container(RSA, [der(LEAF)], None, b"secret")
    assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


@pytest.mark.skipif(which("openssl") is None, reason="the openssl command reads what the library wrote, where there is one")
def test_openssl_reads_our_containers_and_chains(tmp_path):
    (tmp_path / "it.p12").write_bytes(write_container(P256, [der(LEAF), der(MIDDLE)], "me", b"secret"))
    asked = ["openssl", "pkcs12", "-in", str(tmp_path / "it.p12"), "-passin", "pass:secret", "-nokeys"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    assert told.count("BEGIN CERTIFICATE") == 2
    assert "friendlyName: me" in told
