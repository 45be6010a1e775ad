"""What the front door refuses, in words for people.

LabError            something the user can mend; exit code 4
└── LabDidNotStart  a lab of our own did not come up
"""

from __future__ import annotations


class LabError(Exception):
    """What happened and why, with a ``hint`` that says what to do."""

    exit_code = 4

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class LabDidNotStart(LabError):
    """The child process that should have been the lab ended, or never became ready."""
