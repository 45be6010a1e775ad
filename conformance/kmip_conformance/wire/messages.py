"""Requests and responses as checks read them: the fields of the headers and batch items by name, None where there are none.

Views over a tree, nothing more: whatever a server sends can be viewed, and what is missing or unreadable is None. The tree is at hand as
``root`` or ``item``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.tables import KmipVersion, Tag
from kmip_conformance.wire.decoding import Anomaly, decode
from kmip_conformance.wire.items import Item, structure

if TYPE_CHECKING:
    from typing import Self

NOTHING = structure(0)
"""Stands for a structure that is not there, so that reading on finds nothing instead of failing."""


def version_of(version: Item | None) -> KmipVersion | None:
    """What a Protocol Version says, or None when it is not complete."""
    major = version.number(Tag.PROTOCOL_VERSION_MAJOR) if version else None
    minor = version.number(Tag.PROTOCOL_VERSION_MINOR) if version else None
    return None if major is None or minor is None else KmipVersion(major, minor)


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A Batch Item of either direction."""

    item: Item

    @property
    def operation(self) -> int | None:
        """The Operation's code; compare it with a member of `Operation`."""
        return self.item.number(Tag.OPERATION)

    @property
    def unique_batch_item_id(self) -> bytes | None:
        """The Unique Batch Item ID."""
        return self.item.octets(Tag.UNIQUE_BATCH_ITEM_ID)


@dataclass(frozen=True, slots=True)
class RequestBatchItem(BatchItem):
    """A Batch Item of a request."""

    @property
    def payload(self) -> Item:
        """The Request Payload; empty when there is none."""
        return self.item.first(Tag.REQUEST_PAYLOAD) or NOTHING


@dataclass(frozen=True, slots=True)
class ResponseBatchItem(BatchItem):
    """A Batch Item of a response (KMIP 1.4, 7.2, table 266)."""

    @property
    def result_status(self) -> int | None:
        """Success, Operation Failed, Operation Pending or Operation Undone."""
        return self.item.number(Tag.RESULT_STATUS)

    @property
    def result_reason(self) -> int | None:
        """Why it failed; required when it failed."""
        return self.item.number(Tag.RESULT_REASON)

    @property
    def result_message(self) -> str | None:
        """The server's own words."""
        return self.item.text(Tag.RESULT_MESSAGE)

    @property
    def asynchronous_correlation_value(self) -> bytes | None:
        """What to poll with, when the operation is pending."""
        return self.item.octets(Tag.ASYNCHRONOUS_CORRELATION_VALUE)

    @property
    def payload(self) -> Item:
        """The Response Payload; empty when there is none."""
        return self.item.first(Tag.RESPONSE_PAYLOAD) or NOTHING

    @property
    def unique_identifier(self) -> str | None:
        """The Unique Identifier in the payload."""
        return self.payload.text(Tag.UNIQUE_IDENTIFIER)


@dataclass(frozen=True, slots=True)
class Message:
    """What requests and responses have in common."""

    root: Item
    anomalies: tuple[Anomaly, ...] = ()
    data: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> Self:
        """View a message's bytes; bytes that are no TTLV at all give a message in which nothing is found."""
        decoded = decode(data)
        return cls(decoded.item or NOTHING, decoded.anomalies, data)

    @property
    def header(self) -> Item:
        """The Request Header or Response Header; empty when there is none."""
        return self.root.first(Tag.RESPONSE_HEADER) or self.root.first(Tag.REQUEST_HEADER) or NOTHING

    @property
    def version(self) -> KmipVersion | None:
        """The Protocol Version in the header."""
        return version_of(self.header.first(Tag.PROTOCOL_VERSION))

    @property
    def batch_count(self) -> int | None:
        """The Batch Count in the header, whatever stands behind it."""
        return self.header.number(Tag.BATCH_COUNT)

    @property
    def time_stamp(self) -> int | None:
        """The Time Stamp in seconds since 1970."""
        return self.header.number(Tag.TIME_STAMP)


@dataclass(frozen=True, slots=True)
class Request(Message):
    """A Request Message."""

    @property
    def batch_items(self) -> tuple[RequestBatchItem, ...]:
        """The batch items that are there, whatever Batch Count says."""
        return tuple(RequestBatchItem(item) for item in self.root.all(Tag.BATCH_ITEM))


@dataclass(frozen=True, slots=True)
class Response(Message):
    """A Response Message."""

    @property
    def batch_items(self) -> tuple[ResponseBatchItem, ...]:
        """The batch items that are there, whatever Batch Count says."""
        return tuple(ResponseBatchItem(item) for item in self.root.all(Tag.BATCH_ITEM))
