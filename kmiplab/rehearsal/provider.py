"""A key provider as vCenter and its hosts use one: two or more KMIP endpoints, one client certificate, short-lived connections.

Every request is one of vCenter's own shapes (`kmip_conformance.requests.vcenter`), over TLS, and every connection opens with Discover
Versions. An endpoint that cannot be reached is passed over for the next one. What a server refuses is a `KeyRefused` in its own words;
that no endpoint lets us in is a `NotTrusted`.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_conformance.client import connect, refusal
from kmip_conformance.errors import TargetError
from kmip_conformance.requests import request, revoke
from kmip_conformance.requests.vcenter import OWNER_ATTRIBUTES, PRODUCT_ATTRIBUTES, Vcenter
from kmip_conformance.tables import V1_1, Operation, ResultReason, ResultStatus, RevocationReasonCode, State, Tag, words
from kmip_conformance.wire import Request, Response, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_conformance.client import Connection, Target
    from kmip_conformance.wire import ResponseBatchItem

    from kmiplab.rehearsal.estate import Encrypted, Host

SHAPES = Vcenter()
_KEY_MATERIAL = (Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK, Tag.KEY_VALUE, Tag.KEY_MATERIAL)


class KeyRefused(Exception):
    """A provider did not do what was asked of it; says which, what, and the server's reason."""


class NotTrusted(KeyRefused):
    """No endpoint of the provider lets us in."""


@dataclass(slots=True)
class Traffic:
    """What went over the wire: connections, and requests by operation. Hosts count at the same time."""

    connections: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def connected(self) -> None:
        """One more connection."""
        with self._lock:
            self.connections += 1

    def asked(self, operation: str) -> None:
        """One more request."""
        with self._lock:
            self.requests[operation] += 1

    def take(self) -> tuple[int, dict[str, int]]:
        """What was counted since the last time."""
        with self._lock:
            taken = self.connections, dict(sorted(self.requests.items()))
            self.connections, self.requests = 0, Counter()
        return taken


@dataclass(frozen=True, slots=True)
class KeyProvider:
    """A standard key provider in vCenter. All endpoints have the same keys; each `Target` presents the provider's certificate."""

    name: str
    endpoints: Sequence[Target]
    traffic: Traffic

    @contextmanager
    def line(self, first: int = 0) -> Iterator[Line]:
        """A connection to the first endpoint that takes us, beginning with number ``first``. Raises `NotTrusted`."""
        line = self._open(first)
        try:
            yield line
        finally:
            line.connection.close()

    def shake_hands(self) -> None:
        """A TLS handshake with nothing behind it. Raises `NotTrusted`."""
        try:
            connect(self.endpoints[0]).close()
        except TargetError as error:
            raise NotTrusted(f"{self.name}: {error}") from error
        self.traffic.connected()

    def _open(self, first: int) -> Line:
        said: list[str] = []
        for number in range(len(self.endpoints)):
            target = self.endpoints[(first + number) % len(self.endpoints)]
            try:
                return self._opened(target)
            except (TargetError, NotTrusted) as error:
                said.append(str(error).replace(target.address, "the endpoint"))
        raise NotTrusted(f"{self.name}: {'; '.join(dict.fromkeys(said))}")

    def _opened(self, target: Target) -> Line:
        connection = connect(target)
        self.traffic.connected()
        try:
            line = Line(self, target, connection)
            line.discover()
        except BaseException:
            connection.close()
            raise
        return line


@dataclass(frozen=True, slots=True)
class Line:
    """One connection; requests one after the other."""

    provider: KeyProvider
    target: Target
    connection: Connection

    def ask(self, data: bytes) -> list[ResponseBatchItem]:
        """Send one message; its batch items. Raises `KeyRefused` for the first that failed, `NotTrusted` when there is no answer."""
        items = self._exchange(data)
        for item in items:
            if item.result_status != ResultStatus.SUCCESS:
                reason = item.result_reason
                named = words(ResultReason(reason)) if reason in set(ResultReason) else f"reason {reason}"
                raise KeyRefused(f"{self.provider.name}: {named}: {item.result_message or 'no words'}")
        return items

    def _exchange(self, data: bytes) -> list[ResponseBatchItem]:
        for asked in Request.read(data).batch_items:
            self.provider.traffic.asked(words(Operation(asked.operation or 0)))
        answer = self.connection.exchange(data).response
        if isinstance(answer, bytes):
            return list(Response.read(answer).batch_items)
        raise NotTrusted(str(refusal(self.target) or answer))

    def discover(self, *, with_id: bool = False) -> None:
        """Discover Versions: first on every connection."""
        self.ask(SHAPES.discover_versions_again() if with_id else SHAPES.discover_versions())

    def query(self) -> bool:
        """Query Server Information, as when trust is established; False when the server does not do that, which vCenter lives with."""
        return all(item.result_status == ResultStatus.SUCCESS for item in self._exchange(SHAPES.query()))

    def create(self) -> str:
        """A new AES-256 key, Pre-Active, without a name."""
        (item,) = self.ask(SHAPES.create())
        assert item.unique_identifier is not None
        return item.unique_identifier

    def take_into_use(self, key_id: str) -> bytes:
        """Get, then State, then Activate if it is still Pre-Active."""
        (item,) = self.ask(SHAPES.get(key_id))
        material = item.payload.octets(*_KEY_MATERIAL)
        if material is None:
            raise KeyRefused(f"{self.provider.name}: the answer to Get holds no key")
        if self.state_of(key_id) == State.PRE_ACTIVE:
            self.ask(SHAPES.activate(key_id))
        return material

    def state_of(self, key_id: str) -> int | None:
        """Get Attributes, State."""
        (item,) = self.ask(SHAPES.get_state(key_id))
        attribute = item.payload.first(Tag.ATTRIBUTE)
        return attribute.number(Tag.ATTRIBUTE_VALUE) if attribute else None

    def revoke(self, key_id: str) -> None:
        """Revoke, Cessation of Operation: an administrator's act, which vCenter never does."""
        self.ask(encode(request(V1_1, revoke(key_id, RevocationReasonCode.CESSATION_OF_OPERATION))))

    def tag_product(self, key_id: str) -> None:
        """Write on the key which product made it."""
        self._tag(key_id, PRODUCT_ATTRIBUTES, SHAPES.add_product_tags(key_id))

    def tag_machine(self, key_id: str, machine: Encrypted) -> None:
        """Write on the key which virtual machine it is for."""
        self._tag(key_id, OWNER_ATTRIBUTES, SHAPES.add_vm_tags(key_id, machine.uuid, machine.name))

    def tag_host(self, key_id: str, host: Host) -> None:
        """Write on the key which host it is for."""
        self._tag(key_id, OWNER_ATTRIBUTES, SHAPES.add_host_tags(key_id, host.uuid, host.name))

    def _tag(self, key_id: str, names: Sequence[str], data: bytes) -> None:
        """Ask for each name by itself, then add three attributes in one message; vCenter goes on without them when they are refused."""
        for name in names:
            self._exchange(SHAPES.get_tag(key_id, name))
        self._exchange(data)
