"""Archive and Recover (KMIP 1.4, 4.22 and 4.23; 2.1, 6.1.4 and 6.1.42).

Archival storage is a place in name only here: the object stays where it is, and takes part in nothing until it is recovered. Its attributes
can be read meanwhile. The error tables (1.4, 11.13 and 11.14) have Object Archived for that too, but then nobody could ever read the
Archive Date, which Recover deletes (3.32).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import ArchiveResponse, RecoverResponse
from kmip_server.operations.table import operation

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import ArchiveRequest, RecoverRequest
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction


@operation(Operation.ARCHIVE, writes=True)
async def archive(request: ArchiveRequest, context: RequestContext) -> ArchiveResponse:
    """Put away, with the date."""
    unique_identifier = context.identify(request.unique_identifier)

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        if item.is_destroyed:
            raise KmipFailure(ResultReason.PERMISSION_DENIED, "Archive is refused: the object is destroyed, there is nothing to put away")
        return item.with_values({"Archive Date": context.now})

    await context.services.shelf.change(context, unique_identifier, edit)
    context.when_done.append(lambda: context.services.wrapping.forget(unique_identifier))
    return ArchiveResponse(unique_identifier=unique_identifier)


@operation(Operation.RECOVER, writes=True)
async def recover(request: RecoverRequest, context: RequestContext) -> RecoverResponse:
    """On-line again; an object that is on-line already stays so."""
    unique_identifier = context.identify(request.unique_identifier)

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        return item.with_instances("Archive Date", ()) if item.is_archived else item

    await context.services.shelf.change(context, unique_identifier, edit, archived=True)
    return RecoverResponse(unique_identifier=unique_identifier)
