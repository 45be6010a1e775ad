"""Line charts as geometry: where each axis, tick and line lies. A template draws them as SVG; no text is put into markup here.

Three scales are all that latencies and throughput need: linear from zero, logarithmic, and percentiles by their distance from 100
(50, 90, 99, 99.9 … evenly spaced, as HDR histograms are plotted). Positions are SVG user units in a frame of `WIDTH` by `HEIGHT`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kmip_reports.render.numbers import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

WIDTH, HEIGHT = 1080.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 14.0, 12.0, 34.0


class Tick(NamedTuple):
    """A mark on an axis: where, and what stands there."""

    at: float
    label: str


class Line(NamedTuple):
    """A line to draw: ``points`` are values, None where there is none (a gap). ``style`` is a class of the page's style sheet."""

    label: str
    style: str
    points: Sequence[tuple[float, float | None]]


class Drawn(NamedTuple):
    """A line where it lies: ``path`` is the ``d`` of an SVG path; "" for a line without a point."""

    label: str
    style: str
    path: str


class Column(NamedTuple):
    """A vertical strip over one position of the x axis, with what the lines say there."""

    at: float
    width: float
    told: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high`` onto one axis; ``place`` maps a value to 0 … 1."""

    ticks: tuple[tuple[float, str], ...]
    place: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that is ready to be drawn."""

    title: str
    description: str
    unit: str
    x_label: str
    lines: tuple[Drawn, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def chart(title: str, description: str, unit: str, x_label: str, lines: Sequence[Line], *, x: Scale, y: Scale) -> Chart:
    """Lay a chart out."""
    return Chart(
        title=title,
        description=description,
        unit=unit,
        x_label=x_label,
        lines=tuple(Drawn(line.label, line.style, _path(line, x, y)) for line in lines),
        x_ticks=tuple(Tick(_across(x.place(value)), label) for value, label in x.ticks),
        y_ticks=tuple(Tick(_down(y.place(value)), label) for value, label in y.ticks),
        columns=tuple(_columns(lines, x, x_label, unit)),
    )


def linear(values: Iterable[float], ticks: int = 5, *, whole: bool = False) -> Scale:
    """From zero to a round number above the highest value; with ``whole``, marked at whole numbers alone."""
    highest = max(values, default=0.0) or 1.0
    step = max(_round_up(highest / ticks), 1.0 if whole else 0.0)
    top = step * math.ceil(highest / step - 1e-9)
    return Scale(tuple((step * n, short(step * n)) for n in range(round(top / step) + 1)), lambda value: value / top)


def logarithmic(values: Iterable[float]) -> Scale:
    """From the 1, 2 or 5 below the lowest value to the one above the highest; values of zero lie at the bottom."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = _round_down(min(positive)), _round_up(max(positive))
    if high <= low:
        high = _round_up(low * 2)
    span = math.log(high / low)
    decades = math.log10(high / low)
    steps = (1, 2, 5) if decades <= 3 else (1,)
    marks = [step * 10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for step in steps]
    ticks = tuple((mark, short(mark)) for mark in marks if low * 0.999 <= mark <= high * 1.001)
    return Scale(ticks, lambda value: math.log(max(value, low) / low) / span)


def percentiles(highest: float) -> Scale:
    """From 0 to ``highest`` (below 100) by the number of nines."""
    top = max(1.0, -math.log10(max(1e-7, 1 - highest / 100)))
    shown = [mark for mark in (0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999) if -math.log10(1 - mark / 100) <= top + 1e-9]
    return Scale(tuple((mark, f"{mark:g} %") for mark in shown), lambda value: min(1.0, -math.log10(max(1e-7, 1 - value / 100)) / top))


def _path(line: Line, x: Scale, y: Scale) -> str:
    drawn: list[str] = []
    pen = "M"
    for across, value in line.points:
        if value is None:
            pen = "M"
            continue
        drawn.append(f"{pen}{_across(x.place(across)):.1f} {_down(y.place(value)):.1f}")
        pen = "L"
    return "".join(drawn) + ("h0.01" if len(drawn) == 1 else "")  # a lone point is a dot, by its round line cap


def _columns(lines: Sequence[Line], x: Scale, x_label: str, unit: str) -> Iterator[Column]:
    at: dict[float, list[str]] = {}
    for line in lines:
        for across, value in line.points:
            if value is not None:
                at.setdefault(across, []).append(f"{line.label}: {short(value)} {unit}".rstrip())
    places = sorted(at)
    edges = [_across(x.place(place)) for place in places]
    for index, place in enumerate(places):
        start = (edges[index - 1] + edges[index]) / 2 if index else edges[index]
        end = (edges[index] + edges[index + 1]) / 2 if index + 1 < len(edges) else edges[index]
        yield Column(start, max(1.0, end - start), "\n".join((f"{x_label} {place:g}", *at[place])))


def _across(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _down(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _round_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value) + 1e-9)
    return next(step * power for step in (5, 2, 1) if step * power <= value * (1 + 1e-9))
