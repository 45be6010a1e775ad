"""Whole messages: the version first, then the header, then each batch item on its own.

A header that cannot be read ends the message (MalformedMessage, with the version where that much could be read). A batch item
that cannot be read fails alone: what could be read of it is kept, and a PayloadFault says why (KMIP 1.4, 11.1).
"""

from __future__ import annotations

from struct import error as StructError  # noqa: N812 - the struct module's name for its one exception
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from kmip_server.codec.compiling import remembered
from kmip_server.codec.decoding import Decoder, decoder
from kmip_server.codec.encoding import encoder
from kmip_server.codec.items import write_string
from kmip_server.codec.wire import HEAD_SIZE, MARGIN, bad_structure, frame_length, head_of, malformed, name_of, read
from kmip_server.enums import ItemType, Operation, ResultReason, Tag
from kmip_server.errors import MalformedMessage, UnencodableMessage, UnsupportedVersion
from kmip_server.messages import PayloadFault, RequestBatchItem, RequestHeader, RequestMessage, tag_of
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, KmipVersion

if TYPE_CHECKING:
    from kmip_server.messages import ResponseMessage

T = TypeVar("T")

TABLED = (V1_0, V1_1, V1_2, V1_3, V1_4)
"""The versions that the field tables are complete for."""
NEWEST = {version.major: version for version in sorted(TABLED)}
"""The newest of these by major version: what a still newer minor version is read as."""

REQUEST_HEADER = head_of(Tag.REQUEST_HEADER, ItemType.STRUCTURE)
RESPONSE_MESSAGE = head_of(Tag.RESPONSE_MESSAGE, ItemType.STRUCTURE)
PROTOCOL_VERSION = head_of(Tag.PROTOCOL_VERSION, ItemType.STRUCTURE)
MAJOR = head_of(Tag.PROTOCOL_VERSION_MAJOR, ItemType.INTEGER)
MINOR = head_of(Tag.PROTOCOL_VERSION_MINOR, ItemType.INTEGER)
BATCH_ITEM = head_of(Tag.BATCH_ITEM, ItemType.STRUCTURE)
OPERATION = head_of(Tag.OPERATION, ItemType.ENUMERATION)
UNIQUE_BATCH_ITEM_ID = head_of(Tag.UNIQUE_BATCH_ITEM_ID, ItemType.BYTE_STRING)


class _Readers(NamedTuple):
    """What reads the requests of one version."""

    header: Decoder
    batch_item: Decoder


def decode_request(data: bytes) -> RequestMessage:
    """The request that these bytes, and nothing but these bytes, are.

    Raises MalformedMessage when there is no readable header or the frame does not hold together, UnsupportedVersion when its
    major version is none of ours. A batch item that does not parse has a PayloadFault for its payload.
    """
    total = frame_length(data)
    if total != len(data):
        raise malformed(f"the message is {total or 'at least 8'} bytes long, but {len(data)} are there", 0)
    buffer = data + MARGIN
    head, length, _, _ = read(buffer, HEAD_SIZE)
    stop = 2 * HEAD_SIZE + length
    if head != REQUEST_HEADER or length & 7 or stop > total:
        _no_header(head, length, total)
    version = _version(buffer, 2 * HEAD_SIZE, stop)
    readers = _readers(version if version in TABLED else NEWEST[version.major], lenient=version not in TABLED)
    header: RequestHeader = _read_header(readers.header, buffer, stop, version)
    items = []
    position = stop
    while position < total:
        head, length, _, _ = read(buffer, position)
        stop = position + HEAD_SIZE + length
        if head != BATCH_ITEM or length & 7 or stop > total:
            raise MalformedMessage(ResultReason.INVALID_MESSAGE, "the batch items do not hold together", version=version, offset=position)
        try:
            items.append(readers.batch_item(buffer, position + HEAD_SIZE, stop))
        except MalformedMessage as fault:
            items.append(_remains(buffer, position + HEAD_SIZE, stop, fault))
        except UnicodeDecodeError:
            items.append(_remains(buffer, position + HEAD_SIZE, stop, _not_utf8()))
        position = stop
    if len(items) != header.batch_count or not items:
        sentence = f"the Batch Count is {header.batch_count}, but there are {len(items)} batch items"
        raise MalformedMessage(ResultReason.INVALID_MESSAGE, sentence, version=version, offset=HEAD_SIZE)
    return RequestMessage(request_header=header, batch_item=tuple(items))


def encode_response(message: ResponseMessage, version: KmipVersion) -> bytes:
    """A response as bytes, with the fields and values that this version has. Raises UnencodableMessage for our own mistakes."""
    return encode(message, version)


def encode(structure: object, version: KmipVersion) -> bytes:
    """Any structure of the tables as an item under its own tag. Raises UnencodableMessage when this version cannot carry it."""
    structure_class: type[Any] = type(structure)
    try:
        return write_string(head_of(tag_of(structure_class), ItemType.STRUCTURE), encoder(structure_class, version)(structure))
    except UnencodableMessage:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, StructError) as error:
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


@remembered
def _readers(version: KmipVersion, *, lenient: bool) -> _Readers:
    return _Readers(decoder(RequestHeader, version, lenient=lenient), decoder(RequestBatchItem, version, lenient=lenient))


def _read_header(read_header: Decoder, buffer: bytes, stop: int, version: KmipVersion) -> RequestHeader:
    try:
        return cast("RequestHeader", read_header(buffer, 2 * HEAD_SIZE, stop))
    except MalformedMessage as fault:
        reason = ResultReason.INVALID_FIELD if fault.reason is ResultReason.INVALID_FIELD else ResultReason.INVALID_MESSAGE
        raise MalformedMessage(reason, str(fault), version=version, offset=fault.offset) from None
    except UnicodeDecodeError:
        raise MalformedMessage(ResultReason.INVALID_MESSAGE, str(_not_utf8()), version=version) from None


def _version(buffer: bytes, position: int, end: int) -> KmipVersion:
    """The Protocol Version that the header begins with."""
    head, length, _, _ = read(buffer, position)
    if head != PROTOCOL_VERSION or length != 32 or position + 40 > end:
        raise malformed("the Request Header does not begin with a Protocol Version", position)
    major_head, major_length, major, major_low = read(buffer, position + 8)
    minor_head, minor_length, minor, minor_low = read(buffer, position + 24)
    if (major_head, major_length, major_low, minor_head, minor_length, minor_low) != (MAJOR, 4, 0, MINOR, 4, 0):
        raise malformed("the Protocol Version is not two Integers", position)
    version = KmipVersion(major, minor)
    if version in TABLED:
        return version
    if version.major not in NEWEST or minor >> 31:
        sentence = f"KMIP {version} is not supported"
        raise UnsupportedVersion(ResultReason.INVALID_MESSAGE, sentence, version=version, offset=position)
    return version


def _no_header(head: int, length: int, total: int) -> None:
    if head != REQUEST_HEADER:
        raise malformed("the message does not begin with a Request Header", HEAD_SIZE)
    if length & 7 or length + 2 * HEAD_SIZE > total:
        bad_structure(head, length, HEAD_SIZE)


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
            operation = Operation(high) if high in Operation else high
        if head == UNIQUE_BATCH_ITEM_ID and unique_batch_item_id is None:
            unique_batch_item_id = buffer[position + HEAD_SIZE : position + HEAD_SIZE + length]
        position = after
    payload = PayloadFault(fault.reason, str(fault))
    return RequestBatchItem(operation=operation, unique_batch_item_id=unique_batch_item_id, request_payload=payload)


def _not_utf8() -> MalformedMessage:
    return malformed("a Text String is not UTF-8 (9.1.1.4)", 0)
