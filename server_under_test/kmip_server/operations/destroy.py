"""Destroy (KMIP 1.4, 4.21): the key material is gone for good; the attributes stay, for audit. Of a Template nothing stays.

Obliterate, in the draft of 3.0, leaves nothing of any object. What may be destroyed may be obliterated, and what is destroyed already, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import ObjectType, Operation
from kmip_server.lifecycle import Event, next_state
from kmip_server.messages import DestroyResponse, ObliterateResponse
from kmip_server.operations.table import operation
from kmip_server.versions import V3_0
from kmip_server.wrapping.leavings import leave

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import DestroyRequest, ObliterateRequest
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction


@operation(Operation.DESTROY, writes=True)
async def destroy(request: DestroyRequest, context: RequestContext) -> DestroyResponse:
    """Forget the material, in the store and in every cache."""
    unique_identifier = context.identify(request.unique_identifier)

    def edit(item: ManagedObject, transaction: Transaction) -> ManagedObject:
        if item.object_type is ObjectType.TEMPLATE:
            transaction.delete(item.owner, item.unique_identifier)
            return item
        state = next_state(item.object_type, item.state, Event.DESTROY, context.version)
        return item.with_values({"Destroy Date": context.now}, state=state).without_material()

    await context.services.shelf.change(context, unique_identifier, edit)
    context.when_done.append(lambda: context.services.wrapping.forget(unique_identifier))
    return DestroyResponse(unique_identifier=unique_identifier)


@operation(Operation.OBLITERATE, writes=True, since=V3_0)
async def obliterate(request: ObliterateRequest, context: RequestContext) -> ObliterateResponse:
    """Forget the object altogether."""
    unique_identifier = context.identify(request.unique_identifier)

    def edit(item: ManagedObject, transaction: Transaction) -> ManagedObject:
        if not item.is_destroyed:
            next_state(item.object_type, item.state, Event.DESTROY, context.version)
        leave(transaction, item.envelope)
        transaction.delete(item.owner, item.unique_identifier)
        return item

    await context.services.shelf.change(context, unique_identifier, edit)
    context.when_done.append(lambda: context.services.wrapping.forget(unique_identifier))
    return ObliterateResponse()
