"""Get (KMIP 1.4, 4.11): the object itself. The hottest operation: with the material at hand, nothing here suspends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.enums import KeyFormatType, KeyWrapType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Encoded, GetResponse, KeyBlock, KeyValue, OpaqueObject, SymmetricKey, TransparentSymmetricKey
from kmip_server.objects.key_access import unwrapped
from kmip_server.objects.material import key_block_of, put_together
from kmip_server.operations.key_wrapping import hides_the_key, wrapped
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import ExportRequest, GetRequest, SecretData
    from kmip_server.objects.managed import Holding, ManagedObject


@operation(Operation.GET, writes=True)
async def get(request: GetRequest, context: RequestContext) -> GetResponse:
    """Give the object back, in the format it has or can be turned into. State does not matter: vCenter fetches Pre-Active keys."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    _value_must_be_obtainable(item, request, context)
    if item.envelope is None:
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "the object was registered without its Key Value, so there is none to get")
    wrapping = context.services.wrapping
    material = wrapping.cached(item.unique_identifier, item.envelope)
    if material is None:
        material = await wrapping.unwrap(context.peer.client, item.unique_identifier, item.envelope)
    holding: Holding | Encoded | None = None
    if _is_wanted_as_it_is(request):
        holding = context.services.shelf.framed(item, material, context.version)
    if holding is None:
        holding = await as_asked(put_together(item.object_type, item.skeleton, material), item, request, context)
    if item.value("Fresh") is True:
        await context.services.shelf.change(
            context, item.unique_identifier, lambda fresh, _: fresh.with_values({"Fresh": False}), dated=False
        )
    return GetResponse(object_type=item.object_type, unique_identifier=item.unique_identifier, managed_object=holding)


def _value_must_be_obtainable(item: ManagedObject, request: GetRequest, context: RequestContext) -> None:
    """Destroyed: "the server only has attributes for this object" (11.12). Then Extractable and Sensitive (3.48, 3.50), then wrapping."""
    if item.is_destroyed:
        reason = ResultReason.ILLEGAL_OPERATION if context.version < V2_0 else ResultReason.OBJECT_DESTROYED
        raise KmipFailure(reason, "Get is refused: the object is destroyed, only its attributes are left")
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
    if request.key_compression_type is not None:
        raise KmipFailure(ResultReason.KEY_COMPRESSION_TYPE_NOT_SUPPORTED, "only elliptic curve public keys can be compressed")
    if isinstance(holding, OpaqueObject):
        if request.key_format_type is not None:
            raise KmipFailure(ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED, "an Opaque Object has no Key Format Type")
        if request.key_wrapping_specification is not None:
            sentence = "an Opaque Object has no Key Block that could be wrapped"
            raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
        return holding
    block, wrapping = key_block_of(holding), request.key_wrapping_specification
    if request.key_wrap_type is KeyWrapType.NOT_WRAPPED or wrapping is not None:
        block = await unwrapped(block, context)
    holding = replace(holding, key_block=block)
    if request.key_format_type is not None and request.key_format_type is not block.key_format_type:
        holding = _converted(holding, block, request.key_format_type)
    if wrapping is None:
        return holding
    return replace(holding, key_block=await wrapped(key_block_of(holding), item, wrapping, context))


def _converted(holding: SymmetricKey | SecretData, block: KeyBlock, wanted: KeyFormatType) -> SymmetricKey:
    """Raw ⇄ Transparent Symmetric Key; nothing else is converted."""
    value = block.key_value
    if isinstance(holding, SymmetricKey) and isinstance(value, KeyValue):
        material = value.key_material
        if wanted is KeyFormatType.RAW and isinstance(material, TransparentSymmetricKey):
            return SymmetricKey(key_block=replace(block, key_format_type=wanted, key_value=replace(value, key_material=material.key)))
        if wanted is KeyFormatType.TRANSPARENT_SYMMETRIC_KEY and block.key_format_type is KeyFormatType.RAW and isinstance(material, bytes):
            transparent = replace(value, key_material=TransparentSymmetricKey(key=material))
            return SymmetricKey(key_block=replace(block, key_format_type=wanted, key_value=transparent))
    raise KmipFailure(
        ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED, f"the object is {block.key_format_type.name}, and cannot be given as {wanted.name}"
    )
