"""Draw what `kmiplab check` prints as an SVG, from the record of a run. The picture loads no font and nothing else.

``python reports/tools/make_console_picture.py kmiplab-report docs/images/check.svg``
"""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

from kmip_reports.records import read_run
from kmip_reports.render.console import ConsoleReport
from rich.console import Console
from rich.text import Text

WIDTH = 112


def main(folder: Path, picture: Path) -> None:
    """Read the run in ``folder`` and write ``picture``."""
    os.environ["FORCE_COLOR"] = "1"
    os.environ["COLORTERM"] = "truecolor"
    run = read_run(folder / "run.jsonl")
    printed = io.StringIO()
    console = ConsoleReport(printed, io.StringIO(), Path("kmiplab-report"), width=WIDTH)
    console.begin(run.header)
    for record in run.checks:
        console.check(record)
    console.end(run.footer)
    canvas = Console(record=True, width=WIDTH, file=io.StringIO())
    canvas.print(Text.from_ansi(printed.getvalue().replace(f"{Path.cwd()}{os.sep}", "")))
    picture.parent.mkdir(parents=True, exist_ok=True)
    drawn = canvas.export_svg(title="kmiplab check")
    picture.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
