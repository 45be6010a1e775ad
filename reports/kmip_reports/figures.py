"""What a run comes to in numbers: shares, counts a family, outcomes over versions. No rendering here, only values to render.

Two headline numbers, never one blend (house style, A check): the share of applicable MUSTs that pass, and the share of optional
operations that are there. A MUST is applicable when a verdict about it was due: everything but unsupported and skipped. A non-strict
check met every MUST, so it passes here. The baseline never changes a number.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_reports.records import GRAVITY, Attempt, CheckRecord, Level, Run, RunHeader, Verdict, count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSION_ORDER = ("1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1", "3.0")
"""Published versions, in order; what is not among them sorts behind them."""

FIRST_FAMILIES = ("ttlv", "messages")
LAST_FAMILIES = ("lifecycle", "attributes", "access", "tls", "profiles", "vmware", "oasis", "robustness", "stateful", "concurrency")
"""Families read from the wire upwards: framing, messages, the operations (by name), then what rests on all of them."""

SCENARIO_FAMILIES = ("vmware",)
"""Families whose checks are told by who speaks (the id up to its last word), not by the documents that say so."""

NOT_APPLICABLE = frozenset({Verdict.UNSUPPORTED, Verdict.SKIPPED})
MET = frozenset({Verdict.PASS, Verdict.NON_STRICT})
BROKEN = frozenset({Verdict.FAIL, Verdict.ERROR})


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``. As a percentage it is rounded down: 100 % means all of them, and only then."""

    part: int
    whole: int

    @property
    def ratio(self) -> float | None:
        """Between 0 and 1; None where there is nothing to have a share of."""
        return self.part / self.whole if self.whole else None

    @property
    def percent(self) -> str:
        """For people: "97.4 %", or "–" where there is nothing to have a share of."""
        if not self.whole:
            return "–"
        tenths = self.part * 1000 // self.whole
        return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check came to in the same way under several versions."""

    versions: tuple[str, ...]
    attempts: tuple[Attempt, ...]

    @property
    def attempt(self) -> Attempt:
        """The first of the attempts; the others say the same."""
        return self.attempts[0]

    @property
    def versions_text(self) -> str:
        """For people: "KMIP 1.0–1.4"; "" for a check that no version was given to."""
        return versions_text(self.versions)


@dataclass(frozen=True, slots=True)
class Clause:
    """Checks whose first citation is the same clause, or scenarios of the same client, by id. Checks that cite nothing have no ``name``."""

    name: str
    checks: tuple[CheckRecord, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """The checks of one family, by clause."""

    name: str
    clauses: tuple[Clause, ...]
    counts: dict[str, int]

    @property
    def checks(self) -> tuple[CheckRecord, ...]:
        return tuple(check for clause in self.clauses for check in clause.checks)

    @property
    def seconds(self) -> float:
        return sum(check.seconds for check in self.checks)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the renderings say about a run as a whole."""

    counts: dict[str, int]
    musts: Share
    optional_operations: Share | None
    """None where the target's operations are not known."""
    families: tuple[Family, ...]
    versions: tuple[str, ...]
    new_failures: tuple[CheckRecord, ...]
    """What fails the run (with ``strict``, the non-strict ones too)."""
    expected: tuple[CheckRecord, ...]
    """Deviations that the baseline expects."""
    stale: tuple[CheckRecord, ...]
    """What the baseline expects and no longer happens."""


def figures(run: Run) -> Figures:
    """Count a run."""
    families = families_of(run.checks)
    checks = [check for family in families for check in family.checks]
    return Figures(
        counts=count(checks),
        musts=musts_met(checks),
        optional_operations=optional_operations(run.header),
        families=families,
        versions=versions_of(checks),
        new_failures=tuple(check for check in checks if fails_the_run(check, run.header)),
        expected=tuple(check for check in checks if check.baseline == "expected"),
        stale=tuple(check for check in checks if check.baseline == "stale"),
    )


def musts_met(checks: Iterable[CheckRecord]) -> Share:
    """The first headline number."""
    applicable = [check for check in checks if check.level is Level.MUST and check.verdict not in NOT_APPLICABLE]
    return Share(sum(check.verdict in MET for check in applicable), len(applicable))


def optional_operations(header: RunHeader) -> Share | None:
    """The second headline number: of the operations that a server may leave out, those that Query lists."""
    offered, optional = header.target.get("operations"), header.target.get("optional_operations")
    if not offered or not optional:
        return None
    return Share(len({*offered} & {*optional}), len({*optional}))


def fails_the_run(check: CheckRecord, header: RunHeader) -> bool:
    """Is this a new failure; with ``--strict``, is it a SHOULD that was missed and that the baseline does not expect?"""
    missed = check.verdict is Verdict.NON_STRICT and check.level is not Level.MAY and check.baseline != "expected"
    return check.is_new_failure or (missed and bool(header.selection.get("strict")))


def outcomes(check: CheckRecord) -> tuple[Outcome, ...]:
    """The attempts of a check, those that say the same joined; the gravest first, then in the order of the versions."""
    same: dict[object, list[Attempt]] = {}
    for attempt in sorted(check.attempts, key=lambda attempt: _version_key(attempt.kmip_version)):
        same.setdefault((attempt.verdict, attempt.reason, attempt.finding, attempt.steps), []).append(attempt)
    grouped = (Outcome(tuple(attempt.kmip_version for attempt in group), tuple(group)) for group in same.values())
    return tuple(sorted(grouped, key=lambda outcome: GRAVITY.index(outcome.attempt.verdict)))


def families_of(checks: Iterable[CheckRecord]) -> tuple[Family, ...]:
    """Checks by family, clause and id: the order of every rendering, whatever order a parallel run finished them in."""
    by_family: dict[str, list[CheckRecord]] = {}
    for check in checks:
        by_family.setdefault(check.family, []).append(check)
    return tuple(family_of(name, by_family[name]) for name in sorted(by_family, key=_family_key))


def family_of(name: str, checks: Sequence[CheckRecord]) -> Family:
    """One family, by clause and id."""
    by_clause: dict[str, list[CheckRecord]] = {}
    for check in sorted(checks, key=lambda check: check.id):
        by_clause.setdefault(_clause_name(check), []).append(check)
    clauses = tuple(Clause(clause, tuple(by_clause[clause])) for clause in sorted(by_clause, key=_natural_key))
    return Family(name, clauses, count(checks))


def versions_of(checks: Iterable[CheckRecord]) -> tuple[str, ...]:
    """The KMIP versions that the checks ran under."""
    versions = {attempt.kmip_version for check in checks for attempt in check.attempts if attempt.kmip_version}
    return tuple(sorted(versions, key=_version_key))


def versions_text(versions: Sequence[str]) -> str:
    """For people: "KMIP 1.2", "KMIP 1.0, 1.4", "KMIP 1.0–1.4"."""
    known = sorted({version for version in versions if version}, key=_version_key)
    if not known:
        return ""
    if len(known) > 2 and " ".join(known) in " ".join(VERSION_ORDER):
        return f"KMIP {known[0]}–{known[-1]}"
    return f"KMIP {', '.join(known)}"


def reasons(checks: Iterable[CheckRecord], verdict: Verdict) -> Counter[str]:
    """Why the attempts with this verdict came to it, most frequent first when asked with ``most_common``."""
    return Counter(attempt.reason for check in checks for attempt in check.attempts if attempt.verdict is verdict and attempt.reason)


def _clause_name(check: CheckRecord) -> str:
    if check.family in SCENARIO_FAMILIES:
        return check.id.rpartition(".")[0]
    return f"{check.citations[0].document}, {check.citations[0].clause}" if check.citations else ""


def _family_key(name: str) -> tuple[int, int, str]:
    if name in FIRST_FAMILIES:
        return 0, FIRST_FAMILIES.index(name), name
    return (2, LAST_FAMILIES.index(name), name) if name in LAST_FAMILIES else (1, 0, name)


def _version_key(version: str) -> tuple[int, str]:
    return VERSION_ORDER.index(version) if version in VERSION_ORDER else len(VERSION_ORDER), version


def _natural_key(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text)]
