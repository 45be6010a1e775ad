"""Discover Versions, Query, and the personalities that change their answers."""

from __future__ import annotations

import pytest
from kmip_server.codec import decode
from kmip_server.enums import ObjectType, Operation, QueryFunction, ResultReason
from kmip_server.errors import ConfigurationError
from kmip_server.messages import (
    ActivateRequest,
    DiscoverVersionsRequest,
    GetRequest,
    LocateRequest,
    ProtocolVersion,
    QueryRequest,
    ResponseMessage,
)
from kmip_server.personality import KEYPROTECT_NATIVE, KMIP_FOR_VMWARE, REFERENCE, personality_named
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4


def pairs(response):
    return [(one.protocol_version_major, one.protocol_version_minor) for one in response.protocol_version]


def of(*versions):
    return DiscoverVersionsRequest(
        protocol_version=tuple(ProtocolVersion(protocol_version_major=major, protocol_version_minor=minor) for major, minor in versions)
    )


async def test_versions_are_listed_from_the_preferred_down(lab):
    assert pairs(await lab.do(DiscoverVersionsRequest(), version=V1_1)) == [(2, 1), (2, 0), (1, 4), (1, 3), (1, 2), (1, 1), (1, 0), (3, 0)]


async def test_only_common_versions_are_listed(lab):
    assert pairs(await lab.do(of((1, 0), (9, 9), (1, 2)))) == [(1, 2), (1, 0)]
    assert pairs(await lab.do(of((4, 0)))) == []


@pytest.mark.parametrize("version", [V1_0, V1_1, V1_4], ids=str)
async def test_query_lists_what_the_version_has(lab, version):
    functions = (QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS, QueryFunction.QUERY_SERVER_INFORMATION)
    told = await lab.do(QueryRequest(query_function=functions), version=version)
    assert (Operation.DISCOVER_VERSIONS in told.operation) == (version >= V1_1)
    assert {Operation.CREATE, Operation.CHECK, Operation.QUERY} <= set(told.operation)
    assert told.object_type == tuple(one for one in ObjectType if one.exists_in(version))
    assert told.vendor_identification == "kmiplab"
    assert told.server_information is not None


async def test_every_query_function_of_a_version_is_answered(lab):
    for version in (V1_0, V1_1, V1_2, V1_3, V1_4):
        for function in QueryFunction.of(version):
            await lab.do(QueryRequest(query_function=(function,)), version=version)
    told = await lab.do(QueryRequest(query_function=QueryFunction.of(V1_4)))
    assert told.rng_parameters
    assert told.capability_information[0].batch_undo_capability is True


async def test_a_query_that_has_nothing_to_say_is_empty(lab):
    told = await lab.do(QueryRequest(query_function=(QueryFunction.QUERY_EXTENSION_LIST,)))
    assert not any((told.operation, told.vendor_identification, told.extension_information))


async def test_key_protects_own_kmip_offers_1_4_and_nine_operations(lab):
    native = lab.as_personality(KEYPROTECT_NATIVE)
    assert pairs(await native.do(DiscoverVersionsRequest(), version=V1_1)) == [(1, 4)]
    assert await native.refused(QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,))) is ResultReason.OPERATION_NOT_SUPPORTED
    key = await native.key(version=V1_1)
    await native.do(ActivateRequest(unique_identifier=key), version=V1_1)
    assert len(KEYPROTECT_NATIVE.operations) == 9


async def test_it_can_be_told_to_refuse_older_versions(lab):
    strict = lab.as_personality(personality_named("keyprotect-native", only_offered_versions=True))
    answer = await strict.batch(LocateRequest(), version=V1_4)
    assert answer.batch_item[0].result_reason is None
    reply = await strict.send(lab.request(LocateRequest(), version=V1_1))
    refused = decode(ResponseMessage, reply.data, V1_4)
    assert refused.batch_item[0].result_reason is ResultReason.INVALID_MESSAGE
    assert refused.response_header.protocol_version.protocol_version_minor == 4
    assert not reply.close


async def test_the_classic_service_has_no_register_and_still_answers_query(lab):
    classic = lab.as_personality(KMIP_FOR_VMWARE)
    told = await classic.do(QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,)))
    assert Operation.REGISTER not in told.operation
    assert Operation.QUERY in told.operation
    assert await classic.refused(GetRequest(unique_identifier="x")) is ResultReason.ITEM_NOT_FOUND


def test_personalities_have_names():
    assert personality_named("reference") is REFERENCE
    with pytest.raises(ConfigurationError) as error:
        personality_named("vault")
    assert "kmip-for-vmware" in error.value.hint
