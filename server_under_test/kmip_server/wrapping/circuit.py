"""A circuit breaker before a service: while nothing answers, nobody is made to wait for it, and one caller at a time finds out.

    closed ── a call that nothing answered ──► open ── `seconds` later, the next caller ──► probed ── an answer ──► closed
                                                ▲                                             │
                                                └──────────────── no answer ──────────────────┘

A refusal is an answer. Calls that were under way when the circuit opened say nothing any more, however they end: only the probe of the
present opening does. No clock of its own, and nothing is sent from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Circuit:
    """Admits callers or refuses them at once; ``turned`` is told when it is "open" (why) and "closed" again (after how long)."""

    def __init__(self, seconds: float, clock: Callable[[], float], turned: Callable[[str, str], None]) -> None:
        """Closed; once open, it is probed every ``seconds``."""
        self._seconds = seconds
        self._clock = clock
        self._turned = turned
        self._openings = 0
        self._opened_at: float | None = None
        self._probe_at = 0.0
        self._probed = False
        self.why = ""
        """What kept the last call from being answered."""

    def admit(self) -> int | None:
        """A pass to say with how the call ended; None for whoever is refused."""
        if self._opened_at is not None:
            if self._probed or self._clock() < self._probe_at:
                return None
            self._probed = True
        return self._openings

    def answered(self, pass_: int) -> None:
        """The call was answered, if only by a refusal."""
        if pass_ == self._openings and self._opened_at is not None:
            away = self._clock() - self._opened_at
            self._opened_at, self._probed = None, False
            self._turned("closed", f"after {away:.1f} s")

    def unanswered(self, pass_: int, why: str) -> None:
        """The call was given up: open the circuit, or leave it open."""
        if pass_ != self._openings:
            return
        self.why = why
        self._openings += 1
        self._probed = False
        self._probe_at = self._clock() + self._seconds
        if self._opened_at is None:
            self._opened_at = self._clock()
            self._turned("open", why)

    def abandoned(self, pass_: int) -> None:
        """The caller went away before the call ended: let the next one find out."""
        if pass_ == self._openings:
            self._probed = False
