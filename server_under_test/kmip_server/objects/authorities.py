"""Each client's own certification authority: made when it first asks for a certificate, kept wrapped by that client's root key.

Its row stands in a book of its own (as `ledger` has them), so that no client finds it among its objects: it is the server's, not theirs.
What it certifies says nothing to other clients. Its certificate is an anchor of Validate, and is named in each certificate it issues
(Authority Key Identifier).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kmip_server.crypto.authority import Authority, new_authority
from kmip_server.enums import ObjectType, State
from kmip_server.store.contract import StoredObject

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.store.contract import Transaction

BOOK = "kmip:authorities"


async def authority_of(context: RequestContext) -> Authority:
    """The asking client's authority; a new one, when it has none yet."""
    row = context.store.get(BOOK, _name(context)) or await _founded(context)
    return Authority.from_bytes(await _opened(row, context))


async def authority_if_any(context: RequestContext) -> Authority | None:
    """The asking client's authority, if it has ever asked for a certificate."""
    row = context.store.get(BOOK, _name(context))
    return None if row is None else Authority.from_bytes(await _opened(row, context))


def _name(context: RequestContext) -> str:
    return f"authority of {context.owner}"


async def _opened(row: StoredObject, context: RequestContext) -> bytes:
    wrapping, envelope = context.services.wrapping, row.envelope
    if envelope is None:
        raise ValueError("an authority has its key")
    known = wrapping.cached(row.unique_identifier, envelope)
    return known if known is not None else await wrapping.unwrap(context.peer.client, row.unique_identifier, envelope)


async def _founded(context: RequestContext) -> StoredObject:
    """A new authority, unless another request has been faster."""
    made = await asyncio.to_thread(new_authority, f"authority of {context.owner}", context.now)
    row = StoredObject(
        unique_identifier=_name(context),
        owner=BOOK,
        object_type=int(ObjectType.PRIVATE_KEY),
        state=int(State.ACTIVE),
        attributes=b"",
        envelope=await context.services.wrapping.wrap(context.peer.client, _name(context), made.to_bytes(), passing=True),
        created_at=context.now,
    )

    def in_transaction(transaction: Transaction) -> StoredObject:
        return transaction.get(BOOK, row.unique_identifier) or transaction.insert(row)

    return await context.store.write(in_transaction)
