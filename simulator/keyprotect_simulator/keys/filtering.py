"""The `filter` parameter of key lists.

    creationDate=gte:"2026-01-01T00:00:00Z" creationDate=lt:"2026-02-01T00:00:00Z" state=0,1,2,3,5 extractable=false lastRotateDate=none

Terms stand apart by spaces and must all hold; a property may be named three times. `none` finds keys that do not have a date.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from keyprotect_simulator.identifiers import parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DATES = ("creationDate", "deletionDate", "expirationDate", "lastRotateDate", "lastUpdateDate")
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "lte": operator.le,
    "lt": operator.lt,
    "gte": operator.ge,
    "gt": operator.gt,
}
MOST_OF_ONE = 3
TERM = re.compile(r'(?P<name>\w+)=(?:(?P<date_operator>lte|lt|gte|gt):)?(?:"(?P<date>[^"]*)"|(?P<word>[\w,]+))')
STATE_LIST = re.compile(r"[0-5](,[0-5])*")


class Term(NamedTuple):
    """One condition on a property."""

    name: str
    holds: Callable[[Any], bool]


def parse_filter(text: str) -> tuple[Term, ...]:
    """The conditions of a filter. Raises ValueError when it is none."""
    terms = tuple(parse_term(part) for part in text.split())
    names = [term.name for term in terms]
    if any(names.count(name) > MOST_OF_ONE for name in names):
        raise ValueError(text)
    return terms


def parse_term(text: str) -> Term:
    """One condition."""
    found = TERM.fullmatch(text)
    if found is None:
        raise ValueError(text)
    name, word = found["name"], (found["word"] or "").lower()
    if name in DATES:
        return Term(name, date_condition(found["date_operator"] or "", found["date"], word))
    if found["date_operator"] or found["date"] is not None:
        raise ValueError(text)
    if name == "extractable" and word in ("true", "false"):
        return Term(name, lambda value: value is (word == "true"))
    if name == "state" and STATE_LIST.fullmatch(word):
        states = {int(number) for number in word.split(",")}
        return Term(name, lambda value: value in states)
    raise ValueError(text)


def date_condition(name: str, date: str | None, word: str) -> Callable[[Any], bool]:
    """The condition on a date: a comparison, or that there is none. Dates are compared as they are shown, in whole seconds."""
    if date is None:
        if name or word != "none":
            raise ValueError(word)
        return lambda value: value is None
    compare, bound = OPERATORS[name], parse_rfc3339(date)
    return lambda value: value is not None and compare(int(value), bound)


def holds(terms: tuple[Term, ...], properties: Mapping[str, Any]) -> bool:
    """Whether a key with these properties fulfils all conditions."""
    return all(term.holds(properties[term.name]) for term in terms)
