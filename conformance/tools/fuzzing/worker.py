"""One client: it keeps some objects on the target, sends mutated messages in bundles, and judges every answer."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.client import connect
from kmip_conformance.client.connection import Closed, Connection, Silence
from kmip_conformance.tables import V1_4, Operation, QueryFunction, ResultStatus, RevocationReasonCode, Tag
from kmip_conformance.wire import Response, encode, enumeration

from fuzzing.judging import judged
from fuzzing.mutations import is_framed, mutated
from fuzzing.seeds import AES_KEY, EC_KEY, USES, Seeds, bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_conformance.client import Target
    from kmip_conformance.wire import Item

BUNDLE = 16
BUNDLE_BYTES = 24_000
"""Messages, and bytes, that are sent before their answers are read: no more than buffers hold, or both sides would wait for each other."""

PATIENCE = 30.0
"""Seconds after which a message that is not answered counts as a hang."""

TAKES_THE_CERTIFICATE = encode(enumeration(Tag.OPERATION, Operation.RE_PROVISION))
"""Not sent: where it succeeds, the target knows this client no more, as it must (KMIP 2.1, 6.1.48)."""

TIDY_EVERY = 4_000
"""Messages after which what they have made is destroyed, and what they have destroyed is made again."""


@dataclass(slots=True)
class Finding:
    """A message after which something was wrong, what, and the messages that went before it in its bundle."""

    what: str
    messages: list[bytes]


@dataclass(slots=True)
class Tally:
    """What a client has seen."""

    sent: int = 0
    answered: int = 0
    closed: int = 0
    items: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


class Client:
    """A client of the target, and its chance: the same for the same seed and number."""

    def __init__(self, target: Target, seeds: Seeds, seed: int, number: int) -> None:
        self.target, self.seeds = target, seeds
        self.chance = random.Random(f"{seed}/{number}")  # noqa: S311 - it has to be the same chance again
        self.tally = Tally()
        self.objects: dict[str, list[bytes]] = {"$ANY": [b"none"]}
        self.connection: Connection | None = None
        self.turned = False

    def run(self, count: int, *, stop_at: float, progress: Callable[[int], None]) -> Tally:
        """Send so many messages, until the time is up or twenty things were wrong."""
        tidied = -TIDY_EVERY
        while self.tally.sent < count and time.monotonic() < stop_at and len(self.tally.findings) < 20:
            if self.tally.sent - tidied >= TIDY_EVERY:
                tidied = self.tally.sent
                self.tidy()
                progress(self.tally.sent)
            self.exchange(self.bundle(min(BUNDLE, count - self.tally.sent)))
        self.close()
        return self.tally

    def bundle(self, most: int) -> list[bytes]:
        """Some messages to be sent at once; one that breaks the framing is the last."""
        found: list[bytes] = []
        while len(found) < most and sum(map(len, found)) < BUNDLE_BYTES:
            seed = bound(self.seeds.chosen(self.chance), self.objects, self.chance)
            message = mutated(seed, self.chance, self.seeds.everything, self.objects["$ANY"])
            if not message or TAKES_THE_CERTIFICATE in message:
                continue
            found.append(message)
            if not is_framed(message):
                break
        return found

    def exchange(self, messages: list[bytes]) -> None:
        """Send messages and judge their answers. What a closed connection has not answered is sent again over a new one."""
        while messages:
            fresh = self.connection is None
            connection = self.opened()
            connection.send(b"".join(messages))
            if not is_framed(messages[-1]):
                connection.half_close()
            done = self.seen(connection, messages, fresh=fresh)
            self.tally.sent += done
            if done < len(messages) or not is_framed(messages[-1]) or self.turned:
                self.close()
            messages = messages[done:]

    def seen(self, connection: Connection, messages: list[bytes], *, fresh: bool) -> int:
        """How many of the messages are dealt with: all, or those until the connection ended."""
        for number, message in enumerate(messages):
            outcome = connection.receive(PATIENCE if is_framed(message) else 3.0)
            if isinstance(outcome, Silence):
                if is_framed(message):
                    self.found("no answer", messages[: number + 1])
                return number + 1
            if isinstance(outcome, Closed):
                if outcome.how != "closed" or outcome.partial:
                    self.found(f"the connection ended without order: {outcome}", messages[: number + 1])
                if number or not fresh:
                    return number  # it was closed after the answer before this one: nobody has looked at this message
                self.tally.closed += 1
                return 1
            self.tally.answered += 1
            verdict = judged(outcome)
            self.tally.items.update(verdict.items)
            if verdict.fault is not None:
                self.found(verdict.fault, messages[: number + 1])
            if (Operation.SET_ENDPOINT_ROLE, 0) in verdict.items:
                self.turned = True
                return number + 1  # from now on the server asks and the client answers, over this connection
        return len(messages)

    def found(self, what: str, messages: list[bytes]) -> None:
        """Something is wrong."""
        self.tally.findings.append(Finding(what, messages))

    def opened(self) -> Connection:
        """The connection, opened when there is none."""
        if self.connection is None:
            self.connection = connect(self.target, timeout=PATIENCE)
        return self.connection

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self.connection is not None:
            self.connection.close()
            self.connection, self.turned = None, False

    # --- the objects that the messages are about

    def tidy(self) -> None:
        """Destroy what the messages have made, and make the objects that they are about, over a new connection."""
        self.close()
        while True:
            found = [str(one) for one in self.told(requests.locate(maximum=200), Tag.UNIQUE_IDENTIFIER)]
            for uid in found:
                self.ask(requests.recover(uid))
                self.ask(requests.revoke(uid, RevocationReasonCode.KEY_COMPROMISE))
                self.ask(requests.destroy(uid))
            if len(found) < 200:
                break
        self.objects = {
            "$KEY": self.made(requests.create(2, *AES_KEY)) + self.made(requests.create(2, *AES_KEY[:3])),
            "$SECRET": self.made(requests.register_secret_data(b"correct horse")),
            "$OPAQUE": self.made(requests.register_opaque(b"anything")),
        }
        pair = self.told(requests.create_key_pair(*EC_KEY[2:], algorithm=26, length=256, private=USES, public=USES), None)
        private, public = [*pair, b"none", b"none"][:2]
        self.objects |= {"$PRIVATE": [_octets(private)], "$PUBLIC": [_octets(public)]}
        self.objects["$ANY"] = [uid for found in self.objects.values() for uid in found] or [b"none"]

    def made(self, item: Item) -> list[bytes]:
        """The identifier of a new object; one that is not there where the target makes none."""
        return [_octets(one) for one in self.told(item, Tag.UNIQUE_IDENTIFIER)] or [b"none"]

    def told(self, item: Item, tag: int | None) -> list[object]:
        """The values of the fields of this tag (None: of every text) in a successful answer's payload."""
        answer = self.ask(item)
        if answer is None or answer.batch_items[0].result_status != ResultStatus.SUCCESS:
            return []
        fields = answer.batch_items[0].payload.children
        return [one.value for one in fields if (isinstance(one.value, str) if tag is None else one.tag == tag)]

    def ask(self, item: Item) -> Response | None:
        """A right request; None when it was not answered, which is a finding of its own."""
        message = encode(requests.request(V1_4, item))
        outcome = self.opened().exchange(message, timeout=PATIENCE).response
        if isinstance(outcome, bytes) and (answer := Response.read(outcome)).batch_items:
            return answer
        self.close()
        self.found(f"a right request was not answered: {outcome!s:.80}", [message])
        return None

    def is_served(self) -> bool:
        """The liveness probe: Query Operations under 1.4."""
        answer = self.ask(requests.query(QueryFunction.QUERY_OPERATIONS))
        return answer is not None and answer.batch_items[0].result_status == ResultStatus.SUCCESS


def _octets(identifier: object) -> bytes:
    return identifier if isinstance(identifier, bytes) else str(identifier).encode()
