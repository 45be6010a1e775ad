"""The failures again, at the end: what the standard asks, what would have been lawful, what came, and how to see it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from kmip_reports.figures import BROKEN, Outcome, outcomes
from kmip_reports.records import Verdict
from kmip_reports.render.words import BASELINES, plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType

    from kmip_reports.figures import Figures
    from kmip_reports.records import CheckRecord
    from kmip_reports.render.signs import Signs

TOLD_AT_MOST = 30
"""Failures told in full where a report holds them all."""

EXCERPT_LINES = 12
LABEL = "bright_black"
"""The style of what only names or explains."""


class Failures:
    """Renders what failed the run, and what the baseline has to say."""

    def __init__(self, signs: Signs, report_folder: Path | None) -> None:
        self._signs = signs
        self._told_at_most = TOLD_AT_MOST if report_folder else None

    def of(self, numbers: Figures) -> Iterator[RenderableType]:
        """Everything between the tree and the summary."""
        if numbers.new_failures:
            yield Text()
            yield Rule(Text("Failures", "bold"), style=LABEL, align="left", characters="-" if self._signs.ascii else "─")
        for number, check in enumerate(numbers.new_failures[: self._told_at_most], 1):
            yield from self._failure(number, check)
        if self._told_at_most and len(numbers.new_failures) > self._told_at_most:
            yield Text(
                f"\n  … and {plural(len(numbers.new_failures) - self._told_at_most, 'more failure')}; the report has them all.", LABEL
            )
        yield from self._stale(numbers)

    def _failure(self, number: int, check: CheckRecord) -> Iterator[RenderableType]:
        title = Text(f"\n{number:>3} ") + self._signs.text(check.verdict)
        title.append(f" {check.id}", "bold")
        yield title.append(f"  {check.level}", LABEL)
        grid = Table.grid(padding=(0, 2), expand=False)
        grid.add_column(no_wrap=True, style=LABEL, min_width=8)
        grid.add_column(overflow="fold")
        for outcome in outcomes(check):
            if outcome.attempt.verdict in BROKEN or outcome.attempt.verdict is Verdict.NON_STRICT:
                self._add_outcome(grid, check, outcome)
        for cited in check.citations:
            quote = Text(f"\n“{cited.quote}”" if cited.quote else "", "italic")
            grid.add_row("cited", Text(f"{cited.document}, {cited.clause}") + quote)
        if check.baseline:
            grid.add_row("baseline", Text(f"{BASELINES.get(check.baseline, check.baseline)}. {check.baseline_note}".strip()))
        yield Padding(grid, (0, 0, 0, 6))
        if check.replay:
            yield Text.assemble(("      replay    ", LABEL), (check.replay, "bold"))

    def _add_outcome(self, grid: Table, check: CheckRecord, outcome: Outcome) -> None:
        attempt = outcome.attempt
        if outcome.versions_text:
            grid.add_row("under", f"{outcome.versions_text}")
        grid.add_row("required", attempt.finding.requirement if attempt.finding else check.title)
        if attempt.finding:
            for label, reaction in zip(["expected", *["or"] * len(attempt.finding.expected)], attempt.finding.expected, strict=False):
                grid.add_row(label, reaction)
            grid.add_row("observed", Text(_excerpt(attempt.finding.observed), "red"))
        if attempt.reason:
            grid.add_row("because", _excerpt(attempt.reason))
        for step in attempt.steps:
            if step.verdict not in {Verdict.PASS, Verdict.SKIPPED}:
                grid.add_row("step", self._signs.text(step.verdict) + Text(f" {step.title} ({step.mark}) {step.detail}".rstrip()))

    def _stale(self, numbers: Figures) -> Iterator[RenderableType]:
        if numbers.stale:
            yield Text()
            yield Text(f"{plural(len(numbers.stale), 'stale baseline entry').replace('entrys', 'entries')}: {BASELINES['stale']}", "yellow")
        for check in numbers.stale:
            yield Text(f"  {check.id}")


def _excerpt(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        [*lines[:EXCERPT_LINES], f"… {plural(len(lines) - EXCERPT_LINES, 'more line')}"] if len(lines) > EXCERPT_LINES else lines
    )
