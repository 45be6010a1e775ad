"""Archive, Recover, Obtain Lease and Get Usage Allocation."""

from __future__ import annotations

import pytest
from kmip_server.enums import CryptographicUsageMask, ResultReason, RevocationReasonCode, StorageStatusMask, UsageLimitsUnit
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    ArchiveRequest,
    Attributes,
    CheckRequest,
    DeleteAttributeRequest,
    DestroyRequest,
    GetAttributeListRequest,
    GetRequest,
    GetUsageAllocationRequest,
    LocateRequest,
    ModifyAttributeRequest,
    ObtainLeaseRequest,
    RecoverRequest,
    ReKeyRequest,
    RevocationReason,
    RevokeRequest,
    UsageLimits,
)
from kmip_server.versions import V1_0, V1_4, V2_1

REASON, PLACE = ResultReason, StorageStatusMask
COMPROMISE = RevocationReason(revocation_reason_code=RevocationReasonCode.KEY_COMPROMISE)


async def archived(lab, *attributes):
    key = await lab.key(*attributes)
    await lab.do(ArchiveRequest(unique_identifier=key))
    return key


@pytest.mark.parametrize(
    "operation",
    [
        lambda key: GetRequest(unique_identifier=key),
        lambda key: CheckRequest(unique_identifier=key),
        lambda key: ActivateRequest(unique_identifier=key),
        lambda key: RevokeRequest(unique_identifier=key, revocation_reason=COMPROMISE),
        lambda key: DestroyRequest(unique_identifier=key),
        lambda key: ArchiveRequest(unique_identifier=key),
        lambda key: ObtainLeaseRequest(unique_identifier=key),
        lambda key: GetUsageAllocationRequest(unique_identifier=key, usage_limits_count=1),
        lambda key: ReKeyRequest(unique_identifier=key),
    ],
)
async def test_an_archived_object_must_be_recovered_first(lab, operation):
    key = await archived(lab)
    assert await lab.refused(operation(key)) is REASON.OBJECT_ARCHIVED
    await lab.do(RecoverRequest(unique_identifier=key))
    assert (await lab.ask(operation(key))).result_reason is not REASON.OBJECT_ARCHIVED


async def test_its_attributes_can_be_read_and_say_since_when(lab):
    lab.now[0] += 7
    key = await archived(lab)
    assert await lab.values(key, "Archive Date") == {"Archive Date": 1_700_000_007}
    assert "Archive Date" in (await lab.do(GetAttributeListRequest(unique_identifier=key))).attribute_name
    change = AddAttributeRequest(unique_identifier=key, attribute=lab.attr("Comment", "late"))
    assert await lab.refused(change) is REASON.OBJECT_ARCHIVED
    await lab.do(RecoverRequest(unique_identifier=key))
    assert await lab.values(key, "Archive Date") == {}
    await lab.do(RecoverRequest(unique_identifier=key))


@pytest.mark.parametrize("version", [V1_0, V1_4, V2_1], ids=str)
async def test_locate_finds_objects_where_they_are(lab, version):
    away, here = await archived(lab), await lab.key()

    async def found(mask):
        asked = LocateRequest(storage_status_mask=mask, attributes=Attributes())
        return set((await lab.do(asked, version=version)).unique_identifier)

    assert await found(None) == await found(PLACE.ON_LINE_STORAGE) == {here}
    assert await found(PLACE.ARCHIVAL_STORAGE) == {away}
    assert await found(PLACE.ARCHIVAL_STORAGE | PLACE.ON_LINE_STORAGE) == {here, away}


async def test_the_name_of_an_archived_object_is_taken(lab):
    await archived(lab, lab.named("n"))
    assert await lab.refused(lab.create(lab.named("n"))) is REASON.INVALID_FIELD


async def test_nothing_is_left_of_a_destroyed_object_to_archive(lab):
    key = await lab.key()
    await lab.do(DestroyRequest(unique_identifier=key))
    assert await lab.refused(ArchiveRequest(unique_identifier=key)) is REASON.PERMISSION_DENIED


async def test_archives_are_private(lab):
    key = await archived(lab)
    for operation in (ArchiveRequest, RecoverRequest, ObtainLeaseRequest):
        assert await lab.refused(operation(unique_identifier=key), peer=lab.other) is REASON.ITEM_NOT_FOUND


async def test_a_lease_tells_how_long_and_since_when_nothing_changed(lab):
    key = await lab.key()
    lab.now[0] += 7
    lease = await lab.do(ObtainLeaseRequest(unique_identifier=key))
    assert (lease.unique_identifier, lease.lease_time, lease.last_change_date) == (key, 3600, 1_700_000_000)


async def test_there_is_no_lease_for_a_compromised_key(lab):
    key = await lab.key()
    await lab.do(RevokeRequest(unique_identifier=key, revocation_reason=COMPROMISE))
    assert await lab.refused(ObtainLeaseRequest(unique_identifier=key)) is REASON.PERMISSION_DENIED


def limits(total):
    return UsageLimits(usage_limits_total=total, usage_limits_unit=UsageLimitsUnit.BYTE)


def allocate(key, count):
    return GetUsageAllocationRequest(unique_identifier=key, usage_limits_count=count)


async def test_an_allocation_is_taken_from_what_is_left(lab):
    key = await lab.key(lab.attr("Usage Limits", limits(1000)), lab.attr("Activation Date", 1_600_000_000))
    await lab.do(allocate(key, 600))
    assert (await lab.values(key, "Usage Limits"))["Usage Limits"].usage_limits_count == 400
    assert await lab.refused(allocate(key, 401)) is REASON.PERMISSION_DENIED
    assert await lab.refused(allocate(key, 401), version=V2_1) is REASON.USAGE_LIMIT_EXCEEDED
    await lab.do(allocate(key, 400))
    assert await lab.refused(allocate(key, 1)) is REASON.PERMISSION_DENIED
    assert await lab.refused(allocate(key, -1)) is REASON.INVALID_FIELD


async def test_limits_in_use_cannot_be_changed(lab):
    given = lab.attr("Usage Limits", limits(1000))
    key = await lab.key(given, lab.attr("Activation Date", 1_600_000_000))
    await lab.do(ModifyAttributeRequest(unique_identifier=key, attribute=lab.attr("Usage Limits", limits(500))))
    await lab.do(allocate(key, 1))
    assert await lab.refused(ModifyAttributeRequest(unique_identifier=key, attribute=given)) is REASON.PERMISSION_DENIED
    assert await lab.refused(DeleteAttributeRequest(unique_identifier=key, attribute_name="Usage Limits")) is REASON.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("attributes", "reason", "reason_2"),
    [
        ({}, REASON.ILLEGAL_OPERATION, REASON.ATTRIBUTE_NOT_FOUND),
        ({"Usage Limits": limits(9)}, REASON.PERMISSION_DENIED, REASON.PERMISSION_DENIED),
        ({"Usage Limits": limits(9), "Activation Date": 1, "Protect Stop Date": 2}, REASON.PERMISSION_DENIED, REASON.PERMISSION_DENIED),
    ],
    ids=["no limits", "not active", "after the Protect Stop Date"],
)
async def test_usage_that_cannot_be_allocated(lab, attributes, reason, reason_2):
    key = await lab.key(*(lab.attr(name, value) for name, value in attributes.items()))
    assert await lab.refused(allocate(key, 1)) is reason
    assert await lab.refused(allocate(key, 1), version=V2_1) is reason_2


async def test_a_key_that_protects_nothing_has_no_usage_to_allocate(lab):
    asked = lab.create(lab.attr("Usage Limits", limits(9)), lab.attr("Activation Date", 1))
    given = [one for one in asked.template_attribute.attribute if one.attribute_name != "Cryptographic Usage Mask"]
    given.append(lab.attr("Cryptographic Usage Mask", CryptographicUsageMask.DECRYPT))
    made = await lab.do(
        type(asked)(object_type=asked.object_type, template_attribute=type(asked.template_attribute)(attribute=tuple(given)))
    )
    assert await lab.refused(allocate(made.unique_identifier, 1)) is REASON.ILLEGAL_OPERATION
