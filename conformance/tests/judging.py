"""What the judge's own tests share: a check and its record, made of as little as possible; and a run with everything that it said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kmip_conformance.judge.catalogue import JUDGED, Check
from kmip_conformance.judge.selection import Selection
from kmip_conformance.runner import CheckOptions, run
from kmip_conformance.tables import V1_0
from kmip_reports.records import Attempt, CheckRecord, Citation, Finding, Level, RunFooter, RunHeader, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_conformance.client import Target

CITATION = Citation("KMIP 1.4", "4.21 Destroy")


MESSAGES = ("messages.version-echoed", "messages.batch-item-ids-echoed", "messages.unknown-operation-refused", "messages.failure-explained")
"""Checks that a fake which is told no vice passes: it reads whatever it gets, so that most of the family would be too much for it."""


def a_check(check_id: str = "destroy.active-object-refused", **fields: object) -> Check:
    values: dict[str, object] = {
        "id": check_id,
        "requirement": "An Active object is not destroyed.",
        "level": Level.MUST,
        "citations": (CITATION,),
        "since": V1_0,
        "until": JUDGED[-1],
        "operations": (),
        "object_types": (),
        "profiles": (),
        "mutants": (),
        "aliases": (),
        "hostile": False,
        "module": "checks.destroy",
        "function": "active_object_cannot_be_destroyed",
        "file": "destroy.py",
        "line": 1,
    }
    return Check(**{**values, **fields})  # type: ignore[arg-type]


def an_attempt(verdict: Verdict, observed: str = "Success", version: str = "1.4") -> Attempt:
    finding = Finding("An Active object is not destroyed.", ("refuses",), observed) if verdict is Verdict.FAIL else None
    return Attempt(version, verdict, 0.1, reason="" if finding or verdict is Verdict.PASS else observed, finding=finding)


def a_record(verdict: Verdict, observed: str = "Success", check_id: str = "destroy.active-object-refused") -> CheckRecord:
    return CheckRecord(check_id, "An Active object is not destroyed.", "destroy", Level.MUST, (CITATION,), (an_attempt(verdict, observed),))


@dataclass
class Run:
    """A run and what its observer saw."""

    code: int = -1
    header: RunHeader | None = None
    records: dict[str, CheckRecord] = field(default_factory=dict)
    ended: list[RunFooter | None] = field(default_factory=list)

    def begin(self, header: RunHeader) -> None:
        self.header = header

    def check(self, record: CheckRecord) -> None:
        self.records[record.id] = record

    def end(self, footer: RunFooter | None) -> None:
        self.ended.append(footer)

    @property
    def verdicts(self) -> dict[str, Verdict]:
        return {check_id: record.verdict for check_id, record in self.records.items()}


def judged(target: Target, folder: Path, *patterns: str, profiles: tuple[str, ...] = (), **options: Any) -> Run:
    """Judge a target by the checks that these patterns name, in a child process as `kmiplab check` does."""
    seen = Run()
    settings: dict[str, Any] = {"report_dir": folder / "report", "timeout": 1.0, **options}
    seen.code = run(CheckOptions(target, selection=Selection(patterns, profiles), **settings), seen)
    return seen
