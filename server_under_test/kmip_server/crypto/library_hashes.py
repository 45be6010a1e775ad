"""Hashing Algorithm (KMIP 1.4, 9.1.3.2.16) → the hash inside signatures, paddings and certificates: the `cryptography` package's own."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes

from kmip_server.enums import HashingAlgorithm, ResultReason
from kmip_server.errors import KmipFailure

LIBRARY_HASHES: dict[HashingAlgorithm, hashes.HashAlgorithm] = {
    HashingAlgorithm.MD5: hashes.MD5(),  # noqa: S303 - old signatures are verified too
    HashingAlgorithm.SHA_1: hashes.SHA1(),  # noqa: S303 - as above; and OAEP's default
    HashingAlgorithm.SHA_224: hashes.SHA224(),
    HashingAlgorithm.SHA_256: hashes.SHA256(),
    HashingAlgorithm.SHA_384: hashes.SHA384(),
    HashingAlgorithm.SHA_512: hashes.SHA512(),
    HashingAlgorithm.SHA_512_224: hashes.SHA512_224(),
    HashingAlgorithm.SHA_512_256: hashes.SHA512_256(),
    HashingAlgorithm.SHA3_224: hashes.SHA3_224(),
    HashingAlgorithm.SHA3_256: hashes.SHA3_256(),
    HashingAlgorithm.SHA3_384: hashes.SHA3_384(),
    HashingAlgorithm.SHA3_512: hashes.SHA3_512(),
}


def library_hash(algorithm: HashingAlgorithm) -> hashes.HashAlgorithm:
    """The hash. Raises `KmipFailure` for those that the library does not have."""
    found = LIBRARY_HASHES.get(algorithm)
    if found is None:
        raise KmipFailure(
            ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
            f"the Hashing Algorithm {algorithm.name} is not available for asymmetric keys",
        )
    return found
