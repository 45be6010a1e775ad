"""An object in another Key Format Type or Key Compression Type than the one it has (KMIP 1.4, 4.11): what Get and Export are asked for.

==============  ========================================================================================
Symmetric Key   Raw ⇄ Transparent Symmetric Key
Private Key     PKCS#1, PKCS#8, ECPrivateKey, Raw, the transparent ones: any to any that the kind of key has
Public Key      PKCS#1, X.509, Raw, the transparent ones, likewise; on a curve compressed as asked
==============  ========================================================================================

Nothing else is converted, and a wrapped key is only given as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.crypto.key_formats import read_private, read_public, write_private, write_public
from kmip_server.enums import KeyCompressionType, KeyFormatType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import KeyValue, PrivateKey, PublicKey, SymmetricKey, TransparentSymmetricKey
from kmip_server.objects.key_access import hints_of
from kmip_server.objects.material import IN_KEY_BLOCK, key_block_of, with_key_block
from kmip_server.objects.reflected import FORMATS

if TYPE_CHECKING:
    from kmip_server.messages import KeyBlock, TransparentKey
    from kmip_server.objects.managed import Holding, ManagedObject


def converted(holding: Holding, item: ManagedObject, form: KeyFormatType | None, compression: KeyCompressionType | None) -> Holding:
    """The object in this format and compression; None leaves it as it is. Raises `KmipFailure` (… Not Supported)."""
    if not isinstance(holding, IN_KEY_BLOCK):
        if form is not None and form is not FORMATS.get(item.object_type):
            raise _no_format(f"an object of the type {item.object_type.name} has no Key Format Type {form.name}")
        return holding if compression is None else _refuse_compression()
    block = key_block_of(holding)
    if compression is not None and not isinstance(holding, PublicKey):
        _refuse_compression()
    if compression is None and form in (None, block.key_format_type):
        return holding
    wanted = block.key_format_type if form is None else form
    return with_key_block(holding, _block(holding, block, item, wanted, compression))


def _block(
    holding: Holding, block: KeyBlock, item: ManagedObject, wanted: KeyFormatType, compression: KeyCompressionType | None
) -> KeyBlock:
    value = block.key_value
    if not isinstance(value, KeyValue) or block.key_wrapping_data is not None:
        raise _no_format("a key that is wrapped, or that is not here, is given only as it was registered")
    material = _material(holding, value.key_material, block.key_format_type, item, wanted, compression)
    return replace(block, key_format_type=wanted, key_compression_type=compression, key_value=replace(value, key_material=material))


def _material(
    holding: Holding,
    material: bytes | TransparentKey,
    form: KeyFormatType,
    item: ManagedObject,
    wanted: KeyFormatType,
    compression: KeyCompressionType | None,
) -> bytes | TransparentKey:
    match holding:
        case PrivateKey():
            return write_private(read_private(form, material, hints_of(item)), wanted)
        case PublicKey():
            return write_public(read_public(form, material, hints_of(item)), wanted, compression)
        case SymmetricKey() if wanted is KeyFormatType.RAW and isinstance(material, TransparentSymmetricKey):
            return material.key
        case SymmetricKey() if wanted is KeyFormatType.TRANSPARENT_SYMMETRIC_KEY and form is KeyFormatType.RAW:
            if isinstance(material, bytes):
                return TransparentSymmetricKey(key=material)
    raise _no_format(f"the object is {form.name}, and cannot be given as {wanted.name}")


def _refuse_compression() -> Holding:
    raise KmipFailure(ResultReason.KEY_COMPRESSION_TYPE_NOT_SUPPORTED, "only elliptic curve public keys can be compressed")


def _no_format(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED, sentence)
