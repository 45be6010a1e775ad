"""Hashes, MACs, key derivation and streams: published vectors, cross-checks, refusals."""

from __future__ import annotations

import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives import hashes as library_hashes
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation
from cryptography.hazmat.primitives.kdf.kbkdf import Mode as KbkdfMode
from kmip_server.crypto.derivation import Base, derived
from kmip_server.crypto.hashes import hashing
from kmip_server.crypto.macs import equal, mac
from kmip_server.crypto.streams import LONGEST_PAUSE, MOST_STREAMS, Streams
from kmip_server.enums import BlockCipherMode, CryptographicAlgorithm, DerivationMethod, HashingAlgorithm, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicParameters

ALGORITHM, HASH, METHOD = CryptographicAlgorithm, HashingAlgorithm, DerivationMethod

HASHES_OF_ABC = [
    (HASH.MD5, "900150983cd24fb0d6963f7d28e17f72"),
    (HASH.SHA_1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (HASH.SHA_224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
    (HASH.SHA_256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (HASH.SHA_384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
    (HASH.RIPEMD_160, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
    (HASH.SHA_512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"),
    (HASH.SHA_512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
    (HASH.SHA3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"),
    (HASH.SHA3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
]


def reason_of(call, *arguments):
    with pytest.raises(KmipFailure) as refusal:
        call(*arguments)
    assert str(refusal.value)
    return refusal.value.reason_2 or refusal.value.reason


@pytest.mark.parametrize(("algorithm", "expected"), HASHES_OF_ABC)
def test_hashes(algorithm, expected):
    context = hashing(CryptographicParameters(hashing_algorithm=algorithm))
    for part in (b"a", b"", b"bc"):
        context.update(part)
    assert context.digest().hex() == expected


def test_hashes_that_no_library_has_are_refused():
    for algorithm in (HASH.MD2, HASH.MD4, HASH.TIGER, HASH.WHIRLPOOL):
        parameters = CryptographicParameters(hashing_algorithm=algorithm)
        assert reason_of(hashing, parameters) is ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS
    assert reason_of(hashing, CryptographicParameters()) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS


MACS = [
    (
        "RFC 4231, case 2",
        ALGORITHM.HMAC_SHA256,
        b"Jefe".hex(),
        {},
        b"what do ya want for nothing?".hex(),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        "RFC 2202, case 2",
        ALGORITHM.AES,
        b"Jefe".hex(),
        {"cryptographic_algorithm": ALGORITHM.HMAC_SHA1},
        b"what do ya want for nothing?".hex(),
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    ),
    (
        "by Hashing Algorithm",
        None,
        b"Jefe".hex(),
        {"hashing_algorithm": HASH.MD5},
        b"what do ya want for nothing?".hex(),
        "750c783e6ab0b503eaa86e310a5db738",
    ),
    (
        "SP 800-38B, empty",
        ALGORITHM.AES,
        "2b7e151628aed2a6abf7158809cf4f3c",
        {"block_cipher_mode": BlockCipherMode.CMAC},
        "",
        "bb1d6929e95937287fa37d129b756746",
    ),
    (
        "SP 800-38B, 16 bytes",
        ALGORITHM.AES,
        "2b7e151628aed2a6abf7158809cf4f3c",
        {"block_cipher_mode": BlockCipherMode.CMAC},
        "6bc1bee22e409f96e93d7e117393172a",
        "070a16b46b4d4144f79bdd9dd04a287c",
    ),
    (
        "FIPS 113",
        ALGORITHM.DES,
        "0123456789abcdef",
        {"block_cipher_mode": BlockCipherMode.CBC_MAC},
        b"7654321 Now is the time for ".hex(),
        "f1d30f6849312ca4",
    ),
    (
        "RFC 8439, 2.5.2",
        ALGORITHM.POLY1305,
        "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
        {},
        b"Cryptographic Forum Research Group".hex(),
        "a8061dc1305136c6c22b8baf0c0127a9",
    ),
]


@pytest.mark.parametrize(("source", "algorithm", "key", "parameters", "data", "expected"), MACS, ids=[row[0] for row in MACS])
def test_macs(source, algorithm, key, parameters, data, expected):
    for step in (1, 7, 100):
        context = mac(algorithm, bytes.fromhex(key), CryptographicParameters(**parameters))
        for at in range(0, len(data), 2 * step):
            context.update(bytes.fromhex(data[at : at + 2 * step]))
        made = context.digest()
        assert made.hex() == expected
    assert equal(made, bytes.fromhex(expected))
    assert not equal(made, made[1:])


@pytest.mark.parametrize(
    ("algorithm", "key", "parameters", "reason"),
    [
        (ALGORITHM.AES, bytes(16), {}, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (ALGORITHM.AES, bytes(16), {"block_cipher_mode": BlockCipherMode.CBC}, ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS),
        (ALGORITHM.RC4, bytes(16), {"block_cipher_mode": BlockCipherMode.CMAC}, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (ALGORITHM.AES, bytes(15), {"block_cipher_mode": BlockCipherMode.CMAC}, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (ALGORITHM.POLY1305, bytes(16), {}, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (None, bytes(16), {"hashing_algorithm": HASH.TIGER}, ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS),
    ],
)
def test_macs_that_cannot_be_made(algorithm, key, parameters, reason):
    assert reason_of(mac, algorithm, key, CryptographicParameters(**parameters)) is reason


def base(key, *data, algorithm=None, iv=None, salt=None, iterations=None, **parameters):
    return Base(
        key=bytes.fromhex(key),
        algorithm=algorithm,
        parameters=CryptographicParameters(**parameters),
        random=os.urandom,
        data=data,
        iv=iv,
        salt=salt,
        iterations=iterations,
    )


DERIVED = [
    (
        "RFC 6070",
        METHOD.PBKDF2,
        base(b"password".hex(), salt=b"salt", iterations=4096),
        "4b007901b765489abead49d926f721d065a429c1",
    ),
    (
        "RFC 7914",
        METHOD.PBKDF2,
        base(b"passwd".hex(), salt=b"salt", iterations=1, hashing_algorithm=HASH.SHA_256),
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc",
    ),
    ("a hash", METHOD.HASH, base(b"abc".hex(), hashing_algorithm=HASH.SHA_1), "a9993e364706816aba3e25717850c26c"),
    (
        "RFC 4231, the key's own",
        METHOD.HMAC,
        base(b"Jefe".hex(), b"what do ya want for nothing?", algorithm=ALGORITHM.HMAC_SHA256, hashing_algorithm=HASH.SHA_1),
        "5bdcc146bf60754e6a042426089575c7",
    ),
    (
        "RFC 2202, as the parameters say",
        METHOD.HMAC,
        base(b"Jefe".hex(), b"what do ya want for nothing?", algorithm=ALGORITHM.AES, hashing_algorithm=HASH.SHA_1),
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    ),
    (
        "SP 800-38A",
        METHOD.ENCRYPT,
        base(
            "2b7e151628aed2a6abf7158809cf4f3c",
            bytes.fromhex("6bc1bee22e409f96e93d7e117393172a"),
            algorithm=ALGORITHM.AES,
            iv=bytes(range(16)),
            block_cipher_mode=BlockCipherMode.CBC,
        ),
        "7649abac8119b246cee98e9b12e9197d",
    ),
    (
        "feedback mode, as OpenSSL has it",
        METHOD.NIST800_108_F,
        base(
            bytes(range(32)).hex(),
            b"label\x00context",
            algorithm=ALGORITHM.HMAC_SHA256,
            iv=bytes(range(0xA0, 0xC0)),
        ),
        "d432f5abfe6588c71ccca64ca503d0ae2e825a4869e9d4c5ec34261c6250bd8c1ef3ccdddb883c92a47ace683d56674e",
    ),
    (
        "Amazon's example",
        METHOD.AWS_SIGNATURE_VERSION_4,
        base(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".hex(), b"20150830", b"us-east-1", b"iam"),
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
    ),
    (
        "RFC 5869, case 1",
        METHOD.HKDF,
        base("0b" * 22, bytes(range(0xF0, 0xFA)), salt=bytes(range(13))),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        "RFC 5869, case 7",
        METHOD.HKDF,
        base("0c" * 22, hashing_algorithm=HASH.SHA_1),
        "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48",
    ),
]


@pytest.mark.parametrize(("source", "method", "what", "expected"), DERIVED, ids=[row[0] for row in DERIVED])
def test_derivations(source, method, what, expected):
    assert derived(method, what, len(expected) // 2).hex() == expected


def test_counter_mode_is_the_librarys():
    fixed = b"label\x00context"
    library = KBKDFHMAC(
        library_hashes.SHA512(), KbkdfMode.CounterMode, 200, 4, None, CounterLocation.BeforeFixed, None, None, fixed
    ).derive(bytes(range(32)))
    assert derived(METHOD.NIST800_108_C, base(bytes(range(32)).hex(), fixed, hashing_algorithm=HASH.SHA_512), 200) == library


def test_double_pipeline_mode_step_by_step():
    key, fixed = bytes(range(32)), b"label\x00context"

    def prf(data):
        return hmac.new(key, data, hashlib.sha256).digest()

    first, second = prf(fixed), prf(prf(fixed))
    expected = prf(first + b"\x00\x00\x00\x01" + fixed) + prf(second + b"\x00\x00\x00\x02" + fixed)
    assert derived(METHOD.NIST800_108_DPI, base(key.hex(), fixed, hashing_algorithm=HASH.SHA_256), 64) == expected


def test_cmac_can_be_the_pseudorandom_function():
    parameters = {"algorithm": ALGORITHM.AES, "block_cipher_mode": BlockCipherMode.CMAC}
    context = mac(ALGORITHM.AES, bytes(16), CryptographicParameters(block_cipher_mode=BlockCipherMode.CMAC))
    context.update(b"\x00\x00\x00\x01fixed")
    assert derived(METHOD.NIST800_108_C, base("00" * 16, b"fixed", **parameters), 16) == context.digest()


@pytest.mark.parametrize(
    ("method", "what", "length", "reason"),
    [
        (METHOD.HASH, base("00", hashing_algorithm=HASH.SHA_1), 21, ResultReason.CRYPTOGRAPHIC_FAILURE),
        (METHOD.HASH, base("00", b"data", hashing_algorithm=HASH.SHA_1), 16, ResultReason.INVALID_MESSAGE),
        (METHOD.HASH, base("00"), 16, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (METHOD.HMAC, base("00", hashing_algorithm=HASH.SHA_1), 16, ResultReason.INVALID_FIELD),
        (METHOD.HMAC, base("00", b"data"), 16, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (METHOD.PBKDF2, base("00", salt=b"salt"), 16, ResultReason.INVALID_FIELD),
        (METHOD.PBKDF2, base("00", salt=b"salt", iterations=0), 16, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (METHOD.PBKDF2, base("00", salt=b"salt", iterations=2**31 - 1), 16, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (METHOD.ENCRYPT, base("00" * 16, b"data"), 16, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (METHOD.AWS_SIGNATURE_VERSION_4, base("00", b"date"), 32, ResultReason.INVALID_FIELD),
        (METHOD.HKDF, base("00"), 255 * 32 + 1, ResultReason.CRYPTOGRAPHIC_FAILURE),
        (METHOD.ASYMMETRIC_KEY, base("00"), 16, ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS),
    ],
)
def test_derivations_that_cannot_be_made(method, what, length, reason):
    assert reason_of(derived, method, what, length) is reason


class A:
    """A request that may be a part."""

    def __init__(self, *, init=None, value=None, final=None):
        self.init_indicator, self.correlation_value, self.final_indicator = init, value, final


def test_streams():
    streams = Streams(os.urandom)
    whole = streams.part_of(A(), "alice", Operation.HASH, 0)
    assert (whole.state, whole.is_last, whole.is_whole) == (None, True, True)
    assert streams.part_of(A(init=True, final=True), "alice", Operation.HASH, 0).is_whole
    first = A(init=True)
    part = streams.part_of(first, "alice", Operation.HASH, 0)
    assert (part.state, part.is_last, part.is_whole) == (None, False, False)
    value = streams.keep(first, "so far", "alice", Operation.HASH, 0)
    again = A(value=value)
    assert streams.part_of(again, "alice", Operation.HASH, LONGEST_PAUSE).state == "so far"
    assert streams.keep(again, "further", "alice", Operation.HASH, 5) == value
    last = streams.part_of(A(value=value, final=True), "alice", Operation.HASH, 6)
    assert (last.state, last.is_last, last.is_whole) == ("further", True, False)
    assert reason_of(streams.part_of, again, "alice", Operation.HASH, 6) is ResultReason.INVALID_CORRELATION_VALUE


def test_a_stream_is_its_owners_its_operations_and_not_for_ever():
    streams = Streams(os.urandom)
    value = streams.keep(A(init=True), "mine", "alice", Operation.HASH, 0)
    for owner, operation, now in (
        ("bob", Operation.HASH, 1),
        ("alice", Operation.MAC, 1),
        ("alice", Operation.HASH, LONGEST_PAUSE + 1),
    ):
        assert reason_of(streams.part_of, A(value=value), owner, operation, now) is ResultReason.INVALID_CORRELATION_VALUE
    assert reason_of(streams.part_of, A(value=value, init=True), "alice", Operation.HASH, 1) is ResultReason.INVALID_FIELD
    assert streams.part_of(A(value=value), "alice", Operation.HASH, 1).state == "mine"


def test_the_oldest_stream_makes_room():
    streams = Streams(os.urandom)
    values = [streams.keep(A(init=True), number, "alice", Operation.HASH, 0) for number in range(MOST_STREAMS + 1)]
    assert len(set(values)) == MOST_STREAMS + 1
    assert reason_of(streams.part_of, A(value=values[0]), "alice", Operation.HASH, 0) is ResultReason.INVALID_CORRELATION_VALUE
    assert streams.part_of(A(value=values[1]), "alice", Operation.HASH, 0).state == 1
