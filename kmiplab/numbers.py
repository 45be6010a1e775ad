"""Numbers on the command line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click import Context, Parameter


class Finite(click.FloatRange):
    """A number within a range: not ``nan``, which click's own range lets through because it compares with nothing, and not infinite."""

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number to reckon with.", param, ctx)
        return number
