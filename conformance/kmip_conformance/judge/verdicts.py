"""From what happened in a check to its verdict (house style, the table of verdicts). One table, read from top to bottom."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_reports.records import Finding, Level, Verdict

from kmip_conformance.errors import TargetError
from kmip_conformance.judge.expectations import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_conformance.judge.catalogue import Check


class Excused(Exception):
    """A check does not apply to this target: ``verdict`` is unsupported or skipped, and the message says why."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict and what explains it."""

    verdict: Verdict
    reason: str = ""
    finding: Finding | None = None


def outcome_of(check: Check, raised: BaseException | None, tolerated: Sequence[str] = ()) -> Outcome:
    """What a check that ended in this way came to; ``tolerated`` are the lesser reactions that it met with."""
    if raised is None:
        return Outcome(Verdict.NON_STRICT, "; ".join(tolerated)) if tolerated else Outcome(Verdict.PASS)
    if isinstance(raised, Excused):
        return Outcome(raised.verdict, str(raised))
    if isinstance(raised, TargetError):
        raised = Failure(("takes the connection and answers",), str(raised))
    if isinstance(raised, Failure):
        finding = Finding(check.requirement, raised.expected, raised.observed)
        if check.level is Level.MUST:
            return Outcome(Verdict.FAIL, finding=finding)
        return Outcome(Verdict.NON_STRICT, f"a {check.level} is missed: {raised.observed}", finding)
    return Outcome(Verdict.ERROR, _where(raised))


def _where(raised: BaseException) -> str:
    """The exception and the place it comes from: enough to report a bug of the suite, and no traceback."""
    frames = traceback.extract_tb(raised.__traceback__)
    place = f" ({frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name})" if frames else ""
    return f"{type(raised).__name__}: {raised}{place}"
