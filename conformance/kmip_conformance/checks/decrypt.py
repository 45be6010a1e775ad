"""Decrypt (KMIP 1.4, 4.30): right results, nothing for a key that may not, and nothing at all of what was tampered with."""

from __future__ import annotations

import time
from functools import partial

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmip_conformance.arranging import NOT_TAKEN
from kmip_conformance.arranging_keys import AES_128, NOT_ALLOWED, has_key_of, has_private_key, provided, rsa_key, sealed_for
from kmip_conformance.authoring import (
    V1_2,
    V1_3,
    V1_4,
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.checks.encrypt import ASYMMETRIC, BOTH, CBC, CBC_PADDED, ECB, GCM, IV, NONCE, PLAIN, with_cipher
from kmip_conformance.tables import HashingAlgorithm, MaskGenerator, PaddingMethod

RULE, LATER = "4.30 Decrypt", "6.1.11 Decrypt"
NEEDS = [Operation.REGISTER, Operation.ACTIVATE, Operation.DECRYPT]
FAILS = kmip_1_4("11.31 Decrypt", "Cryptographic error during decryption")
FAILS_LATER = kmip_2_1("Table 198: Decrypt Errors", "Cryptographic Failure")
ADDITIONAL = b"additional"
NOT_AUTHENTIC = (Reason.CRYPTOGRAPHIC_FAILURE, Reason.INVALID_FIELD, Reason.BAD_CRYPTOGRAPHIC_PARAMETERS)

result = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(RULE, "the result of the decryption operation"),
    in_2_x=kmip_2_1(LATER, "the result of the decryption operation"),
    needs=NEEDS,
    mutants=["decrypt.wrong-result"],
)
tampered = partial(check, since=V1_4, cites=FAILS, in_2_x=FAILS_LATER, needs=NEEDS, mutants=["decrypt.tag-not-checked"])


def gcm_sealed(data: bytes = PLAIN) -> tuple[bytes, bytes]:
    """Ciphertext and tag that AES in GCM mode gives, computed here."""
    sealed = AESGCM(AES_128).encrypt(NONCE, data, ADDITIONAL)
    return sealed[:-16], sealed[-16:]


@result("decrypt.aes-cbc")
def aes_in_cbc_mode_is_that_of_nist(kmip: Conversation) -> None:
    """AES-128 in CBC mode gives the plaintext of NIST SP 800-38A, F.2.2, and names the key."""
    data = bytes.fromhex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2")
    key = has_key_of(kmip, AES_128, BOTH)
    answer = provided(kmip.ask(requests.decrypt(key, data, parameters=CBC, iv=IV)), "AES in CBC mode").has(Tag.UNIQUE_IDENTIFIER, key)
    expect(answer.value(Tag.DATA) == PLAIN, "whether it is the published plaintext").is_(wanted=True)


@result("decrypt.aes-ecb")
def aes_in_ecb_mode_is_that_of_nist(kmip: Conversation) -> None:
    """AES-128 in ECB mode gives the plaintext of NIST SP 800-38A, F.1.2."""
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), bytes.fromhex("3ad77bb40d7a3660a89ecaf32466ef97"), parameters=ECB)
    expect(provided(kmip.ask(item), "AES in ECB mode").value(Tag.DATA) == PLAIN[:16], "whether it is the published one").is_(wanted=True)


@result("decrypt.padding-is-taken-off")
def padding_is_taken_off(kmip: Conversation) -> None:
    """In CBC mode with PKCS#5 padding, what was padded comes back without its padding: 20 bytes, and 32."""
    key = has_key_of(kmip, AES_128, BOTH)
    for data in (PLAIN[:20], PLAIN):
        padder = padding.PKCS7(128).padder()
        sealed = with_cipher(modes.CBC(IV), padder.update(data) + padder.finalize())
        answer = provided(kmip.ask(requests.decrypt(key, sealed, parameters=CBC_PADDED, iv=IV)), "AES in CBC mode with PKCS#5 padding")
        expect(answer.value(Tag.DATA) == data, f"whether the {len(data)} bytes come back").is_(wanted=True)


@result("decrypt.undoes-encrypt", needs=[*NEEDS, Operation.ENCRYPT])
def what_was_encrypted_is_decrypted(kmip: Conversation) -> None:
    """What the server encrypted, it decrypts again."""
    key = has_key_of(kmip, AES_128, BOTH)
    sealed = provided(kmip.ask(requests.encrypt(key, b"a small text", parameters=CBC_PADDED, iv=IV)), "AES in CBC mode").value(Tag.DATA)
    answer = kmip.ask(requests.decrypt(key, sealed, parameters=CBC_PADDED, iv=IV))
    expect(answer.value(Tag.DATA) == b"a small text", "whether the text comes back").is_(wanted=True)


@result("decrypt.aes-gcm", since=V1_4)
def aes_in_gcm_mode_gives_what_is_authentic(kmip: Conversation) -> None:
    """AES in GCM mode decrypts what its tag and the additional data authenticate."""
    data, tag = gcm_sealed()
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=GCM, iv=NONCE, additional=ADDITIONAL, tag=tag)
    expect(provided(kmip.ask(item), "AES in GCM mode").value(Tag.DATA) == PLAIN, "whether it is the plaintext").is_(wanted=True)


@tampered("decrypt.gcm-wrong-tag-refused")
def a_wrong_tag_is_refused(kmip: Conversation) -> None:
    """In GCM mode, one wrong bit in the Authenticated Encryption Tag makes Decrypt fail, and no plaintext is returned."""
    data, tag = gcm_sealed()
    wrong = tag[:-1] + bytes((tag[-1] ^ 1,))
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=GCM, iv=NONCE, additional=ADDITIONAL, tag=wrong)
    kmip.ask(item).refuses(because=NOT_AUTHENTIC)


@tampered("decrypt.gcm-wrong-additional-data-refused")
def wrong_additional_data_is_refused(kmip: Conversation) -> None:
    """In GCM mode, other additional data than was authenticated makes Decrypt fail."""
    data, tag = gcm_sealed()
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=GCM, iv=NONCE, additional=b"Additional", tag=tag)
    kmip.ask(item).refuses(because=NOT_AUTHENTIC)


@tampered("decrypt.gcm-truncated-refused")
def a_truncated_ciphertext_is_refused(kmip: Conversation) -> None:
    """In GCM mode, a ciphertext that has lost its last byte makes Decrypt fail."""
    data, tag = gcm_sealed()
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), data[:-1], parameters=GCM, iv=NONCE, additional=ADDITIONAL, tag=tag)
    kmip.ask(item).refuses(because=NOT_AUTHENTIC)


@tampered("decrypt.gcm-short-tag-refused")
def a_shortened_tag_is_refused(kmip: Conversation) -> None:
    """In GCM mode with tags of 16 bytes, the first byte of the right tag is no tag: Decrypt fails."""
    data, tag = gcm_sealed()
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=GCM, iv=NONCE, additional=ADDITIONAL, tag=tag[:1])
    kmip.ask(item).refuses()


@tampered("decrypt.gcm-without-tag-refused")
def without_a_tag_nothing_is_authentic(kmip: Conversation) -> None:
    """In GCM mode, Decrypt without the Authenticated Encryption Tag fails: nothing says that the data is authentic."""
    data, _ = gcm_sealed()
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=GCM, iv=NONCE, additional=ADDITIONAL)
    kmip.ask(item).refuses()


@tampered("decrypt.failure-gives-nothing", mutants=["decrypt.plaintext-in-failures"])
def a_failure_gives_no_plaintext(kmip: Conversation) -> None:
    """A Decrypt that fails for a wrong tag returns nothing of the plaintext, in no field and no message."""
    data, _ = gcm_sealed(b"nobody may see this text")
    item = requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=GCM, iv=NONCE, additional=ADDITIONAL, tag=bytes(16))
    answer = kmip.ask(item).refuses()
    answer.settle()
    expect(b"nobody may see" in answer.reply.heard, "whether the answer holds the plaintext").is_(wanted=False)


@tampered("decrypt.cbc-truncated-refused", since=V1_2, mutants=["decrypt.errors-hidden"])
def an_incomplete_block_is_refused(kmip: Conversation) -> None:
    """In CBC mode, a ciphertext of 31 bytes makes Decrypt fail."""
    data = with_cipher(modes.CBC(IV), PLAIN)[:-1]
    kmip.ask(requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=CBC, iv=IV)).refuses()


@tampered("decrypt.wrong-padding-refused", since=V1_2, mutants=["decrypt.errors-hidden"])
def padding_that_is_none_is_refused(kmip: Conversation) -> None:
    """In CBC mode with PKCS#5 padding, a plaintext that does not end in such padding makes Decrypt fail."""
    data = with_cipher(modes.CBC(IV), PLAIN[:31] + b"\x00")
    kmip.ask(requests.decrypt(has_key_of(kmip, AES_128, BOTH), data, parameters=CBC_PADDED, iv=IV)).refuses()


refusal = partial(
    check,
    since=V1_2,
    needs=NEEDS,
    cites=kmip_1_4("11.31 Decrypt", "Object specified is not able to be used for decryption"),
    in_2_x=kmip_2_1("4.57 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
    mutants=["decrypt.key-not-checked"],
)


@refusal("decrypt.pre-active-key-refused")
def a_pre_active_key_does_not_decrypt(kmip: Conversation) -> None:
    """A Pre-Active key decrypts nothing."""
    key = has_key_of(kmip, AES_128, BOTH, active=False)
    kmip.ask(requests.decrypt(key, PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@refusal("decrypt.usage-mask-refused", in_2_x=kmip_2_1("Table 198: Decrypt Errors", "Incompatible Cryptographic Usage Mask"))
def a_key_that_may_not_decrypt_does_not(kmip: Conversation) -> None:
    """A key whose Cryptographic Usage Mask lacks Decrypt decrypts nothing."""
    key = has_key_of(kmip, AES_128, CryptographicUsageMask.ENCRYPT)
    kmip.ask(requests.decrypt(key, PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@refusal(
    "decrypt.process-start-date-refused",
    cites=kmip_1_4("3.25 Process Start Date", "SHALL NOT be used for these cryptographic purposes before the Process Start Date"),
    in_2_x=kmip_2_1("4.57 State", "then the object SHALL NOT be used for cryptographic purposes prior to the Process Start Date"),
)
def a_key_before_its_process_start_date(kmip: Conversation) -> None:
    """An Active key whose Process Start Date is yet to come decrypts nothing."""
    now = int(time.time())
    dates = (requests.attribute("Activation Date", now - 3600), requests.attribute("Process Start Date", now + 3600))
    item = requests.register_symmetric_key(AES_128, *dates, usage=BOTH)
    for key in kmip.ask(item).succeeds().or_refuses(because=NOT_TAKEN).values_of(Tag.UNIQUE_IDENTIFIER):
        kmip.ask(requests.decrypt(str(key), PLAIN, parameters=ECB)).refuses(because=NOT_ALLOWED)


@refusal(
    "decrypt.destroyed-key-refused",
    cites=kmip_1_4("3.22 State", "Destroyed: The object SHALL NOT be used for any cryptographic purpose"),
    in_2_x=kmip_2_1("4.57 State", "Destroyed: The object SHALL NOT be used for any cryptographic purpose"),
    needs=[*NEEDS, Operation.DESTROY],
    mutants=[],
)
def a_destroyed_key_does_not_decrypt(kmip: Conversation) -> None:
    """A destroyed key decrypts nothing."""
    key = has_key_of(kmip, AES_128, BOTH, active=False)
    kmip.destroy(key).succeeds().settle()
    kmip.ask(requests.decrypt(key, PLAIN, parameters=ECB)).refuses()


@check(
    "decrypt.unknown-object-not-found",
    since=V1_2,
    cites=kmip_1_4("11.31 Decrypt", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 198: Decrypt Errors", "Object Not Found"),
    needs=[Operation.DECRYPT],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Decrypt with a key that does not exist fails with Item Not Found."""
    kmip.ask(requests.decrypt("no-such-object", PLAIN, parameters=ECB)).refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "decrypt.keys-of-others",
    since=V1_2,
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    needs=NEEDS,
)
def a_key_decrypts_for_its_owner_alone(kmip: Conversation, other: Conversation) -> None:
    """Another client does not decrypt with a key that is not its own."""
    key = has_key_of(kmip, AES_128, BOTH)
    other.ask(requests.decrypt(key, PLAIN, parameters=ECB)).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))


@result("decrypt.in-parts", since=V1_3)
def what_comes_in_parts_is_decrypted_as_a_whole(kmip: Conversation) -> None:
    """A ciphertext that is handed over in two parts gives the plaintext of the whole."""
    key, data = has_key_of(kmip, AES_128, BOTH), with_cipher(modes.CBC(IV), PLAIN)
    first = requests.decrypt(key, data[:16], parameters=CBC, iv=IV, stream=requests.Part(first=True))
    begun = provided(kmip.ask(first), "Decrypt in parts")
    part = requests.Part(begun.value(Tag.CORRELATION_VALUE), last=True)
    ended = kmip.ask(requests.decrypt(key, data[16:], parameters=CBC, stream=part)).succeeds()
    whole = b"".join(answer.value(Tag.DATA) for answer in (begun, ended) if answer.find(Tag.DATA) is not None)
    expect(whole == PLAIN, "whether both parts together are the plaintext").is_(wanted=True)


@result("decrypt.rsa-oaep", since=V1_4)
def a_private_key_opens_what_is_meant_for_it(kmip: Conversation) -> None:
    """What was encrypted here with a public RSA key and OAEP, its private key decrypts on the server."""
    key = has_private_key(kmip, rsa_key(), CryptographicUsageMask.DECRYPT)
    chosen = requests.parameters(
        padding=PaddingMethod.OAEP,
        hashing=HashingAlgorithm.SHA_256,
        algorithm=CryptographicAlgorithm.RSA,
        mask_generator=MaskGenerator.MGF1,
        mask_hashing=HashingAlgorithm.SHA_256,
    )
    answer = provided(
        kmip.ask(requests.decrypt(key, sealed_for(rsa_key(), b"to its owner"), parameters=chosen)), "RSA with OAEP", unless=ASYMMETRIC
    )
    expect(answer.value(Tag.DATA) == b"to its owner", "whether the plaintext comes back").is_(wanted=True)
