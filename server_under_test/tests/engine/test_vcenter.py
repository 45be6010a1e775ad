"""What vCenter 7.0.3 really sends when it encrypts a VM on a host that has no key yet: two keys, tags, all under 1.1."""

from __future__ import annotations

import asyncio

from kmip_server.codec import decode
from kmip_server.enums import ItemType, QueryFunction, ResultStatus, State
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    CustomValue,
    DiscoverVersionsRequest,
    GetAttributesRequest,
    GetRequest,
    QueryRequest,
    ResponseMessage,
)
from kmip_server.versions import V1_1

DISCOVER_VERSIONS = bytes.fromhex(
    "42007801000000604200770100000038420069010000002042006a0200000004000000010000000042006b020000000400000001000000004200"
    "0d0200000004000000010000000042000f010000001842005c05000000040000001e000000004200790100000000"
)
ACTIVATE_2 = bytes.fromhex(
    "42007801000000804200770100000038420069010000002042006a0200000004000000010000000042006b02000000040000000100000000"
    "42000d0200000004000000010000000042000f010000003842005c050000000400000012000000004200930800000008514c4b4301000000"
    "420079010000001042009407000000013200000000000000"
)


def qlkc(number):
    return b"QLKC" + number.to_bytes(4, "little")


class VCenter:
    """A vCenter: 1.1 always, batch ids of its own that begin anew in each message."""

    def __init__(self, lab):
        self.lab = lab

    async def __call__(self, *payloads):
        ids = [qlkc(number) for number in range(1, len(payloads) + 1)]
        answer = await self.lab.batch(*payloads, version=V1_1, ids=ids)
        assert [item.unique_batch_item_id for item in answer.batch_item] == ids
        assert all(item.result_status is ResultStatus.SUCCESS for item in answer.batch_item), answer
        return [item.response_payload for item in answer.batch_item]

    async def discover(self):
        reply = await self.lab.send(DISCOVER_VERSIONS)
        (item,) = decode(ResponseMessage, reply.data, V1_1).batch_item
        assert item.unique_batch_item_id is None
        versions = [(one.protocol_version_major, one.protocol_version_minor) for one in item.response_payload.protocol_version]
        assert (1, 1) in versions

    async def tags(self, key, **tags):
        for name in tags:
            (absent,) = await self(GetAttributesRequest(unique_identifier=key, attribute_name=("x-" + name,)))
            assert (absent.unique_identifier, absent.attribute) == (key, ())
        values = {"x-" + name: CustomValue(ItemType.TEXT_STRING, value) for name, value in tags.items()}
        attributes = [self.lab.attr(name, value) for name, value in values.items()]
        added = await self(*[AddAttributeRequest(unique_identifier=key, attribute=attribute) for attribute in attributes])
        assert [(one.unique_identifier, one.attribute) for one in added] == [(key, attribute) for attribute in attributes]

    async def fetch(self, key):
        (got,) = await self(GetRequest(unique_identifier=key))
        assert len(got.managed_object.key_block.key_value.key_material) == 32
        (state,) = await self(GetAttributesRequest(unique_identifier=key, attribute_name=("State",)))
        assert state.attribute[0].attribute_value is State.PRE_ACTIVE
        (activated,) = await self(ActivateRequest(unique_identifier=key))
        assert activated.unique_identifier == key


async def test_the_shapes_are_the_recorded_ones(lab):
    assert lab.request(DiscoverVersionsRequest(), version=V1_1) == DISCOVER_VERSIONS
    assert lab.request(ActivateRequest(unique_identifier="2"), version=V1_1, ids=[qlkc(1)]) == ACTIVATE_2
    assert len(lab.request(lab.create(), version=V1_1, ids=[qlkc(1)])) == 312


async def test_first_contact(lab):
    vcenter = VCenter(lab)
    await vcenter.discover()
    await vcenter(DiscoverVersionsRequest())
    (told,) = await vcenter(QueryRequest(query_function=(QueryFunction.QUERY_SERVER_INFORMATION,)))
    assert told.vendor_identification


async def test_a_vm_is_encrypted(lab):
    vcenter = VCenter(lab)
    product = {"Product_Version": "7.0.3 build-19480866", "Vendor": "VMware, Inc.", "Product": "VMware vSphere"}
    host = {"Identifier": "8c164d56-7f1c-5960-63e6-4451c6181844", "Component": "ESXi Server", "Name": "172.16.220.132"}
    vm = {"Identifier": "4226f566-3ed5-1c8f-cda3-b0b037b6dc97", "Component": "Virtual Machine", "Name": "test01"}
    await vcenter.discover()
    (vm_key,) = [made.unique_identifier for made in await vcenter(lab.create())]
    (host_key,) = [made.unique_identifier for made in await vcenter(lab.create())]
    await vcenter.tags(vm_key, **product)
    await asyncio.gather(vcenter.fetch(host_key), vcenter.tags(host_key, **product))
    await vcenter.tags(host_key, **host)
    await vcenter.fetch(vm_key)
    await vcenter.tags(vm_key, **vm)
    for key, component in ((host_key, "ESXi Server"), (vm_key, "Virtual Machine")):
        values = await lab.values(key, version=V1_1)
        assert values["State"] is State.ACTIVE
        assert values["x-Component"] == CustomValue(ItemType.TEXT_STRING, component)
        assert values["x-Vendor"] == CustomValue(ItemType.TEXT_STRING, "VMware, Inc.")


async def test_activate_of_a_key_that_is_not_there_keeps_the_connection(lab):
    reply = await lab.send(ACTIVATE_2)
    (item,) = decode(ResponseMessage, reply.data, V1_1).batch_item
    assert item.unique_batch_item_id == qlkc(1)
    assert item.result_status is ResultStatus.OPERATION_FAILED
    assert not reply.close
