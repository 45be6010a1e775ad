"""One instance of any structure, derived from the field tables: the same in every run, with every field or with the required ones only."""

from __future__ import annotations

from typing import Any

from kmip_server.attributes import rules_by_name
from kmip_server.codec.choices import choices
from kmip_server.enums import ItemType, Operation, Tag, VersionedEnum, VersionedMask
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    AnyStructure,
    Attribute,
    AttributeReference,
    Attributes,
    CustomValue,
    Item,
    KeyValue,
    fields_of,
)
from kmip_server.messages.tables import Alternative, Field, is_structure
from kmip_server.versions import VERSIONS, KmipVersion

VALUES: dict[ItemType, Any] = {
    ItemType.INTEGER: 1,
    ItemType.LONG_INTEGER: 1,
    ItemType.BIG_INTEGER: 1,
    ItemType.ENUMERATION: 1,
    ItemType.BOOLEAN: True,
    ItemType.TEXT_STRING: "text",
    ItemType.BYTE_STRING: b"bytes",
    ItemType.DATE_TIME: 1_700_000_000,
    ItemType.INTERVAL: 1,
    ItemType.DATE_TIME_EXTENDED: 1_700_000_000_000_000,
}


def request_payloads(version: KmipVersion) -> dict[Operation, type]:
    """The request payloads of a version's operations."""
    return {operation: payload for operation, payload in REQUEST_PAYLOADS.items() if operation.exists_in(version)}


EVERY_REQUEST = [(operation, version) for version in VERSIONS for operation in sorted(request_payloads(version))]
"""Operation × version."""


def specimen(structure: type[Any], version: KmipVersion, *, rich: bool = True, inherited: object = None) -> Any:
    """An instance with every field that the version has, one value each; or, when it is not rich, with the required fields only."""
    if structure is Attributes:
        return Attributes(tuple(_attribute(name, version) for name in rules_by_name(version)) if rich else ())
    told: dict[str, Any] = {}
    for field in fields_of(structure):
        there = field.exists_in(version) and (rich or field.required_in(version)) and can_be_written(field, version)
        if not there:
            told[field.name] = () if field.is_tuple else None
            continue
        value = _chosen(field, version, told, inherited) if field.chosen_by else _value_of(field, version, told, rich=rich)
        told[field.name] = (value,) if field.is_tuple else value
    return structure(**told)


def can_be_written(field: Field, version: KmipVersion) -> bool:
    """Whether the version has a value for the field: an enumeration may be newer than the first version of its field."""
    return bool(field.chosen_by) or any(_has_value(one, version) for one in field.alternatives if one.exists_in(version))


def _has_value(alternative: Alternative, version: KmipVersion) -> bool:
    python = alternative.python
    return not issubclass(python, VersionedEnum) or bool(python.of(version))


def _value_of(field: Field, version: KmipVersion, told: dict[str, Any], *, rich: bool) -> Any:
    one = next(one for one in field.alternatives if one.exists_in(version) and _has_value(one, version))
    return value(one, version, rich=rich, inherited=told.get("key_format_type"))


def value(alternative: Alternative, version: KmipVersion, *, rich: bool = True, inherited: object = None) -> Any:
    """A value that may be written as this alternative says."""
    python = alternative.python
    if python is AttributeReference:
        return AttributeReference("Cryptographic Length" if alternative.item_type is ItemType.ENUMERATION else "x-ID")
    if is_structure(python):
        return specimen(python, version, rich=rich, inherited=inherited if python is KeyValue else None)
    if python is AnyStructure:
        return AnyStructure((Item(0x540001, ItemType.INTEGER, 1),))
    if issubclass(python, VersionedMask):
        return python(1)
    if issubclass(python, VersionedEnum):
        return python.of(version)[0]
    return VALUES[alternative.item_type]


def _chosen(field: Field, version: KmipVersion, told: dict[str, Any], inherited: object) -> Any:
    if field.tag is Tag.KEY_MATERIAL:
        kinds = choices(field.tag, version)
        return specimen(kinds[inherited].python, version) if inherited in kinds else b"sixteen bytes!!!"
    if field.tag is Tag.ATTRIBUTE_VALUE:
        told["attribute_name"] = "Cryptographic Length"
        return 128
    table = choices(field.tag, version)
    assert field.chosen_by is not None
    chooser = told[field.chosen_by]
    return value(table[chooser], version)


def _attribute(name: str, version: KmipVersion) -> Attribute:
    return Attribute(attribute_name=name, attribute_value=value(rules_by_name(version)[name].written_by_tag, version))


def custom(name: str, value: object) -> Attribute:
    """An attribute of the client's own with a Text String or, for anything else, an Integer."""
    kind = ItemType.TEXT_STRING if isinstance(value, str) else ItemType.INTEGER
    return Attribute(attribute_name=name, attribute_value=CustomValue(kind, value))  # type: ignore[arg-type]
