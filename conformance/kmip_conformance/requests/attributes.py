"""Attributes and templates for 1.x requests (KMIP 1.4, 2.1.1, 2.1.8 and 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

from kmip_conformance import tables
from kmip_conformance.tables import ItemType, NameType, Tag, UsageLimitsUnit, member_name
from kmip_conformance.wire import Item, boolean, date_time, enumeration, integer, long_integer, octets, structure, text

if TYPE_CHECKING:
    from collections.abc import Sequence

AttributeValue = bool | int | str | bytes | datetime | Item | tuple[Item, ...]
"""A value for an attribute: a Python value, the fields of a structure, or an item of any tag and type."""


def attribute(attribute_name: str, value: AttributeValue | None, index: int | None = None) -> Item:
    """An Attribute. The value gets the type that the standard's table has for the name; a custom attribute's, the type that fits the value
    (an int is an Integer, an enumeration's member an Enumeration; see `custom_value`). A value of None leaves the value out.
    """
    return structure(
        Tag.ATTRIBUTE,
        text(Tag.ATTRIBUTE_NAME, attribute_name),
        None if index is None else integer(Tag.ATTRIBUTE_INDEX, index),
        None if value is None else _value(attribute_name, value),
    )


def custom_value(value: AttributeValue) -> Item:
    """An Attribute Value of the type that fits a Python value."""
    match value:
        case Item():
            return replace(value, tag=Tag.ATTRIBUTE_VALUE)
        case tuple():
            return structure(Tag.ATTRIBUTE_VALUE, *value)
        case bool():
            return boolean(Tag.ATTRIBUTE_VALUE, value)
        case IntFlag():
            return integer(Tag.ATTRIBUTE_VALUE, value)
        case IntEnum():
            return enumeration(Tag.ATTRIBUTE_VALUE, value)
        case int():
            return integer(Tag.ATTRIBUTE_VALUE, value)
        case str():
            return text(Tag.ATTRIBUTE_VALUE, value)
        case datetime():
            return date_time(Tag.ATTRIBUTE_VALUE, value)
        case bytes():
            return octets(Tag.ATTRIBUTE_VALUE, value)


def template_attribute(*attributes: Item, tag: int = Tag.TEMPLATE_ATTRIBUTE) -> Item:
    """A Template-Attribute of attributes (and of `template_name` items before them)."""
    return structure(tag, *attributes)


def common_template_attribute(*attributes: Item) -> Item:
    """The attributes of both halves of a key pair."""
    return template_attribute(*attributes, tag=Tag.COMMON_TEMPLATE_ATTRIBUTE)


def private_key_template_attribute(*attributes: Item) -> Item:
    """The attributes of a key pair's private key."""
    return template_attribute(*attributes, tag=Tag.PRIVATE_KEY_TEMPLATE_ATTRIBUTE)


def public_key_template_attribute(*attributes: Item) -> Item:
    """The attributes of a key pair's public key."""
    return template_attribute(*attributes, tag=Tag.PUBLIC_KEY_TEMPLATE_ATTRIBUTE)


def template_name(value: str) -> Item:
    """The name of a Template, for a Template-Attribute to refer to."""
    return structure(Tag.NAME, *_name_fields(value, NameType.UNINTERPRETED_TEXT_STRING))


def name(value: str, name_type: int = NameType.UNINTERPRETED_TEXT_STRING, index: int | None = None) -> Item:
    """The attribute Name (3.2)."""
    return attribute("Name", _name_fields(value, name_type), index)


def application_specific_information(namespace: str, data: str | None, index: int | None = None) -> Item:
    """The attribute Application Specific Information (3.36); without data the server is asked to make some."""
    fields: Sequence[Item | None] = (
        text(Tag.APPLICATION_NAMESPACE, namespace),
        None if data is None else text(Tag.APPLICATION_DATA, data),
    )
    return attribute("Application Specific Information", tuple(field for field in fields if field is not None), index)


def link(link_type: int, linked: str, index: int | None = None) -> Item:
    """The attribute Link (3.35) to another object."""
    return attribute("Link", (enumeration(Tag.LINK_TYPE, link_type), text(Tag.LINKED_OBJECT_IDENTIFIER, linked)), index)


def usage_limits(total: int, count: int | None = None, unit: int = UsageLimitsUnit.BYTE) -> Item:
    """The attribute Usage Limits (3.21)."""
    fields = [long_integer(Tag.USAGE_LIMITS_TOTAL, total)]
    if count is not None:
        fields.append(long_integer(Tag.USAGE_LIMITS_COUNT, count))
    return attribute("Usage Limits", (*fields, enumeration(Tag.USAGE_LIMITS_UNIT, unit)))


def cryptographic_parameters(
    *,
    block_cipher_mode: int | None = None,
    padding_method: int | None = None,
    hashing_algorithm: int | None = None,
    index: int | None = None,
) -> Item:
    """The attribute Cryptographic Parameters (3.6), with its fields of 1.0."""
    fields = {
        Tag.BLOCK_CIPHER_MODE: block_cipher_mode,
        Tag.PADDING_METHOD: padding_method,
        Tag.HASHING_ALGORITHM: hashing_algorithm,
    }
    present = tuple(enumeration(tag, value) for tag, value in fields.items() if value is not None)
    return attribute("Cryptographic Parameters", present, index)


def _name_fields(value: str, name_type: int) -> tuple[Item, Item]:
    return text(Tag.NAME_VALUE, value), enumeration(Tag.NAME_TYPE, name_type)


def _value(attribute_name: str, value: AttributeValue) -> Item:
    """The Attribute Value with the type of the standard's table, as far as a Python value leaves it open."""
    item = custom_value(value)
    row = tables.attribute(attribute_name)
    if row is None or len(row.types) != 1 or not isinstance(value, int | datetime):
        return item
    return replace(item, type=ItemType[member_name(row.types[0])])
