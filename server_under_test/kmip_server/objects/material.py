"""Key material apart from what surrounds it.

At rest, only the material is wrapped; the rest of the object (Key Format Type, algorithm, Secret Data Type, ...) is the *skeleton*, kept
beside the attributes, so that a Get puts two parts together and decodes nothing. Where the Key Material is a structure (Transparent
Symmetric Key), the whole encoded object is the material and there is no skeleton.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kmip_server.codec import decode, encode
from kmip_server.enums import HashingAlgorithm, ObjectType
from kmip_server.messages import Digest, KeyBlock, KeyValue, OpaqueObject, SecretData, SymmetricKey
from kmip_server.versions import EVERY_VERSION

if TYPE_CHECKING:
    from kmip_server.objects.managed import Holding
    from kmip_server.versions import KmipVersion

AT_REST = EVERY_VERSION
"""The version that objects and attributes are encoded under in the store."""

HOLDINGS: dict[ObjectType, type[Holding]] = {
    ObjectType.SYMMETRIC_KEY: SymmetricKey,
    ObjectType.SECRET_DATA: SecretData,
    ObjectType.OPAQUE_OBJECT: OpaqueObject,
}
"""Which structure holds an object of each type (KMIP 1.4, 2.2)."""


def key_block_of(holding: SymmetricKey | SecretData) -> KeyBlock:
    """The Key Block as a structure, which it always is in what the codec decodes."""
    if not isinstance(holding.key_block, KeyBlock):
        raise TypeError("an encoded Key Block can be sent, not read")
    return holding.key_block


def taken_apart(holding: Holding) -> tuple[Holding | None, bytes | None]:
    """The skeleton and the material. No material (None): a Key Block without Key Value (2.1.3)."""
    if isinstance(holding, OpaqueObject):
        return OpaqueObject(holding.opaque_data_type, b""), holding.opaque_data_value
    value = key_block_of(holding).key_value
    if value is None:
        return holding, None
    if isinstance(value, bytes):
        return _with_value(holding, b""), value
    if isinstance(value.key_material, bytes):
        return _with_value(holding, KeyValue(b"", value.attribute)), value.key_material
    return None, encode(holding, AT_REST)


def _with_value(holding: SymmetricKey | SecretData, value: KeyValue | bytes) -> Holding:
    old = key_block_of(holding)
    block = KeyBlock(
        old.key_format_type, old.key_compression_type, value, old.cryptographic_algorithm, old.cryptographic_length, old.key_wrapping_data
    )
    return SymmetricKey(block) if isinstance(holding, SymmetricKey) else SecretData(holding.secret_data_type, block)


def put_together(object_type: ObjectType, skeleton: Holding | None, material: bytes) -> Holding:
    """The object as it was registered."""
    if skeleton is None:
        return decode(HOLDINGS[object_type], material, AT_REST)
    if isinstance(skeleton, OpaqueObject):
        return OpaqueObject(skeleton.opaque_data_type, material)
    value = key_block_of(skeleton).key_value
    return _with_value(skeleton, KeyValue(material, value.attribute) if isinstance(value, KeyValue) else material)


def frame_of(object_type: ObjectType, skeleton: Holding, length: int, version: KmipVersion) -> tuple[bytes, bytes] | None:
    """What comes before and after so many bytes of material in the encoded object: a Get splices them and encodes nothing.

    None when there is no material to splice, or when this version encodes the object otherwise than byte for byte.
    """
    low, high = (encode(put_together(object_type, skeleton, filler * length), version) for filler in (b"\x00", b"\xff"))
    if length == 0 or len(low) != len(high):
        return None
    start = next(at for at, (one, other) in enumerate(zip(low, high, strict=True)) if one != other)
    end = start + length
    return (low[:start], low[end:]) if low[end:] == high[end:] else None


def digest_of(holding: Holding) -> Digest | None:
    """The mandatory SHA-256 Digest (3.17), over the Key Material, or over its encoding where it is a structure. None: no access to it.

    A wrapped key's material is hidden from the server, so it has no Digest.
    """
    if isinstance(holding, OpaqueObject):
        return Digest(hashing_algorithm=HashingAlgorithm.SHA_256, digest_value=hashlib.sha256(holding.opaque_data_value).digest())
    block = key_block_of(holding)
    if not isinstance(block.key_value, KeyValue) or block.key_wrapping_data is not None:
        return None
    material = block.key_value.key_material
    data = material if isinstance(material, bytes) else encode(material, AT_REST)
    return Digest(
        hashing_algorithm=HashingAlgorithm.SHA_256, digest_value=hashlib.sha256(data).digest(), key_format_type=block.key_format_type
    )
