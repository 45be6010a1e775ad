"""Re-key (KMIP 1.4, 4.4): another key in the place of one that stays what it was."""

from __future__ import annotations

import hashlib
import time
from functools import partial

from kmip_conformance.arranging import key_with, own_name, values_of
from kmip_conformance.arranging_keys import links_of
from kmip_conformance.authoring import (
    Conversation,
    ObjectType,
    Operation,
    Reason,
    RevocationReasonCode,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import HashingAlgorithm, LinkType

RULE, LATER = "4.4 Re-key", "6.1.46 Re-key"
TABLE, TABLE_LATER = "Table 173: Re-key Attribute Requirements", "Table 304: Re-key Attribute Requirements"
NEEDS = [Operation.CREATE, Operation.RE_KEY]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]
AND_GIVES = [*NEEDS, Operation.GET]
CLOCK = 5
"""Seconds by which a server's own clock readings may differ within one operation."""


def re_keyed(kmip: Conversation, uid: str) -> str:
    """Re-key, which has to succeed; the identifier of the replacement."""
    return kmip.ask(requests.re_key(uid)).uid


rule = partial(check, needs=AND_SHOWS)


@rule(
    "re-key.another-key",
    cites=kmip_1_4(RULE, "generate a replacement key for an existing symmetric key"),
    in_2_x=kmip_2_1(LATER, "generate a replacement key for an existing symmetric key"),
    needs=AND_GIVES,
    mutants=["re-key.in-place"],
)
def the_replacement_is_another_key(kmip: Conversation) -> None:
    """The replacement has an identifier of its own, and other material of the same length."""
    key = kmip.has_key()
    new = re_keyed(kmip, key)
    expect(new == key, "whether the identifier is that of the existing key").is_(wanted=False)
    materials = [kmip.get(uid).key_material for uid in (key, new)]
    expect([len(material) for material in materials], "the two lengths").is_([32, 32])
    expect(len(set(materials)), "the number of different materials").is_(2)


@rule(
    "re-key.existing-key-stays",
    cites=kmip_1_4(RULE, "generate a replacement key for an existing symmetric key"),
    in_2_x=kmip_2_1(LATER, "generate a replacement key for an existing symmetric key"),
    needs=[*AND_GIVES, Operation.ACTIVATE],
    mutants=["re-key.existing-key-changed"],
)
def the_existing_key_is_still_what_it_was(kmip: Conversation) -> None:
    """After Re-key the existing key has its material and its State: what it protects can still be read."""
    key = kmip.has_key(active=True)
    before = kmip.get(key).key_material
    re_keyed(kmip, key)
    expect(kmip.get(key).key_material == before, "whether the material is the same").is_(wanted=True)
    expect(kmip.state_of(key), "the State of the existing key").is_(State.ACTIVE)


@rule(
    "re-key.links",
    cites=kmip_1_4(RULE, "the server SHALL create a Link attribute of Link Type Replacement Object pointing to the replacement key"),
    in_2_x=kmip_2_1(LATER, "the server SHALL create a Link attribute of Link Type Replacement Object pointing to the replacement key"),
    mutants=["links.none"],
)
def both_keys_link_to_each_other(kmip: Conversation) -> None:
    """The existing key has a link to its replacement, and the replacement one to the key that it replaced."""
    key = kmip.has_key()
    new = re_keyed(kmip, key)
    expect(links_of(kmip, key, LinkType.REPLACEMENT_OBJECT_LINK) == [new], "whether the existing key links").is_(wanted=True)
    expect(links_of(kmip, new, LinkType.REPLACED_OBJECT_LINK) == [key], "whether the replacement links").is_(wanted=True)


@rule(
    "re-key.takes-the-name",
    cites=kmip_1_4(TABLE, "Set to the name(s) of the existing key; all name attributes are removed from the existing key."),
    in_2_x=kmip_2_1(TABLE_LATER, "Set to the name(s) of the existing key; all name attributes are removed from the existing key."),
    mutants=["re-key.name-lost"],
)
def the_name_goes_over_to_the_replacement(kmip: Conversation) -> None:
    """The replacement has the Name of the existing key, which has none any more."""
    name = own_name()
    key = kmip.has_key(name)
    new = re_keyed(kmip, key)
    names = [[item.text(Tag.NAME_VALUE) for item in values_of(kmip, uid, "Name")] for uid in (key, new)]
    wanted = name.text(Tag.ATTRIBUTE_VALUE, Tag.NAME_VALUE)
    expect(names == [[], [wanted]], "whether the replacement alone has the name").is_(wanted=True)


@rule(
    "re-key.copies-attributes",
    cites=kmip_1_4(RULE, "attributes of the replacement key are copied from the existing key"),
    in_2_x=kmip_2_1(LATER, "attributes of the replacement key are copied from the existing key"),
    mutants=["re-key.attributes-lost"],
)
def the_attributes_are_copied(kmip: Conversation) -> None:
    """The replacement has algorithm, length, usage mask, Object Group and custom attribute of the existing key."""
    names = ("Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask", "Object Group", "x-kmiplab")
    key = key_with(kmip, requests.attribute("Object Group", "kmiplab-keys"), requests.attribute("x-kmiplab", "copied"), length=128)
    new = re_keyed(kmip, key)
    copies = {name: values_of(kmip, new, name) for name in names}
    expect(copies == {name: values_of(kmip, key, name) for name in names}, "whether they are the same").is_(wanted=True)


@rule(
    "re-key.digest-is-recomputed",
    cites=kmip_1_4(TABLE, "Recomputed from the replacement key value"),
    in_2_x=kmip_2_1(TABLE_LATER, "Recomputed from the replacement key value"),
    needs=[*AND_SHOWS, Operation.GET],
    mutants=["re-key.digest-of-another-key"],
)
def the_digest_is_that_of_the_new_key(kmip: Conversation) -> None:
    """The SHA-256 Digest of the replacement is that of its own material."""
    new = re_keyed(kmip, kmip.has_key())
    found = [item for item in values_of(kmip, new, "Digest") if item.number(Tag.HASHING_ALGORITHM) == HashingAlgorithm.SHA_256]
    values = [digest.octets(Tag.DIGEST_VALUE) for digest in found]
    expect(hashlib.sha256(kmip.get(new).key_material).digest() in values, "whether it is that of its material").is_(wanted=True)


@rule(
    "re-key.copies-dates",
    cites=kmip_1_4(RULE, "Protect Stop Date and Deactivation Date values are copied from the existing key"),
    in_2_x=kmip_2_1(LATER, "Protect Stop Date and Deactivation Date values are copied from the existing key"),
)
def without_an_offset_the_dates_are_copied(kmip: Conversation) -> None:
    """Without an Offset the replacement has Activation Date and Deactivation Date of the existing key."""
    now = int(time.time())
    dates = {"Activation Date": now + 3600, "Deactivation Date": now + 7200}
    key = key_with(kmip, *(requests.attribute(name, date) for name, date in dates.items()))
    new = re_keyed(kmip, key)
    expect({name: kmip.get_attributes(new, name).attribute(name) for name in dates} == dates, "whether they are the same").is_(wanted=True)


@rule(
    "re-key.offset",
    cites=kmip_1_4("Table 172: Computing New Dates from Offset during Re-key", "Activation Date (AT2) = IT2+ Offset"),
    in_2_x=kmip_2_1("Table 303: Computing New Dates from Offset during Re-key", "Activation Date (AT2) = IT2+ Offset"),
    mutants=["re-key.offset-ignored"],
)
def an_offset_moves_the_dates(kmip: Conversation) -> None:
    """With an Offset the replacement's Activation Date is its Initial Date and the Offset, and the Deactivation Date is moved as far."""
    now = int(time.time())
    key = key_with(kmip, requests.attribute("Activation Date", now + 3600), requests.attribute("Deactivation Date", now + 10_000))
    new = kmip.ask(requests.re_key(key, offset=600)).uid
    answer = kmip.get_attributes(new, "Initial Date", "Activation Date", "Deactivation Date")
    activation = answer.attribute("Activation Date")
    expect(activation - answer.attribute("Initial Date"), "Activation Date less Initial Date").is_between(600 - CLOCK, 600 + CLOCK)
    expect(answer.attribute("Deactivation Date") - activation, "Deactivation Date less Activation Date").is_(6400)


@rule(
    "re-key.initial-date",
    cites=kmip_1_4(TABLE, "Set to the current time"),
    in_2_x=kmip_2_1(TABLE_LATER, "Initial Date | Set to the current time"),
)
def the_initial_date_is_that_of_the_re_key(kmip: Conversation) -> None:
    """The Initial Date of the replacement is the time, by the server's own clock, at which it was made."""
    answer = kmip.ask(requests.re_key(kmip.has_key()))
    now = answer.reply.response.header.number(Tag.TIME_STAMP) or 0
    date = kmip.get_attributes(answer.uid, "Initial Date").attribute("Initial Date")
    expect(date - now, "its distance from the Time Stamp of the Re-key").is_between(-CLOCK, CLOCK)


@rule(
    "re-key.compromise-is-not-inherited",
    cites=kmip_1_4(TABLE, "Compromise Date, see 3.30 | Not set"),
    in_2_x=kmip_2_1(TABLE_LATER, "Compromise Date | Not set"),
    needs=[*AND_SHOWS, Operation.REVOKE],
)
def the_replacement_of_a_compromised_key_is_not_compromised(kmip: Conversation) -> None:
    """The replacement of a Compromised key has neither that State nor its dates nor its Revocation Reason; a server may refuse it."""
    key = kmip.has_key()
    kmip.revoke(key, RevocationReasonCode.KEY_COMPROMISE, compromise_occurrence=int(time.time())).succeeds().settle()
    refusals = (Reason.PERMISSION_DENIED, Reason.WRONG_KEY_LIFECYCLE_STATE)
    for new in kmip.ask(requests.re_key(key)).succeeds().or_refuses(because=refusals).values_of(Tag.UNIQUE_IDENTIFIER):
        names = ("Compromise Date", "Compromise Occurrence Date", "Revocation Reason")
        expect([name for name in names if values_of(kmip, str(new), name)], "what the replacement has of it").is_([])
        expect(kmip.state_of(str(new)), "the State of the replacement").is_(State.PRE_ACTIVE)


@rule(
    "re-key.usage-limits",
    cites=kmip_1_4(TABLE, "The Total value is copied from the existing key"),
    in_2_x=kmip_2_1(TABLE_LATER, "The Total value is copied from the existing key"),
)
def usage_limits_begin_anew(kmip: Conversation) -> None:
    """The replacement's Usage Limits have the Total of the existing key, and nothing of it is spent."""
    new = re_keyed(kmip, key_with(kmip, requests.usage_limits(1000)))
    found = [(item.number(Tag.USAGE_LIMITS_TOTAL), item.number(Tag.USAGE_LIMITS_COUNT)) for item in values_of(kmip, new, "Usage Limits")]
    expect(found, "Total and Count").is_([(1000, 1000)])


@rule(
    "re-key.sets-the-placeholder",
    cites=kmip_1_4(RULE, "The server SHALL copy the Unique Identifier of the replacement key returned by this operation"),
    in_2_x=kmip_2_1(LATER, "The server SHALL copy the Unique Identifier of the replacement key returned by this operation"),
    needs=AND_GIVES,
    mutants=["messages.id-placeholder-not-set"],
)
def the_next_operation_of_the_batch_means_the_replacement(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Re-key returns the replacement."""
    reply = kmip.send(requests.re_key(kmip.has_key()), requests.get(None), order=True)
    expect(reply[1].succeeds().uid == reply[0].uid, "whether Get returned the replacement").is_(wanted=True)


@rule(
    "re-key.offset-beside-dates-refused",
    cites=kmip_1_4("11.5 Re-key", "Offset field is not permitted to be specified at the same time as any of the Activation Date"),
    needs=NEEDS,
)
def an_offset_beside_a_date_is_refused(kmip: Conversation) -> None:
    """Re-key with an Offset and an Activation Date fails with Invalid Message."""
    date = requests.attribute("Activation Date", int(time.time()) + 60)
    kmip.ask(requests.re_key(kmip.has_key(), date, offset=60)).refuses(because=Reason.INVALID_MESSAGE).or_acceptably()


@rule(
    "re-key.unknown-object-not-found",
    cites=kmip_1_4("11.5 Re-key", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 307: Re-key Errors", "Object Not Found"),
    needs=[Operation.RE_KEY],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Re-key of a key that does not exist fails with Item Not Found."""
    kmip.ask(requests.re_key("no-such-object")).refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "re-key.secret-data-refused",
    cites=kmip_1_4("11.5 Re-key", "Object specified is not able to be re-keyed"),
    in_2_x=kmip_2_1("Table 307: Re-key Errors", "Invalid Object Type"),
    needs=[Operation.RE_KEY, Operation.REGISTER, ObjectType.SECRET_DATA],
)
def a_password_has_no_replacement(kmip: Conversation) -> None:
    """Re-key of Secret Data, which is no symmetric key, fails."""
    kmip.ask(requests.re_key(kmip.has_secret())).refuses(because=(Reason.PERMISSION_DENIED, Reason.INVALID_FIELD)).or_acceptably()


@rule(
    "re-key.keys-of-others",
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    mutants=["access.everybody-is-one"],
)
def a_key_is_re_keyed_by_its_owner_alone(kmip: Conversation, other: Conversation) -> None:
    """Another client does not re-key a key that is not its own: its Name stays where it is."""
    key = kmip.has_key(own_name())
    other.ask(requests.re_key(key)).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))
    expect(len(values_of(kmip, key, "Name")), "the number of Names of the key").is_(1)
