"""Who is sent what, over which connection.

How a server reaches its clients is left to "unspecified configuration or administrative mechanisms" (KMIP 1.4, 5.1; 2.1, 6.2.2). Here:

* A client of 2.x turns a connection of its own (Set Endpoint Role). It is asked first what it is (Discover Versions, Query), and then told
  what becomes of its objects, by the operations that it says it takes.
* A client that the server is told to push to (`Settings.push_to`) is told the same over the connections that it asks on, without being
  asked. That is the only way to a client of 1.x.
* Whoever runs the server sends what he likes (`sending`).

What is told comes from the store's own commits: what other worker processes do is not seen.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kmip_server.conversation import Peer
from kmip_server.engine.context import RequestContext
from kmip_server.engine.outgoing.channel import Channel, NotDelivered, Outgoing
from kmip_server.engine.outgoing.events import news_of
from kmip_server.enums import QueryFunction, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import DiscoverVersionsRequest, ProtocolVersion, QueryRequest, QueryResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kmip_server.conversation import Correlation, ItemLog, Line
    from kmip_server.engine.context import Services
    from kmip_server.messages import ResponseBatchItem
    from kmip_server.store.contract import StoredObject, WatchedStore
    from kmip_server.versions import KmipVersion

MOST_TURNED = 8
"""How many connections of one client may be turned at once."""

FIRST_QUESTIONS = (
    QueryFunction.QUERY_OPERATIONS,
    QueryFunction.QUERY_OBJECTS,
    QueryFunction.QUERY_SERVER_INFORMATION,
    QueryFunction.QUERY_PROFILES,
    QueryFunction.QUERY_CAPABILITIES,
)


class Outbox:
    """The channels to clients, and what goes over them by itself. ``push_to`` names clients."""

    def __init__(
        self,
        store: WatchedStore,
        clock: Callable[[], float],
        correlate: Callable[[], Correlation],
        log: ItemLog,
        push_to: Iterable[str],
    ) -> None:
        """``clock`` gives seconds since 1970; the others as of `Channel`."""
        self._store = store
        self._clock = clock
        self._correlate = correlate
        self._log = log
        self.push_to = frozenset(push_to)
        self._channels: dict[Line, Channel] = {}
        self._watches: dict[Channel, Callable[[], None]] = {}

    def must_have_room(self, client_id: str) -> None:
        """May one more connection of this client be turned? Raises `KmipFailure` (Permission Denied, Server Limit Exceeded)."""
        if sum(channel.turned and channel.client.id == client_id for channel in self._channels.values()) >= MOST_TURNED:
            sentence = f"{MOST_TURNED} connections of this client are turned already; end some"
            raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.SERVER_LIMIT_EXCEEDED)

    def turn(self, peer: Peer, version: KmipVersion, services: Services) -> None:
        """From now on the server sends requests over the peer's connection, and the client answers."""
        assert peer.line is not None
        channel = self._opened(peer.line, peer, version, services, turned=True)
        offered = tuple(ProtocolVersion(*one) for one in services.personality.offered)
        asked = asyncio.get_running_loop().create_future()
        asked.add_done_callback(lambda answer: _learn(channel, answer))
        channel.send(Outgoing(lambda: _given(DiscoverVersionsRequest(protocol_version=offered)), version))
        channel.send(Outgoing(lambda: _given(QueryRequest(query_function=FIRST_QUESTIONS)), version, asked))

    def greet(self, peer: Peer, version: KmipVersion, services: Services) -> None:
        """A request has come from a client that is pushed to: it is told over this connection, under the version that it speaks."""
        if peer.line is not None:
            known = self._channels.get(peer.line)
            if known is None:
                self._opened(peer.line, peer, version, services, turned=False)
            elif not known.turned:
                known.version = version

    def turn_back(self, channel: Channel) -> None:
        """The client has its role again."""
        channel.turned = False
        channel.line.open(channel, turned=False)
        self._stop_watching(channel)

    def channel_to(self, client_id: str) -> Channel:
        """The newest connection that the server may send this client requests over. Raises `NotDelivered`."""
        for channel in reversed(self._channels.values()):
            if channel.client.id == client_id and channel in self._watches:
                return channel
        raise NotDelivered("the client has no connection that the server may send requests over", "let it send Set Endpoint Role")

    def context_for(self, channel: Channel, services: Services) -> RequestContext:
        """A context in which the server looks at things as this client would."""
        peer = Peer(channel.client, channel.line.address)
        return RequestContext(channel.version, peer, int(self._clock()), self._store, services)

    def _opened(self, line: Line, peer: Peer, version: KmipVersion, services: Services, *, turned: bool) -> Channel:
        channel = self._channels.get(line)
        if channel is None:
            channel = self._channels[line] = Channel(
                line, peer.client, version=version, clock=self._clock, correlate=self._correlate, log=self._log, lost=self._lost
            )
        channel.turned, channel.version = turned, version
        line.open(channel, turned=turned)
        if channel not in self._watches:
            self._watches[channel] = self._store.watch(
                peer.client.owner, lambda before, after: self._tell(channel, before, after, services)
            )
        return channel

    def _tell(self, channel: Channel, before: StoredObject | None, after: StoredObject, services: Services) -> None:
        async def news() -> object | None:
            return await news_of(before, after, channel.takes, self.context_for(channel, services))

        channel.send(Outgoing(news, channel.version))

    def _stop_watching(self, channel: Channel) -> None:
        stop = self._watches.pop(channel, None)
        if stop is not None:
            stop()

    def _lost(self, channel: Channel) -> None:
        self._stop_watching(channel)
        self._channels.pop(channel.line, None)


def _learn(channel: Channel, answer: asyncio.Future[ResponseBatchItem]) -> None:
    """Remember which operations the client takes."""
    if answer.cancelled() or answer.exception() is not None:
        return
    payload = answer.result().response_payload
    if isinstance(payload, QueryResponse):
        channel.takes = frozenset(payload.operation)


async def _given(payload: Any) -> object:
    return payload
