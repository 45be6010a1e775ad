"""Query parameters: what each may be, and how a wrong one is told.

Every route names its parameters in the table of `routes`; one that it does not name is refused, as is a parameter given twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from keyprotect_simulator.faults import bad_query_parameter, not_simulated
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


def read_sort(text: str) -> tuple[tuple[str, bool], ...]:
    """A comma-separated list of properties, each with `-` before it to sort downwards."""
    properties = tuple((part.removeprefix("-"), part.startswith("-")) for part in text.split(","))
    if not all(name in SORTABLE for name, _ in properties):
        raise ValueError(text)
    return properties


def read_later(_: str) -> Any:
    """A parameter of the service that the simulator does not have yet is refused as such, whatever it says."""
    raise not_simulated()


BOOLEAN = Parameter(read_boolean, "a boolean")
STATES = Parameter(read_states, "a comma separated list of integers between 0 and 5 (inclusive)")
SORT = Parameter(read_sort, f"a comma separated list of {', '.join(SORTABLE)}, each optionally preceded by -", (("id", False),))
TEXT = Parameter(str, "a text")
NOT_YET = Parameter(read_later, "left out")
OFFSET = integer(0, None, 0)
PAGE = {"limit": integer(1, 5000, 200), "offset": OFFSET}


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
