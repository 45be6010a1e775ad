"""As much of DER (ITU-T X.690) as is needed to cut encoded structures into their parts and to put parts together again.

Whole keys and certificates are read by the `cryptography` package; this is for the byte-exact pieces that it gives re-encoded or not at
all: names and serial numbers of certificates, compressed points, private keys without their curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGER, BIT_STRING, OCTET_STRING, SEQUENCE = 0x02, 0x03, 0x04, 0x30


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its identifier octet, its whole encoding, and the contents of that."""

    tag: int
    encoding: bytes
    contents: bytes


def elements(data: bytes) -> Iterator[Element]:
    """The elements that follow each other in some data. Raises ValueError where it is no DER."""
    at = 0
    while at < len(data):
        start, size = _length(data, at + 1)
        if start + size > len(data):
            raise ValueError("an element is longer than the data that holds it")
        yield Element(data[at], data[at : start + size], data[start : start + size])
        at = start + size


def inside(data: bytes) -> tuple[Element, ...]:
    """The elements of a SEQUENCE. Raises ValueError where the data is no SEQUENCE, or more than one."""
    outer = tuple(elements(data))
    if len(outer) != 1 or outer[0].tag != SEQUENCE:
        raise ValueError("not one SEQUENCE")
    return tuple(elements(outer[0].contents))


def element(tag: int, *contents: bytes) -> bytes:
    """An element, encoded."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Where the contents begin, and how long they are."""
    if at >= len(data):
        raise ValueError("an element has no length")
    first = data[at]
    if first < 0x80:
        return at + 1, first
    count = first & 0x7F
    if not 1 <= count <= 4 or at + 1 + count > len(data):
        raise ValueError("a length that DER does not have")
    return at + 1 + count, int.from_bytes(data[at + 1 : at + 1 + count], "big")
