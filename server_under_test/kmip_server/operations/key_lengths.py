"""Which lengths the keys of each symmetric algorithm have, in bits, and how many bytes of material that is.

KMIP 1.4, 2.1.3 counts "112 to 192 bits (depending upon key length and the presence of parity bits)" for 3DES: the OASIS test cases
write 112 and 168 and get 16 and 24 bytes of material, so both ways of counting are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicAlgorithm as Algorithm

if TYPE_CHECKING:
    from collections.abc import Container

_HMAC = range(8, 8193, 8)

LENGTHS: dict[Algorithm, tuple[int, Container[int]]] = {
    Algorithm.DES: (56, (56, 64)),
    Algorithm.TRIPLE_DES: (168, (112, 128, 168, 192)),
    Algorithm.AES: (256, (128, 192, 256)),
    Algorithm.HMAC_SHA1: (160, _HMAC),
    Algorithm.HMAC_SHA224: (224, _HMAC),
    Algorithm.HMAC_SHA256: (256, _HMAC),
    Algorithm.HMAC_SHA384: (384, _HMAC),
    Algorithm.HMAC_SHA512: (512, _HMAC),
    Algorithm.HMAC_MD5: (128, _HMAC),
    Algorithm.BLOWFISH: (128, range(32, 449, 8)),
    Algorithm.CAMELLIA: (256, (128, 192, 256)),
    Algorithm.CAST5: (128, range(40, 129, 8)),
    Algorithm.IDEA: (128, (128,)),
    Algorithm.MARS: (256, range(128, 449, 32)),
    Algorithm.RC2: (128, range(8, 1025, 8)),
    Algorithm.RC4: (128, range(40, 2049, 8)),
    Algorithm.RC5: (128, range(8, 2041, 8)),
    Algorithm.SKIPJACK: (80, (80,)),
    Algorithm.TWOFISH: (256, (128, 192, 256)),
    Algorithm.CHACHA20: (256, (256,)),
    Algorithm.POLY1305: (256, (256,)),
    Algorithm.CHACHA20POLY1305: (256, (256,)),
    Algorithm.HMAC_SHA3_224: (224, _HMAC),
    Algorithm.HMAC_SHA3_256: (256, _HMAC),
    Algorithm.HMAC_SHA3_384: (384, _HMAC),
    Algorithm.HMAC_SHA3_512: (512, _HMAC),
}
"""Algorithm → (the length when none is asked for, the lengths there are), in bits."""

_WITH_PARITY = {56: 8, 64: 8, 112: 16, 128: 16, 168: 24, 192: 24}
_PARITY_ALGORITHMS = frozenset({Algorithm.DES, Algorithm.TRIPLE_DES})


def material_length(algorithm: Algorithm, bits: int) -> int:
    """The bytes of key material of a key of so many bits."""
    return _WITH_PARITY.get(bits, bits // 8) if algorithm in _PARITY_ALGORITHMS else bits // 8


def key_from(algorithm: Algorithm, random: bytes) -> bytes:
    """A key of random bytes; DES and 3DES keys get the odd parity that their standards ask for."""
    if algorithm not in _PARITY_ALGORITHMS:
        return random
    return bytes((byte & 0xFE) | (1 - (byte >> 1).bit_count() % 2) for byte in random)
