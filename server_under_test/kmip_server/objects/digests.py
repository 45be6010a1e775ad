"""The Digests of a new object (KMIP 1.4, 3.17; 2.1, 4.21, 4.26): over the object as it is, and since 2.0 in its default format too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.crypto.key_formats import Hints, read_private, read_public, write_private, write_public
from kmip_server.crypto.key_kinds import EC_ALGORITHMS
from kmip_server.enums import CryptographicAlgorithm, KeyFormatType
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    CryptographicDomainParameters,
    KeyValue,
    PrivateKey,
    PublicKey,
    SymmetricKey,
    TransparentSymmetricKey,
)
from kmip_server.objects.material import digest_of, digest_of_material, key_block_of
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.messages import Digest
    from kmip_server.objects.managed import AttributeValue, Holding
    from kmip_server.versions import KmipVersion

_Format = KeyFormatType

DEFAULT_FORMATS: dict[tuple[type, CryptographicAlgorithm], KeyFormatType] = {
    (PrivateKey, CryptographicAlgorithm.RSA): _Format.PKCS_1,
    (PublicKey, CryptographicAlgorithm.RSA): _Format.PKCS_1,
    (PrivateKey, CryptographicAlgorithm.DSA): _Format.TRANSPARENT_DSA_PRIVATE_KEY,
    (PublicKey, CryptographicAlgorithm.DSA): _Format.TRANSPARENT_DSA_PUBLIC_KEY,
    **{(PrivateKey, one): _Format.TRANSPARENT_EC_PRIVATE_KEY for one in EC_ALGORITHMS},
    **{(PublicKey, one): _Format.TRANSPARENT_EC_PUBLIC_KEY for one in EC_ALGORITHMS},
}
"""Table 81 of 2.1, 4.26, where it is not Raw."""


def digests_of(holding: Holding, said: Callable[[str], AttributeValue | None], version: KmipVersion) -> tuple[Digest, ...]:
    """The Digests, the one of the object as it is first. ``said`` gives the value of an attribute of the new object."""
    first = digest_of(holding)
    if first is None:
        return ()
    if version < V2_0 or not isinstance(holding, SymmetricKey | PrivateKey | PublicKey):
        return (first,)
    second = _in_default_format(holding, said)
    return (first,) if second is None else (first, second)


def _in_default_format(holding: SymmetricKey | PrivateKey | PublicKey, said: Callable[[str], AttributeValue | None]) -> Digest | None:
    """None where the object is in that format already, or is no key that can be read: it is kept all the same."""
    block = key_block_of(holding)
    if not isinstance(block.key_value, KeyValue):
        return None
    material = block.key_value.key_material
    if isinstance(holding, SymmetricKey):
        return digest_of_material(material.key, _Format.RAW) if isinstance(material, TransparentSymmetricKey) else None
    algorithm = said("Cryptographic Algorithm")
    if not isinstance(algorithm, CryptographicAlgorithm):
        return None
    wanted = DEFAULT_FORMATS.get((type(holding), algorithm))
    if wanted is None or wanted is block.key_format_type:
        return None
    domain = said("Cryptographic Domain Parameters")
    hints = Hints(algorithm, domain.recommended_curve if isinstance(domain, CryptographicDomainParameters) else None)
    try:
        if isinstance(holding, PrivateKey):
            return digest_of_material(write_private(read_private(block.key_format_type, material, hints), wanted), wanted)
        return digest_of_material(write_public(read_public(block.key_format_type, material, hints), wanted), wanted)
    except KmipFailure:
        return None
