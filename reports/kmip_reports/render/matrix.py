"""The matrix of several runs: index.html, summary.md and matrix.json, with each run's own report in a folder beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kmip_reports.figures import versions_text
from kmip_reports.matrix import Matrix, Row, matrix
from kmip_reports.records import write_file
from kmip_reports.render import make_folder, write_report
from kmip_reports.render.html import render
from kmip_reports.render.markdown import code, escape
from kmip_reports.render.page import anchor, title
from kmip_reports.render.summary import share
from kmip_reports.render.text import clean
from kmip_reports.render.words import VERDICTS, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kmip_reports.records import Run, Verdict

FORMAT = 1

ABSENT = "·"
"""What stands in a cell of a check that the run did not have."""


def write_matrix(runs: Sequence[tuple[str, Run]], folder: Path) -> list[Path]:
    """Write the matrix of these runs, each with the name of its folder. Raises `RecordError` when the folder cannot be written to."""
    merged = matrix([(clean(label), clean(run)) for label, run in runs])
    make_folder(folder)
    for server in merged.servers:
        write_report(server.run, folder / server.slug)
    texts = {
        "index.html": matrix_page(merged),
        "summary.md": matrix_markdown(merged),
        "matrix.json": json.dumps(matrix_document(merged), indent=1, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        write_file(folder / name, text)
    return [folder / name for name in texts]


def matrix_page(merged: Matrix) -> str:
    """The page."""
    return render("matrix.html.j2", ("theme.js", "matrix.js"), matrix=merged, anchor=anchor, title=title, ABSENT=ABSENT)


def matrix_document(merged: Matrix) -> dict[str, Any]:
    """The document of matrix.json; fields are only ever added."""
    return {
        "format": FORMAT,
        "servers": [
            {
                "name": server.name,
                "folder": server.label,
                "report": f"{server.slug}/index.html",
                "vendor": server.run.header.target.get("vendor"),
                "address": server.run.header.target.get("address"),
                "kmip_versions": list(server.numbers.versions),
                "started_at": server.run.header.started_at,
                "tool": server.run.header.tool,
                "complete": server.run.complete,
                "counts": server.numbers.counts,
                "headline": {"musts": share(server.numbers.musts), "optional_operations": share(server.numbers.optional_operations)},
            }
            for server in merged.servers
        ],
        "checks": {row.check.id: _row(row) for row in merged.rows},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "title": row.check.title,
        "family": row.check.family,
        "level": row.check.level.value,
        "verdicts": [verdict.value if verdict else None for verdict in row.verdicts],
        "differs": row.differs,
    }


def matrix_markdown(merged: Matrix) -> str:
    """The document of summary.md: the numbers of each server, then where they differ."""
    return "\n".join((*_servers(merged), *_differences(merged))) + "\n"


def _servers(merged: Matrix) -> Iterator[str]:
    yield f"## KMIP conformance, {plural(len(merged.servers), 'run')} side by side\n"
    yield (
        "| server | versions | MUSTs | optional operations | "
        + " | ".join(f"{word.symbol} {verdict.value}" for verdict, word in VERDICTS.items())
        + " |"
    )
    yield "|---|---|---:|---:|" + "---:|" * len(VERDICTS)
    for server in merged.servers:
        optional = server.numbers.optional_operations
        counts = " | ".join(str(server.numbers.counts[verdict]) for verdict in VERDICTS)
        told = f"{optional.part} of {optional.whole}" if optional else "–"
        name = escape(server.name) + ("" if server.run.complete else " **(incomplete)**")
        yield f"| {name} | {escape(versions_text(server.numbers.versions))} | {server.numbers.musts.percent} | {told} | {counts} |"
    yield ""


def _differences(merged: Matrix) -> Iterator[str]:
    if not merged.differences:
        yield "No check came to different verdicts."
        return
    yield f"### {plural(len(merged.differences), 'difference')}\n"
    yield "| check | level | " + " | ".join(escape(server.name) for server in merged.servers) + " |"
    yield "|---|---|" + "---|" * len(merged.servers)
    for row in merged.differences:
        yield (
            f"| {code(row.check.id).replace('|', '¦')} | {row.check.level} | "
            + " | ".join(_cell(verdict) for verdict in row.verdicts)
            + " |"
        )


def _cell(verdict: Verdict | None) -> str:
    return f"{VERDICTS[verdict].symbol} {verdict.value}" if verdict else ABSENT
