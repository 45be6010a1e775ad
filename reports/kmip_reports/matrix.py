"""Several runs of the suite as one matrix, servers by checks: two releases of one server, or the servers of several vendors.

A row is a check, a column a run, a cell the verdict there, or None where that run did not have the check. A row differs when two
runs that have the check came to different verdicts; a check that one of them lacks is no difference between servers.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_reports.figures import Figures, families_of, figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_reports.records import CheckRecord, Run, Verdict


@dataclass(frozen=True, slots=True)
class Server:
    """One column. ``slug`` is the folder beside the matrix that holds its own report."""

    name: str
    label: str
    slug: str
    run: Run
    numbers: Figures


@dataclass(frozen=True, slots=True)
class Row:
    """One check; ``check`` is its record in the first run that has it."""

    check: CheckRecord
    verdicts: tuple[Verdict | None, ...]

    @property
    def differs(self) -> bool:
        return len({verdict for verdict in self.verdicts if verdict is not None}) > 1


@dataclass(frozen=True, slots=True)
class Matrix:
    """All of it; ``families`` are names with their rows, in the order of every rendering."""

    servers: tuple[Server, ...]
    families: tuple[tuple[str, tuple[Row, ...]], ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for _, rows in self.families for row in rows)

    @property
    def differences(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.differs)


def matrix(runs: Sequence[tuple[str, Run]]) -> Matrix:
    """The matrix of these runs, each with the name of its folder."""
    servers = _servers(runs)
    verdicts = [{check.id: check.verdict for check in run.checks} for _, run in runs]
    first: dict[str, CheckRecord] = {}
    for _, run in runs:
        for check in run.checks:
            first.setdefault(check.id, check)
    families = tuple(
        (family.name, tuple(Row(check, tuple(found.get(check.id) for found in verdicts)) for check in family.checks))
        for family in families_of(first.values())
    )
    return Matrix(servers, families)


def _servers(runs: Sequence[tuple[str, Run]]) -> tuple[Server, ...]:
    names = [
        str(run.header.target.get("name") or run.header.target.get("vendor") or run.header.target.get("address") or label)
        for label, run in runs
    ]
    seen = Counter(names)
    servers = []
    for number, (name, (label, run)) in enumerate(zip(names, runs, strict=True), 1):
        told_apart = f"{name} ({label})" if seen[name] > 1 else name
        slug = re.sub(r"[^a-z0-9]+", "-", told_apart.lower()).strip("-")[:40]
        servers.append(Server(told_apart, label, f"{number}-{slug}".rstrip("-"), run, figures(run)))
    return tuple(servers)
