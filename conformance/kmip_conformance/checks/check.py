"""Check (KMIP 1.4, 4.10): may the object be used so? The keys are Active, so that only what is asked for can stand in the way."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import key_with, values_of
from kmip_conformance.authoring import (
    V1_1,
    Conversation,
    CryptographicUsageMask,
    Operation,
    Reason,
    ResultStatus,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import BatchErrorContinuationOption

RULE = "4.10 Check"
ERRORS = "11.11 Check"
ALLOWED = kmip_1_4(RULE, "then the server returns the Unique Identifier of the object")
DENIED = kmip_1_4(ERRORS, "The client is not allowed to use the object according to the specified attributes")
CAUSES = kmip_1_4(RULE, "The only attributes returned are those that resulted in the server determining that the client is not allowed")
EMPTIES = kmip_1_4(RULE, "then the server empties the ID Placeholder")
NEEDS = [Operation.CREATE, Operation.ACTIVATE, Operation.CHECK]
ENCRYPT, DECRYPT, SIGN = CryptographicUsageMask.ENCRYPT, CryptographicUsageMask.DECRYPT, CryptographicUsageMask.SIGN
CONTINUE = BatchErrorContinuationOption.CONTINUE

rule = partial(check, needs=NEEDS)


@rule("check.allowed-use", cites=ALLOWED, in_2_x=kmip_2_1("6.1.7 Check", "then the server returns the Unique Identifier of the object"))
def an_allowed_use_passes(kmip: Conversation) -> None:
    """Check of a use that the key's mask allows answers with the Unique Identifier alone."""
    key = kmip.has_key(active=True)
    answer = kmip.check(key, usage=ENCRYPT).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    expect([item.tag for item in answer.payload.children], "the fields of the payload").is_([Tag.UNIQUE_IDENTIFIER])


@rule(
    "check.all-allowed-uses", cites=ALLOWED, in_2_x=kmip_2_1("6.1.7 Check", "then the server returns the Unique Identifier of the object")
)
def all_allowed_uses_pass_together(kmip: Conversation) -> None:
    """Check of all uses that the key's mask allows answers with the Unique Identifier."""
    key = kmip.has_key(active=True)
    kmip.check(key, usage=ENCRYPT | DECRYPT).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)


@rule(
    "check.use-refused",
    cites=DENIED,
    in_2_x=kmip_2_1("6.1.7 Check", "the client is not allowed to use the object according to the specified attributes"),
    mutants=["check.usage-not-checked"],
)
def a_use_that_is_not_allowed_is_refused(kmip: Conversation) -> None:
    """Check of a use that the key's mask does not allow fails with Permission Denied."""
    kmip.check(kmip.has_key(active=True), usage=SIGN).refuses(because=Reason.PERMISSION_DENIED)


@rule(
    "check.use-refused-in-part",
    cites=DENIED,
    in_2_x=kmip_2_1("6.1.7 Check", "the client is not allowed to use the object according to the specified attributes"),
    mutants=["check.usage-not-checked"],
)
def one_use_too_much_is_refused(kmip: Conversation) -> None:
    """Check of two uses, one of which the key's mask does not allow, fails with Permission Denied."""
    kmip.check(kmip.has_key(active=True), usage=ENCRYPT | SIGN).refuses(because=Reason.PERMISSION_DENIED)


@rule(
    "check.refusal-says-the-cause",
    cites=[CAUSES, kmip_1_4(RULE, "does not return the Unique Identifier")],
    since=V1_1,
    mutants=["check.usage-not-checked"],
)
def a_refusal_returns_what_caused_it(kmip: Conversation) -> None:
    """A Check that is refused because of the Cryptographic Usage Mask returns the mask, and not the Unique Identifier."""
    answer = kmip.check(kmip.has_key(active=True), usage=SIGN).refuses(because=Reason.PERMISSION_DENIED)
    expect([item.tag for item in answer.payload.children], "the fields of the payload").is_([Tag.CRYPTOGRAPHIC_USAGE_MASK])


@rule("check.nothing-asked", cites=ALLOWED, in_2_x=kmip_2_1("6.1.7 Check", "then the server returns the Unique Identifier of the object"))
def a_check_of_nothing_passes(kmip: Conversation) -> None:
    """Check without any attribute answers with the Unique Identifier."""
    key = kmip.has_key(active=True)
    kmip.check(key).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)


@rule(
    "check.count-within-limits",
    cites=ALLOWED,
    in_2_x=kmip_2_1("6.1.7 Check", "then the server returns the Unique Identifier of the object"),
)
def a_count_that_is_left_passes(kmip: Conversation) -> None:
    """Check of a Usage Limits Count that the key has left, to the last byte, passes."""
    key = key_with(kmip, requests.usage_limits(1000, 1000))
    kmip.activate(key).succeeds().settle()
    kmip.check(key, usage_limits_count=1000).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)


@rule(
    "check.count-beyond-limits",
    cites=[DENIED, kmip_1_4("Table 193: Check Response Payload", "is larger than the value that the server policy allows")],
)
def a_count_that_is_not_left_is_refused(kmip: Conversation) -> None:
    """Check of a Usage Limits Count that the key has not left fails with Permission Denied, and returns the count."""
    key = key_with(kmip, requests.usage_limits(1000, 1000))
    kmip.activate(key).succeeds().settle()
    answer = kmip.check(key, usage_limits_count=1001).refuses(because=Reason.PERMISSION_DENIED)
    expect([item.tag for item in answer.payload.children], "the fields of the payload").contains(Tag.USAGE_LIMITS_COUNT)


@rule("check.only-the-cause-is-returned", cites=CAUSES, since=V1_1)
def what_would_be_allowed_is_not_returned(kmip: Conversation) -> None:
    """Of a mask that is allowed and a count that is not, a refused Check returns the count alone."""
    key = key_with(kmip, requests.usage_limits(1000, 1000))
    kmip.activate(key).succeeds().settle()
    answer = kmip.check(key, usage_limits_count=1001, usage=ENCRYPT).refuses(because=Reason.PERMISSION_DENIED)
    expect([item.tag for item in answer.payload.children], "the fields of the payload").is_([Tag.USAGE_LIMITS_COUNT])


@rule(
    "check.lease-time",
    cites=[ALLOWED, kmip_1_4("3.20 Lease Time", "A server SHALL store in this attribute the maximum Lease Time it is able to serve")],
    in_2_x=kmip_2_1("6.1.7 Check", "then the server returns the Unique Identifier of the object"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def the_lease_that_a_key_offers_passes(kmip: Conversation) -> None:
    """Check of the Lease Time that the key itself offers, or of a minute where it offers none, passes or is refused as policy."""
    key = kmip.has_key(active=True)
    offered = [item.value for item in values_of(kmip, key, "Lease Time") if isinstance(item.value, int)]
    answer = kmip.check(key, lease_time=offered[0] if offered else 60).succeeds()
    answer = answer if offered else answer.or_refuses(because=Reason.PERMISSION_DENIED)
    expect([uid == key for uid in answer.values_of(Tag.UNIQUE_IDENTIFIER)], "whether it returns the identifier of the key").is_one_of(
        [True], []
    )


@rule("check.lease-too-long", cites=[DENIED, kmip_1_4("Table 193: Check Response Payload", "is larger than a valid Lease Time")])
def an_endless_lease_is_allowed_or_refused_in_order(kmip: Conversation) -> None:
    """Check of a Lease Time of 136 years passes, or fails with Permission Denied and returns the Lease Time."""
    answer = kmip.check(kmip.has_key(active=True), lease_time=2**32 - 1).refuses(because=Reason.PERMISSION_DENIED).or_succeeds()
    expect([item.tag for item in answer.payload.children], "the fields of the payload").is_one_of(
        [Tag.LEASE_TIME], [Tag.UNIQUE_IDENTIFIER], [Tag.UNIQUE_IDENTIFIER, Tag.LEASE_TIME]
    )


@rule(
    "check.changes-nothing",
    cites=kmip_1_4(RULE, "check for the use of a Managed Object"),
    in_2_x=kmip_2_1("6.1.7 Check", "check for the use of a Managed Object"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def a_check_leaves_the_key_as_it_was(kmip: Conversation) -> None:
    """Check takes nothing from the Usage Limits, and leaves the State alone."""
    key = key_with(kmip, requests.usage_limits(1000, 1000))
    kmip.activate(key).succeeds().settle()
    kmip.check(key, usage_limits_count=400).succeeds().settle()
    counts = [limits.number(Tag.USAGE_LIMITS_COUNT) for limits in values_of(kmip, key, "Usage Limits")]
    expect(counts, "the Usage Limits Count").is_([1000])
    expect(kmip.state_of(key), "the State of the key").is_(State.ACTIVE)


@rule(
    "check.unknown-object-not-found",
    cites=kmip_1_4(ERRORS, "Object does not exist"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "A requested managed object was not found or did not exist"),
    needs=[Operation.CHECK],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Check of an object that does not exist fails with Item Not Found."""
    kmip.check("no-such-object", usage=ENCRYPT).refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "check.destroyed-object-refused",
    cites=kmip_1_4(ERRORS, "Check cannot be performed on this object"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "Check cannot be performed on this object"),
    needs=[Operation.CREATE, Operation.DESTROY, Operation.CHECK],
)
def a_destroyed_key_may_not_be_used(kmip: Conversation) -> None:
    """Check of a destroyed key fails."""
    key = kmip.has_key()
    kmip.destroy(key).succeeds().settle()
    kmip.check(key, usage=ENCRYPT).refuses(because=(Reason.ILLEGAL_OPERATION, Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))


@rule(
    "check.placeholder",
    cites=kmip_1_4("Table 192: Check Request Payload", "If omitted, then the ID Placeholder value is used"),
    in_2_x=kmip_2_1("6.1.7 Check", "If omitted, then the ID Placeholder value is used"),
)
def without_an_identifier_the_placeholder_is_meant(kmip: Conversation) -> None:
    """In one batch, Check without identifier after a Create is about the new key, as is a Get behind it."""
    items = (requests.create_symmetric_key(), requests.activate(None), requests.check(None, usage=ENCRYPT), requests.get(None))
    reply = kmip.send(*items, order=True)
    expect(len({reply[index].succeeds().uid for index in range(4)}), "the number of keys that they are about").is_(1)


@rule(
    "check.refusal-empties-the-placeholder",
    cites=EMPTIES,
    in_2_x=kmip_2_1("6.1.7 Check", "then the server empties the ID Placeholder"),
    mutants=["check.usage-not-checked"],
)
def after_a_refusal_nothing_is_meant(kmip: Conversation) -> None:
    """In one batch that goes on after failures, a Get without identifier behind a refused Check gets nothing."""
    items = (requests.create_symmetric_key(), requests.activate(None), requests.check(None, usage=SIGN), requests.get(None))
    reply = kmip.send(*items, order=True, on_error=CONTINUE)
    reply[2].refuses(because=Reason.PERMISSION_DENIED).settle()
    behind = [item.result_status for item in reply.response.batch_items[3:]]
    expect(behind, "the status of what stands behind it").lacks(ResultStatus.SUCCESS)
