"""Certificates and keys: the ones that the server makes for itself, and the ones that people bring.

A server without certificates of its own gets a small authority in its state folder. Server keys are RSA-2048 unless told otherwise: a
vCenter may offer nothing but static RSA, and vSphere does not accept ECDSA certificates everywhere; ECDSA P-256 makes handshakes a quarter
cheaper where no such client calls. Every private key file has mode 0600.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kmip_server.errors import ConfigurationError
from kmip_server.files import read_file, write_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 825
CLOCK_SKEW = dt.timedelta(hours=1)
"""Certificates are valid from an hour ago, for clients whose clock is behind."""


NOT_PEM = "it must hold a block that begins -----BEGIN {}-----"


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What the directory keeps of a certificate. ``not_after`` in seconds since 1970; ``fingerprint`` SHA-256 of the DER in hex."""

    fingerprint: str
    pem: str
    subject: str
    not_after: int


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its private key, in memory."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key in PEM (PKCS #8), unencrypted."""
        return pem_of(self.key)

    def write(self, certificate: Path, key: Path) -> None:
        """Write both files; the key first, so that a certificate that is there has its key."""
        write_private(key, self.key_pem)
        write_private(certificate, self.certificate_pem)


def new_key(kind: str = "rsa") -> PrivateKey:
    """A private key: "rsa" (2048 bits) or "ecdsa" (P-256)."""
    if kind == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: PrivateKey) -> bytes:
    """A private key in PEM (PKCS #8), unencrypted."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def create_authority(name: str = "kmiplab CA", *, kind: str = "rsa", key: PrivateKey | None = None) -> KeyPair:
    """A self-signed certificate authority, with a key of its own unless it is given one."""
    key = key or new_key(kind)
    builder = _begin(name, key, days=AUTHORITY_DAYS).issuer_name(_name(name))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    return KeyPair(builder.sign(key, hashes.SHA256()), key)


def create_server_certificate(authority: KeyPair, names: Sequence[str], *, kind: str = "rsa", days: int = CERTIFICATE_DAYS) -> KeyPair:
    """A server certificate for host names and IP addresses (Subject Alternative Name)."""
    key = new_key(kind)
    builder = _begin(names[0], key, days=days).issuer_name(authority.certificate.subject)
    builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
    return _issue(builder, authority, key, ExtendedKeyUsageOID.SERVER_AUTH)


def create_client_certificate(authority: KeyPair, name: str, *, kind: str = "rsa", days: int = CERTIFICATE_DAYS) -> KeyPair:
    """A client certificate."""
    key = new_key(kind)
    builder = _begin(name, key, days=days).issuer_name(authority.certificate.subject)
    return _issue(builder, authority, key, ExtendedKeyUsageOID.CLIENT_AUTH)


def create_self_signed(
    name: str, *, usages: Sequence[x509.ObjectIdentifier] = (), kind: str = "rsa", days: int = CERTIFICATE_DAYS, is_ca: bool = False
) -> KeyPair:
    """A self-signed leaf, as vCenter makes for itself; ``usages`` is its Extended Key Usage, none by default."""
    key = new_key(kind)
    builder = _begin(name, key, days=days).issuer_name(_name(name))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return KeyPair(builder.sign(key, hashes.SHA256()), key)


def names_of_this_machine(*extra: str) -> list[str]:
    """What a server here may be called: localhost, its host name, the loopback addresses, and ``extra``."""
    names = [*extra, "localhost", socket.gethostname(), "127.0.0.1", "::1"]
    return list(dict.fromkeys(name for name in names if name not in {"", "0.0.0.0", "::"}))  # noqa: S104 - left out


def pem_of_certificate(der: bytes) -> str:
    """A certificate in DER as PEM. Raises `ConfigurationError`."""
    try:
        return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode("ascii")
    except ValueError as error:
        raise ConfigurationError("this is no certificate", "give one in DER") from error


def read_certificate(content: bytes, what: str = "the certificate") -> CertificateFacts:
    """Read exactly one PEM certificate. Raises `ConfigurationError`."""
    try:
        certificates = x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise ConfigurationError(f"{what} is not a PEM certificate", NOT_PEM.format("CERTIFICATE")) from error
    if len(certificates) != 1:
        raise ConfigurationError(f"{what} holds {len(certificates)} certificates", "give the client's own, without its chain")
    certificate = certificates[0]
    return CertificateFacts(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        subject=certificate.subject.rfc4514_string(),
        not_after=int(certificate.not_valid_after_utc.timestamp()),
    )


def names_in(certificate: x509.Certificate) -> list[str]:
    """The host names and addresses that a server certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


def load_key_pair(certificate_path: Path, key_path: Path, *, expired_too: bool = False) -> KeyPair:
    """Read a certificate and its private key, and check that they fit and are valid now. Raises `ConfigurationError`."""
    certificate = load_certificate(certificate_path)
    key = load_key(key_path)
    if certificate.public_key() != key.public_key():
        raise ConfigurationError(f"the key {key_path} does not fit {certificate_path}", "name a pair that was made together")
    now = dt.datetime.now(dt.UTC)
    if certificate.not_valid_after_utc < now and not expired_too:
        raise ConfigurationError(
            f"the certificate {certificate_path} expired on {certificate.not_valid_after_utc:%Y-%m-%d}",
            "renew it; one that kmiplab made itself is made again once the file is removed",
        )
    if certificate.not_valid_before_utc > now:
        raise ConfigurationError(
            f"the certificate {certificate_path} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
            "check this machine's clock",
        )
    return KeyPair(certificate, key)


def is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Did this authority sign that certificate?"""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def load_certificate(path: Path) -> x509.Certificate:
    """The first certificate in a PEM file. Raises `ConfigurationError`."""
    content = read_file(path, "the certificate file")
    try:
        return x509.load_pem_x509_certificates(content)[0]
    except ValueError as error:
        raise ConfigurationError(f"{path} is not a PEM certificate", NOT_PEM.format("CERTIFICATE")) from error


def load_key(path: Path) -> PrivateKey:
    """The private key in a PEM file. Raises `ConfigurationError`."""
    content = read_file(path, "the key file")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except TypeError as error:
        raise ConfigurationError(f"the key {path} is encrypted", "decrypt it first: openssl pkey -in KEY -out PLAIN.key") from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is not a PEM private key", NOT_PEM.format("PRIVATE KEY")) from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ConfigurationError(f"the key {path} is neither RSA nor ECDSA", "TLS clients of KMIP servers understand RSA and ECDSA P-256")
    return key


def _begin(name: str, key: PrivateKey, *, days: int) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    start, end = now - CLOCK_SKEW, now + dt.timedelta(days=days)
    builder = x509.CertificateBuilder(subject_name=_name(name), public_key=key.public_key(), serial_number=x509.random_serial_number())
    builder = builder.not_valid_before(min(start, end - CLOCK_SKEW)).not_valid_after(end)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _issue(builder: x509.CertificateBuilder, authority: KeyPair, key: PrivateKey, usage: x509.ObjectIdentifier) -> KeyPair:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return KeyPair(builder.sign(authority.key, hashes.SHA256()), key)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_encipherment=not signs_certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "kmiplab"), x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
