"""Ciphers and modes against published vectors, and what they refuse."""

from __future__ import annotations

import os

import pytest
from kmip_server.crypto.symmetric import Job, started, transformed
from kmip_server.enums import BlockCipherMode as Mode
from kmip_server.enums import CryptographicAlgorithm as Algorithm
from kmip_server.enums import PaddingMethod, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicParameters

AES_KEY = "2b7e151628aed2a6abf7158809cf4f3c"
PLAIN = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
IV = "000102030405060708090a0b0c0d0e0f"

SP_800_38A = [
    (Mode.ECB, None, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf43b1cd7f598ece23881b00e3ed030688"),
    (Mode.CBC, IV, "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e22229516"),
    (Mode.CFB, IV, "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b26751f67a3cbb140b1808cf187a4f4df"),
    (Mode.OFB, IV, "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed8259740051e9c5fecf64344f7a82260edcc"),
    (
        Mode.CTR,
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab",
    ),
]

SINGLE_BLOCKS = [
    ("FIPS 46", Algorithm.DES, "0123456789abcdef", "4e6f772069732074", "3fa40e8a984d4815"),
    (
        "SP 800-67",
        Algorithm.TRIPLE_DES,
        "0123456789abcdef23456789abcdef01456789abcdef0123",
        "5468652071756663",
        "a826fd8ce53b855f",
    ),
    ("two keys", Algorithm.TRIPLE_DES, "01010101010101010101010101010101", "0102030405060708", "cead373db80eabf8"),
    (
        "RFC 3713",
        Algorithm.CAMELLIA,
        "0123456789abcdeffedcba9876543210",
        "0123456789abcdeffedcba9876543210",
        "67673138549669730857065648eabe43",
    ),
    ("Schneier", Algorithm.BLOWFISH, "0000000000000000", "0000000000000000", "4ef997456198dd78"),
    ("RFC 2144", Algorithm.CAST5, "0123456712345678234567893456789a", "0123456789abcdef", "238b4fe5847e44b2"),
    ("Lai", Algorithm.IDEA, "00010002000300040005000600070008", "0000000100020003", "11fbed2b01986de5"),
    ("RFC 4269", Algorithm.SEED, "00" * 16, "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"),
    (
        "GB/T 32907",
        Algorithm.SM4,
        "0123456789abcdeffedcba9876543210",
        "0123456789abcdeffedcba9876543210",
        "681edf34d206965e86b3e94f536e4246",
    ),
]


def job(algorithm=Algorithm.AES, key=AES_KEY, *, encrypt=True, iv=None, aad="", tag=None, tag_follows=False, **parameters):
    return Job(
        algorithm=algorithm,
        key=bytes.fromhex(key),
        parameters=CryptographicParameters(**parameters),
        encrypt=encrypt,
        random=os.urandom,
        iv=None if iv is None else bytes.fromhex(iv),
        additional_data=bytes.fromhex(aad),
        tag=None if tag is None else bytes.fromhex(tag),
        tag_follows=tag_follows,
    )


def through(data, **what):
    """The data (hexadecimal) through the cipher, and the tag."""
    result, _, tag = transformed(job(**what), bytes.fromhex(data))
    return result.hex(), None if tag is None else tag.hex()


def refused(data, **what):
    with pytest.raises(KmipFailure) as refusal:
        transformed(job(**what), bytes.fromhex(data))
    assert str(refusal.value)
    return refusal.value.reason


@pytest.mark.parametrize(("mode", "iv", "expected"), SP_800_38A)
def test_the_vectors_of_sp_800_38a(mode, iv, expected):
    assert through(PLAIN[:96], block_cipher_mode=mode, iv=iv)[0] == expected
    assert through(expected, block_cipher_mode=mode, iv=iv, encrypt=False)[0] == PLAIN[:96]


@pytest.mark.parametrize(("mode", "iv", "expected"), SP_800_38A)
@pytest.mark.parametrize("step", [1, 5, 16, 17])
@pytest.mark.parametrize("padding", [None, PaddingMethod.PKCS5])
def test_data_in_parts_gives_what_data_in_one_part_gives(mode, iv, expected, step, padding):
    plain = bytes.fromhex(PLAIN[:96])
    whole = transformed(job(block_cipher_mode=mode, iv=iv, padding_method=padding), plain)[0]
    assert whole.hex().startswith(expected)
    for encrypt, given, wanted in ((True, plain, whole), (False, whole, plain)):
        stream = started(job(block_cipher_mode=mode, iv=iv, padding_method=padding, encrypt=encrypt)).transformation
        parts = [stream.update(given[at : at + step]) for at in range(0, len(given), step)]
        assert b"".join(parts) + stream.finish() == wanted
        assert any(parts)


@pytest.mark.parametrize(("source", "algorithm", "key", "plain", "encrypted"), SINGLE_BLOCKS, ids=[row[0] for row in SINGLE_BLOCKS])
def test_every_block_cipher_of_the_library(source, algorithm, key, plain, encrypted):
    assert through(plain, algorithm=algorithm, key=key, block_cipher_mode=Mode.ECB)[0] == encrypted
    assert through(encrypted, algorithm=algorithm, key=key, block_cipher_mode=Mode.ECB, encrypt=False)[0] == plain


def test_rfc_3686_makes_the_counter_from_the_initial_counter_value():
    what = {
        "key": "ae6852f8121067cc4bf7a5765577f39e",
        "iv": "000000300000000000000000",
        "block_cipher_mode": Mode.CTR,
        "counter_length": 32,
        "initial_counter_value": 1,
    }
    assert through(b"Single block msg".hex(), **what)[0] == "e4095d4fb7a7b3792d6175a3261311b8"
    assert refused("00", **what | {"counter_length": 64}) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS
    assert refused("00", **what | {"iv": IV}) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS


@pytest.mark.parametrize(
    ("mode", "kek", "plain", "wrapped"),
    [
        (Mode.NIST_KEY_WRAP, IV, "00112233445566778899aabbccddeeff", "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
        (
            Mode.AES_KEY_WRAP_PADDING,
            "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
            "c37b7e6492584340bed12207808941155068f738",
            "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
        ),
    ],
)
def test_the_key_wraps_of_rfc_3394_and_rfc_5649(mode, kek, plain, wrapped):
    assert through(plain, key=kek, block_cipher_mode=mode)[0] == wrapped
    assert through(wrapped, key=kek, block_cipher_mode=mode, encrypt=False)[0] == plain
    assert refused("00" + wrapped[2:], key=kek, block_cipher_mode=mode, encrypt=False) is ResultReason.CRYPTOGRAPHIC_FAILURE
    assert refused(wrapped, key=kek, algorithm=Algorithm.CAMELLIA, block_cipher_mode=mode) is not ResultReason.CRYPTOGRAPHIC_FAILURE


def test_a_key_wrap_refuses_what_is_no_multiple_of_eight():
    assert refused("00" * 20, block_cipher_mode=Mode.NIST_KEY_WRAP) is ResultReason.CRYPTOGRAPHIC_FAILURE


def test_xts_takes_two_keys():
    what = {"key": "11" * 16 + "22" * 16, "iv": "33333333330000000000000000000000", "block_cipher_mode": Mode.XTS}
    encrypted = "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"
    assert through("44" * 32, **what)[0] == encrypted
    assert through(encrypted, **what, encrypt=False)[0] == "44" * 32
    assert refused("44" * 15, **what) is ResultReason.CRYPTOGRAPHIC_FAILURE
    assert refused("44" * 32, **what | {"key": AES_KEY}) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS


AEADS = [
    (
        "McGrew and Viega, GCM, case 4",
        {"key": "feffe9928665731c6d6a8f9467308308", "iv": "cafebabefacedbaddecaf888", "block_cipher_mode": Mode.GCM, "tag_length": 16},
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
        "5bc94fbc3221a5db94fae95ae7121a47",
    ),
    (
        "RFC 3610, packet vector 1",
        {
            "key": "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf",
            "iv": "00000003020100a0a1a2a3a4a5",
            "block_cipher_mode": Mode.CCM,
            "tag_length": 8,
        },
        "0001020304050607",
        "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
        "588c979a61c663d2f066d0c2c0f989806d5f6b61dac384",
        "17e8d12cfdf926e0",
    ),
    (
        "RFC 8439, 2.8.2",
        {
            "algorithm": Algorithm.CHACHA20POLY1305,
            "key": "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
            "iv": "070000004041424344454647",
            "block_cipher_mode": Mode.AEAD,
            "tag_length": 16,
        },
        "50515253c0c1c2c3c4c5c6c7",
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.".hex(),
        (
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116"
        ),
        "1ae10b594f09e26a7e902ecbd0600691",
    ),
]


@pytest.mark.parametrize(("source", "what", "aad", "plain", "encrypted", "tag"), AEADS, ids=[row[0] for row in AEADS])
def test_authenticated_encryption(source, what, aad, plain, encrypted, tag):
    assert through(plain, **what, aad=aad) == (encrypted, tag)
    assert through(encrypted, **what, aad=aad, tag=tag, encrypt=False)[0] == plain
    assert through(encrypted + tag, **what, aad=aad, tag_follows=True, encrypt=False)[0] == plain


@pytest.mark.parametrize(("source", "what", "aad", "plain", "encrypted", "tag"), AEADS, ids=[row[0] for row in AEADS])
def test_whatever_is_touched_is_noticed(source, what, aad, plain, encrypted, tag):
    good = {**what, "aad": aad, "tag": tag, "encrypt": False}
    for touched in ({"tag": "00" + tag[2:]}, {"aad": "00" + aad}, {"iv": "ff" + what["iv"][2:]}, {"tag": None}, {"tag": tag[2:]}):
        assert refused(encrypted, **good | touched) is ResultReason.CRYPTOGRAPHIC_FAILURE
    assert refused("00" + encrypted[2:], **good) is ResultReason.CRYPTOGRAPHIC_FAILURE


@pytest.mark.parametrize(("source", "what", "aad", "plain", "encrypted", "tag"), AEADS, ids=[row[0] for row in AEADS])
def test_authenticated_decryption_gives_nothing_before_the_end(source, what, aad, plain, encrypted, tag):
    stream = started(job(**what, aad=aad, tag=tag, encrypt=False)).transformation
    assert stream.update(bytes.fromhex(encrypted)) == b""
    assert stream.finish().hex() == plain


@pytest.mark.parametrize("row", [AEADS[0], AEADS[2]], ids=["GCM", "ChaCha20-Poly1305"])
def test_a_tag_may_be_cut_off_as_tag_length_says(row):
    _, what, aad, plain, encrypted, tag = row
    cut = what | {"tag_length": 12, "aad": aad}
    assert through(plain, **cut) == (encrypted, tag[:24])
    assert through(encrypted, **cut, tag=tag[:24], encrypt=False)[0] == plain
    assert refused(encrypted, **cut, tag="00" + tag[2:24], encrypt=False) is ResultReason.CRYPTOGRAPHIC_FAILURE
    assert refused(plain, **what | {"tag_length": 1}) is ResultReason.GENERAL_FAILURE
    assert refused(plain, **what | {"tag_length": 32}) is ResultReason.GENERAL_FAILURE


def test_chacha20_takes_the_nonce_of_either_kind():
    key = {"algorithm": Algorithm.CHACHA20, "key": "00" * 32}
    zeros = "00" * 64
    stream = (
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
    )
    for nonce in ("00" * 8, "00" * 12, "00" * 16):
        assert through(zeros, **key, iv=nonce)[0] == stream
    second = through("00" * 128, **key, iv="00" * 12)[0][128:]
    assert through(zeros, **key, iv="00" * 12, initial_counter_value=1)[0] == second
    assert refused(zeros, **key, iv="00" * 24) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS


def test_rc4_and_the_one_time_pad():
    assert through("00" * 8, algorithm=Algorithm.RC4, key="0102030405")[0] == "b2396305f03dc027"
    pad = {"algorithm": Algorithm.ONE_TIME_PAD, "key": "fc932e1428bd"}
    assert through("010203040506", **pad)[0] == "fd912d102dbb"
    assert refused("00" * 7, **pad) is ResultReason.CRYPTOGRAPHIC_FAILURE


@pytest.mark.parametrize("method", [PaddingMethod.PKCS5, PaddingMethod.ANSI_X9_23, PaddingMethod.ISO_10126, PaddingMethod.SSL3])
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17])
def test_paddings_come_off_again(method, length):
    what = {"block_cipher_mode": Mode.CBC, "padding_method": method, "iv": IV}
    plain = bytes(range(length)).hex()
    encrypted = through(plain, **what)[0]
    assert len(encrypted) // 2 == length // 16 * 16 + 16
    assert through(encrypted, **what, encrypt=False)[0] == plain


@pytest.mark.parametrize(
    ("method", "ending"),
    [
        (PaddingMethod.PKCS5, "0202"),
        (PaddingMethod.ANSI_X9_23, "0002"),
        (PaddingMethod.ZEROS, "0000"),
    ],
)
def test_paddings_look_as_their_standards_say(method, ending):
    ecb = {"block_cipher_mode": Mode.ECB}
    padded = through(through("11" * 14, **ecb, padding_method=method)[0], **ecb, encrypt=False)[0]
    assert padded == "11" * 14 + ending


def test_zeros_come_off_with_the_data_that_ends_in_zeros():
    what = {"block_cipher_mode": Mode.ECB, "padding_method": PaddingMethod.ZEROS}
    assert through(through("1122", **what)[0], **what, encrypt=False)[0] == "1122"
    assert through(through("11" * 16, **what)[0], **what, encrypt=False)[0] == "11" * 16


def test_what_was_never_padded_is_refused():
    bare = through("ff" * 16, block_cipher_mode=Mode.ECB)[0]
    for method in (PaddingMethod.PKCS5, PaddingMethod.ANSI_X9_23, PaddingMethod.ISO_10126, PaddingMethod.SSL3):
        what = {"block_cipher_mode": Mode.ECB, "padding_method": method, "encrypt": False}
        assert refused(bare, **what) is ResultReason.CRYPTOGRAPHIC_FAILURE
        assert refused("", **what) is ResultReason.CRYPTOGRAPHIC_FAILURE


def test_ivs():
    cbc = {"block_cipher_mode": Mode.CBC}
    assert refused(PLAIN, **cbc) is ResultReason.INVALID_MESSAGE
    assert refused(PLAIN, **cbc, random_iv=True, encrypt=False) is ResultReason.INVALID_MESSAGE
    assert refused(PLAIN, **cbc, iv="00" * 12) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS
    encrypted, iv, _ = transformed(job(**cbc, random_iv=True), bytes.fromhex(PLAIN))
    assert len(iv) == 16
    assert iv != transformed(job(**cbc, random_iv=True), bytes.fromhex(PLAIN))[1]
    assert through(encrypted.hex(), **cbc, iv=iv.hex(), encrypt=False)[0] == PLAIN
    assert transformed(job(**cbc, iv=IV, random_iv=True), bytes.fromhex(PLAIN))[1] is None


@pytest.mark.parametrize(
    ("parameters", "length"),
    [
        ({"block_cipher_mode": Mode.GCM}, 12),
        ({"block_cipher_mode": Mode.GCM, "iv_length": 128}, 16),
        ({"block_cipher_mode": Mode.CTR}, 16),
        ({"block_cipher_mode": Mode.CTR, "counter_length": 32}, 12),
        ({"block_cipher_mode": Mode.CCM}, 12),
    ],
)
def test_the_length_of_an_iv_that_is_made_here(parameters, length):
    encrypted, iv, tag = transformed(job(**parameters, random_iv=True), b"data")
    assert len(iv) == length
    opened = job(**parameters, iv=iv.hex(), tag=tag and tag.hex(), encrypt=False)
    assert transformed(opened, encrypted)[0] == b"data"


BAD, UNSUPPORTED, FAILED = (
    ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS,
    ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
    ResultReason.CRYPTOGRAPHIC_FAILURE,
)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({}, BAD),
        ({"block_cipher_mode": Mode.PCBC, "iv": IV}, UNSUPPORTED),
        ({"block_cipher_mode": Mode.X9_102_AESKW}, UNSUPPORTED),
        ({"block_cipher_mode": Mode.CMAC}, UNSUPPORTED),
        ({"block_cipher_mode": Mode.ECB, "cryptographic_algorithm": Algorithm.CAMELLIA}, BAD),
        ({"block_cipher_mode": Mode.ECB, "algorithm": Algorithm.TWOFISH}, UNSUPPORTED),
        ({"block_cipher_mode": Mode.ECB, "key": "00" * 15}, BAD),
        ({"block_cipher_mode": Mode.ECB, "padding_method": PaddingMethod.OAEP}, BAD),
        ({"block_cipher_mode": Mode.GCM, "iv": "00" * 4}, BAD),
        ({"block_cipher_mode": Mode.GCM, "random_iv": True, "iv_length": 96, "fixed_field_length": 64, "invocation_field_length": 64}, BAD),
        ({"block_cipher_mode": Mode.GCM, "random_iv": True, "iv_length": 95}, BAD),
        ({"block_cipher_mode": Mode.CTR, "algorithm": Algorithm.CAST5, "iv": "00" * 8}, UNSUPPORTED),
        ({"block_cipher_mode": Mode.CCM, "algorithm": Algorithm.CAMELLIA, "iv": "00" * 12}, UNSUPPORTED),
    ],
)
def test_refusals(what, reason):
    assert refused("00" * 17, **what) is reason


def test_data_that_is_no_multiple_of_the_block_is_a_failure_of_the_cryptography():
    assert refused("00" * 17, block_cipher_mode=Mode.ECB) is FAILED
    assert refused("00" * 17, block_cipher_mode=Mode.ECB, encrypt=False) is FAILED
