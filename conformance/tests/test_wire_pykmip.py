"""Other people's bytes: what PyKMIP writes is read as the tree that it means, and the trees built here are the bytes that PyKMIP writes."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from kmip_conformance import requests
from kmip_conformance.tables import V1_2, CryptographicUsageMask, RevocationReasonCode
from kmip_conformance.wire import Item, decode, encode

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # PyKMIP's own, on import
    from kmip.core import attributes, enums, objects, utils
    from kmip.core.factories.attributes import AttributeFactory
    from kmip.core.messages import contents, messages, payloads
    from kmip.core.misc import KeyFormatType
    from kmip.core.primitives import DateTime
    from kmip.core.secrets import SymmetricKey

MATERIAL = bytes(range(16))


def attribute(kind: enums.AttributeType, value: Any, index: int | None = None) -> objects.Attribute:
    return AttributeFactory().create_attribute(kind, value, index)


def template(*attributes: objects.Attribute) -> objects.TemplateAttribute:
    return objects.TemplateAttribute(attributes=list(attributes))


AES = attribute(enums.AttributeType.CRYPTOGRAPHIC_ALGORITHM, enums.CryptographicAlgorithm.AES)
ENCRYPT = attribute(enums.AttributeType.CRYPTOGRAPHIC_USAGE_MASK, [enums.CryptographicUsageMask.ENCRYPT])


def length(bits: int) -> objects.Attribute:
    return attribute(enums.AttributeType.CRYPTOGRAPHIC_LENGTH, bits)


def a_key() -> SymmetricKey:
    block = objects.KeyBlock(
        key_format_type=KeyFormatType(enums.KeyFormatType.RAW),
        key_value=objects.KeyValue(objects.KeyMaterial(MATERIAL)),
        cryptographic_algorithm=attributes.CryptographicAlgorithm(enums.CryptographicAlgorithm.AES),
        cryptographic_length=attributes.CryptographicLength(128),
    )
    return SymmetricKey(block)


PAIRS = [
    (
        "create",
        enums.Operation.CREATE,
        payloads.CreateRequestPayload(enums.ObjectType.SYMMETRIC_KEY, template(AES, length(256), ENCRYPT)),
        requests.create_symmetric_key(usage=CryptographicUsageMask.ENCRYPT),
    ),
    (
        "register",
        enums.Operation.REGISTER,
        payloads.RegisterRequestPayload(enums.ObjectType.SYMMETRIC_KEY, template(AES, length(128), ENCRYPT), a_key()),
        requests.register_symmetric_key(MATERIAL, usage=CryptographicUsageMask.ENCRYPT),
    ),
    ("get", enums.Operation.GET, payloads.GetRequestPayload("42"), requests.get("42")),
    (
        "get attributes",
        enums.Operation.GET_ATTRIBUTES,
        payloads.GetAttributesRequestPayload("42", ["State", "x-Size"]),
        requests.get_attributes("42", "State", "x-Size"),
    ),
    (
        "get attribute list",
        enums.Operation.GET_ATTRIBUTE_LIST,
        payloads.GetAttributeListRequestPayload("42"),
        requests.get_attribute_list("42"),
    ),
    (
        "locate",
        enums.Operation.LOCATE,
        payloads.LocateRequestPayload(maximum_items=3, attributes=[length(256)]),
        requests.locate(requests.attribute("Cryptographic Length", 256), maximum=3),
    ),
    (
        "activate",
        enums.Operation.ACTIVATE,
        payloads.ActivateRequestPayload(attributes.UniqueIdentifier("42")),
        requests.activate("42"),
    ),
    (
        "revoke",
        enums.Operation.REVOKE,
        payloads.RevokeRequestPayload(
            unique_identifier=attributes.UniqueIdentifier("42"),
            revocation_reason=objects.RevocationReason(enums.RevocationReasonCode.KEY_COMPROMISE, "lost"),
            compromise_occurrence_date=DateTime(1_700_000_000, tag=enums.Tags.COMPROMISE_OCCURRENCE_DATE),
        ),
        requests.revoke("42", RevocationReasonCode.KEY_COMPROMISE, message="lost", compromise_occurrence=1_700_000_000),
    ),
    (
        "destroy",
        enums.Operation.DESTROY,
        payloads.DestroyRequestPayload(attributes.UniqueIdentifier("42")),
        requests.destroy("42"),
    ),
    (
        "delete attribute",
        enums.Operation.DELETE_ATTRIBUTE,
        payloads.DeleteAttributeRequestPayload("42", "Name", 1),
        requests.delete_attribute("42", "Name", 1),
    ),
]


def written_by_pykmip(operation: enums.Operation, payload: Any) -> bytes:
    credential = objects.Credential(
        enums.CredentialType.USERNAME_AND_PASSWORD, objects.UsernamePasswordCredential(username="me", password="secret")
    )
    header = messages.RequestHeader(
        protocol_version=contents.ProtocolVersion(1, 2),
        maximum_response_size=contents.MaximumResponseSize(4096),
        authentication=contents.Authentication([credential]),
        batch_error_cont_option=contents.BatchErrorContinuationOption(enums.BatchErrorContinuationOption.STOP),
        batch_order_option=contents.BatchOrderOption(True),
        batch_count=contents.BatchCount(1),
    )
    item = messages.RequestBatchItem(
        operation=contents.Operation(operation), unique_batch_item_id=contents.UniqueBatchItemID(b"\x01\x02"), request_payload=payload
    )
    stream = utils.BytearrayStream()
    messages.RequestMessage(request_header=header, batch_items=[item]).write(stream, kmip_version=enums.KMIPVersion.KMIP_1_2)
    return bytes(stream.buffer)


@pytest.mark.parametrize(("operation", "payload", "item"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_a_request_is_the_same_to_pykmip(operation: enums.Operation, payload: Any, item: Item) -> None:
    theirs = written_by_pykmip(operation, payload)
    ours = requests.request(
        V1_2,
        item,
        maximum_response_size=4096,
        credential=requests.credential("me", "secret"),
        on_error=enums.BatchErrorContinuationOption.STOP.value,
        order=True,
        ids=(b"\x01\x02",),
    )
    assert decode(theirs).anomalies == ()
    assert decode(theirs).item == ours
    assert encode(ours) == theirs
