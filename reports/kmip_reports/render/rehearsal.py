"""rehearsal.json and index.html of a rehearsal: a timeline of its stages, what a deletion would have cost at each, the accidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kmip_reports.records import Verdict
from kmip_reports.records_rehearsal import FILE_NAME, write_rehearsal
from kmip_reports.render.html import render
from kmip_reports.render.numbers import grouped, short
from kmip_reports.render.text import clean
from kmip_reports.render.words import REHEARSAL_EXIT_CODES, plural

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_reports.records_rehearsal import IfDeletedNow, Rehearsal, StageRecord

WIDTH = 1000.0
"""Of a bar, in the units of its drawing."""

THINNEST = 4.0
"""So that a stage of a millisecond is seen."""

FATES = {
    "safe": (Verdict.PASS, "stay readable", "Need nothing of the old provider."),
    "until_reboot": (Verdict.NON_STRICT, "lost at the next reboot", "A host has the key in its memory; with the next reboot it is gone."),
    "lost": (Verdict.FAIL, "lost at once", "No host has the key: nobody can read the data any more."),
}
"""What may become of a data key when the old service is deleted: the verdict whose colour it has, in short, and in a sentence."""


class Span(NamedTuple):
    """Part of a bar: a class for its colour, where it begins, how wide it is, and how many it stands for."""

    style: str
    start: float
    width: float
    number: int
    label: str


def write_rehearsal_report(rehearsal: Rehearsal, folder: Path) -> list[Path]:
    """Write rehearsal.json and index.html. Raises `RecordError`, with what to do, when the folder cannot be written to."""
    from kmip_reports.records import write_file
    from kmip_reports.render import make_folder

    make_folder(folder)
    write_rehearsal(rehearsal, folder / FILE_NAME)
    write_file(folder / "index.html", rehearsal_page(rehearsal))
    return [folder / FILE_NAME, folder / "index.html"]


def rehearsal_page(rehearsal: Rehearsal) -> str:
    """The whole document."""
    rehearsal = clean(rehearsal)
    return render(
        "rehearsal.html.j2",
        ("theme.js",),
        rehearsal=rehearsal,
        deleted_first=deleted_first(rehearsal),
        spans=spans(rehearsal),
        fates=fates,
        FATES=FATES,
        EXIT_CODES=REHEARSAL_EXIT_CODES,
        estate=estate_of(rehearsal),
        verdict=verdict_of(rehearsal),
        moved=moved_of(rehearsal),
        grouped=grouped,
        seconds=seconds,
    )


def estate_of(rehearsal: Rehearsal) -> str:
    """What was moved, in a line."""
    parts = [
        plural(rehearsal.machines, "virtual machine"),
        plural(rehearsal.hosts, "host"),
        plural(rehearsal.clusters, "vSAN cluster"),
        plural(rehearsal.data_keys, "data key"),
        f"seed {rehearsal.seed}",
    ]
    return " · ".join(parts)


def moved_of(rehearsal: Rehearsal) -> str:
    """How much of each kind moved."""
    return " · ".join(f"{kind.kind}: {grouped(kind.moved)} of {grouped(kind.of)}" for kind in rehearsal.moved if kind.of)


def verdict_of(rehearsal: Rehearsal) -> str:
    """What the rehearsal comes to."""
    if not rehearsal.complete:
        return "Interrupted"
    if rehearsal.lost:
        return f"{plural(len(rehearsal.lost), 'data key')} lost"
    if rehearsal.refers_to_old:
        return f"{plural(len(rehearsal.refers_to_old), 'data key')} not moved: the old service has to stay"
    if rehearsal.problems:
        return "Not finished"
    return "Everything moved, nothing was lost"


def deleted_first(rehearsal: Rehearsal) -> IfDeletedNow | None:
    """What would have become of the estate if the old service had been deleted before anything moved."""
    return next((stage.if_deleted_now for stage in rehearsal.stages if stage.if_deleted_now), None)


def if_deleted(stage: StageRecord) -> tuple[Verdict, str] | None:
    """What a deletion behind this stage would have cost; None where that was not asked."""
    now = stage.if_deleted_now
    if now is None:
        return None
    tried = "" if now.tried is None else f"; tried: {grouped(now.tried)} open"
    needy = [f"{grouped(count)} {when}" for count, when in ((now.lost, "at once"), (now.until_reboot, "with a reboot")) if count]
    if needy:
        return Verdict.FAIL, f"lost: {', '.join(needy)}{tried}"
    return Verdict.PASS, f"nothing would be lost{tried}"


def fates(now: IfDeletedNow) -> list[Span]:
    """The stacked bar of a stage: every data key in one of three fates."""
    whole = (now.safe + now.until_reboot + now.lost) or 1
    made, at = [], 0.0
    for name, (verdict, label, _) in FATES.items():
        count = int(getattr(now, name))
        if count:
            made.append(Span(verdict.value, at, WIDTH * count / whole, count, label))
            at += WIDTH * count / whole
    return made


def spans(rehearsal: Rehearsal) -> list[tuple[float, float]]:
    """Where each stage stands on the time of all of them."""
    whole = sum(stage.seconds for stage in rehearsal.stages) or 1.0
    made, at = [], 0.0
    for stage in rehearsal.stages:
        width = max(THINNEST, WIDTH * stage.seconds / whole)
        made.append((min(at, WIDTH - width), width))
        at += WIDTH * stage.seconds / whole
    return made


def seconds(value: float) -> str:
    """A stage's time: milliseconds below a second."""
    return f"{short(1000 * value)} ms" if value < 1 else f"{short(value)} s"
