"""Activate, Revoke and Destroy: what they set, what they refuse, what is left; and whose objects they are."""

from __future__ import annotations

import pytest
from kmip_server.enums import (
    ObjectType,
    ResultReason,
    RevocationReasonCode,
    State,
)
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    CheckRequest,
    DeleteAttributeRequest,
    DestroyRequest,
    GetAttributeListRequest,
    GetAttributesRequest,
    GetRequest,
    ModifyAttributeRequest,
    OpaqueObject,
    RegisterRequest,
    RevocationReason,
    RevokeRequest,
    TemplateAttribute,
)
from kmip_server.versions import V1_3

REASON, CODE = ResultReason, RevocationReasonCode


def revoke(key, code, occurred=None, words=None):
    reason = RevocationReason(revocation_reason_code=code, revocation_message=words)
    return RevokeRequest(unique_identifier=key, revocation_reason=reason, compromise_occurrence_date=occurred)


async def test_activation_is_dated(lab):
    key = await lab.key()
    lab.now[0] += 7
    await lab.do(ActivateRequest(unique_identifier=key))
    assert await lab.values(key, "State", "Activation Date", "Last Change Date") == {
        "State": State.ACTIVE,
        "Activation Date": 1_700_000_007,
        "Last Change Date": 1_700_000_007,
    }
    assert await lab.refused(ActivateRequest(unique_identifier=key)) is REASON.PERMISSION_DENIED


async def test_revocation_deactivates(lab):
    key = await lab.key()
    await lab.do(ActivateRequest(unique_identifier=key))
    lab.now[0] += 7
    await lab.do(revoke(key, CODE.CESSATION_OF_OPERATION, words="sold"))
    values = await lab.values(key)
    assert (values["State"], values["Deactivation Date"]) == (State.DEACTIVATED, 1_700_000_007)
    assert values["Revocation Reason"] == RevocationReason(revocation_reason_code=CODE.CESSATION_OF_OPERATION, revocation_message="sold")
    assert "Compromise Date" not in values


@pytest.mark.parametrize(("occurred", "kept"), [(6, 6), (None, 1_700_000_000)])
async def test_a_compromise_has_two_dates(lab, occurred, kept):
    key = await lab.key()
    lab.now[0] += 7
    await lab.do(revoke(key, CODE.KEY_COMPROMISE, occurred))
    values = await lab.values(key)
    assert (values["State"], values["Compromise Date"], values["Compromise Occurrence Date"]) == (State.COMPROMISED, 1_700_000_007, kept)
    assert "Deactivation Date" not in values


async def test_an_occurrence_date_needs_a_compromise_since_1_4(lab):
    key = await lab.key()
    await lab.do(ActivateRequest(unique_identifier=key))
    assert await lab.refused(revoke(key, CODE.SUPERSEDED, 5)) is REASON.INVALID_FIELD
    await lab.do(revoke(key, CODE.SUPERSEDED, 5), version=V1_3)
    assert "Compromise Occurrence Date" not in await lab.values(key)


async def test_refusals_say_what_to_do(lab):
    key = await lab.key()
    item = await lab.ask(revoke(key, CODE.SUPERSEDED))
    assert (item.result_reason, "Pre-Active" in item.result_message) == (REASON.ILLEGAL_OPERATION, True)
    await lab.do(ActivateRequest(unique_identifier=key))
    item = await lab.ask(DestroyRequest(unique_identifier=key))
    assert item.result_message == "Destroy is refused: the object is Active; revoke it first"


@pytest.mark.parametrize(("code", "state"), [(CODE.SUPERSEDED, State.DESTROYED), (CODE.KEY_COMPROMISE, State.DESTROYED_COMPROMISED)])
async def test_destruction_is_final(lab, code, state):
    key = await lab.key()
    await lab.do(ActivateRequest(unique_identifier=key))
    await lab.do(revoke(key, code))
    lab.now[0] += 7
    await lab.do(DestroyRequest(unique_identifier=key))
    values = await lab.values(key)
    assert (values["State"], values["Destroy Date"]) == (state, 1_700_000_007)
    assert await lab.refused(GetRequest(unique_identifier=key)) is REASON.ILLEGAL_OPERATION
    assert await lab.refused(DestroyRequest(unique_identifier=key)) is REASON.PERMISSION_DENIED
    assert await lab.refused(ActivateRequest(unique_identifier=key)) is REASON.PERMISSION_DENIED
    assert lab.store.get(lab.peer.client.id, key).envelope is None


async def test_a_destroyed_key_can_turn_out_to_have_been_compromised(lab):
    key = await lab.key()
    await lab.do(DestroyRequest(unique_identifier=key))
    await lab.do(revoke(key, CODE.KEY_COMPROMISE))
    assert await lab.values(key, "State") == {"State": State.DESTROYED_COMPROMISED}


async def test_a_compromised_key_can_still_be_fetched(lab):
    key = await lab.key()
    await lab.do(revoke(key, CODE.KEY_COMPROMISE))
    await lab.do(GetRequest(unique_identifier=key))


async def test_an_opaque_object_has_no_state(lab):
    held = OpaqueObject(opaque_data_type=0x80000001, opaque_data_value=b"data")
    request = RegisterRequest(object_type=ObjectType.OPAQUE_OBJECT, template_attribute=TemplateAttribute(), managed_object=held)
    key = (await lab.do(request)).unique_identifier
    assert not {"State", "Fresh", "Cryptographic Usage Mask"} & set(await lab.values(key))
    assert await lab.refused(ActivateRequest(unique_identifier=key)) is REASON.ILLEGAL_OPERATION
    await lab.do(revoke(key, CODE.SUPERSEDED))
    await lab.do(DestroyRequest(unique_identifier=key))
    assert "Destroy Date" in await lab.values(key)


@pytest.mark.parametrize("unique_identifier", ["invalid", "", "1" * 200, "8c164d56-7f1c-5960-63e6-4451c6181844", "Ω"])
async def test_an_unknown_identifier_is_not_found(lab, unique_identifier):
    assert await lab.refused(GetRequest(unique_identifier=unique_identifier)) is REASON.ITEM_NOT_FOUND
    assert await lab.refused(GetAttributesRequest(unique_identifier=unique_identifier)) is REASON.ITEM_NOT_FOUND


async def test_nobody_reaches_anothers_object(lab):
    key = await lab.key()
    attribute = lab.attr("Contact Information", "me")
    requests = [
        GetRequest(unique_identifier=key),
        GetAttributesRequest(unique_identifier=key),
        GetAttributeListRequest(unique_identifier=key),
        AddAttributeRequest(unique_identifier=key, attribute=attribute),
        ModifyAttributeRequest(unique_identifier=key, attribute=attribute),
        DeleteAttributeRequest(unique_identifier=key, attribute_name="Contact Information"),
        CheckRequest(unique_identifier=key),
        ActivateRequest(unique_identifier=key),
        revoke(key, CODE.KEY_COMPROMISE),
        DestroyRequest(unique_identifier=key),
    ]
    for request in requests:
        theirs = await lab.ask(request, peer=lab.other)
        assert theirs.result_reason is REASON.ITEM_NOT_FOUND
        assert theirs.result_message == f"no object with the Unique Identifier {key!r} was found"
    assert await lab.values(key, "State") == {"State": State.PRE_ACTIVE}
