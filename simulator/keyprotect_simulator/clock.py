"""Time that can be moved, for tests that do not want to wait 30 days."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class MovableClock:
    """The time of another clock plus an offset; calling it gives seconds since 1970-01-01T00:00:00Z."""

    def __init__(self, underlying: Callable[[], float] = time.time) -> None:
        self._underlying = underlying
        self.offset = 0.0
        """Seconds by which it was moved."""
        self.moved: Callable[[], None] = lambda: None
        """Called after each move."""

    def __call__(self) -> float:
        return self._underlying() + self.offset

    def move(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move on (or, with negative numbers, back) by the sum of the parts."""
        self.offset += seconds + 60 * minutes + 3600 * hours + 86400 * days
        self.moved()
