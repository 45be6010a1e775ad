"""A conversation: what a check says to the target as one client, under one KMIP version, and what it hears.

It opens its connection when it first speaks, writes every exchange into the proceedings, and remembers what it created. A server may
close a connection after any answer; a request that finds it closed is therefore sent once more over a new one. Bytes that a check
spoilt on purpose are sent once only.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from kmip_conformance import requests
from kmip_conformance.client import DEFAULT_TLS, Closed, Silence, Tls, connect
from kmip_conformance.judge.expectations import Subject
from kmip_conformance.judge.proceedings import Proceeding
from kmip_conformance.judge.replies import Answer, Reply
from kmip_conformance.tables import Operation, QueryFunction, ResultStatus, RevocationReasonCode, Tag, words
from kmip_conformance.wire import Item, Request, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from kmip_conformance.client import Connection, Target
    from kmip_conformance.judge.proceedings import Proceedings
    from kmip_conformance.tables import KmipVersion

T = TypeVar("T")

CREATING = frozenset(
    {
        Operation.CREATE,
        Operation.CREATE_KEY_PAIR,
        Operation.REGISTER,
        Operation.RE_KEY,
        Operation.RE_KEY_KEY_PAIR,
        Operation.DERIVE_KEY,
        Operation.CERTIFY,
        Operation.RE_CERTIFY,
        Operation.CREATE_SPLIT_KEY,
        Operation.JOIN_SPLIT_KEY,
        Operation.IMPORT,
        Operation.POLL,
    }
)
"""Operations whose answer names objects that were not there before: Poll's, when it answers for one of the others."""

_NAMES_AN_OBJECT = frozenset({Tag.UNIQUE_IDENTIFIER, Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER, Tag.PUBLIC_KEY_UNIQUE_IDENTIFIER})


@dataclass(frozen=True, slots=True)
class Manners:
    """How a conversation is held: TLS settings, seconds to wait for an answer, and whether requests carry the target's credential."""

    tls: Tls = DEFAULT_TLS
    timeout: float = 10.0
    authenticates: bool = True


class Conversation:
    """One client's side of a talk with the target. Methods named after operations send that operation alone and return its `Answer`."""

    def __init__(self, target: Target, version: KmipVersion, proceedings: Proceedings, manners: Manners | None = None) -> None:
        self.target = target
        self.version = version
        self.proceedings = proceedings
        self.manners = manners or Manners()
        self.created: list[str] = []
        self._all = [self]
        self._connection: Connection | None = None
        self._has_answered = False

    # The connection

    @property
    def connection(self) -> Connection:
        """The TLS connection, opened when it is first asked for. Raises TargetError when the target does not take it."""
        if self._connection is None:
            self._connection = connect(self.target, tls=self.manners.tls, timeout=self.manners.timeout)
            self._has_answered = False
        return self._connection

    def hang_up(self) -> None:
        """Close the connection, if there is one; what is said next opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def hang_up_all(self) -> None:
        """Close the connections of this conversation and of every other that was begun from it."""
        for conversation in self._all:
            conversation.hang_up()

    def again(self, *, version: KmipVersion | None = None, **manners: Any) -> Conversation:
        """Another conversation of the same client over a connection of its own: under another version, with other `Manners`."""
        another = Conversation(self.target, version or self.version, self.proceedings, replace(self.manners, **manners))
        another.created, another._all = self.created, self._all
        self._all.append(another)
        return another

    def at_once(self, count: int, act: Callable[[Conversation, int], T]) -> list[T]:
        """Let ``act(conversation, number)`` run ``count`` times at the same time, each over its own connection; their results in order."""

        def one(number: int) -> T:
            conversation = self.again()
            try:
                result = act(conversation, number)
                self.proceedings.settle()
                return result
            finally:
                conversation.hang_up()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    # Whole messages

    def request(self, *batch_items: Item, **header: Any) -> Item:
        """The message that `send` would send: to be spoilt, and sent with `send_bytes`. ``header`` is that of `requests.request`."""
        if self.manners.authenticates and self.target.username is not None:
            header.setdefault("credential", requests.credential(self.target.username, self.target.password or ""))
        return requests.request(self.version, *batch_items, **header)

    def send(self, *batch_items: Item, **header: Any) -> Reply:
        """Send batch items in one message; header fields are named as in `requests.request`."""
        data = encode(self.request(*batch_items, **header))
        reused = self._has_answered
        reply = self._exchange(data)
        if reused and isinstance(reply.outcome, Closed):
            self.hang_up()
            reply = self._exchange(data)
        self._keep_account(reply)
        return reply

    def send_bytes(self, data: bytes | Item) -> Reply:
        """Send these bytes, right or wrong, once. The reply has to be judged."""
        reply = self._exchange(data if isinstance(data, bytes) else encode(data))
        self.proceedings.await_judgement(reply)
        self._keep_account(reply)
        return reply

    def ask(self, batch_item: Item, **header: Any) -> Answer:
        """Send one batch item and return the answer to it. The answer has to be judged."""
        answer = Answer(self.send(batch_item, **header), 0, self.proceedings.tolerate)
        self.proceedings.await_judgement(answer)
        return answer

    def _exchange(self, data: bytes) -> Reply:
        self.proceedings.settle()
        exchange = self.connection.exchange(data)
        response = exchange.response
        received = response if isinstance(response, bytes) else b""
        note = "" if received else str(response)
        self.proceedings.exchanges.append(Proceeding(_title(data), data, received, note, exchange.milliseconds))
        self._has_answered = bool(received)
        if isinstance(response, Closed | Silence):
            self.hang_up()
        return Reply(response, self.proceedings.tolerate, self.version)

    def _keep_account(self, reply: Reply) -> None:
        """Remember which objects are there because of us."""
        for item in reply.message.batch_items if reply.message else ():
            named = [str(field.value) for field in item.payload.children if field.tag in _NAMES_AN_OBJECT]
            if item.operation in CREATING:
                self.created += named
            elif item.operation == Operation.DESTROY and item.result_status == ResultStatus.SUCCESS:
                self.created[:] = [uid for uid in self.created if uid not in named]

    # Expectations and steps

    def prefer(self, value: Any, called: str) -> Subject:
        """State what SHOULD hold of a value: a miss makes the verdict non-strict, and the check goes on."""
        return Subject(value, called, lambda better, observed: self.proceedings.tolerate(f"{observed}; better: {better}"))

    def step(self, title: str, mark: str = "observed") -> AbstractContextManager[None]:
        """A named step of a scenario; ``mark`` says how its traffic is known: observed, reported or inferred."""
        return self.proceedings.step(title, mark)

    def note(self, what: str) -> None:
        """Write a remark into the record of this attempt. It has no bearing on the verdict."""
        self.proceedings.notes.append(what)

    # Arranging: a legal request that has to succeed before the rule can be tried

    def has_key(self, *attributes: Item, length: int = 256, active: bool = False) -> str:
        """Create an AES key, Active if asked, and return its Unique Identifier."""
        key = self.create_symmetric_key(*attributes, length=length).uid
        if active:
            self.activate(key).succeeds().settle()
        return key

    def has_secret(self, *attributes: Item, secret: bytes = b"correct horse battery staple") -> str:
        """Register a password as Secret Data and return its Unique Identifier."""
        return self.ask(requests.register_secret_data(secret, *attributes)).uid

    def state_of(self, uid: str) -> Any:
        """The State attribute of an object."""
        return self.get_attributes(uid, "State").attribute("State")

    # Operations

    def create_symmetric_key(self, *attributes: Item, **fields: Any) -> Answer:
        """Create (KMIP 1.4, 4.1): AES, 256 bits, may encrypt and decrypt, unless ``algorithm``, ``length`` or ``usage`` say otherwise."""
        return self.ask(requests.create_symmetric_key(*attributes, **fields))

    def get(self, uid: str | None, **fields: Any) -> Answer:
        """Get (KMIP 1.4, 4.11)."""
        return self.ask(requests.get(uid, **fields))

    def get_attributes(self, uid: str | None, *names: str) -> Answer:
        """Get Attributes (KMIP 1.4, 4.12); without names, all of them."""
        return self.ask(requests.get_attributes(uid, *names))

    def get_attribute_list(self, uid: str | None) -> Answer:
        """Get Attribute List (KMIP 1.4, 4.13)."""
        return self.ask(requests.get_attribute_list(uid))

    def add_attribute(self, uid: str | None, attribute: Item) -> Answer:
        """Add Attribute (KMIP 1.4, 4.14)."""
        return self.ask(requests.add_attribute(uid, attribute))

    def modify_attribute(self, uid: str | None, attribute: Item) -> Answer:
        """Modify Attribute (KMIP 1.4, 4.15)."""
        return self.ask(requests.modify_attribute(uid, attribute))

    def delete_attribute(self, uid: str | None, name: str, index: int | None = None) -> Answer:
        """Delete Attribute (KMIP 1.4, 4.16)."""
        return self.ask(requests.delete_attribute(uid, name, index))

    def locate(self, *attributes: Item, **fields: Any) -> Answer:
        """Locate (KMIP 1.4, 4.9)."""
        return self.ask(requests.locate(*attributes, **fields))

    def check(self, uid: str | None, **fields: Any) -> Answer:
        """Check (KMIP 1.4, 4.10)."""
        return self.ask(requests.check(uid, **fields))

    def activate(self, uid: str | None) -> Answer:
        """Activate (KMIP 1.4, 4.19)."""
        return self.ask(requests.activate(uid))

    def revoke(self, uid: str | None, reason: int = RevocationReasonCode.CESSATION_OF_OPERATION, **fields: Any) -> Answer:
        """Revoke (KMIP 1.4, 4.20)."""
        return self.ask(requests.revoke(uid, reason, **fields))

    def destroy(self, uid: str | None) -> Answer:
        """Destroy (KMIP 1.4, 4.21)."""
        return self.ask(requests.destroy(uid))

    def discover_versions(self, *versions: KmipVersion) -> Answer:
        """Discover Versions (KMIP 1.4, 4.26)."""
        return self.ask(requests.discover_versions(*versions))

    def query(self, *functions: int) -> Answer:
        """Query (KMIP 1.4, 4.25); without functions, for the operations."""
        return self.ask(requests.query(*(functions or (QueryFunction.QUERY_OPERATIONS,))))


def _title(data: bytes) -> str:
    """What a message asks for: the words of its operations."""
    operations: Sequence[int | None] = [item.operation for item in Request.read(data).batch_items]
    names = [words(Operation(code)) if code in set(Operation) else f"operation {code}" for code in operations]
    return " + ".join(names) or f"{len(data)} bytes"
