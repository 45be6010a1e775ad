"""What can go wrong with a run, apart from the target's faults (those are findings).

::

    JudgingError                 root; carries ``hint`` and ``exit_code``
    ├── RunRefused          4    the options, the configuration or a file of the user's cannot be used
    ├── NothingSelected     5    the selection leaves nothing to judge
    ├── AuthoringError      3    a check is not written as a check has to be: a bug of the suite
    └── RunCrashed          3    the process that runs the checks ended without saying how: a bug of the suite
"""

from __future__ import annotations


class JudgingError(Exception):
    """A run cannot go on. ``hint`` tells people what to do; ``exit_code`` is what the process ends with (design, Contracts)."""

    exit_code = 4

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class RunRefused(JudgingError):
    """The options, the configuration or a file that they name cannot be used."""


class NothingSelected(JudgingError):
    """No check is left to run: a typing error must not look like a green run."""

    exit_code = 5


class AuthoringError(JudgingError):
    """A check breaks the rules for checks: no requirement, a duplicate id, an answer that nobody judged."""

    exit_code = 3

    def __init__(self, what: str, hint: str = "this is a bug of the suite; please report it.") -> None:
        super().__init__(what, hint)


class RunCrashed(JudgingError):
    """The process that runs the checks ended before it had said how the run went."""

    exit_code = 3
