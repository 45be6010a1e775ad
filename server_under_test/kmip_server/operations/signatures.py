"""Sign and Signature Verify, in one part or in many (KMIP 1.4, 4.31, 4.32; 2.1, 6.1.55, 6.1.56).

A private key signs, a public key verifies, and so does the certificate of one. Data that the client has hashed already (Digested Data,
since 1.4) comes in one part only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.crypto.signatures import MessageInParts, digested, sign, verify
from kmip_server.enums import Operation, ResultReason, ValidityIndicator
from kmip_server.errors import KmipFailure
from kmip_server.messages import SignatureVerifyResponse, SignResponse
from kmip_server.objects import usage
from kmip_server.objects.key_access import parameters_for, private_key, public_key
from kmip_server.operations.data import data_of, whole_data
from kmip_server.operations.in_parts import key_of
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PublicKey
    from kmip_server.crypto.signatures import Digested
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CryptographicParameters, SignatureVerifyRequest, SignRequest


@dataclass(frozen=True, slots=True)
class _Signing:
    """What is kept between two parts: the key's identifier, how it signs, the message so far, and the signature to be verified."""

    unique_identifier: str
    parameters: CryptographicParameters
    message: MessageInParts
    signature: bytes | None = None


@operation(Operation.SIGN, writes=True, since=V1_2)
async def make_signature(request: SignRequest, context: RequestContext) -> SignResponse:
    """The signature of the data."""
    part = context.services.streams.part_of(request, context.owner, Operation.SIGN, context.now)
    item = key_of(request, part, context)
    usage.may_be_used(item, usage.SIGN, context)
    key = await private_key(item, context)
    parameters = part.state.parameters if part.state is not None else parameters_for(request.cryptographic_parameters, item)
    if part.is_whole:
        message = _whole_message(request, parameters, context)
        await usage.allocate(item, len(message) if isinstance(message, bytes) else len(message.digest), context)
        return SignResponse(unique_identifier=item.unique_identifier, signature_data=sign(key, parameters, message))
    _no_digest_in_parts(request)
    data = data_of(request.data, context) or b""
    await usage.allocate(item, len(data), context, begins=part.state is None)
    state = part.state or _Signing(item.unique_identifier, parameters, MessageInParts(key, parameters))
    state.message.update(data)
    if part.is_last:
        return SignResponse(unique_identifier=item.unique_identifier, signature_data=sign(key, parameters, state.message.whole()))
    value = context.services.streams.keep(request, state, context.owner, Operation.SIGN, context.now)
    return SignResponse(unique_identifier=item.unique_identifier, correlation_value=value)


@operation(Operation.SIGNATURE_VERIFY, writes=False, since=V1_2)
async def verify_signature(request: SignatureVerifyRequest, context: RequestContext) -> SignatureVerifyResponse:
    """Whether it is the signature of the data. Of several parts any may bring the signature; the last has the Validity Indicator."""
    part = context.services.streams.part_of(request, context.owner, Operation.SIGNATURE_VERIFY, context.now)
    item = key_of(request, part, context)
    usage.may_be_used(item, usage.VERIFY, context)
    key = await public_key(item, context)
    parameters = part.state.parameters if part.state is not None else parameters_for(request.cryptographic_parameters, item)
    signature = data_of(request.signature_data, context)
    if part.is_whole:
        return _judged(item.unique_identifier, key, parameters, _whole_message(request, parameters, context), signature)
    _no_digest_in_parts(request)
    so_far = part.state.message if part.state is not None else MessageInParts(key, parameters)
    so_far.update(data_of(request.data, context) or b"")
    if signature is None and part.state is not None:
        signature = part.state.signature
    if part.is_last:
        return _judged(item.unique_identifier, key, parameters, so_far.whole(), signature)
    state = _Signing(item.unique_identifier, parameters, so_far, signature)
    value = context.services.streams.keep(request, state, context.owner, Operation.SIGNATURE_VERIFY, context.now)
    return SignatureVerifyResponse(unique_identifier=item.unique_identifier, correlation_value=value)


def _whole_message(
    request: SignRequest | SignatureVerifyRequest, parameters: CryptographicParameters, context: RequestContext
) -> bytes | Digested:
    if request.digested_data is None:
        return whole_data(request.data, context)
    if request.data is not None:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Data and Digested Data are given, and only one of them can be signed")
    return digested(request.digested_data, parameters)


def _judged(
    unique_identifier: str, key: PublicKey, parameters: CryptographicParameters, message: bytes | Digested, signature: bytes | None
) -> SignatureVerifyResponse:
    if signature is None:
        raise KmipFailure(ResultReason.INVALID_MESSAGE, "Signature Verify needs the Signature Data to verify")
    is_valid = verify(key, parameters, message, signature)
    return SignatureVerifyResponse(
        unique_identifier=unique_identifier, validity_indicator=ValidityIndicator.VALID if is_valid else ValidityIndicator.INVALID
    )


def _no_digest_in_parts(request: SignRequest | SignatureVerifyRequest) -> None:
    if request.digested_data is not None:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Digested Data is whole: it cannot be given in several parts")
