"""Check (KMIP 1.4, 4.10; 2.1, 6.1.7): may this client use the object so?

Until 1.4 a refusal says in its payload what did not pass. 2.x says so too, in words; but there a failure has no payload (8.6), its Result
Reason tells what it was, and the profile's cases BL-M-2 and BL-M-3 have it so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicUsageMask, ItemType, ObjectType, Operation, ResultReason, Tag
from kmip_server.errors import KmipFailure
from kmip_server.messages import AnyStructure, CheckResponse, Item, UsageLimits
from kmip_server.operations.table import operation
from kmip_server.versions import V1_1, V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CheckRequest
    from kmip_server.objects.managed import ManagedObject


class CheckRefused(KmipFailure):
    """Permission Denied, with the fields of the request that caused it; in 2.x a reason that says which."""

    def __init__(self, sentence: str, payload: AnyStructure | None, reason_2: ResultReason) -> None:
        """``payload`` holds the offending fields alone, without the Unique Identifier that a Check that passes answers with."""
        super().__init__(ResultReason.PERMISSION_DENIED, sentence, reason_2=reason_2)
        self.payload = payload


REASONS_2 = {
    Tag.CRYPTOGRAPHIC_USAGE_MASK: ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
    Tag.USAGE_LIMITS_COUNT: ResultReason.USAGE_LIMIT_EXCEEDED,
    Tag.LEASE_TIME: ResultReason.PERMISSION_DENIED,
}
"""Why a Check fails in 2.x, by what did not pass; the first of several counts."""


CHECKED_FIELDS = (
    (Tag.USAGE_LIMITS_COUNT, ItemType.LONG_INTEGER),
    (Tag.CRYPTOGRAPHIC_USAGE_MASK, ItemType.INTEGER),
    (Tag.LEASE_TIME, ItemType.INTERVAL),
)
"""What a Check may ask about, in the order of its payloads. 1.0 (4.9) answers a refusal with the Unique Identifier as well; 1.1 "does not
return the Unique Identifier", which the table of the passing answer requires: so this is a payload of its own."""


@operation(Operation.CHECK, writes=False)
async def check(request: CheckRequest, context: RequestContext) -> CheckResponse:
    """Pass, or fail with what was too much; a failure empties the ID Placeholder."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    if item.is_destroyed or item.object_type is ObjectType.OPAQUE_OBJECT:
        raise KmipFailure(
            ResultReason.ILLEGAL_OPERATION,
            "Check is refused: the object is not one that could be used (destroyed, or opaque)",
            reason_2=ResultReason.OBJECT_DESTROYED if item.is_destroyed else ResultReason.ILLEGAL_OBJECT_TYPE,
        )
    count = request.usage_limits_count if _exceeds_limit(item, request.usage_limits_count) else None
    mask = request.cryptographic_usage_mask if _exceeds_mask(item, request.cryptographic_usage_mask) else None
    lease = request.lease_time if (request.lease_time or 0) > context.services.lease_time else None
    if count is None and mask is None and lease is None:
        return CheckResponse(unique_identifier=item.unique_identifier)
    context.id_placeholder = None
    too_much = [
        Item(tag, item_type, _signed(value) if item_type is ItemType.INTEGER else value)
        for (tag, item_type), value in zip(CHECKED_FIELDS, (count, mask, lease), strict=True)
        if value is not None
    ]
    names = ", ".join(Tag(one.tag).name.replace("_", " ").title() for one in too_much)
    if context.version < V1_1:
        too_much.insert(0, Item(Tag.UNIQUE_IDENTIFIER, ItemType.TEXT_STRING, item.unique_identifier))
    payload = AnyStructure(tuple(too_much)) if context.version < V2_0 else None
    reason_2 = next(reason for tag, reason in REASONS_2.items() if any(one.tag == tag for one in too_much))
    raise CheckRefused(f"the object may not be used so: {names}", payload, reason_2)


def _signed(mask: int) -> int:
    """A mask as the Integer that it came as: its highest bit is a sign there (9.1.1.4)."""
    return mask - (1 << 32) if mask >> 31 else int(mask)


def _exceeds_limit(item: ManagedObject, wanted: int | None) -> bool:
    limits = item.value("Usage Limits")
    return wanted is not None and isinstance(limits, UsageLimits) and wanted > (limits.usage_limits_count or 0)


def _exceeds_mask(item: ManagedObject, wanted: CryptographicUsageMask | None) -> bool:
    allowed = item.value("Cryptographic Usage Mask")
    return wanted is not None and isinstance(allowed, int) and wanted & ~allowed != 0
