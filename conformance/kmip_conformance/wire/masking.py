"""Which bytes of a message nobody should see in a report: key material, passwords, plaintext.

A leaf is secret when its tag, or the tag of a structure around it, is in `SECRET_TAGS`, unless an attribute lies between. In hexadecimal,
bytes that could not be read as items are masked too, for a length that lies can push key material out of every item.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kmip_conformance.tables import ItemType, Tag
from kmip_conformance.wire.decoding import decode_stream
from kmip_conformance.wire.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.wire.items import Item

SECRET_TAGS = frozenset(
    {
        Tag.KEY_VALUE,
        Tag.KEY_MATERIAL,
        Tag.OPAQUE_DATA_VALUE,
        Tag.PASSWORD,
        Tag.HASHED_PASSWORD,
        Tag.SERVER_HASHED_PASSWORD,
        Tag.ONE_TIME_PASSWORD,
        Tag.TICKET_VALUE,
        Tag.DERIVATION_DATA,
        Tag.SALT,
        Tag.DATA,
        Tag.PKCS_11_INPUT_PARAMETERS,
        Tag.PKCS_11_OUTPUT_PARAMETERS,
        Tag.ATTESTATION_MEASUREMENT,
        Tag.ATTESTATION_ASSERTION,
    }
)
"""Secret, with everything in them. Key Value stands for whatever a Key Block protects, wrapped or transparent."""

OPEN_TAGS = frozenset({Tag.ATTRIBUTE, Tag.ATTRIBUTES})
"""What may be shown even inside a Key Value: the attributes that travel with the material."""


def secret_below(item: Item, secret: bool) -> bool:  # noqa: FBT001 - it says whether the structure around the item is secret
    """Is this item secret, given whether what is around it is?"""
    if item.tag in OPEN_TAGS:
        return False
    return secret or item.tag in SECRET_TAGS


def masked_hex(data: bytes, *, unreadable_too: bool = True) -> str:
    """The bytes of one or several messages in lower-case hexadecimal, the secret ones as ``**``.

    `unreadable_too` masks bytes that belong to no readable item as well; turn it off only for bytes that the suite made itself.
    """
    shown = bytearray(b"\0" * len(data)) if unreadable_too else bytearray(b"\1" * len(data))
    for decoded in decode_stream(data):
        if decoded.item is not None:
            for start, end, secret in _stretches(decoded.item, len(data), secret=False):
                shown[start:end] = bytes((not secret,)) * (end - start)
    return "".join(f"{byte:02x}" if visible else "**" for byte, visible in zip(data, shown, strict=True))


def _stretches(item: Item, limit: int, *, secret: bool) -> Iterator[tuple[int, int, bool]]:
    """The stretches of bytes that items take up, outer ones first, with their secrecy."""
    secret = secret_below(item, secret)
    body = item.offset + 8
    yield item.offset, body, nameless(item)
    if isinstance(item.value, tuple):
        for child in item.value:
            yield from _stretches(child, limit, secret=secret)
    else:
        end = min(body + item.length, limit)
        yield body, min(end + -item.length % 8, limit), secret or unreadable(item) or nameless(item)


def unreadable(item: Item) -> bool:
    """Does the item hold something else than a value of its type: bare bytes, part of what its length promises, or items it swallowed?"""
    if isinstance(item.value, tuple):
        return False
    if isinstance(item.value, int):
        return item.type == ItemType.BIG_INTEGER and _swallows_a_secret(encode(item)[8:])
    raw = item.value if isinstance(item.value, bytes) else item.value.encode("utf-8", "surrogateescape")
    bare = isinstance(item.value, bytes) and item.type != ItemType.BYTE_STRING
    return bare or len(raw) < item.length or _swallows_a_secret(raw)


def _swallows_a_secret(raw: bytes) -> bool:
    """A length that lies can make one value of all the items behind it: the secret ones are known by their tags."""
    return _SECRET_TAG_BYTES.search(raw) is not None


def nameless(item: Item) -> bool:
    """Is this no item at all, but bytes that stand where one should begin? Then even its header may be key material."""
    return item.tag >> 16 not in {0x42, 0x54} or item.type not in _TYPES


_TYPES = frozenset(ItemType)
_SECRET_TAG_BYTES = re.compile(b"|".join(re.escape(tag.to_bytes(3, "big")) for tag in SECRET_TAGS))
