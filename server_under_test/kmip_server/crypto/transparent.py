"""Transparent keys (KMIP 1.4, 2.1.7) ⇄ keys of the `cryptography` package: numbers there, numbers here.

RSA private keys may leave numbers out: either Private Exponent, or the primes and what follows from them (2.1.7.4). What is missing is
reckoned. The primes of a registered key are not tested: a key manager stores keys, it does not approve them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmip_server.crypto.diffie_hellman import (
    DHParameterNumbers,
    DHPrivateKey,
    DHPrivateNumbers,
    DHPublicKey,
    DHPublicNumbers,
    quietly,
)
from kmip_server.crypto.key_kinds import curve_of, recommended_curve
from kmip_server.crypto.points import point_of
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    TransparentDHPrivateKey,
    TransparentDHPublicKey,
    TransparentDSAPrivateKey,
    TransparentDSAPublicKey,
    TransparentECPrivateKey,
    TransparentECPublicKey,
    TransparentRSAPrivateKey,
    TransparentRSAPublicKey,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.crypto.key_kinds import PrivateKey, PublicKey
    from kmip_server.enums import RecommendedCurve
    from kmip_server.messages import TransparentKey


MOST_BITS = 16384
"""The longest numbers that are reckoned with: those of longer keys would keep everybody waiting. Stored they may be."""


def must_be_bearable(bits: int) -> None:
    """Raises ValueError for keys that are too long to be used here."""
    if bits > MOST_BITS:
        raise ValueError(f"keys of more than {MOST_BITS} bits are kept, and not used")


@contextmanager
def _numbers_must_make_sense() -> Iterator[None]:
    """Arithmetic that breaks down, for negative numbers and zeros, is ValueError too."""
    try:
        yield
    except ArithmeticError as error:
        raise ValueError("the numbers are no key's") from error


@_numbers_must_make_sense()
def private_key_of(material: TransparentKey) -> PrivateKey:
    """The private key that the numbers are. Raises ValueError, or `KmipFailure` for a curve that the library has not."""
    _numbers_must_be_bearable(material)
    match material:
        case TransparentRSAPrivateKey():
            return _rsa_private(material)
        case TransparentDSAPrivateKey(p=p, q=q, g=g, x=x):
            group = dsa.DSAParameterNumbers(p, q, g)
            return dsa.DSAPrivateNumbers(x, dsa.DSAPublicNumbers(pow(g, x, p), group)).private_key()
        case TransparentDHPrivateKey(p=p, q=prime, g=g, x=x):
            with quietly():
                return DHPrivateNumbers(x, DHPublicNumbers(pow(g, x, p), DHParameterNumbers(p, g, prime))).private_key()
        case TransparentECPrivateKey(recommended_curve=curve, d=d):
            return ec.derive_private_key(d, curve_of(curve))
    raise ValueError("no private key")


@_numbers_must_make_sense()
def public_key_of(material: TransparentKey) -> PublicKey:
    """The public key that the numbers are. Raises ValueError, or `KmipFailure` for a curve that the library has not."""
    _numbers_must_be_bearable(material)
    match material:
        case TransparentRSAPublicKey(modulus=modulus, public_exponent=exponent):
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        case TransparentDSAPublicKey(p=p, q=q, g=g, y=y):
            return dsa.DSAPublicNumbers(y, dsa.DSAParameterNumbers(p, q, g)).public_key()
        case TransparentDHPublicKey(p=p, q=prime, g=g, y=y):
            with quietly():
                return DHPublicNumbers(y, DHParameterNumbers(p, g, prime)).public_key()
        case TransparentECPublicKey(recommended_curve=curve, q_string=point):
            return point_of(point, curve_of(curve))
    raise ValueError("no public key")


def numbers_of_private(key: PrivateKey) -> TransparentKey:
    """The numbers of a private key. Raises ValueError for kinds without a transparent form."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        return TransparentRSAPrivateKey(
            modulus=numbers.public_numbers.n,
            private_exponent=numbers.d,
            public_exponent=numbers.public_numbers.e,
            p=numbers.p,
            q=numbers.q,
            prime_exponent_p=numbers.dmp1,
            prime_exponent_q=numbers.dmq1,
            crt_coefficient=numbers.iqmp,
        )
    if isinstance(key, dsa.DSAPrivateKey):
        of_dsa = key.private_numbers()
        group = of_dsa.public_numbers.parameter_numbers
        return TransparentDSAPrivateKey(p=group.p, q=group.q, g=group.g, x=of_dsa.x)
    if isinstance(key, DHPrivateKey):
        of_dh = key.private_numbers()
        parameters = of_dh.public_numbers.parameter_numbers
        return TransparentDHPrivateKey(p=parameters.p, q=parameters.q, g=parameters.g, x=of_dh.x)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return TransparentECPrivateKey(_named_curve(key), key.private_numbers().private_value)
    raise ValueError("keys of this kind have no transparent form")


def numbers_of_public(key: PublicKey) -> TransparentKey:
    """The numbers of a public key. Raises ValueError for kinds without a transparent form."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return TransparentRSAPublicKey(modulus=numbers.n, public_exponent=numbers.e)
    if isinstance(key, dsa.DSAPublicKey):
        of_dsa = key.public_numbers()
        group = of_dsa.parameter_numbers
        return TransparentDSAPublicKey(p=group.p, q=group.q, g=group.g, y=of_dsa.y)
    if isinstance(key, DHPublicKey):
        of_dh = key.public_numbers()
        parameters = of_dh.parameter_numbers
        return TransparentDHPublicKey(p=parameters.p, q=parameters.q, g=parameters.g, y=of_dh.y)
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return TransparentECPublicKey(_named_curve(key), point)
    raise ValueError("keys of this kind have no transparent form")


def _numbers_must_be_bearable(material: TransparentKey) -> None:
    for row in fields(material):
        number = getattr(material, row.name)
        if isinstance(number, int):
            must_be_bearable(number.bit_length())


def _named_curve(key: PrivateKey | PublicKey) -> RecommendedCurve:
    curve = recommended_curve(key)
    if curve is None:
        raise KmipFailure(ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED, "the key is on a curve that Recommended Curve has no name for")
    return curve


def _rsa_private(material: TransparentRSAPrivateKey) -> rsa.RSAPrivateKey:
    modulus, exponent = material.modulus, material.private_exponent
    p, q = material.p, material.q
    public = material.public_exponent
    if exponent is None:
        if p is None or q is None or public is None:
            raise ValueError("neither a private exponent nor two primes and a public exponent")
        exponent = pow(public, -1, (p - 1) * (q - 1))
    if public is None:
        if p is None or q is None:
            raise ValueError("no public exponent, and no primes to reckon it from")
        public = pow(exponent, -1, (p - 1) * (q - 1))
    if p is None or q is None:
        p, q = rsa.rsa_recover_prime_factors(modulus, public, exponent)
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=exponent,
        dmp1=exponent % (p - 1) if material.prime_exponent_p is None else material.prime_exponent_p,
        dmq1=exponent % (q - 1) if material.prime_exponent_q is None else material.prime_exponent_q,
        iqmp=pow(q, -1, p) if material.crt_coefficient is None else material.crt_coefficient,
        public_numbers=rsa.RSAPublicNumbers(public, modulus),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
