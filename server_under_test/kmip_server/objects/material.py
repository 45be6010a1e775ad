"""Key material apart from what surrounds it.

At rest, only the material is wrapped; the rest of the object (Key Format Type, algorithm, Secret Data Type, ...) is the *skeleton*, kept
beside the attributes, so that a Get puts two parts together and decodes nothing. Where the Key Material is a structure (a transparent
key), the whole encoded object is the material and there is no skeleton. A Template has no material: it is all skeleton.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kmip_server.codec import decode, encode
from kmip_server.enums import HashingAlgorithm, ObjectType
from kmip_server.messages import (
    Certificate,
    CertificateRequest,
    Digest,
    KeyBlock,
    KeyValue,
    OpaqueObject,
    PGPKey,
    PrivateKey,
    PublicKey,
    SecretData,
    SplitKey,
    SymmetricKey,
    Template,
)
from kmip_server.versions import EVERY_VERSION

if TYPE_CHECKING:
    from kmip_server.enums import KeyFormatType
    from kmip_server.messages import TransparentKey
    from kmip_server.objects.managed import Holding
    from kmip_server.versions import KmipVersion

AT_REST = EVERY_VERSION
"""The version that objects and attributes are encoded under in the store."""

HOLDINGS: dict[ObjectType, type[Holding]] = {
    ObjectType.CERTIFICATE: Certificate,
    ObjectType.SYMMETRIC_KEY: SymmetricKey,
    ObjectType.PUBLIC_KEY: PublicKey,
    ObjectType.PRIVATE_KEY: PrivateKey,
    ObjectType.SPLIT_KEY: SplitKey,
    ObjectType.TEMPLATE: Template,
    ObjectType.SECRET_DATA: SecretData,
    ObjectType.OPAQUE_OBJECT: OpaqueObject,
    ObjectType.PGP_KEY: PGPKey,
    ObjectType.CERTIFICATE_REQUEST: CertificateRequest,
}
"""Which structure holds an object of each type (KMIP 1.4, 2.2; KMIP 2.1, 2)."""

InKeyBlock: TypeAlias = SymmetricKey | PublicKey | PrivateKey | SplitKey | SecretData | PGPKey
"""Objects whose material is in a Key Block."""
IN_KEY_BLOCK = (SymmetricKey, PublicKey, PrivateKey, SplitKey, SecretData, PGPKey)


def key_block_of(holding: Holding) -> KeyBlock:
    """The Key Block as a structure, which it always is in what the codec decodes. Raises TypeError for objects that have none."""
    block = getattr(holding, "key_block", None)
    if not isinstance(block, KeyBlock):
        raise TypeError("an encoded Key Block can be sent, not read" if block is not None else "the object has no Key Block")
    return block


def with_key_block(holding: Holding, block: KeyBlock) -> Holding:
    """The same object around another Key Block. Raises TypeError for objects that have none."""
    if not isinstance(holding, IN_KEY_BLOCK):
        raise TypeError("the object has no Key Block")
    return SymmetricKey(block) if isinstance(holding, SymmetricKey) else replace(holding, key_block=block)


def value_of(holding: OpaqueObject | Certificate | CertificateRequest) -> bytes:
    """The bytes that an object without Key Block is."""
    match holding:
        case OpaqueObject():
            return holding.opaque_data_value
        case Certificate():
            return holding.certificate_value
        case CertificateRequest():
            return holding.certificate_request_value


def _with_bytes(holding: OpaqueObject | Certificate | CertificateRequest, value: bytes) -> Holding:
    match holding:
        case OpaqueObject():
            return OpaqueObject(holding.opaque_data_type, value)
        case Certificate():
            return Certificate(holding.certificate_type, value)
        case CertificateRequest():
            return CertificateRequest(holding.certificate_request_type, value)


def taken_apart(holding: Holding) -> tuple[Holding | None, bytes | None]:
    """The skeleton and the material. No material (None): a Key Block without Key Value (2.1.3), and Templates."""
    if isinstance(holding, OpaqueObject | Certificate | CertificateRequest):
        return _with_bytes(holding, b""), value_of(holding)
    if isinstance(holding, Template):
        return holding, None
    value = key_block_of(holding).key_value
    if value is None:
        return holding, None
    if isinstance(value, bytes):
        return _with_value(holding, b""), value
    if isinstance(value.key_material, bytes):
        return _with_value(holding, KeyValue(b"", value.attribute, value.attributes)), value.key_material
    return None, encode(holding, AT_REST)


def _with_value(holding: InKeyBlock, value: KeyValue | bytes) -> Holding:
    old = key_block_of(holding)
    block = KeyBlock(
        old.key_format_type, old.key_compression_type, value, old.cryptographic_algorithm, old.cryptographic_length, old.key_wrapping_data
    )
    return with_key_block(holding, block)


def put_together(object_type: ObjectType, skeleton: Holding | None, material: bytes) -> Holding:
    """The object as it was registered."""
    if skeleton is None:
        return decode(HOLDINGS[object_type], material, AT_REST)
    if isinstance(skeleton, OpaqueObject | Certificate | CertificateRequest):
        return _with_bytes(skeleton, material)
    if isinstance(skeleton, Template):
        return skeleton
    value = key_block_of(skeleton).key_value
    return _with_value(skeleton, KeyValue(material, value.attribute, value.attributes) if isinstance(value, KeyValue) else material)


def frame_of(object_type: ObjectType, skeleton: Holding, length: int, version: KmipVersion) -> tuple[bytes, bytes] | None:
    """What comes before and after so many bytes of material in the encoded object: a Get splices them and encodes nothing.

    None when there is no material to splice, or when this version encodes the object otherwise than byte for byte, or not at all.
    """
    low, high = (encode(put_together(object_type, skeleton, filler * length), version) for filler in (b"\x00", b"\xff"))
    if low == high or len(low) != len(high):
        return None
    start = next(at for at, (one, other) in enumerate(zip(low, high, strict=True)) if one != other)
    end = start + length
    return (low[:start], low[end:]) if low[end:] == high[end:] else None


def digest_of(holding: Holding) -> Digest | None:
    """The mandatory SHA-256 Digest (3.17), over the Key Material, or over its encoding where it is a structure. None: no access to it.

    A wrapped key's material is hidden from the server, so it has no Digest. Templates have nothing to digest.
    """
    if isinstance(holding, OpaqueObject | Certificate | CertificateRequest):
        return Digest(hashing_algorithm=HashingAlgorithm.SHA_256, digest_value=hashlib.sha256(value_of(holding)).digest())
    if isinstance(holding, Template):
        return None
    block = key_block_of(holding)
    if not isinstance(block.key_value, KeyValue) or block.key_wrapping_data is not None:
        return None
    return digest_of_material(block.key_value.key_material, block.key_format_type)


def digest_of_material(material: bytes | TransparentKey, form: KeyFormatType) -> Digest:
    """The SHA-256 Digest of Key Material in a format."""
    data = material if isinstance(material, bytes) else encode(material, AT_REST)
    return Digest(hashing_algorithm=HashingAlgorithm.SHA_256, digest_value=hashlib.sha256(data).digest(), key_format_type=form)
