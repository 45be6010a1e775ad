"""Throw-away certificates: an authority that lives as long as its folder, and what it issues, for proxies, checks of TLS, and tests.

Keys are P-256, for they are made in a millisecond. Nothing here is meant to protect anything.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kmip_conformance.client.target import Identity

if TYPE_CHECKING:
    from pathlib import Path

VALID = dt.timedelta(days=30)
LEEWAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A certificate authority whose files, and those of what it issues, stand in `folder`."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path

    @classmethod
    def make(cls, folder: Path, name: str = "throw-away CA") -> Authority:
        """A new authority; its certificate is written to ``ca.pem``, or to a file named after it when there is one already."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = _certificate(name, name, key, VALID).add_extension(constraints, critical=True).add_extension(usage, critical=True)
        certificate = builder.sign(key, hashes.SHA256())
        file = folder / "ca.pem"
        if file.exists():
            file = folder / f"{name.replace(' ', '-')}.pem"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return cls(folder, certificate, key, file)

    def server(self, *hosts: str, name: str = "server") -> Identity:
        """A server's certificate for host names and addresses."""
        return self._issue(name, ExtendedKeyUsageOID.SERVER_AUTH, VALID, hosts or ("localhost", "127.0.0.1", "::1"))

    def client(self, name: str = "client", *, valid: dt.timedelta = VALID) -> Identity:
        """A client's certificate; a negative `valid` makes one that has run out."""
        return self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH, valid, ())

    def _issue(self, name: str, usage: x509.ObjectIdentifier, valid: dt.timedelta, hosts: tuple[str, ...]) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        builder = _certificate(name, str(issuer), key, valid)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        return _written(self.folder, name, builder.sign(self.key, hashes.SHA256()), key)


def self_signed(folder: Path, name: str = "kmipClient", *, usage: bool = False) -> Identity:
    """A client's certificate that nobody issued, as vCenter makes one; without Extended Key Usage unless `usage` asks for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _certificate(name, name, key, VALID)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    folder.mkdir(parents=True, exist_ok=True)
    return _written(folder, name, builder.sign(key, hashes.SHA256()), key)


def _certificate(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, valid: dt.timedelta) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LEEWAY - max(-valid, dt.timedelta()))
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _written(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    return Identity(cert_file, key_file)
