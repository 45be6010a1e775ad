"""Tickets (KMIP 2.1, 6.1.12, 6.1.30, 6.1.31): what Login gives, and what stands for the login in later requests.

A ticket is 32 random bytes that only its holder knows: the ledger has their SHA-256. Whoever shows it acts as the client that logged in,
with the rights that it was given, until its lease ends, its requests are used up, or it is logged out.

Decisions where the standard leaves room:

* A Lease Time or Request Count of zero is none, as the published test cases use it. Then, and at most, a ticket lives for a day.
* Each message that shows the ticket counts as one request; each of its batch items as one operation of a Usage Limits of unit Object. Bytes
  are not counted.
* A ticket gives no ticket: who logs in again shows the credential itself. So nobody extends a lease, or widens delegated rights.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kmip_server.access.rights import Grant, permits
from kmip_server.codec import decode, encode
from kmip_server.enums import ResultReason, TicketType, UsageLimitsUnit
from kmip_server.errors import KmipFailure
from kmip_server.ledger import Book, Entry
from kmip_server.messages import Rights, Ticket
from kmip_server.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.enums import Operation
    from kmip_server.messages import DelegatedLoginRequest, LoginRequest, Right, UsageLimits
    from kmip_server.store.contract import Store, Transaction

TICKETS = Book("kmip:tickets", most=1000)

LONGEST_LEASE = 24 * 60 * 60
TICKET_BYTES = 32


async def issue(request: LoginRequest | DelegatedLoginRequest, rights: Rights | None, context: RequestContext) -> Ticket:
    """A new ticket for the client of this request, durable."""
    value = context.services.random(TICKET_BYTES)
    entry = Entry(
        key=_key(value),
        client=context.peer.client.id,
        content={
            "requests": _limit(request.request_count),
            "operations": _operations(request.usage_limits),
            "rights": None if rights is None else encode(rights, EVERY_VERSION).hex(),
            "by_right": [_operations(right.usage_limits) for right in (() if rights is None else rights.right)],
        },
        created=context.now,
        expires=context.now + _lease(request, context.now),
    )
    await context.store.write(lambda transaction: TICKETS.add(transaction, entry))
    return Ticket(TicketType.LOGIN, value)


async def use(ticket: Ticket, operations: Sequence[Operation | int | None], store: Store, now: int) -> tuple[str, Grant]:
    """The client that a ticket stands for and what it grants, for a message with these operations.

    Raises `KmipFailure`: Invalid Ticket, or Usage Limit Exceeded.
    """
    key = _key(ticket.ticket_value)
    entry = TICKETS.read(store, key, now)
    if entry is None or ticket.ticket_type is not TicketType.LOGIN:
        raise invalid_ticket()
    if any(left is not None for left in (entry.content["requests"], entry.content["operations"], *entry.content["by_right"])):
        await store.write(lambda transaction: _count(transaction, key, operations, now))
    return entry.client, Grant(None if entry.content["rights"] is None else _rights(entry))


async def revoke(ticket: Ticket, context: RequestContext) -> None:
    """End a ticket of this client. Raises `KmipFailure` (Invalid Ticket) when it has none such."""

    def in_transaction(transaction: Transaction) -> None:
        entry = TICKETS.read(transaction, _key(ticket.ticket_value), context.now)
        if entry is None or entry.client != context.peer.client.id:
            raise invalid_ticket()
        TICKETS.remove(transaction, entry.key)

    await context.store.write(in_transaction)


def invalid_ticket() -> KmipFailure:
    """There is no such ticket, or no longer."""
    return KmipFailure(ResultReason.INVALID_TICKET, "the ticket is not known here: it has expired, was logged out, or never was one")


def _count(transaction: Transaction, key: str, operations: Sequence[Operation | int | None], now: int) -> None:
    """Take what a message uses from what its ticket has left."""
    entry = TICKETS.read(transaction, key, now)
    if entry is None:
        raise invalid_ticket()
    rights, by_right = _rights(entry), list(entry.content["by_right"])
    for operation in operations:
        usable = [at for at, right in enumerate(rights) if operation is not None and permits(right, operation)]
        chosen = next((at for at in usable if by_right[at] is None or by_right[at] > 0), None)
        if chosen is not None and by_right[chosen] is not None:
            by_right[chosen] -= 1
        elif chosen is None and usable:
            raise _used_up()
    left = {"requests": _less(entry.content["requests"], 1), "operations": _less(entry.content["operations"], len(operations))}
    TICKETS.change(transaction, entry.with_content(**left, by_right=by_right))


def _less(left: int | None, used: int) -> int | None:
    if left is None:
        return None
    if left < used:
        raise _used_up()
    return left - used


def _used_up() -> KmipFailure:
    return KmipFailure(ResultReason.USAGE_LIMIT_EXCEEDED, "the requests or operations of this ticket are used up")


def _rights(entry: Entry) -> tuple[Right, ...]:
    written = entry.content["rights"]
    return () if written is None else decode(Rights, bytes.fromhex(written), EVERY_VERSION).right


def _lease(request: LoginRequest | DelegatedLoginRequest, now: int) -> int:
    asked = request.lease_time if request.lease_end is None else request.lease_end - now
    if request.lease_end is not None and asked is not None and asked <= 0:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the Lease Time has passed already")
    return min(asked or LONGEST_LEASE, LONGEST_LEASE)


def _limit(number: int | None) -> int | None:
    if number is not None and number < 0:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Request Count is negative")
    return number or None


def _operations(limits: UsageLimits | None) -> int | None:
    """How many operations a Usage Limits lets pass; None where there is none."""
    if limits is None:
        return None
    total = limits.usage_limits_total if limits.usage_limits_count is None else limits.usage_limits_count
    if limits.usage_limits_unit is not UsageLimitsUnit.OBJECT or total is None or total < 0:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the Usage Limits of a ticket count operations: a Total of the unit Object is wanted")
    return total


def _key(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
