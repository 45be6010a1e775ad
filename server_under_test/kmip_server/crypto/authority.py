"""The authority that certifies (KMIP 1.4, 4.7, 4.8): what it takes from a request, what it puts into a certificate.

Each client has an authority of its own, so that what it certifies says nothing to anybody else. From a certificate request come the
subject, the alternative names and the extended key usage; basic constraints are the authority's to say (never a CA), as are validity,
serial number and the key identifiers. The request must be signed by the key that it is about.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates, serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from kmip_server.crypto.certificates import is_signed_by, public_key_in
from kmip_server.crypto.diffie_hellman import quietly
from kmip_server.enums import CertificateRequestType, CryptographicUsageMask, ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PublicKey

USUAL_DAYS = 365
AUTHORITY_DAYS = 3650
_PEM = b"-----BEGIN "
_COPIED = (x509.SubjectAlternativeName, x509.ExtendedKeyUsage)
_Mask = CryptographicUsageMask


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate and the key that signs by it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def to_bytes(self) -> bytes:
        """Both, in one piece (PKCS#12, not encrypted): to be wrapped before it is written anywhere."""
        return serialize_key_and_certificates(None, self.key, self.certificate, None, NoEncryption())

    @classmethod
    def from_bytes(cls, data: bytes) -> Authority:
        """Read `to_bytes` back."""
        key, certificate, _ = load_key_and_certificates(data, None)
        if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
            raise ValueError("this is no authority")
        return cls(certificate, key)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a certificate shall be for, where the request does not say: its subject, its usage, and its validity in seconds since 1970."""

    subject: str
    usage: CryptographicUsageMask
    not_before: int | None
    not_after: int | None


def new_authority(name: str, now: int) -> Authority:
    """A self-signed authority (RSA-2048). Slow: call it in a thread."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "kmiplab"), _common_name(name)])
    start = _time(now) - dt.timedelta(hours=1)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(start + dt.timedelta(days=AUTHORITY_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(_Mask.CERTIFICATE_SIGN | _Mask.CRL_SIGN), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return Authority(builder.sign(key, hashes.SHA256()), key)


def read_request(form: CertificateRequestType, data: bytes) -> x509.CertificateSigningRequest:
    """A certificate request, signed by the key that it is about. Raises `KmipFailure` (Invalid CSR, which 1.x calls Invalid Field)."""
    if form not in (CertificateRequestType.PKCS_10, CertificateRequestType.PEM):
        raise KmipFailure(ResultReason.INVALID_CSR, f"certificate requests of the type {form.name} are not supported: PKCS#10 and PEM are")
    try:
        with quietly():
            is_pem = form is CertificateRequestType.PEM or data.startswith(_PEM)
            request = x509.load_pem_x509_csr(data) if is_pem else x509.load_der_x509_csr(data)
        if is_signed_by(public_key_in(request), request):
            return request
    except ValueError as error:
        raise KmipFailure(ResultReason.INVALID_CSR, f"the certificate request is no {form.name} that can be read") from error
    raise KmipFailure(ResultReason.INVALID_CSR, "the certificate request is not signed by the key that it is about")


def certify(
    authority: Authority, key: PublicKey, source: x509.CertificateSigningRequest | x509.Certificate | None, wish: Wish, now: int
) -> bytes:
    """A new certificate in DER; ``source``: the request, or the certificate that is renewed.

    Raises `KmipFailure` for keys that cannot be certified, or a validity that is none.
    """
    start, end = _validity(authority, wish, now)
    subject = source.subject if source is not None else x509.Name([_common_name(wish.subject)])
    try:
        builder = x509.CertificateBuilder(authority.certificate.subject, subject, key, x509.random_serial_number())  # type: ignore[arg-type]
        builder = builder.not_valid_before(start).not_valid_after(end)
        for extension in source.extensions if source is not None else ():
            if isinstance(extension.value, _COPIED):
                builder = builder.add_extension(extension.value, critical=extension.critical)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if wish.usage & _KEY_USAGES:
            builder = builder.add_extension(_key_usage(wish.usage), critical=True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)  # type: ignore[arg-type]
        signed = builder.add_extension(issuer, critical=False).sign(authority.key, hashes.SHA256())
    except (ValueError, TypeError) as error:
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, f"the key cannot be certified so: {error}") from error
    return signed.public_bytes(Encoding.DER)


def _validity(authority: Authority, wish: Wish, now: int) -> tuple[dt.datetime, dt.datetime]:
    """From Activation Date to Deactivation Date, where they are given; never longer than the authority itself is valid."""
    start = _time(now if wish.not_before is None else wish.not_before)
    end = start + dt.timedelta(days=USUAL_DAYS) if wish.not_after is None else _time(wish.not_after)
    end = min(end, authority.certificate.not_valid_after_utc)
    if end <= start:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the certificate would end before it begins to be valid")
    return start, end


_KEY_USAGES = (
    _Mask.SIGN
    | _Mask.VERIFY
    | _Mask.WRAP_KEY
    | _Mask.UNWRAP_KEY
    | _Mask.ENCRYPT
    | _Mask.DECRYPT
    | _Mask.KEY_AGREEMENT
    | _Mask.CONTENT_COMMITMENT
)


def _key_usage(mask: CryptographicUsageMask) -> x509.KeyUsage:
    """Cryptographic Usage Mask → the Key Usage extension, by the table of KMIP 1.4, 3.19."""
    return x509.KeyUsage(
        digital_signature=bool(mask & (_Mask.SIGN | _Mask.VERIFY)),
        content_commitment=bool(mask & _Mask.CONTENT_COMMITMENT),
        key_encipherment=bool(mask & (_Mask.WRAP_KEY | _Mask.UNWRAP_KEY)),
        data_encipherment=bool(mask & (_Mask.ENCRYPT | _Mask.DECRYPT)),
        key_agreement=bool(mask & _Mask.KEY_AGREEMENT),
        key_cert_sign=bool(mask & _Mask.CERTIFICATE_SIGN),
        crl_sign=bool(mask & _Mask.CRL_SIGN),
        encipher_only=False,
        decipher_only=False,
    )


def _common_name(text: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(NameOID.COMMON_NAME, text[:64] or "unnamed")


def _time(seconds: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise KmipFailure(ResultReason.INVALID_FIELD, "a certificate cannot be valid at that time") from error
