"""What 2.x does otherwise than 1.x: attributes by their tags and values, objects by what the batch has done, finer Result Reasons."""

from __future__ import annotations

import hashlib

import pytest
from kmip_server.enums import (
    AdjustmentType,
    BatchErrorContinuationOption,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ItemType,
    KeyFormatType,
    LinkType,
    ObjectType,
    ProtectionStorageMask,
    ResultReason,
    ResultStatus,
    State,
    StorageStatusMask,
    UniqueIdentifier,
)
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    AdjustAttributeRequest,
    AttributeReference,
    Attributes,
    CertifyRequest,
    CreateRequest,
    CustomValue,
    DeleteAttributeRequest,
    DestroyRequest,
    GetAttributeListRequest,
    GetRequest,
    Link,
    LocateRequest,
    ModifyAttributeRequest,
    OpaqueObject,
    RegisterRequest,
    SetAttributeRequest,
)
from kmip_server.versions import V1_4, V2_0, V2_1

pytestmark = pytest.mark.parametrize("version", [V2_0, V2_1], ids=str)


@pytest.fixture
def lab(lab, version):
    lab.version = version
    return lab


async def test_a_key_is_told_in_attributes_of_its_own_tags(lab):
    key = await lab.key(lab.named("one"), lab.attr("x-ID", CustomValue(ItemType.TEXT_STRING, "TC")))
    held = await lab.values(key)
    assert held["Cryptographic Algorithm"] is CryptographicAlgorithm.AES
    assert held["x-ID"] == CustomValue(ItemType.TEXT_STRING, "TC")
    assert held["State"] is State.PRE_ACTIVE
    assert held["Key Format Type"] is KeyFormatType.RAW
    assert held["Protection Storage Mask"] == ProtectionStorageMask.SOFTWARE
    assert held["Short Unique Identifier"] == hashlib.sha256(key.encode()).digest()
    assert "Operation Policy Name" not in held
    listed = (await lab.do(GetAttributeListRequest(unique_identifier=key))).attribute_reference
    assert set(listed) == set(held)
    older = await lab.values(key, version=V1_4)
    assert "Key Format Type" not in older
    assert older["Operation Policy Name"] == "default"


async def test_the_attributes_of_another_vendor_are_not_shown_to_1_x(lab):
    key = await lab.key(lab.attr("acme\x1fcolour", CustomValue(ItemType.TEXT_STRING, "blue")))
    assert (await lab.values(key, "acme\x1fcolour")) == {"acme\x1fcolour": CustomValue(ItemType.TEXT_STRING, "blue")}
    assert not any("acme" in name for name in await lab.values(key, version=V1_4))


async def test_what_a_client_leaves_out_the_server_supplies(lab):
    made = await lab.do(CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, attributes=Attributes()))
    held = await lab.values(made.unique_identifier)
    assert (held["Cryptographic Algorithm"], held["Cryptographic Length"]) == (CryptographicAlgorithm.AES, 256)
    assert held["Cryptographic Usage Mask"] == CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT


async def test_an_instance_is_meant_by_its_value(lab):
    key = await lab.key(lab.named("one"), lab.named("two"))
    change = ModifyAttributeRequest(
        unique_identifier=key, current_attribute=Attributes((lab.named("two"),)), new_attribute=Attributes((lab.named("three"),))
    )
    await lab.do(change)
    assert await lab.refused(change) is ResultReason.ATTRIBUTE_INSTANCE_NOT_FOUND
    unclear = ModifyAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.named("four"),)))
    assert await lab.refused(unclear) is ResultReason.ATTRIBUTE_INSTANCE_NOT_FOUND
    await lab.do(DeleteAttributeRequest(unique_identifier=key, current_attribute=Attributes((lab.named("one"),))))
    assert (await lab.values(key, "Name"))["Name"].name_value == "three"
    await lab.do(AddAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.named("five"),))))
    await lab.do(DeleteAttributeRequest(unique_identifier=key, attribute_reference=AttributeReference("Name")))
    assert await lab.values(key, "Name") == {}


async def test_set_attribute_adds_or_modifies_one_value(lab):
    key = await lab.key()
    for text in ("first", "second"):
        await lab.do(SetAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.attr("Contact Information", text),))))
        assert (await lab.values(key, "Contact Information")) == {"Contact Information": text}
    twice = await lab.key(lab.named("a"), lab.named("b"))
    many = SetAttributeRequest(unique_identifier=twice, new_attribute=Attributes((lab.named("c"),)))
    assert await lab.refused(many) is ResultReason.MULTI_VALUED_ATTRIBUTE
    fixed = SetAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.attr("Initial Date", 1),)))
    assert await lab.refused(fixed) is ResultReason.ATTRIBUTE_READ_ONLY


async def test_objects_are_named_by_what_the_batch_has_done(lab):
    link = lab.attr("Link", Link(LinkType.PREVIOUS_LINK, UniqueIdentifier.CREATE))
    answer = await lab.batch(
        lab.create(lab.named("first")),
        lab.create(link),
        GetRequest(unique_identifier=0),
        GetRequest(unique_identifier=-1),
        ActivateRequest(unique_identifier=UniqueIdentifier.CREATE),
        ActivateRequest(unique_identifier=UniqueIdentifier.ID_PLACEHOLDER),
        GetRequest(unique_identifier=UniqueIdentifier.REGISTER),
        batch_error_continuation_option=BatchErrorContinuationOption.CONTINUE,
    )
    first, second, *rest = answer.batch_item
    made = [item.response_payload.unique_identifier for item in (first, second)]
    assert [item.response_payload.unique_identifier for item in rest[:3]] == [made[0], made[0], made[1]]
    assert rest[3].result_status is ResultStatus.OPERATION_FAILED  # it is Active already
    assert rest[4].result_reason is ResultReason.OBJECT_NOT_FOUND
    assert (await lab.values(made[1], "Link"))["Link"].linked_object_identifier == made[0]


async def test_refusals_have_names_of_their_own(lab, version):
    key = await lab.key(lab.named("taken"))
    assert await lab.refused(lab.create(lab.named("taken"))) is ResultReason.NON_UNIQUE_NAME_ATTRIBUTE
    assert await lab.refused(GetRequest(unique_identifier="nobody")) is ResultReason.OBJECT_NOT_FOUND
    assert await lab.refused(GetRequest(unique_identifier=UniqueIdentifier.ID_PLACEHOLDER)) is ResultReason.OBJECT_NOT_FOUND
    counted = AttributeReference("Process Start Date")
    adjusting = AdjustAttributeRequest(unique_identifier="nobody", attribute_reference=counted, adjustment_type=AdjustmentType.INCREMENT)
    assert await lab.refused(adjusting) is ResultReason.ITEM_NOT_FOUND
    assert await lab.refused(CertifyRequest(unique_identifier="nobody")) is ResultReason.ITEM_NOT_FOUND
    again = AddAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.attr("Initial Date", 1),)))
    assert await lab.refused(again) is ResultReason.READ_ONLY_ATTRIBUTE
    await lab.do(ActivateRequest(unique_identifier=key))
    active = ResultReason.PERMISSION_DENIED if version == V2_0 else ResultReason.WRONG_KEY_LIFECYCLE_STATE
    assert await lab.refused(DestroyRequest(unique_identifier=key)) is active


async def located(lab, *attributes, **more):
    return (await lab.do(LocateRequest(attributes=Attributes(attributes), **more))).unique_identifier


async def test_locate_finds_by_attributes_of_2_x(lab):
    one, two = await lab.key(lab.named("one")), await lab.key(lab.named("two"))
    assert await located(lab) == (two, one)
    assert await located(lab, lab.named("one")) == (one,)
    assert await located(lab, lab.attr("Short Unique Identifier", hashlib.sha256(two.encode()).digest())) == (two,)
    assert await located(lab, lab.attr("Key Format Type", KeyFormatType.PKCS_1)) == ()


async def test_what_is_destroyed_is_found_when_it_is_asked_for(lab):
    kept, gone = await lab.key(), await lab.key()
    await lab.do(DestroyRequest(unique_identifier=gone))
    masks = {mask: await located(lab, storage_status_mask=mask) for mask in (None, *StorageStatusMask, StorageStatusMask(7))}
    online, archived, destroyed = StorageStatusMask
    assert masks == {None: (kept,), online: (kept,), archived: (), destroyed: (gone,), StorageStatusMask(7): (gone, kept)}


async def test_an_opaque_object_has_a_state_and_a_type(lab):
    holding = OpaqueObject(opaque_data_type=0x80000001, opaque_data_value=b"anything")
    request = RegisterRequest(object_type=ObjectType.OPAQUE_OBJECT, attributes=Attributes(), managed_object=holding)
    made = (await lab.do(request)).unique_identifier
    assert (await lab.values(made, "State", "Opaque Data Type")) == {"State": State.PRE_ACTIVE, "Opaque Data Type": 0x80000001}
    assert await located(lab, lab.attr("State", State.ACTIVE)) == ()
    await lab.do(ActivateRequest(unique_identifier=made))
    assert await located(lab, lab.attr("State", State.ACTIVE)) == (made,)
    assert await lab.values(made, "State", version=V1_4) == {}
