"""Adjust Attribute (KMIP 2.1, 6.1.3): which types count, how far, and what cannot be touched."""

from __future__ import annotations

import pytest
from kmip_server.enums import AdjustmentType, ItemType, ResultReason
from kmip_server.messages import (
    AddAttributeRequest,
    AdjustAttributeRequest,
    AttributeReference,
    Attributes,
    CustomValue,
)
from kmip_server.versions import V2_0, V2_1

UP, DOWN, NEGATE = AdjustmentType.INCREMENT, AdjustmentType.DECREMENT, AdjustmentType.NEGATE
REASON = ResultReason
NOW = 1_700_000_000


@pytest.fixture(autouse=True, params=[V2_0, V2_1], ids=str)
def version(lab, request):
    lab.version = request.param


def adjust(key, name, kind, **value):
    return AdjustAttributeRequest(unique_identifier=key, attribute_reference=AttributeReference(name), adjustment_type=kind, **value)


def custom(item_type, value):
    return CustomValue(item_type, value)


BEFORE_AND_AFTER = [
    ("Protection Period", None, UP, {}, 1),
    ("Protection Period", 10, UP, {"adjustment_interval": 5}, 15),
    ("Protection Period", 10, DOWN, {"adjustment_value": 10}, 0),
    ("Quantum Safe", True, NEGATE, {}, False),
    ("Quantum Safe", None, NEGATE, {}, True),
    ("Deactivation Date", NOW + 50, UP, {"adjustment_interval": 50}, NOW + 100),
    ("x-count", custom(ItemType.INTEGER, 7), UP, {}, custom(ItemType.INTEGER, 8)),
    ("x-count", custom(ItemType.INTEGER, 7), NEGATE, {}, custom(ItemType.INTEGER, -7)),
    ("x-count", custom(ItemType.LONG_INTEGER, 7), UP, {"adjustment_long_integer": 2**40}, custom(ItemType.LONG_INTEGER, 7 + 2**40)),
    ("x-count", custom(ItemType.BIG_INTEGER, 2**80), DOWN, {}, custom(ItemType.BIG_INTEGER, 2**80 - 1)),
    ("x-flag", custom(ItemType.BOOLEAN, False), NEGATE, {}, custom(ItemType.BOOLEAN, True)),
]


@pytest.mark.parametrize(("name", "before", "kind", "value", "after"), BEFORE_AND_AFTER)
async def test_a_value_is_adjusted(lab, name, before, kind, value, after):
    key = await lab.key(*([] if before is None else [lab.attr(name, before)]))
    assert (await lab.do(adjust(key, name, kind, **value))).unique_identifier == key
    assert await lab.values(key, name) == {name: after}


REFUSED = [
    ("Protection Period", 0, DOWN, REASON.NUMERIC_RANGE),
    ("Protection Period", 2**32 - 1, UP, REASON.NUMERIC_RANGE),
    ("Protection Period", 1, NEGATE, REASON.INVALID_DATA_TYPE),
    ("Quantum Safe", True, UP, REASON.INVALID_DATA_TYPE),
    ("Deactivation Date", None, UP, REASON.INVALID_DATA_TYPE),
    ("Comment", "text", UP, REASON.INVALID_DATA_TYPE),
    ("x-text", custom(ItemType.TEXT_STRING, "text"), UP, REASON.INVALID_DATA_TYPE),
    ("x-nothing", None, UP, REASON.INVALID_DATA_TYPE),
    ("x-count", custom(ItemType.INTEGER, 2**31 - 1), UP, REASON.NUMERIC_RANGE),
    ("Initial Date", None, UP, REASON.READ_ONLY_ATTRIBUTE),
    ("Cryptographic Usage Mask", None, UP, REASON.READ_ONLY_ATTRIBUTE),
    ("Cryptographic Length", None, UP, REASON.READ_ONLY_ATTRIBUTE),
    ("Certificate Length", None, UP, REASON.UNSUPPORTED_ATTRIBUTE),
]


@pytest.mark.parametrize(("name", "before", "kind", "reason"), REFUSED)
async def test_what_cannot_be_adjusted(lab, name, before, kind, reason):
    key = await lab.key(*([] if before is None else [lab.attr(name, before)]))
    assert await lab.refused(adjust(key, name, kind)) is reason


async def test_one_of_several_instances_cannot_be_meant(lab):
    key = await lab.key(lab.attr("x-count", custom(ItemType.INTEGER, 1)))
    second = Attributes((lab.attr("x-count", custom(ItemType.INTEGER, 2)),))
    await lab.do(AddAttributeRequest(unique_identifier=key, new_attribute=second))
    assert await lab.refused(adjust(key, "x-count", UP)) is REASON.MULTI_VALUED_ATTRIBUTE
