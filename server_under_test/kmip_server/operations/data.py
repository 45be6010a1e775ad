"""The Data of a cryptographic operation: bytes, or since 2.0 what an item of the same batch has put out (KMIP 2.1, 7.9, 11.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import Data, Operation, ResultReason, ResultStatus
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import DataItem, ResponseBatchItem

PUT_OUT: dict[int, str] = {
    Operation.DECRYPT: "data",
    Operation.ENCRYPT: "data",
    Operation.HASH: "data",
    Operation.MAC: "mac_data",
    Operation.RNG_RETRIEVE: "data",
    Operation.SIGN: "signature_data",
    Operation.SIGNATURE_VERIFY: "data",
}
"""The field of an operation's answer that counts as Data."""

NAMED: dict[Data, Operation] = {
    Data.DECRYPT: Operation.DECRYPT,
    Data.ENCRYPT: Operation.ENCRYPT,
    Data.HASH: Operation.HASH,
    Data.MAC_MAC_DATA: Operation.MAC,
    Data.RNG_RETRIEVE: Operation.RNG_RETRIEVE,
    Data.SIGN_SIGNATURE_DATA: Operation.SIGN,
    Data.SIGNATURE_VERIFY: Operation.SIGNATURE_VERIFY,
}
"""The operation whose last answer an enumerated Data means."""


def data_of(given: DataItem | None, context: RequestContext) -> bytes | None:
    """The bytes. Raises `KmipFailure` when nothing in the batch answers to an enumeration or a number."""
    if given is None or isinstance(given, bytes):
        return given
    found = [(item.operation, data) for item in context.answered if (data := _put_out(item)) is not None]
    if isinstance(given, Data):
        candidates = [data for operation, data in found if operation is NAMED.get(given)]
        wanted = -1
    else:
        candidates, wanted = [data for _, data in found], given
    if not -len(candidates) <= wanted < len(candidates):
        raise KmipFailure(ResultReason.INVALID_FIELD, "no item before this one in the batch has put out the Data that the request names")
    return candidates[wanted]


def whole_data(given: DataItem | None, context: RequestContext) -> bytes:
    """The bytes, of an operation that is done in one part."""
    data = data_of(given, context)
    if data is None:
        raise KmipFailure(
            ResultReason.INVALID_MESSAGE, "Data is required in an operation of one part; only a part of several may leave it out"
        )
    return data


def _put_out(item: ResponseBatchItem) -> bytes | None:
    if item.result_status is not ResultStatus.SUCCESS or item.operation not in PUT_OUT:
        return None
    data = getattr(item.response_payload, PUT_OUT[item.operation], None)
    return data if isinstance(data, bytes) else None
