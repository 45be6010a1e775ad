"""The line that says how one attempt went: written where a check ran, read where the run is recorded.

Between the processes of a run only these lines travel, as JSON; a worker hands them to its controller inside pytest's reports, and the
controller writes them to whoever started it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kmip_reports.records import Attempt, attempt_from

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt, the check it belongs to, the mutant that stood between (or ""), and remarks for the end of the run."""

    check_id: str
    attempt: Attempt
    mutant: str = ""
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line, in ASCII, so that no byte of a hostile server's text can break it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        line: dict[str, Any] = json.loads(text)
        return cls(line["check_id"], attempt_from(line["attempt"]), line["mutant"], tuple(line["notes"]))
