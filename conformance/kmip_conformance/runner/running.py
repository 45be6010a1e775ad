"""One run of the suite, from the survey of the target to its exit code."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

from kmip_reports.records import RunFooter, RunHeader, count

from kmip_conformance.judge.brief import Brief
from kmip_conformance.judge.catalogue import Catalogue, whole_catalogue
from kmip_conformance.judge.conversation import Manners
from kmip_conformance.judge.errors import JudgingError
from kmip_conformance.judge.liveness import still_lives
from kmip_conformance.judge.profiles import profile_named
from kmip_conformance.judge.selection import Assignment, plan
from kmip_conformance.judge.survey import Survey, survey
from kmip_conformance.runner.baseline import Baseline, baseline_text, can_be_written, read_baseline
from kmip_conformance.runner.child import Child, running_child
from kmip_conformance.runner.exit_codes import ExitCode, exit_code_of
from kmip_conformance.runner.recording import Recorder, Tally, open_run_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_conformance.runner.options import CheckOptions, Observer


@dataclass(frozen=True, slots=True)
class Undertaking:
    """A run that is about to begin: everything that could refuse it has been looked at."""

    options: CheckOptions
    facts: Survey
    plan: Sequence[Assignment]
    baseline: Baseline

    @property
    def brief(self) -> Brief:
        """What the child is told."""
        options = self.options
        offered = self.facts.versions if options.oasis is None else self.facts.facts.kmip_versions
        return Brief(options.target, options.selection, offered, options.timeout, options.keep_transcripts, oasis=options.oasis)

    def header(self, started: datetime) -> RunHeader:
        """How the record of this run begins."""
        options = self.options
        versions = sorted({version for assignment in self.plan for version in assignment.versions})
        return RunHeader(
            started_at=_timestamp(started),
            tool=f"kmiplab {metadata.version('kmiplab')}",
            target=self.facts.as_record(options.name, versions),
            selection={
                "kmip_versions": [str(version) for version in versions],
                "profiles": list(options.selection.profiles),
                "select": list(options.selection.patterns),
                **({"oasis": str(options.oasis.place)} if options.oasis else {}),
                "strict": options.strict,
                "jobs": options.jobs,
                "baseline": str(options.baseline) if options.baseline else "",
                "checks": len(self.plan),
                "planned": dict(Counter(assignment.check.family for assignment in self.plan)),
            },
            command=options.command,
        )


def run(options: CheckOptions, observer: Observer) -> int:
    """Judge a target; the exit code of `kmiplab check`. Raises JudgingError or TargetError when the run is refused or goes wrong."""
    catalogue = catalogue_for(options)
    undertaking = _undertake(options, catalogue)
    started = datetime.now(UTC)
    clock = time.monotonic()
    with open_run_file(options.report_dir) as stream:
        recorder = Recorder(stream, observer, undertaking.baseline, started.date())
        recorder.begin(undertaking.header(started))
        try:
            notes = _judge(undertaking, recorder)
        except KeyboardInterrupt:
            recorder.break_off()
            return ExitCode.INTERRUPTED
        except JudgingError:
            recorder.break_off()
            raise
        alive = still_lives(options.target, undertaking.facts.versions[-1], Manners(timeout=options.timeout))
        code = exit_code_of(recorder.records, strict=options.strict, alive=alive)
        if not alive:
            notes.append("the target no longer answers at the end of the run")
        if options.fail_fast and len(recorder.records) < len(undertaking.plan):
            notes.append(f"stopped at the first failure: {len(undertaking.plan) - len(recorder.records)} checks were not run")
        seconds = round(time.monotonic() - clock, 3)
        recorder.end(RunFooter(_timestamp(datetime.now(UTC)), seconds, code, count(recorder.records), tuple(notes)))
    if options.write_baseline is not None:
        text = baseline_text(recorder.records, undertaking.baseline, strict=options.strict)
        options.write_baseline.write_text(text, encoding="utf-8")
    return code


def _undertake(options: CheckOptions, catalogue: Catalogue) -> Undertaking:
    for name in options.selection.profiles:
        profile_named(name)
    baseline = read_baseline(options.baseline, catalogue) if options.baseline else {}
    if options.write_baseline is not None:
        can_be_written(options.write_baseline)
    facts = survey(options.target, options.timeout, options.selection.kmip_versions)
    return Undertaking(options, facts, _plan(options, catalogue, facts), baseline)


def catalogue_for(options: CheckOptions) -> Catalogue:
    """What can be judged: the suite's own checks, or the published cases in a folder."""
    if options.oasis is None:
        return whole_catalogue()
    from kmip_conformance.oasis.catalogue import catalogue_of, published_cases

    return catalogue_of(published_cases(options.oasis.place))


def _plan(options: CheckOptions, catalogue: Catalogue, facts: Survey) -> list[Assignment]:
    if options.oasis is None:
        return plan(catalogue, options.selection, facts.versions)
    from kmip_conformance.oasis.catalogue import plan_of, published_cases

    return plan_of(published_cases(options.oasis.place), options.selection)


def _judge(undertaking: Undertaking, recorder: Recorder) -> list[str]:
    """Let the child judge, and record what it says. Returns the remarks for the end of the run."""
    options = undertaking.options
    tally = Tally(undertaking.plan, options.command)
    notes: list[str] = []
    with running_child(undertaking.brief, jobs=options.jobs, fail_fast=options.fail_fast) as child:
        try:
            _listen(child, tally, recorder, notes)
        except KeyboardInterrupt:
            child.interrupt()
            _listen(child, tally, recorder, notes)
            raise
        child.wait()
    for record in tally.cut_off() if options.fail_fast else tally.unfinished():
        recorder.check(record)
    return notes


def _listen(child: Child, tally: Tally, recorder: Recorder, notes: list[str]) -> None:
    for line in child:
        notes += (f"{line.check_id}: {note}" for note in line.notes)
        record = tally.take(line)
        if record is not None:
            recorder.check(record)


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
