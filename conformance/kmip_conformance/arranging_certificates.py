"""Certificates and certificate requests that the suite makes itself, to register them and to have them certified."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kmip_conformance import requests
from kmip_conformance.arranging_keys import provided, rsa_key
from kmip_conformance.tables import V1_1, CryptographicAlgorithm, CryptographicUsageMask, ObjectType

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from kmip_conformance.judge.conversation import Conversation
    from kmip_conformance.wire import Item

SUBJECT = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "kmiplab"), x509.NameAttribute(NameOID.COMMON_NAME, "a subject")])
ISSUER = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "kmiplab"), x509.NameAttribute(NameOID.COMMON_NAME, "an issuer")])
SERIAL_NUMBER = 0x1234567890
_DAY = dt.timedelta(days=1)


@cache
def a_certificate() -> bytes:
    """A certificate, DER, for the suite's RSA key; made once a process. Its issuer is nobody's."""
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(SUBJECT)
        .issuer_name(ISSUER)
        .serial_number(SERIAL_NUMBER)
        .public_key(rsa_key().public_key())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
    )
    return builder.sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.DER)


def a_certificate_request(key: rsa.RSAPrivateKey) -> bytes:
    """A PKCS#10 request, DER, for a key."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(SUBJECT)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def register_certificate(kmip: Conversation, der: bytes, *attributes: Item) -> Item:
    """Register of a certificate, with the attributes that are required of it (KMIP 1.4, table 171)."""
    described = [
        *([requests.attribute("Certificate Length", len(der))] if kmip.version >= V1_1 else []),
        *requests.of_key(CryptographicAlgorithm.RSA, 2048, CryptographicUsageMask.VERIFY),
    ]
    return requests.register(ObjectType.CERTIFICATE, requests.certificate(der), *described, *attributes)


def has_certificate(kmip: Conversation, *attributes: Item) -> str:
    """Register `a_certificate`; its Unique Identifier."""
    return provided(kmip.ask(register_certificate(kmip, a_certificate(), *attributes)), "certificates").uid
