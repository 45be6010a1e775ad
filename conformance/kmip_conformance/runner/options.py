"""What a run is asked to do, and who looks on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kmip_conformance.judge.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from kmip_reports.records import CheckRecord, RunFooter, RunHeader

    from kmip_conformance.client import Target
    from kmip_conformance.judge.brief import OasisBrief


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The options of `kmiplab check`. ``timeout`` is in seconds per answer; ``jobs`` are processes that judge side by side."""

    target: Target
    name: str = ""
    selection: Selection = EVERYTHING
    strict: bool = False
    baseline: Path | None = None
    write_baseline: Path | None = None
    report_dir: Path = Path("kmiplab-report")
    jobs: int = 1
    timeout: float = 10.0
    fail_fast: bool = False
    keep_transcripts: bool = False
    oasis: OasisBrief | None = None
    command: str = "kmiplab check"
    """The command line without its ``--select``: what replays a check, with the check's id behind it. It never holds a password."""


class Observer(Protocol):
    """Someone who looks on while a run goes: the console."""

    def begin(self, header: RunHeader) -> None:
        """The run begins."""

    def check(self, record: CheckRecord) -> None:
        """A check has come to its verdict, under all its versions."""

    def end(self, footer: RunFooter | None) -> None:
        """The run is over; None: it did not reach its end."""
