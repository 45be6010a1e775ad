"""What can be said about a check without running it: for `kmiplab explain` and `kmiplab check --list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmip_conformance.tables import words

if TYPE_CHECKING:
    from kmip_conformance.judge.catalogue import Check


def facts_about(check: Check) -> dict[str, Any]:
    """Everything about a check, as JSON has it."""
    return {
        "id": check.id,
        "requirement": check.requirement,
        "level": check.level.value,
        "family": check.family,
        "citations": [{"document": cited.document, "clause": cited.clause, "quote": cited.quote} for cited in check.citations],
        "kmip_versions": [str(version) for version in check.versions()],
        "needs": needs_of(check),
        "profiles": list(check.profiles),
        "mutants": list(check.mutants),
        "aliases": list(check.aliases),
        "hostile": check.hostile,
        "source": f"{_short(check.file)}:{check.line}",
    }


def explanation_of(check: Check) -> str:
    """The same for people: the requirement first, then where it is written, then the rest."""
    lines = [check.id, "", f"  {check.requirement}", ""]
    for cited in check.citations:
        lines += [f"  {cited.document}, {cited.clause}"] + ([f"    “{cited.quote}”"] if cited.quote else [])
    span = f"{check.since}" if check.since == check.until else f"{check.since} to {check.until}"
    rows = [
        ("level", f"{check.level.value}{', hostile' if check.hostile else ''}"),
        ("versions", f"KMIP {span}"),
        ("needs", ", ".join(needs_of(check)) or "nothing in particular"),
        ("profiles", ", ".join(check.profiles) or "none in particular"),
        ("mutants", ", ".join(check.mutants) or "none yet"),
        ("was called", ", ".join(check.aliases)),
        ("source", f"{_short(check.file)}:{check.line}"),
        ("run it", f"kmiplab check --select {check.id}"),
    ]
    return "\n".join([*lines, "", *(f"  {name:<11} {value}" for name, value in rows if value)])


def needs_of(check: Check) -> list[str]:
    """The standard's words for the operations and object types without which the check does not apply."""
    return [words(need) for need in (*check.operations, *check.object_types)]


def _short(file: str) -> str:
    """A source file from its package on."""
    path = Path(file)
    return str(Path(*path.parts[path.parts.index("kmip_conformance") :])) if "kmip_conformance" in path.parts else path.name
