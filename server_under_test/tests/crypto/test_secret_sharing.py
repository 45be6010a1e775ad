"""Sharing secrets: round trips in every field, thresholds, the parts that OASIS's test cases publish, and lists of refusals."""

from __future__ import annotations

import os
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kmip_server.crypto.galois import GF_2_8, GF_2_16
from kmip_server.crypto.secret_sharing import PRIMES, join, prime_for, split
from kmip_server.enums import ResultReason, SplitKeyMethod
from kmip_server.errors import KmipFailure

XOR, GF8 = SplitKeyMethod.XOR, SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_8
GF16, PRIME = SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_16, SplitKeyMethod.POLYNOMIAL_SHARING_PRIME_FIELD
KEY = bytes.fromhex("0102030405060708090a0b0c0d0e0f10")

PUBLISHED = [
    (
        "TC-SJ-2 and TC-SJ-3: 2 of 4 in GF(2^8)",
        GF8,
        2,
        (
            "66c46a7754f94de420c7b1a7fff5ec56",
            "cf93d1e2a7e593cd5b8d6247f4e5d49c",
            "a855b891f61ad9217240d8ec061e37da",
            "803dbad55cdd329fad19d99ae2c5a415",
        ),
    ),
    (
        "TC-SJ-4: all of 4 by XOR",
        XOR,
        4,
        (
            "d4b92c299199298e30dee13b967e6dda",
            "35ea4f615686230c7b11538693674e89",
            "3478ddd2e1f89f2005011d26d9fff37c",
            "d429bd9e23e192aa47c4a497d1e8df3f",
        ),
    ),
]


def a_prime_for(method, secret):
    return prime_for(secret) if method is PRIME else None


@pytest.mark.parametrize(("method", "threshold", "parts"), [row[1:] for row in PUBLISHED], ids=[row[0] for row in PUBLISHED])
def test_published_parts_give_the_published_key(method, threshold, parts):
    numbered = {number: bytes.fromhex(part) for number, part in enumerate(parts, 1)}
    for chosen in combinations(numbered, threshold):
        assert join({number: numbered[number] for number in chosen}, method) == KEY


@pytest.mark.parametrize("method", [GF8, GF16, PRIME])
@pytest.mark.parametrize("length", [1, 16, 17, 32, 133])
def test_any_parts_to_the_threshold_give_the_key_and_fewer_do_not(method, length):
    secret = os.urandom(length)
    prime = a_prime_for(method, secret)
    parts = dict(enumerate(split(secret, 5, 3, method, os.urandom, prime=prime), 1))
    for chosen in combinations(parts, 3):
        assert join({number: parts[number] for number in chosen}, method, prime=prime, length=length) == secret
    if length > 1:
        try:
            fewer = join({number: parts[number] for number in (1, 2)}, method, prime=prime, length=length)
        except KmipFailure:
            fewer = None
        assert fewer != secret


def test_xor_needs_every_part():
    parts = dict(enumerate(split(KEY, 3, 3, XOR, os.urandom), 1))
    assert join(parts, XOR) == KEY
    assert join({1: parts[1], 2: parts[2]}, XOR) != KEY


@pytest.mark.parametrize("method", [GF8, GF16, PRIME])
def test_as_many_parts_as_there_may_be(method):
    prime = a_prime_for(method, KEY)
    parts = split(KEY, 255, 4, method, os.urandom, prime=prime)
    chosen = {number: parts[number - 1] for number in (1, 99, 254, 255)}
    assert join(chosen, method, prime=prime, length=16) == KEY
    assert len(set(parts)) == 255


def test_a_leading_zero_survives_a_prime_field():
    secret = bytes(3) + b"\x05" * 13
    prime = prime_for(secret)
    parts = dict(enumerate(split(secret, 2, 2, PRIME, os.urandom, prime=prime), 1))
    assert join(parts, PRIME, prime=prime, length=16) == secret
    assert join(parts, PRIME, prime=prime) == secret[3:]


@pytest.mark.parametrize(
    ("parts", "threshold", "method", "prime"),
    [
        (3, 4, GF8, None),
        (3, 0, GF8, None),
        (0, 0, GF8, None),
        (-1, -1, XOR, None),
        (256, 2, GF8, None),
        (4, 3, XOR, None),
        (3, 2, PRIME, None),
        (3, 2, PRIME, 2**127 - 1),
        (3, 2, PRIME, 2**130 - 7),
        (3, 2, PRIME, -(2**130)),
    ],
)
def test_what_cannot_be_split_is_refused(parts, threshold, method, prime):
    with pytest.raises(KmipFailure) as refused:
        split(KEY, parts, threshold, method, os.urandom, prime=prime)
    assert refused.value.reason is ResultReason.INVALID_FIELD


@pytest.mark.parametrize(
    ("parts", "method", "prime"),
    [
        ({1: b"ab", 2: b"abc"}, GF8, None),
        ({1: b"abc", 2: b"abd"}, GF16, None),
        ({1: b"ab", 257: b"ac"}, GF8, None),
        ({1: bytes(34), 2: bytes(34)}, PRIME, PRIMES[0]),
    ],
)
def test_parts_that_do_not_belong_together_are_a_cryptographic_failure(parts, method, prime):
    with pytest.raises(KmipFailure) as refused:
        join(parts, method, prime=prime, length=2)
    assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


@pytest.mark.parametrize("bits", [128, 192, 256, 512, 1024, 2048, 4096, 9520, 18800])
def test_there_is_a_prime_for_every_usual_key(bits):
    assert prime_for(bytes(bits // 8)).bit_length() > bits
    with pytest.raises(KmipFailure):
        prime_for(bytes(2500))


FIPS_197_PRODUCTS = [(0x57, 0x83, 0xC1), (0x57, 0x13, 0xFE)]


def test_the_small_field_of_gf_2_16_is_that_of_fips_197():
    """FIPS 197, 4.2: {57}{83} = {c1} and {57}{13} = {fe}; the small field is the pairs whose first byte is 0."""
    for one, other, product in FIPS_197_PRODUCTS:
        assert GF_2_16.multiply(one, other) == product


def test_the_defining_equations_hold():
    """y^2 + y + m = 0 in GF(2^16), and x^8 + x^4 + x^3 + x^2 + 1 = 0 in GF(2^8)."""
    y = 0x0100
    assert GF_2_16.multiply(y, y) == y ^ 0x3A
    assert GF_2_8.multiply(0x80, 2) == 0x1D


@given(st.integers(1, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_gf_2_16_is_a_field(a, b, c):
    times = GF_2_16.multiply
    assert times(a, GF_2_16.invert(a)) == 1
    assert times(a, b ^ c) == times(a, b) ^ times(a, c)
    assert times(times(a, b), c) == times(a, times(b, c))


@pytest.mark.parametrize(("size", "parts", "threshold"), [(100_000, 255, 2), (5_000, 255, 255)])
def test_what_would_take_too_long_is_not_begun(size, parts, threshold):
    with pytest.raises(KmipFailure) as refused:
        split(bytes(size), parts, threshold, GF8, os.urandom)
    assert refused.value.reason is ResultReason.SERVER_LIMIT_EXCEEDED
    with pytest.raises(KmipFailure):
        join({number: bytes(size) for number in range(1, parts + 1)} | {1001: bytes(size)}, GF8)


def test_numbers_too_long_for_a_prime_field():
    for prime in (2**20_001 + 1, 2, 1, 0, -5):
        with pytest.raises(KmipFailure) as refused:
            join({1: bytes(2), 2: bytes(2)}, PRIME, prime=prime)
        assert refused.value.reason is ResultReason.INVALID_FIELD
