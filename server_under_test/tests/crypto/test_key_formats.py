"""Key formats: every kind of key through every format it has and back; other people's encodings; hints; refusals."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from kmip_server.crypto.agreement import shared_secret
from kmip_server.crypto.der import INTEGER, OCTET_STRING, SEQUENCE, element, elements, inside
from kmip_server.crypto.diffie_hellman import rfc_7919_prime
from kmip_server.crypto.key_formats import Hints, read_private, read_public, write_private, write_public
from kmip_server.crypto.key_generation import generate
from kmip_server.crypto.key_kinds import CURVES, algorithm_of, length_of, recommended_curve
from kmip_server.crypto.transparent import numbers_of_private, private_key_of
from kmip_server.enums import CryptographicAlgorithm as Algorithm
from kmip_server.enums import KeyCompressionType as Compression
from kmip_server.enums import KeyFormatType as Form
from kmip_server.enums import RecommendedCurve as Curve
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import TransparentDSAPrivateKey, TransparentRSAPrivateKey

RSA = generate(Algorithm.RSA, 1024)
EC = generate(Algorithm.EC)
KEYS = {
    "RSA": (RSA, Form.TRANSPARENT_RSA_PRIVATE_KEY, Form.TRANSPARENT_RSA_PUBLIC_KEY),
    "DSA": (generate(Algorithm.DSA, 1024), Form.TRANSPARENT_DSA_PRIVATE_KEY, Form.TRANSPARENT_DSA_PUBLIC_KEY),
    "DH": (generate(Algorithm.DH), Form.TRANSPARENT_DH_PRIVATE_KEY, Form.TRANSPARENT_DH_PUBLIC_KEY),
    "EC": (EC, Form.TRANSPARENT_EC_PRIVATE_KEY, Form.TRANSPARENT_EC_PUBLIC_KEY),
    "EC as ECDSA": (EC, Form.TRANSPARENT_ECDSA_PRIVATE_KEY, Form.TRANSPARENT_ECDSA_PUBLIC_KEY),
    "EC as ECMQV": (EC, Form.TRANSPARENT_ECMQV_PRIVATE_KEY, Form.TRANSPARENT_ECMQV_PUBLIC_KEY),
    "EC raw": (EC, Form.RAW, Form.RAW),
    "EC of RFC 5915": (EC, Form.EC_PRIVATE_KEY, Form.X_509),
    "RSA of PKCS#1": (RSA, Form.PKCS_1, Form.PKCS_1),
    "Ed25519": (generate(Algorithm.ED25519), Form.RAW, Form.RAW),
    "Ed448": (generate(Algorithm.ED448), Form.RAW, Form.RAW),
    "X25519": (generate(Algorithm.ECDH, curve=Curve.CURVE25519), Form.RAW, Form.RAW),
    "X448": (generate(Algorithm.EC, curve=Curve.CURVE448), Form.RAW, Form.RAW),
}


def hints_of(key):
    return Hints(algorithm_of(key), recommended_curve(key))


@pytest.mark.parametrize(("key", "private", "public"), KEYS.values(), ids=KEYS)
def test_there_and_back(key, private, public):
    hints, pkcs_8 = hints_of(key), write_private(key, Form.PKCS_8)
    for form in (private, Form.PKCS_8):
        assert write_private(read_private(form, write_private(key, form), hints), Form.PKCS_8) == pkcs_8
    spki = write_public(key.public_key(), Form.X_509)
    for form in (public, Form.X_509):
        assert write_public(read_public(form, write_public(key.public_key(), form), hints), Form.X_509) == spki


@pytest.mark.parametrize("curve", CURVES)
def test_every_curve(curve):
    key = generate(Algorithm.EC, curve=curve)
    assert recommended_curve(key) is curve
    assert length_of(key) == CURVES[curve].key_size
    again = read_private(Form.TRANSPARENT_EC_PRIVATE_KEY, write_private(key, Form.TRANSPARENT_EC_PRIVATE_KEY))
    assert again.private_numbers() == key.private_numbers()


@pytest.mark.parametrize("form", [Form.RAW, Form.X_509, Form.TRANSPARENT_EC_PUBLIC_KEY])
@pytest.mark.parametrize("compression", [c for c in Compression if c is not Compression.EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_CHAR2])
def test_compressed_points_are_the_same_key(form, compression):
    public = EC.public_key()
    written = write_public(public, form, compression)
    read = read_public(form, written, hints_of(public)) if form is not Form.X_509 or not is_hybrid(compression) else public
    assert read.public_numbers() == public.public_numbers()
    first = {1: 0x04, 2: 0x02 | public.public_numbers().y & 1, 4: 0x06 | public.public_numbers().y & 1}[compression]
    point = written if form is Form.RAW else inside(written)[1].contents[1:] if form is Form.X_509 else written.q_string
    assert point[0] == first
    assert len(point) == (33 if compression == 2 else 65)


def is_hybrid(compression):
    return compression is Compression.EC_PUBLIC_KEY_TYPE_X9_62_HYBRID


@pytest.mark.parametrize(
    ("key", "compression"),
    [(EC, Compression.EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_CHAR2), (RSA, Compression.EC_PUBLIC_KEY_TYPE_UNCOMPRESSED)],
)
def test_compressions_that_a_key_has_not(key, compression):
    with pytest.raises(KmipFailure) as refused:
        write_public(key.public_key(), Form.X_509, compression)
    assert refused.value.reason is ResultReason.KEY_COMPRESSION_TYPE_NOT_SUPPORTED


LEFT_OUT = [
    ("p", "q", "prime_exponent_p", "prime_exponent_q", "crt_coefficient"),
    ("private_exponent", "prime_exponent_p", "prime_exponent_q", "crt_coefficient"),
    ("public_exponent",),
    ("private_exponent",),
]


@pytest.mark.parametrize("missing", LEFT_OUT)
def test_an_rsa_key_with_fewer_numbers_is_the_same_key(missing):
    whole = write_private(RSA, Form.TRANSPARENT_RSA_PRIVATE_KEY)
    part = replace(whole, **dict.fromkeys(missing))
    read = read_private(Form.TRANSPARENT_RSA_PRIVATE_KEY, part).private_numbers()
    assert {read.p, read.q} == {whole.p, whole.q}
    assert pow(pow(5, read.d, whole.modulus), read.public_numbers.e, whole.modulus) == 5


def test_an_rsa_key_of_too_few_numbers_is_unusable():
    with pytest.raises(KmipFailure) as refused:
        read_private(Form.TRANSPARENT_RSA_PRIVATE_KEY, TransparentRSAPrivateKey(modulus=RSA.private_numbers().public_numbers.n))
    assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


def test_an_ec_key_without_its_curve_gets_it_from_the_attributes():
    """Cryptographic Domain Parameters say what an ECPrivateKey without parameters leaves out (RFC 5915, 3)."""
    scalar = write_private(EC, Form.RAW)
    bare = element(SEQUENCE, element(INTEGER, b"\x01"), element(OCTET_STRING, scalar))
    read = read_private(Form.EC_PRIVATE_KEY, bare, Hints(Algorithm.EC, Curve.P_256))
    assert read.public_key() == EC.public_key()
    with pytest.raises(KmipFailure):
        read_private(Form.EC_PRIVATE_KEY, bare)


def test_keys_that_are_not_keys():
    for read in (read_private, read_public):
        for material in (b"", b"\x30\x03\x02\x01", bytes(100)):
            for form in (Form.PKCS_1, Form.PKCS_8, Form.X_509, Form.RAW, Form.EC_PRIVATE_KEY):
                with pytest.raises(KmipFailure) as refused:
                    read(form, material)
                assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


@pytest.mark.parametrize(
    ("key", "form"),
    [(EC, Form.PKCS_1), (RSA, Form.EC_PRIVATE_KEY), (RSA, Form.RAW), (RSA, Form.TRANSPARENT_EC_PRIVATE_KEY), (EC, Form.X_509)],
)
def test_formats_that_a_kind_of_key_has_not(key, form):
    with pytest.raises(KmipFailure) as refused:
        write_private(key, form)
    assert refused.value.reason is ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED


def test_formats_are_what_the_library_says_they_are():
    assert write_private(RSA, Form.PKCS_1) == RSA.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert write_public(RSA.public_key(), Form.PKCS_1) == RSA.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    assert read_public(Form.X_509, RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)) == RSA.public_key()


@pytest.mark.parametrize(
    ("algorithm", "length", "curve", "reason"),
    [
        (Algorithm.RSA, 512, None, ResultReason.INVALID_FIELD),
        (Algorithm.RSA, 1027, None, ResultReason.INVALID_FIELD),
        (Algorithm.DSA, 512, None, ResultReason.INVALID_FIELD),
        (Algorithm.DH, 1024, None, ResultReason.INVALID_FIELD),
        (Algorithm.EC, 257, None, ResultReason.INVALID_FIELD),
        (Algorithm.EC, 384, Curve.P_256, ResultReason.INVALID_FIELD),
        (Algorithm.EC, None, Curve.B_163, ResultReason.INVALID_FIELD),
        (Algorithm.ECDSA, None, Curve.CURVE25519, ResultReason.INVALID_FIELD),
        (Algorithm.AES, 256, None, ResultReason.INVALID_FIELD),
    ],
)
def test_what_is_not_generated(algorithm, length, curve, reason):
    with pytest.raises(KmipFailure) as refused:
        generate(algorithm, length, curve)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("algorithm", "length", "kind"),
    [(Algorithm.RSA, 1024, rsa.RSAPrivateKey), (Algorithm.ECDSA, 384, ec.EllipticCurvePrivateKey)],
)
def test_what_is_generated_has_the_length(algorithm, length, kind):
    key = generate(algorithm, length)
    assert isinstance(key, kind)
    assert length_of(key) == length_of(key.public_key()) == length


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_the_groups_of_rfc_7919_have_safe_primes(bits):
    prime = rfc_7919_prime(bits)
    half = (prime - 1) // 2
    assert prime.bit_length() == bits
    assert pow(2, prime - 1, prime) == 1
    assert pow(2, half - 1, half) == 1


@pytest.mark.parametrize(
    ("algorithm", "curve"),
    [(Algorithm.EC, Curve.P_384), (Algorithm.EC, Curve.CURVE25519), (Algorithm.EC, Curve.CURVE448), (Algorithm.DH, None)],
)
def test_two_agree_on_a_secret(algorithm, curve):
    one, other = generate(algorithm, curve=curve), generate(algorithm, curve=curve)
    assert shared_secret(one, other.public_key()) == shared_secret(other, one.public_key())
    for strangers in ((one, RSA.public_key()), (RSA, RSA.public_key()), (EC, generate(Algorithm.EC, 384).public_key())):
        with pytest.raises(KmipFailure) as refused:
            shared_secret(*strangers)
        assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


def test_a_vector_of_rfc_5903():
    """8.1: the 256-bit random ECP group."""
    i = ec.derive_private_key(0xC88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433, ec.SECP256R1())
    r = ec.derive_private_key(0xC6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53, ec.SECP256R1())
    expected = bytes.fromhex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de")
    assert shared_secret(i, r.public_key()) == expected


@pytest.mark.parametrize("data", [b"\x30", b"\x30\x81", b"\x30\x80", b"\x30\x85\x01\x01\x01\x01\x01", b"\x30\x05\x00"])
def test_what_is_no_der(data):
    with pytest.raises(ValueError, match=r"element|length"):
        list(elements(data))


def test_der_of_every_length():
    for size in (0, 127, 128, 255, 256, 70000):
        (only,) = elements(element(OCTET_STRING, bytes(size)))
        assert len(only.contents) == size


def test_keys_that_would_keep_everybody_waiting_are_not_used():
    huge = 2**200_000 + 1
    for form, material in (
        (Form.TRANSPARENT_RSA_PRIVATE_KEY, TransparentRSAPrivateKey(modulus=huge, private_exponent=huge, public_exponent=3)),
        (Form.TRANSPARENT_DSA_PRIVATE_KEY, TransparentDSAPrivateKey(p=huge, q=huge, g=huge, x=huge)),
    ):
        with pytest.raises(KmipFailure) as refused:
            read_private(form, material)
        assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


@pytest.mark.parametrize(("bits", "usable"), [(16384, True), (16392, False)])
def test_how_long_a_key_may_be(bits, usable):
    modulus = element(INTEGER, b"\x00" + ((1 << bits) - 1).to_bytes(bits // 8, "big"))
    data = element(SEQUENCE, modulus, element(INTEGER, b"\x01\x00\x01"))
    if usable:
        assert length_of(read_public(Form.PKCS_1, data)) == bits
    else:
        with pytest.raises(KmipFailure):
            read_public(Form.PKCS_1, data)


@pytest.mark.parametrize("number", [0, -1, 2, -(2**2048), 2**2100])
def test_numbers_that_are_no_keys_are_refused_in_words(number: int) -> None:
    right = numbers_of_private(RSA)
    for field in fields(right):
        with suppress(ValueError):
            private_key_of(replace(right, **{field.name: number}))  # type: ignore[type-var]
