"""PyKMIP as an independent witness: it reads what we write, writes the same bytes again, and we read those as what we had.

Every payload that both have, in every version of 1.x that has it. Two things PyKMIP cannot witness: a wrapped Key Value, which it
only knows as a Structure (2.1.3: "Byte String: for wrapped Key Value"), and a Digest of 1.0, in which it wants a Key Format Type.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from kmip_server.codec import decode, decode_request, encode
from kmip_server.enums import (
    AttestationType,
    BatchErrorContinuationOption,
    BlockCipherMode,
    CertificateType,
    ClientRegistrationMethod,
    CredentialType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    EncodingOption,
    HashingAlgorithm,
    ItemType,
    KeyFormatType,
    NameType,
    ObjectGroupMember,
    ObjectType,
    Operation,
    ProfileName,
    QueryFunction,
    ResultReason,
    ResultStatus,
    RevocationReasonCode,
    RNGAlgorithm,
    SecretDataType,
    SplitKeyMethod,
    State,
    StorageStatusMask,
    UnwrapMode,
    ValidationAuthorityType,
    ValidationType,
    WrappingMethod,
)
from kmip_server.messages import (
    ActivateRequest,
    ActivateResponse,
    ApplicationSpecificInformation,
    Attribute,
    Authentication,
    CapabilityInformation,
    Certificate,
    CheckRequest,
    CheckResponse,
    CreateRequest,
    CreateResponse,
    Credential,
    CryptographicParameters,
    CustomValue,
    DeleteAttributeRequest,
    DeleteAttributeResponse,
    DestroyRequest,
    DestroyResponse,
    DeviceCredential,
    Digest,
    DiscoverVersionsRequest,
    DiscoverVersionsResponse,
    EncryptionKeyInformation,
    ExtensionInformation,
    GetAttributeListRequest,
    GetAttributeListResponse,
    GetAttributesRequest,
    GetAttributesResponse,
    GetRequest,
    GetResponse,
    KeyBlock,
    KeyValue,
    KeyWrappingSpecification,
    LocateRequest,
    LocateResponse,
    ModifyAttributeRequest,
    ModifyAttributeResponse,
    Name,
    OpaqueObject,
    PrivateKey,
    ProfileInformation,
    ProtocolVersion,
    PublicKey,
    QueryRequest,
    QueryResponse,
    RegisterRequest,
    RegisterResponse,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseHeader,
    ResponseMessage,
    RevocationReason,
    RevokeRequest,
    RevokeResponse,
    RNGParameters,
    SecretData,
    SplitKey,
    SymmetricKey,
    TemplateAttribute,
    UsernamePasswordCredential,
    ValidationInformation,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, KmipVersion

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ciphers that `cryptography` is about to retire
    from kmip.core import enums as pykmip
    from kmip.core.messages import messages as pykmip_messages
    from kmip.core.primitives import TextString
    from kmip.core.utils import BytearrayStream

VERSIONS = (V1_0, V1_1, V1_2, V1_3, V1_4)
UID = "6c1d3a52-77b1-4b06-9a8e-2d6a4a7d9c11"


def of(name: str, value: object) -> Attribute:
    return Attribute(attribute_name=name, attribute_value=value)


ATTRIBUTES = (
    of("Name", Name("a name", NameType.UNINTERPRETED_TEXT_STRING)),
    of("Cryptographic Algorithm", CryptographicAlgorithm.AES),
    of("Cryptographic Length", 256),
    of("Cryptographic Usage Mask", CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT),
    of("Cryptographic Parameters", CryptographicParameters(BlockCipherMode.CBC, None, HashingAlgorithm.SHA_256)),
    of("Operation Policy Name", "default"),
    of("State", State.PRE_ACTIVE),
    of("Object Type", ObjectType.SYMMETRIC_KEY),
    of("Unique Identifier", UID),
    of("Initial Date", 1_700_000_000),
    of("Activation Date", 1_700_000_001),
    of("Lease Time", 3600),
    of("Object Group", "group"),
    of("Contact Information", "nobody"),
    of("Application Specific Information", ApplicationSpecificInformation("ssl", "www.example.com")),
    of("x-Vendor", CustomValue(ItemType.TEXT_STRING, "VMware, Inc.")),
)
DIGEST = of("Digest", Digest(HashingAlgorithm.SHA_256, bytes(32), KeyFormatType.RAW))
TEMPLATE = TemplateAttribute(attribute=ATTRIBUTES)
KEY = KeyBlock(KeyFormatType.RAW, None, KeyValue(bytes(32)), CryptographicAlgorithm.AES, 256)
RSA = KeyBlock(KeyFormatType.PKCS_1, None, KeyValue(b"der"), CryptographicAlgorithm.RSA, 2048)
OBJECTS: list[tuple[ObjectType, Any]] = [
    (ObjectType.SYMMETRIC_KEY, SymmetricKey(KEY)),
    (ObjectType.SECRET_DATA, SecretData(SecretDataType.PASSWORD, KeyBlock(KeyFormatType.OPAQUE, None, KeyValue(b"secret")))),
    (ObjectType.OPAQUE_OBJECT, OpaqueObject(0x80000000, b"opaque")),
    (ObjectType.CERTIFICATE, Certificate(CertificateType.X_509, b"der")),
    (ObjectType.PUBLIC_KEY, PublicKey(RSA)),
    (ObjectType.PRIVATE_KEY, PrivateKey(RSA)),
    (
        ObjectType.SPLIT_KEY,
        SplitKey(split_key_parts=3, key_part_identifier=1, split_key_threshold=2, split_key_method=SplitKeyMethod.XOR, key_block=KEY),
    ),
]

REQUESTS: list[tuple[Operation, KmipVersion, object]] = [
    (Operation.CREATE, V1_0, CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TEMPLATE)),
    *(
        (Operation.REGISTER, V1_0, RegisterRequest(object_type=kind, template_attribute=TEMPLATE, managed_object=one))
        for kind, one in OBJECTS
    ),
    (Operation.GET, V1_0, GetRequest()),
    (Operation.GET, V1_0, GetRequest(unique_identifier=UID, key_format_type=KeyFormatType.RAW)),
    (
        Operation.GET,
        V1_1,
        GetRequest(
            unique_identifier=UID,
            key_wrapping_specification=KeyWrappingSpecification(
                WrappingMethod.ENCRYPT, EncryptionKeyInformation("kek"), None, ("Name",), EncodingOption.NO_ENCODING
            ),
        ),
    ),
    (Operation.GET_ATTRIBUTES, V1_0, GetAttributesRequest(unique_identifier=UID, attribute_name=("State", "x-Vendor"))),
    (Operation.GET_ATTRIBUTE_LIST, V1_0, GetAttributeListRequest(unique_identifier=UID)),
    (Operation.MODIFY_ATTRIBUTE, V1_0, ModifyAttributeRequest(unique_identifier=UID, attribute=ATTRIBUTES[0])),
    (Operation.DELETE_ATTRIBUTE, V1_0, DeleteAttributeRequest(unique_identifier=UID, attribute_name="Name", attribute_index=0)),
    (
        Operation.LOCATE,
        V1_0,
        LocateRequest(maximum_items=5, storage_status_mask=StorageStatusMask.ON_LINE_STORAGE, attribute=ATTRIBUTES[:3]),
    ),
    (Operation.LOCATE, V1_1, LocateRequest(object_group_member=ObjectGroupMember.GROUP_MEMBER_FRESH)),
    (Operation.LOCATE, V1_3, LocateRequest(maximum_items=5, offset_items=2)),
    (
        Operation.CHECK,
        V1_0,
        CheckRequest(unique_identifier=UID, usage_limits_count=9, cryptographic_usage_mask=CryptographicUsageMask.ENCRYPT, lease_time=60),
    ),
    (Operation.ACTIVATE, V1_0, ActivateRequest(unique_identifier=UID)),
    (
        Operation.REVOKE,
        V1_0,
        RevokeRequest(
            unique_identifier=UID,
            revocation_reason=RevocationReason(RevocationReasonCode.KEY_COMPROMISE, "lost"),
            compromise_occurrence_date=1_600_000_000,
        ),
    ),
    (Operation.DESTROY, V1_0, DestroyRequest(unique_identifier=UID)),
    (Operation.QUERY, V1_0, QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS))),
    (Operation.QUERY, V1_3, QueryRequest(query_function=(QueryFunction.QUERY_CAPABILITIES,))),
    (Operation.DISCOVER_VERSIONS, V1_1, DiscoverVersionsRequest(protocol_version=(ProtocolVersion(1, 4), ProtocolVersion(1, 0)))),
    (Operation.DISCOVER_VERSIONS, V1_1, DiscoverVersionsRequest()),
]

RESPONSES: list[tuple[Operation, KmipVersion, object]] = [
    (Operation.CREATE, V1_0, CreateResponse(object_type=ObjectType.SYMMETRIC_KEY, unique_identifier=UID, template_attribute=TEMPLATE)),
    (Operation.REGISTER, V1_0, RegisterResponse(unique_identifier=UID)),
    *((Operation.GET, V1_0, GetResponse(object_type=kind, unique_identifier=UID, managed_object=one)) for kind, one in OBJECTS),
    (Operation.GET_ATTRIBUTES, V1_0, GetAttributesResponse(unique_identifier=UID, attribute=ATTRIBUTES)),
    (Operation.GET_ATTRIBUTES, V1_1, GetAttributesResponse(unique_identifier=UID, attribute=(DIGEST,))),
    (Operation.GET_ATTRIBUTE_LIST, V1_0, GetAttributeListResponse(unique_identifier=UID, attribute_name=("Name", "State"))),
    (Operation.MODIFY_ATTRIBUTE, V1_0, ModifyAttributeResponse(unique_identifier=UID, attribute=ATTRIBUTES[0])),
    (Operation.DELETE_ATTRIBUTE, V1_0, DeleteAttributeResponse(unique_identifier=UID, attribute=ATTRIBUTES[0])),
    (Operation.LOCATE, V1_0, LocateResponse(unique_identifier=(UID, "2", "3"))),
    (Operation.LOCATE, V1_3, LocateResponse(located_items=7, unique_identifier=(UID,))),
    (Operation.CHECK, V1_0, CheckResponse(unique_identifier=UID, lease_time=60)),
    (Operation.ACTIVATE, V1_0, ActivateResponse(unique_identifier=UID)),
    (Operation.REVOKE, V1_0, RevokeResponse(unique_identifier=UID)),
    (Operation.DESTROY, V1_0, DestroyResponse(unique_identifier=UID)),
    (
        Operation.QUERY,
        V1_0,
        QueryResponse(
            operation=(Operation.GET, Operation.CREATE),
            object_type=(ObjectType.SYMMETRIC_KEY,),
            vendor_identification="vendor",
            application_namespace=("ssl", "iscsi"),
        ),
    ),
    (Operation.QUERY, V1_2, QueryResponse(extension_information=(ExtensionInformation("x", 0x540001, 2),))),
    (Operation.QUERY, V1_2, QueryResponse(attestation_type=(AttestationType.TPM_QUOTE,))),
    (
        Operation.QUERY,
        V1_3,
        QueryResponse(
            rng_parameters=(RNGParameters(RNGAlgorithm.DRBG, CryptographicAlgorithm.AES, 256),),
            profile_information=(
                ProfileInformation(ProfileName.BASELINE_SERVER_BASIC_KMIP_V1_3, server_uri="https://example.com", server_port=5696),
            ),
            validation_information=(
                ValidationInformation(
                    validation_authority_type=ValidationAuthorityType.NIST_CMVP,
                    validation_authority_country="US",
                    validation_version_major=140,
                    validation_version_minor=2,
                    validation_type=ValidationType.HARDWARE,
                    validation_level=3,
                    validation_profile=("a", "b"),
                ),
            ),
            capability_information=(CapabilityInformation(streaming_capability=False, unwrap_mode=UnwrapMode.PROCESSED),),
            client_registration_method=(ClientRegistrationMethod.CLIENT_REGISTERED,),
        ),
    ),
    (Operation.QUERY, V1_4, QueryResponse(capability_information=(CapabilityInformation(batch_undo_capability=True),))),
    (Operation.DISCOVER_VERSIONS, V1_1, DiscoverVersionsResponse(protocol_version=(ProtocolVersion(1, 4), ProtocolVersion(1, 1)))),
]

HEADERS: list[tuple[KmipVersion, dict[str, Any]]] = [
    (V1_0, {}),
    (V1_0, {"maximum_response_size": 4096, "asynchronous_indicator": False, "batch_order_option": True, "time_stamp": 1_700_000_000}),
    (V1_0, {"batch_error_continuation_option": BatchErrorContinuationOption.CONTINUE}),
    (
        V1_0,
        {
            "authentication": Authentication(
                (Credential(CredentialType.USERNAME_AND_PASSWORD, UsernamePasswordCredential("vsphere", "password")),)
            )
        },
    ),
    (V1_1, {"authentication": Authentication((Credential(CredentialType.DEVICE, DeviceCredential("serial", None, "device")),))}),
]


@pytest.fixture(autouse=True)
def texts_of_whole_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyKMIP pads a text whose length is a multiple of eight with eight more bytes, when it has read the text before."""
    read_value = TextString.read_value

    def read(self: Any, *arguments: Any, **named: Any) -> None:
        read_value(self, *arguments, **named)
        self.padding_length %= 8

    monkeypatch.setattr(TextString, "read_value", read)


def in_versions(table: list[tuple[Operation, KmipVersion, object]]) -> list[Any]:
    return [
        pytest.param(operation, version, payload, id=f"{type(payload).__name__}-{number}-{version}")
        for number, (operation, since, payload) in enumerate(table)
        for version in VERSIONS
        if version >= since
    ]


def written_again(message: Any, data: bytes, version: KmipVersion) -> bytes:
    """What PyKMIP writes after it has read these bytes; it must have understood all of them."""
    stream = BytearrayStream(data)
    message.read(stream, pykmip.KMIPVersion[f"KMIP_{version.major}_{version.minor}"])
    assert not stream.buffer
    again = BytearrayStream()
    message.write(again, pykmip.KMIPVersion[f"KMIP_{version.major}_{version.minor}"])
    return bytes(again.buffer)


def request(version: KmipVersion, operation: Operation, payload: object, **header: Any) -> RequestMessage:
    told = RequestHeader(protocol_version=ProtocolVersion(*version), batch_count=1, **header)
    item = RequestBatchItem(operation=operation, unique_batch_item_id=b"QLKC\1\0\0\0", request_payload=payload)
    return RequestMessage(request_header=told, batch_item=(item,))


def response(version: KmipVersion, item: ResponseBatchItem) -> ResponseMessage:
    header = ResponseHeader(protocol_version=ProtocolVersion(*version), time_stamp=1_700_000_000, batch_count=1)
    return ResponseMessage(response_header=header, batch_item=(item,))


@pytest.mark.parametrize(("operation", "version", "payload"), in_versions(REQUESTS))
def test_pykmip_reads_and_writes_our_requests(operation: Operation, version: KmipVersion, payload: object) -> None:
    message = request(version, operation, payload)
    theirs = written_again(pykmip_messages.RequestMessage(), encode(message, version), version)
    assert theirs.hex(" ", 4) == encode(message, version).hex(" ", 4)
    assert decode_request(theirs) == message


@pytest.mark.parametrize(("operation", "version", "payload"), in_versions(RESPONSES))
def test_pykmip_reads_and_writes_our_responses(operation: Operation, version: KmipVersion, payload: object) -> None:
    message = response(version, ResponseBatchItem(operation=operation, result_status=ResultStatus.SUCCESS, response_payload=payload))
    theirs = written_again(pykmip_messages.ResponseMessage(), encode(message, version), version)
    assert theirs.hex(" ", 4) == encode(message, version).hex(" ", 4)
    assert decode(ResponseMessage, theirs, version) == message


@pytest.mark.parametrize(("since", "header"), HEADERS, ids=lambda one: "-".join(one) if isinstance(one, dict) else str(one))
@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_pykmip_reads_and_writes_our_headers(version: KmipVersion, since: KmipVersion, header: dict[str, Any]) -> None:
    if version < since:
        return
    message = request(version, Operation.DESTROY, DestroyRequest(), **header)
    theirs = written_again(pykmip_messages.RequestMessage(), encode(message, version), version)
    assert decode_request(theirs) == message


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_pykmip_reads_and_writes_our_refusals(version: KmipVersion) -> None:
    refusal = ResponseBatchItem(
        operation=Operation.GET,
        unique_batch_item_id=b"1",
        result_status=ResultStatus.OPERATION_FAILED,
        result_reason=ResultReason.ITEM_NOT_FOUND,
        result_message="there is no such object",
    )
    message = response(version, refusal)
    theirs = written_again(pykmip_messages.ResponseMessage(), encode(message, version), version)
    assert decode(ResponseMessage, theirs, version) == message
