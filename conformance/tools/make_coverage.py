"""Write docs/coverage.md from the catalogue of checks, the table of mutants, and what the server's tests were seen to do.

``python conformance/tools/make_coverage.py docs/coverage.md``. A test of the suite holds the page
to it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from kmip_conformance.judge.catalogue import Check, whole_catalogue
from kmip_conformance.proxy import MUTANTS, VARIATIONS
from kmip_conformance.tables import ALL_VERSIONS, Operation, words
from kmip_reports.records import Level

sys.path.append(str(Path(__file__).parent))  # where a test loads this from elsewhere

import server_coverage

HEAD = """# What the suite covers

Generated from the catalogue of checks and the planted defects (mutants) of `kmiplab check --self-test`; do not edit. `kmiplab explain ID`
says what a check requires and where that is written.
"""


def page() -> str:
    """The whole page."""
    checks = list(whole_catalogue())
    suite = [HEAD, *_families(checks), *_operations(checks), *_mutants(checks), *_checks(checks)]
    return "\n".join([*suite, *server_coverage.sections()])


def _families(checks: list[Check]) -> list[str]:
    by_family: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        by_family[check.family].append(check)
    versions = [str(version) for version in ALL_VERSIONS]
    lines = [f"## Families × versions: {len(checks)} checks\n", f"| family | checks | MUST | {' | '.join(versions)} | mutants |"]
    lines.append("|" + "---|" * (len(versions) + 4))
    for family, members in sorted(by_family.items()):
        counts = [str(sum(version in member.versions() for member in members)) for version in ALL_VERSIONS]
        musts = sum(member.level is Level.MUST for member in members)
        mutants = {mutant for member in members for mutant in member.mutants}
        lines.append(f"| {family} | {len(members)} | {musts} | {' | '.join(counts)} | {len(mutants)} |")
    return [*lines, ""]


def _operations(checks: list[Check]) -> list[str]:
    lines = ["## Operations × checks\n", "Checks that need an operation, and those of the family that is named after it.\n"]
    lines += ["| operation | checks that need it | its own family |", "|---|---|---|"]
    for operation in Operation:
        name = words(operation)
        needing = sum(operation in check.operations for check in checks)
        own = sum(check.family == name.lower().replace(" ", "-") for check in checks)
        if needing or own:
            lines.append(f"| {name} | {needing or '–'} | {own or '–'} |")
    return [*lines, ""]


def _mutants(checks: list[Check]) -> list[str]:
    lines = [f"## Mutants: {len(MUTANTS)} planted defects, and {len(VARIATIONS)} lawful variations that no check may fail\n"]
    lines += ["| mutant | the defect | caught by |", "|---|---|---|"]
    for name, mutant in sorted(MUTANTS.items()):
        catching = [f"`{check.id}`" for check in checks if name in check.mutants]
        lines.append(f"| `{name}` | {mutant.defect} | {', '.join(catching) or '**nothing**'} |")
    return [*lines, ""]


def _checks(checks: list[Check]) -> list[str]:
    lines = ["## Checks\n", "| id | level | requirement | source |", "|---|---|---|---|"]
    for check in sorted(checks, key=lambda check: check.id):
        sources = "; ".join(f"{citation.document}, {citation.clause}" for citation in check.citations)
        lines.append(f"| `{check.id}` | {check.level} | {check.requirement} | {sources} |".replace("\n", " "))
    return [*lines, ""]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
