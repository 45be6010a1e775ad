"""The server as a client (KMIP 2.1, 6.1.54 and 6.2): what it asks and tells over a connection whose roles were turned.

First it asks what the client is: Discover Versions and Query, one after the other. Then it tells what becomes of the client's objects,
for as long as the connection lives: Put for each new one, Notify for each change. It sends a request when the one before it was answered.
An operation that the client does not list in its answer to Query is not sent.

Decisions where the standard leaves room:

* What another connection (of whatever client) did to the objects is told, and what this process did to them: other workers' changes are
  not.
* Put carries what Get would give, and that only: an object that is Sensitive, not Extractable or without material is told by Notify.
* A change of which nothing is known but that it happened is told with the State and the Last Change Date.
* What changes by mere use (Fresh, Usage Limits) is not told.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from kmip_server.codec import decode, encode
from kmip_server.enums import LinkType, Operation, PutFunction, QueryFunction, ResultStatus
from kmip_server.errors import KmipFailure, MalformedMessage
from kmip_server.messages import (
    Attribute,
    AttributeReference,
    Attributes,
    DiscoverVersionsRequest,
    Link,
    NotifyRequest,
    ProtocolVersion,
    PutRequest,
    QueryRequest,
    QueryResponse,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseMessage,
)
from kmip_server.objects.at_rest import object_of
from kmip_server.objects.material import put_together
from kmip_server.objects.values import exists_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kmip_server.conversation import Peer
    from kmip_server.engine.context import Services
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import StoredObject, WatchedStore
    from kmip_server.versions import KmipVersion

_log = logging.getLogger("kmip_server.outgoing")

MOST_WAITING = 1000
"""How many changes wait for a client that answers slowly; the oldest are forgotten."""

CHANGED = "Last Change Date"

UNTOLD = frozenset({CHANGED, "Fresh", "Usage Limits"})
"""What changes by mere use, and is not told alone."""

FIRST_QUESTIONS = (
    QueryFunction.QUERY_OPERATIONS,
    QueryFunction.QUERY_OBJECTS,
    QueryFunction.QUERY_SERVER_INFORMATION,
    QueryFunction.QUERY_PROFILES,
    QueryFunction.QUERY_CAPABILITIES,
)


class Errands:
    """The requests for one turned connection, one after the other."""

    def __init__(self, services: Services, store: WatchedStore, peer: Peer, version: KmipVersion, clock: Callable[[], float]) -> None:
        """Begin to watch the objects of the client. `close` ends that."""
        self._services = services
        self._peer = peer
        self._version = version
        self._clock = clock
        self._known: frozenset[Operation] | None = None
        self._asked: Operation | None = None
        self._waiting: deque[tuple[StoredObject | None, StoredObject]] = deque(maxlen=MOST_WAITING)
        self._something = asyncio.Event()
        self._stop_watching = store.watch(peer.client.owner, self._noticed)
        self._questions: Iterator[Any] = iter(
            (
                DiscoverVersionsRequest(protocol_version=tuple(ProtocolVersion(*one) for one in services.personality.offered)),
                QueryRequest(query_function=FIRST_QUESTIONS),
            )
        )

    def close(self) -> None:
        """Watch no more."""
        self._stop_watching()

    def _noticed(self, before: StoredObject | None, after: StoredObject) -> None:
        self._waiting.append((before, after))
        self._something.set()

    async def next(self) -> bytes:
        """The next request, as soon as there is one."""
        for question in self._questions:
            return self._request(question)
        while True:
            while not self._waiting:
                self._something.clear()
                await self._something.wait()
            payload = await self._told(*self._waiting.popleft())
            if payload is not None:
                return self._request(payload)

    def answered(self, response: bytes) -> bool:
        """Take the client's answer to the last request. False when it is none, and the connection is to be ended."""
        try:
            message = decode(ResponseMessage, response, self._version)
        except MalformedMessage as fault:
            _log.warning("%s answered a request of ours with something unreadable: %s", self._peer.client.name, fault)
            return False
        for item in message.batch_item:
            if item.result_status is not ResultStatus.SUCCESS:
                _log.info("%s refused our %s: %r", self._peer.client.name, _name(self._asked), (item.result_message or "")[:200])
            elif isinstance(item.response_payload, QueryResponse):
                self._known = frozenset(item.response_payload.operation)
        return True

    def _request(self, payload: Any) -> bytes:
        self._asked = OPERATION_OF[type(payload)]
        header = RequestHeader(protocol_version=ProtocolVersion(*self._version), time_stamp=int(self._clock()), batch_count=1)
        item = RequestBatchItem(operation=self._asked, request_payload=payload)
        return encode(RequestMessage(request_header=header, batch_item=(item,)), self._version)

    def _takes(self, operation: Operation) -> bool:
        return self._known is None or operation in self._known

    async def _told(self, before: StoredObject | None, after: StoredObject) -> PutRequest | NotifyRequest | None:
        """What a change is told by; None when it is not."""
        item, was = object_of(after), None if before is None else object_of(before)
        if after.revision == 1 and self._takes(Operation.PUT):
            put = await self._put(item)
            if put is not None:
                return put
        return self._notify(item, was) if self._takes(Operation.NOTIFY) else None

    async def _put(self, item: ManagedObject) -> PutRequest | None:
        if item.envelope is None or item.value("Sensitive") is True or item.value("Extractable") is False:
            return None
        try:
            material = await self._services.wrapping.unwrap(self._peer.client, item.unique_identifier, item.envelope)
        except KmipFailure as failure:
            _log.warning("an object cannot be put to %s: %s", self._peer.client.name, failure)
            return None
        replaced = _replaced(item)
        return PutRequest(
            unique_identifier=item.unique_identifier,
            put_function=PutFunction.NEW if replaced is None else PutFunction.REPLACE,
            replaced_unique_identifier=replaced,
            managed_object=put_together(item.object_type, item.skeleton, material),
            attributes=self._attributes(item, item.names(self._version)),
        )

    def _notify(self, item: ManagedObject, was: ManagedObject | None) -> NotifyRequest | None:
        if was is None:
            return NotifyRequest(unique_identifier=item.unique_identifier, attributes=self._attributes(item, ("State", CHANGED)))
        names = [name for name in item.names(self._version) if item.instances(name) != was.instances(name)]
        gone = [name for name in was.names(self._version) if not item.instances(name)]
        if not {*names, *gone} - UNTOLD:
            return None
        names = [name for name in names if name != CHANGED]
        return NotifyRequest(
            unique_identifier=item.unique_identifier,
            attributes=self._attributes(item, (*names, CHANGED)),
            attribute_reference=tuple(map(AttributeReference, gone)),
        )

    def _attributes(self, item: ManagedObject, names: Any) -> Attributes:
        found = ((name, instance.value) for name in names for instance in item.instances(name))
        return Attributes(
            tuple(Attribute(attribute_name=name, attribute_value=value) for name, value in found if exists_in(value, self._version))
        )


OPERATION_OF: dict[type, Operation] = {
    DiscoverVersionsRequest: Operation.DISCOVER_VERSIONS,
    QueryRequest: Operation.QUERY,
    PutRequest: Operation.PUT,
    NotifyRequest: Operation.NOTIFY,
}


def _name(operation: Operation | None) -> str:
    return "request" if operation is None else operation.name.replace("_", " ").title()


def _replaced(item: ManagedObject) -> str | None:
    """The object that this one took the place of, where it says so."""
    links = (instance.value for instance in item.instances("Link"))
    return next(
        (
            str(link.linked_object_identifier)
            for link in links
            if isinstance(link, Link) and link.link_type is LinkType.REPLACED_OBJECT_LINK
        ),
        None,
    )
