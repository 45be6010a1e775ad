"""A run in the terminal: a tree by family and clause while it runs, then the failures again, two lines of summary, and what to do next.

Calm where all is well: a family that passed is one line. A family is printed the moment its last check arrived, when the header says
how many there are (``selection["planned"]``), or all at the end. Verdicts are signs as well as colours; colours go when ``NO_COLOR``
is set or nobody looks (not a terminal); progress is one line on stderr, only on a terminal, and gone before anything else is printed.
"""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from kmip_reports.figures import Family, families_of, family_of, figures, versions_text
from kmip_reports.records import Run, Verdict
from kmip_reports.render.console_failures import LABEL, Failures
from kmip_reports.render.console_tree import FamilyTree
from kmip_reports.render.progress import ProgressLine
from kmip_reports.render.signs import Signs
from kmip_reports.render.text import clean
from kmip_reports.render.words import INCOMPLETE, VERDICTS, exit_meaning, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rich.console import RenderableType

    from kmip_reports.figures import Figures
    from kmip_reports.records import CheckRecord, RunFooter, RunHeader

LOG_WIDTH = 120
"""Columns where nobody looks and no ``COLUMNS`` says otherwise: a CI log."""


class ConsoleReport:
    """Prints a run to ``stream`` as it happens. ``verbose`` shows every check, not only what did not pass.

    ``report_folder`` is named at the end as the place of index.html. Call `begin` once, `check` for each record, `end` once.
    """

    def __init__(
        self,
        stream: IO[str] | None = None,
        progress: IO[str] | None = None,
        report_folder: Path | None = None,
        *,
        verbose: bool = False,
        width: int | None = None,
    ) -> None:
        stream = stream or sys.stdout
        self._console = Console(file=stream, width=width or _width(stream), highlight=False, markup=False, emoji=False)
        self._signs = Signs.for_encoding(self._console.encoding)
        self._tree = FamilyTree(self._signs, verbose=verbose)
        self._progress = ProgressLine(progress or sys.stderr)
        self._report_folder = report_folder
        self._run: Run | None = None
        self._planned: Mapping[str, int] = {}
        self._waiting: dict[str, list[CheckRecord]] = {}

    def begin(self, header: RunHeader) -> None:
        """Say what is checked, and against what."""
        header = clean(header)
        self._run = Run(header)
        self._planned = header.selection.get("planned") or {}
        self._print(*_opening(header))

    def check(self, record: CheckRecord) -> None:
        """Take in one check; print its family when this was the last of it."""
        assert self._run is not None
        record = clean(record)
        self._run.checks.append(record)
        waiting = self._waiting.setdefault(record.family, [])
        waiting.append(record)
        if len(waiting) == self._planned.get(record.family):
            self._print_family(family_of(record.family, self._waiting.pop(record.family)))
        self._progress.show(len(self._run.checks), sum(self._planned.values()), record)

    def end(self, footer: RunFooter | None) -> None:
        """Print what is left, the failures, the summary. ``footer`` is None for a run that did not finish."""
        assert self._run is not None
        self._run.footer = clean(footer)
        for family in families_of(record for records in self._waiting.values() for record in records):
            self._print_family(family)
        self._waiting.clear()
        numbers = figures(self._run)
        self._print(*Failures(self._signs, self._report_folder).of(numbers))
        self._print(*self._closing(self._run, numbers))

    def _print_family(self, family: Family) -> None:
        self._print(Padding(self._tree.of(family, self._console.width - 2), (0, 0, 0, 2)))

    def _print(self, *lines: RenderableType) -> None:
        self._progress.clear()
        with self._console.capture() as captured:
            for line in lines:
                self._console.print(line, soft_wrap=isinstance(line, Text))  # a plain text is never broken: it can be copied whole
        text = captured.get()
        if not self._console.is_terminal:
            text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        self._console.file.write(self._signs.spell(text))
        self._console.file.flush()

    def _closing(self, run: Run, numbers: Figures) -> Iterator[Text]:
        yield Text()
        if run.footer is None:
            yield Text(f"{self._signs.of(Verdict.ERROR)} INCOMPLETE. {INCOMPLETE}", "bold magenta")
        yield self._counts(run, numbers)
        yield _headline(numbers)
        for note in run.footer.notes if run.footer else ():
            yield Text.assemble(("  note    ", LABEL), (note, "yellow"))
        if self._report_folder:
            yield Text.assemble(("  report  ", LABEL), str((self._report_folder / "index.html").absolute()))
        if run.footer:
            meaning = exit_meaning(run.footer.exit_code, run.header.selection)
            yield Text.assemble(("  exit    ", LABEL), f"{run.footer.exit_code}: {meaning}")

    def _counts(self, run: Run, numbers: Figures) -> Text:
        good = run.footer is not None and not numbers.new_failures
        line = self._signs.text(Verdict.PASS if good else Verdict.FAIL)
        line.append(f" {plural(len(run.checks), 'check')}", "bold")
        line.append(f" in {run.footer.seconds:.1f} s:  " if run.footer else ":  ")
        shown = [verdict for verdict in VERDICTS if numbers.counts[verdict]]
        line.append_text(
            Text("  ").join(
                Text(f"{numbers.counts[verdict]} {self._signs.of(verdict)} {verdict}", VERDICTS[verdict].colour) for verdict in shown
            )
        )
        if numbers.expected:
            line.append(f"  ({len(numbers.expected)} expected by the baseline)", LABEL)
        return line


def _opening(header: RunHeader) -> Iterator[Text]:
    target = header.target
    selection = header.selection
    yield Text.assemble((header.tool, "bold"), (" checks a KMIP server", LABEL))
    planned = sum((selection.get("planned") or {}).values())
    facts = {
        "target": " · ".join(dict.fromkeys(str(target[key]) for key in ("name", "address") if target.get(key))),
        "vendor": target.get("vendor"),
        "versions": versions_text([str(version) for version in target.get("kmip_versions") or ()]),
        "TLS": _tls(target.get("tls")),
        "profiles": ", ".join(selection.get("profiles") or ()),
        "checks": " · ".join(
            fact
            for fact in (str(planned or ""), " ".join(selection.get("select") or ()), "strict" if selection.get("strict") else "")
            if fact
        ),
    }
    for name, fact in facts.items():
        if fact:
            yield Text.assemble((f"  {name:<9}", LABEL), str(fact))
    yield Text()


def _tls(tls: object) -> str:
    return " · ".join(str(fact) for fact in tls.values() if fact) if isinstance(tls, dict) else str(tls or "")


def _headline(numbers: Figures) -> Text:
    line = Text("  ") + Text(numbers.musts.percent, "bold") + Text(f" of {plural(numbers.musts.whole, 'applicable MUST')} pass")
    if numbers.optional_operations:
        line += Text(" · ") + Text(str(numbers.optional_operations.part), "bold")
        line += Text(f" of {numbers.optional_operations.whole} optional operations are there")
    return line


def _width(stream: IO[str]) -> int | None:
    return None if stream.isatty() or os.environ.get("COLUMNS", "").isdecimal() else LOG_WIDTH
