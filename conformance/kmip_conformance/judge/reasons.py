"""What the Result Reasons of 1.x are called in 2.x, which took them apart (KMIP 2.1, 11.46 and the error table of each operation in 6.1).

A rule that both have is written once, with the reason of 1.x; under 2.x the reasons here are as lawful for it, besides the one that it
names where the operation's table still lists that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.tables import V2_0
from kmip_conformance.tables import ResultReason as R

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmip_conformance.tables import KmipVersion

CALLED_IN_2_X: dict[R, tuple[R, ...]] = {
    R.ITEM_NOT_FOUND: (R.OBJECT_NOT_FOUND, R.ATTRIBUTE_NOT_FOUND, R.ATTRIBUTE_INSTANCE_NOT_FOUND),
    R.PERMISSION_DENIED: (
        R.WRONG_KEY_LIFECYCLE_STATE,
        R.OBJECT_DESTROYED,
        R.ATTRIBUTE_READ_ONLY,
        R.READ_ONLY_ATTRIBUTE,
        R.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
    ),
    R.ILLEGAL_OPERATION: (R.WRONG_KEY_LIFECYCLE_STATE, R.OBJECT_DESTROYED),
    R.INVALID_FIELD: (
        R.INVALID_ATTRIBUTE,
        R.INVALID_ATTRIBUTE_VALUE,
        R.INVALID_OBJECT_TYPE,
        R.INVALID_DATA_TYPE,
        R.NON_UNIQUE_NAME_ATTRIBUTE,
        R.ATTRIBUTE_SINGLE_VALUED,
        R.BAD_CRYPTOGRAPHIC_PARAMETERS,
        R.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
        R.UNKNOWN_ENUMERATION,
    ),
    R.INVALID_MESSAGE: (R.CODEC_ERROR, R.UNKNOWN_TAG, R.UNKNOWN_ENUMERATION),
    R.INDEX_OUT_OF_BOUNDS: (R.ATTRIBUTE_SINGLE_VALUED, R.ATTRIBUTE_INSTANCE_NOT_FOUND),
}
"""2.1, Table 479: Illegal Operation (0B) and Index Out Of Bounds (0E) are reserved there, the others stay beside what they became."""


def lawful(reasons: Iterable[R], version: KmipVersion | None) -> tuple[R, ...]:
    """These reasons, and under 2.x what they are called there."""
    named = tuple(reasons)
    if version is None or version < V2_0:
        return named
    return tuple(dict.fromkeys([*named, *(later for reason in named for later in CALLED_IN_2_X.get(reason, ()))]))
