"""Obtain Lease and Get Usage Allocation (KMIP 1.4, 4.17 and 4.18)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import key_with, values_of
from kmip_conformance.authoring import (
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
from kmip_conformance.tables import ItemType

LEASE, LEASE_LATER = "4.17 Obtain Lease", "6.1.35 Obtain Lease"
ALLOCATION, ALLOCATION_LATER = "4.18 Get Usage Allocation", "6.1.23 Get Usage Allocation"
LEASES = [Operation.CREATE, Operation.OBTAIN_LEASE]
ALLOCATES = [Operation.CREATE, Operation.ACTIVATE, Operation.GET_USAGE_ALLOCATION]
INTERVAL = "An interval (in seconds) that specifies the amount of time that the object MAY be used until a new lease needs to be obtained"

leases = partial(
    check,
    cites=kmip_1_4("Table 207: Obtain Lease Response Payload", INTERVAL),
    in_2_x=kmip_2_1("Table 269: Obtain Lease Response Payload", INTERVAL),
    needs=LEASES,
)
allocates = partial(
    check,
    cites=kmip_1_4(ALLOCATION, "If the requested amount is not available"),
    in_2_x=kmip_2_1(ALLOCATION_LATER, "If the requested amount is not available"),
    needs=ALLOCATES,
)
DENIED = Reason.PERMISSION_DENIED
SPENT = (Reason.PERMISSION_DENIED, Reason.USAGE_LIMIT_EXCEEDED)
UNFIT = (Reason.ILLEGAL_OPERATION, Reason.ATTRIBUTE_NOT_FOUND)


@leases("obtain-lease.time", mutants=["obtain-lease.time-as-integer"])
def a_lease_has_a_time(kmip: Conversation) -> None:
    """Obtain Lease answers with the object and a Lease Time, an Interval; a server may deny leases."""
    key = kmip.has_key()
    answer = kmip.ask(requests.obtain_lease(key)).succeeds().or_refuses(because=DENIED)
    answer.settle()
    found = answer.find(Tag.LEASE_TIME) if answer.has_succeeded else None
    if found is not None:
        answer.has(Tag.UNIQUE_IDENTIFIER, key)
    expect(found is not None and found.type, "the type of the Lease Time").is_one_of(int(ItemType.INTERVAL), not answer.has_succeeded)


@leases("obtain-lease.last-change-date", needs=[*LEASES, Operation.GET_ATTRIBUTES], mutants=["obtain-lease.date-of-now"])
def a_lease_tells_the_last_change(kmip: Conversation) -> None:
    """The Last Change Date in a lease is that of the object, so that a client knows if what it keeps is still right."""
    key = kmip.has_key()
    leased = kmip.ask(requests.obtain_lease(key)).succeeds().or_refuses(because=DENIED).values_of(Tag.LAST_CHANGE_DATE)
    shown = [item.value for item in values_of(kmip, key, "Last Change Date")]
    expect(leased in (shown, []), "whether the dates are the same").is_(wanted=True)


@leases(
    "obtain-lease.within-the-attribute",
    cites=kmip_1_4("3.20 Lease Time", "less than or equal to the maximum Lease Time"),
    in_2_x=kmip_2_1("4.30 Lease Time", "less than or equal to the maximum Lease Time"),
    needs=[*LEASES, Operation.GET_ATTRIBUTES],
)
def a_lease_is_no_longer_than_the_attribute_says(kmip: Conversation) -> None:
    """A lease is no longer than the attribute Lease Time of the object, where it has one."""
    key = kmip.has_key()
    leased = kmip.ask(requests.obtain_lease(key)).succeeds().or_refuses(because=DENIED).values_of(Tag.LEASE_TIME)
    longest = [item.value for item in values_of(kmip, key, "Lease Time")]
    expect(all(time <= limit for time in leased for limit in longest), "whether the lease is within it").is_(wanted=True)


@leases(
    "obtain-lease.unknown-object-not-found",
    cites=kmip_1_4("11.18 Obtain Lease", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 270: Obtain Lease Errors", "Object Not Found"),
    needs=[Operation.OBTAIN_LEASE],
)
def nothing_is_leased_that_is_not_there(kmip: Conversation) -> None:
    """Obtain Lease of an object that does not exist fails with Item Not Found."""
    kmip.ask(requests.obtain_lease("no-such-object")).refuses(because=Reason.ITEM_NOT_FOUND)


def limited(kmip: Conversation, total: int = 1000) -> str:
    """An Active key with Usage Limits."""
    key = key_with(kmip, requests.usage_limits(total))
    kmip.activate(key).succeeds().settle()
    return key


def left(kmip: Conversation, key: str) -> int | None:
    """What the Usage Limits of a key leave."""
    found = values_of(kmip, key, "Usage Limits")
    return found[0].number(Tag.USAGE_LIMITS_COUNT) if found else None


@allocates("get-usage-allocation.counts-down", needs=[*ALLOCATES, Operation.GET_ATTRIBUTES], mutants=["get-usage-allocation.never-counts"])
def an_allocation_is_taken_off(kmip: Conversation) -> None:
    """An allocation of 300 of 1000 leaves a Usage Limits Count of 700; the answer names the object."""
    key = limited(kmip)
    kmip.ask(requests.get_usage_allocation(key, 300)).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    expect(left(kmip, key), "the Usage Limits Count").is_(700)


@allocates("get-usage-allocation.all-of-it")
def all_that_is_left_may_be_allocated(kmip: Conversation) -> None:
    """An allocation of all that is left succeeds, and one of a single further unit fails."""
    key = limited(kmip)
    kmip.ask(requests.get_usage_allocation(key, 1000)).succeeds().settle()
    kmip.ask(requests.get_usage_allocation(key, 1)).refuses(because=SPENT)


@allocates(
    "get-usage-allocation.too-much-refused",
    needs=[*ALLOCATES, Operation.GET_ATTRIBUTES],
    mutants=["get-usage-allocation.grants-everything"],
)
def more_than_is_left_is_refused_in_full(kmip: Conversation) -> None:
    """An allocation of 1001 of 1000 fails with Permission Denied, and takes nothing off."""
    key = limited(kmip)
    kmip.ask(requests.get_usage_allocation(key, 1001)).refuses(because=SPENT)
    expect(left(kmip, key), "the Usage Limits Count").is_(1000)


@allocates("get-usage-allocation.at-once", needs=[*ALLOCATES, Operation.GET_ATTRIBUTES])
def no_unit_is_allocated_twice(kmip: Conversation) -> None:
    """Of eight allocations of 200 at the same time, from 1000, exactly five succeed."""
    key = limited(kmip)

    def allocate(conversation: Conversation, _: int) -> bool:
        answer = conversation.ask(requests.get_usage_allocation(key, 200)).succeeds().or_refuses(because=SPENT)
        answer.settle()
        return answer.has_succeeded

    expect(sum(kmip.at_once(8, allocate)), "the number of allocations that succeeded").is_(5)
    expect(left(kmip, key), "the Usage Limits Count").is_(0)


@allocates(
    "get-usage-allocation.without-limits-refused",
    cites=kmip_1_4("11.19 Get Usage Allocation", "Object has no Usage Limits attribute"),
    in_2_x=kmip_2_1("Table 234: Get Usage Allocation Errors", "Attribute Not Found"),
)
def what_has_no_limits_is_not_allocated(kmip: Conversation) -> None:
    """An allocation of a key without Usage Limits fails with Illegal Operation; with Attribute Not Found since 2.0."""
    kmip.ask(requests.get_usage_allocation(kmip.has_key(active=True), 1)).refuses(because=UNFIT).or_acceptably()


@allocates(
    "get-usage-allocation.pre-active-refused",
    cites=kmip_1_4(ALLOCATION, "The operation SHALL only be requested during the time that protection is enabled for these objects"),
    in_2_x=kmip_2_1(ALLOCATION_LATER, "The operation SHALL only be requested during the time that protection is enabled for these objects"),
)
def a_pre_active_key_is_not_allocated(kmip: Conversation) -> None:
    """An allocation of a Pre-Active key fails."""
    kmip.ask(requests.get_usage_allocation(key_with(kmip, requests.usage_limits(1000)), 1)).refuses()


@allocates(
    "get-usage-allocation.not-for-protection-refused",
    cites=kmip_1_4(
        ALLOCATION, "or is not an object that MAY be used for applying cryptographic protection, then the server SHALL return an error"
    ),
    in_2_x=kmip_2_1(
        ALLOCATION_LATER,
        "or is not an object that MAY be used for applying cryptographic protection, then the server SHALL return an error",
    ),
)
def a_key_that_protects_nothing_is_not_allocated(kmip: Conversation) -> None:
    """An allocation of a key that may only decrypt fails."""
    key = key_with(kmip, requests.usage_limits(1000), usage=CryptographicUsageMask.DECRYPT)
    kmip.activate(key).succeeds().settle()
    kmip.ask(requests.get_usage_allocation(key, 1)).refuses()


@allocates(
    "get-usage-allocation.keys-of-others",
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    in_2_x=(),
)
def nobody_spends_what_is_anothers(kmip: Conversation, other: Conversation) -> None:
    """Another client does not spend the Usage Limits of a key that is not its own."""
    key = limited(kmip)
    other.ask(requests.get_usage_allocation(key, 1)).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))
