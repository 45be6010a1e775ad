"""Finite field Diffie-Hellman (DH of KMIP), as long as the `cryptography` package has it: it warns on every use, since it will be removed.

Only this module touches it, and keeps the warning to itself: a key manager keeps its users' old keys. New keys are made in the groups of
RFC 7919, which TLS uses too.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quietly() -> Iterator[None]:
    """Without the library's warnings of deprecation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


with quietly():
    from cryptography.hazmat.primitives.asymmetric.dh import (
        DHParameterNumbers,
        DHPrivateKey,
        DHPrivateNumbers,
        DHPublicKey,
        DHPublicNumbers,
    )

__all__ = ["DHParameterNumbers", "DHPrivateKey", "DHPrivateNumbers", "DHPublicKey", "DHPublicNumbers", "generate_in_group", "quietly"]

RFC_7919_CONSTANTS = {2048: 560316, 3072: 2625351, 4096: 5736041}
"""Length of a group's prime in bits → the X of RFC 7919, appendix A."""


def generate_in_group(bits: int) -> DHPrivateKey:
    """A private key in the group of RFC 7919 whose prime has so many bits (one of `RFC_7919_CONSTANTS`)."""
    prime = rfc_7919_prime(bits)
    with quietly():
        return DHParameterNumbers(prime, 2, (prime - 1) // 2).parameters().generate_private_key()


def rfc_7919_prime(bits: int) -> int:
    """p = 2^b - 2^(b-64) + ([2^(b-130) e] + X) 2^64 - 1 (RFC 7919, appendix A)."""
    guard = 64
    term = e = 1 << (bits - 130 + guard)
    divisor = 1
    while term:
        term //= divisor
        e += term
        divisor += 1
    return (1 << bits) - (1 << (bits - 64)) + (((e >> guard) + RFC_7919_CONSTANTS[bits]) << 64) - 1
