"""One migration from its first stage to its last: the state that the stages share, and the clock and the counters around them.

A stage (`kmiplab.rehearsal.stages`) is a function of the `Migration` that says in sentences what it did. Something that refuses to move
stays where it is and is said so; a stage that cannot do its work raises `BrokenOff`, and no later stage is tried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kmip_reports.records_rehearsal import IfDeletedNow, Moved, StageRecord

from kmiplab.rehearsal.accidents import ACCIDENTS, HOST_OFF, OLD_KEY_IN_USE
from kmiplab.rehearsal.estate import Kind
from kmiplab.rehearsal.provider import KeyRefused, Traffic
from kmiplab.rehearsal.sealing import WrongKey
from kmiplab.rehearsal.vcenter import VCenter
from kmiplab.service import StillActive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kmiplab.rehearsal.accidents import Accident
    from kmiplab.rehearsal.estate import Encrypted, Estate, Host
    from kmiplab.rehearsal.places import Places
    from kmiplab.rehearsal.sealing import KeyRef

OLD, NEW = "kmip-for-vmware", "key-protect"
"""What vCenter calls its two key providers."""

SENTENCES_OF_A_KIND = 5
"""In the record; the lists of names there are whole."""


class BrokenOff(Exception):
    """A stage cannot do its work, and those behind it depend on it."""


class Watch(Protocol):
    """Who is told how far it has got."""

    def stage(self, title: str) -> None:
        """A stage begins."""

    def step(self, done: int, of: int) -> None:
        """So many things of a stage are done."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage's name, its title, how its steps are known, and what it does."""

    name: str
    title: str
    mark: str
    act: Callable[[Migration], None]
    measured: bool = True
    tried: bool = False


@dataclass(slots=True)
class Migration:
    """What the stages work on. ``label`` tells the names of this migration's service, adapter and certificates from others'.

    ``is_careful``: when the old service refuses to be deleted, what was left behind is made good instead of using force.
    """

    places: Places
    estate: Estate
    watch: Watch
    label: str
    accidents: frozenset[str] = frozenset()
    is_careful: bool = False
    trial: Callable[[Migration], int] | None = None
    vcenter: VCenter = field(init=False)
    traffic: Traffic = field(default_factory=Traffic)
    instance: str = ""
    adapter: str = ""
    off: list[Host] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    old_is_gone: bool = False
    records: list[StageRecord] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    happened: dict[str, list[str]] = field(default_factory=dict)
    made_good: list[str] = field(default_factory=list)
    revoked: set[KeyRef] = field(default_factory=set)
    _told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vcenter = VCenter(self.estate)

    def run(self, stages: Sequence[Stage]) -> None:
        """Every stage in its turn, until one breaks off."""
        for stage in stages:
            try:
                self._run(stage)
            except (BrokenOff, KeyRefused, StillActive, WrongKey) as error:
                self.problems.append(f"{stage.title}: {error}")
                return

    def tell(self, sentence: str, *of: Accident) -> None:
        """What a stage has to say, for the record, and the accidents that it is about."""
        self._told.append(sentence)
        for accident in of:
            self.happened.setdefault(accident.name, []).append(sentence)

    def tell_of(self, items: Iterable[Encrypted], sentence: Callable[[Encrypted], str]) -> None:
        """A sentence about each; the first of them are told."""
        chosen = list(items)
        for item in chosen[:SENTENCES_OF_A_KIND]:
            self.tell(sentence(item), *self.accidents_of(item))
        if len(chosen) > SENTENCES_OF_A_KIND:
            self.tell(f"… and so {len(chosen) - SENTENCES_OF_A_KIND} more", *self.losing)

    def accidents_of(self, item: Encrypted) -> list[Accident]:
        """Which accident keeps something with the old provider, if one does."""
        if item in self.estate.clones:
            return [OLD_KEY_IN_USE]
        return [HOST_OFF] if item.host in self.off and item.kind is not Kind.MACHINE else []

    @property
    def losing(self) -> list[Accident]:
        """The accidents asked for that keep something with the old provider."""
        return [accident for name, accident in ACCIDENTS.items() if name in self.accidents and accident.loses]

    def each(self, items: Iterable[Encrypted], act: Callable[[Encrypted], object]) -> int:
        """Do something to each; what is refused stays as it is and is told. How many were done."""
        chosen = list(items)
        refusals: dict[str, str] = {}
        for number, item in enumerate(chosen, 1):
            try:
                act(item)
            except (KeyRefused, WrongKey) as refused:
                refusals[item.name] = str(refused)
            self.watch.step(number, len(chosen))
        self.tell_of((item for item in chosen if item.name in refusals), lambda item: f"{item.name} stays: {refusals[item.name]}")
        if refusals:
            self.problems.append(f"{len(refusals)} of {len(chosen)} {chosen[0].kind} stay as they are: {next(iter(refusals.values()))}")
        return len(chosen) - len(refusals)

    @property
    def is_whole(self) -> bool:
        """Has it come to its end, with nothing left behind and every data key opened?"""
        return self.old_is_gone and not (self.problems or self.lost or self.estate.refers_to(OLD))

    def moved(self) -> tuple[Moved, ...]:
        """How many of each kind refer to the new provider."""
        counted = []
        for kind in Kind:
            items = [item for item in self.estate.encrypted() if item.kind is kind and item.sealed is not None]
            counted.append(Moved(kind.value, sum(1 for item in items if item.key.provider == NEW), len(items)))
        return tuple(counted)

    def _run(self, stage: Stage) -> None:
        self.watch.stage(stage.title)
        begun = time.perf_counter()
        self._told = []
        try:
            stage.act(self)
        finally:
            seconds = time.perf_counter() - begun
            connections, requests = self.traffic.take()
            now = self._now(tried=stage.tried) if stage.measured else None
            self.records.append(StageRecord(stage.name, stage.title, stage.mark, seconds, tuple(self._told), connections, requests, now))

    def _now(self, *, tried: bool) -> IfDeletedNow:
        """What would become of every data key if the old provider went away at this moment."""
        items = [item for item in self.estate.encrypted() if item.sealed is not None]
        needy = self.estate.refers_to(OLD)
        in_memory = sum(1 for item in needy if item.is_in_memory())
        safe = len(items) - len(needy)
        opened = None
        if tried and self.trial is not None:
            self.watch.stage("Trying it: a copy of the old service is deleted")
            opened = self.trial(self)
            self.traffic.take()  # the trial's own is nobody's business
            if opened != safe:
                self.problems.append(f"{safe} data keys should open when a copy of the old service was deleted, and {opened} do")
        return IfDeletedNow(safe, in_memory, len(needy) - in_memory, opened, tuple(item.name for item in needy))
