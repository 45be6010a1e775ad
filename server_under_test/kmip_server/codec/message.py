"""Whole messages: the version first, then the header, then each batch item on its own.

A header that cannot be read ends the message (MalformedMessage, with the version where that much could be read). A batch item
that cannot be read fails alone: what could be read of it is kept, and a PayloadFault says why (KMIP 1.4, 11.1).
"""

from __future__ import annotations

from functools import lru_cache
from struct import error as StructError  # noqa: N812 - the struct module's name for its one exception
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from kmip_server.codec.decoding import Decoder, decoder
from kmip_server.codec.encoding import encoder_of
from kmip_server.codec.wire import (
    HEAD_SIZE,
    MARGIN,
    REQUEST_MESSAGE,
    RESPONSE_MESSAGE,
    bad_structure,
    frame_length,
    head_of,
    malformed,
    name_of,
    read,
    write_head,
)
from kmip_server.enums import ItemType, Operation, ResultReason, Tag
from kmip_server.errors import MalformedMessage, UnencodableMessage, UnsupportedVersion
from kmip_server.messages import PayloadFault, RequestBatchItem, RequestHeader, RequestMessage, ResponseBatchItem, tag_of
from kmip_server.messages.construction import draft_of
from kmip_server.versions import DRAFTS, VERSIONS, KmipVersion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.messages import ResponseMessage

T = TypeVar("T")

TABLED = (*VERSIONS, *DRAFTS)
"""The versions that the field tables have."""
NEWEST = {version.major: version for version in sorted(TABLED)}
"""The newest of these by major version: what a still newer minor version is read as."""

REQUEST_HEADER = head_of(Tag.REQUEST_HEADER, ItemType.STRUCTURE)
PROTOCOL_VERSION = head_of(Tag.PROTOCOL_VERSION, ItemType.STRUCTURE)
MAJOR = head_of(Tag.PROTOCOL_VERSION_MAJOR, ItemType.INTEGER)
MINOR = head_of(Tag.PROTOCOL_VERSION_MINOR, ItemType.INTEGER)
AUTHENTICATION = head_of(Tag.AUTHENTICATION, ItemType.STRUCTURE).to_bytes(4, "big")
BATCH_ITEM = head_of(Tag.BATCH_ITEM, ItemType.STRUCTURE)
OPERATION = head_of(Tag.OPERATION, ItemType.ENUMERATION)
UNIQUE_BATCH_ITEM_ID = head_of(Tag.UNIQUE_BATCH_ITEM_ID, ItemType.BYTE_STRING)

OPERATIONS: dict[int, Operation] = {int(operation): operation for operation in Operation}
UNENCODABLE = (AttributeError, KeyError, TypeError, ValueError, StructError)
"""What encoders raise for a value of a type, or beyond the range, that the field has."""
Draft = draft_of(RequestMessage)


def decode_request(data: bytes) -> RequestMessage:
    """The request that these bytes, and nothing but these bytes, are.

    How long a message may be is for `frame_length` to say. Raises MalformedMessage when there is no readable header or the
    frame does not hold together, UnsupportedVersion when its major version is none of ours. A batch item that does not parse
    has a PayloadFault for its payload.
    """
    buffer, total = data + MARGIN, len(data)
    message_head, message_length, head, length = read(buffer, 0)
    if message_head != REQUEST_MESSAGE or message_length & 7 or message_length + HEAD_SIZE != total:
        _no_message(data)
    stop = 2 * HEAD_SIZE + length
    if head != REQUEST_HEADER or length & 7 or stop > total:
        _no_header(head, length)
    content = data[2 * HEAD_SIZE : stop]
    header, read_batch_item = _read_header(content) if AUTHENTICATION in content else _remembered_header(content)
    items = []
    position = stop
    while position < total:
        head, length, _, _ = read(buffer, position)
        stop = position + HEAD_SIZE + length
        if head != BATCH_ITEM or length & 7 or stop > total:
            _no_batch_item(header, position)
        try:
            items.append(read_batch_item(buffer, position + HEAD_SIZE, stop))
        except MalformedMessage as fault:
            items.append(_remains(buffer, position + HEAD_SIZE, stop, fault))
        except UnicodeDecodeError:
            items.append(_remains(buffer, position + HEAD_SIZE, stop, _not_utf8()))
        position = stop
    if not items or (len(items) != header.batch_count and header.batch_count is not None):
        sentence = f"the Batch Count is {header.batch_count}, but there are {len(items)} batch items"
        raise MalformedMessage(ResultReason.INVALID_MESSAGE, sentence, version=_version_of(header), offset=HEAD_SIZE)
    message = Draft()
    message.request_header, message.batch_item = header, tuple(items)
    message.__class__ = RequestMessage
    return cast("RequestMessage", message)


def encode_response(message: ResponseMessage, version: KmipVersion) -> bytes:
    """A response as bytes, with the fields and values that this version has. Raises UnencodableMessage for our own mistakes."""
    return encode(message, version)


def encode_answer(header: bytes, items: Sequence[ResponseBatchItem], version: KmipVersion) -> bytes:
    """A response whose header is encoded already: many answers share theirs. Raises UnencodableMessage for our own mistakes."""
    write_item = encoder_of(ResponseBatchItem, version)
    try:
        content = header + b"".join([write_item(item) for item in items])
    except UNENCODABLE as error:
        raise UnencodableMessage(f"a Response Batch Item cannot be written in KMIP {version}: {error}") from error
    return write_head(RESPONSE_MESSAGE, len(content)) + content


def encode(structure: object, version: KmipVersion) -> bytes:
    """Any structure of the tables as an item under its own tag. Raises UnencodableMessage when this version cannot carry it."""
    structure_class: type[Any] = structure.__class__
    try:
        return encoder_of(structure_class, version)(structure)
    except UNENCODABLE as error:
        raise UnencodableMessage(f"{structure_class.__name__} cannot be written in KMIP {version}: {error}") from error


def decode(structure_class: type[T], data: bytes, version: KmipVersion) -> T:
    """The structure that these bytes, from its tag to its end and nothing more, are in this version.

    Raises MalformedMessage, with a Result Reason, when they are not.
    """
    tag = tag_of(structure_class)
    if len(data) < HEAD_SIZE:
        raise malformed(f"{len(data)} bytes are no item", 0)
    head, length, _, _ = read(data + MARGIN, 0)
    if head != head_of(tag, ItemType.STRUCTURE):
        raise malformed(f"expected the structure {name_of(tag)}, found 0x{head:08X}", 0)
    if length & 7 or HEAD_SIZE + length != len(data):
        bad_structure(head, length, 0)
    try:
        return cast("T", decoder(cast("type[Any]", structure_class), version)(data + MARGIN, HEAD_SIZE, len(data)))
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _read_header(content: bytes) -> tuple[RequestHeader, Decoder]:
    """The header that these bytes are, from behind its head to its end, and the decoder of its version's batch items."""
    buffer, end = content + MARGIN, len(content)
    version = _version(buffer, end)
    tables, lenient = (version, False) if version in TABLED else (NEWEST[version.major], True)
    try:
        header = cast("RequestHeader", decoder(RequestHeader, tables, lenient=lenient)(buffer, 0, end))
    except MalformedMessage as fault:
        reason = ResultReason.INVALID_FIELD if fault.reason is ResultReason.INVALID_FIELD else ResultReason.INVALID_MESSAGE
        raise MalformedMessage(reason, str(fault), version=version, offset=2 * HEAD_SIZE + fault.offset) from None
    except UnicodeDecodeError:
        raise MalformedMessage(ResultReason.INVALID_MESSAGE, str(_not_utf8()), version=version) from None
    return header, decoder(RequestBatchItem, tables, lenient=lenient)


_remembered_header = lru_cache(maxsize=256)(_read_header)
"""A client sends the same header again and again; read once, the frozen value is shared. Never used for one with credentials."""


def _version(buffer: bytes, end: int) -> KmipVersion:
    """The Protocol Version that the header begins with."""
    position = 2 * HEAD_SIZE
    head, length, _, _ = read(buffer, 0)
    if head != PROTOCOL_VERSION or length != 32 or end < 40:
        raise malformed("the Request Header does not begin with a Protocol Version", position)
    major_head, major_length, major, major_low = read(buffer, 8)
    minor_head, minor_length, minor, minor_low = read(buffer, 24)
    if (major_head, major_length, major_low, minor_head, minor_length, minor_low) != (MAJOR, 4, 0, MINOR, 4, 0):
        raise malformed("the Protocol Version is not two Integers", position)
    version = KmipVersion(major, minor)
    if version in TABLED:
        return version
    if version.major not in NEWEST or minor >> 31:
        sentence = f"KMIP {version} is not supported"
        raise UnsupportedVersion(ResultReason.INVALID_MESSAGE, sentence, version=version, offset=position)
    return version


def _no_message(data: bytes) -> NoReturn:
    expected = frame_length(data, maximum=1 << 32)
    raise malformed(f"the message is {expected or 'at least 8'} bytes long, but {len(data)} are there", 0)


def _no_header(head: int, length: int) -> NoReturn:
    if head != REQUEST_HEADER:
        raise malformed("the message does not begin with a Request Header", HEAD_SIZE)
    bad_structure(head, length, HEAD_SIZE)


def _no_batch_item(header: RequestHeader, position: int) -> NoReturn:
    sentence = "the batch items do not hold together"
    raise MalformedMessage(ResultReason.INVALID_MESSAGE, sentence, version=_version_of(header), offset=position)


def _version_of(header: RequestHeader) -> KmipVersion:
    return KmipVersion(header.protocol_version.protocol_version_major, header.protocol_version.protocol_version_minor)


def _remains(buffer: bytes, position: int, end: int, fault: MalformedMessage) -> RequestBatchItem:
    """A batch item that does not parse: its operation and its id, where they can still be read, and why it fails."""
    operation: Operation | int | None = None
    unique_batch_item_id: bytes | None = None
    while position + HEAD_SIZE <= end:
        head, length, high, _ = read(buffer, position)
        after = position + HEAD_SIZE + (length + 7 & ~7)
        if after > end:
            break
        if head == OPERATION and length == 4 and operation is None:
            operation = OPERATIONS.get(high, high)
        if head == UNIQUE_BATCH_ITEM_ID and unique_batch_item_id is None:
            unique_batch_item_id = buffer[position + HEAD_SIZE : position + HEAD_SIZE + length]
        position = after
    payload = PayloadFault(fault.reason, str(fault))
    return RequestBatchItem(operation=operation, unique_batch_item_id=unique_batch_item_id, request_payload=payload)


def _not_utf8() -> MalformedMessage:
    return malformed("a Text String is not UTF-8 (9.1.1.4)", 0)
