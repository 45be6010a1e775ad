"""Refusals that several operations share, each provoked with every one of them: the rows of the error tables (1.4, 11; 2.1, 6.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kmip_server.enums import DerivationMethod, ObjectType, Operation, ResultReason, State
from kmip_server.messages import (
    AddAttributeRequest,
    Attributes,
    CreateRequest,
    CryptographicDomainParameters,
    DeleteAttributeRequest,
    KeyBlock,
    ModifyAttributeRequest,
    RegisterRequest,
    SetAttributeRequest,
)
from kmip_server.versions import V1_4, V2_0, V2_1
from museum import ALL_USES, ARCHIVED, exhibit, holdings
from sensible import CREATED, PAIR, naming, requests_of, with_attributes
from specimens import request_payloads, specimen

REASON = ResultReason
OF_TYPE = {Operation.SIGN: ObjectType.PRIVATE_KEY, Operation.SIGNATURE_VERIFY: ObjectType.PUBLIC_KEY}
"""The type of key that an operation works with, where that is not a symmetric one."""


async def refusals(lab, operation, version, key):
    """Why an operation's usual requests fail with this key."""
    return {(await lab.ask(naming(payload, key), version=version)).result_reason for payload in requests_of(operation, version)}


WITH_KEYS = [
    Operation.ENCRYPT,
    Operation.DECRYPT,
    Operation.SIGN,
    Operation.SIGNATURE_VERIFY,
    Operation.MAC,
    Operation.MAC_VERIFY,
    Operation.DERIVE_KEY,
    Operation.RE_KEY,
    Operation.GET,
    Operation.EXPORT,
]


@pytest.mark.parametrize("version", [V1_4, V2_1], ids=str)
@pytest.mark.parametrize("operation", WITH_KEYS, ids=lambda one: one.name)
async def test_a_key_whose_value_is_not_here_cannot_be_used(lab, operation, version):
    object_type = OF_TYPE.get(operation, ObjectType.SYMMETRIC_KEY)
    block = replace(holdings()[object_type].key_block, key_value=None)
    given = (lab.attr("Cryptographic Usage Mask", ALL_USES), lab.attr("Activation Date", 1))
    request = RegisterRequest(object_type=object_type, attributes=Attributes(given), managed_object=type(holdings()[object_type])(block))
    assert isinstance(block, KeyBlock)
    key = (await lab.do(request, version=V2_1)).unique_identifier
    assert REASON.KEY_VALUE_NOT_PRESENT in await refusals(lab, operation, version, key)


@pytest.mark.parametrize("operation", [Operation.GET, Operation.EXPORT], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("attribute", "value", "reason"), [("Sensitive", True, REASON.SENSITIVE), ("Extractable", False, REASON.NOT_EXTRACTABLE)]
)
async def test_what_must_not_leave_does_not(lab, operation, attribute, value, reason):
    key = await lab.key(lab.attr(attribute, value), version=V2_1)
    assert reason in await refusals(lab, operation, V2_1, key)


MAKERS = [Operation.CREATE, Operation.CREATE_KEY_PAIR, Operation.REGISTER, Operation.IMPORT, Operation.DERIVE_KEY]


def making(operation, version, *attributes):
    """A request that would make something but for these attributes."""
    plain = specimen(request_payloads(version)[operation], version, rich=False)
    usual = [one for one in requests_of(operation, version) if getattr(one, "object_type", None) is ObjectType.SYMMETRIC_KEY]
    if operation is Operation.DERIVE_KEY:
        usual = [one for one in usual if one.derivation_method is DerivationMethod.HMAC]
    base = (usual or [plain])[0] if operation is not Operation.CREATE else replace(plain, object_type=ObjectType.SYMMETRIC_KEY)
    given = PAIR if operation is Operation.CREATE_KEY_PAIR else {} if operation in {Operation.REGISTER, Operation.IMPORT} else CREATED
    made = with_attributes(base, {**given, "Cryptographic Usage Mask": ALL_USES}, version)
    names = [name for name in ("attributes", "private_key_attributes") if hasattr(made, name)]
    held = getattr(made, names[0]).attribute
    return replace(made, **{names[0]: Attributes((*held, *attributes))})


@pytest.mark.parametrize("operation", MAKERS, ids=lambda one: one.name)
async def test_a_single_valued_attribute_given_twice_is_refused(lab, operation):
    twice = making(operation, V2_1, lab.attr("Contact Information", "one"), lab.attr("Contact Information", "two"))
    assert await lab.refused(naming(twice, await lab.key()), version=V2_1) is REASON.ATTRIBUTE_SINGLE_VALUED


@pytest.mark.parametrize("operation", MAKERS, ids=lambda one: one.name)
async def test_dates_out_of_order_are_no_values(lab, operation):
    dates = (lab.attr("Activation Date", 2_000_000_000), lab.attr("Process Start Date", 1_900_000_000))
    key = await exhibit(lab, ObjectType.SYMMETRIC_KEY, State.ACTIVE)
    found = await lab.refused(naming(making(operation, V2_1, *dates), key), version=V2_1)
    assert found in {REASON.INVALID_ATTRIBUTE_VALUE, REASON.INVALID_ATTRIBUTE}  # of a private key it is no attribute in the first place


@pytest.mark.parametrize("operation", MAKERS, ids=lambda one: one.name)
async def test_a_name_that_is_taken_is_not_given_again(lab, operation):
    await lab.key(lab.named("taken"), version=V2_1)
    key = await exhibit(lab, ObjectType.SYMMETRIC_KEY, State.ACTIVE)
    request = naming(making(operation, V2_1, lab.named("taken")), "new" if operation is Operation.IMPORT else key)
    assert await lab.refused(request, version=V2_1) is REASON.NON_UNIQUE_NAME_ATTRIBUTE


@pytest.mark.parametrize("kind", [ModifyAttributeRequest, SetAttributeRequest])
async def test_a_name_that_is_taken_is_not_changed_to(lab, kind):
    await lab.key(lab.named("taken"), version=V2_1)
    other = await lab.key(lab.named("other"), version=V2_1)
    request = kind(unique_identifier=other, new_attribute=Attributes((lab.named("taken"),)))
    assert await lab.refused(request, version=V2_1) is REASON.NON_UNIQUE_NAME_ATTRIBUTE


WRAPPING = {
    ARCHIVED: REASON.WRAPPING_OBJECT_ARCHIVED,
    State.DESTROYED: REASON.WRAPPING_OBJECT_DESTROYED,
    None: REASON.WRAPPING_OBJECT_NOT_FOUND,
}


@pytest.mark.parametrize("operation", [Operation.GET, Operation.EXPORT], ids=lambda one: one.name)
@pytest.mark.parametrize("state", WRAPPING, ids=str)
async def test_a_wrapping_key_has_to_be_there(lab, operation, state):
    key = await exhibit(lab, ObjectType.SYMMETRIC_KEY, State.ACTIVE)
    wrapping = "nobody" if state is None else await exhibit(lab, ObjectType.SYMMETRIC_KEY, state)
    found = set()
    rich = specimen(request_payloads(V2_1)[Operation.GET], V2_1).key_wrapping_specification
    for specification in [
        *[one.key_wrapping_specification for one in requests_of(Operation.GET, V2_1) if one.key_wrapping_specification],
        rich,
    ]:
        plain = specimen(request_payloads(V2_1)[operation], V2_1, rich=False)
        request = replace(plain, unique_identifier=key, key_wrapping_specification=naming(specification, wrapping))
        found.add((await lab.ask(request, version=V2_1)).result_reason)
    assert WRAPPING[state] in found


@pytest.mark.parametrize("version", [V2_0, V2_1], ids=str)
async def test_an_attribute_that_no_client_sets_is_read_only_in_create(lab, version):
    request = CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, attributes=Attributes((lab.attr("Initial Date", 1),)))
    assert await lab.refused(request, version=version) is REASON.ATTRIBUTE_READ_ONLY


async def test_an_instance_that_is_not_there_cannot_be_deleted(lab):
    key = await lab.key(lab.named("one"), lab.named("two"), version=V2_1)
    request = DeleteAttributeRequest(unique_identifier=key, current_attribute=Attributes((lab.named("three"),)))
    assert await lab.refused(request, version=V2_1) is REASON.ATTRIBUTE_INSTANCE_NOT_FOUND


async def test_a_compromised_key_gets_no_dates(lab):
    key = await exhibit(lab, ObjectType.SYMMETRIC_KEY, State.COMPROMISED)
    request = AddAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.attr("Deactivation Date", 2_000_000_000),)))
    assert await lab.refused(request, version=V2_1) is REASON.WRONG_KEY_LIFECYCLE_STATE


async def test_an_attribute_of_other_objects_is_not_registered(lab):
    (usual,) = [one for one in requests_of(Operation.REGISTER, V2_1) if one.object_type is ObjectType.SECRET_DATA]
    given = Attributes((lab.attr("Cryptographic Domain Parameters", CryptographicDomainParameters(qlength=1)),))
    assert await lab.refused(replace(usual, attributes=given), version=V2_1) is REASON.INVALID_ATTRIBUTE
