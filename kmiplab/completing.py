"""What a shell offers where an option or argument wants a word of the suite: ids, families, profiles, versions.

Called by the completion script alone, so the suite is imported inside; whatever goes wrong there is no reason to disturb a prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


def check_ids(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:  # noqa: ARG001 - click's signature
    """Ids of checks that begin so; families first, and alone as long as nothing is typed. ``!`` and what a comma ends are kept."""
    from kmip_conformance.judge.catalogue import whole_catalogue

    before, comma, last = begun.rpartition(",")
    kept = before + comma + ("!" if last.startswith("!") else "")
    word = last.removeprefix("!")
    checks = list(whole_catalogue())
    families = [family for family in dict.fromkeys(check.family for check in checks) if family.startswith(word)]
    ids = [check.id for check in checks if word and check.id.startswith(word)]
    return [kept + name for name in (families + ids if parameter.name == "select" else ids or families)]


def profiles(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:  # noqa: ARG001 - click's signature
    """The profiles that a run can claim."""
    from kmip_conformance.judge.profiles import PROFILES

    return [name for name in PROFILES if name.startswith(begun)]


def kmip_versions(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:  # noqa: ARG001 - click's signature
    """The KMIP versions that the checks are written for."""
    from kmip_conformance.judge.catalogue import JUDGED

    return [str(version) for version in JUDGED if str(version).startswith(begun)]
