"""Sign and Signature Verify (KMIP 1.4, 4.31 and 4.32). Signatures are verified, and made, here with `cryptography`."""

from __future__ import annotations

import hashlib
from functools import partial

from kmip_conformance.arranging_keys import (
    ECDSA,
    NOT_ALLOWED,
    PKCS_1,
    PSS,
    ec_key,
    has_private_key,
    has_public_key,
    is_signed_by,
    provided,
    rsa_key,
    signed_by,
)
from kmip_conformance.authoring import (
    V1_2,
    V1_3,
    V1_4,
    Conversation,
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
from kmip_conformance.tables import ValidityIndicator

RULE, LATER = "4.31 Sign", "6.1.55 Sign"
VERIFY_RULE, VERIFY_LATER = "4.32 Signature Verify", "6.1.56 Signature Verify"
VERDICT = "The validity of the signature is indicated by the Validity Indicator field"
NEEDS = [Operation.REGISTER, Operation.ACTIVATE, Operation.SIGN]
VERIFIES = [Operation.REGISTER, Operation.ACTIVATE, Operation.SIGNATURE_VERIFY]
DATA = b"what is signed"

result = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(RULE, "the result of the signature operation"),
    in_2_x=kmip_2_1(LATER, "the result of the signature operation"),
    needs=NEEDS,
    mutants=["sign.wrong-result"],
)
refusal = partial(
    check,
    since=V1_2,
    cites=kmip_1_4("11.32 Sign", "Object specified is not able to be used for signing"),
    in_2_x=kmip_2_1("4.57 State", "The object SHALL NOT be used for applying cryptographic protection (e.g., encryption, signing"),
    needs=NEEDS,
    mutants=["sign.key-not-checked"],
)
verdict = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(VERIFY_RULE, VERDICT),
    in_2_x=kmip_2_1(VERIFY_LATER, VERDICT),
    needs=VERIFIES,
    mutants=["signature-verify.everything-is-valid"],
)


@result("sign.rsa-pkcs-1")
def a_signature_of_pkcs_1_verifies(kmip: Conversation) -> None:
    """RSA with PKCS#1 v1.5 and SHA-256: the signature verifies with the public key, and the answer names the key."""
    key = has_private_key(kmip, rsa_key())
    answer = provided(kmip.ask(requests.sign(key, DATA, parameters=PKCS_1)), "RSA with PKCS#1").has(Tag.UNIQUE_IDENTIFIER, key)
    expect(is_signed_by(rsa_key(), answer.value(Tag.SIGNATURE_DATA), DATA, PKCS_1), "whether it verifies").is_(wanted=True)


@result("sign.rsa-pss")
def a_signature_of_pss_verifies(kmip: Conversation) -> None:
    """RSA with PSS and SHA-256: the signature verifies with the public key."""
    answer = provided(kmip.ask(requests.sign(has_private_key(kmip, rsa_key()), DATA, parameters=PSS)), "RSA with PSS")
    expect(is_signed_by(rsa_key(), answer.value(Tag.SIGNATURE_DATA), DATA, PSS), "whether it verifies").is_(wanted=True)


@result("sign.ecdsa")
def a_signature_of_ecdsa_verifies(kmip: Conversation) -> None:
    """ECDSA on P-256 with SHA-256: the signature verifies with the public key."""
    answer = provided(kmip.ask(requests.sign(has_private_key(kmip, ec_key()), DATA, parameters=ECDSA)), "ECDSA")
    expect(is_signed_by(ec_key(), answer.value(Tag.SIGNATURE_DATA), DATA, ECDSA), "whether it verifies").is_(wanted=True)


@result("sign.digested-data", since=V1_4)
def a_digest_is_signed_as_the_data_would_be(kmip: Conversation) -> None:
    """The signature of Digested Data, the SHA-256 of some data, is one of that data."""
    item = requests.sign(has_private_key(kmip, rsa_key()), None, parameters=PKCS_1, digested=hashlib.sha256(DATA).digest())
    answer = provided(kmip.ask(item), "Digested Data")
    expect(is_signed_by(rsa_key(), answer.value(Tag.SIGNATURE_DATA), DATA, PKCS_1), "whether it is of the data").is_(wanted=True)


@result("sign.in-parts", since=V1_3, mutants=["sign.correlation-lost"])
def data_in_parts_is_signed_as_a_whole(kmip: Conversation) -> None:
    """Data that is handed over in two parts gets a signature of the whole."""
    key = has_private_key(kmip, rsa_key())
    begun = provided(kmip.ask(requests.sign(key, DATA[:5], parameters=PKCS_1, stream=requests.Part(first=True))), "Sign in parts")
    part = requests.Part(begun.value(Tag.CORRELATION_VALUE), last=True)
    ended = kmip.ask(requests.sign(key, DATA[5:], parameters=PKCS_1, stream=part))
    expect(is_signed_by(rsa_key(), ended.value(Tag.SIGNATURE_DATA), DATA, PKCS_1), "whether it is of the whole").is_(wanted=True)


@refusal(
    "sign.pre-active-key-refused", in_2_x=kmip_2_1("4.57 State", "The object exists and SHALL NOT be used for any cryptographic purpose")
)
def a_pre_active_key_signs_nothing(kmip: Conversation) -> None:
    """A Pre-Active private key signs nothing."""
    kmip.ask(requests.sign(has_private_key(kmip, ec_key(), active=False), DATA, parameters=ECDSA)).refuses(because=NOT_ALLOWED)


@refusal("sign.deactivated-key-refused", needs=[*NEEDS, Operation.REVOKE])
def a_deactivated_key_signs_nothing(kmip: Conversation) -> None:
    """A Deactivated private key signs nothing."""
    key = has_private_key(kmip, ec_key())
    kmip.revoke(key).succeeds().settle()
    kmip.ask(requests.sign(key, DATA, parameters=ECDSA)).refuses(because=NOT_ALLOWED)


@refusal("sign.usage-mask-refused", in_2_x=kmip_2_1("Table 336: Sign Errors", "Incompatible Cryptographic Usage Mask"))
def a_key_that_may_not_sign_does_not(kmip: Conversation) -> None:
    """A private key whose Cryptographic Usage Mask lacks Sign signs nothing."""
    key = has_private_key(kmip, rsa_key(), CryptographicUsageMask.DECRYPT)
    kmip.ask(requests.sign(key, DATA, parameters=PKCS_1)).refuses(because=NOT_ALLOWED)


@refusal("sign.public-key-refused", in_2_x=kmip_2_1("Table 336: Sign Errors", "Invalid Object Type"))
def a_public_key_signs_nothing(kmip: Conversation) -> None:
    """A public key signs nothing."""
    kmip.ask(requests.sign(has_public_key(kmip, rsa_key()), DATA, parameters=PKCS_1)).refuses()


@check(
    "sign.unknown-object-not-found",
    since=V1_2,
    cites=kmip_1_4("11.32 Sign", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 336: Sign Errors", "Object Not Found"),
    needs=[Operation.SIGN],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Sign with a key that does not exist fails with Item Not Found."""
    kmip.ask(requests.sign("no-such-object", DATA, parameters=ECDSA)).refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "sign.keys-of-others",
    since=V1_2,
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    needs=NEEDS,
    mutants=["access.everybody-is-one"],
)
def a_key_signs_for_its_owner_alone(kmip: Conversation, other: Conversation) -> None:
    """Another client signs nothing with a key that is not its own."""
    key = has_private_key(kmip, ec_key())
    other.ask(requests.sign(key, DATA, parameters=ECDSA)).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))


@verdict("signature-verify.rsa-pkcs-1", mutants=["signature-verify.nothing-is-valid"])
def a_right_signature_of_pkcs_1_is_valid(kmip: Conversation) -> None:
    """RSA with PKCS#1 v1.5 and SHA-256: a signature that was made here is Valid."""
    item = requests.signature_verify(has_public_key(kmip, rsa_key()), DATA, signed_by(rsa_key(), DATA, PKCS_1), parameters=PKCS_1)
    expect(provided(kmip.ask(item), "RSA with PKCS#1").value(Tag.VALIDITY_INDICATOR), "the Validity Indicator").is_(ValidityIndicator.VALID)


@verdict("signature-verify.ecdsa", mutants=["signature-verify.nothing-is-valid"])
def a_right_signature_of_ecdsa_is_valid(kmip: Conversation) -> None:
    """ECDSA on P-256 with SHA-256: a signature that was made here is Valid."""
    item = requests.signature_verify(has_public_key(kmip, ec_key()), DATA, signed_by(ec_key(), DATA, ECDSA), parameters=ECDSA)
    expect(provided(kmip.ask(item), "ECDSA").value(Tag.VALIDITY_INDICATOR), "the Validity Indicator").is_(ValidityIndicator.VALID)


def is_not_valid(kmip: Conversation, data: bytes, signature: bytes) -> None:
    """Signature Verify either answers Invalid or fails: Valid it is not."""
    item = requests.signature_verify(has_public_key(kmip, rsa_key()), data, signature, parameters=PKCS_1)
    found = kmip.ask(item).succeeds().or_acceptably().values_of(Tag.VALIDITY_INDICATOR)
    expect(found, "the Validity Indicator, if there is one").is_one_of([ValidityIndicator.INVALID], [])


@verdict("signature-verify.other-data-is-invalid")
def a_signature_of_other_data_is_invalid(kmip: Conversation) -> None:
    """A signature of other data is Invalid."""
    is_not_valid(kmip, b"what was not", signed_by(rsa_key(), DATA, PKCS_1))


@verdict("signature-verify.wrong-signature-is-invalid")
def a_wrong_signature_is_invalid(kmip: Conversation) -> None:
    """A signature with one wrong bit is Invalid."""
    right = signed_by(rsa_key(), DATA, PKCS_1)
    is_not_valid(kmip, DATA, right[:-1] + bytes((right[-1] ^ 1,)))


@verdict("signature-verify.truncated-signature-is-invalid")
def a_truncated_signature_is_invalid(kmip: Conversation) -> None:
    """A signature that has lost its last byte is Invalid."""
    is_not_valid(kmip, DATA, signed_by(rsa_key(), DATA, PKCS_1)[:-1])


@verdict(
    "signature-verify.usage-mask-refused",
    cites=kmip_1_4("11.33 Signature Verify", "Object specified is not able to be used for signature verification"),
    in_2_x=kmip_2_1("Table 339: Signature Verify Errors", "Incompatible Cryptographic Usage Mask"),
    mutants=["signature-verify.key-not-checked"],
)
def a_key_that_may_not_verify_does_not(kmip: Conversation) -> None:
    """A public key whose Cryptographic Usage Mask lacks Verify verifies nothing."""
    key = has_public_key(kmip, rsa_key(), CryptographicUsageMask.ENCRYPT)
    item = requests.signature_verify(key, DATA, signed_by(rsa_key(), DATA, PKCS_1), parameters=PKCS_1)
    kmip.ask(item).refuses(because=NOT_ALLOWED)


@verdict("signature-verify.undoes-sign", needs=[*VERIFIES, Operation.SIGN], mutants=["sign.wrong-result"])
def what_the_server_signs_it_verifies(kmip: Conversation) -> None:
    """What the private key signed on the server, the public key finds Valid there."""
    private, public = has_private_key(kmip, ec_key()), has_public_key(kmip, ec_key())
    signature = provided(kmip.ask(requests.sign(private, DATA, parameters=ECDSA)), "ECDSA").value(Tag.SIGNATURE_DATA)
    answer = kmip.ask(requests.signature_verify(public, DATA, signature, parameters=ECDSA))
    expect(answer.value(Tag.VALIDITY_INDICATOR), "the Validity Indicator").is_(ValidityIndicator.VALID)
