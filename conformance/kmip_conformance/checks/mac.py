"""MAC and MAC Verify (KMIP 1.4, 4.33 and 4.34): right codes, honest verdicts, and no code by a key that may not give it."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial

from kmip_conformance.arranging_keys import NOT_ALLOWED, has_key_of, provided
from kmip_conformance.authoring import (
    V1_2,
    V1_3,
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
from kmip_conformance.tables import ValidityIndicator

RULE, LATER = "4.33 MAC", "6.1.32 MAC"
VERIFY_RULE, VERIFY_LATER = "4.34 MAC Verify", "6.1.33 MAC Verify"
VERDICT = "The validity of the MAC is indicated by the Validity Indicator field"
NEEDS = [Operation.REGISTER, Operation.ACTIVATE, Operation.MAC]
VERIFIES = [Operation.REGISTER, Operation.ACTIVATE, Operation.MAC_VERIFY]
KEY = b"\x0b" * 20
DATA = b"Hi There"
"""Key and data of RFC 4231, test case 1."""

HMAC = requests.parameters(algorithm=CryptographicAlgorithm.HMAC_SHA256)
GENERATE, VERIFY = CryptographicUsageMask.MAC_GENERATE, CryptographicUsageMask.MAC_VERIFY
RIGHT = hmac.digest(KEY, DATA, hashlib.sha256)

result = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(RULE, "the result of the MAC operation"),
    in_2_x=kmip_2_1(LATER, "the result of the MAC operation"),
    needs=NEEDS,
    mutants=["mac.wrong-result"],
)
refusal = partial(
    check,
    since=V1_2,
    cites=kmip_1_4("11.34 MAC", "Object specified is not able to be used for MACing"),
    in_2_x=kmip_2_1(
        "4.57 State", "The object SHALL NOT be used for applying cryptographic protection (e.g., encryption, signing, wrapping, MACing"
    ),
    needs=NEEDS,
    mutants=["mac.key-not-checked"],
)
verdict = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(VERIFY_RULE, VERDICT),
    in_2_x=kmip_2_1(VERIFY_LATER, VERDICT),
    needs=VERIFIES,
    mutants=["mac-verify.everything-is-valid"],
)


def hmac_key(kmip: Conversation, usage: int = GENERATE | VERIFY, *, active: bool = True) -> str:
    """The key of RFC 4231, registered for HMAC with SHA-256."""
    return has_key_of(kmip, KEY, usage, algorithm=CryptographicAlgorithm.HMAC_SHA256, active=active)


@result("mac.hmac-sha-256")
def hmac_with_sha_256_is_that_of_the_rfc(kmip: Conversation) -> None:
    """HMAC with SHA-256 gives the code of RFC 4231, test case 1, and names the key."""
    key = hmac_key(kmip)
    answer = provided(kmip.ask(requests.mac(key, DATA, parameters=HMAC)), "HMAC with SHA-256").has(Tag.UNIQUE_IDENTIFIER, key)
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    expect(answer.value(Tag.MAC_DATA).hex() == expected, "whether it is the published one").is_(wanted=True)


@result("mac.hmac-sha-512")
def hmac_with_sha_512(kmip: Conversation) -> None:
    """HMAC with SHA-512 gives the code of RFC 4231."""
    key = has_key_of(kmip, KEY, GENERATE, algorithm=CryptographicAlgorithm.HMAC_SHA512)
    chosen = requests.parameters(algorithm=CryptographicAlgorithm.HMAC_SHA512)
    answer = provided(kmip.ask(requests.mac(key, DATA, parameters=chosen)), "HMAC with SHA-512")
    expect(answer.value(Tag.MAC_DATA) == hmac.digest(KEY, DATA, hashlib.sha512), "whether it is that code").is_(wanted=True)


@result("mac.other-data-another-code", needs=NEEDS)
def every_byte_counts(kmip: Conversation) -> None:
    """Data of 4096 bytes and the same data with another last byte have different codes, both right."""
    key = hmac_key(kmip)
    for data in (b"a" * 4096, b"a" * 4095 + b"b"):
        answer = provided(kmip.ask(requests.mac(key, data, parameters=HMAC)), "HMAC with SHA-256")
        expect(answer.value(Tag.MAC_DATA) == hmac.digest(KEY, data, hashlib.sha256), "whether the code is right").is_(wanted=True)


@result("mac.in-parts", since=V1_3, mutants=["mac.correlation-lost"])
def data_in_parts_has_the_code_of_the_whole(kmip: Conversation) -> None:
    """Data that is handed over in two parts has the code of the whole."""
    key = hmac_key(kmip)
    begun = provided(kmip.ask(requests.mac(key, DATA[:3], parameters=HMAC, stream=requests.Part(first=True))), "MAC in parts")
    part = requests.Part(begun.value(Tag.CORRELATION_VALUE), last=True)
    ended = kmip.ask(requests.mac(key, DATA[3:], parameters=HMAC, stream=part))
    expect(ended.value(Tag.MAC_DATA) == RIGHT, "whether it is the code of the whole").is_(wanted=True)


@refusal(
    "mac.pre-active-key-refused", in_2_x=kmip_2_1("4.57 State", "The object exists and SHALL NOT be used for any cryptographic purpose")
)
def a_pre_active_key_gives_no_code(kmip: Conversation) -> None:
    """A Pre-Active key gives no MAC."""
    kmip.ask(requests.mac(hmac_key(kmip, active=False), DATA, parameters=HMAC)).refuses(because=NOT_ALLOWED)


@refusal("mac.deactivated-key-refused", needs=[*NEEDS, Operation.REVOKE])
def a_deactivated_key_gives_no_code(kmip: Conversation) -> None:
    """A Deactivated key gives no MAC."""
    key = hmac_key(kmip)
    kmip.revoke(key).succeeds().settle()
    kmip.ask(requests.mac(key, DATA, parameters=HMAC)).refuses(because=NOT_ALLOWED)


@refusal("mac.usage-mask-refused", in_2_x=kmip_2_1("Table 261: MAC Errors", "Incompatible Cryptographic Usage Mask"))
def a_key_that_may_not_generate_does_not(kmip: Conversation) -> None:
    """A key whose Cryptographic Usage Mask lacks MAC Generate gives no MAC."""
    kmip.ask(requests.mac(hmac_key(kmip, VERIFY), DATA, parameters=HMAC)).refuses(because=NOT_ALLOWED)


@check(
    "mac.unknown-object-not-found",
    since=V1_2,
    cites=kmip_1_4("11.34 MAC", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 261: MAC Errors", "Object Not Found"),
    needs=[Operation.MAC],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """MAC with a key that does not exist fails with Item Not Found."""
    kmip.ask(requests.mac("no-such-object", DATA, parameters=HMAC)).refuses(because=Reason.ITEM_NOT_FOUND)


@verdict("mac-verify.right-code-is-valid", mutants=["mac-verify.nothing-is-valid"])
def the_right_code_is_valid(kmip: Conversation) -> None:
    """The code that was computed here is Valid."""
    answer = provided(kmip.ask(requests.mac_verify(hmac_key(kmip), DATA, RIGHT, parameters=HMAC)), "HMAC with SHA-256")
    expect(answer.value(Tag.VALIDITY_INDICATOR), "the Validity Indicator").is_(ValidityIndicator.VALID)


def is_not_valid(kmip: Conversation, data: bytes, code: bytes) -> None:
    """MAC Verify of this code either answers Invalid or fails: Valid it is not."""
    answer = kmip.ask(requests.mac_verify(hmac_key(kmip), data, code, parameters=HMAC)).succeeds().or_acceptably()
    found = answer.values_of(Tag.VALIDITY_INDICATOR)
    expect(found, "the Validity Indicator, if there is one").is_one_of([ValidityIndicator.INVALID], [])


@verdict("mac-verify.wrong-code-is-invalid")
def a_wrong_code_is_invalid(kmip: Conversation) -> None:
    """A code with one wrong bit is Invalid."""
    is_not_valid(kmip, DATA, RIGHT[:-1] + bytes((RIGHT[-1] ^ 1,)))


@verdict("mac-verify.truncated-code-is-invalid")
def a_truncated_code_is_invalid(kmip: Conversation) -> None:
    """The first eight bytes of the right code are not the code."""
    is_not_valid(kmip, DATA, RIGHT[:8])


@verdict("mac-verify.empty-code-is-invalid")
def an_empty_code_is_invalid(kmip: Conversation) -> None:
    """A code of no bytes is not Valid."""
    is_not_valid(kmip, DATA, b"")


@verdict("mac-verify.other-data-is-invalid")
def the_code_of_other_data_is_invalid(kmip: Conversation) -> None:
    """The code of other data is Invalid."""
    is_not_valid(kmip, b"Hi there", RIGHT)


@verdict(
    "mac-verify.usage-mask-refused",
    cites=kmip_1_4("11.35 MAC Verify", "Object specified is not able to be used for MAC verification"),
    in_2_x=kmip_2_1("Table 264: MAC Verify Errors", "Incompatible Cryptographic Usage Mask"),
    mutants=["mac-verify.key-not-checked"],
)
def a_key_that_may_not_verify_does_not(kmip: Conversation) -> None:
    """A key whose Cryptographic Usage Mask lacks MAC Verify verifies nothing."""
    kmip.ask(requests.mac_verify(hmac_key(kmip, GENERATE), DATA, RIGHT, parameters=HMAC)).refuses(because=NOT_ALLOWED)


@verdict(
    "mac-verify.pre-active-key-refused",
    cites=kmip_1_4("3.22 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
    in_2_x=kmip_2_1("4.57 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
    mutants=["mac-verify.key-not-checked"],
)
def a_pre_active_key_verifies_nothing(kmip: Conversation) -> None:
    """A Pre-Active key verifies nothing."""
    kmip.ask(requests.mac_verify(hmac_key(kmip, active=False), DATA, RIGHT, parameters=HMAC)).refuses(because=NOT_ALLOWED)
