"""A rehearsal in the terminal: the estate, the stages with what a deletion would have cost at each, the accidents, two lines of summary."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kmip_reports.records import Verdict
from kmip_reports.render.console import LOG_WIDTH
from kmip_reports.render.console_failures import LABEL
from kmip_reports.render.numbers import grouped
from kmip_reports.render.rehearsal import estate_of, if_deleted, moved_of, verdict_of
from kmip_reports.render.signs import Signs
from kmip_reports.render.text import clean
from kmip_reports.render.words import REHEARSAL_EXIT_CODES, plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType

    from kmip_reports.records_rehearsal import AccidentRecord, Rehearsal

NAMES_SHOWN = 8
"""Of what is lost, or was not moved."""

SENTENCES_SHOWN = 12
"""Of an accident; rehearsal.json and the page have them all."""


def print_rehearsal(rehearsal: Rehearsal, page: Path | None = None, stream: IO[str] | None = None, *, width: int | None = None) -> None:
    """Print it to ``stream`` (stdout), in letters that the stream has."""
    stream = stream or sys.stdout
    wide = None if stream.isatty() or os.environ.get("COLUMNS", "").isdecimal() else LOG_WIDTH
    console = Console(file=stream, width=width or wide, highlight=False, markup=False, emoji=False)
    signs = Signs.for_encoding(console.encoding)
    with console.capture() as captured:
        for line in _lines(clean(rehearsal), signs, page):
            console.print(line, soft_wrap=isinstance(line, Text))
    text = captured.get()
    if not console.is_terminal:
        text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    stream.write(signs.spell(text))
    stream.flush()


def _lines(rehearsal: Rehearsal, signs: Signs, page: Path | None) -> Iterator[RenderableType]:
    yield Text.assemble((rehearsal.tool, "bold"), (" rehearses a migration", LABEL))
    facts = {"estate": estate_of(rehearsal), "from": rehearsal.old_provider, "to": rehearsal.new_provider}
    for name, fact in facts.items():
        yield Text.assemble((f"  {name:<9}", LABEL), fact)
    yield Text()
    yield Padding(_stages(rehearsal, signs), (0, 0, 0, 2))
    yield Text()
    if rehearsal.accidents:
        yield Text("Accidents", "bold")
    for accident in rehearsal.accidents:
        yield from _accident(accident, signs)
    yield from _summary(rehearsal, signs, page)


def _stages(rehearsal: Rehearsal, signs: Signs) -> Table:
    table = Table(box=None, pad_edge=False, header_style=LABEL)
    table.add_column("stage")
    for heading in ("seconds", "connections", "requests"):
        table.add_column(heading, justify="right")
    table.add_column("if the old service were deleted now")
    for stage in rehearsal.stages:
        requests = sum((stage.requests or {}).values())
        verdict = if_deleted(stage)
        told = signs.text(verdict[0]).append(f" {verdict[1]}", "") if verdict else Text("")
        counts = [grouped(number) if number else signs.spell("–") for number in (stage.connections, requests)]
        table.add_row(stage.title, f"{stage.seconds:.2f}", *counts, told)
    return table


def _accident(accident: AccidentRecord, signs: Signs) -> Iterator[RenderableType]:
    lost = f"{len(accident.lost)} lost" if accident.lost else "nothing lost"
    sign = signs.text(Verdict.FAIL if accident.lost else Verdict.NON_STRICT)
    yield Text("  ").append_text(sign).append(f" {accident.title}", "bold").append(f"  {accident.name}, on {accident.on}: {lost}", LABEL)
    happened = accident.happened
    for sentence in happened[:SENTENCES_SHOWN]:
        yield Padding(Text(f"– {sentence}"), (0, 0, 0, 6))
    if len(happened) > SENTENCES_SHOWN:
        yield Text(f"      … and {len(happened) - SENTENCES_SHOWN} more sentences in the report", LABEL)
    yield Padding(Text.assemble(("prevented by  ", LABEL), accident.prevention), (0, 0, 0, 6))
    if accident.averted:
        yield Padding(Text.assemble(("and so tried  ", LABEL), "; ".join(accident.averted)), (0, 0, 0, 6))
    yield Text()


def _summary(rehearsal: Rehearsal, signs: Signs, page: Path | None) -> Iterator[Text]:
    for problem in rehearsal.problems:
        yield signs.text(Verdict.FAIL).append(f" {problem}", "")
    waiting = tuple(name for name in rehearsal.refers_to_old if name not in rehearsal.lost)
    for word, names in (("lost", rehearsal.lost), ("not moved", waiting)):
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        if names:
            yield signs.text(Verdict.FAIL).append(f" {word}: {', '.join(names[:NAMES_SHOWN])}{more}", "")
    line = signs.text(Verdict.PASS if rehearsal.succeeded else Verdict.FAIL)
    yield line.append(f" {verdict_of(rehearsal)}", "bold").append(f"  in {rehearsal.seconds:.1f} s", "")
    yield Text(f"  {moved_of(rehearsal)} moved · {plural(len(rehearsal.lost), 'data key')} lost")
    if page is not None:
        yield Text.assemble(("  report  ", LABEL), str(page.absolute()))
    yield Text.assemble(("  exit    ", LABEL), f"{rehearsal.exit_code}: {REHEARSAL_EXIT_CODES[rehearsal.exit_code]}")
