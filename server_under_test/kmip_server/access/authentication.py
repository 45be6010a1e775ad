"""Who a request comes from (KMIP 1.4, 6.6; KMIP 2.1, 9.4): the client of the connection's certificate, or the one its credentials say.

A message without credentials is the certificate's. Whoever sends credentials must send the right ones, and all of them (2.1, 9.4: "they
must ALL be satisfied"). A ticket stands for the client that logged in, with what it was granted (`tickets`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.access import tickets
from kmip_server.access.rights import GuardedStore
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import AttestationCredential, TicketCredential, UsernamePasswordCredential

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import Authentication, CredentialValue, RequestBatchItem, Ticket


async def authenticate(authentication: Authentication, items: Sequence[RequestBatchItem], context: RequestContext) -> None:
    """Hold the message's credentials against what is known, and put who it comes from into its context.

    Raises `KmipFailure`: Authentication Not Successful, Attestation Failed, Invalid Ticket or Usage Limit Exceeded.
    """
    for credential in authentication.credential:
        value = credential.credential_value
        if isinstance(value, TicketCredential):
            await _act_for(value.ticket, items, context)
        elif not _is_right(value, context):
            raise KmipFailure(
                ResultReason.AUTHENTICATION_NOT_SUCCESSFUL,
                "the credential in the header is not that of the client whose certificate this is",
            )


async def _act_for(ticket: Ticket, items: Sequence[RequestBatchItem], context: RequestContext) -> None:
    """Perform the batch as the client that a ticket stands for."""
    if context.grant is not None:
        raise KmipFailure(ResultReason.AUTHENTICATION_NOT_SUCCESSFUL, "a request has one ticket at most")
    client_id, grant = await tickets.use(ticket, [item.operation for item in items], context.store, context.now)
    client = context.services.directory.client(client_id)
    if client is None or client.id != client_id:
        raise tickets.invalid_ticket()
    context.peer = context.peer._replace(client=client)
    context.grant = grant
    if grant.rights is not None:
        context.store = GuardedStore(context.store, context.owner, grant)


def _is_right(value: CredentialValue, context: RequestContext) -> bool:
    if isinstance(value, UsernamePasswordCredential):
        return context.services.directory.check_password(context.peer.client, value.username, value.password or "")
    if isinstance(value, AttestationCredential):
        raise KmipFailure(ResultReason.ATTESTATION_FAILED, "this server verifies no attestations: send the request without one")
    return False
