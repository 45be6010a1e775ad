"""Structures that are values of attributes (KMIP 1.4, section 3); the simple ones need no class."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import (
    AlternativeNameType,
    CryptographicAlgorithm,
    DRBGAlgorithm,
    FIPS186Variation,
    HashingAlgorithm,
    KeyFormatType,
    KeyValueLocationType,
    LinkType,
    RecommendedCurve,
    RevocationReasonCode,
    RNGAlgorithm,
    RotateNameType,
    Tag,
    UsageLimitsUnit,
)
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import Integer, LongInteger, ObjectIdentifier
from kmip_server.versions import V1_1


@structure(Tag.CRYPTOGRAPHIC_DOMAIN_PARAMETERS)
class CryptographicDomainParameters:
    """Cryptographic Domain Parameters (3.7)."""

    qlength: Integer | None = None
    recommended_curve: RecommendedCurve | None = None


@structure(Tag.X_509_CERTIFICATE_IDENTIFIER)
class X509CertificateIdentifier:
    """X.509 Certificate Identifier (3.10)."""

    issuer_distinguished_name: bytes
    certificate_serial_number: bytes


@structure(Tag.X_509_CERTIFICATE_SUBJECT)
class X509CertificateSubject:
    """X.509 Certificate Subject (3.11)."""

    subject_distinguished_name: bytes
    subject_alternative_name: tuple[bytes, ...] = ()


@structure(Tag.X_509_CERTIFICATE_ISSUER)
class X509CertificateIssuer:
    """X.509 Certificate Issuer (3.12)."""

    issuer_distinguished_name: bytes
    issuer_alternative_name: tuple[bytes, ...] = ()


@structure(Tag.CERTIFICATE_IDENTIFIER)
class CertificateIdentifier:
    """Certificate Identifier (3.13), deprecated since 1.1. A PGP certificate has no serial number."""

    issuer: str
    serial_number: str | None = None


@structure(Tag.CERTIFICATE_SUBJECT)
class CertificateSubject:
    """Certificate Subject (3.14), deprecated since 1.1."""

    certificate_subject_distinguished_name: str
    certificate_subject_alternative_name: tuple[str, ...] = ()


@structure(Tag.CERTIFICATE_ISSUER)
class CertificateIssuer:
    """Certificate Issuer (3.15), deprecated since 1.1."""

    certificate_issuer_distinguished_name: str
    certificate_issuer_alternative_name: tuple[str, ...] = ()


@structure(Tag.DIGEST)
class Digest:
    """Digest (3.17)."""

    hashing_algorithm: HashingAlgorithm
    digest_value: bytes | None = None
    key_format_type: KeyFormatType | None = field(default=None, since=V1_1)


@structure(Tag.USAGE_LIMITS, kw_only=True)
class UsageLimits:
    """Usage Limits (3.21). A client that sets it gives Total and/or Unit only, so no field is refused for being absent."""

    usage_limits_total: LongInteger | None = None
    usage_limits_count: LongInteger | None = None
    usage_limits_unit: UsageLimitsUnit | None = None


@structure(Tag.REVOCATION_REASON)
class RevocationReason:
    """Revocation Reason (3.31)."""

    revocation_reason_code: RevocationReasonCode
    revocation_message: str | None = None


@structure(Tag.LINK)
class Link:
    """Link (3.35)."""

    link_type: LinkType
    linked_object_identifier: ObjectIdentifier


@structure(Tag.APPLICATION_SPECIFIC_INFORMATION)
class ApplicationSpecificInformation:
    """Application Specific Information (3.36). Where Application Data is absent the server fills it in, or refuses."""

    application_namespace: str
    application_data: str | None = None


@structure(Tag.ALTERNATIVE_NAME)
class AlternativeName:
    """Alternative Name (3.40)."""

    alternative_name_value: str
    alternative_name_type: AlternativeNameType


@structure(Tag.KEY_VALUE_LOCATION)
class KeyValueLocation:
    """Key Value Location (3.42)."""

    key_value_location_value: str
    key_value_location_type: KeyValueLocationType


@structure(Tag.RNG_PARAMETERS)
class RNGParameters:
    """RNG Parameters (2.1.18): the value of Random Number Generator (3.44), and what Query says of the server's own."""

    rng_algorithm: RNGAlgorithm
    cryptographic_algorithm: CryptographicAlgorithm | None = None
    cryptographic_length: Integer | None = None
    hashing_algorithm: HashingAlgorithm | None = None
    drbg_algorithm: DRBGAlgorithm | None = None
    recommended_curve: RecommendedCurve | None = None
    fips186_variation: FIPS186Variation | None = None
    prediction_resistance: bool | None = None


@structure(Tag.ROTATE_NAME)
class RotateName:
    """Rotate Name (2.1, 4.53)."""

    rotate_name_value: str
    rotate_name_type: RotateNameType


@structure(Tag.NONCE)
class Nonce:
    """Nonce (2.1.14), since 1.2."""

    nonce_id: bytes
    nonce_value: bytes
