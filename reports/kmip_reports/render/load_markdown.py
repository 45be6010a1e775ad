"""summary.md of a load run, or of a few side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_reports.render.markdown import escape
from kmip_reports.render.numbers import change, grouped, milliseconds, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_reports.render.load import Column, Figure

REASONS_AT_MOST = 20


def load_markdown(columns: Sequence[Column], figures: Sequence[Figure]) -> str:
    """The whole document."""
    return "\n".join((*_head(columns), *_figures(columns, figures), *_operations(columns), *_failures(columns))) + "\n"


def _head(columns: Sequence[Column]) -> Iterator[str]:
    yield "## KMIP load" + (f": {escape(columns[0].run.profile)}" if len(columns) == 1 else ", side by side")
    yield ""
    for column in columns:
        run = column.run
        facts = (column.label, run.target.get("address"), run.profile, f"{run.users} users", f"{run.duration_seconds:.0f} s", run.tool)
        yield f"- {f'**{column.name}** ' if column.name else ''}{' · '.join(escape(str(fact)) for fact in facts if fact)}"
        if not run.complete:
            yield "  - **Incomplete.** The run was cut short."
        yield from (f"  - {escape(note)}" for note in run.notes)
    yield ""


def _figures(columns: Sequence[Column], figures: Sequence[Figure]) -> Iterator[str]:
    compared = len(columns) == 2
    yield "| | " + " | ".join(column.name or "all requests" for column in columns) + (" | change |" if compared else " |")
    yield "|---|" + "---:|" * (len(columns) + compared)
    for figure in figures:
        values = " | ".join("–" if value is None else f"{short(value)} {figure.unit}".strip() for value in figure.values)
        yield f"| {figure.title} | {values} |" + (f" {change(*figure.values)} |" if compared else "")
    yield ""


def _operations(columns: Sequence[Column]) -> Iterator[str]:
    yield "| operation | | requests | failures | per second | p50 | p95 | p99 | max |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for column in columns:
        for name, operation in column.run.operations.items():
            latency = operation.latency_ms
            times = " | ".join(milliseconds(value) for value in (latency.p50, latency.p95, latency.p99, latency.max))
            counts = f"{grouped(operation.requests)} | {grouped(operation.failures)} | {short(operation.rps)}"
            yield f"| {escape(name)} | {column.name} | {counts} | {times} |"
    yield ""


def _failures(columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        for reason in column.run.failure_reasons[:REASONS_AT_MOST]:
            run = f"**{column.name}** " if column.name else ""
            yield f"- {run}{grouped(reason.count)} × {escape(reason.operation)}: {escape(reason.reason)}"
