"""Small KMIP servers with stated vices: real sockets, real TLS, no store. What each does wrong is its name.

An honest fake offers Discover Versions and Query and nothing else, says so, and refuses the rest with Operation Not Supported.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_conformance.client import Target
from kmip_conformance.requests import protocol_version
from kmip_conformance.tables import V1_3, V1_4, KmipVersion, Operation, QueryFunction, ResultReason, ResultStatus, Tag
from kmip_conformance.wire import Item, Request, date_time, encode, enumeration, integer, octets, spoilt, structure, text
from listeners import listening, server_context, whole_message

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from kmip_conformance.certificates import Authority
    from kmip_conformance.wire import RequestBatchItem


@dataclass
class Fake:
    """A server that answers by the book where no vice stands in the way. ``heard`` are the operations it was asked for."""

    versions: tuple[KmipVersion, ...] = (V1_4, V1_3)
    listed: tuple[int, ...] = (Operation.DISCOVER_VERSIONS, Operation.QUERY)
    heard: list[int | None] = field(default_factory=list)

    def answer(self, data: bytes) -> bytes | None:
        """The answer to a message; None closes the connection."""
        request = Request.read(data)
        self.heard += [item.operation for item in request.batch_items]
        return self.respond(request, [self.item(item) for item in request.batch_items])

    def respond(self, request: Request, items: Sequence[Item]) -> bytes:
        header = structure(
            Tag.RESPONSE_HEADER,
            protocol_version(request.version or V1_4),
            date_time(Tag.TIME_STAMP, 1_700_000_000),
            integer(Tag.BATCH_COUNT, len(items)),
        )
        return encode(structure(Tag.RESPONSE_MESSAGE, header, *items))

    def item(self, item: RequestBatchItem) -> Item:
        if item.operation == Operation.DISCOVER_VERSIONS:
            return success(item, *map(protocol_version, self.versions))
        if item.operation == Operation.QUERY:
            asked = [field.value for field in item.payload.all(Tag.QUERY_FUNCTION)]
            operations = self.listed if QueryFunction.QUERY_OPERATIONS in asked else ()
            return success(item, *(enumeration(Tag.OPERATION, operation) for operation in operations))
        return self.refuse(item)

    def refuse(self, item: RequestBatchItem) -> Item:
        return failure(item, ResultReason.OPERATION_NOT_SUPPORTED)


class RefusesVaguely(Fake):
    """Says General Failure to everything that it does not know: its refusals prove nothing."""

    def refuse(self, item: RequestBatchItem) -> Item:
        return failure(item, ResultReason.GENERAL_FAILURE)


class RefusesHonestlyWhatItKnows(Fake):
    """Says Operation Not Supported to the standard's operations, and General Failure to a code that it cannot read."""

    def refuse(self, item: RequestBatchItem) -> Item:
        known = item.operation in set(Operation)
        return failure(item, ResultReason.OPERATION_NOT_SUPPORTED if known else ResultReason.GENERAL_FAILURE)


class PerformsWhatDoesNotExist(Fake):
    """Leaves Create out and refuses it as it should, but says Success to an operation that nobody has assigned."""

    def refuse(self, item: RequestBatchItem) -> Item:
        known = item.operation in set(Operation)
        return failure(item, ResultReason.OPERATION_NOT_SUPPORTED) if known else success(item)


class ClaimsCreate(Fake):
    """Lists Create in Query, and refuses it as not supported."""

    def __init__(self) -> None:
        super().__init__(listed=(Operation.DISCOVER_VERSIONS, Operation.QUERY, Operation.CREATE, Operation.GET))


class SilentAboutGet(Fake):
    """Lists Get, and never answers one."""

    def __init__(self) -> None:
        super().__init__(listed=(Operation.DISCOVER_VERSIONS, Operation.QUERY, Operation.GET))

    def answer(self, data: bytes) -> bytes | None:
        if Request.read(data).batch_items and Request.read(data).batch_items[0].operation == Operation.GET:
            return b""
        return super().answer(data)


class LosesBatchItemIds(Fake):
    """Answers without Unique Batch Item IDs."""

    def respond(self, request: Request, items: Sequence[Item]) -> bytes:
        bare = [item.without(Tag.UNIQUE_BATCH_ITEM_ID) if item.first(Tag.UNIQUE_BATCH_ITEM_ID) else item for item in items]
        return Fake.respond(self, request, bare)


class PadsWithOnes(Fake):
    """Its operations are padded with ones."""

    def respond(self, request: Request, items: Sequence[Item]) -> bytes:
        padded = [item.mapped(Tag.OPERATION, lambda operation: spoilt(operation, padding=b"\xff" * 4)) for item in items]
        return super().respond(request, padded)


class DiesOfBrokenMessages(Fake):
    """Stops answering anybody once it was sent a message that cannot be read to its end."""

    def answer(self, data: bytes) -> bytes | None:
        if self.heard and self.heard[-1] == -1:
            return None
        if Request.read(data).anomalies:
            self.heard.append(-1)
            return None
        return super().answer(data)


def success(item: RequestBatchItem, *payload: Item) -> Item:
    return _result(item, enumeration(Tag.RESULT_STATUS, ResultStatus.SUCCESS), structure(Tag.RESPONSE_PAYLOAD, *payload))


def failure(item: RequestBatchItem, reason: ResultReason, said: str | None = "no") -> Item:
    return _result(
        item,
        enumeration(Tag.RESULT_STATUS, ResultStatus.OPERATION_FAILED),
        enumeration(Tag.RESULT_REASON, reason),
        None if said is None else text(Tag.RESULT_MESSAGE, said),
    )


def _result(item: RequestBatchItem, *fields: Item | None) -> Item:
    identifier = item.unique_batch_item_id
    return structure(
        Tag.BATCH_ITEM,
        enumeration(Tag.OPERATION, item.operation or 0),
        None if identifier is None else octets(Tag.UNIQUE_BATCH_ITEM_ID, identifier),
        *fields,
    )


@contextlib.contextmanager
def running(fake: Fake, authority: Authority) -> Iterator[Target]:
    """Let a fake listen until the block ends."""
    client = authority.client()

    def serve(connection: socket.socket) -> None:
        while data := whole_message(connection):
            answer = fake.answer(data)
            if answer is None:
                return
            connection.sendall(answer)

    with listening(serve, server_context(authority.server(), authority.file)) as port:
        yield Target("127.0.0.1", port, authority.file, client.cert, client.key)
