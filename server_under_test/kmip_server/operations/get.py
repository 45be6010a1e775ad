"""Get (KMIP 1.4, 4.11): the object itself. The hottest operation: with the material at hand, nothing here suspends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import KeyFormatType, KeyWrapType, ObjectType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import GetResponse, PrivateKey
from kmip_server.objects.conversion import converted
from kmip_server.objects.key_access import holding_of, unwrapped
from kmip_server.objects.material import IN_KEY_BLOCK, key_block_of, with_key_block
from kmip_server.operations.key_wrapping import hides_the_key, wrapped
from kmip_server.operations.pkcs12 import container_of
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2, V1_3

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import Encoded, ExportRequest, GetRequest
    from kmip_server.objects.managed import Holding, ManagedObject


@operation(Operation.GET, writes=True)
async def get(request: GetRequest, context: RequestContext) -> GetResponse:
    """Give the object back, in the format it has or can be turned into. State does not matter: vCenter fetches Pre-Active keys."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    value_must_be_obtainable(item, request, context)
    holding: Holding | Encoded | None = _at_hand(item, request, context)
    if holding is None:
        holding = await fetched(item, request, context)
    if item.value("Fresh") is True:
        await context.services.shelf.change(
            context, item.unique_identifier, lambda fresh, _: fresh.with_values({"Fresh": False}), dated=False
        )
    return GetResponse(object_type=item.object_type, unique_identifier=item.unique_identifier, managed_object=holding)


def _at_hand(item: ManagedObject, request: GetRequest, context: RequestContext) -> Encoded | None:
    """The object as it is, encoded, where nobody has to be asked for it and nothing is to be done with it."""
    if item.envelope is None or not _is_wanted_as_it_is(request):
        return None
    material = context.services.wrapping.cached(item.unique_identifier, item.envelope)
    return None if material is None else context.services.shelf.framed(item, material, context.version)


async def fetched(item: ManagedObject, request: GetRequest | ExportRequest, context: RequestContext) -> Holding:
    """The object as the request wants it. Raises `KmipFailure` where it cannot be had so."""
    if item.envelope is None:
        return await as_asked(_without_material(item, context), item, request, context)
    return await as_asked(await holding_of(item, context), item, request, context)


def _without_material(item: ManagedObject, context: RequestContext) -> Holding:
    """A Template, or a key whose Key Value is elsewhere: the object without it, as it was registered (OASIS's case TC-MDO-1)."""
    if item.skeleton is None or (context.version < V1_2 and isinstance(item.skeleton, IN_KEY_BLOCK)):
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "the object has no Key Value here, so there is none to get")
    return item.skeleton


def value_must_be_obtainable(item: ManagedObject, request: GetRequest | ExportRequest, context: RequestContext) -> None:
    """Destroyed, when "the server only has attributes for this object" (11.12); then Extractable and Sensitive (3.48, 3.50), then wrapping.

    A destroyed Template is no more at all: that row of 11.12 leaves Templates out. Under 1.0 to 1.2 a destroyed object is Item Not Found,
    as the published cases of those versions have it (TC 3.1.4); both rows of the table fit.
    """
    if item.is_destroyed and item.object_type is ObjectType.TEMPLATE:
        raise KmipFailure(ResultReason.ITEM_NOT_FOUND, "Get is refused: the Template is destroyed")
    if item.is_destroyed:
        reason = ResultReason.ITEM_NOT_FOUND if context.version < V1_3 else ResultReason.ILLEGAL_OPERATION
        sentence = "Get is refused: the object is destroyed, only its attributes are left"
        raise KmipFailure(reason, sentence, reason_2=ResultReason.OBJECT_DESTROYED)
    if item.value("Extractable") is False:
        raise KmipFailure(ResultReason.NOT_EXTRACTABLE, "Get is refused: the object's Extractable attribute is False")
    asked = request.key_wrapping_specification
    if item.value("Sensitive") is True and (asked is None or not hides_the_key(asked)):
        raise KmipFailure(ResultReason.SENSITIVE, "Get is refused: the object's Sensitive attribute is True, it leaves only when wrapped")


def _is_wanted_as_it_is(request: GetRequest) -> bool:
    return (
        request.key_format_type is None
        and request.key_wrapping_specification is None
        and request.key_compression_type is None
        and request.key_wrap_type is None
    )


async def as_asked(holding: Holding, item: ManagedObject, request: GetRequest | ExportRequest, context: RequestContext) -> Holding:
    """The object in the Key Format Type, Key Wrap Type, Key Compression Type and wrapping of the request, or `KmipFailure`."""
    wrapping = request.key_wrapping_specification
    if not isinstance(holding, IN_KEY_BLOCK):
        if wrapping is not None:
            sentence = "the object has no Key Block that could be wrapped"
            raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
        return converted(holding, item, request.key_format_type, request.key_compression_type)
    if request.key_format_type is KeyFormatType.PKCS_12 and isinstance(holding, PrivateKey) and wrapping is None:
        return await container_of(item, context)
    if request.key_wrap_type is KeyWrapType.NOT_WRAPPED or wrapping is not None:
        holding = with_key_block(holding, await unwrapped(key_block_of(holding), context))
    holding = converted(holding, item, request.key_format_type, request.key_compression_type)
    if wrapping is None:
        return holding
    return with_key_block(holding, await wrapped(key_block_of(holding), item, wrapping, context))
