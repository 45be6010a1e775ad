"""RSA encryption against the library's own, with every hash of OAEP, and refusals that do not tell why."""

from __future__ import annotations

from itertools import product

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from kmip_server.crypto.library_hashes import LIBRARY_HASHES
from kmip_server.crypto.rsa_encryption import rsa_decrypt, rsa_encrypt
from kmip_server.enums import HashingAlgorithm, PaddingMethod, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicParameters

KEY = rsa.generate_private_key(65537, 2048)
OAEP_HASHES = [h for h in LIBRARY_HASHES if h.name.startswith("SHA_") and not h.name.startswith("SHA_512_")]
DATA = b"hello"


def oaep(hashing=None, mask=None, source=None):
    return CryptographicParameters(
        padding_method=PaddingMethod.OAEP, hashing_algorithm=hashing, mask_generator_hashing_algorithm=mask, p_source=source
    )


@pytest.mark.parametrize(("hashing", "mask"), list(product(OAEP_HASHES, OAEP_HASHES)))
def test_oaep_with_every_hash_is_the_librarys(hashing, mask):
    theirs = padding.OAEP(padding.MGF1(LIBRARY_HASHES[mask]), LIBRARY_HASHES[hashing], b"label")
    assert KEY.decrypt(rsa_encrypt(KEY.public_key(), oaep(hashing, mask, b"label"), DATA), theirs) == DATA
    assert rsa_decrypt(KEY, oaep(hashing, mask, b"label"), KEY.public_key().encrypt(DATA, theirs)) == DATA


def test_the_defaults_of_oaep():
    """3.6: the mask's hash is SHA-1 and P Source is empty where nothing else is said."""
    theirs = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), None)
    assert KEY.decrypt(rsa_encrypt(KEY.public_key(), oaep(HashingAlgorithm.SHA_256), DATA), theirs) == DATA
    assert rsa_decrypt(KEY, oaep(HashingAlgorithm.SHA_1), rsa_encrypt(KEY.public_key(), None, DATA)) == DATA


def test_pkcs_1_v1_5():
    said = CryptographicParameters(padding_method=PaddingMethod.PKCS1_V1_5)
    assert KEY.decrypt(rsa_encrypt(KEY.public_key(), said, DATA), padding.PKCS1v15()) == DATA
    assert rsa_decrypt(KEY, said, KEY.public_key().encrypt(DATA, padding.PKCS1v15())) == DATA


def test_what_cannot_be_decrypted_has_one_sentence():
    good = rsa_encrypt(KEY.public_key(), oaep(source=b"one"), DATA)
    told = set()
    for parameters, data in ((oaep(source=b"other"), good), (oaep(), bytes(256)), (oaep(), b"short"), (oaep(), b"\xff" * 256)):
        with pytest.raises(KmipFailure) as refused:
            rsa_decrypt(KEY, parameters, data)
        assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE
        told.add(str(refused.value))
    assert len(told) == 1


def test_too_much_data():
    with pytest.raises(KmipFailure) as refused:
        rsa_encrypt(KEY.public_key(), oaep(), bytes(256))
    assert refused.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


@pytest.mark.parametrize("method", [PaddingMethod.PKCS5, PaddingMethod.PSS, PaddingMethod.NONE])
def test_other_paddings(method):
    said = CryptographicParameters(padding_method=method)
    for refuse in (lambda: rsa_encrypt(KEY.public_key(), said, DATA), lambda: rsa_decrypt(KEY, said, DATA)):
        with pytest.raises(KmipFailure) as refused:
            refuse()
        assert refused.value.reason is ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS


def test_other_keys():
    key = ec.generate_private_key(ec.SECP256R1())
    for refuse in (lambda: rsa_encrypt(key.public_key(), None, DATA), lambda: rsa_decrypt(key, None, DATA)):
        with pytest.raises(KmipFailure) as refused:
            refuse()
        assert refused.value.reason is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS
