"""Login, Delegated Login and Logout (KMIP 2.1, 6.1.30, 6.1.12 and 6.1.31)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.access import tickets
from kmip_server.enums import Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import DelegatedLoginResponse, LoginResponse, LogoutResponse, Rights
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import DelegatedLoginRequest, LoginRequest, LogoutRequest, Right


@operation(Operation.LOGIN, writes=True, since=V2_0)
async def login(request: LoginRequest, context: RequestContext) -> LoginResponse:
    """A ticket for everything that this client may."""
    _ticket_gives_no_ticket(context)
    return LoginResponse(ticket=await tickets.issue(request, None, context))


@operation(Operation.DELEGATED_LOGIN, writes=True, since=V2_0)
async def delegated_login(request: DelegatedLoginRequest, context: RequestContext) -> DelegatedLoginResponse:
    """A ticket for what the rights say and nothing else."""
    _ticket_gives_no_ticket(context)
    rights = Rights(tuple(_settled(right, context) for right in request.rights.right))
    return DelegatedLoginResponse(ticket=await tickets.issue(request, rights, context))


@operation(Operation.LOGOUT, writes=True, since=V2_0)
async def logout(request: LogoutRequest, context: RequestContext) -> LogoutResponse:
    """The ticket is worth nothing from now on."""
    await tickets.revoke(request.ticket, context)
    return LogoutResponse()


def _ticket_gives_no_ticket(context: RequestContext) -> None:
    if context.grant is not None:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "a ticket gives no ticket: log in with the credential itself")


def _settled(right: Right, context: RequestContext) -> Right:
    """The right with its objects by their identifiers. Raises `KmipFailure` when one of them is not this client's."""
    if right.objects is None:
        return right
    identifiers = tuple(context.identify(named) for named in right.objects.unique_identifier)
    for identifier in identifiers:
        context.services.shelf.get(context, identifier)
    return replace(right, objects=replace(right.objects, unique_identifier=identifiers))
