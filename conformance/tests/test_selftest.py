"""The self-test: a mutant that survives, a check that fails without one, and a mutant that nobody names are each seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from judging import a_check, an_attempt
from kmip_conformance.client import Target
from kmip_conformance.judge.attempts import AttemptLine
from kmip_conformance.judge.catalogue import whole_catalogue
from kmip_conformance.judge.errors import NothingSelected
from kmip_conformance.judge.selection import Selection
from kmip_conformance.proxy import MUTANTS, VARIATIONS
from kmip_conformance.runner import CheckOptions
from kmip_conformance.runner.selftest import STRAIGHT, judged, self_test, table, trials_for
from kmip_reports.records import Verdict
from kmip_server.testing import running_server

if TYPE_CHECKING:
    from kmip_conformance.runner.selftest import TrialResult

LOST = "messages.batch-item-id-lost"
ALTERED = "messages.batch-item-id-altered"
CHECK = "messages.batch-item-ids-echoed"


def result_of(trial: str, *lines: AttemptLine) -> TrialResult:
    (result,) = judged({trial: (CHECK,)}, lines)
    return result


def a_line(verdict: Verdict, mutant: str, version: str = "1.4") -> AttemptLine:
    return AttemptLine(CHECK, an_attempt(verdict, version=version), mutant)


@pytest.mark.parametrize(
    ("trial", "verdict", "good"),
    [
        (LOST, Verdict.FAIL, True),
        (LOST, Verdict.NON_STRICT, True),
        (LOST, Verdict.PASS, False),
        (LOST, Verdict.UNSUPPORTED, False),
        (LOST, Verdict.ERROR, False),
        (STRAIGHT, Verdict.PASS, True),
        (STRAIGHT, Verdict.FAIL, False),
        ("lawful.slow", Verdict.PASS, True),
        ("lawful.slow", Verdict.FAIL, False),
        ("lawful.slow", Verdict.ERROR, False),
    ],
)
def test_what_a_trial_comes_to(trial: str, verdict: Verdict, good: bool) -> None:
    assert result_of(trial, a_line(verdict, trial)).good is good


def test_a_trial_that_never_ran_is_not_good() -> None:
    assert not result_of(LOST).good
    assert not result_of("lawful.slow").good


def test_catching_a_mutant_under_one_version_is_enough() -> None:
    assert result_of(LOST, a_line(Verdict.FAIL, LOST, "1.0"), a_line(Verdict.PASS, LOST, "1.4")).good


def test_every_check_that_names_a_mutant_has_to_catch_it() -> None:
    (result,) = judged({LOST: (CHECK, "messages.other")}, [a_line(Verdict.FAIL, LOST)])

    assert not result.good
    assert "not by messages.other (never ran)" in result.detail


def test_a_mutant_that_no_check_names_is_an_open_end_of_the_whole_suite_only() -> None:
    assert set(trials_for(list(whole_catalogue()))) >= {STRAIGHT, *MUTANTS, *VARIATIONS}
    assert set(trials_for([a_check(mutants=(LOST,))])) == {STRAIGHT, LOST, *VARIATIONS}
    (result,) = judged({LOST: ()}, [])
    assert not result.good
    assert "no check names it" in table([result])[0]


def test_checks_that_name_no_mutant_leave_nothing_to_test() -> None:
    with pytest.raises(NothingSelected):
        trials_for([a_check()])


def test_every_mutant_that_a_check_names_exists() -> None:
    named = {mutant for check in whole_catalogue() for mutant in check.mutants}

    assert named <= set(MUTANTS)


def test_a_check_catches_its_mutants_on_a_good_server_and_only_them() -> None:
    said: list[str] = []
    with running_server() as server:
        target = Target(server.host, server.port, server.ca, server.cert, server.key)
        code = self_test(CheckOptions(target, selection=Selection((CHECK,))), said.append)

    assert code == 0, "\n".join(said)
    assert sum("✔ mutant" in line for line in said) == 2
    assert f"✔ mutant  {ALTERED}" in "\n".join(said)
    assert said[-1].strip() == "2 of 2 mutants caught, 9 of 9 lawful settings without a failure"
