"""Hashing Algorithm (KMIP 2.1, 11.21) → the hash itself.

MD2, MD4, Tiger and Whirlpool are in the standard's table and in no library that can be trusted: they are refused.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from kmip_server.crypto.refusals import bad, unsupported
from kmip_server.enums import CryptographicAlgorithm, HashingAlgorithm

if TYPE_CHECKING:
    from kmip_server.messages import CryptographicParameters

HASHES: dict[HashingAlgorithm, str] = {
    HashingAlgorithm.MD5: "md5",
    HashingAlgorithm.SHA_1: "sha1",
    HashingAlgorithm.SHA_224: "sha224",
    HashingAlgorithm.SHA_256: "sha256",
    HashingAlgorithm.SHA_384: "sha384",
    HashingAlgorithm.SHA_512: "sha512",
    HashingAlgorithm.RIPEMD_160: "ripemd160",
    HashingAlgorithm.SHA_512_224: "sha512_224",
    HashingAlgorithm.SHA_512_256: "sha512_256",
    HashingAlgorithm.SHA3_224: "sha3_224",
    HashingAlgorithm.SHA3_256: "sha3_256",
    HashingAlgorithm.SHA3_384: "sha3_384",
    HashingAlgorithm.SHA3_512: "sha3_512",
}
"""Each hash under the standard library's name for it."""

HMAC_HASHES: dict[CryptographicAlgorithm, HashingAlgorithm] = {
    CryptographicAlgorithm.HMAC_MD5: HashingAlgorithm.MD5,
    CryptographicAlgorithm.HMAC_SHA1: HashingAlgorithm.SHA_1,
    CryptographicAlgorithm.HMAC_SHA224: HashingAlgorithm.SHA_224,
    CryptographicAlgorithm.HMAC_SHA256: HashingAlgorithm.SHA_256,
    CryptographicAlgorithm.HMAC_SHA384: HashingAlgorithm.SHA_384,
    CryptographicAlgorithm.HMAC_SHA512: HashingAlgorithm.SHA_512,
    CryptographicAlgorithm.HMAC_SHA3_224: HashingAlgorithm.SHA3_224,
    CryptographicAlgorithm.HMAC_SHA3_256: HashingAlgorithm.SHA3_256,
    CryptographicAlgorithm.HMAC_SHA3_384: HashingAlgorithm.SHA3_384,
    CryptographicAlgorithm.HMAC_SHA3_512: HashingAlgorithm.SHA3_512,
}
"""The hash inside each HMAC of the Cryptographic Algorithm table."""


class Hash(Protocol):
    """A hash that takes its data in parts."""

    def update(self, data: bytes, /) -> None:
        """Take more data."""
        ...

    def digest(self) -> bytes:
        """The hash of everything so far."""
        ...


def library_name(algorithm: HashingAlgorithm) -> str:
    """The library's name of a hash. Raises `KmipFailure` for those that no library has."""
    name = HASHES.get(algorithm)
    if name is None or name not in hashlib.algorithms_available:
        raise unsupported(f"the Hashing Algorithm {algorithm.name} is not available here")
    return name


def hashing(parameters: CryptographicParameters) -> Hash:
    """The hash that Hash is to compute (KMIP 2.1, 6.1.24)."""
    if parameters.hashing_algorithm is None:
        raise bad("the Cryptographic Parameters name no Hashing Algorithm")
    return hashlib.new(library_name(parameters.hashing_algorithm), usedforsecurity=False)


def digest(algorithm: HashingAlgorithm, data: bytes) -> bytes:
    """The hash of some data, all at once."""
    return hashlib.new(library_name(algorithm), data, usedforsecurity=False).digest()
