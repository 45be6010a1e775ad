"""What a server sent is shown, never obeyed: control characters become visible before any rendering sees them.

An escape sequence in a server's Result Message must not move a terminal's cursor, a right-to-left override must not turn a line
around, and no rendering may meet a character that XML 1.0 or UTF-8 cannot carry. Line feeds and tabs stay.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


def visible(text: str) -> str:
    r"""The text with every control character written out: ``\x1b``, ``\u202e``."""
    return _UNSAFE.sub(_written_out, text)


def clean(value: T) -> T:
    """A record with every text in it made `visible`, however deep it lies."""
    cleaned: Any = value
    if type(value) is str:  # not a StrEnum
        cleaned = visible(str(value))
    elif isinstance(value, tuple | list):
        cleaned = type(value)(clean(item) for item in value)
    elif isinstance(value, dict):
        cleaned = {clean(key): clean(item) for key, item in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        cleaned = replace(value, **{field.name: clean(getattr(value, field.name)) for field in fields(value)})
    result: T = cleaned
    return result


def one_line(text: str) -> str:
    """The text with its line breaks and runs of blanks folded into single blanks."""
    return " ".join(text.split())


def _written_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
