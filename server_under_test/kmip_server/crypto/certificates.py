"""What an X.509 certificate says, as the attributes of KMIP 1.0, of 1.1 and of 2.0 have it (KMIP 1.4, 3.8-3.16; KMIP 2.1, 4.6-4.8).

Names and serial numbers as bytes are cut out of the certificate as they are (DER, header included), so that they can be compared with what
others cut out. As text, names are written as RFC 4514 does, and serial numbers in hexadecimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from kmip_server.crypto.der import elements, inside
from kmip_server.crypto.diffie_hellman import quietly
from kmip_server.crypto.key_kinds import algorithm_of, length_of
from kmip_server.enums import CryptographicAlgorithm, DigitalSignatureAlgorithm
from kmip_server.messages import (
    CertificateIdentifier,
    CertificateIssuer,
    CertificateSubject,
    X509CertificateIdentifier,
    X509CertificateIssuer,
    X509CertificateSubject,
)

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PublicKey

_Signature, _Oid = DigitalSignatureAlgorithm, SignatureAlgorithmOID

SIGNATURE_ALGORITHMS: dict[x509.ObjectIdentifier, DigitalSignatureAlgorithm] = {
    _Oid.RSA_WITH_MD5: _Signature.MD5_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA1: _Signature.SHA_1_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA224: _Signature.SHA_224_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA256: _Signature.SHA_256_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA384: _Signature.SHA_384_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA512: _Signature.SHA_512_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA3_256: _Signature.SHA3_256_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA3_384: _Signature.SHA3_384_WITH_RSA_ENCRYPTION,
    _Oid.RSA_WITH_SHA3_512: _Signature.SHA3_512_WITH_RSA_ENCRYPTION,
    _Oid.RSASSA_PSS: _Signature.RSASSA_PSS,
    _Oid.DSA_WITH_SHA1: _Signature.DSA_WITH_SHA_1,
    _Oid.DSA_WITH_SHA224: _Signature.DSA_WITH_SHA224,
    _Oid.DSA_WITH_SHA256: _Signature.DSA_WITH_SHA256,
    _Oid.ECDSA_WITH_SHA1: _Signature.ECDSA_WITH_SHA_1,
    _Oid.ECDSA_WITH_SHA224: _Signature.ECDSA_WITH_SHA224,
    _Oid.ECDSA_WITH_SHA256: _Signature.ECDSA_WITH_SHA256,
    _Oid.ECDSA_WITH_SHA384: _Signature.ECDSA_WITH_SHA384,
    _Oid.ECDSA_WITH_SHA512: _Signature.ECDSA_WITH_SHA512,
}
"""Others (Ed25519) have no name in the standard's table, and a certificate signed so has no such attribute."""

NAME_FIELDS: dict[x509.ObjectIdentifier, str] = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.EMAIL_ADDRESS: "Email",
    NameOID.COUNTRY_NAME: "C",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.LOCALITY_NAME: "L",
    NameOID.USER_ID: "UID",
    NameOID.SERIAL_NUMBER: "Serial Number",
    NameOID.TITLE: "Title",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.DN_QUALIFIER: "DN Qualifier",
}
"""Parts of a distinguished name → the last words of the attribute "Certificate Subject …" or "Certificate Issuer …" (2.1, 4.6)."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """The parts of a certificate that are taken as they are encoded: the serial number, the names, the alternative names."""

    serial: bytes
    issuer: bytes
    subject: bytes
    issuer_alternatives: tuple[bytes, ...]
    subject_alternatives: tuple[bytes, ...]


def read_certificate(data: bytes) -> x509.Certificate:
    """One certificate in DER, all of the data. Raises ValueError."""
    with quietly():
        certificate = x509.load_der_x509_certificate(data)
    if len(list(elements(data))) != 1:
        raise ValueError("something follows the certificate")
    return certificate


def certificate_attributes(certificate: x509.Certificate, data: bytes) -> dict[str, tuple[object, ...]]:
    """The attributes that a certificate gives itself, by name, each with its values; ``data`` is its encoding."""
    cut = _cut(certificate, data)
    issuer_text, subject_text = certificate.issuer.rfc4514_string(), certificate.subject.rfc4514_string()
    attributes: dict[str, tuple[object, ...]] = {
        "Certificate Length": (len(data),),
        "X.509 Certificate Identifier": (X509CertificateIdentifier(cut.issuer, cut.serial),),
        "X.509 Certificate Subject": (X509CertificateSubject(cut.subject, cut.subject_alternatives),),
        "X.509 Certificate Issuer": (X509CertificateIssuer(cut.issuer, cut.issuer_alternatives),),
        "Certificate Identifier": (CertificateIdentifier(issuer_text, _hexadecimal(certificate.serial_number)),),
        "Certificate Subject": (CertificateSubject(subject_text, _texts(certificate, x509.SubjectAlternativeName)),),
        "Certificate Issuer": (CertificateIssuer(issuer_text, _texts(certificate, x509.IssuerAlternativeName)),),
    }
    algorithm = SIGNATURE_ALGORITHMS.get(certificate.signature_algorithm_oid)
    if algorithm is not None:
        attributes["Digital Signature Algorithm"] = (algorithm,)
    attributes |= attributes_of_key(certificate)
    return attributes | _parts_of_name("Subject", certificate.subject) | _parts_of_name("Issuer", certificate.issuer)


def public_key_in(certificate: x509.Certificate | x509.CertificateSigningRequest) -> PublicKey:
    """The certified key. Raises ValueError for kinds of keys that the library does not have."""
    with quietly():
        try:
            return certificate.public_key()  # type: ignore[return-value]  # every kind that there is is one of ours
        except UnsupportedAlgorithm as error:
            raise ValueError("the certified key is of a kind that is not supported") from error


def is_signed_by(key: PublicKey, signed: x509.Certificate | x509.CertificateSigningRequest) -> bool:
    """Whether this key signed that certificate or request. Old hashes are good enough to say so; whether to trust them is not."""
    data = signed.tbs_certificate_bytes if isinstance(signed, x509.Certificate) else signed.tbs_certrequest_bytes
    try:
        hashing, parameters = signed.signature_hash_algorithm, signed.signature_algorithm_parameters
        match key:
            case rsa.RSAPublicKey():
                key.verify(signed.signature, data, parameters, hashing)  # type: ignore[arg-type]  # RSA's parameters are a padding
            case ec.EllipticCurvePublicKey():
                key.verify(signed.signature, data, parameters)  # type: ignore[arg-type]  # those of an EC key are ECDSA
            case dsa.DSAPublicKey() if hashing is not None:
                key.verify(signed.signature, data, hashing)
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
                key.verify(signed.signature, data)
            case _:
                return False
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _cut(certificate: x509.Certificate, data: bytes) -> _Cut:
    """RFC 5280, 4.1: version (tagged, may be absent), serial number, signature, issuer, validity, subject, and so on."""
    fields = inside(inside(data)[0].encoding)
    serial, _, issuer, _, subject = fields[1:6] if fields[0].tag == 0xA0 else fields[0:5]
    return _Cut(
        serial.encoding,
        issuer.encoding,
        subject.encoding,
        _alternatives(certificate, x509.IssuerAlternativeName),
        _alternatives(certificate, x509.SubjectAlternativeName),
    )


AlternativeNames = type[x509.SubjectAlternativeName] | type[x509.IssuerAlternativeName]


def _extension(certificate: x509.Certificate, kind: AlternativeNames) -> x509.SubjectAlternativeName | x509.IssuerAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None


def _alternatives(certificate: x509.Certificate, kind: AlternativeNames) -> tuple[bytes, ...]:
    extension = _extension(certificate, kind)
    return () if extension is None else tuple(name.encoding for name in inside(extension.public_bytes()))


def _texts(certificate: x509.Certificate, kind: AlternativeNames) -> tuple[str, ...]:
    extension = _extension(certificate, kind)
    if extension is None:
        return ()
    return tuple(name.value.rfc4514_string() if isinstance(name.value, x509.Name) else str(name.value) for name in extension)


def attributes_of_key(certificate: x509.Certificate | x509.CertificateSigningRequest) -> dict[str, tuple[object, ...]]:
    """The algorithm and the length of the certified key. On a curve it is ECDSA, which every version has a word for."""
    try:
        key = public_key_in(certificate)
    except ValueError:
        return {}
    algorithm = algorithm_of(key)
    if algorithm is CryptographicAlgorithm.EC:
        algorithm = CryptographicAlgorithm.ECDSA
    return {"Cryptographic Algorithm": (algorithm,), "Cryptographic Length": (length_of(key),)}


def _parts_of_name(party: str, name: x509.Name) -> dict[str, tuple[object, ...]]:
    parts: dict[str, tuple[object, ...]] = {}
    for part in name:
        if part.oid in NAME_FIELDS:
            attribute = f"Certificate {party} {NAME_FIELDS[part.oid]}"
            parts[attribute] = (*parts.get(attribute, ()), str(part.value))
    return parts


def _hexadecimal(number: int) -> str:
    digits = f"{number:X}"
    return digits.zfill(len(digits) + len(digits) % 2)
