"""Mutants of the encoding: single items written wrongly, and wrong items read as if they were right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_conformance.proxy.mutant import MUTANTS, Answered, Passage
from kmip_conformance.tables import ItemType, Operation, Tag
from kmip_conformance.wire import Item, encode, spoilt

if TYPE_CHECKING:
    from collections.abc import Callable


def _everywhere(item: Item, concerned: Callable[[Item], bool], change: Callable[[Item], Item]) -> Item:
    """The tree with a change to every leaf that is concerned."""
    if isinstance(item.value, tuple):
        return item.holding(tuple(_everywhere(child, concerned, change) for child in item.value))
    return change(item) if concerned(item) else item


def _is_padded_text(item: Item) -> bool:
    return item.type == ItemType.TEXT_STRING and isinstance(item.value, str) and len(item.value.encode()) % 8 != 0


@MUTANTS.spoils_response(
    "ttlv.padding-not-zero", "Texts are padded with blanks.", source="KMIP 1.4, 9.1.1.3; the landscape's list of what has no issue yet"
)
def padding_not_zero(passage: Passage) -> Item:
    """Text Strings, and nothing else."""
    return _everywhere(passage.response, _is_padded_text, lambda item: spoilt(item, padding=b" " * (-len(str(item.value).encode()) % 8)))


@MUTANTS.spoils_response(
    "ttlv.length-counts-padding", "The length of a text counts its padding.", source="KMIP 1.4, 9.1.1.3; libmongocrypt 1187"
)
def length_counts_padding(passage: Passage) -> Item:
    """The text then ends with zero bytes."""
    return _everywhere(passage.response, _is_padded_text, lambda item: spoilt(item, body=encode(item)[8:]))


@MUTANTS.spoils_response("ttlv.boolean-two", "True is written as 2.", source="KMIP 1.4, 9.1.1.4; ovh/kmip-go 89")
def boolean_two(passage: Passage) -> Item:
    """Every Boolean that is true."""
    return _everywhere(passage.response, lambda item: item.value is True, lambda item: spoilt(item, body=bytes(7) + b"\2"))


@MUTANTS.spoils_response("ttlv.text-in-latin-1", "Texts are written in Latin-1.", source="KMIP 1.4, 9.1.1.4; OASIS cases TC-I18N")
def text_in_latin_1(passage: Passage) -> Item:
    """Seen only where a text is not ASCII."""

    def change(item: Item) -> Item:
        assert isinstance(item.value, str)
        return spoilt(item, body=item.value.encode("latin-1", "replace"))

    return _everywhere(passage.response, lambda item: isinstance(item.value, str) and not item.value.isascii(), change)


def _repaired(item: Item) -> Item:
    """A Boolean that is neither 0 nor 1, taken for true."""
    return _everywhere(
        item, lambda leaf: leaf.type == ItemType.BOOLEAN and isinstance(leaf.value, bytes), lambda leaf: leaf.holding(value=True)
    )


@MUTANTS.spoils_request("ttlv.padding-ignored", "Padding in requests is not looked at.", source="KMIP 1.4, 9.1.1.3")
def padding_ignored(passage: Passage) -> Item:
    """Reading and writing a request makes its padding zero."""
    return spoilt(passage.request)


@MUTANTS.spoils_request(
    "ttlv.boolean-of-any-value", "Any Boolean that is not 0 counts as true.", source="KMIP 1.4, 9.1.1.4; ovh/kmip-go 89"
)
def boolean_of_any_value(passage: Passage) -> Item:
    """Such a Boolean reaches the target as 1."""
    return _repaired(passage.request)


@MUTANTS.spoils_response("messages.time-stamp-as-long-integer", "The Time Stamp is a Long Integer.", source="KMIP 1.4, 6.5; libkmip 30")
def time_stamp_as_long_integer(passage: Passage) -> Item:
    """The same eight bytes under another type."""
    path = (Tag.RESPONSE_HEADER, Tag.TIME_STAMP)
    if passage.response.first(*path) is None:
        return passage.response
    return passage.response.changed(path, lambda item: replace(item, type=ItemType.LONG_INTEGER))


@MUTANTS.spoils_item(
    "get.cryptographic-length-as-long-integer",
    "The Cryptographic Length in a Key Block is a Long Integer.",
    Operation.GET,
    source="KMIP 1.4, 2.1.3; Cosmian KMS 5.26",
)
def cryptographic_length_as_long_integer(answered: Answered) -> Item:
    """Eight bytes instead of four."""
    return answered.item.mapped(Tag.CRYPTOGRAPHIC_LENGTH, lambda item: replace(item, type=ItemType.LONG_INTEGER))
