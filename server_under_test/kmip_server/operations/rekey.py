"""Re-key (KMIP 1.4, 4.4; 2.1, 6.1.46): a new symmetric key in the place of an existing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicAlgorithm, ObjectType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import ReKeyResponse
from kmip_server.objects.birth import bring_into_being, given_by
from kmip_server.objects.succession import handed_over, inherited
from kmip_server.operations.create import algorithm_and_length, generated_key
from kmip_server.operations.table import operation

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import ReKeyRequest
    from kmip_server.objects.managed import ManagedObject


@operation(Operation.RE_KEY, writes=True)
async def re_key(request: ReKeyRequest, context: RequestContext) -> ReKeyResponse:
    """Whatever state the existing key is in: a compromised one is what it is for. Only a destroyed one has no successor."""
    existing = context.services.shelf.get(context, context.identify(request.unique_identifier))
    _must_be_replaceable(existing)
    given = given_by(request, ObjectType.SYMMETRIC_KEY, context)
    attributes = inherited(existing, given, request.offset, context)
    holding = generated_key(attributes, *algorithm_and_length(attributes, context), context)
    made = await bring_into_being(
        ObjectType.SYMMETRIC_KEY, attributes, holding, context, generated=True, together=handed_over(existing, context)
    )
    return ReKeyResponse(unique_identifier=made.unique_identifier)


def _must_be_replaceable(existing: ManagedObject) -> None:
    """The refusals of 1.4, 11.5. Raises `KmipFailure`."""
    if existing.object_type is not ObjectType.SYMMETRIC_KEY:
        sentence = "Re-key is refused: the object is not a Symmetric Key"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
    if existing.is_destroyed:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "Re-key is refused: the key is destroyed")
    if existing.envelope is None:
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "Re-key is refused: the existing key's value is not on this server")
    if not isinstance(existing.value("Cryptographic Algorithm"), CryptographicAlgorithm):
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "Re-key is refused: the server does not know the existing key's algorithm")
