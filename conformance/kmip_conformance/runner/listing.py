"""What a run would judge, without a target: a table for people, JSON for their scripts."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from kmip_conformance.judge.explaining import facts_about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_conformance.judge.selection import Assignment


def as_table(plan: Sequence[Assignment], columns: int | None = None) -> str:
    """One line a check: id, level, versions, requirement; the count below. On a terminal of so many columns: broken where it has to be."""
    rows = [(row.check.id, row.check.level.value, _span(row), row.check.requirement) for row in plan]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = []
    for row in rows:
        head = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        if columns is None or len(head) + 2 + len(row[3]) <= columns:
            lines.append(f"{head}  {row[3]}")
        else:
            lines += [head.rstrip(), *textwrap.wrap(row[3], columns, initial_indent="    ", subsequent_indent="    ")]
    return "\n".join([*lines, "", f"{len(plan)} checks, {sum(len(row.versions) for row in plan)} attempts over their versions"])


def as_json(plan: Sequence[Assignment]) -> str:
    """A list of what `kmiplab explain` knows about each, with the versions that would be tried."""
    return json.dumps([facts_about(row.check) | {"kmip_versions": [str(version) for version in row.versions]} for row in plan], indent=2)


def _span(row: Assignment) -> str:
    first, last = row.versions[0], row.versions[-1]
    return str(first) if first == last else f"{first}–{last}"
