"""The numbers of a run: shares that never flatter, families in the order of the wire, outcomes joined over versions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import report_samples
from kmip_reports.figures import Share, families_of, figures, optional_operations, outcomes, versions_text
from kmip_reports.records import Attempt, Level, RunHeader, Verdict
from kmip_reports.render.words import exit_meaning


def judged(verdict: Verdict, level: Level = Level.MUST, **changed: object) -> object:
    return report_samples.a_check(attempts=(Attempt("1.4", verdict, 0.1),), level=level, **changed)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "–"),
        (0, 3, "0 %"),
        (1, 3, "33.3 %"),
        (2, 3, "66.6 %"),
        (999, 1000, "99.9 %"),
        (9999, 10000, "99.9 %"),
        (1, 2, "50 %"),
        (5, 5, "100 %"),
    ],
)
def test_a_share_is_rounded_down_so_that_100_means_all(part: int, whole: int, text: str) -> None:
    assert Share(part, whole).percent == text


def test_a_must_counts_when_a_verdict_about_it_was_due() -> None:
    run = replace(report_samples.small_run(), checks=[judged(verdict) for verdict in Verdict] + [judged(Verdict.FAIL, Level.SHOULD)])
    assert figures(run).musts == Share(2, 4)  # pass and non-strict, of these two and fail and error


def test_optional_operations_are_those_that_are_there_of_those_that_may_be_missing() -> None:
    header = report_samples.HEADER
    assert optional_operations(header) == Share(3, 10)
    assert optional_operations(RunHeader("", "", {"operations": ["Get"]}, {})) is None


def test_strict_makes_a_missed_should_fail_the_run_unless_the_baseline_expects_it() -> None:
    checks = [
        judged(Verdict.NON_STRICT, id="a"),
        judged(Verdict.NON_STRICT, id="b", baseline="expected"),
        judged(Verdict.FAIL, id="c", baseline="changed"),
    ]
    lax = replace(report_samples.small_run(), checks=checks)
    strict = replace(lax, header=replace(lax.header, selection={"strict": True}))
    assert [check.id for check in figures(lax).new_failures] == ["c"]
    assert [check.id for check in figures(strict).new_failures] == ["a", "c"]


def test_strict_asks_for_no_may() -> None:
    lax = report_samples.small_run()
    run = replace(lax, header=replace(lax.header, selection={"strict": True}), checks=[judged(Verdict.NON_STRICT, Level.MAY)])
    assert figures(run).new_failures == ()


@pytest.mark.parametrize(
    ("code", "selection", "meaning"),
    [
        (0, {}, "no new failure"),
        (1, {}, "there are failures"),
        (1, {"baseline": "known.toml"}, "there are failures that the baseline does not expect"),
        (1, {"strict": True}, "there are failures (with --strict, a missed SHOULD is one)"),
        (7, {"baseline": "known.toml"}, "the baseline has stale entries: what they expect no longer happens"),
        (99, {}, "unknown"),
    ],
)
def test_what_an_exit_code_says_depends_on_what_was_asked(code: int, selection: dict[str, object], meaning: str) -> None:
    assert exit_meaning(code, selection) == meaning


def test_the_order_does_not_depend_on_the_order_in_which_checks_finished() -> None:
    checks = report_samples.sample_run().checks
    assert families_of(checks) == families_of(reversed(checks))
    names = [family.name for family in families_of(checks)]
    assert names[:3] == ["ttlv", "messages", "activate"]
    assert names[-3:] == ["tls", "vmware", "robustness"]


def test_clauses_are_ordered_as_numbers() -> None:
    cited = [report_samples.Citation("KMIP 1.4", clause) for clause in ("4.10 Check", "4.9 Locate", "11.1 General", "4.9.1 x")]
    (family,) = families_of(report_samples.a_check(id=f"x.{n}", citations=(cite,)) for n, cite in enumerate(cited))
    assert [clause.name for clause in family.clauses] == [
        f"KMIP 1.4, {clause}" for clause in ("4.9 Locate", "4.9.1 x", "4.10 Check", "11.1 General")
    ]


def test_versions_that_say_the_same_are_one_outcome_and_the_gravest_comes_first() -> None:
    attempts = [Attempt(version, Verdict.PASS if version == "1.2" else Verdict.FAIL, 0.1) for version in ("1.4", "1.2", "1.0", "1.1")]
    joined = outcomes(report_samples.a_check(attempts=tuple(attempts)))
    assert [(way.attempt.verdict, way.versions) for way in joined] == [(Verdict.FAIL, ("1.0", "1.1", "1.4")), (Verdict.PASS, ("1.2",))]


@pytest.mark.parametrize(
    ("versions", "text"),
    [
        ((), ""),
        (("",), ""),
        (("1.2",), "KMIP 1.2"),
        (("1.4", "1.0"), "KMIP 1.0, 1.4"),
        (("1.0", "1.1"), "KMIP 1.0, 1.1"),
        (("1.2", "1.0", "1.1"), "KMIP 1.0–1.2"),
        (("1.0", "1.1", "1.3"), "KMIP 1.0, 1.1, 1.3"),
        (("1.3", "1.4", "2.0"), "KMIP 1.3–2.0"),
    ],
)
def test_versions_for_people(versions: tuple[str, ...], text: str) -> None:
    assert versions_text(versions) == text
