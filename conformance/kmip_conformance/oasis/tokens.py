"""The words of the XML encoding: which tag an element's name is, and which number a token of an enumeration or a mask is.

The token rule is that of the tables (`kmip_conformance.tables.xml_token`); `MISSPELT` are tokens that published files write otherwise. A
number may always stand for a token: ``0x80000001`` (KMIP 1.4 Profiles, 5.4; Additional Message Encodings 1.0, 2.3).
"""

from __future__ import annotations

import re
from functools import cache

from kmip_conformance.tables import attribute, tag_row, xml_token
from kmip_conformance.tables.rows import TAG_ROWS, VALUE_ROWS

TAGS = {xml_token(row.name): row.number for row in TAG_ROWS}
"""Element name → tag."""

TAG_ENUMERATION = "Tag"
MASK_SEPARATOR = re.compile(r"[\s|]+")

BY_HAND = {
    # the place in PKCS#11's list of functions and its return codes (KMIP 2.1, 11.38 and 11.39)
    "PKCS#11 Function": {
        "C_Initialize": 1,
        "C_Finalize": 2,
        "C_GetInfo": 3,
        "C_GetFunctionList": 4,
        "C_GetSlotList": 5,
        "C_GetSlotInfo": 6,
        "C_GetTokenInfo": 7,
    },
    "PKCS#11 Return Code": {"OK": 0},
}
"""Enumerations that KMIP leaves to another standard."""

MISSPELT = {
    ("Result Reason", "NotAuthorized"): "NotAuthorised",  # 2.0's table spells it with an s
}


class UnknownWord(Exception):
    """The tables have no such tag or token; the message says which."""


@cache
def _numbers(enumeration: str) -> dict[str, int]:
    if enumeration == TAG_ENUMERATION:
        return TAGS
    return BY_HAND.get(enumeration) or {xml_token(row.name): row.number for row in VALUE_ROWS.get(enumeration, ())}


def tag_of(element: str) -> int:
    """The tag that an element's name stands for. Raises `UnknownWord`."""
    try:
        return TAGS[element]
    except KeyError:
        raise UnknownWord(f"no version has a tag {element}") from None


def element_of(tag: int) -> str | None:
    """The element's name for a tag; None when no version has it."""
    row = tag_row(tag)
    return xml_token(row.name) if row else None


def enumeration_for(tag: int, attribute_name: str = "") -> str:
    """The enumeration or mask whose words an item may hold; "" when it holds none.

    In 1.x the Attribute Name beside an Attribute Value says it (KMIP 1.4, 2.1.1).
    """
    if attribute_name:
        row = attribute(attribute_name)
        return (row.enumeration or (row.name if row.name in VALUE_ROWS else "")) if row else ""
    found = tag_row(tag)
    if found is None:
        return ""
    if found.name == TAG_ENUMERATION:
        return TAG_ENUMERATION
    return found.enumeration or (found.name if found.name in VALUE_ROWS or found.name in BY_HAND else "")


def number_of(enumeration: str, token: str) -> int:
    """The number of one token. Raises `UnknownWord`."""
    if token[:2].lower() == "0x":
        return _hexadecimal(token)
    if token.lstrip("-").isdecimal():
        return int(token)
    token = MISSPELT.get((enumeration, token), token)
    try:
        return _numbers(enumeration)[token]
    except KeyError:
        raise UnknownWord(f"{token!r} is no value of {enumeration or 'any enumeration that is meant here'}") from None


def token_of(enumeration: str, number: int) -> str | None:
    """The token of a number; None when no version has one."""
    return next((token for token, value in _numbers(enumeration).items() if value == number), None) if enumeration else None


def is_mask(enumeration: str) -> bool:
    """Are these bits, which may be joined?"""
    return enumeration.endswith("Mask")


def mask_of(enumeration: str, text: str) -> int:
    """The bits of a mask: its words, with blanks (XML) or bars (JSON) between them. Raises `UnknownWord`."""
    bits = 0
    for token in MASK_SEPARATOR.split(text.strip()):
        bits |= number_of(enumeration, token) if token else 0
    return bits


def _hexadecimal(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        raise UnknownWord(f"{text!r} is no hexadecimal number") from None
