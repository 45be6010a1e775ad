"""``--self-test``: who checks the checker.

The checks are run against the target through proxies that each plant one defect (a mutant). Every mutant has to be caught by one of the
checks that name it; without a mutant, and through proxies that vary what is lawful, none of these checks may fail. Only the checks that
name a mutant run through it, under the oldest and the newest version that they know; catching it under one of them is enough.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_reports.records import GRAVITY, Verdict

from kmip_conformance.judge.brief import Brief
from kmip_conformance.judge.catalogue import whole_catalogue
from kmip_conformance.judge.errors import NothingSelected
from kmip_conformance.judge.selection import plan
from kmip_conformance.judge.survey import survey
from kmip_conformance.proxy import MUTANTS, VARIATIONS
from kmip_conformance.runner.child import running_child
from kmip_conformance.runner.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kmip_conformance.judge.attempts import AttemptLine
    from kmip_conformance.judge.catalogue import Check
    from kmip_conformance.runner.options import CheckOptions

PATIENCE = 3.0
"""Seconds to wait for an answer, at most: mutants that drop answers are to be caught quickly."""

STRAIGHT = ""
"""The name of the trial without any proxy."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What became of one trial: a mutant is ``good`` when it was caught, a lawful variation when nothing failed."""

    name: str
    kind: str
    good: bool
    detail: str


def self_test(options: CheckOptions, say: Callable[[str], object]) -> int:
    """Run the self-test and show its table; the exit code of `kmiplab check --self-test`."""
    facts = survey(options.target, options.timeout, options.selection.kmip_versions)
    chosen = [assignment.check for assignment in plan(whole_catalogue(), options.selection, facts.versions)]
    trials = trials_for(chosen)
    brief = Brief(options.target, options.selection, facts.versions, min(options.timeout, PATIENCE), trials=trials)
    with running_child(brief, jobs=options.jobs) as child:
        lines = list(child)
        child.wait()
    results = judged(trials, lines)
    for line in table(results):
        say(line)
    return ExitCode.NO_NEW_FAILURE if all(result.good for result in results) else ExitCode.FAILURES


def trials_for(checks: Sequence[Check]) -> dict[str, tuple[str, ...]]:
    """Which checks run through which proxy. Raises NothingSelected when no check names a mutant."""
    naming = {mutant: tuple(check.id for check in checks if mutant in check.mutants) for mutant in MUTANTS}
    all_naming = tuple(check.id for check in checks if check.mutants)
    if not all_naming:
        raise NothingSelected("none of the selected checks names a mutant", "`kmiplab explain ID` says which mutants a check catches.")
    whole_suite = len(checks) == len(whole_catalogue())
    return {
        STRAIGHT: all_naming,
        **{mutant: ids for mutant, ids in naming.items() if ids or whole_suite},
        **dict.fromkeys(VARIATIONS, all_naming),
    }


def judged(trials: Mapping[str, tuple[str, ...]], lines: Iterable[AttemptLine]) -> list[TrialResult]:
    """What became of every trial."""
    by_trial: dict[str, dict[str, AttemptLine]] = defaultdict(dict)
    for line in lines:
        known = by_trial[line.mutant].get(line.check_id, line)
        by_trial[line.mutant][line.check_id] = min(known, line, key=lambda one: GRAVITY.index(one.attempt.verdict))
    return [
        _mutant(name, ids, by_trial[name]) if name in MUTANTS else _lawful(name or "without a proxy", ids, by_trial[name])
        for name, ids in trials.items()
    ]


def _mutant(name: str, ids: tuple[str, ...], lines: Mapping[str, AttemptLine]) -> TrialResult:
    caught = [check_id for check_id in ids if check_id in lines and _deviates(lines[check_id])]
    missed = [check_id for check_id in ids if check_id not in caught]
    if not ids:
        return TrialResult(name, "mutant", good=False, detail="no check names it")
    if not caught:
        return TrialResult(
            name, "mutant", good=False, detail=f"survived {', '.join(_with_verdict(check_id, lines) for check_id in missed)}"
        )
    beside = f"; not by {', '.join(_with_verdict(check_id, lines) for check_id in missed)}" if missed else ""
    return TrialResult(name, "mutant", good=not missed, detail=f"caught by {', '.join(caught)}{beside}")


def _lawful(name: str, ids: tuple[str, ...], lines: Mapping[str, AttemptLine]) -> TrialResult:
    failed = [check_id for check_id in ids if check_id not in lines or lines[check_id].attempt.verdict in {Verdict.FAIL, Verdict.ERROR}]
    detail = f"failed {', '.join(_with_verdict(check_id, lines) for check_id in failed)}" if failed else f"{len(ids)} checks, none fails"
    return TrialResult(name, "lawful", good=not failed, detail=detail)


def _deviates(line: AttemptLine) -> bool:
    """Did the check see the defect? An error of the suite is no catch."""
    return line.attempt.verdict in {Verdict.FAIL, Verdict.NON_STRICT}


def _with_verdict(check_id: str, lines: Mapping[str, AttemptLine]) -> str:
    line = lines.get(check_id)
    if line is None:
        return f"{check_id} (never ran)"
    attempt = line.attempt
    seen = attempt.finding.observed if attempt.finding else attempt.reason
    return f"{check_id} ({attempt.verdict}{f': {seen}' if seen else ''})"


def table(results: Sequence[TrialResult]) -> list[str]:
    """The results, one line a trial, and a sum."""
    width = max(len(result.name) for result in results)
    rows = [f"  {'✔' if result.good else '✘'} {result.kind:<6}  {result.name:<{width}}  {result.detail}" for result in results]
    mutants = [result for result in results if result.kind == "mutant"]
    lawful = [result for result in results if result.kind == "lawful"]
    caught = sum(result.good for result in mutants)
    fine = sum(result.good for result in lawful)
    return [*rows, "", f"  {caught} of {len(mutants)} mutants caught, {fine} of {len(lawful)} lawful settings without a failure"]
