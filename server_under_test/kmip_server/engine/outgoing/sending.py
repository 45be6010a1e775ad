"""Requests that whoever runs the server sends to a client: Put, Notify, Query, Discover Versions, Set Endpoint Role (KMIP 2.1, 6.2).

Each goes over the newest connection that the server may send the client requests over, behind what waits there, and gives the client's
answer. Raises `NotDelivered` when there is no such connection or no answer, `KmipFailure` when there is no such object.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kmip_server.engine.outgoing.channel import NotDelivered, Outgoing
from kmip_server.engine.outgoing.events import can_be_put, notify_of, put_of
from kmip_server.enums import EndpointRole, ResultReason, ResultStatus
from kmip_server.errors import KmipFailure
from kmip_server.messages import DiscoverVersionsRequest, ProtocolVersion, QueryRequest, SetEndpointRoleRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from kmip_server.engine.context import RequestContext, Services
    from kmip_server.engine.outgoing.outbox import Outbox
    from kmip_server.enums import QueryFunction
    from kmip_server.messages import ResponseBatchItem
    from kmip_server.versions import KmipVersion


class Sending:
    """Sends requests to clients, by the clients' ids."""

    def __init__(self, outbox: Outbox, services: Services) -> None:
        """Over the channels of ``outbox``."""
        self._outbox = outbox
        self._services = services

    async def put(self, client_id: str, unique_identifier: str, *, replaces: str | None = None) -> ResponseBatchItem:
        """Push an object that the client may see; ``replaces``: what it takes the place of."""

        async def payload(context: RequestContext) -> object:
            item = context.services.shelf.get(context, unique_identifier)
            if not can_be_put(item):
                raise KmipFailure(ResultReason.PERMISSION_DENIED, "the object cannot be put: it is sensitive, not extractable, or empty")
            return await put_of(item, context, replaces=replaces)

        return await self._send(client_id, payload)

    async def notify(self, client_id: str, unique_identifier: str, names: Iterable[str]) -> ResponseBatchItem:
        """Tell the client these attributes of an object as they are now."""

        async def payload(context: RequestContext) -> object:
            return notify_of(context.services.shelf.get(context, unique_identifier, archived=True), names, context)

        return await self._send(client_id, payload)

    async def query(self, client_id: str, functions: Iterable[QueryFunction]) -> ResponseBatchItem:
        """Ask the client what it can do."""
        return await self._plain(client_id, QueryRequest(query_function=tuple(functions)))

    async def discover_versions(self, client_id: str, versions: Iterable[KmipVersion] = ()) -> ResponseBatchItem:
        """Ask the client which versions it speaks; of those that are named, if any are."""
        return await self._plain(client_id, DiscoverVersionsRequest(protocol_version=tuple(ProtocolVersion(*one) for one in versions)))

    async def turn_back(self, client_id: str) -> ResponseBatchItem:
        """Give the client its role back (6.2.5)."""
        channel = self._outbox.channel_to(client_id)
        answer = await self._plain(client_id, SetEndpointRoleRequest(endpoint_role=EndpointRole.CLIENT))
        if answer.result_status is ResultStatus.SUCCESS:
            self._outbox.turn_back(channel)
        return answer

    async def _plain(self, client_id: str, payload: object) -> ResponseBatchItem:
        async def given(_: RequestContext) -> object:
            return payload

        return await self._send(client_id, given)

    async def _send(self, client_id: str, payload: Callable[[RequestContext], Coroutine[Any, Any, object]]) -> ResponseBatchItem:
        channel = self._outbox.channel_to(client_id)
        context = self._outbox.context_for(channel, self._services)
        answered: asyncio.Future[ResponseBatchItem] = asyncio.get_running_loop().create_future()
        channel.send(Outgoing(lambda: payload(context), channel.version, answered))
        return await answered


__all__ = ["NotDelivered", "Sending"]
