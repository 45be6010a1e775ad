"""RNG Retrieve and RNG Seed (KMIP 1.4, 4.35, 4.36; 2.1, 6.1.49, 6.1.50).

The generator is the operating system's, which seeds itself. What becomes of the random data that a client offers is settled for each
client (`Seeding`); by default it is not used, and the answer says so with a Data Length of 0 ("The server MAY elect to ignore the
information provided by the client"). What is used goes into the system's pool.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kmip_server.directory.contract import Seeding
from kmip_server.enums import Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import RNGRetrieveResponse, RNGSeedResponse
from kmip_server.operations.data import whole_data
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import RNGRetrieveRequest, RNGSeedRequest

SHARES = {Seeding.USED: 1.0, Seeding.PARTLY: 0.5, Seeding.IGNORED: 0.0}
"""How much of a seed is used."""

MOST_RANDOM = 1024 * 1024
"""Random bytes that one request may ask for."""


@operation(Operation.RNG_RETRIEVE, writes=False, since=V1_2)
async def rng_retrieve(request: RNGRetrieveRequest, context: RequestContext) -> RNGRetrieveResponse:
    """So many random bytes."""
    if not 0 <= request.data_length <= MOST_RANDOM:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"Data Length is {request.data_length}; 0 to {MOST_RANDOM} bytes can be retrieved")
    return RNGRetrieveResponse(data=context.services.random(request.data_length))


@operation(Operation.RNG_SEED, writes=False, since=V1_2)
async def rng_seed(request: RNGSeedRequest, context: RequestContext) -> RNGSeedResponse:
    """All, half or nothing of the seed is used, or the client may not seed at all."""
    data, seeding = whole_data(request.data, context), context.peer.client.seeding
    if seeding is Seeding.REFUSED:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "this client may not seed the random number generator")
    used = data[: int(len(data) * SHARES[seeding])]
    if used:
        await asyncio.to_thread(context.services.seed, used)
    return RNGSeedResponse(data_length=len(used))
