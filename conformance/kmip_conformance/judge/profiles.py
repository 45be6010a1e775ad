"""Profiles that a run can claim with ``--profile``, and what a server that has one cannot do without.

An operation that a claimed profile demands is never *unsupported*: leaving it out is a failure.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from kmip_reports.records import Citation

from kmip_conformance.judge.errors import RunRefused
from kmip_conformance.tables import ObjectType, Operation


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of demands on a server."""

    name: str
    title: str
    citation: Citation
    operations: frozenset[Operation]
    object_types: frozenset[ObjectType] = frozenset()


_VCENTER = frozenset({Operation.DISCOVER_VERSIONS, Operation.CREATE, Operation.GET, Operation.GET_ATTRIBUTES, Operation.ACTIVATE})
_KEY_PROVIDER = Citation("VMware vSphere Security", "Setting up a Standard Key Provider")

PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "baseline",
            "Baseline Server",
            Citation("KMIP Profiles 1.4", "Baseline Server"),
            frozenset(
                {
                    Operation.LOCATE,
                    Operation.CHECK,
                    Operation.GET,
                    Operation.GET_ATTRIBUTES,
                    Operation.GET_ATTRIBUTE_LIST,
                    Operation.ADD_ATTRIBUTE,
                    Operation.MODIFY_ATTRIBUTE,
                    Operation.DELETE_ATTRIBUTE,
                    Operation.ACTIVATE,
                    Operation.REVOKE,
                    Operation.DESTROY,
                    Operation.QUERY,
                    Operation.DISCOVER_VERSIONS,
                }
            ),
        ),
        Profile(
            "symmetric-key-lifecycle",
            "Symmetric Key Lifecycle Server",
            Citation("KMIP Symmetric Key Lifecycle Profile 1.0", "3 Symmetric Key Lifecycle Profile"),
            frozenset({Operation.CREATE, Operation.GET, Operation.GET_ATTRIBUTES, Operation.LOCATE, Operation.DESTROY}),
            frozenset({ObjectType.SYMMETRIC_KEY}),
        ),
        Profile(
            "opaque-object-store",
            "Opaque Managed Object Store Server",
            Citation("KMIP Opaque Managed Object Store Profile 1.0", "3 Opaque Managed Object Store Profile"),
            frozenset({Operation.REGISTER, Operation.GET, Operation.DESTROY}),
            frozenset({ObjectType.OPAQUE_OBJECT}),
        ),
        Profile("vcenter", "A key provider for VMware vCenter", _KEY_PROVIDER, _VCENTER),
        Profile("vsan", "A key provider for VMware vSAN", _KEY_PROVIDER, _VCENTER),
    )
}


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises RunRefused, with close matches, when there is none."""
    if name in PROFILES:
        return PROFILES[name]
    close = difflib.get_close_matches(name, PROFILES, n=3, cutoff=0.4) or list(PROFILES)
    raise RunRefused(f"--profile {name}: there is no such profile", f"did you mean {', '.join(close)}?")
