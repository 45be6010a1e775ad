"""How a difference is judged: the first row of the tables that allows it says what it is called, and whether the strict count allows it.

`kmip_conformance.oasis.variations` holds what the profiles permit, `kmip_conformance.oasis.tolerances` what only the relaxed count lets
pass. A difference that no row allows fails the case. Result Status has no row anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kmip_conformance.oasis.comparing import Difference
    from kmip_conformance.tables import KmipVersion
    from kmip_conformance.wire import Item


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known about the batch item (or the header) that a difference was found in.

    ``generated`` says that it shows what the server made itself, ``varies`` that the operation's output is another each time,
    ``certificate`` that it is about one, ``issued`` that the server itself issued it, ``given_back`` that the request sends back what
    the server gave out before, so that the answer is settled by that. ``attributes_sent`` are the attributes that requests have set.
    """

    case: str
    case_id: str
    step: int
    version: KmipVersion
    operation: int | None = None
    request: Item | None = None
    answer: Item | None = None
    generated: bool = False
    varies: bool = False
    issued: bool = False
    certificate: bool = False
    given_back: bool = False
    attributes_sent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One row: its name, what it lets differ (a sentence), where that is written, and the rule itself."""

    name: str
    text: str
    citation: str
    allows: Callable[[Difference, Scene], bool]
    strict: bool = True


def judge(difference: Difference, scene: Scene, rows: Iterable[Relaxation]) -> Relaxation | None:
    """The first row that allows a difference; None when none does."""
    return next((row for row in rows if row.allows(difference, scene)), None)
