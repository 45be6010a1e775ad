"""One play of one case: each request is sent with its placeholders filled in, each answer held against the expected one.

The play ends at the first step whose answer differs in something that no row of the tables allows; what the rows allowed until then is on
record by their names. What cannot be played (a client without an identity, a request of the server's that never comes, a placeholder that
nothing gives a value) raises `Excused`, which says whose fault it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kmip_reports.records import Verdict

from kmip_conformance import requests
from kmip_conformance.errors import NoCommonProtocol
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.judge.proceedings import Proceeding
from kmip_conformance.judge.verdicts import Excused
from kmip_conformance.oasis.bindings import Bindings, Unbound, subject_of
from kmip_conformance.oasis.case import NOW, Placeholder
from kmip_conformance.oasis.channels import TLS_OF
from kmip_conformance.oasis.comparing import Comparison, Difference, Kind, Place
from kmip_conformance.oasis.files import bare
from kmip_conformance.oasis.history import History
from kmip_conformance.oasis.https import ENCODING_OF
from kmip_conformance.oasis.relaxing import Scene, judge
from kmip_conformance.oasis.tolerances import ROWS
from kmip_conformance.tables import Operation, ResultReason, ResultStatus, Tag, words
from kmip_conformance.wire import Response, structure, tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.judge.proceedings import Proceedings
    from kmip_conformance.oasis.case import Case, Message, Node, Step
    from kmip_conformance.oasis.channels import Channel, Channels
    from kmip_conformance.oasis.relaxing import Relaxation
    from kmip_conformance.wire import Item

PAUSE = 0.2
"""Seconds between two requests that are to be repeated until the expected answer comes."""

PUSHED_TO = "P"
"""The client that the target sends requests to by itself, if there is one: it plays the cases in which the server does so."""

SERVER_SPEAKS_WITHIN = 2.0
"""Seconds that the server gets to send a request of its own."""


@dataclass(slots=True)
class Play:
    """One case and everything that is known while it is played."""

    case: Case
    channels: Channels
    bindings: Bindings
    proceedings: Proceedings
    timeout: float
    history: History = field(default_factory=History)
    used: dict[str, int] = field(default_factory=dict)
    tolerated: dict[str, str] = field(default_factory=dict)

    def play(self) -> None:
        """Play every step. Raises `Failure`, `Excused` or `TargetError`."""
        self._see_that_it_can_be_played()
        if self.case.is_led_by_the_server:
            self._channel(self.case.messages[0]).close()  # what the server still has to say of an earlier case is not this one's
        for step in self.case.steps:
            try:
                self._serve(step) if step.request.to_client else self._step(step)
            except Unbound as error:
                raise Excused(Verdict.SKIPPED, f"the file cannot be played: {error}") from error
        for name, first in self.tolerated.items():
            times = f" ({self.used[name]} times)" if self.used[name] > 1 else ""
            self.proceedings.tolerate(f"{name}{times}: {first}")

    def _see_that_it_can_be_played(self) -> None:
        for letter in self.case.clients:
            if not self.channels.has(letter):
                reason = (
                    f"Client-{letter} needs an identity that shares objects with the target's own client: --oasis-client {letter}=CERT,KEY"
                )
                raise Excused(Verdict.SKIPPED, reason)
        if "-S2C-" in self.case.name:
            raise Excused(Verdict.SKIPPED, "the server is to send the Query, and nothing in the case makes it do so")

    def _step(self, step: Step) -> None:
        request = self._authenticated(self.bindings.item(step.request.node))
        for asked, awaited in zip(step.request.batch_items, step.response.batch_items, strict=False):
            if awaited.number(Tag.RESULT_STATUS) != ResultStatus.OPERATION_FAILED:
                self.bindings.note_request(asked, subject_of(awaited) or subject_of(asked))
        deadline = time.monotonic() + self._patience(step)
        while True:
            answer = self._exchange(step, request)
            self._see_that_it_is_known(step, request, answer)
            differences = list(self._judged(step.number, step.response.node, request, answer, binds=not step.request.until))
            if not step.request.until or not any(row is None for _, row in differences) or time.monotonic() > deadline:
                break
            time.sleep(PAUSE)  # nothing tells when the server has come that far
        if step.request.until:
            differences = list(self._judged(step.number, step.response.node, request, answer, binds=True))
        self._settle(step, differences)
        self.bindings.note_answer(answer)

    def _see_that_it_is_known(self, step: Step, request: Item, answer: Item) -> None:
        """A case may log in as somebody whom only its authors' server knows. Raises `Excused` then."""
        own = step.request.node.first(Tag.REQUEST_HEADER, Tag.AUTHENTICATION)
        reason, awaited = answer.anywhere(Tag.RESULT_REASON), [item.number(Tag.RESULT_STATUS) for item in step.response.batch_items]
        refused = reason is not None and reason.value == ResultReason.AUTHENTICATION_NOT_SUCCESSFUL
        if own is not None and refused and set(awaited) == {ResultStatus.SUCCESS} and request.anywhere(Tag.TICKET_VALUE) is None:
            who = next((item.value for item in request.walk() if item.tag in _NAMES_SOMEBODY and isinstance(item.value, str)), "somebody")
            raise Excused(Verdict.SKIPPED, f"step {step.number} logs in as {who}, whom the target does not know: register that credential")

    def _authenticated(self, request: Item) -> Item:
        """The request with the target's credential, which may be added where the case has none (SKLC 1.0, 4.7.2)."""
        target = self.channels.target_of("A")
        header = request.first(Tag.REQUEST_HEADER)
        if target.username is None or header is None or header.first(Tag.AUTHENTICATION) is not None:
            return request
        credential = structure(Tag.AUTHENTICATION, requests.credential(target.username, target.password))
        behind = {Tag.BATCH_ERROR_CONTINUATION_OPTION, Tag.BATCH_ORDER_OPTION, Tag.TIME_STAMP, Tag.BATCH_COUNT}
        before = tuple(child for child in header.children if child.tag not in behind)
        after = header.children[len(before) :]
        return request.changed(Tag.REQUEST_HEADER, lambda found: found.holding((*before, credential, *after)))

    def _patience(self, step: Step) -> float:
        """How long a request is repeated: past the latest moment that the case has named so far."""
        if not step.request.until:
            return 0.0
        moments = [
            node.value.seconds
            for message in self.case.messages
            for node in message.node.walk()
            if isinstance(node.value, Placeholder) and node.value.name == NOW
        ]
        return max([0.0, *(self.bindings.base + moment - time.time() for moment in moments)]) + self.timeout

    def _exchange(self, step: Step, request: Item) -> Item:
        try:
            exchange = self._channel(step.request).exchange(request)
        except NoCommonProtocol as error:
            if step.number > 1 or not self.case.name.startswith(tuple(TLS_OF)):
                raise
            raise Excused(Verdict.UNSUPPORTED, f"the TLS that the profile of the case wants is not spoken: {error}") from error
        if step.number == 1 and not exchange.answer and self.case.name.startswith(tuple(ENCODING_OF)):
            how = str(exchange.response) if not isinstance(exchange.response, bytes) else "an empty answer"
            raise Excused(Verdict.UNSUPPORTED, f"nobody answers HTTPS ({how}); --oasis-https-port says where to ask")
        title = f"step {step.number}: {_operations(step.request.node)}"
        note = "" if exchange.answer else str(exchange.response)
        self.proceedings.exchanges.append(Proceeding(title, exchange.request, exchange.answer, note, exchange.milliseconds))
        answer = Response.read(exchange.answer)
        if answer.root.tag != Tag.RESPONSE_MESSAGE:
            seen = "something that is no Response Message" if exchange.answer else str(exchange.response)
            raise Failure((f"step {step.number} ({_operations(step.request.node)}): an answer",), seen)
        if answer.anomalies:
            raise Failure((f"step {step.number}: an answer that is TTLV",), str(answer.anomalies[0]))
        return answer.root

    def _channel(self, message: Message) -> Channel:
        pushed = self.case.is_led_by_the_server and message.client == "A" and self.channels.has(PUSHED_TO)
        itself = bare(self.case.name) if message.client == "A" and self.channels.has(bare(self.case.name)) else message.client
        return self.channels.channel(PUSHED_TO if pushed else itself, self.case.name)

    def _judged(
        self, step: int, expected: Node, request: Item, answer: Item, *, binds: bool
    ) -> Iterator[tuple[Difference, Relaxation | None]]:
        """Every difference of an answer with the row that allows it, or None."""
        self.history.begin_batch()
        scenes = []
        for asked, came in _batch_items(request, answer):
            scenes.append(self._scene(step, asked, came))
            self.history.note(asked, came)
        for difference, number in _by_batch_item(Comparison(self.bindings, binds), expected, answer, [scene.request for scene in scenes]):
            scene = scenes[number] if 0 <= number < len(scenes) else Scene(bare(self.case.name), self.case.id, step, self.case.version)
            row = judge(difference, scene, ROWS)
            if row is not None and binds and difference.expected is not None and difference.observed is not None:
                literal = self.bindings.value_of(difference.expected)
                if literal is not None and not isinstance(difference.expected.value, Placeholder):
                    self.bindings.vary(literal, difference.observed.value)
            yield difference, row

    def _scene(self, step: int, request: Item | None, answer: Item) -> Scene:
        return Scene(
            case=bare(self.case.name),
            case_id=self.case.id,
            step=step,
            version=self.case.version,
            operation=answer.number(Tag.OPERATION),
            request=request,
            answer=answer,
            certificate=self.history.is_certificate(self.history.object_of(request, answer), answer),
            issued=self.history.was_issued(self.history.object_of(request, answer)),
            generated=self.history.concerns_generated(request, answer),
            varies=self.history.varies_by_nature(request, answer),
            given_back=self.history.is_given_back(request),
            attributes_sent=frozenset(self.bindings.attributes_sent),
        )

    def _settle(self, step: Step, differences: list[tuple[Difference, Relaxation | None]]) -> None:
        """Put on record what the rows allow. Raises `Failure` for the first difference that none allows."""
        for difference, row in differences:
            if row is not None:
                self.used[row.name] = self.used.get(row.name, 0) + 1
                if not row.strict:
                    self.tolerated.setdefault(row.name, f"step {step.number}, {difference.summary}")
        refused = [difference for difference, row in differences if row is None]
        if refused:
            where = f"step {step.number} ({_operations(step.request.node)}), line {step.response.node.line}"
            more = f" (and {len(refused) - 1} more differences)" if len(refused) > 1 else ""
            raise Failure((f"{where}: {refused[0].wish}",), f"{refused[0].sight}{_reason_given(refused[0], self.proceedings)}{more}")

    def _serve(self, step: Step) -> None:
        """Answer a request that the server sends."""
        channel = self._channel(step.request)
        outcome = channel.receive_request(SERVER_SPEAKS_WITHIN)
        if not isinstance(outcome, bytes):
            reason = f"step {step.number}: the server sent no {_operations(step.request.node)} over this connection ({outcome})"
            raise Excused(Verdict.SKIPPED, f"{reason}; how it reaches its clients is not for the standard to say (KMIP 1.4, 5)")
        request = Response.read(outcome).root
        differences = list(self._judged(step.number, step.request.node, request, request, binds=True))
        answer = self.bindings.item(step.response.node)
        channel.send(answer)
        self.proceedings.exchanges.append(
            Proceeding(f"step {step.number}: the server's {_operations(step.request.node)}", outcome, b"", "", 0)
        )
        self._settle(step, differences)


_NAMES_SOMEBODY = frozenset({Tag.USERNAME, Tag.DEVICE_SERIAL_NUMBER})


def _by_batch_item(comparison: Comparison, expected: Node, answer: Item, requests_: list[Item | None]) -> Iterator[tuple[Difference, int]]:
    """The differences of a message, each with the place of its batch item; -1 for what is in no batch item."""
    wanted, items = expected.all(Tag.BATCH_ITEM), answer.all(Tag.BATCH_ITEM)
    around = replace(expected, value=tuple(node for node in expected.children if node.tag != Tag.BATCH_ITEM))
    without = structure(answer.tag, *(item for item in answer.children if item.tag != Tag.BATCH_ITEM))
    place = Place((expected.tag,), "", (tag_name(expected.tag),))
    for difference in replace(comparison, anew=_OF_AN_ANSWER).differences(around, without, place):
        yield difference, -1
    several = len(wanted) > 1
    for number, (node, item) in enumerate(zip(wanted, items, strict=False)):
        below = place.below(Tag.BATCH_ITEM, called=f"Batch Item {number + 1}" if several else "")
        about = replace(comparison, anew=_given_anew(requests_[number]), subject=subject_of(node))
        for difference in about.differences(node, item, below):
            yield difference, number
    for node in wanted[len(items) :]:
        yield Difference(Kind.MISSING, place.below(Tag.BATCH_ITEM), node, None), -1
    for item in items[len(wanted) :]:
        yield Difference(Kind.EXTRA, place.below(Tag.BATCH_ITEM), None, item), -1


_OF_AN_ANSWER = frozenset({Tag.SERVER_CORRELATION_VALUE})
_OF_A_CONVERSATION = frozenset({Tag.CORRELATION_VALUE, Tag.ASYNCHRONOUS_CORRELATION_VALUE, Tag.TICKET_VALUE})


def _given_anew(request: Item | None) -> frozenset[int]:
    """Which values of a conversation an answer begins anew: those that its request does not carry."""
    carried = {item.tag for item in request.walk()} if request is not None else set()
    return frozenset(_OF_A_CONVERSATION - carried)


def _batch_items(request: Item, answer: Item) -> list[tuple[Item | None, Item]]:
    """Each answered batch item with the one that asked for it: by Unique Batch Item ID, else by its place."""
    asked = request.all(Tag.BATCH_ITEM)
    by_id = {item.octets(Tag.UNIQUE_BATCH_ITEM_ID): item for item in asked}
    pairs: list[tuple[Item | None, Item]] = []
    for position, item in enumerate(answer.all(Tag.BATCH_ITEM)):
        identifier = item.octets(Tag.UNIQUE_BATCH_ITEM_ID)
        standing = asked[position] if position < len(asked) else None
        pairs.append((by_id.get(identifier, standing) if identifier is not None else standing, item))
    return pairs


def _operations(message: Node) -> str:
    """The operations of a message, in the standard's words."""
    codes = [item.number(Tag.OPERATION) for item in message.all(Tag.BATCH_ITEM)]
    return " + ".join(words(Operation(code)) if code in set(Operation) else "a message" for code in codes) or "a message"


def _reason_given(difference: Difference, proceedings: Proceedings) -> str:
    """What the target itself said about a status that was not expected."""
    if difference.tag not in {Tag.RESULT_STATUS, Tag.RESULT_REASON}:
        return ""
    items = Response.read(proceedings.exchanges[-1].response).batch_items
    said = next((item.result_message for item in items if item.result_message), None)
    return f"; it says: {said[:200]}" if said else ""
