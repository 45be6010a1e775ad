"""Kinds of asymmetric keys: the classes of the `cryptography` package, what KMIP calls them, and the curves of Recommended Curve.

The library decides which curves there are: of the Recommended Curves of KMIP 1.4, 9.1.3.2.5 those over prime fields that are still in
use, and the two Edwards/Montgomery curves of 2.0. Others are refused when such a key is generated or used; stored they may be.
"""

from __future__ import annotations

from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519

from kmip_server.crypto.diffie_hellman import DHPrivateKey, DHPublicKey
from kmip_server.enums import CryptographicAlgorithm, RecommendedCurve, ResultReason
from kmip_server.errors import KmipFailure

PrivateKey: TypeAlias = (
    rsa.RSAPrivateKey
    | dsa.DSAPrivateKey
    | DHPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | x25519.X25519PrivateKey
    | x448.X448PrivateKey
)
PublicKey: TypeAlias = (
    rsa.RSAPublicKey
    | dsa.DSAPublicKey
    | DHPublicKey
    | ec.EllipticCurvePublicKey
    | ed25519.Ed25519PublicKey
    | ed448.Ed448PublicKey
    | x25519.X25519PublicKey
    | x448.X448PublicKey
)
EdwardsPrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
EdwardsPublicKey: TypeAlias = ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
MontgomeryPrivateKey: TypeAlias = x25519.X25519PrivateKey | x448.X448PrivateKey
MontgomeryPublicKey: TypeAlias = x25519.X25519PublicKey | x448.X448PublicKey

_Algorithm = CryptographicAlgorithm
EC_ALGORITHMS = frozenset({_Algorithm.EC, _Algorithm.ECDSA, _Algorithm.ECDH, _Algorithm.ECMQV})
"""What KMIP calls a key on an elliptic curve; EC is the name since 1.2, the others say what it is for (9.1.3.2.13)."""
EDWARDS_ALGORITHMS = frozenset({_Algorithm.ED25519, _Algorithm.ED448})
ASYMMETRIC_ALGORITHMS = EC_ALGORITHMS | EDWARDS_ALGORITHMS | {_Algorithm.RSA, _Algorithm.DSA, _Algorithm.DH}

_CURVE_NAMES = {
    RecommendedCurve.P_192: "SECP192R1",
    RecommendedCurve.P_224: "SECP224R1",
    RecommendedCurve.P_256: "SECP256R1",
    RecommendedCurve.P_384: "SECP384R1",
    RecommendedCurve.P_521: "SECP521R1",
    RecommendedCurve.SECP256K1: "SECP256K1",
    RecommendedCurve.BRAINPOOLP256R1: "BrainpoolP256R1",
    RecommendedCurve.BRAINPOOLP384R1: "BrainpoolP384R1",
    RecommendedCurve.BRAINPOOLP512R1: "BrainpoolP512R1",
}
CURVES: dict[RecommendedCurve, ec.EllipticCurve] = {
    recommended: getattr(ec, name)() for recommended, name in _CURVE_NAMES.items() if hasattr(ec, name)
}
"""The Recommended Curves that the library has; the two of 2.0 are no `ec.EllipticCurve`, see `MONTGOMERY` and `EDWARDS`."""
_RECOMMENDED = {curve.name: recommended for recommended, curve in CURVES.items()}

EDWARDS: dict[CryptographicAlgorithm, type[EdwardsPrivateKey]] = {
    _Algorithm.ED25519: ed25519.Ed25519PrivateKey,
    _Algorithm.ED448: ed448.Ed448PrivateKey,
}
MONTGOMERY: dict[RecommendedCurve, type[MontgomeryPrivateKey]] = {
    RecommendedCurve.CURVE25519: x25519.X25519PrivateKey,
    RecommendedCurve.CURVE448: x448.X448PrivateKey,
}

CURVE_OF_LENGTH = {
    192: RecommendedCurve.P_192,
    224: RecommendedCurve.P_224,
    256: RecommendedCurve.P_256,
    384: RecommendedCurve.P_384,
    521: RecommendedCurve.P_521,
}
"""The curve where only a Cryptographic Length is given: the NIST curve of that length."""

_KINDS: tuple[tuple[type, CryptographicAlgorithm], ...] = (
    (rsa.RSAPrivateKey, _Algorithm.RSA),
    (rsa.RSAPublicKey, _Algorithm.RSA),
    (dsa.DSAPrivateKey, _Algorithm.DSA),
    (dsa.DSAPublicKey, _Algorithm.DSA),
    (DHPrivateKey, _Algorithm.DH),
    (DHPublicKey, _Algorithm.DH),
    (ec.EllipticCurvePrivateKey, _Algorithm.EC),
    (ec.EllipticCurvePublicKey, _Algorithm.EC),
    (ed25519.Ed25519PrivateKey, _Algorithm.ED25519),
    (ed25519.Ed25519PublicKey, _Algorithm.ED25519),
    (ed448.Ed448PrivateKey, _Algorithm.ED448),
    (ed448.Ed448PublicKey, _Algorithm.ED448),
    (x25519.X25519PrivateKey, _Algorithm.ECDH),
    (x25519.X25519PublicKey, _Algorithm.ECDH),
    (x448.X448PrivateKey, _Algorithm.ECDH),
    (x448.X448PublicKey, _Algorithm.ECDH),
)
_FIXED_LENGTHS: tuple[tuple[type, int], ...] = (
    (ed25519.Ed25519PrivateKey, 256),
    (ed25519.Ed25519PublicKey, 256),
    (ed448.Ed448PrivateKey, 456),
    (ed448.Ed448PublicKey, 456),
    (x25519.X25519PrivateKey, 256),
    (x25519.X25519PublicKey, 256),
    (x448.X448PrivateKey, 448),
    (x448.X448PublicKey, 448),
)


def algorithm_of(key: PrivateKey | PublicKey) -> CryptographicAlgorithm:
    """What KMIP calls the kind of a key."""
    return next(algorithm for kind, algorithm in _KINDS if isinstance(key, kind))


def length_of(key: PrivateKey | PublicKey) -> int:
    """The Cryptographic Length of a key in bits."""
    for kind, length in _FIXED_LENGTHS:
        if isinstance(key, kind):
            return length
    return int(key.key_size)  # type: ignore[union-attr]  # all others have one


def curve_of(recommended: RecommendedCurve) -> ec.EllipticCurve:
    """The library's curve. Raises `KmipFailure` for those that it does not have."""
    curve = CURVES.get(recommended)
    if curve is None:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"the curve {recommended.name} is not supported here")
    return curve


def recommended_curve(key: PrivateKey | PublicKey) -> RecommendedCurve | None:
    """What KMIP calls the curve that a key is on; None for keys that are on none, or on one without a name there."""
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return _RECOMMENDED.get(key.curve.name)
    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey | x25519.X25519PrivateKey | x25519.X25519PublicKey):
        return RecommendedCurve.CURVE25519
    if isinstance(key, ed448.Ed448PrivateKey | ed448.Ed448PublicKey | x448.X448PrivateKey | x448.X448PublicKey):
        return RecommendedCurve.CURVE448
    return None
