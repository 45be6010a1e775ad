"""Re-key: what the new key takes over, what the old one keeps, and the dates."""

from __future__ import annotations

import pytest
from kmip_server.enums import (
    ItemType,
    LinkType,
    NameType,
    ObjectType,
    ResultReason,
    RevocationReasonCode,
    SecretDataType,
    State,
    UsageLimitsUnit,
)
from kmip_server.messages import (
    ActivateRequest,
    Attributes,
    CustomValue,
    DestroyRequest,
    GetAttributesRequest,
    GetRequest,
    GetUsageAllocationRequest,
    KeyBlock,
    KeyValue,
    Link,
    LocateRequest,
    Name,
    RegisterRequest,
    ReKeyRequest,
    RevocationReason,
    RevokeRequest,
    SecretData,
    TemplateAttribute,
    UsageLimits,
)
from kmip_server.versions import V1_0, V1_4, V2_0, V2_1

REASON = ResultReason
NOW = 1_700_000_000


def rekey(key, *attributes, offset=None):
    given = tuple(attributes)
    return ReKeyRequest(
        unique_identifier=key,
        offset=offset,
        template_attribute=TemplateAttribute(attribute=given) if given else None,
        attributes=Attributes(given) if given else None,
    )


async def material(lab, key, **options):
    return (await lab.do(GetRequest(unique_identifier=key), **options)).managed_object.key_block.key_value.key_material


@pytest.mark.parametrize("version", [V1_0, V1_4, V2_0, V2_1], ids=str)
async def test_the_name_moves_and_the_key_is_new(lab, version):
    lab.version = version
    key = await lab.key(lab.named("n"), lab.attr("x-Purpose", CustomValue(ItemType.TEXT_STRING, "disks")))
    successor = (await lab.do(rekey(key))).unique_identifier
    assert successor != key
    assert await material(lab, successor) != await material(lab, key)
    assert await lab.values(key, "Name") == {}
    assert await lab.values(successor, "Name") == {"Name": Name("n", NameType.UNINTERPRETED_TEXT_STRING)}
    assert (await lab.values(key, "Link"))["Link"] == Link(LinkType.REPLACEMENT_OBJECT_LINK, successor)
    assert (await lab.values(successor, "Link"))["Link"] == Link(LinkType.REPLACED_OBJECT_LINK, key)
    assert (await lab.values(successor, "x-Purpose"))["x-Purpose"].value == "disks"
    assert (await lab.values(successor, "Cryptographic Length"))["Cryptographic Length"] == 256
    assert (await lab.values(key, "Digest"))["Digest"] != (await lab.values(successor, "Digest"))["Digest"]


async def test_the_successor_becomes_the_placeholder_and_gathers_names(lab):
    key = await lab.key(lab.named("a"))
    answer = await lab.batch(rekey(key, lab.named("b")), GetAttributesRequest(attribute_name=("Name",)), rekey(None, lab.named("c")))
    names = [one.attribute_value.name_value for one in answer.batch_item[1].response_payload.attribute]
    assert names == ["a", "b"]
    last = answer.batch_item[2].response_payload.unique_identifier
    for name in "abc":
        (found,) = (await lab.do(LocateRequest(attribute=(lab.named(name),)))).unique_identifier
        assert found == last


async def test_a_name_of_somebody_else_is_not_taken(lab):
    await lab.key(lab.named("taken"))
    key = await lab.key(lab.named("n"))
    assert await lab.refused(rekey(key, lab.named("taken"))) is REASON.INVALID_FIELD
    assert "Name" in await lab.values(key, "Name")
    assert "Link" not in await lab.values(key, "Link")


@pytest.mark.parametrize("code", [RevocationReasonCode.KEY_COMPROMISE, RevocationReasonCode.SUPERSEDED])
async def test_a_revoked_key_has_a_successor(lab, code):
    key = await lab.key()
    await lab.do(ActivateRequest(unique_identifier=key))
    await lab.do(GetRequest(unique_identifier=key))
    lab.now[0] += 7
    await lab.do(RevokeRequest(unique_identifier=key, revocation_reason=RevocationReason(revocation_reason_code=code)))
    lab.now[0] += 7
    successor = (await lab.do(rekey(key, offset=0))).unique_identifier
    values = await lab.values(successor)
    assert values["Activation Date"] == values["Initial Date"] == values["Original Creation Date"] == NOW + 14
    assert not {"Compromise Date", "Compromise Occurrence Date", "Revocation Reason"} & set(values)
    assert values["State"] is State.ACTIVE
    assert values["Fresh"] is True


DATES = {"Activation Date": NOW - 100, "Process Start Date": NOW - 50, "Protect Stop Date": NOW + 50, "Deactivation Date": NOW + 100}


@pytest.mark.parametrize(
    ("offset", "moved", "state"),
    [(None, 0, State.ACTIVE), (0, 100, State.ACTIVE), (30, 130, State.PRE_ACTIVE)],
    ids=["copied", "from now on", "later"],
)
async def test_dates_are_copied_or_moved_together(lab, offset, moved, state):
    key = await lab.key(*(lab.attr(name, date) for name, date in DATES.items()))
    successor = (await lab.do(rekey(key, offset=offset))).unique_identifier
    assert await lab.values(successor, *DATES, "State") == {**{name: date + moved for name, date in DATES.items()}, "State": state}


async def test_dates_of_the_request_come_before_those_of_the_key(lab):
    key = await lab.key(lab.attr("Activation Date", NOW - 100))
    successor = (await lab.do(rekey(key, lab.attr("Activation Date", NOW + 5)))).unique_identifier
    assert await lab.values(successor, "Activation Date", "State") == {"Activation Date": NOW + 5, "State": State.PRE_ACTIVE}


async def test_an_offset_and_a_date_contradict_each_other(lab):
    key = await lab.key()
    assert await lab.refused(rekey(key, lab.attr("Activation Date", NOW), offset=5)) is REASON.INVALID_MESSAGE


async def test_an_offset_needs_an_activation_date_to_count_from(lab):
    key = await lab.key(lab.attr("Deactivation Date", NOW + 100))
    assert await lab.refused(rekey(key, offset=5)) is REASON.ILLEGAL_OPERATION
    assert await lab.refused(rekey(key, offset=5), version=V2_1) is REASON.INVALID_FIELD


async def test_usage_begins_anew_and_generations_are_counted(lab):
    limits = UsageLimits(usage_limits_total=9, usage_limits_unit=UsageLimitsUnit.OBJECT)
    first = await lab.key(lab.attr("Usage Limits", limits), lab.attr("Activation Date", NOW))
    await lab.do(GetUsageAllocationRequest(unique_identifier=first, usage_limits_count=6))
    second = (await lab.do(rekey(first))).unique_identifier
    third = (await lab.do(rekey(second))).unique_identifier
    assert (await lab.values(third, "Usage Limits"))["Usage Limits"].usage_limits_count == 9
    names = ("Rotate Generation", "Rotate Latest", "Rotate Date")
    assert await lab.values(first, *names, version=V2_1) == {"Rotate Generation": 0, "Rotate Latest": False}
    assert await lab.values(second, *names, version=V2_1) == dict(zip(names, (1, False, NOW), strict=True))
    assert await lab.values(third, *names, version=V2_1) == dict(zip(names, (2, True, NOW), strict=True))


async def test_what_cannot_be_replaced(lab):
    destroyed = await lab.key()
    await lab.do(DestroyRequest(unique_identifier=destroyed))
    block = KeyBlock(key_format_type=2, key_value=KeyValue(b"secret"))
    secret = RegisterRequest(
        object_type=ObjectType.SECRET_DATA,
        template_attribute=TemplateAttribute(),
        managed_object=SecretData(secret_data_type=SecretDataType.PASSWORD, key_block=block),
    )
    no_key = (await lab.do(secret)).unique_identifier
    for one in (destroyed, no_key):
        assert await lab.refused(rekey(one)) is REASON.PERMISSION_DENIED
    assert await lab.refused(rekey(no_key), version=V2_1) is REASON.INVALID_OBJECT_TYPE
    key = await lab.key()
    assert await lab.refused(rekey(key), peer=lab.other) is REASON.ITEM_NOT_FOUND
