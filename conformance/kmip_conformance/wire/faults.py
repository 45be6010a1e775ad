r"""Wrong bytes, on purpose: build a valid message, then break one thing.

On the tree, one item at a time::

    encode(message.changed((Tag.REQUEST_HEADER, Tag.BATCH_COUNT), lambda item: spoilt(item, padding=b"\xff" * 4)))

and on the bytes, for what no tree can say: `truncated`, `flipped`, `inserted`, `overwritten`. Lengths of the structures around a spoilt
item are computed from what is really written, so that just the one thing is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_conformance.wire.encoding import encode
from kmip_conformance.wire.items import Wrong

if TYPE_CHECKING:
    from kmip_conformance.wire.items import Item


def spoilt(
    item: Item,
    *,
    tag: bytes | None = None,
    type: int | None = None,  # noqa: A002 - the item's own word
    length: int | None = None,
    body: bytes | None = None,
    padding: bytes | None = None,
) -> Item:
    """The item with parts of its encoding replaced: tag (3 bytes), type byte, length field, body, padding."""
    return replace(item, wrong=Wrong(tag=tag, type=type, length=length, body=body, padding=padding))


def without_padding(item: Item) -> Item:
    """The item with the padding behind it left off."""
    return spoilt(item, padding=b"")


def truncated(data: bytes, count: int) -> bytes:
    """The message without its last `count` bytes."""
    return data[: len(data) - count]


def flipped(data: bytes, offset: int, xor: int = 0xFF) -> bytes:
    """The message with one byte changed by exclusive or."""
    return overwritten(data, offset, bytes((data[offset] ^ xor,)))


def overwritten(data: bytes, offset: int, replacement: bytes) -> bytes:
    """The message with the bytes at `offset` replaced."""
    return data[:offset] + replacement + data[offset + len(replacement) :]


def inserted(data: bytes, offset: int, addition: bytes) -> bytes:
    """The message with bytes put in at `offset`; no length is corrected."""
    return data[:offset] + addition + data[offset:]


def with_total_length(data: bytes, length: int) -> bytes:
    """The message with another length in its outermost header."""
    return overwritten(data, 4, length.to_bytes(4, "big"))


def nested(item: Item, depth: int) -> bytes:
    """An item inside `depth` structures of its own tag, built without recursion: far deeper than any message needs to be."""
    data = encode(item)
    for _ in range(depth):
        data = item.tag.to_bytes(3, "big") + b"\x01" + len(data).to_bytes(4, "big") + data
    return data
