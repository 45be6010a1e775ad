"""The KMIP versions: an ordered type, never a float.

A version is the (major, minor) pair of the Protocol Version structure (KMIP 1.4, 6.1). Tables of this package say with
such pairs since when, and until when, an enumeration value, a field or an attribute exists.
"""

from __future__ import annotations

from typing import NamedTuple


class KmipVersion(NamedTuple):
    """A protocol version; compares as the standard orders them: ``V1_2 < V1_4 < V2_0``."""

    major: int
    minor: int

    def __str__(self) -> str:
        """The usual spelling, ``1.4``."""
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> KmipVersion:
        """The version that ``1.4`` spells. Raises ValueError for anything but two decimal numbers with a point."""
        major, point, minor = text.partition(".")
        if not (point and major.isascii() and major.isdecimal() and minor.isascii() and minor.isdecimal()):
            raise ValueError(f"not a KMIP version: {text!r} (expected for example 1.4)")
        return cls(int(major), int(minor))


def lives_in(version: KmipVersion, since: KmipVersion, until: KmipVersion | None) -> bool:
    """Whether a version has what came with ``since`` and, unless that is None, was last seen in ``until``."""
    return version == EVERY_VERSION or (since <= version and (until is None or version <= until))


V1_0 = KmipVersion(1, 0)
V1_1 = KmipVersion(1, 1)
V1_2 = KmipVersion(1, 2)
V1_3 = KmipVersion(1, 3)
V1_4 = KmipVersion(1, 4)
V2_0 = KmipVersion(2, 0)
V2_1 = KmipVersion(2, 1)
V3_0 = KmipVersion(3, 0)

EVERY_VERSION = KmipVersion(0, 0)
"""No version of the standard: what the store writes under it has the fields, values and attributes of all of them."""

VERSIONS = (V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1)
"""Every published version, oldest first."""
DRAFTS = (V3_0,)
"""What is not a standard yet: the committee draft of 3.0, as far as it is served."""
