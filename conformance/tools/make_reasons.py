"""Makes what docs/coverage.md measures the reference server by: ``coverage_data/reasons.csv`` and ``coverage_data/cases.csv``.

Run once a new version of the standard is taken in; the result is committed and read by people::

    python conformance/tools/make_reasons.py SPECIFICATIONS TESTCASES

SPECIFICATIONS holds the error tables (``errors-by-operation.csv``), TESTCASES the published XML test cases. Only names are taken, and
numbers are counted: which Result Reasons the tables of 1.x (section 11) and 2.x (6.1) have for each operation, and how many cases ask
for it.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from kmip_conformance.oasis.catalogue import published_cases
from kmip_conformance.tables import words
from kmip_conformance.tables.names import Operation, ResultReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DATA = Path(__file__).parent / "coverage_data"

READ_AS = {
    "keyformattypeandorkeycompressiontypenotsupported": ("Key Format Type Not Supported", "Key Compression Type Not Supported"),
    "notsupported": ("Feature Not Supported",),  # of a Key Wrap Type, in 1.4
    "notextractble": ("Not Extractable",),
    "na": (),
    "": (),
    "seetablesabovereferringtotheoperationbeingperformedinthebatchitemthatfailed": (),
}
"""What the tables say in other words than Result Reasons have."""


def squeezed(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


REASONS = {squeezed(words(reason)): words(reason) for reason in ResultReason}
OPERATIONS = {squeezed(words(operation)): words(operation) for operation in Operation}


def main() -> None:
    """Write both files."""
    specifications, test_cases = map(Path, sys.argv[1:3])
    _write("reasons.csv", ("operation", "versions", "reason"), sorted(set(_reasons(specifications / "errors-by-operation.csv"))))
    counted = Counter(
        (words(Operation(code)), str(one.case.version))
        for one in published_cases(test_cases)
        if one.case is not None
        for code in one.case.operations
        if code in set(Operation)
    )
    _write("cases.csv", ("operation", "version", "cases"), [(*key, str(count)) for key, count in sorted(counted.items())])


def _reasons(path: Path) -> Iterator[tuple[str, str, str]]:
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            operation = OPERATIONS.get(squeezed(row["operation"].removesuffix(" Errors")))
            later = row["version"] >= "2"
            if operation is not None:
                for cell in row["c2"].split(",") if later else [row["c3"] or ""]:
                    for reason in _named(squeezed(cell)):
                        yield operation, "2.x" if later else "1.x", reason


def _named(cell: str) -> tuple[str, ...]:
    return READ_AS[cell] if cell in READ_AS else (REASONS[cell],)


def _write(name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    DATA.mkdir(exist_ok=True)
    with (DATA / name).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main()
