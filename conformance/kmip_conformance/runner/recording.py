"""From the attempts of a run to its check records: each check once, as soon as all its attempts are in.

`Recorder` writes ``run.jsonl`` while the run goes. Whatever interrupts it leaves a file that is whole as far as it goes, without a footer.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from kmip_reports.records import Attempt, CheckRecord, RunFooter, RunHeader, Verdict, write_line

from kmip_conformance.judge.errors import RunRefused
from kmip_conformance.runner.baseline import overlay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from kmip_conformance.judge.attempts import AttemptLine
    from kmip_conformance.judge.selection import Assignment
    from kmip_conformance.runner.baseline import Deviation
    from kmip_conformance.runner.options import Observer


@dataclass(slots=True)
class Tally:
    """The plan of a run and the attempts that have come in so far."""

    plan: Sequence[Assignment]
    command: str
    _attempts: dict[str, dict[str, Attempt]] = field(default_factory=dict)

    def take(self, line: AttemptLine) -> CheckRecord | None:
        """Take an attempt; the check's record if it was the last that was missing."""
        assignment = next(assignment for assignment in self.plan if assignment.check.id == line.check_id)
        attempts = self._attempts.setdefault(line.check_id, {})
        attempts[line.attempt.kmip_version] = line.attempt
        return self._record(assignment) if len(attempts) == len(assignment.versions) else None

    def unfinished(self) -> Iterator[CheckRecord]:
        """The records of checks of which an attempt never came in: each such attempt is an error."""
        for assignment in self.plan:
            attempts = self._attempts.setdefault(assignment.check.id, {})
            missing = [str(version) for version in assignment.versions if str(version) not in attempts]
            if missing:
                reason = "the process that ran this check ended before its verdict"
                attempts |= {version: Attempt(version, Verdict.ERROR, 0.0, reason) for version in missing}
                yield self._record(assignment)

    def cut_off(self) -> Iterator[CheckRecord]:
        """The records of checks of which some attempts, not all, are in: a run that was to stop at the first failure stopped there."""
        for assignment in self.plan:
            if 0 < len(self._attempts.get(assignment.check.id, {})) < len(assignment.versions):
                yield self._record(assignment)

    def _record(self, assignment: Assignment) -> CheckRecord:
        check = assignment.check
        attempts = self._attempts[check.id]
        return CheckRecord(
            id=check.id,
            title=check.requirement,
            family=check.family,
            level=check.level,
            citations=check.citations,
            attempts=tuple(attempts[str(version)] for version in assignment.versions if str(version) in attempts),
            profiles=check.profiles,
            mutants=check.mutants,
            replay=f"{self.command} --select {shlex.quote(check.id)}",
        )


class Recorder:
    """Writes the records of a run to its file, and shows them to the observer."""

    def __init__(self, stream: IO[str], observer: Observer, baseline: Mapping[str, Deviation], today: date) -> None:
        self._stream = stream
        self._observer = observer
        self._baseline = baseline
        self._today = today
        self.records: list[CheckRecord] = []

    def begin(self, header: RunHeader) -> None:
        """Write the header."""
        write_line(self._stream, "header", header)
        self._observer.begin(header)

    def check(self, record: CheckRecord) -> None:
        """Write a check, with what the baseline says about it."""
        judged = overlay(record, self._baseline, self._today)
        self.records.append(judged)
        write_line(self._stream, "check", judged)
        self._observer.check(judged)

    def end(self, footer: RunFooter) -> None:
        """Write the footer: the run has reached its end."""
        write_line(self._stream, "footer", footer)
        self._observer.end(footer)

    def break_off(self) -> None:
        """The run does not reach its end: its file gets no footer."""
        self._observer.end(None)


def open_run_file(folder: Path) -> IO[str]:
    """Create the report folder and begin ``run.jsonl`` in it. Raises RunRefused, before anything is judged, when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "run.jsonl").open("w", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunRefused(f"the report folder {folder} cannot be written: {reason}", "name another with --report-dir.") from error
