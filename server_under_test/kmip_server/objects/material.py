"""Key material apart from what surrounds it.

At rest, only the material is wrapped; the rest of the object (Key Format Type, algorithm, Secret Data Type, ...) is the *skeleton*, kept
beside the attributes, so that a Get puts two parts together and decodes nothing. Where the Key Material is a structure (Transparent
Symmetric Key), the whole encoded object is the material and there is no skeleton.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.codec import decode, encode
from kmip_server.enums import HashingAlgorithm, ObjectType
from kmip_server.messages import Digest, KeyBlock, KeyValue, OpaqueObject, SecretData, SymmetricKey
from kmip_server.versions import V1_4

if TYPE_CHECKING:
    from kmip_server.objects.managed import Holding

AT_REST = V1_4
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
        return replace(holding, opaque_data_value=b""), holding.opaque_data_value
    block = key_block_of(holding)
    if block.key_value is None:
        return holding, None
    if isinstance(block.key_value, bytes):
        return _with_value(holding, b""), block.key_value
    if isinstance(block.key_value.key_material, bytes):
        return _with_value(holding, replace(block.key_value, key_material=b"")), block.key_value.key_material
    return None, encode(holding, AT_REST)


def _with_value(holding: SymmetricKey | SecretData, value: KeyValue | bytes) -> Holding:
    return replace(holding, key_block=replace(key_block_of(holding), key_value=value))


def put_together(object_type: ObjectType, skeleton: Holding | None, material: bytes) -> Holding:
    """The object as it was registered. Hot: a Get of a raw key makes three small values here and nothing else."""
    if skeleton is None:
        return decode(HOLDINGS[object_type], material, AT_REST)
    if isinstance(skeleton, OpaqueObject):
        return replace(skeleton, opaque_data_value=material)
    old = key_block_of(skeleton)
    value = KeyValue(key_material=material, attribute=old.key_value.attribute) if isinstance(old.key_value, KeyValue) else material
    block = KeyBlock(
        key_format_type=old.key_format_type,
        key_compression_type=old.key_compression_type,
        key_value=value,
        cryptographic_algorithm=old.cryptographic_algorithm,
        cryptographic_length=old.cryptographic_length,
        key_wrapping_data=old.key_wrapping_data,
    )
    if isinstance(skeleton, SymmetricKey):
        return SymmetricKey(key_block=block)
    return SecretData(secret_data_type=skeleton.secret_data_type, key_block=block)


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
