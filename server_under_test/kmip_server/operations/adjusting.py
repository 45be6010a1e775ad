"""Adjust Attribute (KMIP 2.1, 6.1.3 and 11.1): count an attribute up or down, or negate it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.attributes import Permission, attribute
from kmip_server.enums import AdjustmentType, ItemType, ResultReason, VersionedMask
from kmip_server.enums import Operation as Op
from kmip_server.errors import KmipFailure
from kmip_server.messages import AdjustAttributeResponse, CustomValue
from kmip_server.objects import changes
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.attributes import AttributeRule
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import AdjustAttributeRequest
    from kmip_server.objects.managed import AttributeValue, ManagedObject
    from kmip_server.store.contract import Transaction

LIMITS: dict[ItemType, tuple[int, int] | None] = {
    ItemType.INTEGER: (-(2**31), 2**31 - 1),
    ItemType.LONG_INTEGER: (-(2**63), 2**63 - 1),
    ItemType.BIG_INTEGER: None,
    ItemType.INTERVAL: (0, 2**32 - 1),
    ItemType.DATE_TIME: (-(2**63), 2**63 - 1),
    ItemType.DATE_TIME_EXTENDED: (-(2**63), 2**63 - 1),
}
"""The types that can be counted, and how far (None: without end)."""

NEGATED = frozenset({ItemType.INTEGER, ItemType.LONG_INTEGER, ItemType.BIG_INTEGER, ItemType.BOOLEAN})
FROM_NOTHING = NEGATED | {ItemType.INTERVAL}
"""Types whose value counts as 0, or False, where there is none."""


@operation(Op.ADJUST_ATTRIBUTE, writes=True, since=V2_0)
async def adjust_attribute(request: AdjustAttributeRequest, context: RequestContext) -> AdjustAttributeResponse:
    """The attribute's one value, more, less or the opposite."""
    unique_identifier, name = context.identify(request.unique_identifier), str(request.attribute_reference)

    def edit(item: ManagedObject, transaction: Transaction) -> ManagedObject:
        rule = _rule(item, name, context)
        before = item.instances(name)
        if len(before) > 1:
            raise KmipFailure(ResultReason.MULTI_VALUED_ATTRIBUTE, f"{name} has {len(before)} instances; only a single one is adjusted")
        value = _adjusted(name, before[0].value if before else None, rule, request)
        return changes.was_set(item, name, value, context, transaction)[0]

    await context.services.shelf.change(context, unique_identifier, edit)
    return AdjustAttributeResponse(unique_identifier=unique_identifier)


def _rule(item: ManagedObject, name: str, context: RequestContext) -> AttributeRule:
    """The attribute's row. Raises `KmipFailure` when this object cannot have it, or a client cannot change it."""
    rule = attribute(name, context.version)
    if rule is None or item.object_type not in rule.applies_to:
        raise KmipFailure(ResultReason.UNSUPPORTED_ATTRIBUTE, f"{name} is not an attribute of this object under KMIP {context.version}")
    if rule.modifiable is Permission.NEVER:
        raise KmipFailure(ResultReason.READ_ONLY_ATTRIBUTE, f"{name} cannot be changed by clients")
    return rule


def _adjusted(name: str, value: AttributeValue, rule: AttributeRule, request: AdjustAttributeRequest) -> AttributeValue:
    """The value after the adjustment; a vendor's attribute keeps the type that it came with."""
    if isinstance(value, CustomValue):
        return replace(value, value=_moved(name, value.value, value.item_type, request))
    written = None if rule.value is CustomValue else rule.written_by_tag
    if written is None or issubclass(written.python, VersionedMask) or (value is None and written.item_type not in FROM_NOTHING):
        raise KmipFailure(ResultReason.INVALID_DATA_TYPE, f"{name} has no value that could be counted from")
    return _moved(name, 0 if value is None else value, written.item_type, request)


def _moved(name: str, value: object, item_type: ItemType, request: AdjustAttributeRequest) -> int | bool:
    """A number counted up or down by the Adjustment Value (1 when there is none), or negated."""
    given = (request.adjustment_value, request.adjustment_long_integer, request.adjustment_interval)
    step = next((one for one in given if one is not None), 1)
    negates = request.adjustment_type is AdjustmentType.NEGATE
    if not isinstance(value, int) or item_type not in (NEGATED if negates else LIMITS):
        words = request.adjustment_type.name.title()
        raise KmipFailure(ResultReason.INVALID_DATA_TYPE, f"{words} does not apply to the type of {name} (KMIP 2.1, 11.1)")
    if item_type is ItemType.BOOLEAN:
        return not value
    moved = -value if negates else value - step if request.adjustment_type is AdjustmentType.DECREMENT else value + step
    limits = LIMITS[item_type]
    if limits is not None and not limits[0] <= moved <= limits[1]:
        raise KmipFailure(ResultReason.NUMERIC_RANGE, f"{name} would be {moved}, which its type cannot hold")
    return moved
