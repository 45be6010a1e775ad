"""index.html of a load run, or of a few side by side: throughput and latency over time, their distribution, operations, failures.

The charts are drawn from the records as inline SVG by a template. A charting library would be a megabyte in the page or a request to
the network, and those from the package index bring their own colours, which do not follow the theme of the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kmip_reports.records import write_file
from kmip_reports.records_load import Second
from kmip_reports.render.chart import Chart, Line, Scale, chart, linear, logarithmic, percentiles
from kmip_reports.render.html import render
from kmip_reports.render.load_markdown import load_markdown
from kmip_reports.render.numbers import change, grouped, milliseconds, short
from kmip_reports.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kmip_reports.records_load import LoadRun, OperationLoad, PercentilePoint

POINTS_AT_MOST = 240
"""Points of a line over time; longer runs join seconds."""

SIDE_BY_SIDE_AT_MOST = 4

PERCENTILES = ("p50", "p95", "p99", "max")


@dataclass(frozen=True, slots=True)
class Column:
    """One run of the page. ``name`` tells it from its neighbours: "A", "B" … beside others, "" when it is alone."""

    name: str
    label: str
    run: LoadRun


class Figure(NamedTuple):
    """A line of the comparison: what, its value in each run, and whether more of it is better (None: neither)."""

    title: str
    values: tuple[float | None, ...]
    unit: str
    more_is_better: bool | None


def write_load_report(runs: Sequence[LoadRun], folder: Path, labels: Sequence[str] = ()) -> list[Path]:
    """Write index.html and summary.md of one load run, or of up to four side by side; ``labels`` name them (their folders, say).

    Raises `RecordError`, with what to do, when the folder cannot be written to.
    """
    from kmip_reports.render import make_folder

    columns = columns_of(runs, labels)
    make_folder(folder)
    texts = {"index.html": load_page(columns), "summary.md": load_markdown(columns, comparison(columns))}
    for name, text in texts.items():
        write_file(folder / name, text)
    return [folder / name for name in texts]


def columns_of(runs: Sequence[LoadRun], labels: Sequence[str] = ()) -> list[Column]:
    """The runs with the names by which the page tells them apart."""
    assert 1 <= len(runs) <= SIDE_BY_SIDE_AT_MOST
    alone = len(runs) == 1
    named = [*labels, *[""] * len(runs)]
    return [Column("" if alone else chr(ord("A") + at), clean(named[at]), clean(run)) for at, run in enumerate(runs)]


def load_page(columns: Sequence[Column]) -> str:
    """The whole document."""
    charts = [throughput(columns), latency_over_time(columns), distribution(columns)]
    if len(columns) == 1 and len(columns[0].run.operations) > 1:
        charts.append(operations_distribution(columns[0].run))
    return render(
        "load.html.j2",
        ("theme.js",),
        columns=columns,
        charts=[each for each in charts if any(line.path for line in each.lines)],
        comparison=comparison(columns),
        operations=operations(columns),
        percentile_rows=percentile_rows(columns),
        change=change,
        grouped=grouped,
        milliseconds=milliseconds,
        short=short,
    )


def throughput(columns: Sequence[Column]) -> Chart:
    """Requests a second, and the failures among them."""
    lines = []
    for at, column in enumerate(columns):
        seconds, width = joined(column.run.series)
        suffix = f" {column.name}".rstrip()
        lines.append(Line(f"requests{suffix}", f"line-{at}", [(second.second, second.requests / width) for second in seconds]))
        if column.run.failures:
            lines.append(
                Line(
                    f"failures{suffix}",
                    "line-failures" + " dashed" * bool(at),
                    [(second.second, second.failures / width) for second in seconds],
                )
            )
    return chart(
        "Throughput",
        _described("Requests answered in each second of the run", columns),
        "per second",
        "second",
        lines,
        x=_time(columns),
        y=linear(_values(lines)),
    )


def latency_over_time(columns: Sequence[Column]) -> Chart:
    """Percentiles of each second; side by side only the median and the 99th."""
    lines = []
    for at, column in enumerate(columns):
        seconds, _ = joined(column.run.series)
        shown = PERCENTILES if len(columns) == 1 else ("p50", "p99")
        for index, name in enumerate(shown):
            style = f"line-{index}" if len(columns) == 1 else f"line-{at}{' dashed' if name == 'p50' else ''}"
            lines.append(Line(f"{name} {column.name}".rstrip(), style, [(second.second, getattr(second, name)) for second in seconds]))
    return chart(
        "Latency over time",
        _described("Percentiles of the requests answered in each second, on a logarithmic scale", columns),
        "ms",
        "second",
        lines,
        x=_time(columns),
        y=logarithmic(_values(lines)),
    )


def distribution(columns: Sequence[Column]) -> Chart:
    """The percentile curve of all requests."""
    lines = [Line(column.name or "all requests", f"line-{at}", _curve(column.run.distribution)) for at, column in enumerate(columns)]
    return _percentile_chart(
        "Latency distribution", _described("Within how many milliseconds which share of all requests was answered", columns), lines
    )


def operations_distribution(run: LoadRun) -> Chart:
    """The percentile curve of each operation."""
    lines = [Line(name, f"line-{at % 6}", _curve(operation.distribution)) for at, (name, operation) in enumerate(run.operations.items())]
    return _percentile_chart(
        "Latency distribution by operation", "Within how many milliseconds which share of an operation's requests was answered", lines
    )


def joined(series: Sequence[Second]) -> tuple[list[Second], int]:
    """The series with so many seconds joined that it can be drawn; a joined point has the highest percentiles of its seconds."""
    width = max(1, math.ceil(len(series) / POINTS_AT_MOST))
    groups = [series[at : at + width] for at in range(0, len(series), width)]
    return [_join(group) for group in groups], width


def comparison(columns: Sequence[Column]) -> list[Figure]:
    """The figures of the runs as a whole, line by line."""
    runs = [column.run for column in columns]
    return [
        Figure("Throughput", tuple(run.rps for run in runs), "/s", more_is_better=True),
        Figure("Requests", tuple(float(run.requests) for run in runs), "", more_is_better=None),
        Figure("Failures", tuple(float(run.failures) for run in runs), "", more_is_better=False),
        *(Figure(name, tuple(getattr(run.latency_ms, name) for run in runs), "ms", more_is_better=False) for name in PERCENTILES),
    ]


def operations(columns: Sequence[Column]) -> list[tuple[str, list[tuple[Column, OperationLoad]]]]:
    """Operations by name, each with the runs that used it."""
    names = dict.fromkeys(name for column in columns for name in column.run.operations)
    return [(name, [(column, column.run.operations[name]) for column in columns if name in column.run.operations]) for name in names]


def percentile_rows(columns: Sequence[Column]) -> list[tuple[float, list[float | None]]]:
    """The curve as a table: milliseconds of each run at the percentiles that people quote."""
    return [
        (mark, [_at(column.run.distribution, mark) for column in columns]) for mark in (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0)
    ]


def _at(curve: Sequence[PercentilePoint], percentile: float) -> float | None:
    return next((point.milliseconds for point in curve if point.percentile >= percentile - 1e-9), curve[-1].milliseconds if curve else None)


def _join(group: Sequence[Second]) -> Second:
    highest = {name: max((value for second in group if (value := getattr(second, name)) is not None), default=None) for name in PERCENTILES}
    return Second(group[0].second, sum(second.requests for second in group), sum(second.failures for second in group), **highest)


def _curve(points: Sequence[PercentilePoint]) -> list[tuple[float, float | None]]:
    return [(point.percentile, point.milliseconds) for point in points if point.percentile < 100]  # no distance from 100 is left to plot


def _percentile_chart(title: str, description: str, lines: Sequence[Line]) -> Chart:
    highest = max((across for line in lines for across, _ in line.points), default=99.0)
    return chart(title, description, "ms", "percentile", lines, x=percentiles(highest), y=logarithmic(_values(lines)))


def _time(columns: Sequence[Column]) -> Scale:
    return linear([float(second.second) for column in columns for second in column.run.series], ticks=8, whole=True)


def _values(lines: Iterable[Line]) -> list[float]:
    return [value for line in lines for _, value in line.points if value is not None]


def _described(what: str, columns: Sequence[Column]) -> str:
    told = "; ".join(f"{column.name + ': ' if column.name else ''}{_overall(column.run)}" for column in columns)
    return f"{what}. {told}. The table below has the figures."


def _overall(run: LoadRun) -> str:
    return (
        f"{short(run.rps)} requests a second, median {milliseconds(run.latency_ms.p50)}, 99th percentile {milliseconds(run.latency_ms.p99)}"
    )
