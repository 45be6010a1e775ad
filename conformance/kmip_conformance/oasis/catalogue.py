"""The cases of a folder as checks: ids, levels, citations and versions as the rest of the suite knows them.

A file that cannot be read is a check too; playing it says what is wrong with the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from kmip_reports.records import Citation, Level

from kmip_conformance.judge.catalogue import Catalogue, Check
from kmip_conformance.judge.errors import NothingSelected
from kmip_conformance.judge.selection import Assignment, matches
from kmip_conformance.oasis.case import FileFault
from kmip_conformance.oasis.files import bare, find_cases, group_title
from kmip_conformance.oasis.reading import read_case
from kmip_conformance.tables import V1_0, KmipVersion, Operation, ResultReason, Tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kmip_conformance.judge.selection import Selection
    from kmip_conformance.oasis.case import Case
    from kmip_conformance.oasis.files import CaseFile


@dataclass(frozen=True, slots=True)
class Published:
    """A file, its case if it can be read, what is wrong with it if not, and the check that plays it."""

    file: CaseFile
    check: Check = field(compare=False)
    case: Case | None = None
    fault: str = ""

    def __str__(self) -> str:
        return self.file.id


@cache
def published_cases(place: Path) -> tuple[Published, ...]:
    """Every case in a folder. Raises `RunRefused` when there is none."""
    return tuple(map(_published, find_cases(place)))


def _published(file: CaseFile) -> Published:
    try:
        case = read_case(file.path, file.id, file.document)
    except FileFault as fault:
        version = KmipVersion.parse(file.document) if file.document != "other" else V1_0
        return Published(file, _check(file, file.name, version, frozenset()), None, str(fault))
    return Published(file, _check(file, case.title, case.version, _needed(case)), case)


def _needed(case: Case) -> frozenset[int]:
    """The operations that the server has to have: not those that the case itself expects to be refused as not supported."""
    refused = {
        item.number(Tag.OPERATION)
        for message in case.messages
        for item in message.batch_items
        if item.number(Tag.RESULT_REASON) == ResultReason.OPERATION_NOT_SUPPORTED
    }
    return frozenset(case.operations - refused)


def _check(file: CaseFile, title: str, version: KmipVersion, needed: frozenset[int]) -> Check:
    source = "Test Cases" if file.path.parent.name == "testcases" else "Profiles"
    said = title if title != file.name else group_title(file.name)
    return Check(
        id=file.id,
        requirement=f"{file.name} goes as published: {said}.",
        level=Level.MUST,
        citations=(Citation(f"KMIP {source} {file.document}", file.name),),
        since=version,
        until=version,
        operations=tuple(Operation(code) for code in sorted(needed) if code in set(Operation)),
        object_types=(),
        profiles=(),
        mutants=(),
        aliases=(),
        hostile=False,
        module=__name__,
        function="case_goes_as_published",
        file=str(file.path),
        line=1,
    )


def catalogue_of(cases: Sequence[Published]) -> Catalogue:
    """The checks of these cases, by id."""
    catalogue = Catalogue()
    for case in cases:
        catalogue.add(case.check)
    return catalogue


def plan_of(cases: Sequence[Published], selection: Selection) -> list[Assignment]:
    """The cases to play, each under the one version that it speaks. Raises `NothingSelected`.

    A pattern may leave ``oasis.`` and the version out: ``TC-ECC-*``, ``AKLC``, ``1.4``. A case whose version the target does not offer
    stays in the plan: that it is not played is a result.
    """
    for pattern in selection.patterns:
        if not any(is_meant(case, pattern.removeprefix("!")) for case in cases):
            raise NothingSelected(f"--select {pattern}: no case is called so", "`kmiplab check --oasis DIR --list` shows the ids.")
    wanted = [pattern for pattern in selection.patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in selection.patterns if pattern.startswith("!")]
    chosen = [
        Assignment(case.check, (case.check.since,))
        for case in cases
        if (not selection.kmip_versions or case.check.since in selection.kmip_versions)
        and (not wanted or any(is_meant(case, pattern) for pattern in wanted))
        and not any(is_meant(case, pattern) for pattern in unwanted)
    ]
    if not chosen:
        raise NothingSelected("no case is left to play", "`kmiplab check --oasis DIR --list` shows the ids; fewer options select more.")
    return chosen


def is_meant(case: Published, pattern: str) -> bool:
    """Does a pattern name this case: its id, its name, the beginning of its name up to a dash, its document, or a glob over these?"""
    file = case.file
    names = (file.id, file.name, bare(file.name), f"{file.document}.{file.name}", file.path.parent.name)
    whole = matches(case.check, pattern) or any(fnmatchcase(name, pattern) for name in names)
    return whole or file.name.startswith(f"{pattern}-") or pattern == file.document
