"""Query parameters: what each may be, and how a wrong one is told.

Every route names its parameters in the table of `routes`; one that it does not name is refused, as is a parameter given twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from keyprotect_simulator.faults import bad_query_parameter
from keyprotect_simulator.keys.filtering import parse_filter
from keyprotect_simulator.keys.lifecycle import KeyState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SORTABLE = ("id", "state", "extractable", "imported", "creationDate", "lastUpdateDate", "lastRotateDate", "deletionDate", "expirationDate")


class Parameter(NamedTuple):
    """How a parameter is read (ValueError: it is wrong), how its rule is told, and what an absent one means."""

    read: Callable[[str], Any]
    must_be: str
    default: Any = None


def integer(least: int, most: int | None, default: int) -> Parameter:
    """A whole number within bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= (most if most is not None else int(text)):
            raise ValueError(text)
        return int(text)

    bounds = f"an integer between {least} and {most} (inclusive)" if most is not None else f"an integer greater than or equal to {least}"
    return Parameter(read, bounds, default)


def read_boolean(text: str) -> bool:
    """`true` or `false`, in any case."""
    return {"true": True, "false": False}[text.lower()]


def read_states(text: str) -> frozenset[KeyState]:
    """A comma-separated list of the states 0 to 5; 4 is lawful and names none. Nothing, as SDKs send it, asks for the default."""
    if not text:
        return frozenset()
    numbers = [int(part) for part in text.split(",")]
    if not all(0 <= number <= 5 for number in numbers):
        raise ValueError(text)
    return frozenset(KeyState(number) for number in numbers if number != 4)


def read_kmip_states(text: str) -> frozenset[int]:
    """A comma-separated list of the KMIP states 1 to 6. Nothing asks for the default."""
    numbers = frozenset(int(part) for part in text.split(",")) if text else frozenset()
    if not numbers <= frozenset(range(1, 7)):
        raise ValueError(text)
    return numbers


def read_sort(text: str) -> tuple[tuple[str, bool], ...]:
    """A comma-separated list of properties, each with `-` before it to sort downwards."""
    properties = tuple((part.removeprefix("-"), part.startswith("-")) for part in text.split(","))
    if not all(name in SORTABLE for name, _ in properties):
        raise ValueError(text)
    return properties


def one_of(*words: str) -> Parameter:
    """One of a few words, spelled as they are."""
    return Parameter({word: word for word in words}.__getitem__, f"one of {', '.join(words)}")


BOOLEAN = Parameter(read_boolean, "a boolean")
STATES = Parameter(read_states, "a comma separated list of integers between 0 and 5 (inclusive)")
KMIP_STATES = Parameter(read_kmip_states, "a comma separated list of integers between 1 and 6 (inclusive)")
SORT = Parameter(read_sort, f"a comma separated list of {', '.join(SORTABLE)}, each optionally preceded by -", (("id", False),))
TEXT = Parameter(str, "a text")
FILTER = Parameter(
    parse_filter, "a list of filters as property=value or property=operator:value, separated by spaces, at most three of one property"
)
POLICY = one_of("rotation", "dualAuthDelete")
OFFSET = integer(0, None, 0)


def page(default: int, most: int) -> dict[str, Parameter]:
    """The parameters of a list that is read in parts."""
    return {"limit": integer(1, most, default), "offset": OFFSET, "totalCount": BOOLEAN}


PAGE = page(200, 5000)
PAGE_OF_KEYS = {name: parameter for name, parameter in PAGE.items() if name != "totalCount"}
INSTANCE_POLICY = one_of("allowedNetwork", "dualAuthDelete", "allowedIP", "keyCreateImportAccess", "metrics", "rotation")


def read_query(query: str, table: Mapping[str, Parameter]) -> dict[str, Any]:
    """The values of all parameters of a route, absent ones with their default."""
    values = {name: parameter.default for name, parameter in table.items()}
    given: set[str] = set()
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name not in table:
            raise bad_query_parameter(name, "left out: this call does not have it")
        if name in given:
            raise bad_query_parameter(name, "given once")
        given.add(name)
        try:
            values[name] = table[name].read(text)
        except (ValueError, KeyError) as error:
            raise bad_query_parameter(name, table[name].must_be) from error
    return values
