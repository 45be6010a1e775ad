"""The enumerations of the standard as Python enumerations, built from the tables at import.

One class an enumeration (`Tag`, `Operation`, `ResultReason`, …; masks are flags), one member a row, numbers as the standard gives them.
What mypy and editors see stands in ``names.pyi``, made from the same rows; a test compares the two.
"""

from enum import IntEnum, IntFlag

from kmip_conformance.tables.naming import class_name, member_name
from kmip_conformance.tables.rows import TAG_ROWS, VALUE_ROWS


def _members(rows):
    return {member_name(row.name): row.number for row in rows}


__all__ = ["Tag", *map(class_name, VALUE_ROWS)]  # noqa: PLE0604 - strings they are, made from the tables

Tag = IntEnum("Tag", _members(TAG_ROWS), module=__name__)
for _enumeration, _rows in VALUE_ROWS.items():
    _kind = IntFlag if _enumeration.endswith("Mask") else IntEnum
    globals()[class_name(_enumeration)] = _kind(class_name(_enumeration), _members(_rows), module=__name__)
