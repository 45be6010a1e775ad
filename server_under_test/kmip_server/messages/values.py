"""Values that are not structures of the standard: the wire's integers by their type, and items of any shape.

The aliases let a class body say which of the wire's five integer types a field has while it stays an ``int`` to Python and
to the type checker: ``lease_time: Interval | None = None``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias

from kmip_server.enums import Data, ItemType, UniqueIdentifier
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.enums import ResultReason

Integer: TypeAlias = Annotated[int, ItemType.INTEGER]
"""Signed, 32 bits."""
LongInteger: TypeAlias = Annotated[int, ItemType.LONG_INTEGER]
"""Signed, 64 bits."""
BigInteger: TypeAlias = Annotated[int, ItemType.BIG_INTEGER]
"""Signed, any multiple of 64 bits."""
Enumeration: TypeAlias = Annotated[int, ItemType.ENUMERATION]
"""An enumeration of which the standard defines no value (Opaque Data Type): unsigned, 32 bits."""
DateTime: TypeAlias = Annotated[int, ItemType.DATE_TIME]
"""Seconds since 1970-01-01 00:00:00 UTC, signed, 64 bits."""
Interval: TypeAlias = Annotated[int, ItemType.INTERVAL]
"""Seconds, unsigned, 32 bits."""

DateTimeExtended: TypeAlias = Annotated[int, ItemType.DATE_TIME_EXTENDED]
"""Microseconds since 1970-01-01 00:00:00 UTC, signed, 64 bits; since 2.0."""

ObjectIdentifier: TypeAlias = str | Annotated[UniqueIdentifier, V2_0] | Annotated[int, ItemType.INTEGER, V2_0]
"""How a request names an object: by its Unique Identifier. Since 2.0 also by what an item of the same batch has made or found: the last
of an operation (an enumeration), or the n-th of the batch (an integer; KMIP 2.1, 4.58 and 11.58)."""


class AttributeReference(str):
    """How a 2.x message names an attribute without its value (KMIP 2.1, 3.2): here by the name that 1.x uses, as attributes are everywhere.

    On the wire it is the attribute's tag, as an enumeration, or the vendor and the name of a vendor's attribute, as a structure.
    """

    __slots__ = ()


DataItem: TypeAlias = bytes | Annotated[Data, V2_0] | Annotated[int, ItemType.INTEGER, V2_0]
"""What a cryptographic operation works on. Since 2.0 it may be what an item of the same batch has put out: the last of an operation (an
enumeration), or the n-th of the batch (an integer; KMIP 2.1, 7.9 and 11.13)."""

ItemValue: TypeAlias = "bool | int | str | bytes | tuple[Item, ...]"
"""What an item of any type holds; a Structure holds its items."""


@dataclass(frozen=True, slots=True)
class Item:
    """A field of a structure that the standard does not define: inside a vendor's extension or a custom attribute."""

    tag: int
    item_type: ItemType
    value: ItemValue


@dataclass(frozen=True, slots=True)
class AnyStructure:
    """A structure whose fields the standard leaves open: Vendor Extension, Server Information."""

    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomValue:
    """The value of an attribute whose type no table gives: its type came with it, and goes back with it."""

    item_type: ItemType
    value: ItemValue


@dataclass(frozen=True, slots=True)
class Encoded:
    """An item that is encoded already: its bytes, from tag to padding, are spliced into the message as they are."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PayloadFault:
    """Stands for the payload of a batch item that did not parse: why this item, and only this one, fails (1.4, 11.1)."""

    reason: ResultReason
    message: str
