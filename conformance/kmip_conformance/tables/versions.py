"""The versions of the protocol: an ordered type, never a float (KMIP 1.4, 6.1 Protocol Version)."""

from __future__ import annotations

from typing import NamedTuple


class KmipVersion(NamedTuple):
    """A Protocol Version. ``str()`` gives "1.4"; comparison is by major, then minor."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> KmipVersion:
        """Read "1.4". Raises `ValueError` for anything else."""
        major, dot, minor = text.strip().partition(".")
        if not (dot and major.isdecimal() and minor.isdecimal()):
            raise ValueError(f"{text!r} is not a KMIP version such as 1.4")
        return cls(int(major), int(minor))


V1_0 = KmipVersion(1, 0)
V1_1 = KmipVersion(1, 1)
V1_2 = KmipVersion(1, 2)
V1_3 = KmipVersion(1, 3)
V1_4 = KmipVersion(1, 4)
V2_0 = KmipVersion(2, 0)
V2_1 = KmipVersion(2, 1)
V3_0 = KmipVersion(3, 0)
"""A committee draft (csd01): no standard yet, and in none of the tuples below."""

ALL_VERSIONS = (V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1)
VERSIONS_1_X = ALL_VERSIONS[:5]
