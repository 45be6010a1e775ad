"""The finite fields that secrets are shared over (KMIP 1.4, 2.2.5; KMIP 2.1, 13.1). Elements are integers.

* GF(2^8), as bytes. The method Polynomial Sharing GF(2^8) has the polynomial 285, x^8+x^4+x^3+x^2+1 (KMIP 2.1, 13.1), which the
  shares in OASIS's test cases were made with.
* GF(2^16), as an extension of GF(2^8): a pair of bytes (u, v) stands for uy + v, and y^2 = y + {3A}. Its bytes multiply as those of
  FIPS 197 do (1.0-1.4, 2.2.5). The text of 2.x names 285 instead; a share does not say which version it was made under, so one
  server can have one field only, and it is the one that five versions agree on.
* GF(p), as numbers below a prime.

No library has these fields. Nothing here is secret-dependent beyond table look-ups; shares are made and joined inside the server only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Field(Protocol):
    """What sharing and joining need of a field: 0 and 1 are the integers 0 and 1 in all of them."""

    def add(self, one: int, other: int) -> int:
        """The sum."""

    def subtract(self, one: int, other: int) -> int:
        """The difference."""

    def multiply(self, one: int, other: int) -> int:
        """The product."""

    def invert(self, element: int) -> int:
        """The multiplicative inverse of an element that is not 0."""


class ByteField:
    """GF(2^8) over a polynomial, by tables of powers of a generator."""

    def __init__(self, polynomial: int, generator: int) -> None:
        """``polynomial`` with its ninth bit (0x11D), ``generator`` an element whose powers are all elements but 0."""
        self._powers: list[int] = []
        power = 1
        for _ in range(255):
            self._powers.append(power)
            power = _carryless_product(power, generator, polynomial)
        self._logarithms = {power: exponent for exponent, power in enumerate(self._powers)}
        if len(self._logarithms) != 255:
            raise ValueError(f"{generator} does not generate the field over {polynomial:#x}")

    def add(self, one: int, other: int) -> int:
        """XOR."""
        return one ^ other

    subtract = add

    def multiply(self, one: int, other: int) -> int:
        """The product, by logarithms."""
        if not one or not other:
            return 0
        return self._powers[(self._logarithms[one] + self._logarithms[other]) % 255]

    def invert(self, element: int) -> int:
        """The inverse, by logarithms."""
        return self._powers[-self._logarithms[element] % 255]


class PairField:
    """GF(2^16) over a `ByteField`: u in the high byte and v in the low byte stand for uy + v, where y^2 = y + m."""

    def __init__(self, byte_field: ByteField, m: int) -> None:
        """``m``: the constant of the polynomial y^2 + y + m."""
        self._bytes = byte_field
        self._m = m

    def add(self, one: int, other: int) -> int:
        """XOR."""
        return one ^ other

    subtract = add

    def multiply(self, one: int, other: int) -> int:
        """(ry + s)(uy + v) = ((r + s)(u + v) + sv)y + (ru m + sv).

        The standard writes the last term as (ru + svm), which contradicts its own y^2 = y + m and its formula for the inverse.
        """
        times = self._bytes.multiply
        r, s, u, v = one >> 8, one & 0xFF, other >> 8, other & 0xFF
        low = times(s, v)
        return (times(r ^ s, u ^ v) ^ low) << 8 | (times(times(r, u), self._m) ^ low)

    def invert(self, element: int) -> int:
        """(uy + v)^-1 = u/d y + (u + v)/d with d = (u + v)v + m u^2."""
        times = self._bytes.multiply
        u, v = element >> 8, element & 0xFF
        inverse = self._bytes.invert(times(u ^ v, v) ^ times(self._m, times(u, u)))
        return times(u, inverse) << 8 | times(u ^ v, inverse)


@dataclass(frozen=True, slots=True)
class PrimeField:
    """GF(p)."""

    prime: int

    def add(self, one: int, other: int) -> int:
        """The sum."""
        return (one + other) % self.prime

    def subtract(self, one: int, other: int) -> int:
        """The difference."""
        return (one - other) % self.prime

    def multiply(self, one: int, other: int) -> int:
        """The product."""
        return one * other % self.prime

    def invert(self, element: int) -> int:
        """The inverse."""
        return pow(element, -1, self.prime)


def _carryless_product(one: int, other: int, polynomial: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 0x100:
            one ^= polynomial
        other >>= 1
    return product


GF_2_8 = ByteField(0x11D, generator=2)
GF_2_16 = PairField(ByteField(0x11B, generator=3), m=0x3A)
