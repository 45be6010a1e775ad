"""Archive and Recover (KMIP 1.4, 4.22 and 4.23). Archive "is only an indication": a server may leave the object where it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kmip_conformance.arranging import finds, own_name, values_of
from kmip_conformance.authoring import (
    Conversation,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import StorageStatusMask

if TYPE_CHECKING:
    from kmip_conformance.wire import Item

ARCHIVE, ARCHIVE_LATER = "4.22 Archive", "6.1.4 Archive"
RECOVER, RECOVER_LATER = "4.23 Recover", "6.1.42 Recover"
ARCHIVES = [Operation.CREATE, Operation.ARCHIVE]
RECOVERS = [*ARCHIVES, Operation.RECOVER]

archives = partial(
    check,
    cites=kmip_1_4(ARCHIVE, "to specify that a Managed Object MAY be archived"),
    in_2_x=kmip_2_1(ARCHIVE_LATER, "to specify that a Managed Object MAY be archived"),
    needs=ARCHIVES,
)
recovers = partial(
    check,
    cites=kmip_1_4(RECOVER, "Once the response is received, the object is now on-line, and MAY be obtained"),
    in_2_x=kmip_2_1(RECOVER_LATER, "Once the response is received, the object is now on-line, and MAY be obtained"),
    needs=[*RECOVERS, Operation.GET],
)


def archived(kmip: Conversation, *attributes: Item) -> str:
    """A key that was archived, so far as the server does that."""
    key = kmip.has_key(*attributes)
    kmip.ask(requests.archive(key)).succeeds().settle()
    return key


@archives("archive.names-the-object")
def the_answer_names_the_object(kmip: Conversation) -> None:
    """Archive answers with the Unique Identifier of the object."""
    key = kmip.has_key()
    kmip.ask(requests.archive(key)).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)


@archives(
    "archive.archived-object-is-not-given-out",
    cites=kmip_1_4("11.12 Get", "Object is archived"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "The object SHALL be recovered from the archive before performing the operation"),
    needs=[*ARCHIVES, Operation.GET, Operation.GET_ATTRIBUTES],
    mutants=["archive.still-given-out"],
)
def an_archived_key_has_to_be_recovered_first(kmip: Conversation) -> None:
    """Get of an archived key, one with an Archive Date, fails with Object Archived."""
    key = archived(kmip)
    dates = kmip.get_attributes(key, "Archive Date").succeeds().or_refuses(because=Reason.OBJECT_ARCHIVED).values("Archive Date")
    answer = kmip.get(key).refuses(because=Reason.OBJECT_ARCHIVED)
    if not dates:
        answer.or_succeeds()


@archives(
    "archive.twice-refused",
    cites=kmip_1_4("11.23 Archive", "Object is already archived"),
    in_2_x=kmip_2_1("Table 175: Archive Errors", "Object Archived"),
    needs=[*ARCHIVES, Operation.GET_ATTRIBUTES],
)
def an_archived_key_is_not_archived_again(kmip: Conversation) -> None:
    """Archive of an archived key, one with an Archive Date, fails with Object Archived."""
    key = archived(kmip)
    dates = kmip.get_attributes(key, "Archive Date").succeeds().or_refuses(because=Reason.OBJECT_ARCHIVED).values("Archive Date")
    answer = kmip.ask(requests.archive(key)).refuses(because=Reason.OBJECT_ARCHIVED)
    if not dates:
        answer.or_succeeds()


@archives(
    "archive.found-among-the-archived",
    cites=kmip_1_4("4.9 Locate", "only on-line objects, only archived objects, or both on-line and archived objects are to be searched"),
    needs=[*ARCHIVES, Operation.LOCATE],
)
def an_archived_key_is_found_where_it_is(kmip: Conversation) -> None:
    """Locate finds an archived key among archived objects or, where the server left it, among those on-line; in both together anyway."""
    name = own_name()
    key = archived(kmip, name)
    both = StorageStatusMask.ON_LINE_STORAGE | StorageStatusMask.ARCHIVAL_STORAGE
    expect(finds(kmip, key, name, storage_status=both), "whether it is found in both").is_(wanted=True)
    masks = (StorageStatusMask.ON_LINE_STORAGE, StorageStatusMask.ARCHIVAL_STORAGE)
    expect(sum(finds(kmip, key, name, storage_status=mask) for mask in masks), "the number of places where it is found").is_(1)


@archives(
    "archive.unknown-object-not-found",
    cites=kmip_1_4("11.23 Archive", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 175: Archive Errors", "Object Not Found"),
    needs=[Operation.ARCHIVE],
)
def an_identifier_that_names_nothing_is_not_archived(kmip: Conversation) -> None:
    """Archive of an object that does not exist fails with Item Not Found."""
    kmip.ask(requests.archive("no-such-object")).refuses(because=Reason.ITEM_NOT_FOUND)


@archives(
    "archive.objects-of-others",
    cites=kmip_1_4(ARCHIVE, "Only the object owner or an authorized security officer SHOULD be allowed"),
    in_2_x=(),
    mutants=["access.everybody-is-one"],
)
def an_object_is_archived_by_its_owner_alone(kmip: Conversation, other: Conversation) -> None:
    """Another client does not archive an object that is not its own."""
    other.ask(requests.archive(kmip.has_key())).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))


@recovers("recover.object-is-back", mutants=["recover.does-nothing"])
def a_recovered_key_is_what_it_was(kmip: Conversation) -> None:
    """After Recover, an archived key is given out again, with the material that it had."""
    key = kmip.has_key()
    before = kmip.get(key).key_material
    kmip.ask(requests.archive(key)).succeeds().settle()
    kmip.ask(requests.recover(key)).succeeds().has(Tag.UNIQUE_IDENTIFIER, key)
    expect(kmip.get(key).key_material == before, "whether the material is the same").is_(wanted=True)


@recovers(
    "recover.archive-date-goes",
    cites=kmip_1_4("3.32 Archive Date", "The server SHALL delete this attribute whenever a Recover operation is performed"),
    in_2_x=kmip_2_1("4.5 Archive Date", "The server SHALL delete this attribute whenever a Recover operation is performed"),
    needs=[*RECOVERS, Operation.GET_ATTRIBUTES],
)
def a_recovered_key_has_no_archive_date(kmip: Conversation) -> None:
    """After Recover, a key has no Archive Date."""
    key = archived(kmip)
    kmip.ask(requests.recover(key)).succeeds().settle()
    expect(values_of(kmip, key, "Archive Date"), "the Archive Dates").is_([])


@recovers(
    "recover.unknown-object-not-found",
    cites=kmip_1_4("11.24 Recover", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "A requested managed object was not found or did not exist"),
    needs=[Operation.RECOVER],
)
def an_identifier_that_names_nothing_is_not_recovered(kmip: Conversation) -> None:
    """Recover of an object that does not exist fails with Item Not Found."""
    kmip.ask(requests.recover("no-such-object")).refuses(because=Reason.ITEM_NOT_FOUND)
