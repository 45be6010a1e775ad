"""`kmiplab report DIR…`: result folders rendered again, and several of them merged. What they hold decides what comes of it.

====================================  ==========================================================================
one folder of `kmiplab check`         its report, rendered again
several of them                       the matrix of servers by checks, with each run's own report beside it
one folder of `kmiplab load`          its page, rendered again
two to four of them                   one page, side by side
one folder of `kmiplab rehearse`      its page, rendered again
====================================  ==========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kmip_reports.records import RecordError, Run, read_run
from kmip_reports.records_load import FILE_NAME as LOAD_FILE
from kmip_reports.records_load import LoadRun, read_load
from kmip_reports.records_rehearsal import FILE_NAME as REHEARSAL_FILE
from kmip_reports.records_rehearsal import read_rehearsal

if TYPE_CHECKING:
    from collections.abc import Sequence

RUN_FILE = "run.jsonl"

DEFAULT_OUT = Path("kmiplab-comparison")
"""Where several folders are merged to, unless somewhere else is named."""


class Kind(StrEnum):
    """What a result folder holds."""

    CHECK = "check"
    LOAD = "load"
    REHEARSAL = "rehearsal"


FILES = {RUN_FILE: Kind.CHECK, LOAD_FILE: Kind.LOAD, REHEARSAL_FILE: Kind.REHEARSAL}
"""What each result file holds."""


@dataclass(frozen=True, slots=True)
class Source:
    """A result file, and the name by which people know it: that of its folder."""

    path: Path
    kind: Kind
    label: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What was written, and what a reader should know about it. ``run`` is there when one run of the suite was rendered."""

    written: list[Path]
    warnings: tuple[str, ...]
    run: Run | None = None


def merge(folders: Sequence[Path], out: Path | None = None) -> Merged:
    """Render what these folders hold, into ``out`` (one folder: into itself; several: into `DEFAULT_OUT`).

    Raises `RecordError`, with what to do, for folders that hold no results, broken ones, or results that cannot be merged.
    """
    sources = [source_of(folder) for folder in folders]
    kinds = {source.kind for source in sources}
    if len(kinds) > 1:
        told = ", ".join(f"{source.path} ({source.kind})" for source in sources)
        raise RecordError(
            f"these results are of two kinds: {told}", "merge runs of `kmiplab check` with each other, and load runs with each other."
        )
    if len({source.path.resolve() for source in sources}) < len(sources):
        raise RecordError("the same results are named twice", "name each folder once.")
    out = out or (sources[0].path.parent if len(sources) == 1 else DEFAULT_OUT)
    rendered = {Kind.CHECK: _checks, Kind.LOAD: _loads, Kind.REHEARSAL: _rehearsal}
    return rendered[kinds.pop()](sources, out)


def source_of(place: Path) -> Source:
    """The result file of a folder; a result file may also be named itself."""
    if place.name in FILES:
        return Source(place, FILES[place.name], _label(place.parent))
    if not place.is_dir():
        what = "is not a folder" if place.exists() else "is not there"
        raise RecordError(f"{place} {what}", "name a report folder of `kmiplab check` or `kmiplab load` (their --report-dir).")
    found = [name for name in FILES if (place / name).exists()]
    if not found:
        raise RecordError(
            f"{place} holds neither {RUN_FILE}, {LOAD_FILE} nor {REHEARSAL_FILE}",
            "name a report folder of `kmiplab check` or `kmiplab load`.",
        )
    if len(found) > 1:
        raise RecordError(f"{place} holds both {' and '.join(found)}", f"say which: {' or '.join(str(place / name) for name in found)}.")
    return source_of(place / found[0])


def _checks(sources: Sequence[Source], out: Path) -> Merged:
    from kmip_reports.render import write_report
    from kmip_reports.render.matrix import write_matrix

    runs = [(source.label, read_run(source.path)) for source in sources]
    warnings = tuple(
        f"the run in {source.path.parent} did not finish" for source, (_, run) in zip(sources, runs, strict=True) if not run.complete
    )
    if len(runs) == 1:
        return Merged(write_report(runs[0][1], out), warnings, runs[0][1])
    return Merged(write_matrix(runs, out), warnings)


def _loads(sources: Sequence[Source], out: Path) -> Merged:
    from kmip_reports.render.load import SIDE_BY_SIDE_AT_MOST, write_load_report

    if len(sources) > SIDE_BY_SIDE_AT_MOST:
        raise RecordError(f"{len(sources)} load runs do not fit side by side", f"name at most {SIDE_BY_SIDE_AT_MOST}.")
    runs: list[LoadRun] = [read_load(source.path) for source in sources]
    warnings = [f"the run in {source.path.parent} was cut short" for source, run in zip(sources, runs, strict=True) if not run.complete]
    if len({(run.profile, run.users) for run in runs}) > 1:
        warnings.append("these runs differ in their profile or their number of users: compare with care")
    return Merged(write_load_report(runs, out, [source.label for source in sources]), tuple(warnings))


def _rehearsal(sources: Sequence[Source], out: Path) -> Merged:
    from kmip_reports.render.rehearsal import write_rehearsal_report

    if len(sources) > 1:
        raise RecordError("rehearsals are not merged", "name one folder of `kmiplab rehearse`.")
    rehearsal = read_rehearsal(sources[0].path)
    warnings = () if rehearsal.complete else (f"the rehearsal in {sources[0].path.parent} did not finish",)
    return Merged(write_rehearsal_report(rehearsal, out), warnings)


def _label(folder: Path) -> str:
    return folder.resolve().name
