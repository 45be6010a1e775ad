"""summary.json and badge.json: a run for programs.

``complete``, ``counts`` and ``checks`` are a contract; everything else is there as well, and fields are only ever added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kmip_reports.figures import Figures, Share
    from kmip_reports.records import CheckRecord, Run

FORMAT = 1


def summary_document(run: Run, numbers: Figures) -> dict[str, Any]:
    """The whole document of summary.json."""
    return {
        "format": FORMAT,
        "complete": run.complete,
        "exit_code": run.footer.exit_code if run.footer else None,
        "counts": numbers.counts,
        "headline": {"musts": share(numbers.musts), "optional_operations": share(numbers.optional_operations)},
        "new_failures": [check.id for check in numbers.new_failures],
        "started_at": run.header.started_at,
        "finished_at": run.footer.finished_at if run.footer else None,
        "seconds": run.footer.seconds if run.footer else None,
        "tool": run.header.tool,
        "target": run.header.target,
        "selection": run.header.selection,
        "kmip_versions": list(numbers.versions),
        "families": {family.name: family.counts for family in numbers.families},
        "notes": list(run.footer.notes) if run.footer else [],
        "checks": {check.id: _check(check) for family in numbers.families for check in family.checks},
    }


def badge_document(run: Run, numbers: Figures) -> dict[str, Any]:
    """The document of badge.json: shields.io's endpoint badge."""
    if not run.complete:
        return {"schemaVersion": 1, "label": "KMIP", "message": "incomplete run", "color": "lightgrey", "isError": True}
    message = f"{numbers.musts.percent} of MUSTs"
    if numbers.optional_operations:
        message += f" · {numbers.optional_operations.part}/{numbers.optional_operations.whole} optional operations"
    return {"schemaVersion": 1, "label": _badge_label(numbers), "message": message, "color": _badge_colour(numbers)}


def share(of: Share | None) -> dict[str, Any] | None:
    """A share as programs read it; None where it is not known."""
    return {"part": of.part, "whole": of.whole, "ratio": of.ratio} if of else None


def _check(check: CheckRecord) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "verdict": check.verdict.value,
        "level": check.level.value,
        "seconds": round(check.seconds, 6),
        "versions": {attempt.kmip_version: attempt.verdict.value for attempt in check.attempts},
    }
    if check.baseline:
        entry["baseline"] = check.baseline
    return entry


def _badge_label(numbers: Figures) -> str:
    if len(numbers.versions) < 2:
        return " ".join(("KMIP", *numbers.versions))
    return f"KMIP {numbers.versions[0]}–{numbers.versions[-1]}"


def _badge_colour(numbers: Figures) -> str:
    ratio = numbers.musts.ratio
    if ratio is None:
        return "lightgrey"
    steps = ((1.0, "brightgreen"), (0.98, "green"), (0.9, "yellowgreen"), (0.75, "yellow"), (0.5, "orange"))
    return next((colour for least, colour in steps if ratio >= least), "red")
