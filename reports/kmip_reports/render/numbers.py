"""Numbers as people read them: three significant digits where more would be noise, thousands set apart."""

from __future__ import annotations

NARROW_SPACE = "\u202f"


def grouped(number: float) -> str:
    """A count with its thousands set apart: "12 345"."""
    return f"{number:,.0f}".replace(",", NARROW_SPACE)


def short(number: float) -> str:
    """Three significant digits, all of them above a thousand: "0.084", "1.25", "48", "12 300"."""
    if abs(number) >= 1000:
        return grouped(number)
    return f"{float(f'{number:.3g}'):.4f}".rstrip("0").rstrip(".") if abs(number) < 1 else f"{float(f'{number:.3g}'):g}"


def milliseconds(value: float | None) -> str:
    """A latency in milliseconds: "0.84 ms"; "–" where nothing was measured."""
    return "–" if value is None else f"{short(value)} ms"


def change(before: float | None, after: float | None) -> str:
    """How a figure moved, in percent of what it was: "+12.4 %", "−3 %", "±0 %"; "–" where there is nothing to compare with."""
    if before is None or after is None or not before:
        return "–"
    percent = 100 * (after - before) / before
    if abs(percent) < 0.05:
        return "±0 %"
    return f"{'+' if percent > 0 else '−'}{short(abs(percent)) if abs(percent) >= 10 else f'{abs(percent):.1f}'} %"
