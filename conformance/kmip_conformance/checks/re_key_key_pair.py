"""Re-key Key Pair (KMIP 1.4, 4.5): another pair in the place of one that stays what it was."""

from __future__ import annotations

import time
from functools import partial

from kmip_conformance.arranging import own_name, values_of
from kmip_conformance.arranging_keys import KeyPair, has_key_pair, links_of, pair_in, public_key_of
from kmip_conformance.authoring import (
    V1_1,
    Conversation,
    CryptographicUsageMask,
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
from kmip_conformance.tables import LinkType

RULE, LATER = "4.5 Re-key Key Pair", "6.1.47 Re-key Key Pair"
TABLE, TABLE_LATER = "Table 177: Re-key Key Pair Attribute Requirements", "Table 309: Re-key Key Pair Attribute Requirements"
NEEDS = [Operation.CREATE_KEY_PAIR, Operation.RE_KEY_KEY_PAIR]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]
CLOCK = 5

rule = partial(check, since=V1_1, needs=AND_SHOWS)


def re_keyed(kmip: Conversation, pair: KeyPair) -> KeyPair:
    """Re-key Key Pair, which has to succeed; the replacement."""
    return pair_in(kmip.ask(requests.re_key_key_pair(pair.private)))


@rule(
    "re-key-key-pair.another-pair",
    cites=kmip_1_4(RULE, "generate a replacement key pair for an existing public/private key pair"),
    in_2_x=kmip_2_1(LATER, "generate a replacement key pair for an existing public/private key pair"),
    needs=[*NEEDS, Operation.GET],
    mutants=["re-key-key-pair.in-place"],
)
def the_replacement_is_another_pair(kmip: Conversation) -> None:
    """The replacement has identifiers of its own and another public key; the existing public key is still there."""
    pair = has_key_pair(kmip)
    before = public_key_of(kmip, pair.public)
    new = re_keyed(kmip, pair)
    expect(len({*pair, *new}), "the number of different identifiers").is_(4)
    expect(public_key_of(kmip, new.public) == before, "whether the key is the same").is_(wanted=False)
    expect(public_key_of(kmip, pair.public) == before, "whether the old one stays").is_(wanted=True)


@rule(
    "re-key-key-pair.links",
    cites=kmip_1_4(RULE, "Link Type Replacement Key pointing to the replacement public and private key, respectively"),
    in_2_x=kmip_2_1(LATER, "Link Type Replacement Key pointing to the replacement public and private key, respectively"),
    mutants=["links.none"],
)
def each_key_links_to_its_replacement(kmip: Conversation) -> None:
    """Each existing key has a link to its replacement, each replacement one back, and the new halves one to each other."""
    pair = has_key_pair(kmip)
    new = re_keyed(kmip, pair)
    for old_key, new_key in zip(pair, new, strict=True):
        expect(links_of(kmip, old_key, LinkType.REPLACEMENT_OBJECT_LINK) == [new_key], "whether the old key links").is_(wanted=True)
        expect(links_of(kmip, new_key, LinkType.REPLACED_OBJECT_LINK) == [old_key], "whether the new key links").is_(wanted=True)
    expect(links_of(kmip, new.private, LinkType.PUBLIC_KEY_LINK) == [new.public], "whether the new halves link").is_(wanted=True)


@rule(
    "re-key-key-pair.takes-the-names",
    cites=kmip_1_4(TABLE, "all name attributes of the existing public/private keys are removed"),
    in_2_x=kmip_2_1(TABLE_LATER, "all name attributes of the existing public/private keys are removed"),
)
def the_name_goes_over_to_the_replacement(kmip: Conversation) -> None:
    """The new private key has the Name of the existing one, which has none any more."""
    pair = has_key_pair(kmip, private=(own_name(), requests.attribute("Cryptographic Usage Mask", CryptographicUsageMask.SIGN)))
    before = values_of(kmip, pair.private, "Name")
    new = re_keyed(kmip, pair)
    expect(values_of(kmip, new.private, "Name") == before, "whether the new key has the name").is_(wanted=True)
    expect(values_of(kmip, pair.private, "Name"), "the Names of the existing key").is_([])


@rule(
    "re-key-key-pair.copies-attributes",
    cites=kmip_1_4(RULE, "attributes of the replacement key pair are copied from the existing key pair"),
    in_2_x=kmip_2_1(LATER, "attributes of the replacement key pair are copied from the existing key pair"),
)
def the_attributes_are_copied(kmip: Conversation) -> None:
    """Each new key has the algorithm, the length and the usage mask of the one that it replaces."""
    pair = has_key_pair(kmip)
    new = re_keyed(kmip, pair)
    for name in ("Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask"):
        values = [[values_of(kmip, uid, name) for uid in keys] for keys in (pair, new)]
        expect(values[0] == values[1], f"whether each {name} is the same").is_(wanted=True)


@rule(
    "re-key-key-pair.offset",
    cites=kmip_1_4("Table 176: Computing New Dates from Offset during Re-key Key Pair", "Activation Date (AT2) = IT2+ Offset"),
    in_2_x=kmip_2_1("Table 308: Computing New Dates from Offset during Re-key Key Pair", "Activation Date (AT2) = IT2+ Offset"),
)
def an_offset_moves_the_dates(kmip: Conversation) -> None:
    """With an Offset, the Activation Date of each new key is its Initial Date and the Offset."""
    pair = has_key_pair(kmip, requests.attribute("Activation Date", int(time.time()) + 3600))
    for uid in pair_in(kmip.ask(requests.re_key_key_pair(pair.private, offset=600))):
        answer = kmip.get_attributes(uid, "Initial Date", "Activation Date")
        distance = answer.attribute("Activation Date") - answer.attribute("Initial Date")
        expect(distance, "Activation Date less Initial Date").is_between(600 - CLOCK, 600 + CLOCK)


@rule(
    "re-key-key-pair.begins-pre-active",
    cites=kmip_1_4(TABLE, "Set based on attributes values, such as dates"),
    in_2_x=kmip_2_1(TABLE_LATER, "Set based on attributes values, such as dates"),
)
def the_replacement_of_a_pre_active_pair_is_pre_active(kmip: Conversation) -> None:
    """The replacement of a pair that has no Activation Date is Pre-Active."""
    new = re_keyed(kmip, has_key_pair(kmip))
    expect([kmip.state_of(uid) for uid in new], "the two States").is_([State.PRE_ACTIVE, State.PRE_ACTIVE])


@rule(
    "re-key-key-pair.unknown-object-not-found",
    cites=kmip_1_4("11.6 Re-key Key Pair", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 312: Re-key Key Pair Errors", "Object Not Found"),
    needs=[Operation.RE_KEY_KEY_PAIR],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Re-key Key Pair of a key that does not exist fails with Item Not Found."""
    kmip.ask(requests.re_key_key_pair("no-such-object")).refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "re-key-key-pair.symmetric-key-refused",
    cites=kmip_1_4("11.6 Re-key Key Pair", "Object specified is not able to be re-keyed"),
    in_2_x=kmip_2_1("Table 312: Re-key Key Pair Errors", "Invalid Object Type"),
    needs=[Operation.CREATE, Operation.RE_KEY_KEY_PAIR],
)
def a_symmetric_key_is_no_pair(kmip: Conversation) -> None:
    """Re-key Key Pair of a symmetric key fails."""
    item = requests.re_key_key_pair(kmip.has_key())
    kmip.ask(item).refuses(because=(Reason.PERMISSION_DENIED, Reason.INVALID_FIELD, Reason.ITEM_NOT_FOUND)).or_acceptably()


@rule(
    "re-key-key-pair.sets-the-placeholder",
    cites=kmip_1_4(RULE, "The server SHALL copy the Private Key Unique Identifier of the replacement private key"),
    in_2_x=kmip_2_1(LATER, "The server SHALL copy the Private Key Unique Identifier of the replacement private key"),
    mutants=["messages.id-placeholder-not-set"],
)
def the_next_operation_of_the_batch_means_the_new_private_key(kmip: Conversation) -> None:
    """In one batch, Get Attributes without identifier after a Re-key Key Pair is about the new private key."""
    reply = kmip.send(requests.re_key_key_pair(has_key_pair(kmip).private), requests.get_attributes(None, "State"), order=True)
    expect(reply[1].succeeds().value(Tag.UNIQUE_IDENTIFIER) == pair_in(reply[0]).private, "whether it is that key").is_(wanted=True)
