"""Ping, Log and Interop (KMIP 2.1, 6.1.36, 6.1.29 and 6.1.26): what clients say to the server itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kmip_server.access.tickets import TICKETS
from kmip_server.enums import InteropFunction, Operation
from kmip_server.messages import InteropResponse, LogResponse, PingResponse
from kmip_server.operations.table import operation
from kmip_server.store.contract import LocateQuery
from kmip_server.versions import V2_0, V2_1

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import InteropRequest, LogRequest, PingRequest
    from kmip_server.store.contract import Transaction

_log = logging.getLogger("kmip_server.clients")

LONGEST_LINE = 1000
"""How many characters of a client's message are logged."""


@operation(Operation.PING, writes=False, since=V2_1)
async def ping(_: PingRequest, __: RequestContext) -> PingResponse:
    """The server is alive."""
    return PingResponse()


@operation(Operation.LOG, writes=False, since=V2_0)
async def log(request: LogRequest, context: RequestContext) -> LogResponse:
    """Put a client's message into the log, as one line that cannot pass for another."""
    _log.info("%s says: %r", context.peer.client.name, request.log_message[:LONGEST_LINE])
    return LogResponse()


@operation(Operation.INTEROP, writes=True, since=V2_0)
async def interop(request: InteropRequest, context: RequestContext) -> InteropResponse:
    """A test begins or ends, which is logged; Reset takes away everything that this client has, and no other's.

    "It SHALL NOT be available in a production server": only the reference personality offers it.
    """
    function = request.interop_function
    _log.info("%s: Interop %s %r", context.peer.client.name, function.name.title(), request.interop_identifier[:LONGEST_LINE])
    if function is InteropFunction.RESET:
        owner = context.owner

        def in_transaction(transaction: Transaction) -> None:
            for identifier in transaction.locate(owner, LocateQuery()):
                transaction.delete(owner, identifier)
            for key in TICKETS.of_client(transaction, context.peer.client.id):
                TICKETS.remove(transaction, key)

        await context.store.write(in_transaction)
    return InteropResponse()
