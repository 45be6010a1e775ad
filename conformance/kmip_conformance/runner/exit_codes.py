"""The exit codes of `kmiplab check` (design, Contracts), and which one a finished run ends with."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from kmip_reports.records import Level, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_reports.records import CheckRecord


class ExitCode(IntEnum):
    """What the process ends with."""

    NO_NEW_FAILURE = 0
    FAILURES = 1
    INTERRUPTED = 2
    BUG_OF_THE_SUITE = 3
    USAGE = 4
    NOTHING_SELECTED = 5
    TARGET_UNREACHABLE = 6
    STALE_BASELINE = 7


def exit_code_of(records: Sequence[CheckRecord], *, strict: bool, alive: bool) -> ExitCode:
    """How a run ends that judged all it had planned; the gravest reason wins."""
    if any(record.is_new_failure or (strict and misses_a_should(record)) for record in records):
        return ExitCode.FAILURES
    if not alive:
        return ExitCode.TARGET_UNREACHABLE
    if any(record.baseline == "stale" for record in records):
        return ExitCode.STALE_BASELINE
    return ExitCode.NO_NEW_FAILURE


def misses_a_should(record: CheckRecord) -> bool:
    """Is it non-strict, not about a mere MAY, and the baseline does not expect that? Fails a run with ``--strict``."""
    return record.verdict is Verdict.NON_STRICT and record.level is not Level.MAY and record.baseline != "expected"
