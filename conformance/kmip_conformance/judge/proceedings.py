"""The proceedings of one check under one version: what was exchanged, what was tolerated, and which steps a scenario took.

A conversation writes them while the check runs; the record of the attempt is made from them afterwards. Everything rendered from here
is masked: key material and passwords never leave this module in the clear.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from typing import TYPE_CHECKING

from kmip_reports.records import Exchange, Step, Verdict

from kmip_conformance.judge.errors import AuthoringError
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.wire import masked_hex, tree_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.judge.expectations import Judged


@dataclass(frozen=True, slots=True)
class Proceeding:
    """One message and what came back; ``note`` says what happened when no bytes came."""

    title: str
    request: bytes
    response: bytes
    note: str
    milliseconds: float

    def masked(self) -> Exchange:
        """This exchange as the record of a run shows it."""
        return Exchange(
            title=self.title,
            request_hex=masked_hex(self.request),
            request_tree=tree_text(self.request),
            response_hex=masked_hex(self.response) if self.response else "",
            response_tree=tree_text(self.response) if self.response else "",
            note=self.note,
            milliseconds=round(self.milliseconds, 3),
        )


@dataclass(slots=True)
class Proceedings:
    """What happened during one attempt. Shared by all conversations of the check, also those that other threads hold."""

    exchanges: list[Proceeding] = field(default_factory=list)
    tolerated: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _pending: list[tuple[int, Judged]] = field(default_factory=list)

    def tolerate(self, what: str) -> None:
        """Note a reaction that meets every MUST and misses a SHOULD."""
        if what not in self.tolerated:
            self.tolerated.append(what)

    def await_judgement(self, judged: Judged) -> None:
        """Remember something that the target did and that the check has to judge before it ends."""
        self._pending.append((get_ident(), judged))

    def settle(self) -> None:
        """Judge what has an expectation by now, of this thread: another may be in the middle of its sentence.

        Raises Failure for the first expectation that was not met.
        """
        for entry in list(self._pending):
            thread, judged = entry
            if thread == get_ident() and judged.is_judged:
                self._pending.remove(entry)
                judged.settle()

    def close(self) -> None:
        """Judge everything at the end of the check. Raises AuthoringError for an answer about which the check said nothing."""
        self.settle()
        if self._pending:
            raise AuthoringError(f"the check judged nothing about an answer: {self._pending[0][1].observed}")

    @contextmanager
    def step(self, title: str, mark: str) -> Iterator[None]:
        """A named step of a scenario, with how its traffic is known: observed, reported or inferred."""
        tolerated = len(self.tolerated)
        try:
            yield
            self.settle()
        except Failure as failure:
            self.steps.append(Step(title, mark, Verdict.FAIL, failure.observed))
            raise
        lesser = self.tolerated[tolerated:]
        self.steps.append(Step(title, mark, Verdict.NON_STRICT if lesser else Verdict.PASS, "; ".join(lesser)))
