"""Signing and verifying (KMIP 1.4, 4.31, 4.32), data or digested data, all at once or in parts.

The key says what is done with it, the Cryptographic Parameters how:

==============  ==============================================================================================================
RSA             PKCS#1 v1.5, or PSS when the Padding Method or the Digital Signature Algorithm says so
EC              ECDSA, the signature as a DER SEQUENCE of r and s
DSA             as ECDSA
Ed25519, Ed448  as RFC 8032 has it; no hash beforehand, so no digested data
==============  ==============================================================================================================

Parameters that speak of another kind of key (a Padding Method of an EC key, as in OASIS's case CS-AC-M-3-ECC-13) are not looked at. Where
no hash is named it is SHA-256, except that a digest for RSA of which nobody says what it is gets signed as it is, without the DigestInfo
that would name its hash. The mask generation of PSS hashes as the signature does unless told otherwise, a new salt is as long as the hash,
and one to be verified may have any length: that is what the signatures in OASIS's cases ask for. The standard's own default for the mask,
SHA-1, is accepted in verification, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed

from kmip_server.crypto.library_hashes import LIBRARY_HASHES, library_hash
from kmip_server.enums import DigitalSignatureAlgorithm, HashingAlgorithm, PaddingMethod, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicParameters

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PrivateKey, PublicKey

_Signature, _Hash = DigitalSignatureAlgorithm, HashingAlgorithm

RSA_SIGNATURES: dict[DigitalSignatureAlgorithm, HashingAlgorithm] = {
    _Signature.MD5_WITH_RSA_ENCRYPTION: _Hash.MD5,
    _Signature.SHA_1_WITH_RSA_ENCRYPTION: _Hash.SHA_1,
    _Signature.SHA_224_WITH_RSA_ENCRYPTION: _Hash.SHA_224,
    _Signature.SHA_256_WITH_RSA_ENCRYPTION: _Hash.SHA_256,
    _Signature.SHA_384_WITH_RSA_ENCRYPTION: _Hash.SHA_384,
    _Signature.SHA_512_WITH_RSA_ENCRYPTION: _Hash.SHA_512,
    _Signature.SHA3_256_WITH_RSA_ENCRYPTION: _Hash.SHA3_256,
    _Signature.SHA3_384_WITH_RSA_ENCRYPTION: _Hash.SHA3_384,
    _Signature.SHA3_512_WITH_RSA_ENCRYPTION: _Hash.SHA3_512,
}
DSA_SIGNATURES: dict[DigitalSignatureAlgorithm, HashingAlgorithm] = {
    _Signature.DSA_WITH_SHA_1: _Hash.SHA_1,
    _Signature.DSA_WITH_SHA224: _Hash.SHA_224,
    _Signature.DSA_WITH_SHA256: _Hash.SHA_256,
}
ECDSA_SIGNATURES: dict[DigitalSignatureAlgorithm, HashingAlgorithm] = {
    _Signature.ECDSA_WITH_SHA_1: _Hash.SHA_1,
    _Signature.ECDSA_WITH_SHA224: _Hash.SHA_224,
    _Signature.ECDSA_WITH_SHA256: _Hash.SHA_256,
    _Signature.ECDSA_WITH_SHA384: _Hash.SHA_384,
    _Signature.ECDSA_WITH_SHA512: _Hash.SHA_512,
}
_HASH_OF = RSA_SIGNATURES | DSA_SIGNATURES | ECDSA_SIGNATURES
_NO_PARAMETERS = CryptographicParameters()
MOST_UNHASHED = 16 * 1024 * 1024
"""Bytes of a message in parts that are kept for a signature that hashes for itself (Ed25519, Ed448)."""


@dataclass(frozen=True, slots=True)
class Digested:
    """What is signed, hashed already; ``algorithm`` is None where nobody says how."""

    digest: bytes
    algorithm: HashingAlgorithm | None


class MessageInParts:
    """What is to be signed or verified, while it arrives: its hash, or the message itself where the signature does the hashing."""

    def __init__(self, key: PrivateKey | PublicKey, parameters: CryptographicParameters | None) -> None:
        """For a signature by this key, or to be verified by it, with these parameters."""
        self._algorithm = hash_of(parameters or _NO_PARAMETERS)
        self._kept: bytearray | None = bytearray() if _hashes_for_itself(key) else None
        self._hash = hashes.Hash(library_hash(self._algorithm))

    def update(self, data: bytes) -> None:
        """Take more data."""
        if self._kept is None:
            self._hash.update(data)
            return
        if len(self._kept) + len(data) > MOST_UNHASHED:
            raise KmipFailure(ResultReason.SERVER_LIMIT_EXCEEDED, f"this signature needs all data at once, at most {MOST_UNHASHED} bytes")
        self._kept += data

    def whole(self) -> bytes | Digested:
        """The message, or its hash. No data can be taken afterwards."""
        return Digested(self._hash.finalize(), self._algorithm) if self._kept is None else bytes(self._kept)


def hash_of(parameters: CryptographicParameters) -> HashingAlgorithm:
    """The hash that the parameters name, or SHA-256."""
    named = parameters.digital_signature_algorithm
    if named is not None and named in _HASH_OF:
        return _HASH_OF[named]
    if named is not None and named is not _Signature.RSASSA_PSS:
        raise KmipFailure(ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, f"signatures by {named.name} are not made or verified here")
    return parameters.hashing_algorithm or _Hash.SHA_256


def digested(data: bytes, parameters: CryptographicParameters | None) -> Digested:
    """Data that the client has hashed already."""
    said = parameters or _NO_PARAMETERS
    is_named = said.hashing_algorithm is not None or said.digital_signature_algorithm in _HASH_OF
    return Digested(data, hash_of(said) if is_named else None)


def sign(key: PrivateKey, parameters: CryptographicParameters | None, message: bytes | Digested) -> bytes:
    """The signature. Raises `KmipFailure` (Cryptographic Failure, … Cryptographic Parameters)."""
    said = parameters or _NO_PARAMETERS
    try:
        match key:
            case rsa.RSAPrivateKey():
                data, how = _for_rsa(message, said)
                return key.sign(data, _padding(said, salt_length=padding.PSS.DIGEST_LENGTH), how)
            case ec.EllipticCurvePrivateKey():
                digest, prehashed = _for_dsa(message, said, key.curve.group_order.bit_length())
                return key.sign(digest, ec.ECDSA(prehashed))
            case dsa.DSAPrivateKey():
                digest, prehashed = _for_dsa(message, said, key.parameters().parameter_numbers().q.bit_length())
                return key.sign(digest, prehashed)
            case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
                return key.sign(_unhashed(message))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _failure(f"the signature cannot be made: {error}") from error
    raise _cannot("sign")


def verify(key: PublicKey, parameters: CryptographicParameters | None, message: bytes | Digested, signature: bytes) -> bool:
    """Whether it is the signature of that message by that key. Raises `KmipFailure` where that cannot be told."""
    said = parameters or _NO_PARAMETERS
    try:
        match key:
            case rsa.RSAPublicKey():
                return _rsa_holds(key, said, message, signature)
            case ec.EllipticCurvePublicKey():
                digest, prehashed = _for_dsa(message, said, key.curve.group_order.bit_length())
                key.verify(signature, digest, ec.ECDSA(prehashed))
            case dsa.DSAPublicKey():
                digest, prehashed = _for_dsa(message, said, key.parameters().parameter_numbers().q.bit_length())
                key.verify(signature, digest, prehashed)
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
                key.verify(signature, _unhashed(message))
            case _:
                raise _cannot("verify")
    except InvalidSignature:
        return False
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _failure(f"the signature cannot be verified: {error}") from error
    return True


def _rsa_holds(key: rsa.RSAPublicKey, said: CryptographicParameters, message: bytes | Digested, signature: bytes) -> bool:
    data, how = _for_rsa(message, said)
    candidates = [_padding(said, salt_length=padding.PSS.AUTO)]
    if _is_pss(said) and said.mask_generator_hashing_algorithm is None:
        candidates.append(padding.PSS(padding.MGF1(LIBRARY_HASHES[_Hash.SHA_1]), _salt(said, padding.PSS.AUTO)))
    for candidate in candidates:
        try:
            key.verify(signature, data, candidate, how)  # type: ignore[arg-type]  # NoDigestInfo too, its stubs forget it
        except InvalidSignature:
            continue
        return True
    return False


def _for_rsa(message: bytes | Digested, said: CryptographicParameters) -> tuple[bytes, hashes.HashAlgorithm | Prehashed | NoDigestInfo]:
    if not isinstance(message, Digested):
        return message, library_hash(hash_of(said))
    if message.algorithm is None and not _is_pss(said):
        return message.digest, NoDigestInfo()
    return message.digest, Prehashed(library_hash(_Hash.SHA_256 if message.algorithm is None else message.algorithm))


def _is_pss(said: CryptographicParameters) -> bool:
    return said.padding_method is PaddingMethod.PSS or said.digital_signature_algorithm is _Signature.RSASSA_PSS


def _padding(said: CryptographicParameters, *, salt_length: object) -> padding.AsymmetricPadding:
    """The RSA padding; ``salt_length`` where the parameters have none."""
    if _is_pss(said):
        if said.trailer_field not in (None, 1):
            raise KmipFailure(ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, "the one trailer field that PSS has is 1")
        return padding.PSS(padding.MGF1(library_hash(said.mask_generator_hashing_algorithm or hash_of(said))), _salt(said, salt_length))
    if said.padding_method in (None, PaddingMethod.PKCS1_V1_5):
        return padding.PKCS1v15()
    raise KmipFailure(
        ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
        f"RSA signatures are padded by PKCS1 v1.5 or PSS, not by {said.padding_method.name}",
    )


def _salt(said: CryptographicParameters, otherwise: object) -> int:
    return said.salt_length if said.salt_length is not None else otherwise  # type: ignore[return-value]  # a constant of PSS


def _for_dsa(message: bytes | Digested, said: CryptographicParameters, order_bits: int) -> tuple[bytes, Prehashed]:
    """The digest for (EC)DSA, in a length that the library takes.

    Of a digest its leftmost bits count, as many as the group's order has (FIPS 186-5, 6.4.1); a shorter one is a smaller number. So a
    digest of any length is some other number of a hash's length: shifted, so that the library's own shift gives it back.
    """
    if not isinstance(message, Digested):
        chosen = library_hash(hash_of(said))
        context = hashes.Hash(chosen)
        context.update(message)
        return context.finalize(), Prehashed(chosen)
    if message.algorithm is not None:
        return message.digest, Prehashed(library_hash(message.algorithm))
    number = int.from_bytes(message.digest, "big") >> max(0, 8 * len(message.digest) - order_bits)
    for algorithm in (_Hash.SHA_1, _Hash.SHA_224, _Hash.SHA_256, _Hash.SHA_384, _Hash.SHA_512):
        library = library_hash(algorithm)
        room = 8 * library.digest_size
        if room >= order_bits or (algorithm is _Hash.SHA_512 and number.bit_length() <= room):
            return (number << max(0, room - order_bits)).to_bytes(library.digest_size, "big"), Prehashed(library)
    raise _failure(f"a digest of {len(message.digest)} bytes is too long for this key")


def _hashes_for_itself(key: PrivateKey | PublicKey) -> bool:
    return isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def _unhashed(message: bytes | Digested) -> bytes:
    if isinstance(message, Digested):
        raise KmipFailure(ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS, "Ed25519 and Ed448 sign data, not digested data")
    return message


def _failure(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, sentence)


def _cannot(what: str) -> KmipFailure:
    return KmipFailure(ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS, f"keys of this kind agree on secrets, they do not {what}")
