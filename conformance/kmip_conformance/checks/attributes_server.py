"""Attributes that the server sets: that they are there, true, and out of the client's reach (KMIP 1.4, 3.1 to 3.51)."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from kmip_conformance.arranging import key_with, values_of
from kmip_conformance.authoring import (
    SHOULD,
    V1_1,
    V1_2,
    V1_3,
    V1_4,
    Answer,
    Conversation,
    CryptographicUsageMask,
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
from kmip_conformance.tables import HashingAlgorithm, ItemType, KeyFormatType

if TYPE_CHECKING:
    from kmip_conformance.wire import Item

DIGEST = "3.17 Digest"
CLOCK = 5
"""Seconds by which a server's own clock readings may differ within one operation."""
READ_ONLY = kmip_1_4("11.16 Modify Attribute", "The specified attribute is read-only")
NEEDS = [Operation.CREATE, Operation.GET_ATTRIBUTES]
MODIFIES = [*NEEDS, Operation.MODIFY_ATTRIBUTE]
REGISTERS = [Operation.REGISTER, Operation.GET_ATTRIBUTES]

rule = partial(check, needs=NEEDS)
fixed = partial(check, needs=MODIFIES, mutants=["attributes.read-only-modified"])


def server_time(answer: Answer) -> int:
    """The Time Stamp of the response: the server's own clock."""
    return answer.reply.response.header.number(Tag.TIME_STAMP) or 0


def digests(kmip: Conversation, uid: str) -> list[Item]:
    """The Digests of an object that were computed with SHA-256."""
    found = values_of(kmip, uid, "Digest")
    return [digest for digest in found if digest.number(Tag.HASHING_ALGORITHM) == HashingAlgorithm.SHA_256]


@rule(
    "attributes.unique-identifier",
    cites=kmip_1_4("3.1 Unique Identifier", "uniquely identify a Managed Object"),
    in_2_x=kmip_2_1("4.58 Unique Identifier", "uniquely identify a Managed Object"),
)
def the_unique_identifier_is_an_attribute(kmip: Conversation) -> None:
    """The attribute Unique Identifier is the identifier by which the object is asked for."""
    key = kmip.has_key()
    value = kmip.get_attributes(key, "Unique Identifier").attribute("Unique Identifier")
    expect(value == key, "whether it is the identifier of the key").is_(wanted=True)


@rule(
    "attributes.state-is-an-enumeration",
    cites=kmip_1_4("Table 103: State Attribute", "State | Enumeration"),
    in_2_x=kmip_2_1("4.57 State", "State | Enumeration"),
    mutants=["attributes.state-as-text"],
)
def the_state_is_an_enumeration(kmip: Conversation) -> None:
    """State is an Enumeration: 1, Pre-Active, for a new key."""
    state = [(item.type, item.value) for item in values_of(kmip, kmip.has_key(), "State")]
    expect(state, "type and value of the State").is_([(ItemType.ENUMERATION, State.PRE_ACTIVE)])


@rule(
    "attributes.initial-date",
    cites=kmip_1_4("3.23 Initial Date", "date and time when the Managed Object was first created or registered"),
    in_2_x=kmip_2_1("4.25 Initial Date", "date and time when the Managed Object was first created or registered"),
)
def the_initial_date_is_the_time_of_creation(kmip: Conversation) -> None:
    """The Initial Date of a new key is the time, by the server's own clock, at which it was created."""
    created = kmip.create_symmetric_key()
    now = server_time(created)
    date = kmip.get_attributes(created.uid, "Initial Date").attribute("Initial Date")
    expect(date - now, "its distance from the Time Stamp of the Create").is_between(-CLOCK, CLOCK)


@rule(
    "attributes.last-change-date",
    cites=kmip_1_4("3.38 Last Change Date", "the date and time of the last change of the specified object"),
    in_2_x=kmip_2_1("4.29 Last Change Date", "the date and time of the last change of the specified object"),
)
def the_last_change_of_a_new_key_is_its_creation(kmip: Conversation) -> None:
    """The Last Change Date of a new key is the time, by the server's own clock, at which it was created."""
    created = kmip.create_symmetric_key()
    now = server_time(created)
    date = kmip.get_attributes(created.uid, "Last Change Date").attribute("Last Change Date")
    expect(date - now, "its distance from the Time Stamp of the Create").is_between(-CLOCK, CLOCK)


@rule(
    "attributes.original-creation-date",
    since=V1_2,
    cites=kmip_1_4("3.43 Original Creation Date", "SHALL be the same as the Initial Date attribute"),
    in_2_x=kmip_2_1("4.38 Original Creation Date", "SHALL be the same as the Initial Date attribute"),
)
def a_created_keys_original_creation_date_is_its_initial_date(kmip: Conversation) -> None:
    """The Original Creation Date of a key that the server created is its Initial Date."""
    answer = kmip.get_attributes(kmip.has_key(), "Initial Date", "Original Creation Date").succeeds()
    dates = answer.values("Original Creation Date")
    kmip.prefer(len(dates), "the number of Original Creation Dates").is_(1)
    expect([date - answer.attribute("Initial Date") for date in dates if date], "its distance from the Initial Date").is_one_of([0], [])


@rule(
    "attributes.digest-of-a-key",
    cites=[kmip_1_4(DIGEST, "digest of the Key Material"), kmip_1_4(DIGEST, "computed with the SHA-256 hashing algorithm")],
    in_2_x=kmip_2_1("4.21 Digest", "digest of the Key Material"),
    needs=REGISTERS,
)
def a_registered_key_has_its_sha_256(kmip: Conversation) -> None:
    """A key that was registered in raw bytes has a Digest, the SHA-256 of these bytes."""
    material = bytes(range(32))
    found = digests(kmip, kmip.ask(requests.register_symmetric_key(material)).uid)
    expect(len(found), "the number of SHA-256 Digests").is_(1)
    expect(found[0].octets(Tag.DIGEST_VALUE) == hashlib.sha256(material).digest(), "whether it is that of the key").is_(wanted=True)


@rule(
    "attributes.digest-of-a-created-key",
    cites=kmip_1_4(DIGEST, "SHALL be set by the server when the object is created or registered"),
    in_2_x=kmip_2_1("4.21 Digest", "SHALL be set by the server when the object is created or registered"),
)
def a_created_key_has_its_sha_256(kmip: Conversation) -> None:
    """A key that the server created has a Digest computed with SHA-256, of 32 bytes."""
    found = [len(digest.octets(Tag.DIGEST_VALUE) or b"") for digest in digests(kmip, kmip.has_key())]
    expect(found[:1], "the length of its first SHA-256 Digest").is_([32])


@rule(
    "attributes.digest-names-the-format",
    since=V1_1,
    cites=kmip_1_4(DIGEST, "using the Key Format Type of the registered object"),
    needs=REGISTERS,
)
def the_digest_says_of_which_format_it_is(kmip: Conversation) -> None:
    """The Digest of a key that was registered in raw bytes says Key Format Type Raw."""
    found = digests(kmip, kmip.ask(requests.register_symmetric_key(bytes(32))).uid)
    expect([digest.number(Tag.KEY_FORMAT_TYPE) for digest in found], "the Key Format Types").contains(KeyFormatType.RAW)


@rule(
    "attributes.digest-of-an-opaque-object",
    cites=kmip_1_4(DIGEST, "digest of the Opaque Data Value"),
    in_2_x=kmip_2_1("4.21 Digest", "digest of the Opaque Data Value"),
    needs=[*REGISTERS, ObjectType.OPAQUE_OBJECT],
)
def an_opaque_object_has_its_sha_256(kmip: Conversation) -> None:
    """An Opaque Object has a Digest, the SHA-256 of its data."""
    found = digests(kmip, kmip.ask(requests.register_opaque(b"opaque data")).uid)
    values = [digest.octets(Tag.DIGEST_VALUE) for digest in found]
    expect(values == [hashlib.sha256(b"opaque data").digest()], "whether it is that of the data").is_(wanted=True)


@rule(
    "attributes.lease-time-is-an-interval",
    cites=kmip_1_4("Table 99: Lease Time Attribute", "Lease Time | Interval"),
    in_2_x=kmip_2_1("4.30 Lease Time", "Lease Time | Interval"),
    mutants=["attributes.lease-time-as-integer"],
)
def a_lease_time_is_an_interval(kmip: Conversation) -> None:
    """The Lease Time, where there is one, is an Interval."""
    types = {item.type for item in values_of(kmip, kmip.has_key(), "Lease Time")}
    expect(sorted(types - {ItemType.INTERVAL}), "the other types that it has").is_([])


@rule(
    "attributes.fresh-until-served",
    since=V1_1,
    cites=kmip_1_4("3.34 Fresh", "The server SHALL change the attribute value to False as soon as the object has been served to a client"),
    needs=[*NEEDS, Operation.GET],
)
def a_key_is_fresh_until_it_is_fetched(kmip: Conversation) -> None:
    """A server that keeps the attribute Fresh says True of a new key, and False once it has been fetched."""
    key = kmip.has_key()
    before = [item.value for item in values_of(kmip, key, "Fresh")]
    kmip.get(key).succeeds().settle()
    after = [item.value for item in values_of(kmip, key, "Fresh")]
    expect([before, after], "Fresh before and after Get").is_one_of([[True], [False]], [[], []])


@rule(
    "attributes.later-ones-not-shown",
    until=V1_2,
    cites=kmip_1_4("3.39 Custom Attribute", "All custom attributes created by the key management server SHALL adhere to a naming scheme"),
    mutants=["attributes.later-version-shown"],
)
def attributes_of_later_versions_are_not_shown(kmip: Conversation) -> None:
    """Under older versions, no attribute is returned that 1.3 or 1.4 brought: their clients cannot know it."""
    attributes = kmip.get_attributes(kmip.has_key()).succeeds().payload.all(Tag.ATTRIBUTE)
    later = ("Random Number Generator", "Sensitive", "Always Sensitive", "Extractable", "Never Extractable", "Comment", "Description")
    names = [attribute.text(Tag.ATTRIBUTE_NAME) for attribute in attributes]
    expect(names, "the names of the attributes").lacks(*later, *(["Fresh"] if kmip.version < V1_1 else []))


@rule(
    "attributes.later-ones-set-are-not-shown",
    until=V1_3,
    cites=kmip_1_4("3.39 Custom Attribute", "All custom attributes created by the key management server SHALL adhere to a naming scheme"),
    mutants=["attributes.later-version-shown"],
)
def what_a_newer_client_has_set_is_not_shown_to_an_older_one(kmip: Conversation) -> None:
    """Of a key that was created under 1.4 with a Comment, an older version's Get Attributes shows no attribute that only 1.4 has."""
    newer = kmip.again(version=V1_4)
    created = newer.create_symmetric_key(requests.attribute("Comment", "of 1.4")).succeeds().or_refuses().values_of(Tag.UNIQUE_IDENTIFIER)
    key = str(created[0]) if created else kmip.has_key()
    attributes = kmip.get_attributes(key).succeeds().payload.all(Tag.ATTRIBUTE)
    names = [attribute.text(Tag.ATTRIBUTE_NAME) for attribute in attributes]
    expect(names, "the names of the attributes").lacks("Comment", "Sensitive", "Always Sensitive", "Extractable", "Never Extractable")


@rule(
    "attributes.later-ones-not-taken",
    level=SHOULD,
    until=V1_3,
    cites=kmip_1_4("11.15 Add Attribute", "Attempt to add an attribute that is not supported for this object"),
    needs=[*NEEDS, Operation.ADD_ATTRIBUTE],
)
def an_older_client_does_not_add_what_its_version_has_not(kmip: Conversation) -> None:
    """Add Attribute of a Comment, which came with 1.4, is refused under older versions."""
    kmip.add_attribute(kmip.has_key(), requests.attribute("Comment", "too early")).refuses()


@rule(
    "attributes.sensitive-by-default",
    since=V1_4,
    cites=[
        kmip_1_4("3.48 Sensitive", "The server SHALL set the value to False"),
        kmip_1_4("3.50 Extractable", "The server SHALL set the value to True"),
    ],
    in_2_x=kmip_2_1("4.55 Sensitive", "The server SHALL set the value to False"),
)
def a_new_key_is_not_sensitive_and_extractable(kmip: Conversation) -> None:
    """A key about which the client says nothing is not Sensitive, and Extractable; it was never otherwise."""
    names = ("Sensitive", "Always Sensitive", "Extractable", "Never Extractable")
    answer = kmip.get_attributes(kmip.has_key(), *names).succeeds()
    expect({name: answer.values(name) for name in names}, "the four attributes").is_(
        {"Sensitive": [False], "Always Sensitive": [False], "Extractable": [True], "Never Extractable": [False]}
    )


@rule(
    "attributes.always-sensitive",
    since=V1_4,
    cites=kmip_1_4("3.49 Always Sensitive", "if the Sensitive attribute has always been True"),
    in_2_x=kmip_2_1("4.3 Always Sensitive", "if the Sensitive attribute has always been True"),
)
def a_key_that_was_always_sensitive_says_so(kmip: Conversation) -> None:
    """Always Sensitive is True of a key that was created Sensitive."""
    key = key_with(kmip, requests.attribute("Sensitive", value=True))
    expect([item.value for item in values_of(kmip, key, "Always Sensitive")], "Always Sensitive").is_([True])


@rule(
    "attributes.sensitive-key-stays",
    since=V1_4,
    cites=kmip_1_4("3.48 Sensitive", "the server SHALL prevent the object value being retrieved"),
    in_2_x=kmip_2_1("4.55 Sensitive", "the server SHALL prevent the object value being retrieved"),
    needs=[*NEEDS, Operation.GET],
)
def a_sensitive_key_is_not_given_out_in_the_clear(kmip: Conversation) -> None:
    """Get of a Sensitive key, not wrapped, is refused."""
    key = key_with(kmip, requests.attribute("Sensitive", value=True))
    kmip.get(key).refuses(because=Reason.SENSITIVE).or_acceptably(because=Reason.PERMISSION_DENIED)


@rule(
    "attributes.unextractable-key-stays",
    since=V1_4,
    cites=kmip_1_4("3.50 Extractable", "If False then the server SHALL prevent the object value being retrieved"),
    in_2_x=kmip_2_1("4.23 Extractable", "If False then the server SHALL prevent the object value being retrieved"),
    needs=[*NEEDS, Operation.GET],
)
def a_key_that_is_not_extractable_is_not_given_out(kmip: Conversation) -> None:
    """Get of a key that is not Extractable is refused."""
    key = key_with(kmip, requests.attribute("Extractable", value=False))
    kmip.get(key).refuses(because=Reason.NOT_EXTRACTABLE).or_acceptably(because=Reason.PERMISSION_DENIED)


def stays(kmip: Conversation, name: str, value: int | str) -> None:
    """Modify Attribute of an attribute that is read-only for clients fails with Permission Denied, and changes nothing."""
    key = kmip.has_key()
    before = values_of(kmip, key, name)
    kmip.modify_attribute(key, requests.attribute(name, value)).refuses(because=Reason.PERMISSION_DENIED).settle()
    expect(values_of(kmip, key, name) == before, f"whether {name} is what it was").is_(wanted=True)


@fixed(
    "attributes.unique-identifier-is-fixed",
    cites=[READ_ONLY, kmip_1_4("3.1 Unique Identifier", "SHALL NOT be changed or deleted")],
    in_2_x=kmip_2_1("4.58 Unique Identifier", "SHALL NOT be changed or deleted"),
)
def the_unique_identifier_is_not_modified(kmip: Conversation) -> None:
    """The Unique Identifier is read-only."""
    stays(kmip, "Unique Identifier", "kmiplab-another-identifier")


@fixed(
    "attributes.object-type-is-fixed",
    cites=[READ_ONLY, kmip_1_4("3.3 Object Type", "SHALL NOT be changed or deleted")],
    in_2_x=kmip_2_1("4.36 Object Type", "SHALL NOT be changed or deleted"),
)
def the_object_type_is_not_modified(kmip: Conversation) -> None:
    """The Object Type is read-only."""
    stays(kmip, "Object Type", ObjectType.SECRET_DATA)


@fixed(
    "attributes.initial-date-is-fixed",
    cites=[READ_ONLY, kmip_1_4("3.23 Initial Date", "SHALL NOT be changed or deleted")],
    in_2_x=kmip_2_1("4.25 Initial Date", "SHALL NOT be changed or deleted"),
)
def the_initial_date_is_not_modified(kmip: Conversation) -> None:
    """The Initial Date is read-only."""
    stays(kmip, "Initial Date", 1_000_000_000)


@fixed(
    "attributes.last-change-date-is-fixed",
    cites=[READ_ONLY, kmip_1_4("Table 136: Last Change Date Attribute Rules", "Modifiable by client | No")],
    in_2_x=kmip_2_1("4.29 Last Change Date", "Modifiable by client | No"),
)
def the_last_change_date_is_not_modified(kmip: Conversation) -> None:
    """The Last Change Date is not the client's to modify."""
    stays(kmip, "Last Change Date", 1_000_000_000)


@check(
    "attributes.length-is-fixed",
    needs=MODIFIES,
    cites=[READ_ONLY, kmip_1_4("3.5 Cryptographic Length", "SHALL NOT be changed or deleted")],
    in_2_x=kmip_2_1("4.15 Cryptographic Length", "SHALL NOT be changed or deleted"),
)
def the_length_is_not_modified(kmip: Conversation) -> None:
    """The Cryptographic Length is read-only."""
    stays(kmip, "Cryptographic Length", 128)


@check(
    "attributes.usage-mask-is-fixed",
    needs=MODIFIES,
    cites=kmip_1_4("Table 98: Cryptographic Usage Mask Attribute Rules", "Modifiable by client | No"),
    in_2_x=kmip_2_1("4.17 Cryptographic Usage Mask", "Modifiable by client | No"),
)
def the_usage_mask_is_not_modified(kmip: Conversation) -> None:
    """The Cryptographic Usage Mask is not the client's to modify: a key may not be used for more than it was made for."""
    stays(kmip, "Cryptographic Usage Mask", CryptographicUsageMask.SIGN)
