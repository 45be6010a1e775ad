"""``--fail-if``: when a run counts as failed.

::

    threshold = [operation] figure comparison number [unit]
    figure    = p50 | p95 | p99 | max      latency: milliseconds, or with a unit us, ms, s
              | failures | requests | rps  a count, per second, or with % a share of the requests
    comparison = > | >= | < | <=

``p99>50``, ``Get p99 > 2.5ms``, ``failures>0.1%``, ``rps<5000``. A threshold says what is *bad*. Without one on failures a single
failed request fails the run.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_load.errors import UnusableOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FIGURES = ("p50", "p95", "p99", "max", "failures", "requests", "rps")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
MILLISECONDS = {"": 1.0, "us": 0.001, "ms": 1.0, "s": 1000.0}

_FORM = re.compile(
    r"\s*(?:(?P<operation>[A-Za-z][A-Za-z -]*?)\s+)?(?P<figure>p50|p95|p99|max|failures|requests|rps)"
    r"\s*(?P<comparison>>=|<=|>|<)\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>us|ms|s|%)?\s*"
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition under which a run has failed. ``operation`` is "" for all requests together; ``text`` is what the user wrote."""

    text: str
    operation: str
    figure: str
    comparison: str
    limit: float
    is_share: bool = False

    def crossed_by(self, figures: Mapping[str, float]) -> bool:
        """Is the run bad, by the `FIGURES` of the operation (latencies in milliseconds)."""
        value = figures[self.figure]
        if self.is_share:
            value = 100.0 * value / max(figures["requests"], 1)
        return COMPARISONS[self.comparison](value, self.limit)


NO_FAILURES = Threshold("failures>0", "", "failures", ">", 0.0)


def parse(text: str) -> Threshold:
    """Read one ``--fail-if``; `UnusableOption` says what is wrong with it."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise UnusableOption(
            f"--fail-if {text!r} is not a threshold",
            f"write a figure ({', '.join(FIGURES)}), a comparison and a number: 'p99>50ms', 'Get p99>2', 'failures>0.1%', 'rps<5000'.",
        )
    figure, unit, number = form["figure"], form["unit"] or "", float(form["number"])
    is_latency = figure in {"p50", "p95", "p99", "max"}
    units = MILLISECONDS if is_latency else {"", "%"} if figure == "failures" else {""}
    if unit not in units:
        raise UnusableOption(f"--fail-if {text!r}: {figure} is not measured in {unit}", "latencies take us, ms or s; failures may take %.")
    limit = number * MILLISECONDS[unit] if is_latency else number
    return Threshold(text.strip(), (form["operation"] or "").strip(), figure, form["comparison"], limit, is_share=unit == "%")


def with_default(thresholds: Iterable[Threshold]) -> tuple[Threshold, ...]:
    """The thresholds to judge by: without one on the failures of all requests, no request may fail."""
    given = tuple(thresholds)
    judges_failures = any(threshold.figure == "failures" and not threshold.operation for threshold in given)
    return given if judges_failures else (*given, NO_FAILURES)


def crossed(thresholds: Iterable[Threshold], overall: Mapping[str, float], operations: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The text of every threshold that the run crossed; one for an operation that was never sent is crossed, since it proves nothing."""
    bad = []
    for threshold in thresholds:
        figures = operations.get(threshold.operation) if threshold.operation else overall
        if figures is None:
            bad.append(f"{threshold.text} (no request was a {threshold.operation})")
        elif threshold.crossed_by(figures):
            bad.append(threshold.text)
    return bad
