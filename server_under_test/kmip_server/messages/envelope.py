"""Messages, their headers and batch items (KMIP 1.4, sections 6 and 7; KMIP 2.1, 8 and 9)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from typing import TypeAlias

from kmip_server.enums import (
    AsynchronousIndicator,
    AttestationType,
    BatchErrorContinuationOption,
    Operation,
    ResultReason,
    ResultStatus,
    Tag,
)
from kmip_server.messages.attribute_values import Nonce
from kmip_server.messages.credentials import Credential
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import AnyStructure, DateTime, Integer, PayloadFault
from kmip_server.versions import V1_0, V1_2, V1_4, V2_0, V2_1


@structure(Tag.PROTOCOL_VERSION)
class ProtocolVersion:
    """Protocol Version (6.1)."""

    protocol_version_major: Integer
    protocol_version_minor: Integer


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
    """Request Header (7.2; 2.1, 8.2). Its Asynchronous Indicator is a Boolean until 1.4, and an enumeration since 2.0."""

    protocol_version: ProtocolVersion
    maximum_response_size: Integer | None = None
    client_correlation_value: str | None = field(default=None, since=V1_4)
    server_correlation_value: str | None = field(default=None, since=V1_4)
    asynchronous_indicator: bool | None = field(default=None, until=V1_4)
    asynchronous: AsynchronousIndicator | None = field(default=None, since=V2_0, tag=Tag.ASYNCHRONOUS_INDICATOR)
    attestation_capable_indicator: bool | None = field(default=None, since=V1_2)
    attestation_type: tuple[AttestationType, ...] = field(default=(), since=V1_2)
    authentication: Authentication | None = None
    batch_error_continuation_option: BatchErrorContinuationOption | None = None
    batch_order_option: bool | None = field(default=None, until=V2_1)
    time_stamp: DateTime | None = None
    batch_count: Integer | None = field(default=None, until=V2_1, required_since=V1_0)


@structure(Tag.BATCH_ITEM, kw_only=True)
class RequestBatchItem:
    """Batch Item of a request (7.2; 2.1, 8.3).

    An operation that no table knows is its number. The payload is None when no table says what that operation's payload is in
    this version, and a `PayloadFault` when the bytes are not that payload; of a batch item that is broken itself, what could
    be read is there, and `operation` may be None.
    """

    operation: Operation | int | None = field()
    ephemeral: bool | None = field(default=None, since=V2_0)
    unique_batch_item_id: bytes | None = field(default=None, until=V2_1)
    request_payload: object | None = field(chosen_by="operation")
    message_extension: tuple[MessageExtension, ...] = field(default=(), repeated_since=V2_0)


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
    server_hashed_password: bytes | None = field(default=None, since=V2_0)
    attestation_type: tuple[AttestationType, ...] = field(default=(), since=V1_2)
    client_correlation_value: str | None = field(default=None, since=V1_4)
    server_correlation_value: str | None = field(default=None, since=V1_4)
    batch_count: Integer | None = field(default=None, until=V2_1, required_since=V1_0)


@structure(Tag.BATCH_ITEM, kw_only=True)
class ResponseBatchItem:
    """Batch Item of a response (7.2)."""

    operation: Operation | int | None = None
    unique_batch_item_id: bytes | None = field(default=None, until=V2_1)
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
