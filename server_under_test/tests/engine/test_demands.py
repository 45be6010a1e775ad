"""What a client demands of a new object beyond its key: quantum safety, storage, data for its application."""

from __future__ import annotations

import pytest
from kmip_server.enums import CryptographicAlgorithm, ObjectType, ProtectionLevel, ProtectionStorageMask, QueryFunction, ResultReason
from kmip_server.messages import (
    AddAttributeRequest,
    ApplicationSpecificInformation,
    Attributes,
    CreateRequest,
    ProtectionStorageMasks,
    QueryRequest,
    ReKeyRequest,
    SetAttributeRequest,
)
from kmip_server.versions import V1_4, V2_0, V2_1

REASON, MASK = ResultReason, ProtectionStorageMask
AES, TRIPLE_DES = CryptographicAlgorithm.AES, CryptographicAlgorithm.TRIPLE_DES


@pytest.fixture(autouse=True, params=[V2_0, V2_1], ids=str)
def version(lab, request):
    lab.version = request.param


def create(lab, masks=None, **values):
    attributes = Attributes(tuple(lab.attr(name.replace("_", " ").title(), value) for name, value in values.items()))
    storage = None if masks is None else ProtectionStorageMasks(masks)
    return CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, attributes=attributes, protection_storage_masks=storage)


@pytest.mark.parametrize(("algorithm", "bits", "safe"), [(AES, 256, True), (AES, 192, False), (AES, 128, False), (TRIPLE_DES, 168, False)])
async def test_quantum_safe_is_more_than_a_word(lab, algorithm, bits, safe):
    key = {"cryptographic_algorithm": algorithm, "cryptographic_length": bits}
    demand = create(lab, **key, quantum_safe=True, protection_level=ProtectionLevel.HIGH)
    plain = (await lab.do(create(lab, **key, quantum_safe=False))).unique_identifier
    later = SetAttributeRequest(unique_identifier=plain, new_attribute=Attributes((lab.attr("Quantum Safe", True),)))
    if safe:
        await lab.do(demand)
        await lab.do(later)
    else:
        assert await lab.refused(demand) is REASON.GENERAL_FAILURE
        assert await lab.refused(later) is REASON.GENERAL_FAILURE


@pytest.mark.parametrize(
    ("masks", "met"),
    [
        ((MASK.SOFTWARE,), True),
        ((MASK.HARDWARE, MASK.SOFTWARE), True),
        ((MASK.HARDWARE,), False),
        ((MASK.HARDWARE | MASK.SOFTWARE,), False),
        ((), False),
    ],
)
async def test_storage_is_as_demanded_or_refused(lab, masks, met):
    key = await lab.key()
    rekey = ReKeyRequest(unique_identifier=key, protection_storage_masks=ProtectionStorageMasks(masks))
    for request in (create(lab, masks), rekey):
        if met:
            made = (await lab.do(request)).unique_identifier
            assert await lab.values(made, "Protection Storage Mask") == {"Protection Storage Mask": MASK.SOFTWARE}
        else:
            assert await lab.refused(request) is REASON.PROTECTION_STORAGE_UNAVAILABLE


async def test_data_for_an_application_can_be_left_to_the_server(lab):
    (namespace,) = (await lab.do(QueryRequest(query_function=(QueryFunction.QUERY_APPLICATION_NAMESPACES,)))).application_namespace
    held = []
    for _ in range(2):
        key = await lab.key(lab.attr("Application Specific Information", ApplicationSpecificInformation(namespace)))
        held.append((await lab.values(key))["Application Specific Information"])
    assert held[0].application_data
    assert held[0].application_data != held[1].application_data


async def test_data_of_another_application_must_be_given(lab):
    foreign = lab.attr("Application Specific Information", ApplicationSpecificInformation("ssl"))
    assert await lab.refused(lab.create(foreign)) is REASON.APPLICATION_NAMESPACE_NOT_SUPPORTED
    key = await lab.key(version=V1_4)
    added = await lab.do(
        AddAttributeRequest(
            unique_identifier=key,
            attribute=lab.attr("Application Specific Information", ApplicationSpecificInformation("ssl", "example.com")),
        ),
        version=V1_4,
    )
    assert added.attribute.attribute_value == ApplicationSpecificInformation("ssl", "example.com")
