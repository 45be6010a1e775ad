"""Which checks of the catalogue a run is to judge, under which versions.

A pattern is an id, a family ("destroy"), a tag ("should", "hostile", a profile's name) or a glob over ids in which ``*`` crosses every
dot; a pattern that begins with ``!`` takes away. Patterns come comma-separated or repeated. A selection that leaves nothing is an error,
never a green run.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kmip_conformance.judge.errors import NothingSelected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmip_conformance.judge.catalogue import Catalogue, Check
    from kmip_conformance.tables import KmipVersion


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run was asked for: patterns (none: everything), claimed profiles, KMIP versions (none: all that the target offers)."""

    patterns: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    kmip_versions: tuple[KmipVersion, ...] = ()


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A check and the versions it is to run under."""

    check: Check
    versions: tuple[KmipVersion, ...]


def split_patterns(options: Iterable[str]) -> tuple[str, ...]:
    """The patterns in repeated, comma-separated options."""
    return tuple(part.strip() for option in options for part in option.split(",") if part.strip())


def matches(check: Check, pattern: str) -> bool:
    """Does this pattern, without its ``!``, name this check?"""
    names = (check.id, *check.aliases)
    return pattern in check.tags or any(fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*") for name in names)


def is_selected(check: Check, patterns: Sequence[str]) -> bool:
    """Is a check chosen by these patterns: by one that adds (or there is none), and by none that takes away?"""
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return (not wanted or any(matches(check, pattern) for pattern in wanted)) and not any(matches(check, pattern) for pattern in unwanted)


def plan(catalogue: Catalogue, selection: Selection, offered: Sequence[KmipVersion]) -> list[Assignment]:
    """The checks to run, each with its versions, in the order of the catalogue.

    A check that belongs to profiles of which none is claimed is left out only if some profile is claimed. Raises NothingSelected
    when nothing is left, or when a pattern names no check at all.
    """
    for pattern in selection.patterns:
        _refuse_a_pattern_that_names_nothing(catalogue, pattern)
    versions = [version for version in offered if not selection.kmip_versions or version in selection.kmip_versions]
    if not versions:
        asked = ", ".join(map(str, selection.kmip_versions)) or "a version that this suite judges"
        raise NothingSelected(
            f"the target does not offer KMIP {asked}" if selection.kmip_versions else "the target offers no version that this suite judges",
            f"it offers: {', '.join(map(str, offered)) or 'none that the suite knows'}.",
        )
    assignments = [
        Assignment(check, check.versions(versions)[-1:] if check.once else check.versions(versions))
        for check in catalogue
        if is_selected(check, selection.patterns) and _is_claimed(check, selection.profiles)
    ]
    assignments = [assignment for assignment in assignments if assignment.versions]
    if not assignments:
        raise NothingSelected("no check is left to run", "`kmiplab check --list` shows the ids; fewer options select more checks.")
    return assignments


def _is_claimed(check: Check, profiles: Sequence[str]) -> bool:
    return not profiles or not check.profiles or any(profile in profiles for profile in check.profiles)


def _refuse_a_pattern_that_names_nothing(catalogue: Catalogue, pattern: str) -> None:
    bare = pattern.removeprefix("!")
    if any(matches(check, bare) for check in catalogue):
        return
    close = catalogue.resembling(bare)
    hint = f"did you mean {', '.join(close)}?" if close else "`kmiplab check --list` shows the ids, families and tags."
    raise NothingSelected(f"--select {pattern}: no check has this id, family or tag", hint)
