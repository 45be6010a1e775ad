"""Locate (KMIP 1.4, 4.9): searches as a whole. Dates and ranges, several criteria, pages, nothing found, the ID Placeholder, changes."""

from __future__ import annotations

import time
from functools import partial

from kmip_conformance.arranging import finds, key_with, label, own_name
from kmip_conformance.authoring import (
    V1_1,
    V1_2,
    V1_3,
    Conversation,
    CryptographicAlgorithm,
    ObjectType,
    Operation,
    Reason,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import BatchErrorContinuationOption, ObjectGroupMember, StorageStatusMask

RULE = "4.9 Locate"
ERRORS = "11.10 Locate"
MATCH = kmip_1_4(RULE, "Returned objects SHALL match all of the attributes in the request")
SAME_DATE = kmip_1_4(RULE, "then objects with the same Date attribute are considered to be matching candidate objects")
RANGE = kmip_1_4(RULE, "objects for which the Date attribute is inside or at a limit of the range are considered to be matching")
NOTHING = kmip_1_4(RULE, "If no objects match, then an empty response payload is returned")
AT_MOST = kmip_1_4(RULE, "which specifies the maximum number of objects to be returned")
SKIPS = kmip_1_4(RULE, "the server skips Offset Items objects and returns up to Maximum Items objects")
STORAGE = kmip_1_4(RULE, "only on-line objects, only archived objects, or both on-line and archived objects are to be searched")
ONE_FOUND = kmip_1_4(RULE, "then the server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder")
MANY_FOUND = kmip_1_4(RULE, "then the server SHALL empty the ID Placeholder")
NEEDS = [Operation.CREATE, Operation.LOCATE]
AND_GET = [*NEEDS, Operation.GET]
LARGEST_DATE = 2**63 - 1
DAY = 86_400
KEYS = requests.attribute("Object Type", ObjectType.SYMMETRIC_KEY)
UNKNOWN = requests.attribute("No Such Attribute", "x")

rule = partial(check, needs=NEEDS)


@rule(
    "locate.initial-date",
    cites=SAME_DATE,
    in_2_x=kmip_2_1("6.1.28 Locate", "then objects with the same Date attribute are considered to be matching candidate objects"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
    mutants=["locate.filter-ignored"],
)
def an_object_is_found_by_its_initial_date(kmip: Conversation) -> None:
    """A key is found by its Initial Date, not by the second before it."""
    name = own_name()
    key = kmip.has_key(name)
    date = kmip.get_attributes(key, "Initial Date").attribute("Initial Date")
    expect(finds(kmip, key, name, requests.attribute("Initial Date", date)), "whether it is found by its date").is_(wanted=True)
    expect(finds(kmip, key, name, requests.attribute("Initial Date", date - 1)), "whether it is by another").is_(wanted=False)


@rule(
    "locate.date-range",
    cites=RANGE,
    in_2_x=kmip_2_1(
        "6.1.28 Locate", "objects for which the Date attribute is inside or at a limit of the range are considered to be matching"
    ),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
    mutants=["locate.filter-ignored"],
)
def an_object_is_found_by_a_range_around_its_date(kmip: Conversation) -> None:
    """A key is found by a range of Initial Dates that its own lies in, not by one that ended before."""
    name = own_name()
    key = kmip.has_key(name)
    date = kmip.get_attributes(key, "Initial Date").attribute("Initial Date")
    around, before = ([requests.attribute("Initial Date", date + shift) for shift in ends] for ends in ((-60, 60), (-60, -1)))
    expect(finds(kmip, key, name, *around), "whether it is found inside the range").is_(wanted=True)
    expect(finds(kmip, key, name, *before), "whether it is found outside").is_(wanted=False)


@rule(
    "locate.date-at-the-limits",
    cites=RANGE,
    in_2_x=kmip_2_1(
        "6.1.28 Locate", "objects for which the Date attribute is inside or at a limit of the range are considered to be matching"
    ),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def the_limits_belong_to_the_range(kmip: Conversation) -> None:
    """A key is found by a range of Initial Dates that begins, or ends, at its own."""
    name = own_name()
    key = kmip.has_key(name)
    date = kmip.get_attributes(key, "Initial Date").attribute("Initial Date")
    begins, ends = ([requests.attribute("Initial Date", date + shift) for shift in limits] for limits in ((0, 60), (-60, 0)))
    expect(finds(kmip, key, name, *begins), "whether it is found at the beginning").is_(wanted=True)
    expect(finds(kmip, key, name, *ends), "whether it is found at the end").is_(wanted=True)


@rule(
    "locate.activation-date",
    cites=[SAME_DATE, RANGE],
    in_2_x=kmip_2_1("6.1.28 Locate", "then objects with the same Date attribute are considered to be matching candidate objects"),
    mutants=["locate.filter-ignored"],
)
def a_key_is_found_by_its_activation_date(kmip: Conversation) -> None:
    """A key is found by its Activation Date, and by a range around it, not by the day before."""
    name, date = own_name(), int(time.time()) + 30 * DAY
    key = key_with(kmip, name, requests.attribute("Activation Date", date))
    day_before, same, day_after = (requests.attribute("Activation Date", date + shift) for shift in (-DAY, 0, DAY))
    expect(finds(kmip, key, name, same), "whether it is found by its date").is_(wanted=True)
    expect(finds(kmip, key, name, day_before, day_after), "whether it is found by a range").is_(wanted=True)
    expect(finds(kmip, key, name, day_before), "whether it is found by the day before").is_(wanted=False)


@rule(
    "locate.date-that-is-not-set",
    cites=SAME_DATE,
    in_2_x=kmip_2_1("6.1.28 Locate", "then objects with the same Date attribute are considered to be matching candidate objects"),
    mutants=["locate.filter-ignored"],
)
def a_key_without_the_date_does_not_match(kmip: Conversation) -> None:
    """A key that was never compromised is not found by a Compromise Date."""
    name = own_name()
    key = kmip.has_key(name)
    expect(finds(kmip, key, name, requests.attribute("Compromise Date", 1_000_000_000)), "whether it is found").is_(wanted=False)


@rule(
    "locate.largest-date",
    cites=kmip_1_4(RULE, "If a Date attribute is set to its largest possible value, then it is equivalent to an undefined attribute"),
    in_2_x=kmip_2_1(
        "6.1.28 Locate", "If a Date attribute is set to its largest possible value, then it is equivalent to an undefined attribute"
    ),
)
def the_largest_date_means_none(kmip: Conversation) -> None:
    """The largest possible date is equivalent to an undefined attribute: it finds a key without a Compromise Date."""
    name = own_name()
    key = kmip.has_key(name)
    expect(finds(kmip, key, name, requests.attribute("Compromise Date", LARGEST_DATE)), "whether it is found").is_(wanted=True)


@rule(
    "locate.all-criteria-hold",
    cites=MATCH,
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    mutants=["locate.filter-ignored"],
)
def every_criterion_has_to_match(kmip: Conversation) -> None:
    """Of five criteria, all have to match: with one that does not, the key is not found."""
    name = own_name()
    key = kmip.has_key(name, length=256)
    values = {"Cryptographic Algorithm": CryptographicAlgorithm.AES, "State": State.PRE_ACTIVE}
    four = [name, KEYS, *[requests.attribute(attribute, value) for attribute, value in values.items()]]
    right, wrong = (requests.attribute("Cryptographic Length", length) for length in (256, 192))
    expect(finds(kmip, key, *four, right), "whether it is found by all five").is_(wanted=True)
    expect(finds(kmip, key, *four, wrong), "whether it is found by four of five").is_(wanted=False)


@rule(
    "locate.one-criterion-filters",
    cites=MATCH,
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    mutants=["locate.filter-ignored"],
)
def a_criterion_alone_leaves_others_out(kmip: Conversation) -> None:
    """Locate by the State Active alone does not return a key that is Pre-Active."""
    key = kmip.has_key()
    expect(finds(kmip, key, requests.attribute("State", State.ACTIVE), maximum=1000), "whether the Pre-Active key is found").is_(
        wanted=False
    )


@rule(
    "locate.without-criteria",
    cites=kmip_1_4(RULE, "If no attribute is specified in the request, any object SHALL be deemed to match"),
    in_2_x=kmip_2_1("6.1.28 Locate", "If no attribute is specified in the request, any object SHALL be deemed to match"),
)
def without_criteria_any_object_matches(kmip: Conversation) -> None:
    """Locate without criteria, Maximum Items 1, finds an object as soon as there is one."""
    kmip.has_key()
    expect(len(kmip.locate(maximum=1).succeeds().values_of(Tag.UNIQUE_IDENTIFIER)), "the number of objects found").is_(1)


@rule(
    "locate.nothing-found",
    cites=NOTHING,
    in_2_x=kmip_2_1("6.1.28 Locate", "If no objects match, then an empty response payload is returned"),
    mutants=["locate.nothing-found-is-an-error", "locate.filter-ignored"],
)
def finding_nothing_is_no_error(kmip: Conversation) -> None:
    """Locate by a Name that no object has succeeds, and returns no Unique Identifier."""
    kmip.has_key()
    kmip.locate(own_name()).succeeds().lacks(Tag.UNIQUE_IDENTIFIER)


@rule(
    "locate.unknown-attribute-refused",
    cites=kmip_1_4(ERRORS, "attributes that the server does not understand"),
    needs=NEEDS[1:],
    mutants=["locate.filter-ignored"],
)
def a_criterion_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Locate by an attribute that does not exist fails with Invalid Field: to ignore it would find what was not asked for."""
    kmip.locate(UNKNOWN).refuses(because=Reason.INVALID_FIELD)


@rule("locate.answers-within-bounds", cites=[kmip_1_4("Table 191: Locate Response Payload"), NOTHING], until=V1_2)
def the_answer_holds_identifiers_alone(kmip: Conversation) -> None:
    """Before 1.3, the payload of a Locate holds Unique Identifiers and nothing else: Located Items came later."""
    name = own_name()
    kmip.has_key(name)
    expect([item.tag for item in kmip.locate(name).succeeds().payload.children], "the fields").is_([Tag.UNIQUE_IDENTIFIER])


@rule(
    "locate.maximum-items",
    cites=AT_MOST,
    in_2_x=kmip_2_1("6.1.28 Locate", "which specifies the maximum number of objects to be returned"),
    mutants=["locate.maximum-items-ignored"],
)
def no_more_are_returned_than_asked_for(kmip: Conversation) -> None:
    """With Maximum Items 1, one of several matching keys is returned."""
    kmip.has_key()
    kmip.has_key()
    expect(len(kmip.locate(KEYS, maximum=1).succeeds().values_of(Tag.UNIQUE_IDENTIFIER)), "the number of objects found").is_(1)


@rule(
    "locate.maximum-items-beyond",
    cites=AT_MOST,
    in_2_x=kmip_2_1("6.1.28 Locate", "which specifies the maximum number of objects to be returned"),
)
def a_maximum_that_is_not_reached_does_no_harm(kmip: Conversation) -> None:
    """With Maximum Items 10, the one matching key is returned."""
    name = own_name()
    key = kmip.has_key(name)
    found = kmip.locate(name, maximum=10).succeeds().values_of(Tag.UNIQUE_IDENTIFIER)
    expect(found == [key], "whether it alone is found").is_(wanted=True)


@rule(
    "locate.pages",
    cites=SKIPS,
    in_2_x=kmip_2_1("6.1.28 Locate", "the server skips Offset Items objects and returns up to Maximum Items objects"),
    since=V1_3,
    mutants=["locate.maximum-items-ignored"],
)
def pages_follow_one_another(kmip: Conversation) -> None:
    """Page by page, with Offset Items and Maximum Items, three keys of a group are found, each once; behind them there is nothing."""
    group = requests.attribute("Object Group", label())
    keys = {key_with(kmip, group) for _ in range(3)}
    pages = [kmip.locate(group, offset=offset, maximum=2).succeeds().values_of(Tag.UNIQUE_IDENTIFIER) for offset in (0, 2, 4)]
    expect([len(page) for page in pages], "the numbers of objects on the pages").is_([2, 1, 0])
    expect({uid for page in pages for uid in page} == keys, "whether they are the three keys").is_(wanted=True)


@rule(
    "locate.offset-0",
    cites=kmip_1_4(RULE, "An Offset Items field of 0 is the same as omitting the Offset Items field"),
    in_2_x=kmip_2_1("6.1.28 Locate", "An Offset Items field of 0 is the same as omitting the Offset Items field"),
    since=V1_3,
)
def an_offset_of_0_is_none(kmip: Conversation) -> None:
    """Offset Items 0 skips nothing."""
    name = own_name()
    key = kmip.has_key(name)
    expect(finds(kmip, key, name, offset=0), "whether it is found").is_(wanted=True)


@rule(
    "locate.offset-beyond",
    cites=kmip_1_4(RULE, "the number of objects to skip that satisfy the identification criteria"),
    in_2_x=kmip_2_1("6.1.28 Locate", "the number of objects to skip that satisfy the identification criteria"),
    since=V1_3,
)
def an_offset_beyond_the_last_finds_nothing(kmip: Conversation) -> None:
    """Offset Items 1 skips the one key that matches: nothing is left, and that is no error."""
    name = own_name()
    key = kmip.has_key(name)
    expect(finds(kmip, key, name, offset=1), "whether it is found").is_(wanted=False)


@rule(
    "locate.located-items",
    cites=kmip_1_4(RULE, "the count of all objects that satisfy the identification criteria"),
    in_2_x=kmip_2_1("6.1.28 Locate", "the count of all objects that satisfy the identification criteria"),
    since=V1_3,
)
def located_items_counts_all(kmip: Conversation) -> None:
    """Located Items, where a server returns it, counts all that match, not only those that are returned."""
    group = requests.attribute("Object Group", label())
    _ = [key_with(kmip, group) for _ in range(3)]
    expect(kmip.locate(group, maximum=1).succeeds().values_of(Tag.LOCATED_ITEMS), "Located Items").is_one_of([3], [])


@rule("locate.on-line", cites=STORAGE)
def what_is_on_line_is_found_on_line(kmip: Conversation) -> None:
    """A key that is not archived is found with the Storage Status Mask On-line, and with On-line and Archival."""
    name = own_name()
    key = kmip.has_key(name)
    both = StorageStatusMask.ON_LINE_STORAGE | StorageStatusMask.ARCHIVAL_STORAGE
    expect(finds(kmip, key, name, storage_status=StorageStatusMask.ON_LINE_STORAGE), "whether it is found on-line").is_(wanted=True)
    expect(finds(kmip, key, name, storage_status=both), "whether it is found in both").is_(wanted=True)


@rule("locate.archived-alone", cites=STORAGE)
def what_is_on_line_is_not_found_in_the_archive(kmip: Conversation) -> None:
    """A key that is not archived is not found with the Storage Status Mask Archival alone."""
    name = own_name()
    key = kmip.has_key(name)
    expect(finds(kmip, key, name, storage_status=StorageStatusMask.ARCHIVAL_STORAGE), "whether it is found").is_(wanted=False)


@rule(
    "locate.fresh-objects",
    cites=kmip_1_4(RULE, "matching candidate objects SHALL be fresh objects (see 3.34) from the object group"),
    since=V1_1,
    needs=AND_GET,
)
def a_key_that_was_fetched_is_not_fresh(kmip: Conversation) -> None:
    """A key of a group that has been fetched is not found any more with Object Group Member, Group Member Fresh."""
    group = requests.attribute("Object Group", label())
    key = key_with(kmip, group)
    kmip.get(key).succeeds().settle()
    found = kmip.locate(group, group_member=ObjectGroupMember.GROUP_MEMBER_FRESH).succeeds()
    found.or_refuses(because=(Reason.INVALID_FIELD, Reason.FEATURE_NOT_SUPPORTED))
    expect(key in found.values_of(Tag.UNIQUE_IDENTIFIER), "whether the fetched key is found").is_(wanted=False)


@rule(
    "locate.destroyed-object",
    cites=MATCH,
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    needs=[*NEEDS, Operation.DESTROY],
)
def a_destroyed_object_is_not_found_as_it_was(kmip: Conversation) -> None:
    """A destroyed key is not found by the State that it had: at most it is Destroyed."""
    name = own_name()
    key = kmip.has_key(name)
    kmip.destroy(key).succeeds().settle()
    expect(finds(kmip, key, name, requests.attribute("State", State.PRE_ACTIVE)), "whether it is found").is_(wanted=False)


@rule(
    "locate.modified-name",
    cites=MATCH,
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    needs=[*NEEDS, Operation.MODIFY_ATTRIBUTE],
)
def an_object_is_found_by_its_present_name(kmip: Conversation) -> None:
    """An object is found by the Name that it was given last, not by the one that it had."""
    before, after = own_name(), own_name()
    key = kmip.has_key(before)
    kmip.modify_attribute(key, after).succeeds().settle()
    expect(finds(kmip, key, after), "whether it is found by its new Name").is_(wanted=True)
    expect(finds(kmip, key, before), "whether it is found by its old Name").is_(wanted=False)


@rule(
    "locate.deleted-name",
    cites=MATCH,
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    needs=[*NEEDS, Operation.DELETE_ATTRIBUTE],
    mutants=["attributes.delete-does-nothing"],
)
def an_object_is_not_found_by_a_deleted_name(kmip: Conversation) -> None:
    """An object is not found by a Name that was deleted."""
    name = own_name()
    key = kmip.has_key(name)
    kmip.delete_attribute(key, "Name").succeeds().settle()
    expect(finds(kmip, key, name), "whether it is found").is_(wanted=False)


@rule(
    "locate.added-name",
    cites=MATCH,
    in_2_x=kmip_2_1("6.1.28 Locate", "Returned objects SHALL match all of the attributes in the request"),
    needs=[*NEEDS, Operation.ADD_ATTRIBUTE],
)
def an_object_is_found_by_an_added_name(kmip: Conversation) -> None:
    """An object is found by a Name as soon as it was added."""
    name, key = own_name(), kmip.has_key()
    kmip.add_attribute(key, name).succeeds().settle()
    expect(finds(kmip, key, name), "whether it is found").is_(wanted=True)


@rule(
    "locate.one-found-is-meant",
    cites=ONE_FOUND,
    in_2_x=kmip_2_1("6.1.28 Locate", "then the server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder"),
    needs=AND_GET,
    mutants=["messages.id-placeholder-not-set"],
)
def what_is_found_alone_is_meant_next(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Locate that finds one key returns this key."""
    name = own_name()
    key = kmip.has_key(name)
    reply = kmip.send(requests.locate(name), requests.get(None), order=True)
    expect(reply[0].succeeds().values_of(Tag.UNIQUE_IDENTIFIER) == [key], "whether it is found").is_(wanted=True)
    expect(reply[1].succeeds().uid == key, "whether it is the key that Get returned").is_(wanted=True)


@rule(
    "locate.one-returned-is-meant",
    cites=ONE_FOUND,
    in_2_x=kmip_2_1("6.1.28 Locate", "then the server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder"),
    needs=AND_GET,
)
def what_is_returned_alone_is_meant_next(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Locate with Maximum Items 1 returns the one key that was returned."""
    kmip.has_key()
    kmip.has_key()
    reply = kmip.send(requests.locate(KEYS, maximum=1), requests.get(None), order=True)
    expect(reply[1].succeeds().uid == reply[0].succeeds().uid, "whether it is the key that Get returned").is_(wanted=True)


@rule(
    "locate.many-found-mean-none",
    cites=MANY_FOUND,
    in_2_x=kmip_2_1("6.1.28 Locate", "then the server SHALL empty the ID Placeholder"),
    needs=AND_GET,
)
def what_is_found_with_others_is_not_meant_next(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Locate that finds several keys fails."""
    kmip.has_key()
    kmip.has_key()
    reply = kmip.send(requests.locate(KEYS, maximum=2), requests.get(None), order=True, on_error=BatchErrorContinuationOption.CONTINUE)
    expect(len(reply[0].succeeds().values_of(Tag.UNIQUE_IDENTIFIER)) > 1, "whether several are found").is_(wanted=True)
    reply[1].refuses().settle()


@rule(
    "locate.many-found-empty-the-placeholder",
    cites=MANY_FOUND,
    in_2_x=kmip_2_1("6.1.28 Locate", "then the server SHALL empty the ID Placeholder"),
    needs=AND_GET,
)
def finding_many_forgets_what_was_created(kmip: Conversation) -> None:
    """In one batch, a Locate that finds several keys empties the ID Placeholder that a Create before it has set."""
    kmip.has_key()
    items = (requests.create_symmetric_key(), requests.locate(KEYS, maximum=2), requests.get(None))
    reply = kmip.send(*items, order=True, on_error=BatchErrorContinuationOption.CONTINUE)
    expect(len(reply[1].succeeds().values_of(Tag.UNIQUE_IDENTIFIER)) > 1, "whether several are found").is_(wanted=True)
    reply[2].refuses().settle()
