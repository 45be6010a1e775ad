"""Managed objects and what they are made of (KMIP 1.4, 2.1.3-2.1.7 and 2.2; KMIP 2.1, 2 and 3)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from typing import TypeAlias

from kmip_server.enums import (
    BlockCipherMode,
    CertificateRequestType,
    CertificateType,
    CryptographicAlgorithm,
    DigitalSignatureAlgorithm,
    EncodingOption,
    HashingAlgorithm,
    KeyCompressionType,
    KeyFormatType,
    KeyRoleType,
    MaskGenerator,
    PaddingMethod,
    RecommendedCurve,
    SecretDataType,
    SplitKeyMethod,
    Tag,
    WrappingMethod,
)
from kmip_server.messages.attributes_1 import Attribute
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import BigInteger, Encoded, Enumeration, Integer
from kmip_server.versions import V1_1, V1_2, V1_4, V2_0


@structure(Tag.CRYPTOGRAPHIC_PARAMETERS)
class CryptographicParameters:
    """Cryptographic Parameters (3.6)."""

    block_cipher_mode: BlockCipherMode | None = None
    padding_method: PaddingMethod | None = None
    hashing_algorithm: HashingAlgorithm | None = None
    key_role_type: KeyRoleType | None = None
    digital_signature_algorithm: DigitalSignatureAlgorithm | None = field(default=None, since=V1_2)
    cryptographic_algorithm: CryptographicAlgorithm | None = field(default=None, since=V1_2)
    random_iv: bool | None = field(default=None, since=V1_2)
    iv_length: Integer | None = field(default=None, since=V1_2)
    tag_length: Integer | None = field(default=None, since=V1_2)
    fixed_field_length: Integer | None = field(default=None, since=V1_2)
    invocation_field_length: Integer | None = field(default=None, since=V1_2)
    counter_length: Integer | None = field(default=None, since=V1_2)
    initial_counter_value: Integer | None = field(default=None, since=V1_2)
    salt_length: Integer | None = field(default=None, since=V1_4)
    mask_generator: MaskGenerator | None = field(default=None, since=V1_4)
    mask_generator_hashing_algorithm: HashingAlgorithm | None = field(default=None, since=V1_4)
    p_source: bytes | None = field(default=None, since=V1_4)
    trailer_field: Integer | None = field(default=None, since=V1_4)


@structure(Tag.ENCRYPTION_KEY_INFORMATION)
class EncryptionKeyInformation:
    """Encryption Key Information (2.1.5)."""

    unique_identifier: str
    cryptographic_parameters: CryptographicParameters | None = None


@structure(Tag.MAC_SIGNATURE_KEY_INFORMATION)
class MACSignatureKeyInformation:
    """MAC/Signature Key Information (2.1.5)."""

    unique_identifier: str
    cryptographic_parameters: CryptographicParameters | None = None


@structure(Tag.KEY_WRAPPING_DATA)
class KeyWrappingData:
    """Key Wrapping Data (2.1.5): how the Key Value of this Key Block is wrapped."""

    wrapping_method: WrappingMethod
    encryption_key_information: EncryptionKeyInformation | None = None
    mac_signature_key_information: MACSignatureKeyInformation | None = None
    mac_signature: bytes | None = None
    iv_counter_nonce: bytes | None = None
    encoding_option: EncodingOption | None = field(default=None, since=V1_1)


@structure(Tag.KEY_WRAPPING_SPECIFICATION)
class KeyWrappingSpecification:
    """Key Wrapping Specification (2.1.6): how Get shall wrap what it returns."""

    wrapping_method: WrappingMethod
    encryption_key_information: EncryptionKeyInformation | None = None
    mac_signature_key_information: MACSignatureKeyInformation | None = None
    attribute_name: tuple[str, ...] = ()
    encoding_option: EncodingOption | None = field(default=None, since=V1_1)


@structure(Tag.KEY_MATERIAL)
class TransparentSymmetricKey:
    """Key Material of a Transparent Symmetric Key (2.1.7.1)."""

    key: bytes


@structure(Tag.KEY_MATERIAL, kw_only=True)
class TransparentDSAPrivateKey:
    """Key Material of a Transparent DSA Private Key (2.1.7.2)."""

    p: BigInteger
    q: BigInteger
    g: BigInteger
    x: BigInteger


@structure(Tag.KEY_MATERIAL, kw_only=True)
class TransparentDSAPublicKey:
    """Key Material of a Transparent DSA Public Key (2.1.7.3)."""

    p: BigInteger
    q: BigInteger
    g: BigInteger
    y: BigInteger


@structure(Tag.KEY_MATERIAL, kw_only=True)
class TransparentRSAPrivateKey:
    """Key Material of a Transparent RSA Private Key (2.1.7.4)."""

    modulus: BigInteger
    private_exponent: BigInteger | None = None
    public_exponent: BigInteger | None = None
    p: BigInteger | None = None
    q: BigInteger | None = None
    prime_exponent_p: BigInteger | None = None
    prime_exponent_q: BigInteger | None = None
    crt_coefficient: BigInteger | None = None


@structure(Tag.KEY_MATERIAL, kw_only=True)
class TransparentRSAPublicKey:
    """Key Material of a Transparent RSA Public Key (2.1.7.5)."""

    modulus: BigInteger
    public_exponent: BigInteger


@structure(Tag.KEY_MATERIAL, kw_only=True)
class TransparentDHPrivateKey:
    """Key Material of a Transparent DH Private Key (2.1.7.6)."""

    p: BigInteger
    q: BigInteger | None = None
    g: BigInteger
    j: BigInteger | None = None
    x: BigInteger


@structure(Tag.KEY_MATERIAL, kw_only=True)
class TransparentDHPublicKey:
    """Key Material of a Transparent DH Public Key (2.1.7.7)."""

    p: BigInteger
    q: BigInteger | None = None
    g: BigInteger
    j: BigInteger | None = None
    y: BigInteger


@structure(Tag.KEY_MATERIAL)
class TransparentECPrivateKey:
    """Key Material of a Transparent EC, ECDSA, ECDH or ECMQV Private Key, which are defined alike (2.1.7.8-2.1.7.14)."""

    recommended_curve: RecommendedCurve
    d: BigInteger


@structure(Tag.KEY_MATERIAL)
class TransparentECPublicKey:
    """Key Material of a Transparent EC, ECDSA, ECDH or ECMQV Public Key, which are defined alike (2.1.7.9-2.1.7.15)."""

    recommended_curve: RecommendedCurve
    q_string: bytes


TransparentKey: TypeAlias = (
    TransparentSymmetricKey
    | TransparentDSAPrivateKey
    | TransparentDSAPublicKey
    | TransparentRSAPrivateKey
    | TransparentRSAPublicKey
    | TransparentDHPrivateKey
    | TransparentDHPublicKey
    | TransparentECPrivateKey
    | TransparentECPublicKey
)

TRANSPARENT_KEYS: dict[KeyFormatType, type[TransparentKey]] = {
    KeyFormatType.TRANSPARENT_SYMMETRIC_KEY: TransparentSymmetricKey,
    KeyFormatType.TRANSPARENT_DSA_PRIVATE_KEY: TransparentDSAPrivateKey,
    KeyFormatType.TRANSPARENT_DSA_PUBLIC_KEY: TransparentDSAPublicKey,
    KeyFormatType.TRANSPARENT_RSA_PRIVATE_KEY: TransparentRSAPrivateKey,
    KeyFormatType.TRANSPARENT_RSA_PUBLIC_KEY: TransparentRSAPublicKey,
    KeyFormatType.TRANSPARENT_DH_PRIVATE_KEY: TransparentDHPrivateKey,
    KeyFormatType.TRANSPARENT_DH_PUBLIC_KEY: TransparentDHPublicKey,
    KeyFormatType.TRANSPARENT_ECDSA_PRIVATE_KEY: TransparentECPrivateKey,
    KeyFormatType.TRANSPARENT_ECDSA_PUBLIC_KEY: TransparentECPublicKey,
    KeyFormatType.TRANSPARENT_ECDH_PRIVATE_KEY: TransparentECPrivateKey,
    KeyFormatType.TRANSPARENT_ECDH_PUBLIC_KEY: TransparentECPublicKey,
    KeyFormatType.TRANSPARENT_ECMQV_PRIVATE_KEY: TransparentECPrivateKey,
    KeyFormatType.TRANSPARENT_ECMQV_PUBLIC_KEY: TransparentECPublicKey,
    KeyFormatType.TRANSPARENT_EC_PRIVATE_KEY: TransparentECPrivateKey,
    KeyFormatType.TRANSPARENT_EC_PUBLIC_KEY: TransparentECPublicKey,
}
"""What the Key Material of a Key Value is, by the Key Format Type of the Key Block round it (2.1.7)."""


@structure(Tag.KEY_VALUE)
class KeyValue:
    """Key Value (2.1.4) in the clear. Key Material is a Byte String unless the Key Format Type is a transparent one."""

    key_material: bytes | TransparentKey = field(chosen_by="key_format_type")
    attribute: tuple[Attribute, ...] = field(default=(), until=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0)


@structure(Tag.KEY_BLOCK)
class KeyBlock:
    """Key Block (2.1.3). A wrapped Key Value is a Byte String; since 1.2 it may be absent (its location is known)."""

    key_format_type: KeyFormatType
    key_compression_type: KeyCompressionType | None = None
    key_value: KeyValue | bytes | None = field(default=None, required_until=V1_1)
    cryptographic_algorithm: CryptographicAlgorithm | None = None
    cryptographic_length: Integer | None = None
    key_wrapping_data: KeyWrappingData | None = None


@structure(Tag.CERTIFICATE)
class Certificate:
    """Certificate (2.2.1)."""

    certificate_type: CertificateType
    certificate_value: bytes


@structure(Tag.CERTIFICATE_REQUEST)
class CertificateRequest:
    """Certificate Request (2.1, 2.2): a managed object since 2.0; before, the Byte String in a request of Certify."""

    certificate_request_type: CertificateRequestType = field(since=V2_0)
    certificate_request_value: bytes = field(since=V2_0)


@structure(Tag.SYMMETRIC_KEY)
class SymmetricKey:
    """Symmetric Key (2.2.2)."""

    key_block: KeyBlock | Encoded


@structure(Tag.PUBLIC_KEY)
class PublicKey:
    """Public Key (2.2.3)."""

    key_block: KeyBlock | Encoded


@structure(Tag.PRIVATE_KEY)
class PrivateKey:
    """Private Key (2.2.4)."""

    key_block: KeyBlock | Encoded


@structure(Tag.SPLIT_KEY, kw_only=True)
class SplitKey:
    """Split Key (2.2.5)."""

    split_key_parts: Integer
    key_part_identifier: Integer
    split_key_threshold: Integer
    split_key_method: SplitKeyMethod
    prime_field_size: BigInteger | None = None
    key_block: KeyBlock | Encoded


@structure(Tag.TEMPLATE)
class Template:
    """Template (2.2.6), deprecated since 1.3 and gone in 2.0."""

    attribute: tuple[Attribute, ...]


@structure(Tag.SECRET_DATA)
class SecretData:
    """Secret Data (2.2.7)."""

    secret_data_type: SecretDataType
    key_block: KeyBlock | Encoded


@structure(Tag.OPAQUE_OBJECT)
class OpaqueObject:
    """Opaque Object (2.2.8)."""

    opaque_data_type: Enumeration
    opaque_data_value: bytes


@structure(Tag.PGP_KEY)
class PGPKey:
    """PGP Key (2.2.9), since 1.2."""

    pgp_key_version: Integer
    key_block: KeyBlock | Encoded


ManagedObject: TypeAlias = (
    Certificate | SymmetricKey | PublicKey | PrivateKey | SplitKey | Template | SecretData | OpaqueObject | PGPKey | CertificateRequest
)
"""What Register carries and Get returns; on the wire the tag tells which."""
