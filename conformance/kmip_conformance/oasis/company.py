"""Everybody who takes part in playing cases in one process: the cases that are in the plan, and the channels of their clients."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kmip_conformance.client import Identity
from kmip_conformance.oasis.catalogue import plan_of, published_cases
from kmip_conformance.oasis.channels import Channels
from kmip_conformance.oasis.files import ALTERNATIVES, FOLLOWS, bare

if TYPE_CHECKING:
    from kmip_conformance.judge.brief import Brief, OasisBrief
    from kmip_conformance.oasis.case import Case
    from kmip_conformance.oasis.catalogue import Published

CHECK_FILE = Path(__file__).with_name("check.py")
"""The module whose one function plays a case."""

PLAYS = "case_goes_as_published"


class Company:
    """The published cases of a brief, those of them that are to be played, and the channels."""

    def __init__(self, brief: Brief, oasis: OasisBrief) -> None:
        self._published = published_cases(oasis.place)
        chosen = {assignment.check.id for assignment in plan_of(self._published, brief.selection)}
        self.cases: tuple[Published, ...] = tuple(case for case in self._published if case.file.id in chosen)
        identities = {letter: Identity(*files) for letter, files in oasis.identities.items()}
        self.channels = Channels(brief.target, identities, brief.timeout, oasis.https_port)

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Case]:
        return {(case.file.document, case.file.name): case.case for case in self._published if case.case is not None}

    def before(self, case: Case) -> list[Case]:
        """The cases that have to be played first, so that this one finds what it begins with."""
        return [found for name in FOLLOWS.get(bare(case.name), ()) if (found := self._named(name, case)) is not None]

    def alternatives(self, case: Case) -> list[Case]:
        """The cases that describe other lawful behaviours than this one."""
        names = next((group for group in ALTERNATIVES if bare(case.name) in group), ())
        others = (self._by_name.get((case.document, name + case.name.removeprefix(bare(case.name)))) for name in names)
        return [other for other in others if other is not None and other.id != case.id]

    def _named(self, wanted: str, like: Case) -> Case | None:
        """The case with this bare name in the same document, with the same ending; else the latest of an earlier document."""
        same = self._by_name.get((like.document, wanted + like.name.removeprefix(bare(like.name))))
        earlier = [case for (document, name), case in self._by_name.items() if bare(name) == wanted and document <= like.document]
        return same or max(earlier, key=lambda case: case.document, default=None)

    def close(self) -> None:
        """Hang up."""
        self.channels.close()
