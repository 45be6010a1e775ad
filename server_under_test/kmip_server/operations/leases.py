"""Obtain Lease and Get Usage Allocation (KMIP 1.4, 4.17 and 4.18; 2.1, 6.1.35 and 6.1.23): how long, and how much, a client may use a key.

The server does not watch over leases that it has given: "the client SHALL NOT use the associated cryptographic object until a new lease is
obtained". What it says no to are the tables 1.4, 11.18 and 11.19.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicUsageMask, Operation, ResultReason, State
from kmip_server.errors import KmipFailure
from kmip_server.messages import GetUsageAllocationResponse, ObtainLeaseResponse, UsageLimits
from kmip_server.operations.table import operation

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import GetUsageAllocationRequest, ObtainLeaseRequest
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction

WITHOUT_LEASE = frozenset({State.COMPROMISED, State.DESTROYED, State.DESTROYED_COMPROMISED})
"""States in which nobody should go on using an object that was fetched before."""

_MASK = CryptographicUsageMask
PROTECTING = (
    _MASK.SIGN
    | _MASK.ENCRYPT
    | _MASK.WRAP_KEY
    | _MASK.MAC_GENERATE
    | _MASK.DERIVE_KEY
    | _MASK.CONTENT_COMMITMENT
    | _MASK.KEY_AGREEMENT
    | _MASK.CERTIFICATE_SIGN
    | _MASK.CRL_SIGN
    | _MASK.UNRESTRICTED
)
"""Uses that apply protection, and so are counted; those that process what is protected are not."""


@operation(Operation.OBTAIN_LEASE, writes=False)
async def obtain_lease(request: ObtainLeaseRequest, context: RequestContext) -> ObtainLeaseResponse:
    """The longest lease that the object's attribute allows."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    if item.state in WITHOUT_LEASE:
        state = item.state.name.replace("_", " ").title()
        raise KmipFailure(ResultReason.PERMISSION_DENIED, f"the object is {state}, and there are no leases for it any more")
    longest, changed = item.value("Lease Time"), item.date("Last Change Date")
    return ObtainLeaseResponse(
        unique_identifier=item.unique_identifier,
        lease_time=longest if isinstance(longest, int) else context.services.lease_time,
        last_change_date=context.now if changed is None else changed,
    )


@operation(Operation.GET_USAGE_ALLOCATION, writes=True)
async def get_usage_allocation(request: GetUsageAllocationRequest, context: RequestContext) -> GetUsageAllocationResponse:
    """So many units are the client's, and assumed to be used up."""
    unique_identifier, wanted = context.identify(request.unique_identifier), request.usage_limits_count
    if wanted < 0:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Usage Limits Count is negative")

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        limits = _limits_of(item)
        _protection_must_be_enabled(item, context.now)
        left = limits.usage_limits_count or 0
        if wanted > left:
            sentence = f"the object's Usage Limits allow {left} more, and the request asks for {wanted}"
            raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.USAGE_LIMIT_EXCEEDED)
        return item.with_values({"Usage Limits": replace(limits, usage_limits_count=left - wanted)})

    await context.services.shelf.change(context, unique_identifier, edit)
    return GetUsageAllocationResponse(unique_identifier=unique_identifier)


def _limits_of(item: ManagedObject) -> UsageLimits:
    """What there is to allocate from. Raises `KmipFailure` for an object without limits, or without protecting uses."""
    limits, mask = item.value("Usage Limits"), item.value("Cryptographic Usage Mask")
    if not isinstance(limits, UsageLimits):
        raise KmipFailure(
            ResultReason.ILLEGAL_OPERATION, "the object has no attribute Usage Limits", reason_2=ResultReason.ATTRIBUTE_NOT_FOUND
        )
    if not isinstance(mask, int) or not mask & PROTECTING:
        sentence = "the object's Cryptographic Usage Mask has no use that applies protection"
        raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
    return limits


def _protection_must_be_enabled(item: ManagedObject, now: int) -> None:
    """The time for it is "after the Activation Date and before the Protect Stop Date" (4.18)."""
    stop = item.date("Protect Stop Date")
    if item.state is not State.ACTIVE or (stop is not None and stop <= now):
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "usage is allocated while an object is Active, until its Protect Stop Date")
