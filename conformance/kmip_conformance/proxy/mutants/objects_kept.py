"""Mutants of objects that are registered and given out: certificates, formats, wrapped keys, digests."""

from __future__ import annotations

from kmip_conformance import requests
from kmip_conformance.proxy.mutant import MUTANTS, Answered, Passage
from kmip_conformance.proxy.mutants.keys import without_attribute
from kmip_conformance.tables import Operation, ResultStatus, Tag
from kmip_conformance.wire import Item, octets

EXTENSION = 0x540001
"""A vendor's own tag."""


def _last_bit(item: Item) -> Item:
    value = item.value
    return item.holding(value[:-1] + bytes((value[-1] ^ 1,))) if isinstance(value, bytes) and value else item


@MUTANTS.spoils_request("register.certificate-altered", "A certificate is kept with one wrong bit.", source="KMIP 1.4, 2.2.1 and 4.3")
def certificate_altered(passage: Passage) -> Item:
    """In the middle, so that it can still be read: the name of its subject."""
    return passage.request.mapped(Tag.CERTIFICATE_VALUE, _with_another_subject)


def _with_another_subject(item: Item) -> Item:
    return item.holding(item.value.replace(b"a subject", b"A subject")) if isinstance(item.value, bytes) else item


@MUTANTS.spoils_item(
    "register.certificate-subject-missing",
    "The subject of a certificate is no attribute of it.",
    Operation.GET_ATTRIBUTES,
    source="Cosmian KMS 799; KMIP 1.4, 3.11",
)
def certificate_subject_missing(answered: Answered) -> Item:
    """Get Attributes leaves it out."""
    return without_attribute(answered.item, "X.509 Certificate Subject", Tag.X_509_CERTIFICATE_SUBJECT)


@MUTANTS.spoils_item(
    "register.digest-of-nothing", "The Digest is that of no bytes at all.", Operation.GET_ATTRIBUTES, source="KMIP 1.4, 3.17"
)
def digest_of_nothing(answered: Answered) -> Item:
    """Zeros."""
    return answered.item.mapped(Tag.DIGEST_VALUE, lambda item: item.holding(bytes(32)))


@MUTANTS.spoils_item(
    "get.transparent-key-altered", "A key in transparent form is another than in raw bytes.", Operation.GET, source="KMIP 1.4, 2.1.7"
)
def transparent_key_altered(answered: Answered) -> Item:
    """The key, and the modulus."""
    changed = answered.item.mapped(Tag.KEY, _last_bit)
    return changed.mapped(Tag.MODULUS, lambda item: item.holding(item.value + 2) if isinstance(item.value, int) else item)


@MUTANTS.spoils_request("get.wrapping-ignored", "Get gives keys in the clear that were asked for wrapped.", source="KMIP 1.4, 4.11")
def wrapping_ignored(passage: Passage) -> Item:
    """The target never sees the Key Wrapping Specification."""
    return passage.request.mapped(Tag.KEY_WRAPPING_SPECIFICATION, lambda _: None)


@MUTANTS.spoils_item(
    "get.clear-key-beside-the-wrapped", "A wrapped key comes with its material in the clear.", Operation.GET, source="KMIP 1.4, 4.11"
)
async def clear_key_beside_the_wrapped(answered: Answered) -> Item:
    """In a field that nobody asked for."""
    if not answered.succeeded or answered.asked.payload.first(Tag.KEY_WRAPPING_SPECIFICATION) is None:
        return answered.item
    found = (await answered.passage.ask(requests.get(answered.uid))).root.anywhere(Tag.KEY_MATERIAL)
    material = found.value if found is not None else None
    if not isinstance(material, bytes):
        return answered.item
    clear = octets(EXTENSION, material)
    return answered.with_payload(lambda payload: payload.adding(clear))


@MUTANTS.spoils_item(
    "get.wrapping-key-not-checked",
    "Any key wraps, whatever its state and its usage mask; where it cannot, the key comes in the clear.",
    Operation.GET,
    source="KMIP 1.4, 11.12 and 3.22",
)
async def wrapping_key_not_checked(answered: Answered) -> Item:
    """What is refused is asked for again without wrapping."""
    if answered.succeeded or answered.asked.payload.first(Tag.KEY_WRAPPING_SPECIFICATION) is None:
        return answered.item
    response = await answered.passage.ask(requests.get(answered.uid))
    item = response.batch_items[0]
    return answered.as_success(*item.payload.children) if item.result_status == ResultStatus.SUCCESS else answered.item
