"""Reading, adding, modifying and deleting attributes: instances and indices, custom values, read-only ones, versions."""

from __future__ import annotations

import pytest
from kmip_server.attributes import ATTRIBUTES
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    HashingAlgorithm,
    ItemType,
    LinkType,
    NameType,
    ResultReason,
    State,
    UsageLimitsUnit,
)
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    ApplicationSpecificInformation,
    Attributes,
    CryptographicParameters,
    CustomValue,
    DeleteAttributeRequest,
    DestroyRequest,
    GetAttributeListRequest,
    GetAttributesRequest,
    Item,
    Link,
    ModifyAttributeRequest,
    Name,
    UsageLimits,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_1

VERSIONS = [V1_0, V1_1, V1_2, V1_3, V1_4]
REASON = ResultReason


def text(value):
    return CustomValue(ItemType.TEXT_STRING, value)


CUSTOM_VALUES = [
    CustomValue(ItemType.INTEGER, -5),
    CustomValue(ItemType.LONG_INTEGER, 2**40),
    CustomValue(ItemType.BIG_INTEGER, -(2**70)),
    CustomValue(ItemType.ENUMERATION, 0x80000001),
    CustomValue(ItemType.BOOLEAN, True),
    CustomValue(ItemType.TEXT_STRING, "Ünïcode ✓"),
    CustomValue(ItemType.BYTE_STRING, b"\x00\xff"),
    CustomValue(ItemType.DATE_TIME, 12),
    CustomValue(ItemType.INTERVAL, 7),
    CustomValue(ItemType.STRUCTURE, (Item(0x540001, ItemType.INTEGER, 1), Item(0x540002, ItemType.TEXT_STRING, "two"))),
]


def add(lab, key, name, value, index=None):
    return AddAttributeRequest(unique_identifier=key, attribute=lab.attr(name, value, index))


def modify(lab, key, name, value, index=None):
    return ModifyAttributeRequest(unique_identifier=key, attribute=lab.attr(name, value, index))


def delete(key, name, index=None):
    return DeleteAttributeRequest(unique_identifier=key, attribute_name=name, attribute_index=index)


async def instances(lab, key, name, **options):
    got = await lab.do(GetAttributesRequest(unique_identifier=key, attribute_name=(name,)), **options)
    return {attribute.attribute_index or 0: attribute.attribute_value for attribute in got.attribute}


@pytest.mark.parametrize("value", CUSTOM_VALUES, ids=lambda value: value.item_type.name)
async def test_custom_attributes_of_every_type(lab, value):
    key = await lab.key(lab.attr("x-given", value))
    added = await lab.do(add(lab, key, "x-added", value))
    assert (added.unique_identifier, added.attribute.attribute_value, added.attribute.attribute_index) == (key, value, None)
    assert await lab.values(key, "x-given", "x-added") == {"x-given": value, "x-added": value}


async def test_a_structure_in_a_custom_structure_is_refused(lab):
    deep = CustomValue(ItemType.STRUCTURE, (Item(0x540001, ItemType.STRUCTURE, ()),))
    key = await lab.key()
    assert await lab.refused(add(lab, key, "x-deep", deep)) is REASON.INVALID_FIELD


async def test_absent_attributes_are_left_out(lab):
    key = await lab.key()
    asked = GetAttributesRequest(unique_identifier=key, attribute_name=("x-Product_Version", "Destroy Date", "no such thing", "State"))
    got = await lab.do(asked)
    assert [one.attribute_name for one in got.attribute] == ["State"]
    got = await lab.do(GetAttributesRequest(unique_identifier=key, attribute_name=("x-Vendor",)))
    assert (got.unique_identifier, got.attribute) == (key, ())


async def test_a_name_asked_for_twice(lab):
    key = await lab.key()
    asked = GetAttributesRequest(unique_identifier=key, attribute_name=("State", "State"))
    assert await lab.refused(asked, version=V1_1) is REASON.INVALID_MESSAGE
    assert len((await lab.do(asked, version=V1_0)).attribute) == 1


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_a_version_sees_its_own_attributes_only(lab, version):
    key = await lab.key(lab.attr("Comment", "c"), lab.attr("Object Group", "g"), lab.attr("x-a", text("b")))
    listed = (await lab.do(GetAttributeListRequest(unique_identifier=key), version=version)).attribute_name
    assert list(await lab.values(key, version=version)) == list(listed)
    younger = {rule.name for rule in ATTRIBUTES if not rule.exists_in(version)}
    assert not younger & set(listed)
    assert ("Comment" in listed) == (version >= V1_4)
    assert {"Object Group", "x-a"} <= set(listed)
    for name in younger:
        assert await lab.values(key, name, version=version) == {}


async def test_instances_keep_their_indices(lab):
    key = await lab.key()
    for number in range(4):
        added = await lab.do(add(lab, key, "x-n", text(str(number))))
        assert (added.attribute.attribute_index or 0) == number
    await lab.do(delete(key, "x-n", 2))
    assert await instances(lab, key, "x-n") == {0: text("0"), 1: text("1"), 3: text("3")}
    modified = await lab.do(modify(lab, key, "x-n", text("three"), 3))
    assert (modified.attribute.attribute_index, modified.attribute.attribute_value) == (3, text("three"))
    await lab.do(modify(lab, key, "x-n", text("zero")))
    deleted = await lab.do(delete(key, "x-n"))
    assert deleted.attribute.attribute_value == text("zero")
    assert await instances(lab, key, "x-n") == {1: text("1"), 3: text("three")}
    assert await lab.refused(delete(key, "x-n")) is REASON.ITEM_NOT_FOUND
    assert await lab.refused(modify(lab, key, "x-n", text("?"), 2)) is REASON.ITEM_NOT_FOUND
    added = await lab.do(add(lab, key, "x-n", text("four")))
    assert added.attribute.attribute_index == 4


async def test_add_must_not_say_an_index(lab):
    key = await lab.key()
    for index in (0, 1):
        assert await lab.refused(add(lab, key, "x-a", text("b"), index)) is REASON.INVALID_FIELD


async def test_a_single_instance_attribute_is_added_once(lab):
    key = await lab.key()
    await lab.do(add(lab, key, "Contact Information", "a"))
    assert await lab.refused(add(lab, key, "Contact Information", "b")) is REASON.ILLEGAL_OPERATION
    await lab.do(modify(lab, key, "Contact Information", "b"))
    assert await lab.values(key, "Contact Information") == {"Contact Information": "b"}
    await lab.do(delete(key, "Contact Information"))
    assert await lab.values(key, "Contact Information") == {}


READ_ONLY = [
    ("Unique Identifier", "x"),
    ("State", State.ACTIVE),
    ("Cryptographic Length", 128),
    ("Cryptographic Algorithm", CryptographicAlgorithm.AES),
    ("Initial Date", 1),
    ("Last Change Date", 1),
    ("Lease Time", 1),
    ("Destroy Date", 1),
    ("Always Sensitive", True),
    ("Never Extractable", True),
]


@pytest.mark.parametrize(("name", "value"), READ_ONLY)
async def test_read_only_attributes(lab, name, value):
    key = await lab.key()
    before = await lab.values(key)
    assert await lab.refused(add(lab, key, name, value)) is REASON.PERMISSION_DENIED
    assert await lab.refused(modify(lab, key, name, value)) is REASON.PERMISSION_DENIED
    assert await lab.refused(delete(key, name)) is REASON.PERMISSION_DENIED
    assert await lab.values(key) == before


async def test_attributes_that_always_have_a_value(lab):
    key = await lab.key()
    assert await lab.refused(add(lab, key, "Cryptographic Usage Mask", CryptographicUsageMask.SIGN)) is REASON.ILLEGAL_OPERATION
    assert await lab.refused(modify(lab, key, "Cryptographic Usage Mask", CryptographicUsageMask.SIGN)) is REASON.PERMISSION_DENIED
    assert await lab.refused(delete(key, "Sensitive")) is REASON.PERMISSION_DENIED


async def test_server_attributes_are_not_the_clients(lab):
    key = await lab.key()
    assert await lab.refused(add(lab, key, "y-a", text("b"))) is REASON.PERMISSION_DENIED
    assert await lab.refused(modify(lab, key, "y-a", text("b"))) is REASON.PERMISSION_DENIED
    assert await lab.refused(delete(key, "y-a")) is REASON.PERMISSION_DENIED


async def test_what_is_not_there(lab):
    key = await lab.key()
    assert await lab.refused(modify(lab, key, "x-a", text("b"))) is REASON.INVALID_FIELD
    assert await lab.refused(delete(key, "x-a")) is REASON.ITEM_NOT_FOUND
    assert await lab.refused(delete(key, "Colour")) is REASON.ITEM_NOT_FOUND
    assert await lab.refused(add(lab, key, "Colour", text("red"))) is REASON.PERMISSION_DENIED
    assert await lab.refused(add(lab, key, "Certificate Length", 5)) is REASON.PERMISSION_DENIED
    comment = add(lab, key, "Comment", "later")
    await lab.do(comment, version=V1_4)
    for request in (add(lab, "none", "x-a", text("b")), modify(lab, "none", "x-a", text("b")), delete("none", "x-a")):
        assert await lab.refused(request) is REASON.ITEM_NOT_FOUND
    assert await lab.refused(delete(key, "Comment"), version=V1_2) is REASON.ITEM_NOT_FOUND


async def test_the_index_rules_of_1_0(lab):
    key = await lab.key(lab.attr("Contact Information", "me"), lab.attr("x-a", text("0")), lab.attr("x-a", text("1")))
    assert await lab.refused(delete(key, "Contact Information", 0), version=V1_0) is REASON.ITEM_NOT_FOUND
    assert await lab.refused(delete(key, "x-a"), version=V1_0) is REASON.INVALID_FIELD
    await lab.do(delete(key, "x-a", 1), version=V1_0)
    await lab.do(delete(key, "x-a"), version=V1_0)
    await lab.do(delete(key, "Contact Information", 0), version=V1_1)


async def test_names_stay_unique(lab):
    one, two = await lab.key(lab.named("one")), await lab.key(lab.named("two"))
    same = Name(name_value="one", name_type=NameType.UNINTERPRETED_TEXT_STRING)
    assert await lab.refused(add(lab, two, "Name", same)) is REASON.ILLEGAL_OPERATION
    assert await lab.refused(modify(lab, two, "Name", same)) is REASON.ILLEGAL_OPERATION
    await lab.do(modify(lab, one, "Name", same))
    await lab.do(delete(one, "Name"))
    await lab.do(modify(lab, two, "Name", same))
    uri = Name(name_value="one", name_type=NameType.URI)
    await lab.do(add(lab, one, "Name", uri))
    assert await lab.refused(add(lab, one, "Name", uri)) is REASON.ILLEGAL_OPERATION
    again = AddAttributeRequest(unique_identifier=one, new_attribute=Attributes((lab.attr("Name", uri),)))
    assert await lab.refused(again, version=V2_1) is REASON.NON_UNIQUE_NAME_ATTRIBUTE


async def test_structured_values(lab):
    key = await lab.key()
    values = {
        "Link": Link(link_type=LinkType.REPLACED_OBJECT_LINK, linked_object_identifier="x"),
        "Cryptographic Parameters": CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256),
        "Application Specific Information": ApplicationSpecificInformation(application_namespace="ssl", application_data="www"),
    }
    for name, value in values.items():
        await lab.do(add(lab, key, name, value))
    assert await lab.values(key, *values) == values


async def test_application_data_is_not_made_up(lab):
    key = await lab.key()
    bare = ApplicationSpecificInformation(application_namespace="ssl")
    assert await lab.refused(add(lab, key, "Application Specific Information", bare)) is REASON.APPLICATION_NAMESPACE_NOT_SUPPORTED
    assert await lab.refused(lab.create(lab.attr("Application Specific Information", bare))) is REASON.APPLICATION_NAMESPACE_NOT_SUPPORTED


async def test_usage_limits_count_from_their_total(lab):
    unit = UsageLimitsUnit.BYTE
    key = await lab.key(lab.attr("Usage Limits", UsageLimits(usage_limits_total=10, usage_limits_count=3, usage_limits_unit=unit)))
    assert await lab.values(key, "Usage Limits") == {
        "Usage Limits": UsageLimits(usage_limits_total=10, usage_limits_count=10, usage_limits_unit=unit)
    }
    await lab.do(modify(lab, key, "Usage Limits", UsageLimits(usage_limits_total=20, usage_limits_unit=unit)))
    assert (await lab.values(key, "Usage Limits"))["Usage Limits"].usage_limits_count == 20


async def test_changes_are_dated_and_reads_are_not(lab):
    key = await lab.key()
    lab.now[0] += 10
    await lab.values(key)
    assert (await lab.values(key))["Last Change Date"] == 1_700_000_000
    await lab.do(add(lab, key, "x-a", text("b")))
    assert (await lab.values(key))["Last Change Date"] == 1_700_000_010
    assert (await lab.values(key))["Initial Date"] == 1_700_000_000


async def test_sensitive_and_extractable_are_remembered(lab):
    key = await lab.key(lab.attr("Sensitive", True), lab.attr("Extractable", False))
    for name, memory, value in (("Sensitive", "Always Sensitive", False), ("Extractable", "Never Extractable", True)):
        await lab.do(modify(lab, key, name, value))
        await lab.do(modify(lab, key, name, not value))
        assert await lab.values(key, name, memory) == {name: not value, memory: False}


async def test_dates_change_only_while_the_object_is_young(lab):
    key = await lab.key()
    await lab.do(add(lab, key, "Activation Date", 1_700_000_100))
    await lab.do(modify(lab, key, "Activation Date", 1_700_000_200))
    await lab.do(ActivateRequest(unique_identifier=key))
    assert await lab.refused(modify(lab, key, "Activation Date", 1_700_000_300)) is REASON.PERMISSION_DENIED
    await lab.do(add(lab, key, "Deactivation Date", 1_700_000_400))
    assert await lab.refused(delete(key, "Deactivation Date")) is REASON.PERMISSION_DENIED
    await lab.do(add(lab, key, "Process Start Date", 1_700_000_010))
    lab.now[0] += 10
    assert await lab.refused(modify(lab, key, "Process Start Date", 1_700_000_050)) is REASON.PERMISSION_DENIED
    lab.now[0] += 390
    assert await lab.refused(modify(lab, key, "Deactivation Date", 1_700_000_900)) is REASON.PERMISSION_DENIED


async def test_a_modified_date_can_activate(lab):
    key = await lab.key(lab.attr("Activation Date", 1_700_000_100))
    await lab.do(modify(lab, key, "Activation Date", 1_699_999_999))
    assert await lab.values(key, "State") == {"State": State.ACTIVE}


async def test_attributes_outlive_the_key_material(lab):
    key = await lab.key(lab.attr("x-a", text("b")), lab.named("n"))
    await lab.do(DestroyRequest(unique_identifier=key))
    values = await lab.values(key)
    assert (values["State"], values["x-a"], values["Destroy Date"]) == (State.DESTROYED, text("b"), 1_700_000_000)


async def test_too_many_instances(lab, monkeypatch):
    monkeypatch.setattr("kmip_server.objects.changes.MOST_INSTANCES", 2)
    monkeypatch.setattr("kmip_server.objects.birth.MOST_INSTANCES", 2)
    key = await lab.key(lab.attr("x-a", text("0")), lab.attr("x-a", text("1")))
    assert await lab.refused(add(lab, key, "x-a", text("2"))) is REASON.INDEX_OUT_OF_BOUNDS
    assert await lab.refused(lab.create(*[lab.attr("x-a", text("0"))] * 3)) is REASON.INDEX_OUT_OF_BOUNDS


async def test_values_that_a_version_has_no_words_for_are_left_out(lab):
    younger = Link(link_type=LinkType.PARENT_LINK, linked_object_identifier="p")
    older = Link(link_type=LinkType.DERIVED_KEY_LINK, linked_object_identifier="d")
    parameters = CryptographicParameters(random_iv=True, hashing_algorithm=HashingAlgorithm.SHA_256)
    key = await lab.key(lab.attr("Link", younger), lab.attr("Link", older), lab.attr("Cryptographic Parameters", parameters))
    assert await instances(lab, key, "Link", version=V1_0) == {1: older}
    assert await instances(lab, key, "Link", version=V1_2) == {0: younger, 1: older}
    without_iv = CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256)
    assert await lab.values(key, "Cryptographic Parameters", version=V1_0) == {"Cryptographic Parameters": without_iv}
