"""What Locate looks a value up by.

Two values of an attribute are equal exactly when their keys are, so that a store can answer Locate's "exact match" (KMIP 1.4,
4.9) from an index over (attribute name, key). Dates, numbers and enumerations keep their order, so that a range is a range of keys.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TypeAlias

from kmip_server.messages import CustomValue, is_structure

IndexKey: TypeAlias = int | str | bytes

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""What a database keeps as an integer."""
BETWEEN_FIELDS = "\x1f"


def index_key(value: object) -> IndexKey:
    """The key of an attribute value: itself where it is simple; of a structure its fields, so Name is its value and its type."""
    if isinstance(value, CustomValue):
        return index_key(value.value)
    if is_structure(type(value)):
        return BETWEEN_FIELDS.join(_text(getattr(value, f.name)) for f in fields(value))  # type: ignore[arg-type]
    if isinstance(value, int):
        return int(value) if SMALLEST <= value <= LARGEST else str(int(value))
    return value if isinstance(value, str | bytes) else repr(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "\x1e".join(_text(one) for one in value)
    key = index_key(value)
    return key.hex() if isinstance(key, bytes) else str(key)
