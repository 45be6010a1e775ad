"""Managed objects to register (KMIP 1.4, 2.1.3 and 2.2)."""

from __future__ import annotations

from kmip_conformance.tables import CertificateType, CryptographicAlgorithm, KeyFormatType, SecretDataType, SplitKeyMethod, Tag
from kmip_conformance.wire import Item, enumeration, integer, octets, structure

OPAQUE_DATA_TYPE = 0x80000001
"""An Opaque Data Type: the enumeration has vendors' values only (KMIP 1.4, 9.1.3.2.10)."""


def key_block(
    material: bytes | Item,
    *,
    format_type: int = KeyFormatType.RAW,
    algorithm: int | None = CryptographicAlgorithm.AES,
    length: int | None = None,
    compression: int | None = None,
) -> Item:
    """A Key Block in the clear. `length` is in bits; for AES in raw bytes it is counted when it is not given."""
    if length is None and algorithm is not None and isinstance(material, bytes):
        length = len(material) * 8
    return structure(
        Tag.KEY_BLOCK,
        enumeration(Tag.KEY_FORMAT_TYPE, format_type),
        None if compression is None else enumeration(Tag.KEY_COMPRESSION_TYPE, compression),
        structure(Tag.KEY_VALUE, material if isinstance(material, Item) else octets(Tag.KEY_MATERIAL, material)),
        None if algorithm is None else enumeration(Tag.CRYPTOGRAPHIC_ALGORITHM, algorithm),
        None if length is None else integer(Tag.CRYPTOGRAPHIC_LENGTH, length),
    )


def symmetric_key(material: bytes, *, algorithm: int = CryptographicAlgorithm.AES, length: int | None = None) -> Item:
    """A Symmetric Key of raw bytes."""
    return structure(Tag.SYMMETRIC_KEY, key_block(material, algorithm=algorithm, length=length))


def secret_data(secret: bytes, *, secret_type: int = SecretDataType.PASSWORD) -> Item:
    """Secret Data, format Opaque; it has neither algorithm nor length (KMIP 1.4, 2.1.3)."""
    return structure(
        Tag.SECRET_DATA,
        enumeration(Tag.SECRET_DATA_TYPE, secret_type),
        key_block(secret, format_type=KeyFormatType.OPAQUE, algorithm=None),
    )


def opaque_object(data: bytes, *, data_type: int = OPAQUE_DATA_TYPE) -> Item:
    """An Opaque Object."""
    return structure(Tag.OPAQUE_OBJECT, enumeration(Tag.OPAQUE_DATA_TYPE, data_type), octets(Tag.OPAQUE_DATA_VALUE, data))


def private_key(
    material: bytes | Item, *, format_type: int = KeyFormatType.PKCS_8, algorithm: int = CryptographicAlgorithm.RSA, length: int = 2048
) -> Item:
    """A Private Key."""
    return structure(Tag.PRIVATE_KEY, key_block(material, format_type=format_type, algorithm=algorithm, length=length))


def public_key(
    material: bytes | Item, *, format_type: int = KeyFormatType.X_509, algorithm: int = CryptographicAlgorithm.RSA, length: int = 2048
) -> Item:
    """A Public Key."""
    return structure(Tag.PUBLIC_KEY, key_block(material, format_type=format_type, algorithm=algorithm, length=length))


def certificate(der: bytes, *, certificate_type: int = CertificateType.X_509) -> Item:
    """A Certificate."""
    return structure(Tag.CERTIFICATE, enumeration(Tag.CERTIFICATE_TYPE, certificate_type), octets(Tag.CERTIFICATE_VALUE, der))


def split_key(
    material: bytes, *, parts: int = 2, identifier: int = 1, threshold: int = 2, method: int = SplitKeyMethod.XOR, length: int | None = None
) -> Item:
    """One part of a Split Key: number `identifier` (from 1) of `parts`, of which `threshold` are needed."""
    return structure(
        Tag.SPLIT_KEY,
        integer(Tag.SPLIT_KEY_PARTS, parts),
        integer(Tag.KEY_PART_IDENTIFIER, identifier),
        integer(Tag.SPLIT_KEY_THRESHOLD, threshold),
        enumeration(Tag.SPLIT_KEY_METHOD, method),
        key_block(material, length=length),
    )


def pgp_key(data: bytes, *, version: int = 4) -> Item:
    """A PGP Key, binary (since 1.2)."""
    return structure(Tag.PGP_KEY, integer(Tag.PGP_KEY_VERSION, version), key_block(data, format_type=KeyFormatType.RAW, algorithm=None))
