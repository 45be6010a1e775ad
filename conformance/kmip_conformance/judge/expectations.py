"""Expectations: sentences that a check states, and the one exception that says an expectation was not met.

A `Judged` collects the reactions that would be lawful (the first is the rule, further ones are other lawful reactions, *lesser* ones
are tolerated and make the verdict non-strict) and is settled once: by reading from it, by the next exchange of its conversation, or at
the end of the check. Until it is settled, nothing has been judged, so that ``refuses(…).or_acceptably(…)`` reads as one sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from typing import TYPE_CHECKING, Any, Self

from kmip_conformance.tables import words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


class Failure(AssertionError):
    """An expectation was not met: the reactions that would have been lawful, and the smallest excerpt of what came instead.

    The requirement is the check's own first sentence; whoever writes the record adds it.
    """

    def __init__(self, expected: tuple[str, ...], observed: str) -> None:
        super().__init__(f"expected: {' or '.join(expected)}; observed: {observed}")
        self.expected = expected
        self.observed = observed


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction that a check allows. A ``lesser`` one is tolerated: every MUST is met by it, a SHOULD is not."""

    description: str
    fits: Callable[[], bool]
    lesser: bool = False


class Judged:
    """Something that the target did, and the reactions that a check would allow."""

    def __init__(self, tolerate: Callable[[str], None]) -> None:
        self._tolerate = tolerate
        self._reactions: list[Reaction] = []
        self._settled = False

    @property
    def observed(self) -> str:
        """What the target did, in a few words."""
        raise NotImplementedError

    @property
    def is_judged(self) -> bool:
        """Has a check stated an expectation about this?"""
        return bool(self._reactions)

    def allows(self, description: str, fits: Callable[[], bool], *, lesser: bool = False) -> Self:
        """Allow one more reaction. ``description`` completes the sentence "the target …"."""
        self._reactions.append(Reaction(description, fits, lesser))
        self._settled = False
        return self

    def settle(self) -> None:
        """Judge. Raises Failure when no allowed reaction fits; notes a lesser one."""
        if self._settled or not self._reactions:
            return
        self._settled = True
        fitting = next((reaction for reaction in self._reactions if reaction.fits()), None)
        if fitting is None:
            raise Failure(tuple(reaction.description for reaction in self._reactions), self.observed)
        if fitting.lesser:
            self._tolerate(f"{fitting.description}; better: {self._reactions[0].description}")


class Subject:
    """A value that a check has an expectation about; the methods complete the sentence "… is expected to be"."""

    def __init__(self, value: Any, called: str, missed: Callable[[str, str], None]) -> None:
        self._value = value
        self._called = called
        self._missed = missed

    def _expects(self, holds: bool, what: str) -> None:  # noqa: FBT001 - the one condition this is about
        if not holds:
            self._missed(f"{self._called} {what}", f"{self._called} is {in_words(self._value)}")

    def is_(self, wanted: object) -> None:
        """The value equals ``wanted``."""
        self._expects(self._value == wanted, f"is {in_words(wanted)}")

    def is_not(self, unwanted: object) -> None:
        """The value differs from ``unwanted``."""
        self._expects(self._value != unwanted, f"is not {in_words(unwanted)}")

    def is_one_of(self, *wanted: object) -> None:
        """The value equals one of these."""
        self._expects(self._value in wanted, f"is {' or '.join(in_words(value) for value in wanted)}")

    def is_present(self) -> None:
        """There is a value."""
        self._expects(self._value is not None, "is there")

    def is_absent(self) -> None:
        """There is none."""
        self._expects(self._value is None, "is absent")

    def contains(self, *parts: object) -> None:
        """The value, a collection, has all of these."""
        missing = [part for part in parts if part not in self._collection()]
        self._expects(not missing, f"contains {', '.join(in_words(part) for part in parts)}")

    def lacks(self, *parts: object) -> None:
        """The value, a collection, has none of these."""
        found = [part for part in parts if part in self._collection()]
        self._expects(not found, f"does not contain {', '.join(in_words(part) for part in parts)}")

    def has_length(self, length: int) -> None:
        """The value, a collection or bytes, has this many members."""
        self._expects(len(self._collection()) == length, f"has {length} members")

    def is_between(self, low: float, high: float) -> None:
        """The value is a number from ``low`` to ``high``, both included."""
        self._expects(isinstance(self._value, int | float) and low <= self._value <= high, f"is between {low} and {high}")

    def _collection(self) -> Collection[object]:
        return self._value if hasattr(self._value, "__len__") else ()


def expect(value: Any, called: str) -> Subject:
    """State an expectation about a value: ``expect(reply.version, "the Protocol Version of the answer").is_(V1_4)``."""

    def fail(expected: str, observed: str) -> None:
        raise Failure((expected,), observed)

    return Subject(value, called, fail)


def _standard_words(value: IntEnum | IntFlag) -> str:
    if isinstance(value, IntFlag):
        return " + ".join(words(flag) for flag in value) or "nothing"
    return words(value)


def in_words(value: object) -> str:
    """A value as people read it: the standard's words for a number of the standard, an excerpt of something long."""
    if value is None:
        return "absent"
    if isinstance(value, Enum):
        return _standard_words(value) if isinstance(value, IntEnum | IntFlag) else str(value.value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "_fields"):
        return f"[{', '.join(in_words(part) for part in value)}]"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 120 else f"{text[:117]}…"
