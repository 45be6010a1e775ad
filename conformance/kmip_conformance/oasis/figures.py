"""The figures of a run over published cases: per document how many went strictly, relaxed, not at all; and what was relaxed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kmip_reports.records import Verdict

from kmip_conformance.oasis.tolerances import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_reports.records import CheckRecord

_COLUMNS = ("cases", "strict", "relaxed", "failed", "unsupported", "not played")


def counted(records: Sequence[CheckRecord]) -> dict[str, dict[str, int]]:
    """Per document the figures of `_COLUMNS`; ``relaxed`` counts what goes strictly too."""
    tables: dict[str, Counter[Verdict]] = {}
    for record in records:
        tables.setdefault(document(record.id), Counter())[record.verdict] += 1
    return {name: _row(verdicts) for name, verdicts in sorted(tables.items())}


def document(case_id: str) -> str:
    """The version of the document in a case's id."""
    return ".".join(case_id.split(".")[1:3]) if case_id.count(".") > 2 else case_id.split(".")[1]


def _row(verdicts: Counter[Verdict]) -> dict[str, int]:
    strict = verdicts[Verdict.PASS]
    failed = verdicts[Verdict.FAIL] + verdicts[Verdict.ERROR]
    relaxed_too = strict + verdicts[Verdict.NON_STRICT]
    figures = (verdicts.total(), strict, relaxed_too, failed, verdicts[Verdict.UNSUPPORTED], verdicts[Verdict.SKIPPED])
    return dict(zip(_COLUMNS, figures, strict=True))


def relaxed(records: Sequence[CheckRecord]) -> dict[str, tuple[int, int]]:
    """Name of a row → how often it was used, and in how many cases, in the order of the tables."""
    uses: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for record in records:
        used = [name for attempt in record.attempts for name in attempt.variations]
        uses.update(used)
        cases.update(set(used))
    return {row.name: (uses[row.name], cases[row.name]) for row in ROWS if uses[row.name]}


def figures_of(records: Sequence[CheckRecord]) -> Iterator[str]:
    """The figures as lines for the console."""
    rows = counted(records)
    total = {column: sum(row[column] for row in rows.values()) for column in _COLUMNS}
    yield ""
    yield f"  {'document':<10}" + "".join(f"{column:>13}" for column in _COLUMNS)
    for name, row in [*rows.items(), *([("all", total)] if len(rows) > 1 else [])]:
        yield f"  {name:<10}" + "".join(f"{row[column]:>13}" for column in _COLUMNS)
    strict = {row.name: row.strict for row in ROWS}
    used = relaxed(records)
    if used:
        yield ""
        yield "  what was allowed to differ (docs/oasis.md says what each name means)"
    for name, (count, cases) in used.items():
        yield f"    {name:<24} {count:>6} in {cases} case{'s' * (cases != 1)}{'' if strict[name] else '   only in the relaxed count'}"
