"""What a run would judge, without a target: a table for people, JSON for their scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kmip_conformance.judge.explaining import facts_about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_conformance.judge.selection import Assignment


def as_table(plan: Sequence[Assignment]) -> str:
    """One line a check: id, level, versions, requirement; the count below."""
    rows = [(row.check.id, row.check.level.value, _span(row), row.check.requirement) for row in plan]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows]
    return "\n".join([*lines, "", f"{len(plan)} checks, {sum(len(row.versions) for row in plan)} attempts over their versions"])


def as_json(plan: Sequence[Assignment]) -> str:
    """A list of what `kmiplab explain` knows about each, with the versions that would be tried."""
    return json.dumps([facts_about(row.check) | {"kmip_versions": [str(version) for version in row.versions]} for row in plan], indent=2)


def _span(row: Assignment) -> str:
    first, last = row.versions[0], row.versions[-1]
    return str(first) if first == last else f"{first}–{last}"
