"""Enumerations whose values know the KMIP versions that have them.

A value is written ``NAME = number`` when it is as old as KMIP 1.0, ``NAME = number, V1_2`` when it came later, and
``NAME = number, V1_0, V1_4`` when a later version withdrew it (both ends inclusive). A value that a later text only calls
*deprecated* still exists there: a deprecated value "SHOULD NOT be used" by new clients, and servers go on understanding it.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Self

from kmip_server.versions import V1_0, KmipVersion, lives_in

FIRST_EXTENSION = 0x80000000
LAST_EXTENSION = 0x8FFFFFFF


class VersionedEnum(IntEnum):
    """A KMIP enumeration: the standard's numbers, each with the versions that have it."""

    since: KmipVersion
    until: KmipVersion | None

    def __new__(cls, number: int, since: KmipVersion = V1_0, until: KmipVersion | None = None) -> Self:
        """One value of the enumeration, and the first and last version that have it."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.since = since
        member.until = until
        return member

    def exists_in(self, version: KmipVersion) -> bool:
        """Whether this value is one of the enumeration's in this version."""
        return lives_in(version, self.since, self.until)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """A vendor's extension (8XXXXXXX in every enumeration of 9.1.3.2) is a value without a name of ours; others are none."""
        if not (isinstance(value, int) and FIRST_EXTENSION <= value <= LAST_EXTENSION):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"EXTENSION_{value:08X}"
        member._value_ = value
        member.since, member.until = V1_0, None
        return member

    @classmethod
    def of(cls, version: KmipVersion) -> tuple[Self, ...]:
        """The values that this version has, in the order of their numbers."""
        return tuple(member for member in cls if member.exists_in(version))


class VersionedMask(IntFlag):
    """A KMIP bit mask: the standard's bits, each with the versions that have it. Unassigned bits are kept as they came."""

    since: KmipVersion
    until: KmipVersion | None

    def __new__(cls, bits: int, since: KmipVersion = V1_0, until: KmipVersion | None = None) -> Self:
        """One bit of the mask, and the first and last version that have it."""
        member = int.__new__(cls, bits)
        member._value_ = bits
        member.since = since
        member.until = until
        return member

    @classmethod
    def of(cls, version: KmipVersion) -> Self:
        """All bits that this version has."""
        bits = (member for member in cls if lives_in(version, member.since, member.until))
        return cls(sum(bits))
