"""When a case is played: which moment its ``$NOW`` is, and what becomes of dates that have long passed.

A case that waits for a moment of its own (``[REPEAT] until … State changed to Deactivated``, with a Deactivation Date of ``$NOW+120``)
begins that much earlier, so that nobody waits for minutes: its ``$NOW`` lies in the past, and the moment comes within `SOON`. Recorded
dates of such a case (1.0 has them instead of ``$NOW``) are moved into the present by one amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.oasis.case import NOW, Placeholder
from kmip_conformance.oasis.files import RECORDED
from kmip_conformance.tables import ItemType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.oasis.case import Case, Leaf

SOON = 3
"""Seconds until the moment that a case waits for."""


def moment_of(case: Case, now: int) -> int:
    """The moment of ``$NOW``."""
    if not any(step.request.until for step in case.steps):
        return now
    ahead = [value.seconds for value in _dates_asked_for(case) if isinstance(value, Placeholder) and value.name == NOW]
    return now - max(0, max(ahead, default=0) - SOON)


def moved_by(case: Case, now: int) -> int:
    """What is added to the dates of a case that has the day of its recording in it."""
    if case.id not in RECORDED:
        return 0
    return now + SOON - max(value for value in _dates_asked_for(case) if isinstance(value, int))


def _dates_asked_for(case: Case) -> Iterator[Leaf]:
    for message in case.messages:
        if message.is_request:
            for node in message.node.walk():
                if node.type == ItemType.DATE_TIME and not isinstance(node.value, tuple):
                    yield node.value
