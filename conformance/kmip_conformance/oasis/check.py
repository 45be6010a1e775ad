"""The one check that plays every published case: pytest runs it once a case.

A case goes as published when every answer is the expected one, but for what the profiles permit to differ
(`kmip_conformance.oasis.variations`).
"""

from __future__ import annotations

import fcntl
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kmip_reports.records import Verdict

from kmip_conformance.judge.expectations import Failure
from kmip_conformance.judge.proceedings import Proceedings
from kmip_conformance.judge.session import JUDGING
from kmip_conformance.judge.verdicts import Excused
from kmip_conformance.oasis.bindings import Bindings
from kmip_conformance.oasis.files import MEANT, OF_FEW_SERVERS, SOLITARY, UNPLAYABLE, bare, faults_of
from kmip_conformance.oasis.history import History
from kmip_conformance.oasis.moments import moment_of, moved_by
from kmip_conformance.oasis.playing import Play

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from kmip_conformance.client import Target
    from kmip_conformance.judge.session import Judging, Trial
    from kmip_conformance.oasis.case import Case
    from kmip_conformance.oasis.catalogue import Published


def case_goes_as_published(kmip_case: Published, kmip_trial: Trial, request: pytest.FixtureRequest) -> None:
    """The case goes as published."""
    judging = request.config.stash[JUDGING]
    case = kmip_case.case
    if case is None:
        raise Excused(Verdict.SKIPPED, f"the file cannot be played: {kmip_case.fault}")
    if case.id in UNPLAYABLE:
        raise Excused(Verdict.SKIPPED, f"the file cannot be played: {'; '.join(faults_of(case.id))}")
    assert judging.oasis is not None
    with _alone(judging.brief.oasis.lock if judging.brief.oasis else None, solitary=bare(case.name) in SOLITARY):
        _play(case, kmip_trial, judging)


def _play(case: Case, trial: Trial, judging: Judging) -> None:
    """Play a case; one that describes one of several lawful behaviours does not apply to a target that has another of them."""
    trial.faults = faults_of(case.id)
    try:
        trial.variations = _play_once(case, trial.proceedings, trial.target, judging)
        if "query-silent" in trial.variations and bare(case.name) in OF_FEW_SERVERS:
            raise Excused(Verdict.UNSUPPORTED, OF_FEW_SERVERS[bare(case.name)])
    except Failure:
        for other in judging.oasis.alternatives(case) if judging.oasis else ():
            if _goes(other, trial.target, judging):
                raise Excused(Verdict.UNSUPPORTED, f"the target behaves as {other.name} has it, which is as lawful") from None
        raise


def _goes(case: Case, target: Target, judging: Judging) -> bool:
    try:
        _play_once(case, Proceedings(), target, judging)
    except (Failure, Excused):
        return False
    return True


def _play_once(case: Case, proceedings: Proceedings, target: Target, judging: Judging) -> tuple[str, ...]:
    """Play a case behind those that it begins with, destroy what they made, and give the name of every row that was used."""
    assert judging.oasis is not None
    bindings, history = Bindings(moment_of(case, int(time.time())), f"k{secrets.token_hex(3)}-"), History()
    bindings.moved = moved_by(case, int(time.time()))
    cases = (*judging.oasis.before(case), case)
    plays = [Play(one, judging.oasis.channels, bindings, proceedings, judging.brief.timeout, history) for one in cases]
    try:
        for play in plays:
            bindings.values.clear()
            bindings.given.clear()
            bindings.meant = {name: meant for (case_id, name), meant in MEANT.items() if case_id == play.case.id}
            play.play()
    finally:
        proceedings.notes += judging.cleaner.clean_up(target, case.version, history.created)
    return tuple(name for name, count in plays[-1].used.items() for _ in range(count))


@contextmanager
def _alone(lock: Path | None, *, solitary: bool) -> Iterator[None]:
    """Hold the lock that all who play side by side share: together, or alone for a case that would find what others left."""
    if lock is None:
        yield
        return
    with lock.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX if solitary else fcntl.LOCK_SH)
        yield
