"""Splitting a secret into parts, and joining parts again (KMIP 1.4, 2.2.5, 4.38, 4.39).

A part is known by its Key Part Identifier, 1 to Split Key Parts, which is also the point at which the polynomials are evaluated; the
secret is their value at 0. Field elements are written as big-endian bytes: one byte in GF(2^8), two in GF(2^16), and in a prime field
as many as the prime has.

`join` needs to be told the length of the secret where the parts are longer than it: in a prime field, and in GF(2^16) where the
secret has an odd number of bytes and its last piece is filled with a zero byte.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from kmip_server.crypto.galois import GF_2_8, GF_2_16, PrimeField
from kmip_server.enums import ResultReason, SplitKeyMethod
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kmip_server.crypto.galois import Field

    Random = Callable[[int], bytes]

MOST_PARTS = 255
"""How many parts a secret is split into at the most: as many points as GF(2^8) has besides 0."""

MOST_WORK = 5_000_000
"""Bytes of a key, times its parts, times those that are needed: more would take longer than anybody waits."""

MOST_PRIME_BITS = 20_000
"""The longest Prime Field Size that is reckoned with."""

PRIMES = (
    2**130 - 5,
    2**192 + 133,
    2**256 + 297,
    2**521 - 1,
    2**1279 - 1,
    2**2203 - 1,
    2**4423 - 1,
    2**9689 - 1,
    2**19937 - 1,
)
"""Of these the first that is big enough is the Prime Field Size where the client gives none."""


def split(
    secret: bytes, parts: int, threshold: int, method: SplitKeyMethod, random: Random, *, prime: int | None = None
) -> tuple[bytes, ...]:
    """The parts in the order of their identifiers; any ``threshold`` of them give the secret. Raises `KmipFailure`."""
    _numbers_must_fit(parts, threshold, method)
    _work_must_be_bearable(len(secret) * parts * threshold)
    if method is SplitKeyMethod.XOR:
        return _masks(secret, parts, random)
    field, width = _field_of(method, prime)
    if isinstance(field, PrimeField):
        _prime_must_hold(field.prime, secret)
        pieces = [int.from_bytes(secret, "big")]
    else:
        pieces = _pieces(secret.ljust(-(-len(secret) // width) * width, b"\x00"), width)
    curves = [[piece, *(_element(field, width, random) for _ in range(threshold - 1))] for piece in pieces]
    return tuple(b"".join(_value_at(point, curve, field).to_bytes(width, "big") for curve in curves) for point in range(1, parts + 1))


def join(parts: Mapping[int, bytes], method: SplitKeyMethod, *, prime: int | None = None, length: int | None = None) -> bytes:
    """The secret, from at least as many parts as the threshold says (the caller sees to that), by their Key Part Identifiers.

    ``length``: of the secret in bytes, None where it is not known. Raises `KmipFailure` (Cryptographic Failure).
    """
    sizes = {len(part) for part in parts.values()}
    if len(sizes) != 1:
        raise _failure("the parts are not equally long, so they are not parts of one key")
    if len(parts) > MOST_PARTS:
        raise _failure(f"a key has {MOST_PARTS} parts at the most")
    _work_must_be_bearable(max(sizes) * len(parts))
    if method is SplitKeyMethod.XOR:
        return reduce(_xor, parts.values())
    field, width = _field_of(method, prime)
    size = sizes.pop()
    if size % width:
        raise _failure(f"a part of {size} bytes is not made of elements of {width} bytes")
    shares = {point: _pieces(part, width) for point, part in parts.items()}
    try:
        weights = _weights_at_zero(list(parts), field)
    except (ValueError, KeyError) as error:
        raise _failure("the parts' Key Part Identifiers are no points of the field") from error
    joined = [_weighted(weights, {point: share[number] for point, share in shares.items()}, field) for number in range(size // width)]
    if isinstance(field, PrimeField):
        return _sized(joined, field, length)
    secret = b"".join(piece.to_bytes(width, "big") for piece in joined)
    return secret if length is None else secret[:length]


def prime_for(secret: bytes) -> int:
    """The Prime Field Size that the server chooses: bigger than 2^L, where L is the length of the secret in bits (2.2.5)."""
    for prime in PRIMES:
        if prime > 1 << (8 * len(secret)):
            return prime
    raise KmipFailure(ResultReason.INVALID_FIELD, "the key is too long for a prime field of this server; use GF(2^8) or GF(2^16)")


def _numbers_must_fit(parts: int, threshold: int, method: SplitKeyMethod) -> None:
    if not 1 <= threshold <= parts:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"of {parts} parts {threshold} cannot be needed to reconstruct the key")
    if parts > MOST_PARTS:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"a key is split into {MOST_PARTS} parts at the most")
    if method is SplitKeyMethod.XOR and parts != threshold:
        raise KmipFailure(ResultReason.INVALID_FIELD, "XOR needs all parts: Split Key Threshold must be the same as Split Key Parts")


def _work_must_be_bearable(work: int) -> None:
    if work > MOST_WORK:
        sentence = "the key is too long for so many parts; wrap it by a key of its own, and split that"
        raise KmipFailure(ResultReason.SERVER_LIMIT_EXCEEDED, sentence)


def _masks(secret: bytes, parts: int, random: Random) -> tuple[bytes, ...]:
    masks = [random(len(secret)) for _ in range(parts - 1)]
    return (*masks, reduce(_xor, masks, secret))


def _field_of(method: SplitKeyMethod, prime: int | None) -> tuple[Field, int]:
    """The field, and the bytes that an element is written in."""
    if method is SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_8:
        return GF_2_8, 1
    if method is SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_16:
        return GF_2_16, 2
    if prime is None:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Polynomial Sharing Prime Field needs a Prime Field Size")
    if not prime > 2 or prime.bit_length() > MOST_PRIME_BITS:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"the Prime Field Size is no prime of at most {MOST_PRIME_BITS} bits")
    return PrimeField(prime), (prime.bit_length() + 7) // 8


def _prime_must_hold(prime: int, secret: bytes) -> None:
    """The field must have room for the secret and for all points. A number that fails Fermat's test is no prime."""
    if prime <= 1 << (8 * len(secret)) or prime <= MOST_PARTS:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the Prime Field Size is too small: it must be bigger than every value of the key")
    if pow(2, prime - 1, prime) != 1:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the Prime Field Size is not a prime number")


def _element(field: Field, width: int, random: Random) -> int:
    """A random element. Of a prime field: eight bytes more than it has, so that the remainder is as good as even."""
    if isinstance(field, PrimeField):
        return int.from_bytes(random(width + 8), "big") % field.prime
    return int.from_bytes(random(width), "big")


def _value_at(point: int, coefficients: Sequence[int], field: Field) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = field.add(field.multiply(value, point), coefficient)
    return value


def _weights_at_zero(points: list[int], field: Field) -> dict[int, int]:
    """Lagrange's weights for the value at 0: the product of x_j / (x_j - x_i) over all other points.

    Points that are no elements, or that are the same in the field, have no weights: KeyError or ValueError.
    """
    weights = {}
    for point in points:
        above, below = 1, 1
        for other in points:
            if other != point:
                above = field.multiply(above, other)
                below = field.multiply(below, field.subtract(other, point))
        weights[point] = field.multiply(above, field.invert(below))
    return weights


def _weighted(weights: Mapping[int, int], values: Mapping[int, int], field: Field) -> int:
    return reduce(field.add, (field.multiply(weights[point], value) for point, value in values.items()), 0)


def _sized(joined: list[int], field: PrimeField, length: int | None) -> bytes:
    """The one number that a prime field's secret is, in as many bytes as the secret has."""
    number = joined[0] if len(joined) == 1 else field.prime
    size = (number.bit_length() + 7) // 8 if length is None else length
    try:
        return number.to_bytes(size, "big")
    except OverflowError:
        raise _failure("what the parts give together is longer than the key was") from None


def _pieces(data: bytes, width: int) -> list[int]:
    return [int.from_bytes(data[at : at + width], "big") for at in range(0, len(data), width)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _failure(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, sentence)
