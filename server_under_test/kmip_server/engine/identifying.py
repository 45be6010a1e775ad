"""How 2.x names an object by what the batch has done so far (KMIP 2.1, 4.58): by the operation that made or found it, or by number.

"Zero based nth Unique Identifier in the response. If negative the count is backwards from the beginning of the current operation's batch
item."
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import Operation, ResultStatus, UniqueIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_server.messages import ObjectIdentifier, ResponseBatchItem

PRIVATE, PUBLIC = "private_key_unique_identifier", "public_key_unique_identifier"

NAMED_BY: dict[UniqueIdentifier, tuple[Operation, str]] = {
    UniqueIdentifier.CERTIFY: (Operation.CERTIFY, "unique_identifier"),
    UniqueIdentifier.CREATE: (Operation.CREATE, "unique_identifier"),
    UniqueIdentifier.CREATE_KEY_PAIR: (Operation.CREATE_KEY_PAIR, PRIVATE),
    UniqueIdentifier.CREATE_KEY_PAIR_PRIVATE_KEY: (Operation.CREATE_KEY_PAIR, PRIVATE),
    UniqueIdentifier.CREATE_KEY_PAIR_PUBLIC_KEY: (Operation.CREATE_KEY_PAIR, PUBLIC),
    UniqueIdentifier.CREATE_SPLIT_KEY: (Operation.CREATE_SPLIT_KEY, "unique_identifier"),
    UniqueIdentifier.DERIVE_KEY: (Operation.DERIVE_KEY, "unique_identifier"),
    UniqueIdentifier.IMPORT: (Operation.IMPORT, "unique_identifier"),
    UniqueIdentifier.JOIN_SPLIT_KEY: (Operation.JOIN_SPLIT_KEY, "unique_identifier"),
    UniqueIdentifier.LOCATE: (Operation.LOCATE, "unique_identifier"),
    UniqueIdentifier.REGISTER: (Operation.REGISTER, "unique_identifier"),
    UniqueIdentifier.RE_KEY: (Operation.RE_KEY, "unique_identifier"),
    UniqueIdentifier.RE_CERTIFY: (Operation.RE_CERTIFY, "unique_identifier"),
    UniqueIdentifier.RE_KEY_KEY_PAIR: (Operation.RE_KEY_KEY_PAIR, PRIVATE),
    UniqueIdentifier.RE_KEY_KEY_PAIR_PRIVATE_KEY: (Operation.RE_KEY_KEY_PAIR, PRIVATE),
    UniqueIdentifier.RE_KEY_KEY_PAIR_PUBLIC_KEY: (Operation.RE_KEY_KEY_PAIR, PUBLIC),
}
"""Which answer an enumerated Unique Identifier means, and which of its fields (KMIP 2.1, 11.58)."""


def identified(named: ObjectIdentifier, id_placeholder: str | None, answered: Sequence[ResponseBatchItem]) -> str | None:
    """The identifier that an enumeration or an integer means; None when nothing in the batch answers to it."""
    if isinstance(named, UniqueIdentifier):
        return id_placeholder if named is UniqueIdentifier.ID_PLACEHOLDER else _by_operation(named, answered)
    if isinstance(named, int):
        told = list(_identifiers(answered))
        return told[named] if -len(told) <= named < len(told) else None
    return named


def _by_operation(named: UniqueIdentifier, answered: Sequence[ResponseBatchItem]) -> str | None:
    if named not in NAMED_BY:
        return None
    operation, field = NAMED_BY[named]
    for item in reversed(answered):
        if item.operation is operation and item.result_status is ResultStatus.SUCCESS:
            found = getattr(item.response_payload, field, None)
            if isinstance(found, tuple):
                return found[0] if len(found) == 1 else None
            return found if isinstance(found, str) else None
    return None


def _identifiers(answered: Sequence[ResponseBatchItem]) -> Iterator[str]:
    """Every Unique Identifier in the answers so far, in the order of the message."""
    for item in answered:
        for field in (PRIVATE, PUBLIC, "unique_identifier"):
            found = getattr(item.response_payload, field, None)
            yield from (found if isinstance(found, tuple) else () if found is None else (found,))
