"""Activate and Revoke (KMIP 1.4, 4.19 and 4.20): the lifecycle table moved by a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import Operation, ResultReason
from kmip_server.enums.versioned import FIRST_EXTENSION
from kmip_server.errors import KmipFailure
from kmip_server.lifecycle import Event, next_state, revocation_event
from kmip_server.messages import ActivateResponse, RevokeResponse
from kmip_server.operations.table import operation
from kmip_server.versions import V1_4

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import ActivateRequest, RevokeRequest
    from kmip_server.objects.managed import AttributeValue, ManagedObject
    from kmip_server.store.contract import Transaction


@operation(Operation.ACTIVATE, writes=True)
async def activate(request: ActivateRequest, context: RequestContext) -> ActivateResponse:
    """Pre-Active → Active; the Activation Date is now."""
    unique_identifier = context.identify(request.unique_identifier)

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        state = next_state(item.object_type, item.state, Event.ACTIVATE, context.version)
        return item.with_values({"Activation Date": context.now}, state=state)

    await context.services.shelf.change(context, unique_identifier, edit)
    return ActivateResponse(unique_identifier=unique_identifier)


@operation(Operation.REVOKE, writes=True)
async def revoke(request: RevokeRequest, context: RequestContext) -> RevokeResponse:
    """Compromised where the reason says so, else Deactivated."""
    unique_identifier = context.identify(request.unique_identifier)
    reason, occurred = request.revocation_reason, request.compromise_occurrence_date
    if reason.revocation_reason_code >= FIRST_EXTENSION:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the Revocation Reason Code is a vendor's extension that is not known here")
    event = revocation_event(reason.revocation_reason_code, context.version)
    if event is Event.REVOKE and occurred is not None and context.version >= V1_4:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Compromise Occurrence Date is given, but the Revocation Reason is no compromise")

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        state = next_state(item.object_type, item.state, event, context.version)
        dates: dict[str, AttributeValue]
        if event is Event.COMPROMISE:
            dates = {
                "Compromise Date": context.now,
                "Compromise Occurrence Date": item.value("Initial Date") if occurred is None else occurred,
            }
        else:
            dates = {"Deactivation Date": context.now}
        return item.with_values({**dates, "Revocation Reason": reason}, state=state)

    await context.services.shelf.change(context, unique_identifier, edit)
    return RevokeResponse(unique_identifier=unique_identifier)
