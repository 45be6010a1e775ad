"""Revoke (KMIP 1.4, 4.20)."""

from __future__ import annotations

import time

from kmip_conformance.authoring import (
    SHOULD,
    V1_4,
    Conversation,
    Operation,
    Reason,
    RevocationReasonCode,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
)

NEEDS = [Operation.CREATE, Operation.ACTIVATE, Operation.REVOKE]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]
COMPROMISE = RevocationReasonCode.KEY_COMPROMISE
RETIREMENT = RevocationReasonCode.CESSATION_OF_OPERATION


@check(
    "revoke.names-the-object",
    cites=kmip_1_4("4.20 Revoke", "The Unique Identifier of the object"),
    in_2_x=kmip_2_1("6.1.44 Revoke", "The Unique Identifier of the object"),
    needs=NEEDS,
)
def the_answer_names_the_object(kmip: Conversation) -> None:
    """Revoke answers with the Unique Identifier of the object."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RETIREMENT).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)


@check(
    "revoke.unknown-object-not-found",
    cites=kmip_1_4("11.21 Revoke", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No object with the specified Unique Identifier exists"),
    needs=NEEDS[2:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Revoke of an object that does not exist fails with Item Not Found."""
    kmip.revoke("no-such-object", RETIREMENT).refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "revoke.unknown-reason-refused",
    cites=kmip_1_4("11.21 Revoke", "Revocation Reason is not recognized"),
    in_2_x=kmip_2_1("Table 297: Revoke Errors", "Invalid Field"),
    needs=NEEDS,
)
def a_revocation_reason_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Revoke for a Revocation Reason Code that the standard does not assign fails with Invalid Field, and the key stays Active."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, 0x7FFF).refuses(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)
    expect(kmip.state_of(key), "the State of the key").is_(State.ACTIVE)


@check(
    "revoke.reason-is-kept",
    cites=kmip_1_4("3.31 Revocation Reason", "an indication of why the Managed Cryptographic Object was revoked"),
    in_2_x=kmip_2_1("4.47 Revocation Reason", "why the Managed Cryptographic Object was revoked"),
    needs=AND_SHOWS,
)
def the_revocation_reason_can_be_read(kmip: Conversation) -> None:
    """The Revocation Reason of a revoked object can be read: its code and its message."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RevocationReasonCode.SUPERSEDED, message="a newer one is in use").succeeds().settle()
    answer = kmip.get_attributes(key, "Revocation Reason").succeeds()
    fields = {item.tag: item.value for item in answer.payload.walk()}
    expect(fields.get(Tag.REVOCATION_REASON_CODE), "the Revocation Reason Code").is_(RevocationReasonCode.SUPERSEDED)
    expect(fields.get(Tag.REVOCATION_MESSAGE), "the Revocation Message").is_("a newer one is in use")


@check(
    "revoke.sets-deactivation-date",
    cites=kmip_1_4("4.20 Revoke", "the Deactivation Date is set to the current date and time"),
    in_2_x=kmip_2_1("6.1.44 Revoke", "the Deactivation Date is set to the current date and time"),
    needs=AND_SHOWS,
)
def the_deactivation_date_is_the_time_of_the_operation(kmip: Conversation) -> None:
    """Revoke for a reason other than compromise sets the Deactivation Date to the current time."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RETIREMENT).succeeds().settle()
    now = time.time()
    date = kmip.get_attributes(key, "Deactivation Date").attribute("Deactivation Date")
    expect(date, "the Deactivation Date").is_between(now - 300, now + 300)


@check(
    "revoke.sets-compromise-date",
    cites=kmip_1_4("3.30 Compromise Date", "the date and time when the Managed Cryptographic Object was placed into the compromised state"),
    needs=AND_SHOWS,
)
def the_compromise_date_is_the_time_of_the_operation(kmip: Conversation) -> None:
    """Revoke for Key Compromise sets the Compromise Date to the current time."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, COMPROMISE, compromise_occurrence=int(time.time())).succeeds().settle()
    now = time.time()
    expect(kmip.get_attributes(key, "Compromise Date").attribute("Compromise Date"), "the Compromise Date").is_between(now - 300, now + 300)


@check(
    "revoke.keeps-compromise-occurrence",
    cites=kmip_1_4("4.20 Revoke", "the Compromise Occurrence Date is set to the value (if provided) in the Revoke request"),
    in_2_x=kmip_2_1("6.1.44 Revoke", "the Compromise Occurrence Date is set to the value (if provided) in the Revoke request"),
    needs=AND_SHOWS,
)
def the_occurrence_that_the_client_names_is_kept(kmip: Conversation) -> None:
    """The Compromise Occurrence Date of a Revoke for Key Compromise is kept."""
    key, occurred = kmip.has_key(active=True), int(time.time()) - 7200
    kmip.revoke(key, COMPROMISE, compromise_occurrence=occurred).succeeds().settle()
    answer = kmip.get_attributes(key, "Compromise Occurrence Date")
    expect(answer.attribute("Compromise Occurrence Date"), "the Compromise Occurrence Date").is_(occurred)


@check(
    "revoke.occurrence-without-compromise-refused",
    level=SHOULD,
    since=V1_4,
    cites=kmip_1_4("4.20 Revoke", "SHALL NOT be specified for other Revocation Reason enumerations"),
    in_2_x=kmip_2_1("6.1.44 Revoke", "SHALL NOT be specified for other Revocation Reason enumerations"),
    needs=NEEDS,
)
def an_occurrence_belongs_to_a_compromise_only(kmip: Conversation) -> None:
    """A Compromise Occurrence Date with another reason is against the standard: a server refuses it, or may overlook it."""
    key = kmip.has_key(active=True)
    kmip.revoke(key, RETIREMENT, compromise_occurrence=int(time.time())).refuses().or_acceptably_succeeds()


@check(
    "revoke.revoked-key-is-still-given-out",
    cites=kmip_1_4("3.22 State", "SHOULD only be used to process cryptographically-protected information"),
    in_2_x=kmip_2_1("4.57 State", "SHOULD only be used to process cryptographically-protected information"),
    needs=[*NEEDS, Operation.GET],
)
def a_deactivated_key_can_be_fetched(kmip: Conversation) -> None:
    """A Deactivated key can still be had: what was encrypted with it has to be decrypted."""
    key = kmip.has_key(active=True)
    before = kmip.get(key).key_material
    kmip.revoke(key, RETIREMENT).succeeds().settle()
    expect(kmip.get(key).key_material == before, "whether the Key Material is the same").is_(wanted=True)
