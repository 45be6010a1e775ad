"""A run as it goes: a live table on a terminal, plain lines elsewhere, one after a second and then every five."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from kmip_reports.records_load import FailureReason, OperationLoad

    from kmip_load.tally import Tally

EVERY = 5
"""Seconds between two plain lines."""

REASONS_SHOWN = 5


def table_of(operations: dict[str, OperationLoad]) -> Table:
    """A row an operation: how many, how fast, how slow the slow ones; latencies in milliseconds."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("operation")
    for heading in ("requests", "failures", "per s", "p50 ms", "p95 ms", "p99 ms", "max ms"):
        table.add_column(heading, justify="right")
    for name, row in operations.items():
        latency = row.latency_ms
        table.add_row(
            name,
            f"{row.requests:,}",
            Text(f"{row.failures:,}", "red" if row.failures else ""),
            f"{row.rps:,.0f}",
            *(f"{value:,.2f}" for value in (latency.p50, latency.p95, latency.p99, latency.max)),
            style="" if name[:1].isupper() else "dim",
        )
    return table


def reasons_of(reasons: tuple[FailureReason, ...]) -> list[Text]:
    """A line for each of the most frequent reasons that requests failed for."""
    lines = [Text(f"✘ {reason.count:,} × {reason.operation}: {reason.reason}", "red") for reason in reasons[:REASONS_SHOWN]]
    if len(reasons) > REASONS_SHOWN:
        lines.append(Text(f"  and {len(reasons) - REASONS_SHOWN} more reasons"))
    return lines


class LiveTable:
    """The observer of a run on a terminal."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._stage = ""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def stage(self, text: str) -> None:
        """Show what the run is about to do."""
        self._stage = text
        self._live.update(Text(f"{text} …", "bold"), refresh=True)

    def second(self, tally: Tally, users: int) -> None:  # noqa: ARG002 - the observer's signature
        """Show how far the run has got."""
        seconds = len(tally.series)
        if seconds:
            head = Text(f"{self._stage} · {seconds} s", "bold")
            self._live.update(Group(head, table_of(tally.operations(seconds)), *reasons_of(tally.failure_reasons())), refresh=True)


class PlainLines:
    """The observer of a run whose standard error is a file or a pipe."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def stage(self, text: str) -> None:
        """Say what the run is about to do."""
        self._say(f"{text} …")

    def second(self, tally: Tally, users: int) -> None:
        """Say how far the run has got, every few seconds."""
        seconds = len(tally.series)
        if not seconds or (self._said > 0 and seconds < self._said + EVERY):
            return
        latest = tally.series[self._said : seconds]
        self._said = seconds
        rate = sum(second.requests for second in latest) / len(latest)
        slow = max((second.p99 for second in latest if second.p99 is not None), default=0.0)
        self._say(
            f"{seconds:4d} s  {rate:10,.0f}/s  worst p99 {slow:,.2f} ms  {tally.failures:,} failed of {tally.requests:,}  {users} users"
        )

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def observer_for(console: Console) -> LiveTable | PlainLines:
    """Whichever suits the console."""
    return LiveTable(console) if console.is_terminal else PlainLines(console)
