"""Signatures: vectors of RFC 8032 and RFC 6979, OpenSSL's own signatures, digests of odd lengths, and messages in parts."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, encode_dss_signature
from kmip_server.crypto.key_generation import generate
from kmip_server.crypto.signatures import Digested, MessageInParts, digested, hash_of, sign, verify
from kmip_server.enums import (
    CryptographicAlgorithm,
    DigitalSignatureAlgorithm,
    HashingAlgorithm,
    PaddingMethod,
    RecommendedCurve,
    ResultReason,
)
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicParameters

DATA = bytes.fromhex("01020304050607080910111213141516")
RSA = rsa.generate_private_key(65537, 2048)
P256, P521, P192 = (ec.generate_private_key(curve()) for curve in (ec.SECP256R1, ec.SECP521R1, ec.SECP192R1))
DSA = generate(CryptographicAlgorithm.DSA, 2048)
PSS = CryptographicParameters(padding_method=PaddingMethod.PSS, hashing_algorithm=HashingAlgorithm.SHA_256)

WAYS = [
    None,
    CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_384),
    CryptographicParameters(padding_method=PaddingMethod.PKCS1_V1_5, hashing_algorithm=HashingAlgorithm.SHA3_256),
    PSS,
    CryptographicParameters(padding_method=PaddingMethod.PSS, salt_length=222),
    CryptographicParameters(padding_method=PaddingMethod.PSS, mask_generator_hashing_algorithm=HashingAlgorithm.SHA_1),
    CryptographicParameters(digital_signature_algorithm=DigitalSignatureAlgorithm.RSASSA_PSS, hashing_algorithm=HashingAlgorithm.SHA_512),
]


@pytest.mark.parametrize("parameters", WAYS)
@pytest.mark.parametrize("key", [RSA, P256, P521, DSA], ids=["RSA", "P-256", "P-521", "DSA"])
def test_what_is_signed_verifies_and_nothing_else_does(key, parameters):
    signature = sign(key, parameters, DATA)
    public = key.public_key()
    assert verify(public, parameters, DATA, signature)
    assert not verify(public, parameters, DATA + b"x", signature)
    assert not verify(public, parameters, DATA, signature[:-1] + bytes([signature[-1] ^ 1]))
    other = CryptographicParameters(padding_method=PaddingMethod.PSS, hashing_algorithm=HashingAlgorithm.SHA_1)
    assert not verify(public, other, DATA, signature)


@pytest.mark.parametrize("parameters", WAYS)
@pytest.mark.parametrize("key", [RSA, P256, ed25519.Ed25519PrivateKey.generate(), ed448.Ed448PrivateKey.generate()])
def test_a_message_in_parts_is_signed_as_a_whole_one(key, parameters):
    first, second = MessageInParts(key, parameters), MessageInParts(key.public_key(), parameters)
    for part in (DATA[:2], DATA[2:14], DATA[14:]):
        first.update(part)
        second.update(part)
    signature = sign(key, parameters, first.whole())
    assert verify(key.public_key(), parameters, DATA, signature)
    assert verify(key.public_key(), parameters, second.whole(), signature)


def test_the_library_verifies_what_is_signed_here():
    public = RSA.public_key()
    public.verify(sign(RSA, None, DATA), DATA, padding.PKCS1v15(), hashes.SHA256())
    public.verify(sign(RSA, PSS, DATA), DATA, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    P256.public_key().verify(sign(P256, None, DATA), DATA, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("salt", [0, 20, 222])
@pytest.mark.parametrize("mask", [hashes.SHA1(), hashes.SHA256()])
def test_pss_signatures_of_others_with_any_salt_and_either_mask(salt, mask):
    signature = RSA.sign(DATA, padding.PSS(padding.MGF1(mask), salt), hashes.SHA256())
    assert verify(RSA.public_key(), PSS, DATA, signature)
    told = CryptographicParameters(padding_method=PaddingMethod.PSS, salt_length=21)
    assert not verify(RSA.public_key(), told, DATA, signature)


RFC_8032 = [
    (
        ed25519.Ed25519PublicKey,
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        ed448.Ed448PublicKey,
        "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
        "03",
        (
            "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cb"
            "cee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00"
        ),
    ),
]


@pytest.mark.parametrize(("kind", "key", "message", "signature"), RFC_8032, ids=["Ed25519", "Ed448"])
def test_vectors_of_rfc_8032(kind, key, message, signature):
    public = kind.from_public_bytes(bytes.fromhex(key))
    assert verify(public, None, bytes.fromhex(message), bytes.fromhex(signature))
    assert not verify(public, None, b"no", bytes.fromhex(signature))


def test_a_vector_of_rfc_6979():
    """A.2.5: P-256 with SHA-512, message "sample"."""
    public = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1()).public_key()
    signature = encode_dss_signature(
        0x8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00,
        0x2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE,
    )
    parameters = CryptographicParameters(digital_signature_algorithm=DigitalSignatureAlgorithm.ECDSA_WITH_SHA512)
    assert verify(public, parameters, b"sample", signature)
    assert verify(public, parameters, Digested(hashlib.sha512(b"sample").digest(), HashingAlgorithm.SHA_512), signature)
    assert not verify(public, None, b"sample", signature)


@pytest.mark.parametrize("key", [P192, P256, P521, DSA], ids=["P-192", "P-256", "P-521", "DSA"])
@pytest.mark.parametrize("length", [1, 16, 20, 23, 24, 32, 48, 64])
def test_a_digest_of_any_length_is_the_number_that_it_stands_for(key, length):
    """A shorter digest is the same number with zeros before it; of a longer one the first bits count."""
    digest = hashlib.shake_256(b"digest").digest(length)
    signature = sign(key, None, digested(digest, None))
    assert verify(key.public_key(), None, digested(digest, None), signature)
    assert not verify(key.public_key(), None, digested(b"\x55" + digest[1:], None), signature)
    if length <= 24:
        assert verify(key.public_key(), None, digested(bytes(2) + digest if length <= 16 else digest, None), signature)
    for algorithm, size in ((HashingAlgorithm.SHA_1, 20), (HashingAlgorithm.SHA_256, 32), (HashingAlgorithm.SHA_512, 64)):
        if size == length:
            assert verify(key.public_key(), None, Digested(digest, algorithm), signature)


def test_rsa_signs_a_digest_of_no_known_kind_as_it_is():
    signature = sign(RSA, CryptographicParameters(cryptographic_algorithm=CryptographicAlgorithm.RSA), digested(DATA, None))
    public = RSA.public_key()
    assert public.recover_data_from_signature(signature, padding.PKCS1v15(), NoDigestInfo()) == DATA
    assert verify(public, None, digested(DATA, None), signature)
    assert not verify(public, PSS, DATA, signature)


def test_rsa_signs_a_digest_of_a_known_kind_as_it_signs_the_data():
    parameters = CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_384)
    signature = sign(RSA, parameters, digested(hashlib.sha384(DATA).digest(), parameters))
    assert verify(RSA.public_key(), parameters, DATA, signature)


@pytest.mark.parametrize(
    ("key", "parameters", "message", "reason"),
    [
        (RSA, CryptographicParameters(padding_method=PaddingMethod.OAEP), DATA, ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS),
        (
            RSA,
            CryptographicParameters(hashing_algorithm=HashingAlgorithm.TIGER),
            DATA,
            ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
        ),
        (
            RSA,
            CryptographicParameters(digital_signature_algorithm=DigitalSignatureAlgorithm.MD2_WITH_RSA_ENCRYPTION),
            DATA,
            ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
        ),
        (RSA, PSS, Digested(b"short", HashingAlgorithm.SHA_256), ResultReason.CRYPTOGRAPHIC_FAILURE),
        (
            RSA,
            CryptographicParameters(padding_method=PaddingMethod.PSS, salt_length=9999),
            DATA,
            ResultReason.CRYPTOGRAPHIC_FAILURE,
        ),
        (
            ed25519.Ed25519PrivateKey.generate(),
            None,
            Digested(DATA, None),
            ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS,
        ),
        (
            generate(CryptographicAlgorithm.ECDH, curve=RecommendedCurve.CURVE25519),
            None,
            DATA,
            ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS,
        ),
    ],
)
def test_what_cannot_be_signed_is_refused(key, parameters, message, reason):
    with pytest.raises(KmipFailure) as refused:
        sign(key, parameters, message)
    assert refused.value.reason is reason


def test_a_digital_signature_algorithm_tells_the_hash():
    said = CryptographicParameters(
        digital_signature_algorithm=DigitalSignatureAlgorithm.DSA_WITH_SHA224, hashing_algorithm=HashingAlgorithm.SHA_512
    )
    assert hash_of(said) is HashingAlgorithm.SHA_224
