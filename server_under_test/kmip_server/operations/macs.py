"""MAC and MAC Verify, in one part or in many (KMIP 1.4, 4.33, 4.34; 2.1, 6.1.32, 6.1.33)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.crypto.macs import equal, mac
from kmip_server.enums import ObjectType, Operation, ResultReason, ValidityIndicator
from kmip_server.errors import KmipFailure
from kmip_server.messages import MACResponse, MACVerifyResponse
from kmip_server.objects import usage
from kmip_server.objects.key_access import algorithm_of, parameters_for, secret
from kmip_server.operations.data import data_of, whole_data
from kmip_server.operations.in_parts import key_of
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2

if TYPE_CHECKING:
    from kmip_server.crypto.macs import Mac
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import MACRequest, MACVerifyRequest
    from kmip_server.objects.managed import ManagedObject

_MAKE_MACS = (ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA)


@dataclass(frozen=True, slots=True)
class _Macing:
    """What is kept between two parts: the key's identifier, the MAC so far, and the one to compare it with."""

    unique_identifier: str
    mac: Mac
    expected: bytes | None = None


@operation(Operation.MAC, writes=True, since=V1_2)
async def make_mac(request: MACRequest, context: RequestContext) -> MACResponse:
    """The MAC of the data."""
    part = context.services.streams.part_of(request, context.owner, Operation.MAC, context.now)
    item = key_of(request, part, context)
    usage.may_be_used(item, usage.MAC_GENERATE, context)
    data = whole_data(request.data, context) if part.is_whole else data_of(request.data, context) or b""
    state = part.state or _Macing(item.unique_identifier, await _mac(request, item, context))
    await usage.allocate(item, len(data), context, begins=part.state is None)
    state.mac.update(data)
    if part.is_last:
        return MACResponse(unique_identifier=item.unique_identifier, mac_data=state.mac.digest())
    value = context.services.streams.keep(request, state, context.owner, Operation.MAC, context.now)
    return MACResponse(unique_identifier=item.unique_identifier, correlation_value=value)


@operation(Operation.MAC_VERIFY, writes=False, since=V1_2)
async def verify_mac(request: MACVerifyRequest, context: RequestContext) -> MACVerifyResponse:
    """Whether it is the MAC of the data. Of several parts any may bring the MAC Data, and only the last has a Validity Indicator."""
    part = context.services.streams.part_of(request, context.owner, Operation.MAC_VERIFY, context.now)
    item = key_of(request, part, context)
    usage.may_be_used(item, usage.MAC_VERIFY, context)
    data = data_of(request.data, context) or b""
    context_so_far = part.state.mac if part.state is not None else await _mac(request, item, context)
    context_so_far.update(data)
    expected = data_of(request.mac_data, context)
    if expected is None and part.state is not None:
        expected = part.state.expected
    if not part.is_last:
        state = _Macing(item.unique_identifier, context_so_far, expected)
        value = context.services.streams.keep(request, state, context.owner, Operation.MAC_VERIFY, context.now)
        return MACVerifyResponse(unique_identifier=item.unique_identifier, correlation_value=value)
    if expected is None:
        raise KmipFailure(ResultReason.INVALID_MESSAGE, "MAC Verify needs the MAC Data to verify")
    validity = ValidityIndicator.VALID if equal(context_so_far.digest(), expected) else ValidityIndicator.INVALID
    return MACVerifyResponse(unique_identifier=item.unique_identifier, validity_indicator=validity)


async def _mac(request: MACRequest | MACVerifyRequest, item: ManagedObject, context: RequestContext) -> Mac:
    if item.object_type not in _MAKE_MACS:
        raise KmipFailure(
            ResultReason.PERMISSION_DENIED, "MACs are made with symmetric keys and secrets", reason_2=ResultReason.INVALID_OBJECT_TYPE
        )
    parameters = parameters_for(request.cryptographic_parameters, item)
    return mac(algorithm_of(item), await secret(item, context), parameters)
