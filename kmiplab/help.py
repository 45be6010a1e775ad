"""How a command's help is laid out: its options under headings, and its examples last.

A command with many options names its headings: ``@click.command(cls=Grouped, groups={"Heading": ("option", …)})``. An option that no
heading names stands under the last one, "More". Options say their default themselves, in square brackets, and numbers are shown by a
short word (N, PORT): click's "INTEGER RANGE" and "[0<=x<=65535]" are left out, for whoever crosses a range is told it then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATE_DIR_DEFAULT = "[default: ~/.local/state/kmiplab]"
"""Said in the help of ``--state-dir``; the folder itself depends on XDG_STATE_HOME."""


_RANGE = re.compile(r"  \[[^\[\]]*\bx\b[^\[\]]*\]$")


class Grouped(click.Command):
    """A command whose help shows its options under headings, or plainly where there are none."""

    def __init__(self, *arguments: Any, groups: Mapping[str, Sequence[str]] | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._groups = groups or {}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, heading by heading."""
        records = {parameter.name: parameter.get_help_record(ctx) for parameter in self.get_params(ctx)}
        grouped = {name for names in self._groups.values() for name in names}
        rest = "More" if grouped else "Options"
        for title, names in (*self._groups.items(), (rest, [name for name in records if name not in grouped])):
            with formatter.section(title):
                formatter.write_dl(
                    [(record[0], _RANGE.sub("", record[1])) for name in names if (record := records.get(name)) and record[1]]
                )
