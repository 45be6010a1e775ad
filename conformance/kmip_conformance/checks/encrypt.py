"""Encrypt (KMIP 1.4, 4.29): right results, and no protection by a key that may not give it.

Expected values are computed here, with `cryptography`; the vectors are those of NIST SP 800-38A, annex F, and of the GCM specification.
"""

from __future__ import annotations

import time
from functools import partial

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmip_conformance.arranging import NOT_TAKEN
from kmip_conformance.arranging_keys import AES_128, NOT_ALLOWED, has_key_of, has_public_key, opened_by, provided, rsa_key
from kmip_conformance.authoring import (
    V1_2,
    V1_3,
    V1_4,
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    Operation,
    Reason,
    RevocationReasonCode,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import BlockCipherMode, HashingAlgorithm, PaddingMethod

RULE, LATER = "4.29 Encrypt", "6.1.17 Encrypt"
RESULT = "the encrypted data (as a Byte String)"
NEEDS = [Operation.REGISTER, Operation.ACTIVATE, Operation.ENCRYPT]
BOTH = CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT
IV = bytes(range(16))
PLAIN = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
ECB = requests.parameters(mode=BlockCipherMode.ECB, padding=PaddingMethod.NONE)
CBC = requests.parameters(mode=BlockCipherMode.CBC, padding=PaddingMethod.NONE)
CBC_PADDED = requests.parameters(mode=BlockCipherMode.CBC, padding=PaddingMethod.PKCS5)
GCM = requests.parameters(mode=BlockCipherMode.GCM, algorithm=CryptographicAlgorithm.AES, tag_length=16)
ASYMMETRIC = (Reason.PERMISSION_DENIED, Reason.INVALID_OBJECT_TYPE)
"""How a server says that it encrypts with symmetric keys alone: the object "is not able to be used for encryption" (11.30)."""

NONCE = bytes.fromhex("cafebabefacedbaddecaf888")

result = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(RULE, "the result of the encryption operation"),
    in_2_x=kmip_2_1(LATER, "the result of the encryption operation"),
    needs=NEEDS,
    mutants=["encrypt.wrong-result"],
)
refusal = partial(
    check,
    since=V1_2,
    needs=NEEDS,
    cites=[
        kmip_1_4("11.30 Encrypt", "Object specified is not able to be used for encryption"),
        kmip_1_4("3.22 State", "The object SHALL NOT be used for applying cryptographic protection"),
    ],
    in_2_x=kmip_2_1("4.57 State", "The object SHALL NOT be used for applying cryptographic protection"),
    mutants=["encrypt.key-not-checked"],
)


def with_cipher(mode: modes.CBC | modes.ECB, data: bytes, key: bytes = AES_128) -> bytes:
    """What AES makes of data, computed here."""
    encryptor = Cipher(algorithms.AES(key), mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


@result("encrypt.names-the-key")
def the_answer_names_the_key(kmip: Conversation) -> None:
    """Encrypt answers with the Unique Identifier of the key, and with data that is not the plaintext."""
    key = has_key_of(kmip, AES_128, BOTH)
    answer = provided(kmip.ask(requests.encrypt(key, PLAIN, parameters=ECB)), "AES in ECB mode").has(Tag.UNIQUE_IDENTIFIER, key)
    expect(answer.value(Tag.DATA) == with_cipher(modes.ECB(), PLAIN), "whether the data is the ciphertext").is_(wanted=True)  # noqa: S305


@result("encrypt.aes-ecb")
def aes_in_ecb_mode_is_that_of_nist(kmip: Conversation) -> None:
    """AES-128 in ECB mode gives the ciphertext of NIST SP 800-38A, F.1.1."""
    answer = provided(kmip.ask(requests.encrypt(has_key_of(kmip, AES_128, BOTH), PLAIN[:16], parameters=ECB)), "AES in ECB mode")
    expect(answer.value(Tag.DATA).hex() == "3ad77bb40d7a3660a89ecaf32466ef97", "whether it is the published one").is_(wanted=True)


@result("encrypt.aes-cbc")
def aes_in_cbc_mode_is_that_of_nist(kmip: Conversation) -> None:
    """AES-128 in CBC mode gives the ciphertext of NIST SP 800-38A, F.2.1: two blocks, no padding."""
    item = requests.encrypt(has_key_of(kmip, AES_128, BOTH), PLAIN, parameters=CBC, iv=IV)
    expected = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
    answer = provided(kmip.ask(item), "AES in CBC mode")
    expect(answer.value(Tag.DATA).hex() == expected, "whether it is the published one").is_(wanted=True)


@result("encrypt.aes-256-cbc")
def a_key_of_256_bits_is_used_in_full(kmip: Conversation) -> None:
    """AES-256 in CBC mode gives what the whole key gives."""
    material = bytes(range(100, 132))
    answer = provided(kmip.ask(requests.encrypt(has_key_of(kmip, material, BOTH), PLAIN, parameters=CBC, iv=IV)), "AES in CBC mode")
    expect(answer.value(Tag.DATA) == with_cipher(modes.CBC(IV), PLAIN, material), "whether it is that of AES-256").is_(wanted=True)


@result("encrypt.cbc-is-padded")
def data_of_any_length_is_padded(kmip: Conversation) -> None:
    """In CBC mode with PKCS#5 padding, 20 bytes and 32 bytes of plaintext are padded as it says: 32 and 48 bytes of ciphertext."""
    key = has_key_of(kmip, AES_128, BOTH)
    for data in (PLAIN[:20], PLAIN):
        padder = padding.PKCS7(128).padder()
        expected = with_cipher(modes.CBC(IV), padder.update(data) + padder.finalize())
        answer = provided(kmip.ask(requests.encrypt(key, data, parameters=CBC_PADDED, iv=IV)), "AES in CBC mode with PKCS#5 padding")
        expect(answer.value(Tag.DATA) == expected, f"whether the ciphertext of {len(data)} bytes is right").is_(wanted=True)


@result("encrypt.aes-ctr")
def aes_in_counter_mode(kmip: Conversation) -> None:
    """AES-128 in CTR mode gives the ciphertext of NIST SP 800-38A, F.5.1."""
    counter = bytes(range(0xF0, 0x100))
    chosen = requests.parameters(mode=BlockCipherMode.CTR, padding=PaddingMethod.NONE, iv_length=128)
    item = requests.encrypt(has_key_of(kmip, AES_128, BOTH), PLAIN, parameters=chosen, iv=counter)
    answer = provided(kmip.ask(item), "AES in CTR mode")
    expected = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
    expect(answer.value(Tag.DATA).hex() == expected, "whether it is the published one").is_(wanted=True)


@check(
    "encrypt.aes-gcm",
    since=V1_4,
    cites=kmip_1_4(RULE, "Specifies the tag that will be needed to authenticate the decrypted data"),
    in_2_x=kmip_2_1(LATER, "Specifies the tag that will be needed to authenticate the decrypted data"),
    needs=NEEDS,
    mutants=["encrypt.wrong-result", "encrypt.additional-data-ignored"],
)
def aes_in_gcm_mode_has_ciphertext_and_tag(kmip: Conversation) -> None:
    """AES in GCM mode gives ciphertext and Authenticated Encryption Tag over plaintext and additional data."""
    item = requests.encrypt(has_key_of(kmip, AES_128, BOTH), PLAIN[:20], parameters=GCM, iv=NONCE, additional=b"additional")
    answer = provided(kmip.ask(item), "AES in GCM mode")
    expected = AESGCM(AES_128).encrypt(NONCE, PLAIN[:20], b"additional")
    expect(answer.value(Tag.DATA) == expected[:20], "whether the ciphertext is right").is_(wanted=True)
    expect(answer.value(Tag.AUTHENTICATED_ENCRYPTION_TAG) == expected[20:], "whether the tag is right").is_(wanted=True)


@check(
    "encrypt.random-iv",
    since=V1_2,
    cites=kmip_1_4("3.6 Cryptographic Parameters", "The generated Random IV is returned in the response"),
    in_2_x=kmip_2_1("4.16 Cryptographic Parameters", "The generated Random IV is returned in the response"),
    needs=NEEDS,
    mutants=["encrypt.random-iv-not-returned", "encrypt.random-iv-always-the-same"],
)
def a_random_iv_is_returned_and_used_once(kmip: Conversation) -> None:
    """An IV that the server was asked to make is in the answer, is the one that was used, and is another the next time."""
    key = has_key_of(kmip, AES_128, BOTH)
    chosen = requests.parameters(mode=BlockCipherMode.CBC, padding=PaddingMethod.NONE, random_iv=True)
    answers = [provided(kmip.ask(requests.encrypt(key, PLAIN, parameters=chosen)), "random IVs") for _ in range(2)]
    for answer in answers:
        iv = answer.value(Tag.IV_COUNTER_NONCE)
        expect(len(iv), "the number of bytes of the IV").is_(16)
        expect(answer.value(Tag.DATA) == with_cipher(modes.CBC(iv), PLAIN), "whether it is the IV that was used").is_(wanted=True)
    expect(len({answer.value(Tag.IV_COUNTER_NONCE) for answer in answers}), "the number of different IVs").is_(2)


@check(
    "encrypt.iv-missing",
    since=V1_2,
    cites=kmip_1_4(RULE, "MAY also be omitted from the request if the cryptographic parameters indicate that the server shall generate"),
    in_2_x=kmip_2_1(LATER, "MAY also be omitted from the request if the cryptographic parameters indicate that the server shall generate"),
    needs=NEEDS,
)
def without_an_iv_nothing_is_encrypted_in_secret(kmip: Conversation) -> None:
    """CBC without an IV and without Random IV is refused; a server that carries it out all the same says which IV it used."""
    key = has_key_of(kmip, AES_128, BOTH)
    answer = kmip.ask(requests.encrypt(key, PLAIN, parameters=CBC)).refuses().or_acceptably_succeeds()
    answer.settle()
    if answer.has_succeeded:
        expect(len(answer.value(Tag.IV_COUNTER_NONCE)), "the number of bytes of the IV").is_(16)


@refusal("encrypt.iv-of-another-length-refused", cites=kmip_1_4("11.30 Encrypt", "Cryptographic error during encryption"), mutants=[])
def an_iv_has_the_length_of_a_block(kmip: Conversation) -> None:
    """CBC with an IV of 15 bytes is refused."""
    kmip.ask(requests.encrypt(has_key_of(kmip, AES_128, BOTH), PLAIN, parameters=CBC, iv=IV[:15])).refuses()


@refusal("encrypt.incomplete-block-refused", cites=kmip_1_4("11.30 Encrypt", "Cryptographic error during encryption"), mutants=[])
def without_padding_data_is_whole_blocks(kmip: Conversation) -> None:
    """In CBC mode without padding, 17 bytes are refused."""
    kmip.ask(requests.encrypt(has_key_of(kmip, AES_128, BOTH), PLAIN[:17], parameters=CBC, iv=IV)).refuses()


@check(
    "encrypt.without-parameters-refused",
    since=V1_2,
    cites=kmip_1_4(RULE, "the algorithm requires parameters then the operation SHALL return with a Result Status of Operation Failed"),
    in_2_x=kmip_2_1(LATER, "the algorithm requires parameters then the operation SHALL return with a Result Status of Operation Failed"),
    needs=NEEDS,
)
def without_parameters_nothing_is_encrypted(kmip: Conversation) -> None:
    """With neither Cryptographic Parameters in the request nor as an attribute of the key, Encrypt with AES fails."""
    kmip.ask(requests.encrypt(has_key_of(kmip, AES_128, BOTH), PLAIN, iv=IV)).refuses()


@check(
    "encrypt.parameters-of-the-key",
    since=V1_2,
    cites=kmip_1_4(RULE, "they can be specified as associated attributes of the Managed Cryptographic Object"),
    in_2_x=kmip_2_1(LATER, "they can be specified as associated attributes of the Managed Cryptographic Object"),
    needs=NEEDS,
)
def the_keys_own_parameters_are_used(kmip: Conversation) -> None:
    """Encrypt without Cryptographic Parameters uses those that are an attribute of the key."""
    own = requests.cryptographic_parameters(block_cipher_mode=BlockCipherMode.CBC, padding_method=PaddingMethod.NONE)
    answer = kmip.ask(requests.encrypt(has_key_of(kmip, AES_128, BOTH, own), PLAIN, iv=IV))
    expect(answer.value(Tag.DATA) == with_cipher(modes.CBC(IV), PLAIN), "whether it is the ciphertext of CBC").is_(wanted=True)


@refusal(
    "encrypt.pre-active-key-refused",
    cites=kmip_1_4("3.22 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
    in_2_x=kmip_2_1("4.57 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
)
def a_pre_active_key_does_not_encrypt(kmip: Conversation) -> None:
    """A Pre-Active key encrypts nothing."""
    key = has_key_of(kmip, AES_128, BOTH, active=False)
    kmip.ask(requests.encrypt(key, PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@refusal("encrypt.deactivated-key-refused", needs=[*NEEDS, Operation.REVOKE])
def a_deactivated_key_does_not_encrypt(kmip: Conversation) -> None:
    """A Deactivated key encrypts nothing."""
    key = has_key_of(kmip, AES_128, BOTH)
    kmip.revoke(key).succeeds().settle()
    kmip.ask(requests.encrypt(key, PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@refusal("encrypt.compromised-key-refused", needs=[*NEEDS, Operation.REVOKE])
def a_compromised_key_does_not_encrypt(kmip: Conversation) -> None:
    """A Compromised key encrypts nothing."""
    key = has_key_of(kmip, AES_128, BOTH)
    kmip.revoke(key, RevocationReasonCode.KEY_COMPROMISE, compromise_occurrence=int(time.time())).succeeds().settle()
    kmip.ask(requests.encrypt(key, PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@refusal(
    "encrypt.destroyed-key-refused",
    cites=kmip_1_4("3.22 State", "Destroyed: The object SHALL NOT be used for any cryptographic purpose"),
    in_2_x=kmip_2_1("4.57 State", "Destroyed: The object SHALL NOT be used for any cryptographic purpose"),
    needs=[*NEEDS, Operation.DESTROY],
    mutants=[],
)
def a_destroyed_key_does_not_encrypt(kmip: Conversation) -> None:
    """A destroyed key encrypts nothing."""
    key = has_key_of(kmip, AES_128, BOTH, active=False)
    kmip.destroy(key).succeeds().settle()
    kmip.ask(requests.encrypt(key, PLAIN, parameters=ECB)).refuses()


@refusal(
    "encrypt.usage-mask-refused",
    cites=kmip_1_4("11.30 Encrypt", "Object specified is not able to be used for encryption"),
    in_2_x=kmip_2_1("Table 216: Encrypt Errors", "Incompatible Cryptographic Usage Mask"),
)
def a_key_that_may_not_encrypt_does_not(kmip: Conversation) -> None:
    """A key whose Cryptographic Usage Mask lacks Encrypt encrypts nothing."""
    key = has_key_of(kmip, AES_128, CryptographicUsageMask.DECRYPT)
    kmip.ask(requests.encrypt(key, PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@refusal(
    "encrypt.protect-stop-date-refused",
    cites=kmip_1_4("3.26 Protect Stop Date", "SHALL NOT be used for applying cryptographic protection"),
    in_2_x=kmip_2_1("4.57 State", "then the object SHALL NOT be used for cryptographic purposes after the Process Stop Date"),
    mutants=[],
)
def a_key_after_its_protect_stop_date(kmip: Conversation) -> None:
    """A key whose Protect Stop Date is past encrypts nothing."""
    now = int(time.time())
    dates = (requests.attribute("Activation Date", now - 7200), requests.attribute("Protect Stop Date", now - 3600))
    item = requests.register_symmetric_key(AES_128, *dates, usage=BOTH)
    registered = kmip.ask(item).succeeds().or_refuses(because=NOT_TAKEN).values_of(Tag.UNIQUE_IDENTIFIER)
    if registered:
        kmip.ask(requests.encrypt(str(registered[0]), PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@check(
    "encrypt.unknown-object-not-found",
    since=V1_2,
    cites=kmip_1_4("11.30 Encrypt", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 216: Encrypt Errors", "Object Not Found"),
    needs=[Operation.ENCRYPT],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Encrypt with a key that does not exist fails with Item Not Found."""
    kmip.ask(requests.encrypt("no-such-object", PLAIN, parameters=ECB)).refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "encrypt.keys-of-others",
    since=V1_2,
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    needs=NEEDS,
    mutants=["access.everybody-is-one"],
)
def a_key_encrypts_for_its_owner_alone(kmip: Conversation, other: Conversation) -> None:
    """Another client does not encrypt with a key that is not its own."""
    key = has_key_of(kmip, AES_128, BOTH)
    other.ask(requests.encrypt(key, PLAIN, parameters=ECB)).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))


@check(
    "encrypt.usage-limits",
    since=V1_2,
    cites=kmip_1_4(RULE, "the server SHALL obtain an allocation from the current Usage Limits value prior to performing"),
    in_2_x=kmip_2_1(LATER, "the server SHALL obtain an allocation from the current Usage Limits value prior to performing"),
    needs=NEEDS,
    mutants=["encrypt.usage-limits-ignored"],
)
def what_usage_limits_leave_is_not_exceeded(kmip: Conversation) -> None:
    """A key that may encrypt 32 bytes encrypts twice 16 of them, and is refused the third time."""
    item = requests.register_symmetric_key(AES_128, requests.usage_limits(32), usage=BOTH)
    registered = kmip.ask(item).succeeds().or_refuses(because=NOT_TAKEN).values_of(Tag.UNIQUE_IDENTIFIER)
    for key in map(str, registered):
        kmip.activate(key).succeeds().settle()
        for _ in range(2):
            kmip.ask(requests.encrypt(key, PLAIN[:16], parameters=ECB)).succeeds().settle()
        kmip.ask(requests.encrypt(key, PLAIN[:16], parameters=ECB)).refuses(because=(Reason.PERMISSION_DENIED, Reason.USAGE_LIMIT_EXCEEDED))


@check(
    "encrypt.in-parts",
    since=V1_3,
    cites=kmip_1_4(RULE, "Specifies the stream or by-parts value to be provided in subsequent calls"),
    in_2_x=kmip_2_1(LATER, "Specifies the stream or by-parts value to be provided in subsequent calls"),
    needs=NEEDS,
    mutants=["encrypt.correlation-lost"],
)
def what_comes_in_parts_is_encrypted_as_a_whole(kmip: Conversation) -> None:
    """Data that is handed over in two parts gives the ciphertext of the whole."""
    key = has_key_of(kmip, AES_128, BOTH)
    first = requests.encrypt(key, PLAIN[:16], parameters=CBC, iv=IV, stream=requests.Part(first=True))
    begun = provided(kmip.ask(first), "Encrypt in parts")
    part = requests.Part(begun.value(Tag.CORRELATION_VALUE), last=True)
    ended = kmip.ask(requests.encrypt(key, PLAIN[16:], parameters=CBC, stream=part)).succeeds()
    whole = b"".join(answer.value(Tag.DATA) for answer in (begun, ended) if answer.find(Tag.DATA) is not None)
    expect(whole == with_cipher(modes.CBC(IV), PLAIN), "whether both parts together are the ciphertext").is_(wanted=True)


@check(
    "encrypt.unknown-correlation-refused",
    since=V1_3,
    cites=kmip_1_4("11.30 Encrypt", "No outstanding operation with the specified Correlation Value exists"),
    in_2_x=kmip_2_1("Table 216: Encrypt Errors", "Invalid Correlation Value"),
    needs=NEEDS,
)
def a_correlation_value_that_nobody_gave_is_refused(kmip: Conversation) -> None:
    """Encrypt with a Correlation Value that the server has not given fails with Item Not Found (1.x) or Invalid Correlation Value."""
    key = has_key_of(kmip, AES_128, BOTH)
    item = requests.encrypt(key, PLAIN, parameters=CBC, stream=requests.Part(b"nobody's", last=True))
    kmip.ask(item).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.INVALID_CORRELATION_VALUE)).or_acceptably(because=Reason.INVALID_FIELD)


@result("encrypt.rsa-oaep")
def a_public_key_encrypts_for_its_private_key(kmip: Conversation) -> None:
    """What a public RSA key encrypts with OAEP, its private key decrypts."""
    key = has_public_key(kmip, rsa_key(), CryptographicUsageMask.ENCRYPT)
    chosen = requests.parameters(padding=PaddingMethod.OAEP, hashing=HashingAlgorithm.SHA_256, algorithm=CryptographicAlgorithm.RSA)
    answer = provided(kmip.ask(requests.encrypt(key, b"to its owner", parameters=chosen)), "RSA with OAEP", unless=ASYMMETRIC)
    expect(opened_by(rsa_key(), answer.value(Tag.DATA)) == b"to its owner", "whether the private key decrypts it").is_(wanted=True)
