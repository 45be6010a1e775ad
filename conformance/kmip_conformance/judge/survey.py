"""The survey: what is asked of a target before the plan is made. It is also the first liveness probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmip_conformance.client import TargetFacts, probe, serves
from kmip_conformance.judge.catalogue import JUDGED
from kmip_conformance.tables import Operation, operation, operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_conformance.client import Target
    from kmip_conformance.tables import KmipVersion

ALWAYS_THERE = frozenset({Operation.QUERY, Operation.DISCOVER_VERSIONS})
"""Operations that tell what a server is; every other one is there or not, as the server likes."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the target says of itself, and those of its versions that this suite judges, oldest first."""

    facts: TargetFacts
    versions: tuple[KmipVersion, ...]

    def as_record(self, name: str, versions: Sequence[KmipVersion]) -> dict[str, Any]:
        """For the header of a run under these versions. Operations by name; those that no version of them defines are not optional."""
        offered = [row.name if (row := operation(code)) else f"{code:#x}" for code in self.facts.operations]
        optional = [row.name for row in operations(max(versions)) if row.sent_by == "client" and row.number not in ALWAYS_THERE]
        return self.facts.as_record() | {"name": name or self.facts.address, "operations": offered, "optional_operations": optional}


def survey(target: Target, timeout: float, asked: Sequence[KmipVersion] = ()) -> Survey:
    """Ask the target who it is. Raises TargetError when it is unreachable or no KMIP server.

    Its versions are those that it offers, and of those ``asked`` for by name those that it serves all the same: Key Protect's own KMIP
    offers 1.4 alone, and vCenter speaks 1.1 to it.
    """
    facts = probe(target, timeout=timeout)
    unoffered = {version for version in asked if version not in facts.kmip_versions and serves(target, version, timeout=timeout)}
    return Survey(facts, tuple(version for version in JUDGED if version in facts.kmip_versions or version in unoffered))
