"""Every way to show a run: files for programs (summary.json, junit.xml, badge.json), for CI pages (summary.md), for people (index.html).

Renderings are pure functions of a `Run` and its `Figures`; `write_report` alone touches the disk. Nothing here changes a verdict.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kmip_reports.figures import figures
from kmip_reports.records import RecordError, write_file
from kmip_reports.render.junit import junit_xml
from kmip_reports.render.markdown import run_markdown
from kmip_reports.render.page import run_page
from kmip_reports.render.summary import badge_document, summary_document
from kmip_reports.render.text import clean

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_reports.records import Run

__all__ = ["write_report"]


def write_report(run: Run, folder: Path) -> list[Path]:
    """Write summary.json, junit.xml, summary.md, badge.json and index.html; each file whole or not at all.

    The folder is made when it is not there. Raises `RecordError`, with what to do, when it cannot be written to.
    """
    run = clean(run)
    numbers = figures(run)
    texts = {
        "summary.json": json.dumps(summary_document(run, numbers), indent=1, ensure_ascii=False) + "\n",
        "junit.xml": junit_xml(run, numbers),
        "summary.md": run_markdown(run, numbers),
        "badge.json": json.dumps(badge_document(run, numbers), ensure_ascii=False) + "\n",
        "index.html": run_page(run, numbers),
    }
    make_folder(folder)
    for name, text in texts.items():
        write_file(folder / name, text)
    return [folder / name for name in texts]


def make_folder(folder: Path) -> None:
    """Make a report folder, or say why it cannot be one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(
            f"the report folder {folder} cannot be made: {error.strerror}", "name another one with --report-dir or --out."
        ) from error
