"""Cryptographic Algorithm (KMIP 2.1, 11.12) → the cipher of the library, keyed.

The library moves ciphers that have grown weak to its module `decrepit`, each in a release of its own: they are looked up there first.
MARS, RC5, Skipjack, Twofish, ARIA and the GOST ciphers are in the standard's table and not in the library: they are refused.
"""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers import algorithms as weak
from cryptography.hazmat.primitives.ciphers import algorithms as strong

from kmip_server.crypto.refusals import bad, unsupported
from kmip_server.enums import CryptographicAlgorithm as Algorithm

BLOCK_CIPHERS: dict[Algorithm, str] = {
    Algorithm.DES: "TripleDES",
    Algorithm.TRIPLE_DES: "TripleDES",
    Algorithm.AES: "AES",
    Algorithm.BLOWFISH: "Blowfish",
    Algorithm.CAMELLIA: "Camellia",
    Algorithm.CAST5: "CAST5",
    Algorithm.IDEA: "IDEA",
    Algorithm.RC2: "RC2",
    Algorithm.SEED: "SEED",
    Algorithm.SM4: "SM4",
}
"""The block ciphers, by the name of the library's class. DES is 3DES with three times the same key."""


def block_cipher(algorithm: Algorithm, key: bytes) -> Any:
    """The library's block cipher with this key; its ``block_size`` is in bits. Raises `KmipFailure` when there is none for it."""
    if algorithm not in BLOCK_CIPHERS:
        raise unsupported(f"{algorithm.name} is not a block cipher that this server has")
    return keyed(BLOCK_CIPHERS[algorithm], _three_keys(key) if BLOCK_CIPHERS[algorithm] == "TripleDES" else key)


def keyed(name: str, *arguments: bytes) -> Any:
    """A cipher of the library, by the name of its class, with its key (and nonce)."""
    cipher = getattr(weak, name, None) or getattr(strong, name)
    try:
        return cipher(*arguments)
    except ValueError as error:
        raise bad(f"the key does not suit the algorithm {name}: it is {len(arguments[0]) * 8} bits long") from error
    except UnsupportedAlgorithm as error:
        raise unsupported(f"the algorithm {name} is not available here") from error


def _three_keys(key: bytes) -> bytes:
    """A single DES key three times, two keys as K1 K2 K1: keying options 3 and 2 (NIST SP 800-67)."""
    return {8: key * 3, 16: key + key[:8]}.get(len(key), key)
