"""Generating asymmetric key pairs: what kind, from Cryptographic Algorithm, Length and Domain Parameters (KMIP 1.4, 4.2, 3.4, 3.5, 3.7).

Slow for long keys (seconds for RSA-4096, as for new DSA parameters): callers run `generate` in a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from kmip_server.crypto.diffie_hellman import RFC_7919_CONSTANTS, generate_in_group
from kmip_server.crypto.key_kinds import CURVE_OF_LENGTH, EC_ALGORITHMS, EDWARDS, MONTGOMERY, curve_of
from kmip_server.enums import CryptographicAlgorithm, ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PrivateKey
    from kmip_server.enums import RecommendedCurve

RSA_LENGTHS = range(1024, 4097, 8)
DSA_LENGTHS = frozenset({1024, 2048, 3072})
USUAL_LENGTHS = {CryptographicAlgorithm.RSA: 2048, CryptographicAlgorithm.DSA: 2048, CryptographicAlgorithm.DH: 2048}
"""The lengths where a request leaves it to the server; of an elliptic curve key it is 256 bits, on P-256."""


def generate(algorithm: CryptographicAlgorithm, length: int | None = None, curve: RecommendedCurve | None = None) -> PrivateKey:
    """A new private key, which holds its public one. Raises `KmipFailure` (Invalid Field, Cryptographic Failure)."""
    try:
        return _generated(algorithm, length, curve)
    except (ValueError, UnsupportedAlgorithm, AttributeError) as error:
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, f"no {algorithm.name} key can be generated here: {error}") from error


def _generated(algorithm: CryptographicAlgorithm, length: int | None, curve: RecommendedCurve | None) -> PrivateKey:
    if algorithm in EC_ALGORITHMS:
        return _on_curve(algorithm, length, curve)
    if algorithm in EDWARDS:
        return EDWARDS[algorithm].generate()
    if algorithm not in USUAL_LENGTHS:
        raise _invalid(f"{algorithm.name} is not an algorithm that key pairs are made for here")
    bits = length or USUAL_LENGTHS[algorithm]
    if algorithm is CryptographicAlgorithm.RSA:
        if bits not in RSA_LENGTHS:
            raise _invalid(f"RSA keys of {bits} bits are not made here: {RSA_LENGTHS[0]} to {RSA_LENGTHS[-1]}, in whole bytes")
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    if algorithm is CryptographicAlgorithm.DSA:
        if bits not in DSA_LENGTHS:
            raise _invalid(f"DSA keys of {bits} bits are not made here: 1024, 2048 or 3072")
        return dsa.generate_private_key(key_size=bits)
    return _in_group(bits)


def _on_curve(algorithm: CryptographicAlgorithm, length: int | None, curve: RecommendedCurve | None) -> PrivateKey:
    if curve is None:
        chosen = CURVE_OF_LENGTH.get(length or 256)
        if chosen is None:
            raise _invalid(f"there is no curve of {length} bits that is meant by the length alone; name a Recommended Curve")
        curve = chosen
    if curve in MONTGOMERY:
        if algorithm is CryptographicAlgorithm.ECDSA:
            raise _invalid(f"keys on {curve.name} agree on secrets and do not sign; for signatures ask for ED25519 or ED448")
        return MONTGOMERY[curve].generate()
    named = curve_of(curve)
    if length is not None and length != named.key_size:
        raise _invalid(f"{curve.name} has {named.key_size} bits, the Cryptographic Length says {length}")
    return ec.generate_private_key(named)


def _in_group(bits: int) -> PrivateKey:
    if bits not in RFC_7919_CONSTANTS:
        raise _invalid(f"DH keys of {bits} bits are not made here: 2048, 3072 or 4096")
    return generate_in_group(bits)


def _invalid(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence)
