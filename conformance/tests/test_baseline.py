"""The baseline: an overlay that never rewrites a verdict, and tells known, changed and stale deviations apart."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING

import pytest
from judging import a_check, a_record
from kmip_conformance.judge.catalogue import Catalogue
from kmip_conformance.judge.errors import RunRefused
from kmip_conformance.runner.baseline import Deviation, baseline_text, overlay, read_baseline, settled
from kmip_conformance.runner.exit_codes import ExitCode, exit_code_of
from kmip_reports.records import Verdict

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 23)
ID = "destroy.active-object-refused"


def catalogue() -> Catalogue:
    made = Catalogue()
    made.add(a_check(ID, aliases=("destroy.old-name",)))
    return made


@pytest.mark.parametrize(
    ("verdict", "observed", "entry", "state"),
    [
        pytest.param(Verdict.FAIL, "Success", Deviation(ID, Verdict.FAIL, ("Success",)), "expected", id="the known deviation"),
        pytest.param(Verdict.FAIL, "Success", Deviation(ID, Verdict.FAIL), "expected", id="whatever is observed"),
        pytest.param(Verdict.FAIL, "connection closed", Deviation(ID, Verdict.FAIL, ("Success",)), "changed", id="another observation"),
        pytest.param(Verdict.ERROR, "Success", Deviation(ID, Verdict.FAIL, ("Success",)), "changed", id="another verdict"),
        pytest.param(Verdict.FAIL, "Success", Deviation(ID, Verdict.FAIL, until=date(2026, 11, 22)), "changed", id="its day is over"),
        pytest.param(Verdict.FAIL, "Success", Deviation(ID, Verdict.FAIL, until=TODAY), "expected", id="its last day"),
        pytest.param(Verdict.PASS, "", Deviation(ID, Verdict.FAIL), "stale", id="it passes now"),
        pytest.param(Verdict.SKIPPED, "", Deviation(ID, Verdict.FAIL), "", id="it was not tried"),
        pytest.param(Verdict.FAIL, "Success", Deviation("get.other", Verdict.FAIL), "", id="another check"),
    ],
)
def test_a_record_under_a_baseline(verdict: Verdict, observed: str, entry: Deviation, state: str) -> None:
    judged = overlay(a_record(verdict, observed), {entry.id: entry}, TODAY)

    assert judged.baseline == state
    assert judged.verdict is verdict


def test_what_changes_from_run_to_run_does_not_change_a_deviation() -> None:
    first = a_record(Verdict.FAIL, "object 4226f566-3ed5-1c8f-cda3-b0b037b6dc97 at 2026-11-23T10:00:00Z took 31 ms")
    again = a_record(Verdict.FAIL, "object 8c164d56-7f1c-5960-63e6-4451c6181844 at 2026-11-24T11:00:00Z took 7 ms")
    entry = Deviation(ID, Verdict.FAIL, (settled(first.attempts[0].finding.observed),))  # type: ignore[union-attr]

    assert overlay(again, {ID: entry}, TODAY).baseline == "expected"


def test_a_written_baseline_is_read_back_and_expects_what_it_was_written_from(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    record = a_record(Verdict.FAIL, 'Operation Failed: "quoted"\n\x7f and \ud800')
    path.write_text(baseline_text([record], {}, strict=False), encoding="utf-8")

    entries = read_baseline(path, catalogue())

    assert overlay(record, entries, TODAY).baseline in {"expected", "changed"}
    assert set(entries) == {ID}


def test_writing_again_keeps_reason_link_day_and_the_entries_of_other_checks() -> None:
    previous = {
        ID: Deviation(ID, Verdict.FAIL, ("old",), "known bug", "https://tracker.example/17", date(2027, 3, 31)),
        "get.other": Deviation("get.other", Verdict.FAIL, (), "not selected this time"),
    }

    document = tomllib.loads(baseline_text([a_record(Verdict.FAIL, "new")], previous, strict=False))

    assert document["deviation"] == [
        {
            "id": ID,
            "verdict": "fail",
            "observed": ["new"],
            "reason": "known bug",
            "link": "https://tracker.example/17",
            "until": date(2027, 3, 31),
        },
        {"id": "get.other", "verdict": "fail", "reason": "not selected this time"},
    ]


def test_writing_drops_what_passes_now_and_takes_non_strict_only_when_strict() -> None:
    previous = {ID: Deviation(ID, Verdict.FAIL)}

    assert "deviation" not in tomllib.loads(baseline_text([a_record(Verdict.PASS)], previous, strict=False))
    assert "deviation" not in tomllib.loads(baseline_text([a_record(Verdict.NON_STRICT)], {}, strict=False))
    assert "deviation" in tomllib.loads(baseline_text([a_record(Verdict.NON_STRICT)], {}, strict=True))


def test_an_old_id_stands_for_the_renamed_check(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text('[[deviation]]\nid = "destroy.old-name"\nverdict = "fail"\n')

    assert set(read_baseline(path, catalogue())) == {ID}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[deviation]\n", "cannot be read"),
        ('[[deviation]]\nverdict = "fail"\n', "needs an id"),
        ('[[deviation]]\nid = "destroy.aktive-object-refused"\nverdict = "fail"\n', "there is no check"),
        (f'[[deviation]]\nid = "{ID}"\nverdict = "pass"\n', "is no deviation"),
        (f'[[deviation]]\nid = "{ID}"\nverdict = "fail"\nuntil = "soon"\n', "has to be a date"),
        (f'[[deviation]]\nid = "{ID}"\nverdict = "fail"\nwhy = "?"\n', "is no field"),
        ("deviation = 3\n", "holds more than"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_refused_with_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(text)

    with pytest.raises(RunRefused, match=complaint) as refusal:
        read_baseline(path, catalogue())

    assert str(path) in str(refusal.value)
    assert refusal.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("verdict", "entry", "strict", "alive", "code"),
    [
        (Verdict.PASS, None, False, True, ExitCode.NO_NEW_FAILURE),
        (Verdict.FAIL, None, False, True, ExitCode.FAILURES),
        (Verdict.ERROR, None, False, True, ExitCode.FAILURES),
        (Verdict.FAIL, Deviation(ID, Verdict.FAIL), False, True, ExitCode.NO_NEW_FAILURE),
        (Verdict.FAIL, Deviation(ID, Verdict.ERROR), False, True, ExitCode.FAILURES),
        (Verdict.NON_STRICT, None, False, True, ExitCode.NO_NEW_FAILURE),
        (Verdict.NON_STRICT, None, True, True, ExitCode.FAILURES),
        (Verdict.NON_STRICT, Deviation(ID, Verdict.NON_STRICT), True, True, ExitCode.NO_NEW_FAILURE),
        (Verdict.UNSUPPORTED, None, True, True, ExitCode.NO_NEW_FAILURE),
        (Verdict.PASS, Deviation(ID, Verdict.FAIL), False, True, ExitCode.STALE_BASELINE),
        (Verdict.PASS, None, False, False, ExitCode.TARGET_UNREACHABLE),
    ],
)
def test_how_a_run_ends(verdict: Verdict, entry: Deviation | None, strict: bool, alive: bool, code: ExitCode) -> None:
    record = overlay(a_record(verdict), {entry.id: entry} if entry else {}, TODAY)

    assert exit_code_of([record], strict=strict, alive=alive) == code
