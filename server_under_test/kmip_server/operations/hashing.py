"""Hash, in one part or in many (KMIP 1.4, 4.37; 2.1, 6.1.24). It needs no object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.crypto.hashes import hashing
from kmip_server.enums import Operation
from kmip_server.messages import HashResponse
from kmip_server.operations.data import data_of, whole_data
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2

if TYPE_CHECKING:
    from kmip_server.crypto.hashes import Hash
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import HashRequest


@operation(Operation.HASH, writes=False, since=V1_2)
async def make_hash(request: HashRequest, context: RequestContext) -> HashResponse:
    """The hash of the data; the parameters of the first part count."""
    part = context.services.streams.part_of(request, context.owner, Operation.HASH, context.now)
    so_far: Hash = part.state or hashing(request.cryptographic_parameters)
    so_far.update(whole_data(request.data, context) if part.is_whole else data_of(request.data, context) or b"")
    if part.is_last:
        return HashResponse(data=so_far.digest())
    return HashResponse(correlation_value=context.services.streams.keep(request, so_far, context.owner, Operation.HASH, context.now))
