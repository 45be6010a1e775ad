"""What Query says of the server, in each version."""

from __future__ import annotations

import pytest
from kmip_server.enums import ObjectType, Operation, ProfileName, ProtectionStorageMask, QueryFunction, ResultReason
from kmip_server.messages import AnyStructure, QueryRequest
from kmip_server.operations.profiles import CLAIMS, claimed
from kmip_server.personality import KEYPROTECT_NATIVE, KMIP_FOR_VMWARE, REFERENCE
from kmip_server.versions import V1_0, V1_3, V1_4, V2_0, V2_1, VERSIONS

FUNCTION = QueryFunction


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_every_function_of_a_version_is_answered_and_no_other(lab, version):
    for function in FUNCTION:
        asked = QueryRequest(query_function=(function,))
        if function.exists_in(version):
            await lab.do(asked, version=version)
    await lab.do(QueryRequest(query_function=FUNCTION.of(version)), version=version)


async def test_server_information_has_the_form_of_its_version(lab):
    asked = QueryRequest(query_function=(FUNCTION.QUERY_SERVER_INFORMATION,))
    for version in (V1_0, V1_4):
        told = await lab.do(asked, version=version)
        assert (told.vendor_identification, told.server_information) == ("kmiplab", AnyStructure())
    for version in (V2_0, V2_1):
        told = await lab.do(asked, version=version)
        assert "kmiplab" in told.described_server.product_name


async def test_keys_are_stored_in_software(lab):
    told = await lab.do(QueryRequest(query_function=(FUNCTION.QUERY_STORAGE_PROTECTION_MASKS,)), version=V2_0)
    assert told.protection_storage_masks.protection_storage_mask == (ProtectionStorageMask.SOFTWARE,)


async def test_types_of_objects_are_those_of_the_version(lab):
    asked = QueryRequest(query_function=(FUNCTION.QUERY_OBJECTS,))
    for version in VERSIONS:
        told = set((await lab.do(asked, version=version)).object_type)
        assert told <= set(ObjectType.of(version))
        assert ObjectType.SYMMETRIC_KEY in told


async def test_a_function_that_is_none_is_refused(lab):
    data = lab.request(QueryRequest(query_function=(FUNCTION.QUERY_OPERATIONS,)), version=V1_4)
    spoilt = data[:-8] + (0x7F).to_bytes(4, "big") + data[-4:]
    item = (await lab.send(spoilt)).data
    assert ResultReason.INVALID_FIELD.to_bytes(4, "big") in item


def test_profiles_are_named_as_the_version_names_them() -> None:
    assert ProfileName.TAPE_LIBRARY_SERVER_KMIP_V1_0 in claimed(V1_3, REFERENCE)
    assert ProfileName.TAPE_LIBRARY_SERVER_KMIP_V1_4 in claimed(V1_4, REFERENCE)
    assert ProfileName.TAPE_LIBRARY_SERVER_KMIP_V1_4 not in claimed(V1_3, REFERENCE)
    assert ProfileName.TAPE_LIBRARY_SERVER in claimed(V2_1, REFERENCE)
    assert claimed(V1_0, REFERENCE) == ()
    for version in (V1_3, V1_4, V2_0, V2_1):
        names = claimed(version, REFERENCE)
        assert list(names) == sorted(names)
        assert all(name.exists_in(version) and "_SERVER" in name.name for name in names)


def test_a_profile_is_claimed_where_all_of_it_is_on_offer() -> None:
    asks_for = {claim.profile: claim for claim in CLAIMS}
    assert Operation.CHECK not in asks_for["HTTPS"].operations
    assert ProfileName.STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_4 in claimed(V1_4, REFERENCE)
    for personality in (KMIP_FOR_VMWARE, KEYPROTECT_NATIVE):
        assert ProfileName.STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_4 not in claimed(V1_4, personality)
    assert ProfileName.SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_4 not in claimed(V1_4, KEYPROTECT_NATIVE)


async def test_query_tells_them(lab):
    told = await lab.do(QueryRequest(query_function=(FUNCTION.QUERY_PROFILES,)), version=V2_1)
    assert tuple(one.profile_name for one in told.profile_information) == claimed(V2_1, REFERENCE)
