"""Encryption with RSA public keys, decryption with private ones (KMIP 1.4, 4.29, 4.30): OAEP and PKCS#1 v1.5.

Where the parameters have no Padding Method it is OAEP, with SHA-1 for its hash and its mask (3.6 gives that default for the mask). RSA
without padding is refused: the library has none, and for good reasons. Whether a padding was well-formed stays unsaid: every failure of
decryption has one and the same sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kmip_server.crypto.library_hashes import library_hash
from kmip_server.enums import HashingAlgorithm, PaddingMethod, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicParameters

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PrivateKey, PublicKey

_NO_PARAMETERS = CryptographicParameters()


def rsa_encrypt(key: PublicKey, parameters: CryptographicParameters | None, data: bytes) -> bytes:
    """The ciphertext. Raises `KmipFailure` (Cryptographic Failure, … Cryptographic Parameters)."""
    if not isinstance(key, rsa.RSAPublicKey):
        raise _not_rsa()
    chosen = _padding(parameters or _NO_PARAMETERS)
    try:
        return key.encrypt(data, chosen)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _failure(f"the data cannot be encrypted with this key: {error}") from error


def rsa_decrypt(key: PrivateKey, parameters: CryptographicParameters | None, data: bytes) -> bytes:
    """The plaintext. Raises `KmipFailure` (Cryptographic Failure, … Cryptographic Parameters)."""
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _not_rsa()
    chosen = _padding(parameters or _NO_PARAMETERS)
    try:
        return key.decrypt(data, chosen)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _failure("the data cannot be decrypted with this key and these parameters") from error


def _padding(said: CryptographicParameters) -> padding.AsymmetricPadding:
    if said.padding_method is PaddingMethod.PKCS1_V1_5:
        return padding.PKCS1v15()
    if said.padding_method not in (None, PaddingMethod.OAEP):
        raise _unsupported(f"RSA encryption is padded by OAEP or PKCS1 v1.5, not by {said.padding_method.name}")
    mask = library_hash(said.mask_generator_hashing_algorithm or HashingAlgorithm.SHA_1)
    return padding.OAEP(padding.MGF1(mask), library_hash(said.hashing_algorithm or HashingAlgorithm.SHA_1), said.p_source or None)


def _unsupported(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, sentence)


def _failure(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, sentence)


def _not_rsa() -> KmipFailure:
    return KmipFailure(ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS, "of asymmetric keys only RSA ones encrypt and decrypt")
