"""Set Endpoint Role (KMIP 2.1, 6.1.54): the client asks the server to be the client from now on, over the same connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import EndpointRole, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import SetEndpointRoleResponse
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import SetEndpointRoleRequest


@operation(Operation.SET_ENDPOINT_ROLE, writes=False, since=V2_0)
async def set_endpoint_role(request: SetEndpointRoleRequest, context: RequestContext) -> SetEndpointRoleResponse:
    """Turn the connection, once this message is answered. A server it is already."""
    peer, outbox = context.peer, context.services.outbox
    if request.endpoint_role is EndpointRole.CLIENT:
        if peer.line is None:
            raise KmipFailure(ResultReason.FEATURE_NOT_SUPPORTED, "this connection cannot be turned: messages over HTTP go one way")
        if context.grant is not None:
            raise KmipFailure(ResultReason.PERMISSION_DENIED, "a ticket turns no connection: the objects told of are the certificate's")
        outbox.must_have_room(peer.client.id)
        context.when_done.append(lambda: outbox.turn(peer, context.version, context.services))
    elif request.endpoint_role is not EndpointRole.SERVER:
        raise KmipFailure(ResultReason.INVALID_FIELD, "there are two Endpoint Roles: Client and Server")
    return SetEndpointRoleResponse(endpoint_role=request.endpoint_role)
