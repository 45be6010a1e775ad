"""What the tests of the engine have seen: which operation, under which version, has ended in which result.

``evidence.csv`` names for each of these one test in which it happens; docs/coverage.md is made from it. Whenever such a test runs, it is
held to what the file says of it. Made anew, when operations or tests have come and gone, by::

    KMIPLAB_RECORD=server_under_test/tests/evidence.csv pytest server_under_test/tests/engine

Tests that try things at random are no evidence.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kmip_server.enums import Operation, ResultReason, ResultStatus
from kmip_server.versions import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmip_server.conversation import ItemRecord

FILE = Path(__file__).with_name("evidence.csv")
NO_EVIDENCE = ("test_lifecycle.py", "test_lifecycle_across_versions.py")
SUCCESS = "SUCCESS"


class Seen(NamedTuple):
    """An operation's end: the names of the operation and of the Result Reason (or SUCCESS), and the version as text."""

    operation: str
    version: str
    result: str


def seen_in(message: bytes, records: Iterable[ItemRecord]) -> set[Seen]:
    """What the records of a message that was answered say. The message's version is read from where its header has it."""
    version = f"{message[35]}.{message[51]}" if len(message) > 51 else ""
    if version not in {str(one) for one in VERSIONS}:
        return set()
    return {seen for record in records if (seen := _seen(record, version)) is not None}


def _seen(record: ItemRecord, version: str) -> Seen | None:
    if record.operation not in set(Operation):
        return None
    operation = Operation(record.operation).name
    if record.status is ResultStatus.SUCCESS:
        return Seen(operation, version, SUCCESS)
    return None if record.reason is None else Seen(operation, version, ResultReason(record.reason).name)


@cache
def claims() -> dict[str, frozenset[Seen]]:
    """What the file says of each test."""
    found: dict[str, set[Seen]] = defaultdict(set)
    with FILE.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found[row["test"]].add(Seen(row["operation"], row["version"], row["result"]))
    return {test: frozenset(seen) for test, seen in found.items()}


class Recorder:
    """Collects what a whole run of tests has seen, and writes the file: one test for each, the one with the fewest to show."""

    def __init__(self) -> None:
        self.by_test: dict[str, set[Seen]] = {}

    def add(self, test: str, seen: set[Seen]) -> None:
        """A test is over."""
        if not test.startswith(NO_EVIDENCE):
            self.by_test[test] = set(seen)

    def write(self, path: Path) -> None:
        """The file. ``tests`` is in how many test functions it was seen."""
        functions = Counter(one for seen in _by_function(self.by_test).values() for one in seen)
        best: dict[Seen, str] = {}
        for test, seen in sorted(self.by_test.items(), key=lambda item: (len(item[1]), item[0])):
            for one in seen:
                best.setdefault(one, test)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow((*Seen._fields, "tests", "test"))
            writer.writerows((*one, functions[one], best[one]) for one in sorted(best))


def _by_function(by_test: dict[str, set[Seen]]) -> dict[str, set[Seen]]:
    functions: dict[str, set[Seen]] = defaultdict(set)
    for test, seen in by_test.items():
        functions[test.partition("[")[0]] |= seen
    return functions


def recording_to() -> Path | None:
    """Where this run shall write the file; None: it is held to the one that there is."""
    place = os.environ.get("KMIPLAB_RECORD")
    return Path(place).resolve() if place else None
