"""Result Reasons across versions: 2.0 gave names of their own to what 1.x had called by a few, and dropped two.

A failure carries the reason that its clause gives: one for 1.x and, where the fine-grained one of 2.x is another, `reason_2`. What a
version has no word for is answered by its nearest kin here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import Operation
from kmip_server.enums import ResultReason as Reason
from kmip_server.versions import V2_0, V3_0

if TYPE_CHECKING:
    from kmip_server.errors import KmipFailure, MalformedMessage
    from kmip_server.versions import KmipVersion

OLDER_KIN: dict[Reason, Reason] = {
    Reason.ATTESTATION_REQUIRED: Reason.PERMISSION_DENIED,
    Reason.ATTESTATION_FAILED: Reason.PERMISSION_DENIED,
    Reason.SENSITIVE: Reason.PERMISSION_DENIED,
    Reason.NOT_EXTRACTABLE: Reason.PERMISSION_DENIED,
    Reason.KEY_VALUE_NOT_PRESENT: Reason.ILLEGAL_OPERATION,
    Reason.INVALID_TICKET: Reason.AUTHENTICATION_NOT_SUCCESSFUL,
    Reason.USAGE_LIMIT_EXCEEDED: Reason.PERMISSION_DENIED,
    Reason.NUMERIC_RANGE: Reason.INVALID_FIELD,
    Reason.INVALID_DATA_TYPE: Reason.INVALID_FIELD,
    Reason.READ_ONLY_ATTRIBUTE: Reason.PERMISSION_DENIED,
    Reason.UNSUPPORTED_ATTRIBUTE: Reason.INVALID_FIELD,
    Reason.ATTRIBUTE_INSTANCE_NOT_FOUND: Reason.ITEM_NOT_FOUND,
    Reason.ATTRIBUTE_NOT_FOUND: Reason.ITEM_NOT_FOUND,
    Reason.ATTRIBUTE_READ_ONLY: Reason.PERMISSION_DENIED,
    Reason.BAD_CRYPTOGRAPHIC_PARAMETERS: Reason.INVALID_FIELD,
    Reason.BAD_PASSWORD: Reason.CRYPTOGRAPHIC_FAILURE,
    Reason.CODEC_ERROR: Reason.INVALID_MESSAGE,
    Reason.ILLEGAL_OBJECT_TYPE: Reason.INVALID_FIELD,
    Reason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK: Reason.PERMISSION_DENIED,
    Reason.INTERNAL_SERVER_ERROR: Reason.GENERAL_FAILURE,
    Reason.INVALID_ASYNCHRONOUS_CORRELATION_VALUE: Reason.ITEM_NOT_FOUND,
    Reason.INVALID_ATTRIBUTE: Reason.INVALID_FIELD,
    Reason.INVALID_ATTRIBUTE_VALUE: Reason.INVALID_FIELD,
    Reason.INVALID_CORRELATION_VALUE: Reason.INVALID_FIELD,
    Reason.INVALID_CSR: Reason.INVALID_FIELD,
    Reason.INVALID_OBJECT_TYPE: Reason.INVALID_FIELD,
    Reason.KEY_WRAP_TYPE_NOT_SUPPORTED: Reason.FEATURE_NOT_SUPPORTED,
    Reason.MISSING_INITIALIZATION_VECTOR: Reason.MISSING_DATA,
    Reason.OBJECT_NOT_FOUND: Reason.ITEM_NOT_FOUND,
    Reason.NOT_AUTHORISED: Reason.PERMISSION_DENIED,
    Reason.SERVER_LIMIT_EXCEEDED: Reason.PERMISSION_DENIED,
    Reason.UNKNOWN_ENUMERATION: Reason.INVALID_FIELD,
    Reason.UNKNOWN_MESSAGE_EXTENSION: Reason.FEATURE_NOT_SUPPORTED,
    Reason.UNKNOWN_TAG: Reason.INVALID_MESSAGE,
    Reason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS: Reason.INVALID_FIELD,
    Reason.UNSUPPORTED_PROTOCOL_VERSION: Reason.INVALID_MESSAGE,
    Reason.WRAPPING_OBJECT_ARCHIVED: Reason.OBJECT_ARCHIVED,
    Reason.WRAPPING_OBJECT_NOT_FOUND: Reason.ITEM_NOT_FOUND,
    Reason.WRONG_KEY_LIFECYCLE_STATE: Reason.PERMISSION_DENIED,
}
"""What a Result Reason was called before the version that introduced it, where that was not Illegal Operation."""

NEWER_KIN: dict[Reason, Reason] = {
    Reason.ILLEGAL_OPERATION: Reason.PERMISSION_DENIED,
    Reason.INDEX_OUT_OF_BOUNDS: Reason.SERVER_LIMIT_EXCEEDED,
}
"""What 2.0 calls what it dropped, where a failure does not say better itself."""


GIVEN_SINCE_2_1 = frozenset({Reason.WRONG_KEY_LIFECYCLE_STATE, Reason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK, Reason.USAGE_LIMIT_EXCEEDED})
"""Reasons that 2.0 has and may give, beside Permission Denied: its profiles' cases still expect that one (AKLC-M-2 and -3, CS-BC-M-7 and
-14, CS-AC-M-8), those of 2.1 the finer one."""


ITEMS_NOT_FOUND = frozenset({Operation.ADJUST_ATTRIBUTE, Operation.CERTIFY, Operation.CREATE_SPLIT_KEY})
"""Operations of 2.x whose tables of reasons have Item Not Found and no Object Not Found (2.1, 6.1.3.1, 6.1.6.1 and 6.1.10.1)."""

ITEMS_NOT_FOUND_3 = frozenset({*ITEMS_NOT_FOUND, Operation.GET_ATTRIBUTES})
"""The draft of 3.0 has no tables here; its case BL-M-20 has Item Not Found from Get Attributes, and Object Not Found from others."""


def reason_of(failure: KmipFailure | MalformedMessage, version: KmipVersion, operation: int | None = None) -> Reason:
    """The Result Reason of a failure under a version; of this operation, where it is one's."""
    finer = getattr(failure, "reason_2", None)
    if finer is None or version < V2_0 or (version == V2_0 and finer in GIVEN_SINCE_2_1):
        return reason_in(version, failure.reason)
    if finer is Reason.OBJECT_NOT_FOUND and operation in (ITEMS_NOT_FOUND if version < V3_0 else ITEMS_NOT_FOUND_3):
        return Reason.ITEM_NOT_FOUND
    return reason_in(version, finer)


def reason_in(version: KmipVersion, reason: Reason) -> Reason:
    """The reason, or its nearest kin in a version that does not have it."""
    if reason.exists_in(version):
        return reason
    if reason in NEWER_KIN and version >= V2_0:
        return NEWER_KIN[reason]
    older = OLDER_KIN.get(reason, Reason.ILLEGAL_OPERATION)
    return older if older.exists_in(version) else Reason.GENERAL_FAILURE
