"""The suite's own tables of the standard, and the names made from them.

The rows are data files, ``data/*.csv``; the server has tables of its own, and a test compares both with a third party's. Nothing here is
computed from a server's answers. Numbers are reached by name (`Tag.UNIQUE_IDENTIFIER`, `Operation.RE_KEY`), names and versions by
member::

    since(Operation.IMPORT)                      # KmipVersion 1.4
    exists_in(ResultReason.ATTESTATION_FAILED, V1_1)   # False
    words(Operation.RE_KEY)                      # "Re-key"
    attribute("Lease Time").types                # ("Interval",)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.tables import names
from kmip_conformance.tables.names import *  # noqa: F403 - the names are made from the tables; names.pyi lists them
from kmip_conformance.tables.naming import class_name, member_name, xml_token
from kmip_conformance.tables.rows import (
    ATTRIBUTE_ROWS,
    OPERATION_ROWS,
    PAYLOAD_ROWS,
    TAG_ROWS,
    VALUE_ROWS,
    AttributeRow,
    OperationRow,
    PayloadRow,
    TagRow,
    ValueRow,
)
from kmip_conformance.tables.versions import ALL_VERSIONS, V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, V3_0, VERSIONS_1_X, KmipVersion

if TYPE_CHECKING:
    from enum import IntEnum, IntFlag

EXTENSION_TAGS = range(0x540000, 0x550000)
"""Tags that vendors may use as they like (KMIP 1.4, 9.1.1.1)."""

EXTENSION_VALUES = range(0x80000000, 0x90000000)
"""Enumeration values that vendors may use (KMIP 1.4, 9.1.1.4)."""

_TAGS_BY_NUMBER = {row.number: row for row in TAG_ROWS}
_ENUMERATIONS: dict[str, type[IntEnum | IntFlag]] = {name: getattr(names, class_name(name)) for name in VALUE_ROWS}
_ROW_OF_MEMBER: dict[tuple[type, int], TagRow | ValueRow] = {
    **{(names.Tag, row.number): row for row in TAG_ROWS},
    **{(_ENUMERATIONS[name], row.number): row for name, rows in VALUE_ROWS.items() for row in rows},
}
_ATTRIBUTES = {row.name: row for row in ATTRIBUTE_ROWS}
_OPERATIONS = {row.number: row for row in OPERATION_ROWS}


def row_of(member: IntEnum | IntFlag) -> TagRow | ValueRow:
    """The table row of a tag or of an enumeration's value."""
    return _ROW_OF_MEMBER[type(member), member.value]


def words(member: IntEnum | IntFlag) -> str:
    """The standard's own words for a tag or a value: "Re-key", "X.509"."""
    return row_of(member).name


def since(member: IntEnum | IntFlag) -> KmipVersion:
    """The first version that has it."""
    return row_of(member).since


def until(member: IntEnum | IntFlag) -> KmipVersion | None:
    """The last version that has it; None when the newest still does."""
    return row_of(member).until


def exists_in(member: IntEnum | IntFlag, version: KmipVersion) -> bool:
    """Does `version` define this tag or value?"""
    row = row_of(member)
    return row.since <= version and (row.until is None or version <= row.until)


def tag_row(number: int) -> TagRow | None:
    """The row of a tag's number, or None when no version defines it."""
    return _TAGS_BY_NUMBER.get(number)


def enumeration_of(tag: int) -> type[IntEnum | IntFlag] | None:
    """The enumeration (or mask) whose values a tag holds, or None."""
    row = _TAGS_BY_NUMBER.get(tag)
    if row is None or not row.enumeration:
        return None
    return names.Tag if row.enumeration == "Tag" else _ENUMERATIONS[row.enumeration]


def attribute(name: str) -> AttributeRow | None:
    """The row of an attribute by the standard's name, or None: a custom attribute, or none at all."""
    return _ATTRIBUTES.get(name)


def attributes(version: KmipVersion) -> tuple[AttributeRow, ...]:
    """The attributes that a version defines, by name."""
    return tuple(row for row in ATTRIBUTE_ROWS if row.since <= version and (row.until is None or version <= row.until))


def operation(code: int) -> OperationRow | None:
    """The row of an operation's code, or None."""
    return _OPERATIONS.get(code)


def operations(version: KmipVersion) -> tuple[OperationRow, ...]:
    """The operations that a version defines, by code."""
    return tuple(row for row in OPERATION_ROWS if row.since <= version)


def payload_fields(code: int, direction: str, version: KmipVersion) -> tuple[PayloadRow, ...]:
    """The fields of an operation's ``request`` or ``response`` payload in a 1.x version, in the order of its table (KMIP 1.4, 4)."""
    row = operation(code)
    name = row.name if row else ""
    return tuple(
        field
        for field in PAYLOAD_ROWS
        if field.operation == name
        and field.direction == direction
        and field.since <= version
        and (field.until is None or version <= field.until)
    )


__all__ = [
    "ALL_VERSIONS",
    "EXTENSION_TAGS",
    "EXTENSION_VALUES",
    "V1_0",
    "V1_1",
    "V1_2",
    "V1_3",
    "V1_4",
    "V2_0",
    "V2_1",
    "V3_0",
    "VERSIONS_1_X",
    "AttributeRow",
    "KmipVersion",
    "OperationRow",
    "PayloadRow",
    "TagRow",
    "ValueRow",
    "attribute",
    "attributes",
    "class_name",
    "enumeration_of",
    "exists_in",
    "member_name",
    "operation",
    "operations",
    "payload_fields",
    "row_of",
    "since",
    "tag_row",
    "until",
    "words",
    "xml_token",
]
