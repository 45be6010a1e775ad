"""The rows of the tables, read from ``data/*.csv`` once at import. Each says since which version it holds and which clause says so.

``until`` is the last version that has the row, or None when the newest one still has it. Numbers are hexadecimal in the files.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kmip_conformance.tables.versions import KmipVersion

if TYPE_CHECKING:
    from collections.abc import Iterator


DATA = Path(__file__).with_name("data")

ANY_OBJECT = "(Managed Object)"
"""The field of a payload that holds the object itself, under the tag of its type: Register's request, Get's response."""


class TagRow(NamedTuple):
    """A tag: the item types that the structure tables give it, and the enumeration of its values, when it has one."""

    name: str
    number: int
    since: KmipVersion
    until: KmipVersion | None
    types: tuple[str, ...]
    enumeration: str
    clause: str


class ValueRow(NamedTuple):
    """One value of an enumeration, or one bit of a mask."""

    enumeration: str
    name: str
    number: int
    since: KmipVersion
    until: KmipVersion | None
    clause: str


class AttributeRow(NamedTuple):
    """An attribute: its name, which is also its tag's, the types of its value, and whether it may have several instances."""

    name: str
    types: tuple[str, ...]
    enumeration: str
    multiple: bool
    since: KmipVersion
    until: KmipVersion | None
    clause: str


class OperationRow(NamedTuple):
    """An operation, and who sends its request: ``client`` or ``server``."""

    name: str
    number: int
    since: KmipVersion
    sent_by: str
    clause: str


class PayloadRow(NamedTuple):
    """A field of a 1.x payload, in the order of the payload's table. ``direction`` is ``request`` or ``response``."""

    operation: str
    direction: str
    field: str
    required: bool
    since: KmipVersion
    until: KmipVersion | None
    clause: str


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _version(text: str) -> KmipVersion | None:
    return KmipVersion.parse(text) if text else None


def _types(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _tag(row: dict[str, str]) -> TagRow:
    return TagRow(
        row["name"],
        int(row["number"], 16),
        KmipVersion.parse(row["since"]),
        _version(row["until"]),
        _types(row["types"]),
        row["enumeration"],
        row["clause"],
    )


def _value(row: dict[str, str]) -> ValueRow:
    since, until = KmipVersion.parse(row["since"]), _version(row["until"])
    return ValueRow(row["enumeration"], row["name"], int(row["number"], 16), since, until, row["clause"])


def _attribute(row: dict[str, str]) -> AttributeRow:
    since, until = KmipVersion.parse(row["since"]), _version(row["until"])
    return AttributeRow(row["name"], _types(row["types"]), row["enumeration"], row["multiple"] == "yes", since, until, row["clause"])


def _operation(row: dict[str, str]) -> OperationRow:
    return OperationRow(row["name"], int(row["number"], 16), KmipVersion.parse(row["since"]), row["sent_by"], row["clause"])


def _payload(row: dict[str, str]) -> PayloadRow:
    since, until = KmipVersion.parse(row["since"]), _version(row["until"])
    return PayloadRow(row["operation"], row["direction"], row["field"], row["required"] == "yes", since, until, row["clause"])


def _by_enumeration() -> dict[str, tuple[ValueRow, ...]]:
    tables: dict[str, list[ValueRow]] = {}
    for row in map(_value, _rows("enumerations.csv")):
        tables.setdefault(row.enumeration, []).append(row)
    return {enumeration: tuple(rows) for enumeration, rows in tables.items()}


TAG_ROWS = tuple(map(_tag, _rows("tags.csv")))
VALUE_ROWS = _by_enumeration()
ATTRIBUTE_ROWS = tuple(map(_attribute, _rows("attributes.csv")))
OPERATION_ROWS = tuple(map(_operation, _rows("operations.csv")))
PAYLOAD_ROWS = tuple(map(_payload, _rows("payloads.csv")))
