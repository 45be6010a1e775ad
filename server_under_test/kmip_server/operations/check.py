"""Check (KMIP 1.4, 4.10): may this client use the object so? A refusal says in its payload what did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicUsageMask, ItemType, ObjectType, Operation, ResultReason, Tag
from kmip_server.errors import KmipFailure
from kmip_server.messages import AnyStructure, CheckResponse, Item, UsageLimits
from kmip_server.operations.table import operation
from kmip_server.versions import V1_1

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CheckRequest
    from kmip_server.objects.managed import ManagedObject


class CheckRefused(KmipFailure):
    """Permission Denied, with the fields of the request that caused it."""

    def __init__(self, sentence: str, payload: AnyStructure) -> None:
        """``payload`` holds the offending fields alone, without the Unique Identifier that a Check that passes answers with."""
        super().__init__(ResultReason.PERMISSION_DENIED, sentence)
        self.payload = payload


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
            ResultReason.ILLEGAL_OPERATION, "Check is refused: the object is not one that could be used (destroyed, or opaque)"
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
    raise CheckRefused(f"the object may not be used so: {names}", AnyStructure(tuple(too_much)))


def _signed(mask: int) -> int:
    """A mask as the Integer that it came as: its highest bit is a sign there (9.1.1.4)."""
    return mask - (1 << 32) if mask >> 31 else int(mask)


def _exceeds_limit(item: ManagedObject, wanted: int | None) -> bool:
    limits = item.value("Usage Limits")
    return wanted is not None and isinstance(limits, UsageLimits) and wanted > (limits.usage_limits_count or 0)


def _exceeds_mask(item: ManagedObject, wanted: CryptographicUsageMask | None) -> bool:
    allowed = item.value("Cryptographic Usage Mask")
    return wanted is not None and isinstance(allowed, int) and wanted & ~allowed != 0
