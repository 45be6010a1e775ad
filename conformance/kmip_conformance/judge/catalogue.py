"""The catalogue: every check of the suite, by its id.

A check is a function that `check` decorates. The decorator refuses, at import, what would mislead users later: an id that is not made
of words, an id or alias that is taken, a missing requirement. The catalogue is filled by importing `kmip_conformance.checks`; nothing
else adds to it.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from kmip_reports.records import Citation, Level

from kmip_conformance.judge.errors import AuthoringError
from kmip_conformance.tables import ALL_VERSIONS, V1_0, V1_4, V2_1, KmipVersion, ObjectType, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Body = TypeVar("Body", bound="Callable[..., None]")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9.]+)*)+")
_MARK = "kmip_check"

JUDGED = ALL_VERSIONS
"""The versions that the checks of this suite are written for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule and the function that judges it. ``since`` and ``until`` bound the KMIP versions that have the rule, both included.

    A rule of which one trial tells all (``once``) is judged under the newest of these versions that a run has.
    """

    id: str
    requirement: str
    level: Level
    citations: tuple[Citation, ...]
    since: KmipVersion
    until: KmipVersion
    operations: tuple[Operation, ...]
    object_types: tuple[ObjectType, ...]
    profiles: tuple[str, ...]
    mutants: tuple[str, ...]
    aliases: tuple[str, ...]
    hostile: bool
    module: str
    function: str
    file: str
    line: int
    once: bool = False

    @property
    def family(self) -> str:
        """The first word of the id: "destroy" of "destroy.active-object-refused"."""
        return self.id.partition(".")[0]

    @property
    def tags(self) -> frozenset[str]:
        """The words that select this check besides its id: its family, level and profiles, and "hostile"."""
        return frozenset({self.family, self.level.value.lower(), *self.profiles, *(["hostile"] if self.hostile else [])})

    def versions(self, among: Sequence[KmipVersion] = JUDGED) -> tuple[KmipVersion, ...]:
        """Those of ``among`` that have this rule, oldest first."""
        return tuple(sorted(version for version in among if self.since <= version <= self.until))


class Catalogue:
    """Checks by id, in the order of their families and files. Looks up aliases too."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._aliases: dict[str, str] = {}

    def __iter__(self) -> Iterator[Check]:
        return iter(self._checks.values())

    def __len__(self) -> int:
        return len(self._checks)

    def add(self, check: Check) -> None:
        """Take a check in. Raises AuthoringError when its id or an alias is in use."""
        for name in (check.id, *check.aliases):
            if name in self._checks or name in self._aliases:
                raise AuthoringError(f"{check.module}.{check.function}: the id {name!r} is taken")
        self._checks[check.id] = check
        self._aliases |= dict.fromkeys(check.aliases, check.id)

    def find(self, name: str) -> Check | None:
        """The check with this id, or with this alias: a renamed check keeps its old id."""
        return self._checks.get(self._aliases.get(name, name))

    def resembling(self, name: str, limit: int = 5) -> list[str]:
        """Ids that a person may have meant by ``name``, likeliest first."""
        inside = [check_id for check_id in self._checks if name in check_id]
        alike = difflib.get_close_matches(name, list(self._checks), n=limit, cutoff=0.5)
        return list(dict.fromkeys([*inside, *alike]))[:limit]


_REGISTRY = Catalogue()


def check(
    check_id: str,
    *,
    cites: Citation | Sequence[Citation],
    level: Level = Level.MUST,
    since: KmipVersion = V1_0,
    until: KmipVersion | None = None,
    in_2_x: Citation | Sequence[Citation] = (),
    needs: Sequence[Operation | ObjectType] = (),
    profiles: Sequence[str] = (),
    mutants: Sequence[str] = (),
    aliases: Sequence[str] = (),
    hostile: bool = False,
    once: bool = False,
) -> Callable[[Body], Body]:
    """Make a function a check (see AUTHORING.md).

    ``cites`` is where the rule is written, ``in_2_x`` where 2.1 has the same one: a check that says so holds until 2.1, another until 1.4
    unless ``until`` is given. ``needs`` are the operations and object types without which it does not apply, ``mutants`` the
    planted defects that it must catch, ``aliases`` the ids it had before. A ``hostile`` check sends what no honest client sends; the
    target is asked afterwards whether it still lives. One that runs ``once`` is about what no version changes, as the encoding is.
    Raises AuthoringError for a check that breaks the rules.
    """

    def register(body: Body) -> Body:
        where = f"{body.__module__}.{body.__name__}"
        requirement = " ".join((inspect.getdoc(body) or "").partition("\n\n")[0].split())
        later = _citations(in_2_x)
        citations = (*_citations(cites), *later)
        if not _ID.fullmatch(check_id):
            raise AuthoringError(f"{where}: the id {check_id!r} is not of the form family.words-with-dashes")
        if not requirement.endswith("."):
            raise AuthoringError(f"{where}: the docstring's first paragraph has to be the requirement, a sentence")
        if not citations:
            raise AuthoringError(f"{where}: a check without a citation is an opinion")
        specification = Check(
            id=check_id,
            requirement=requirement,
            level=level,
            citations=citations,
            since=since,
            until=until or (V2_1 if later or since > V1_4 else V1_4),
            operations=tuple(need for need in needs if isinstance(need, Operation)),
            object_types=tuple(need for need in needs if isinstance(need, ObjectType)),
            profiles=tuple(profiles),
            mutants=tuple(mutants),
            aliases=tuple(aliases),
            hostile=hostile,
            module=body.__module__,
            function=body.__name__,
            file=body.__code__.co_filename,
            line=body.__code__.co_firstlineno,
            once=once,
        )
        _REGISTRY.add(specification)
        setattr(body, _MARK, specification)
        return body

    return register


def _citations(given: Citation | Sequence[Citation]) -> tuple[Citation, ...]:
    return (given,) if isinstance(given, Citation) else tuple(given)


def check_of(function: object) -> Check | None:
    """The check that a function is, or None for a function that is none."""
    found = getattr(function, _MARK, None)
    return found if isinstance(found, Check) else None


@cache
def whole_catalogue() -> Catalogue:
    """The catalogue with every check in it."""
    from kmip_conformance import checks

    for module in sorted(pkgutil.walk_packages(checks.__path__, f"{checks.__name__}."), key=lambda module: module.name):
        importlib.import_module(module.name)
    return _REGISTRY
