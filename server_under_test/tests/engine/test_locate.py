"""Locate: by any attribute, by date ranges, by what an index cannot tell; pages; destroyed objects; other people's objects."""

from __future__ import annotations

import pytest
from kmip_server.enums import (
    BlockCipherMode,
    CryptographicUsageMask,
    HashingAlgorithm,
    ItemType,
    LinkType,
    ObjectGroupMember,
    ObjectType,
    ResultReason,
    State,
    StorageStatusMask,
    UsageLimitsUnit,
)
from kmip_server.messages import (
    ActivateRequest,
    ApplicationSpecificInformation,
    Attributes,
    CryptographicParameters,
    CustomValue,
    DestroyRequest,
    GetRequest,
    Link,
    LocateRequest,
    UsageLimits,
)
from kmip_server.personality import KEYPROTECT_NATIVE
from kmip_server.versions import V1_0, V1_1, V2_1

MASK = CryptographicUsageMask


def text(value):
    return CustomValue(ItemType.TEXT_STRING, value)


async def found(lab, *attributes, **options):
    fields = {name: options.pop(name) for name in list(options) if name in LocateRequest.__dataclass_fields__}
    return list((await lab.do(LocateRequest(attribute=attributes, **fields), **options)).unique_identifier)


async def test_everything_newest_first(lab):
    keys = [await lab.key() for _ in range(5)]
    assert await found(lab) == keys[::-1]
    assert await found(lab, peer=lab.other) == []


async def test_pages(lab):
    keys = [await lab.key(lab.attr("Object Group", "g")) for _ in range(7)][::-1]
    group = lab.attr("Object Group", "g")
    assert await found(lab, group, maximum_items=3) == keys[:3]
    assert await found(lab, group, maximum_items=3, offset_items=5) == keys[5:]
    assert await found(lab, group, offset_items=7) == []
    assert await found(lab, group, maximum_items=0) == []
    for fields in ({"offset_items": 2, "maximum_items": 2}, {"offset_items": 1}, {"offset_items": 100}):
        assert (await lab.do(LocateRequest(attribute=(group,), **fields))).located_items == 7
    for fields in ({"maximum_items": 3}, {"offset_items": 0}, {}):
        assert (await lab.do(LocateRequest(attribute=(group,), **fields))).located_items is None


@pytest.mark.parametrize("field", ["maximum_items", "offset_items"])
async def test_negative_numbers_are_refused(lab, field):
    assert await lab.refused(LocateRequest(**{field: -1})) is ResultReason.INVALID_FIELD


async def test_pages_of_what_only_candidates_tell(lab):
    keys = [await lab.key() for _ in range(5)][::-1]
    mask = lab.attr("Cryptographic Usage Mask", MASK.DECRYPT)
    assert await found(lab, mask, maximum_items=2, offset_items=1) == keys[1:3]
    assert (await lab.do(LocateRequest(attribute=(mask,), maximum_items=1, offset_items=4))).located_items == 5


async def test_by_every_kind_of_value(lab):
    await lab.key()
    link = Link(link_type=LinkType.PARENT_LINK, linked_object_identifier="p")
    info = ApplicationSpecificInformation(application_namespace="ssl", application_data="www")
    given = [
        lab.named("n"),
        lab.attr("Contact Information", "me"),
        lab.attr("x-text", text("a")),
        lab.attr("x-number", CustomValue(ItemType.INTEGER, 5)),
        lab.attr("x-bytes", CustomValue(ItemType.BYTE_STRING, b"\0")),
        lab.attr("x-big", CustomValue(ItemType.BIG_INTEGER, 2**80)),
        lab.attr("Link", link),
        lab.attr("Application Specific Information", info),
        lab.attr("Sensitive", True),
        lab.attr("Activation Date", 77),
    ]
    key = await lab.key(*given)
    for attribute in given:
        assert await found(lab, attribute) == [key], attribute.attribute_name
    assert await found(lab, *given) == [key]
    assert await found(lab, lab.attr("Unique Identifier", key)) == [key]
    assert await found(lab, lab.attr("x-text", text("b"))) == []
    assert await found(lab, lab.attr("x-other", text("a"))) == []
    assert await found(lab, given[0], lab.attr("x-text", text("b"))) == []
    assert await found(lab, lab.attr("Object Type", ObjectType.SECRET_DATA)) == []
    assert len(await found(lab, lab.attr("Object Type", ObjectType.SYMMETRIC_KEY))) == 2


async def test_the_index_of_an_attribute_is_ignored(lab):
    key = await lab.key(lab.attr("x-a", text("0")), lab.attr("x-a", text("1")))
    assert await found(lab, lab.attr("x-a", text("1"), 0)) == [key]
    assert await found(lab, lab.attr("x-a", text("0")), lab.attr("x-a", text("1"))) == [key]
    assert await found(lab, lab.attr("x-a", text("0")), lab.attr("x-a", text("2"))) == []


async def test_dates_alone_and_as_a_range(lab):
    early = await lab.key(lab.attr("Activation Date", 100))
    late = await lab.key(lab.attr("Activation Date", 200))
    never = await lab.key()

    def date(value):
        return lab.attr("Activation Date", value)

    assert await found(lab, date(100)) == [early]
    assert await found(lab, date(150)) == []
    assert await found(lab, date(100), date(200)) == [late, early]
    assert await found(lab, date(200), date(101)) == [late]
    assert await found(lab, date(101), date(2**63 - 1)) == [late]
    assert await found(lab, date(2**63 - 1)) == [never]


async def test_a_mask_needs_all_its_bits(lab):
    key = await lab.key()
    assert await found(lab, lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT)) == [key]
    assert await found(lab, lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT | MASK.DECRYPT)) == [key]
    assert await found(lab, lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT | MASK.SIGN)) == []


async def test_limits_must_be_large_enough(lab):
    unit = UsageLimitsUnit.BYTE
    key = await lab.key(lab.attr("Usage Limits", UsageLimits(usage_limits_total=10, usage_limits_unit=unit)))
    await lab.key()

    def limits(**fields):
        return lab.attr("Usage Limits", UsageLimits(**fields))

    assert await found(lab, limits(usage_limits_total=10, usage_limits_count=10, usage_limits_unit=unit)) == [key]
    assert await found(lab, limits(usage_limits_total=11, usage_limits_unit=unit)) == []
    assert await found(lab, limits(usage_limits_total=1, usage_limits_unit=UsageLimitsUnit.OBJECT)) == []


async def test_a_structure_given_in_part(lab):
    parameters = CryptographicParameters(block_cipher_mode=BlockCipherMode.CBC, hashing_algorithm=HashingAlgorithm.SHA_256)
    key = await lab.key(lab.attr("Cryptographic Parameters", parameters))
    part = CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256)
    assert await found(lab, lab.attr("Cryptographic Parameters", part)) == [key]
    other = CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_1)
    assert await found(lab, lab.attr("Cryptographic Parameters", other)) == []


async def test_states_follow_their_dates(lab):
    key = await lab.key(lab.attr("Activation Date", 1_700_000_010), lab.attr("Deactivation Date", 1_700_000_020))

    def state(value):
        return lab.attr("State", value)

    assert await found(lab, state(State.PRE_ACTIVE)) == [key]
    lab.now[0] += 10
    assert await found(lab, state(State.ACTIVE)) == [key]
    assert await found(lab, state(State.PRE_ACTIVE)) == []
    lab.now[0] += 10
    assert await found(lab, state(State.DEACTIVATED)) == [key]
    assert (await lab.values(key))["Last Change Date"] == 1_700_000_000


async def test_destroyed_objects_are_found_by_their_state_alone(lab):
    key = await lab.key(lab.named("n"))
    await lab.do(DestroyRequest(unique_identifier=key))
    assert await found(lab) == []
    assert await found(lab, lab.named("n")) == []
    assert await found(lab, lab.attr("State", State.DESTROYED)) == [key]


async def test_storage_status(lab):
    key = await lab.key()
    both = StorageStatusMask.ON_LINE_STORAGE | StorageStatusMask.ARCHIVAL_STORAGE
    assert await found(lab, storage_status_mask=StorageStatusMask.ON_LINE_STORAGE) == [key]
    assert await found(lab, storage_status_mask=both) == [key]
    assert await found(lab, storage_status_mask=StorageStatusMask.ARCHIVAL_STORAGE) == []


FRESH, DEFAULT = ObjectGroupMember.GROUP_MEMBER_FRESH, ObjectGroupMember.GROUP_MEMBER_DEFAULT


async def test_fresh_members_of_a_group(lab):
    group = lab.attr("Object Group", "g")
    keys = [await lab.key(group) for _ in range(3)]
    await lab.do(GetRequest(unique_identifier=keys[1]))
    assert await found(lab, group, object_group_member=FRESH) == [keys[0], keys[2]]
    in_2 = LocateRequest(attributes=Attributes((group,)), object_group_member=FRESH)
    assert (await lab.do(in_2, version=V2_1)).unique_identifier == (keys[2], keys[0])
    for key in (keys[0], keys[2]):
        await lab.do(GetRequest(unique_identifier=key))
    assert await found(lab, group, object_group_member=FRESH) == []


async def test_default_members_of_a_group_take_turns(lab):
    group, other = lab.attr("Object Group", "g"), lab.attr("Object Group", "h")
    keys = [await lab.key(group) for _ in range(3)]
    turns = [await found(lab, group, object_group_member=DEFAULT) for _ in range(4)]
    assert turns == [[keys[0]], [keys[1]], [keys[2]], [keys[0]]]
    await lab.do(DestroyRequest(unique_identifier=keys[1]))
    assert await found(lab, group, object_group_member=DEFAULT, maximum_items=1) in ([keys[0]], [keys[2]])
    assert await found(lab, other, object_group_member=DEFAULT) == []
    assert await found(lab, group, object_group_member=DEFAULT, peer=lab.other) == []


async def test_the_reserved_group_always_has_a_fresh_key(lab):
    group = lab.attr("Object Group", "default")
    answer = await lab.batch(LocateRequest(attribute=(group,), object_group_member=FRESH, maximum_items=1), GetRequest())
    key = answer.batch_item[0].response_payload.unique_identifier[0]
    assert answer.batch_item[1].response_payload.unique_identifier == key
    (second,) = await found(lab, group, object_group_member=FRESH)
    assert second != key
    assert await found(lab, group, object_group_member=FRESH) == [second]
    assert await found(lab, lab.attr("Object Group", "g"), object_group_member=FRESH) == []
    vmware = lab.as_personality(KEYPROTECT_NATIVE)
    assert await found(vmware, lab.attr("Object Group", "default")) == [second, key]


async def test_attributes_that_a_version_has_not(lab):
    assert (
        await lab.refused(LocateRequest(attribute=(lab.attr("x-ok", text("a")), lab.attr("Colour", text("red")))))
        is ResultReason.INVALID_FIELD
    )
    await lab.do(LocateRequest(attribute=(lab.attr("Fresh", True),)), version=V1_1)


async def test_one_result_is_the_placeholder(lab):
    key = await lab.key(lab.named("n"))
    await lab.key()
    answer = await lab.batch(LocateRequest(attribute=(lab.named("n"),)), ActivateRequest(), version=V1_0)
    assert answer.batch_item[1].response_payload.unique_identifier == key
