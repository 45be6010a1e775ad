"""The twelve shapes of request that vCenter sends: their sizes, and that they come back as they were."""

from __future__ import annotations

import pytest
from kmip_server.codec import decode_request, encode
from kmip_server.enums import CredentialType, CryptographicAlgorithm, CryptographicUsageMask, ItemType, ObjectType, Operation, QueryFunction
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    Attribute,
    Authentication,
    CreateRequest,
    Credential,
    CustomValue,
    DiscoverVersionsRequest,
    GetAttributesRequest,
    GetRequest,
    ProtocolVersion,
    QueryRequest,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    TemplateAttribute,
    UsernamePasswordCredential,
)
from kmip_server.versions import V1_1

SHORT, LONG = "1", "4f9d6a52-77b1-4b06-9a8e-2d6a4a7d9c11"
"""Identifiers of one server and of another."""
PASSWORD = Authentication((Credential(CredentialType.USERNAME_AND_PASSWORD, UsernamePasswordCredential("vsphere", "password")),))


def batch(operation: Operation, *payloads: object, ids: bool = True, password: bool = False) -> RequestMessage:
    header = RequestHeader(
        protocol_version=ProtocolVersion(*V1_1), authentication=PASSWORD if password else None, batch_count=len(payloads)
    )
    items = (
        RequestBatchItem(
            operation=operation,
            unique_batch_item_id=b"QLKC" + number.to_bytes(4, "little") if ids else None,
            request_payload=payload,
        )
        for number, payload in enumerate(payloads, start=1)
    )
    return RequestMessage(request_header=header, batch_item=tuple(items))


def custom(name: str, value: str) -> Attribute:
    return Attribute(attribute_name=name, attribute_value=CustomValue(ItemType.TEXT_STRING, value))


def create(*, password: bool) -> RequestMessage:
    wanted = (
        Attribute(attribute_name="Cryptographic Algorithm", attribute_value=CryptographicAlgorithm.AES),
        Attribute(attribute_name="Cryptographic Usage Mask", attribute_value=CryptographicUsageMask(0x0C)),
        Attribute(attribute_name="Cryptographic Length", attribute_value=256),
    )
    payload = CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(attribute=wanted))
    return batch(Operation.CREATE, payload, password=password)


def get_attributes(uid: str, name: str, *, password: bool = False) -> RequestMessage:
    return batch(Operation.GET_ATTRIBUTES, GetAttributesRequest(unique_identifier=uid, attribute_name=(name,)), password=password)


def tags(uid: str, **named: str) -> RequestMessage:
    payloads = (AddAttributeRequest(unique_identifier=uid, attribute=custom(f"x-{name}", value)) for name, value in named.items())
    return batch(Operation.ADD_ATTRIBUTE, *payloads)


PRODUCT = {"Product_Version": "7.0.3 build-19480866", "Vendor": "VMware, Inc.", "Product": "VMware vSphere"}
HOST = {"Identifier": "8c164d56-7f1c-5960-63e6-4451c6181844", "Component": "ESXi Server", "Name": "172.16.220.132"}
VIRTUAL_MACHINE = {"Identifier": "4226f566-3ed5-1c8f-cda3-b0b037b6dc97", "Component": "Virtual Machine", "Name": "test01"}

SHAPES: list[tuple[str, int, RequestMessage]] = [
    ("Discover Versions, bare", 104, batch(Operation.DISCOVER_VERSIONS, DiscoverVersionsRequest(), ids=False)),
    ("Discover Versions, with id", 120, batch(Operation.DISCOVER_VERSIONS, DiscoverVersionsRequest())),
    ("Query", 136, batch(Operation.QUERY, QueryRequest(query_function=(QueryFunction.QUERY_SERVER_INFORMATION,)))),
    ("Create", 312, create(password=False)),
    ("Create, password", 384, create(password=True)),
    ("Get", 136, batch(Operation.GET, GetRequest(unique_identifier=SHORT))),
    ("Get, long id and password", 240, batch(Operation.GET, GetRequest(unique_identifier=LONG), password=True)),
    ("Get Attributes State", 152, get_attributes(SHORT, "State")),
    ("Get Attributes State, long id and password", 256, get_attributes(LONG, "State", password=True)),
    ("Activate", 136, batch(Operation.ACTIVATE, ActivateRequest(unique_identifier=SHORT))),
    ("Activate, long id and password", 240, batch(Operation.ACTIVATE, ActivateRequest(unique_identifier=LONG), password=True)),
    ("Get Attributes x-Product_Version", 168, get_attributes(SHORT, "x-Product_Version")),
    ("Get Attributes x-Product_Version, long id", 200, get_attributes(LONG, "x-Product_Version")),
    ("Get Attributes x-Vendor", 152, get_attributes(SHORT, "x-Vendor")),
    ("Get Attributes x-Product", 160, get_attributes(SHORT, "x-Product")),
    ("Get Attributes x-Identifier", 160, get_attributes(SHORT, "x-Identifier")),
    ("Get Attributes x-Component", 160, get_attributes(SHORT, "x-Component")),
    ("Get Attributes x-Name", 152, get_attributes(SHORT, "x-Name")),
    ("Add Attribute, product", 440, tags(SHORT, **PRODUCT)),
    ("Add Attribute, product, long id", 536, tags(LONG, **PRODUCT)),
    ("Add Attribute, host", 448, tags(SHORT, **HOST)),
    ("Add Attribute, virtual machine", 440, tags(SHORT, **VIRTUAL_MACHINE)),
    ("Add Attribute, virtual machine, long id", 536, tags(LONG, **VIRTUAL_MACHINE)),
]


@pytest.mark.parametrize(("size", "message"), [pytest.param(size, message, id=title) for title, size, message in SHAPES])
def test_a_shape_has_its_size_and_is_read_whole(size: int, message: RequestMessage) -> None:
    data = encode(message, V1_1)
    assert len(data) == size
    assert decode_request(data) == message
