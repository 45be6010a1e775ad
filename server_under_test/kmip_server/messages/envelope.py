"""Messages, their headers and batch items, and the credentials in them (KMIP 1.4, sections 6 and 7, and 2.1.2)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from typing import TypeAlias

from kmip_server.enums import AttestationType, BatchErrorContinuationOption, CredentialType, Operation, ResultReason, ResultStatus, Tag
from kmip_server.messages.attribute_values import Nonce
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import AnyStructure, DateTime, Integer, PayloadFault
from kmip_server.versions import V1_2, V1_4


@structure(Tag.PROTOCOL_VERSION)
class ProtocolVersion:
    """Protocol Version (6.1)."""

    protocol_version_major: Integer
    protocol_version_minor: Integer


@structure(Tag.CREDENTIAL_VALUE)
class UsernamePasswordCredential:
    """Credential Value of a Username and Password credential (2.1.2)."""

    username: str
    password: str | None = None


@structure(Tag.CREDENTIAL_VALUE)
class DeviceCredential:
    """Credential Value of a Device credential (2.1.2), since 1.1."""

    device_serial_number: str | None = None
    password: str | None = None
    device_identifier: str | None = None
    network_identifier: str | None = None
    machine_identifier: str | None = None
    media_identifier: str | None = None


@structure(Tag.CREDENTIAL_VALUE)
class AttestationCredential:
    """Credential Value of an Attestation credential (2.1.2), since 1.2."""

    nonce: Nonce
    attestation_type: AttestationType
    attestation_measurement: bytes | None = None
    attestation_assertion: bytes | None = None


CredentialValue: TypeAlias = UsernamePasswordCredential | DeviceCredential | AttestationCredential

CREDENTIAL_VALUES: dict[CredentialType, type[CredentialValue]] = {
    CredentialType.USERNAME_AND_PASSWORD: UsernamePasswordCredential,
    CredentialType.DEVICE: DeviceCredential,
    CredentialType.ATTESTATION: AttestationCredential,
}


@structure(Tag.CREDENTIAL)
class Credential:
    """Credential (2.1.2)."""

    credential_type: CredentialType
    credential_value: CredentialValue = field(chosen_by="credential_type")


@structure(Tag.AUTHENTICATION)
class Authentication:
    """Authentication (6.6): one credential, since 1.2 one or more."""

    credential: tuple[Credential, ...] = field(repeated_since=V1_2)


@structure(Tag.MESSAGE_EXTENSION)
class MessageExtension:
    """Message Extension (6.16). Whether the server knows the extension, and what then, is not the codec's to say."""

    vendor_identification: str
    criticality_indicator: bool
    vendor_extension: AnyStructure


@structure(Tag.REQUEST_HEADER, kw_only=True)
class RequestHeader:
    """Request Header (7.2)."""

    protocol_version: ProtocolVersion
    maximum_response_size: Integer | None = None
    client_correlation_value: str | None = field(default=None, since=V1_4)
    server_correlation_value: str | None = field(default=None, since=V1_4)
    asynchronous_indicator: bool | None = None
    attestation_capable_indicator: bool | None = field(default=None, since=V1_2)
    attestation_type: tuple[AttestationType, ...] = field(default=(), since=V1_2)
    authentication: Authentication | None = None
    batch_error_continuation_option: BatchErrorContinuationOption | None = None
    batch_order_option: bool | None = None
    time_stamp: DateTime | None = None
    batch_count: Integer


@structure(Tag.BATCH_ITEM, kw_only=True)
class RequestBatchItem:
    """Batch Item of a request (7.2).

    An operation that no table knows is its number. The payload is None when no table says what that operation's payload is in
    this version, and a `PayloadFault` when the bytes are not that payload; of a batch item that is broken itself, what could
    be read is there, and `operation` may be None.
    """

    operation: Operation | int | None = field()
    unique_batch_item_id: bytes | None = None
    request_payload: object | None = field(chosen_by="operation")
    message_extension: MessageExtension | None = None


@structure(Tag.REQUEST_MESSAGE, kw_only=True)
class RequestMessage:
    """Request Message (7.1)."""

    request_header: RequestHeader
    batch_item: tuple[RequestBatchItem, ...]


@structure(Tag.RESPONSE_HEADER, kw_only=True)
class ResponseHeader:
    """Response Header (7.2)."""

    protocol_version: ProtocolVersion
    time_stamp: DateTime
    nonce: Nonce | None = field(default=None, since=V1_2)
    attestation_type: tuple[AttestationType, ...] = field(default=(), since=V1_2)
    client_correlation_value: str | None = field(default=None, since=V1_4)
    server_correlation_value: str | None = field(default=None, since=V1_4)
    batch_count: Integer


@structure(Tag.BATCH_ITEM, kw_only=True)
class ResponseBatchItem:
    """Batch Item of a response (7.2)."""

    operation: Operation | int | None = None
    unique_batch_item_id: bytes | None = None
    result_status: ResultStatus
    result_reason: ResultReason | None = None
    result_message: str | None = None
    asynchronous_correlation_value: bytes | None = None
    response_payload: object | None = field(default=None, chosen_by="operation")
    message_extension: MessageExtension | None = None


@structure(Tag.RESPONSE_MESSAGE, kw_only=True)
class ResponseMessage:
    """Response Message (7.1)."""

    response_header: ResponseHeader
    batch_item: tuple[ResponseBatchItem, ...]


RequestPayload: TypeAlias = object | PayloadFault
"""The dataclass that `REQUEST_PAYLOADS` has for the operation, or the reason why it could not be read."""
