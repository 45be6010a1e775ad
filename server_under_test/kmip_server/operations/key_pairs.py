"""Create Key Pair and Re-key Key Pair (KMIP 1.4, 4.2 and 4.5; 2.1, 6.1.9 and 6.1.47)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import LinkType, ObjectType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import CreateKeyPairResponse, Link, ReKeyKeyPairResponse
from kmip_server.objects.birth import Given, bring_all_into_being, given_by, merged, object_type_must_be_offered
from kmip_server.objects.defaults import defaults_fill_in
from kmip_server.objects.key_pairs import new_pair
from kmip_server.objects.succession import handed_over, inherited
from kmip_server.operations.table import operation
from kmip_server.versions import V1_1

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CreateKeyPairRequest, ReKeyKeyPairRequest
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction

_HALVES = (ObjectType.PRIVATE_KEY, ObjectType.PUBLIC_KEY)


@operation(Operation.CREATE_KEY_PAIR, writes=True)
async def create_key_pair(request: CreateKeyPairRequest, context: RequestContext) -> CreateKeyPairResponse:
    """Two new objects, written together. The ID Placeholder is the private key's identifier."""
    private, public = _given_for_both(request, context)
    for object_type, given in zip(_HALVES, (private, public), strict=True):
        object_type_must_be_offered(object_type, context)
        defaults_fill_in(given, object_type, context)
        if "Cryptographic Usage Mask" not in given:
            sentence = "Create Key Pair needs the attribute Cryptographic Usage Mask for each of the keys"
            raise KmipFailure(ResultReason.MISSING_DATA, sentence)
    made = await new_pair(private, public, context)
    await bring_all_into_being(made, context)
    return CreateKeyPairResponse(
        private_key_unique_identifier=made[0].unique_identifier, public_key_unique_identifier=made[1].unique_identifier
    )


@operation(Operation.RE_KEY_KEY_PAIR, writes=True, since=V1_1)
async def re_key_key_pair(request: ReKeyKeyPairRequest, context: RequestContext) -> ReKeyKeyPairResponse:
    """A new pair in the place of an existing one, whose names it takes over."""
    existing = _existing_pair(context.identify(request.private_key_unique_identifier), context)
    given = _given_for_both(request, context)
    heirs = [inherited(one, own, request.offset, context) for one, own in zip(existing, given, strict=True)]
    made = await new_pair(heirs[0], heirs[1], context)

    def handed_over_both(transaction: Transaction) -> None:
        for one, newborn in zip(existing, made, strict=True):
            handed_over(one, context)(transaction, newborn)

    await bring_all_into_being(made, context, also=handed_over_both)
    return ReKeyKeyPairResponse(
        private_key_unique_identifier=made[0].unique_identifier, public_key_unique_identifier=made[1].unique_identifier
    )


def _given_for_both(request: CreateKeyPairRequest | ReKeyKeyPairRequest, context: RequestContext) -> tuple[Given, Given]:
    """The attributes of the private and of the public key: each one's own over those that are common to both (4.2)."""
    private, public = (
        merged(_given(request, object_type, "common", context), _given(request, object_type, whose, context), context)
        for object_type, whose in zip(_HALVES, ("private_key", "public_key"), strict=True)
    )
    return private, public


def _given(request: CreateKeyPairRequest | ReKeyKeyPairRequest, object_type: ObjectType, whose: str, context: RequestContext) -> Given:
    fields = {"before_2": f"{whose}_template_attribute", "since_2": f"{whose}_attributes"}
    return given_by(request, object_type, context, **fields)


def _existing_pair(unique_identifier: str, context: RequestContext) -> tuple[ManagedObject, ManagedObject]:
    """The private key and the public key that it is linked to. Raises `KmipFailure` by 11.6."""
    private = context.services.shelf.get(context, unique_identifier)
    if private.object_type is not ObjectType.PRIVATE_KEY:
        sentence = "Re-key Key Pair is refused: the object is not a Private Key"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
    if private.is_destroyed:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "Re-key Key Pair is refused: the private key is destroyed")
    if private.envelope is None:
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "Re-key Key Pair is refused: the existing key's value is not on this server")
    linked = (one.value for one in private.instances("Link") if isinstance(one.value, Link))
    public = next((link.linked_object_identifier for link in linked if link.link_type is LinkType.PUBLIC_KEY_LINK), None)
    if public is None:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "Re-key Key Pair is refused: the private key has no Link to its public key")
    return private, context.services.shelf.get(context, context.identify(public))
