"""The few things that a load generator asks of bytes, without a tree: how long a message is, and whether every item of a response
succeeded.

Exact for well-formed messages; anything odd counts as not succeeded. Who needs to know why, reads the tree.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from kmip_conformance.tables import ResultStatus, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_SIZE = 8
_HEADER = Struct(">II")
_NUMBER = Struct(">I")

_RESPONSE_MESSAGE = (Tag.RESPONSE_MESSAGE << 8) | 1
_BATCH_ITEM = (Tag.BATCH_ITEM << 8) | 1
_RESPONSE_PAYLOAD = (Tag.RESPONSE_PAYLOAD << 8) | 1
_RESULT_STATUS = (Tag.RESULT_STATUS << 8) | 5
_RESULT_REASON = (Tag.RESULT_REASON << 8) | 5
_UNIQUE_IDENTIFIER = (Tag.UNIQUE_IDENTIFIER << 8) | 7


def message_length(header: bytes) -> int:
    """The length of the whole message whose first eight bytes these are."""
    length: int = _NUMBER.unpack_from(header, 4)[0]
    return HEADER_SIZE + length


def batch_outcomes(response: bytes) -> list[tuple[int, int]]:
    """(Result Status, Result Reason or 0) of each batch item. Raises `ValueError` for anything that is not a whole Response Message."""
    if len(response) < HEADER_SIZE or _HEADER.unpack_from(response)[0] != _RESPONSE_MESSAGE or message_length(response) != len(response):
        raise ValueError("not a whole Response Message")
    outcomes = []
    for tag_and_type, start, end in _items(response, HEADER_SIZE, len(response)):
        if tag_and_type == _BATCH_ITEM:
            fields = {field: at for field, at, _ in _items(response, start, end)}
            status = _NUMBER.unpack_from(response, fields[_RESULT_STATUS])[0] if _RESULT_STATUS in fields else -1
            reason = _NUMBER.unpack_from(response, fields[_RESULT_REASON])[0] if _RESULT_REASON in fields else 0
            outcomes.append((status, reason))
    return outcomes


def succeeded(response: bytes) -> bool:
    """Is this a whole Response Message with at least one item, each of them Success?"""
    try:
        outcomes = batch_outcomes(response)
    except ValueError:
        return False
    return bool(outcomes) and all(status == ResultStatus.SUCCESS for status, _ in outcomes)


def unique_identifier(response: bytes) -> str | None:
    """The first Unique Identifier in the payload of the first batch item that has one."""
    for tag_and_type, start, end in _items(response, HEADER_SIZE, len(response)):
        if tag_and_type == _BATCH_ITEM:
            for field, at, field_end in _items(response, start, end):
                if field == _RESPONSE_PAYLOAD:
                    for inner, value, value_end in _items(response, at, field_end):
                        if inner == _UNIQUE_IDENTIFIER:
                            return response[value:value_end].decode("utf-8", "replace")
    return None


def _items(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(tag and type, start and end of the body) of the items in a stretch. Raises `ValueError` when one reaches beyond it."""
    while start < end:
        if end - start < HEADER_SIZE:
            raise ValueError("an item is cut short")
        tag_and_type, length = _HEADER.unpack_from(data, start)
        body = start + HEADER_SIZE
        if body + length > end:
            raise ValueError("an item reaches beyond its structure")
        yield tag_and_type, body, body + length
        start = body + length + -length % 8
