"""One line of progress on a terminal, drawn over itself; nothing at all anywhere else.

Drawn by hand because the report itself goes to stdout meanwhile: a live display on the other stream would not know of those lines
and draw over them.
"""

from __future__ import annotations

import shutil
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from kmip_reports.records import CheckRecord

ERASE = "\r\x1b[2K"
SECONDS_BETWEEN = 0.05


class ProgressLine:
    """Shows which check came last, and how many there are."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream if stream.isatty() else None
        self._drawn = False
        self._not_before = 0.0

    def show(self, done: int, planned: int, last: CheckRecord) -> None:
        """Draw, but no more often than an eye can follow."""
        now = time.monotonic()
        if self._stream is None or now < self._not_before:
            return
        self._not_before = now + SECONDS_BETWEEN
        count = f"{done} of {planned}" if planned >= done else str(done)
        line = f"  {count}  {last.id}"[: shutil.get_terminal_size().columns - 1]
        self._stream.write(f"{ERASE}{line}")
        self._stream.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the line away, so that something else can be printed."""
        if self._stream is not None and self._drawn:
            self._stream.write(ERASE)
            self._stream.flush()
            self._drawn = False
