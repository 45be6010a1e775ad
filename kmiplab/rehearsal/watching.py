"""How far a rehearsal has got: one line on a terminal's standard error, gone at the end; nothing elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn

from kmiplab.rehearsal.rehearsing import Unwatched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmiplab.rehearsal.migration import Watch


class OnATerminal:
    """The stage that runs, and a bar where it does many things."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def stage(self, title: str) -> None:
        """Show the new stage instead of the former one."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(title, total=None)

    def step(self, done: int, of: int) -> None:
        """Move the bar on."""
        if self._task is not None:
            self._progress.update(self._task, completed=done, total=of)


@contextmanager
def watch_on(stream: IO[str]) -> Iterator[Watch]:
    """Whichever watch suits the stream."""
    console = Console(file=stream)
    if not console.is_terminal:
        yield Unwatched()
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        yield OnATerminal(progress)
