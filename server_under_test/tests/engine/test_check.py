"""Check: passes, or fails with what was too much in its payload."""

from __future__ import annotations

import pytest
from kmip_server.enums import BatchErrorContinuationOption, CryptographicUsageMask, ResultReason, ResultStatus, UsageLimitsUnit
from kmip_server.messages import CheckRequest, DestroyRequest, GetRequest, UsageLimits
from kmip_server.versions import V1_0, V1_1, V1_4, V2_0, V2_1

REASON, MASK = ResultReason, CryptographicUsageMask


@pytest.mark.parametrize("version", [V1_0, V1_1, V1_4], ids=str)
async def test_check(lab, version):
    limits = UsageLimits(usage_limits_total=10, usage_limits_unit=UsageLimitsUnit.BYTE)
    key = await lab.key(lab.attr("Usage Limits", limits))

    async def check(**fields):
        return await lab.ask(CheckRequest(unique_identifier=key, **fields), version=version)

    fine = await check(usage_limits_count=10, cryptographic_usage_mask=MASK.ENCRYPT, lease_time=3600)
    assert fine.result_status is ResultStatus.SUCCESS
    assert (fine.response_payload.unique_identifier, fine.response_payload.lease_time) == (key, None)
    refused = [
        ({"usage_limits_count": 11}, "4200960300000008000000000000000b"),
        ({"cryptographic_usage_mask": MASK.SIGN | MASK.ENCRYPT}, "42002c020000000400000005"),
        ({"lease_time": 3601}, "4200490a0000000400000e11"),
    ]
    for fields, encoded in refused:
        reply = await lab.send(lab.request(CheckRequest(unique_identifier=key, **fields), version=version))
        payload = reply.data[reply.data.index(b"\x42\x00\x7c\x01") :]
        assert bytes.fromhex("42007e0500000004" + f"{REASON.PERMISSION_DENIED:08x}") in reply.data
        assert bytes.fromhex(encoded) in payload
        assert (key.encode() in payload) == (version == V1_0)
        assert len(payload) == 24 + (48 if version == V1_0 else 0)


async def test_check_empties_the_placeholder_when_it_fails(lab):
    message = lab.request(
        lab.create(),
        CheckRequest(cryptographic_usage_mask=MASK.SIGN),
        GetRequest(),
        batch_error_continuation_option=BatchErrorContinuationOption.CONTINUE,
    )
    await lab.send(message)
    assert [record.reason for record in lab.records] == [None, REASON.PERMISSION_DENIED, REASON.ITEM_NOT_FOUND]


async def test_a_destroyed_object_cannot_be_checked(lab):
    key = await lab.key()
    await lab.do(DestroyRequest(unique_identifier=key))
    assert await lab.refused(CheckRequest(unique_identifier=key)) is REASON.ILLEGAL_OPERATION
    assert await lab.refused(CheckRequest(unique_identifier=key), version=V2_1) is REASON.OBJECT_DESTROYED


@pytest.mark.parametrize("version", [V2_0, V2_1], ids=str)
async def test_2_x_says_by_its_reason_what_did_not_pass(lab, version):
    key = await lab.key(lab.attr("Usage Limits", UsageLimits(usage_limits_total=10, usage_limits_unit=UsageLimitsUnit.BYTE)))
    refused = [
        ({"cryptographic_usage_mask": MASK.SIGN, "lease_time": 3601}, REASON.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK),
        ({"usage_limits_count": 11}, REASON.USAGE_LIMIT_EXCEEDED),
        ({"lease_time": 3601}, REASON.PERMISSION_DENIED),
    ]
    for fields, reason in refused:
        item = await lab.ask(CheckRequest(unique_identifier=key, **fields), version=version)
        assert (item.result_reason, item.response_payload) == (reason if version >= V2_1 else REASON.PERMISSION_DENIED, None)
