"""The draft of 3.0, where it differs from 2.1: identifiers of their own type, names as texts, links as attributes, no batch counts."""

from __future__ import annotations

from kmip_server.codec import decode_request, encode
from kmip_server.codec.wire import head_of
from kmip_server.enums import ItemType, LinkType, ObjectClass, ResultReason, RevocationReasonCode, State, Tag
from kmip_server.messages import (
    ActivateRequest,
    AttributeReference,
    Attributes,
    DestroyRequest,
    GetAttributesRequest,
    GetAttributesResponse,
    GetRequest,
    Link,
    LocateRequest,
    ObliterateRequest,
    RevocationReason,
    RevokeRequest,
)
from kmip_server.versions import V1_4, V2_1, V3_0


async def test_a_key_lives_and_dies_under_3_0(lab):
    lab.version = V3_0
    key = await lab.key(lab.named("one"))
    assert (await lab.do(LocateRequest(attributes=Attributes((lab.named("one"),))))).unique_identifier == (key,)
    material = (await lab.do(GetRequest(unique_identifier=key))).managed_object.key_block.key_value.key_material
    assert len(material) == 32
    await lab.do(ActivateRequest(unique_identifier=key))
    await lab.do(RevokeRequest(unique_identifier=key, revocation_reason=RevocationReason(RevocationReasonCode.CESSATION_OF_OPERATION)))
    await lab.do(DestroyRequest(unique_identifier=key))
    assert (await lab.values(key, "State", "Object Class")) == {"State": State.DESTROYED, "Object Class": ObjectClass.USER}


async def test_what_was_written_under_3_0_is_read_under_every_other_version(lab):
    links = [Link(LinkType.PREVIOUS_LINK, "earlier"), Link(LinkType.PUBLIC_KEY_LINK, "public")]
    key = await lab.key(lab.named("one"), lab.attr("Object Group", "g"), *(lab.attr("Link", link) for link in links), version=V3_0)
    for version in (V1_4, V2_1, V3_0):
        held = await lab.values(key, "Name", "Object Group", "Link", version=version)
        assert (held["Name"].name_value, held["Object Group"], held["Link"]) == ("one", "g", links[1])
    assert "Object Class" not in await lab.values(key, version=V2_1)


async def test_links_of_several_types_are_asked_for_at_once(lab):
    lab.version = V3_0
    link = Link(LinkType.NEXT_LINK, "next")
    key = await lab.key(lab.attr("Link", link))
    assert await lab.values(key, "Link", "Link") == {"Link": link}


async def test_nothing_is_left_of_what_is_obliterated(lab):
    lab.version = V3_0
    active, fresh, destroyed = await lab.key(), await lab.key(lab.named("one")), await lab.key()
    await lab.do(ActivateRequest(unique_identifier=active))
    await lab.do(DestroyRequest(unique_identifier=destroyed))
    assert await lab.refused(ObliterateRequest(unique_identifier=active)) is ResultReason.WRONG_KEY_LIFECYCLE_STATE
    for key in (fresh, destroyed):
        await lab.do(ObliterateRequest(unique_identifier=key))
        assert await lab.refused(GetAttributesRequest(unique_identifier=key)) is ResultReason.ITEM_NOT_FOUND
        assert await lab.refused(ObliterateRequest(unique_identifier=key)) is ResultReason.OBJECT_NOT_FOUND
    assert (await lab.do(LocateRequest(attributes=Attributes()))).unique_identifier == (active,)
    await lab.key(lab.named("one"))


async def test_several_items_need_no_ids(lab):
    lab.version = V3_0
    answer = await lab.batch(lab.create(), GetRequest(), ids=[None, None])
    assert [item.result_status for item in answer.batch_item] == [0, 0]
    assert answer.response_header.batch_count is None


def test_identifiers_names_and_links_are_items_of_their_own_types(lab):
    answer = GetAttributesResponse(
        unique_identifier="id",
        attributes=Attributes(
            (
                lab.named("one"),
                lab.attr("Unique Identifier", "id"),
                lab.attr("Object Group", "g"),
                lab.attr("Link", Link(LinkType.NEXT_LINK, "next")),
            )
        ),
    )
    written = encode(answer, V3_0)
    for tag, item_type in (
        (Tag.UNIQUE_IDENTIFIER, ItemType.IDENTIFIER),
        (Tag.NAME, ItemType.TEXT_STRING),
        (Tag.GROUP_LINK, ItemType.NAME_REFERENCE),
        (Tag.NEXT_LINK, ItemType.REFERENCE),
    ):
        assert head_of(tag, item_type).to_bytes(4) in written
    assert head_of(Tag.UNIQUE_IDENTIFIER, ItemType.TEXT_STRING).to_bytes(4) not in written
    older = encode(answer, V2_1)
    assert head_of(Tag.UNIQUE_IDENTIFIER, ItemType.TEXT_STRING).to_bytes(4) in older


def test_references_to_links_and_groups_are_understood(lab):
    names = ("Name", "Object Group", "Object Class")
    asked = GetAttributesRequest(unique_identifier="id", attribute_reference=tuple(AttributeReference(name) for name in names))
    message = decode_request(lab.request(asked, version=V3_0))
    assert message.batch_item[0].request_payload.attribute_reference == names
