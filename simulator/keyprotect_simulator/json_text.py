"""JSON as the service reads it: the standard's and no more, and only text that can be written again.

Python's reader knows `NaN` and `Infinity`, makes an infinity of `1e999`, and passes on half of a surrogate pair, which no answer can hold.
The service is written in Go: it has neither, refuses numbers out of range, and puts U+FFFD for a half pair.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

HALF_PAIRS = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(content: bytes) -> Any:
    """The value that a JSON text stands for. Raises ValueError, or RecursionError for one that is nested too deep."""
    value = json.loads(content, parse_constant=refused, parse_float=finite)
    if HALF_PAIRS.search(content):
        return json.loads(mended(json.dumps(value, ensure_ascii=False)))
    return value


def mended(text: str) -> str:
    """The text with U+FFFD for each half of a pair."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def refused(name: str) -> Any:
    """JSON has no such value."""
    raise ValueError(f"invalid value {name}")


def finite(digits: str) -> float:
    """A number with a fraction or an exponent, if a double can hold it."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"cannot unmarshal number {digits}")
    return number
