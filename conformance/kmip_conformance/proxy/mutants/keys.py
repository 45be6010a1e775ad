"""Mutants of the operations that make keys: Create Key Pair, Re-key, Re-key Key Pair, Derive Key, and of links between keys."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmip_conformance import requests
from kmip_conformance.proxy.mutant import MUTANTS, Answered, Mutant, Passage
from kmip_conformance.tables import ObjectType, Operation, RevocationReasonCode, Tag
from kmip_conformance.wire import Item, text

if TYPE_CHECKING:
    from collections.abc import Callable

ATTRIBUTE_HOLDERS = frozenset({Tag.ATTRIBUTES, Tag.COMMON_ATTRIBUTES, Tag.COMMON_TEMPLATE_ATTRIBUTE, Tag.RESPONSE_PAYLOAD})


def without_attribute(item: Item, name: str, tag: Tag) -> Item:
    """An item without an attribute, wherever it holds it: by its name in 1.x, under its tag in 2.x."""
    children = tuple(
        without_attribute(child, name, tag)
        for child in item.children
        if not (child.tag == Tag.ATTRIBUTE and child.text(Tag.ATTRIBUTE_NAME) == name)
        and not (item.tag in ATTRIBUTE_HOLDERS and child.tag == tag)
    )
    return item.holding(children) if isinstance(item.value, tuple) else item


@cache
def _strangers_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@MUTANTS.spoils_item(
    "links.none", "Keys that belong together have no links to each other.", Operation.GET_ATTRIBUTES, source="KMIP 1.4, 3.35"
)
def no_links(answered: Answered) -> Item:
    """Get Attributes shows none."""
    return without_attribute(answered.item, "Link", Tag.LINK)


@MUTANTS.spoils_item(
    "create-key-pair.identifiers-exchanged",
    "Create Key Pair gives the private key's identifier as the public key's, and the other way round.",
    Operation.CREATE_KEY_PAIR,
    source="KMIP 1.4, 4.2",
)
def identifiers_exchanged(answered: Answered) -> Item:
    """The fields stay where they are."""
    private, public = Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER, Tag.PUBLIC_KEY_UNIQUE_IDENTIFIER
    values = {public: answered.answer.payload.text(private), private: answered.answer.payload.text(public)}

    def exchanged(payload: Item) -> Item:
        return payload.holding(
            tuple(text(child.tag, values.get(Tag(child.tag)) or "") if child.tag in values else child for child in payload.children)
        )

    return answered.with_payload(exchanged)


@MUTANTS.spoils_item(
    "create-key-pair.strange-halves", "The public key of a pair is not that of its private key.", Operation.GET, source="KMIP 1.4, 4.2"
)
def strange_halves(answered: Answered) -> Item:
    """A stranger's key is given for every public key."""
    if answered.answer.payload.number(Tag.OBJECT_TYPE) != ObjectType.PUBLIC_KEY:
        return answered.item
    return answered.item.mapped(Tag.KEY_MATERIAL, lambda item: item.holding(_strangers_key()))


@MUTANTS.spoils_request(
    "create-key-pair.common-attributes-ignored", "What is said of both keys of a pair is said of none.", source="KMIP 1.4, 4.2; PyKMIP 560"
)
def common_attributes_ignored(passage: Passage) -> Item:
    """The target never sees Object Groups."""
    return without_attribute(passage.request, "Object Group", Tag.OBJECT_GROUP)


@MUTANTS.spoils_item(
    "re-key.in-place", "Re-key answers with the key that was to be replaced.", Operation.RE_KEY, source="Cosmian KMS 845; KMIP 1.4, 4.4"
)
def re_key_in_place(answered: Answered) -> Item:
    """The replacement is never named."""
    return answered.with_payload(lambda payload: payload.mapped(Tag.UNIQUE_IDENTIFIER, lambda item: text(item.tag, answered.uid)))


@MUTANTS.spoils_item(
    "re-key-key-pair.in-place",
    "Re-key Key Pair answers with the private key that was to be replaced.",
    Operation.RE_KEY_KEY_PAIR,
    source="Cosmian KMS 845; KMIP 1.4, 4.5",
)
def re_key_key_pair_in_place(answered: Answered) -> Item:
    """The new one is never named."""
    existing = answered.asked.payload.text(Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER) or ""
    return answered.with_payload(lambda payload: payload.mapped(Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER, lambda item: text(item.tag, existing)))


@MUTANTS.spoils_item(
    "re-key.existing-key-changed", "A key that is re-keyed is deactivated.", Operation.RE_KEY, source="KMIP 1.4, 4.4 and 3.22"
)
async def existing_key_changed(answered: Answered) -> Item:
    """It is revoked behind the client's back."""
    if answered.succeeded:
        await answered.passage.ask(requests.revoke(answered.uid, RevocationReasonCode.CESSATION_OF_OPERATION))
    return answered.item


def _of_replacements(change: Callable[[Answered], Item]) -> Callable[[Answered], Item]:
    """Remembers what Re-key makes, and changes what Get Attributes says of it."""

    def spoilt(answered: Answered) -> Item:
        made: set[str] = answered.passage.memory.setdefault("made", set())
        if answered.asked.operation == Operation.RE_KEY:
            made.add(answered.answer.unique_identifier or "")
            return answered.item
        return change(answered) if answered.uid in made else answered.item

    return spoilt


def _declare(name: str, defect: str, change: Callable[[Answered], Item]) -> None:
    concerned = frozenset({Operation.RE_KEY, Operation.GET_ATTRIBUTES})
    MUTANTS.add(Mutant(name, defect, "KMIP 1.4, 4.4", on_item=_of_replacements(change), operations=concerned))


def _another_digest(answered: Answered) -> Item:
    return answered.item.mapped(Tag.DIGEST_VALUE, lambda item: item.holding(bytes(32)))


_declare(
    "re-key.name-lost",
    "The replacement of a key does not take its name over.",
    lambda answered: without_attribute(answered.item, "Name", Tag.NAME),
)
_declare(
    "re-key.attributes-lost",
    "The replacement of a key does not take its attributes over.",
    lambda answered: without_attribute(answered.item, "Object Group", Tag.OBJECT_GROUP),
)
_declare("re-key.digest-of-another-key", "The Digest of a replacement is not that of its material.", _another_digest)


@MUTANTS.spoils_request("re-key.offset-ignored", "Re-key ignores the Offset.", source="KMIP 1.4, 4.4, table 172")
def offset_ignored(passage: Passage) -> Item:
    """The target never sees it."""
    return passage.request.mapped(Tag.OFFSET, lambda _: None)


@MUTANTS.spoils_request("derive-key.salt-ignored", "PBKDF2 takes no salt.", source="RFC 8018, 5.2; KMIP 1.4, 4.6")
def salt_ignored(passage: Passage) -> Item:
    """The target sees zeros."""
    return passage.request.mapped(Tag.SALT, lambda item: item.holding(bytes(16)))


@MUTANTS.spoils_request("derive-key.data-ignored", "Keys are derived from nothing but the key.", source="KMIP 1.4, 4.6")
def derivation_data_ignored(passage: Passage) -> Item:
    """The target sees 32 zeros."""
    return passage.request.mapped(Tag.DERIVATION_DATA, lambda item: item.holding(bytes(32)))


@MUTANTS.spoils_item(
    "derive-key.base-not-checked",
    "Derive Key takes any key, whatever its state and its usage mask say.",
    Operation.DERIVE_KEY,
    source="KMIP 1.4, 4.6 and 3.19",
)
def base_not_checked(answered: Answered) -> Item:
    """What is refused seems to be done."""
    return answered.item if answered.succeeded else answered.as_success(text(Tag.UNIQUE_IDENTIFIER, "derived"))
