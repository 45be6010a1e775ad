"""Import and Export (KMIP 1.4, 4.41, 4.40; 2.1, 6.1.25, 6.1.18): an object together with all its attributes, in and out.

What is imported has the attributes that the request gives, whoever sets them otherwise: identifier, state, dates. What it does not give and
every object has, the server supplies. Attributes that the object says itself (Object Type, Key Format Type, …) must not say otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.attributes import attribute
from kmip_server.enums import KeyFormatType, KeyWrapType, ObjectType, Operation, ResultReason, State
from kmip_server.errors import KmipFailure
from kmip_server.lifecycle import DESTROYED_STATES
from kmip_server.messages import (
    Attributes,
    ExportResponse,
    ImportResponse,
    KeyBlock,
    PrivateKey,
    PublicKey,
    SymmetricKey,
)
from kmip_server.objects.at_rest import row_of
from kmip_server.objects.birth import Given, newborn, object_type_must_be_offered
from kmip_server.objects.key_access import algorithm_of, unwrapped
from kmip_server.objects.managed import Instance
from kmip_server.objects.material import HOLDINGS, IN_KEY_BLOCK, key_block_of, with_key_block
from kmip_server.objects.reflected import REFLECTED
from kmip_server.objects.values import names_must_be_free
from kmip_server.operations.attributes import attributes_of
from kmip_server.operations.get import fetched, value_must_be_obtainable
from kmip_server.operations.registration import must_be_registrable
from kmip_server.operations.table import operation
from kmip_server.versions import V1_4, V2_0
from kmip_server.wrapping.leavings import leave

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import Attribute, ExportRequest, ImportRequest
    from kmip_server.objects.managed import Holding, ManagedObject
    from kmip_server.store.contract import Transaction

MOST_CHARACTERS = 256
"""Length of a Unique Identifier that a client chooses."""

_WITHOUT_KEY_VALUE: dict[ObjectType, Callable[[KeyBlock], Holding]] = {
    ObjectType.SYMMETRIC_KEY: SymmetricKey,
    ObjectType.PUBLIC_KEY: PublicKey,
    ObjectType.PRIVATE_KEY: PrivateKey,
}
"""Objects that can be written without anything of what is destroyed: "the key material ... SHALL not be returned" (4.40)."""


@operation(Operation.EXPORT, writes=True, since=V1_4)
async def export(request: ExportRequest, context: RequestContext) -> ExportResponse:
    """The object, as Get would give it, and its attributes as they are before it."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    attributes = attributes_of(item, item.names(context.version), context)
    if item.is_destroyed:
        holding = _remains_of(item)
    else:
        value_must_be_obtainable(item, request, context)
        holding = await fetched(item, request, context)
    context.id_placeholder = item.unique_identifier
    if context.version < V2_0:
        return ExportResponse(
            object_type=item.object_type, unique_identifier=item.unique_identifier, attribute=attributes, managed_object=holding
        )
    return ExportResponse(
        object_type=item.object_type,
        unique_identifier=item.unique_identifier,
        attributes=Attributes(attributes),
        managed_object=holding,
    )


@operation(Operation.IMPORT, writes=True, since=V1_4)
async def import_(request: ImportRequest, context: RequestContext) -> ImportResponse:
    """Keep the object under its identifier, in place of another if the request says so."""
    identifier, holding = _identifier(request), request.managed_object
    object_type = next(kind for kind, holding_class in HOLDINGS.items() if isinstance(holding, holding_class))
    object_type_must_be_offered(object_type, context)
    if request.object_type not in (None, object_type):
        raise _invalid("the object in the request is not of the Object Type that the request names")
    if isinstance(holding, IN_KEY_BLOCK) and request.key_wrap_type is KeyWrapType.NOT_WRAPPED:
        holding = with_key_block(holding, await unwrapped(key_block_of(holding), context))
    named = request.attribute if context.version < V2_0 else () if request.attributes is None else request.attributes.attribute
    given, said = _given(named, object_type, context)
    _must_agree(said, identifier, object_type)
    must_be_registrable(holding, given, context)
    made = await newborn(object_type, given, holding, context, generated=False, unique_identifier=identifier)
    made = _in_state(made, said.get("State"))
    await context.store.write(lambda transaction: _put(made, transaction, context, replacing=request.replace_existing is True))
    context.when_done.append(lambda: context.services.wrapping.forget(identifier))
    context.id_placeholder = identifier
    return ImportResponse(unique_identifier=identifier)


def _identifier(request: ImportRequest) -> str:
    if not 1 <= len(request.unique_identifier) <= MOST_CHARACTERS:
        raise _invalid(f"the Unique Identifier has {len(request.unique_identifier)} characters; it can have 1 to {MOST_CHARACTERS}")
    return request.unique_identifier


def _given(named: Sequence[Attribute], object_type: ObjectType, context: RequestContext) -> tuple[Given, dict[str, object]]:
    """The attributes to keep, and those that are read off the object, by their values."""
    given: Given = {}
    said: dict[str, object] = {}
    for one in named:
        name, rule = one.attribute_name, attribute(one.attribute_name, context.version)
        if rule is None or object_type not in rule.applies_to:
            sentence = f"{name} is not an attribute of such objects under KMIP {context.version}"
            raise KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.INVALID_ATTRIBUTE)
        if name in REFLECTED:
            said[name] = one.attribute_value
            continue
        before = given.get(name, ())
        if before and not rule.multiple:
            sentence = f"{name} is given twice, and has one value only"
            raise KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.ATTRIBUTE_SINGLE_VALUED)
        index = one.attribute_index if one.attribute_index is not None else before[-1].index + 1 if before else 0
        if before and index <= before[-1].index:
            raise _invalid(f"the Attribute Indices of {name} do not grow")
        given[name] = (*before, Instance(index, one.attribute_value))
    return given, said


def _must_agree(said: dict[str, object], identifier: str, object_type: ObjectType) -> None:
    for name, is_so in (("Unique Identifier", identifier), ("Object Type", object_type)):
        if said.get(name, is_so) != is_so:
            sentence = f"the attribute {name} is another one than that of the object"
            raise KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.INVALID_ATTRIBUTE_VALUE)


def _in_state(made: ManagedObject, state: object) -> ManagedObject:
    if not isinstance(state, State):
        return made
    return made.but(state=state).without_material() if state in DESTROYED_STATES else made.but(state=state)


def _put(made: ManagedObject, transaction: Transaction, context: RequestContext, *, replacing: bool) -> None:
    identifier = made.unique_identifier
    existing = transaction.get(context.owner, identifier, for_update=True)
    if existing is not None and not replacing:
        raise KmipFailure(
            ResultReason.OBJECT_ALREADY_EXISTS, "an object of that Unique Identifier exists, and Replace Existing is not True"
        )
    names_must_be_free(transaction, context.owner, made.instances("Name"), ResultReason.INVALID_FIELD, besides=identifier)
    row = row_of(made)
    if existing is not None:
        transaction.update(row)
        leave(transaction, existing.envelope)
    else:
        transaction.insert(row)


def _remains_of(item: ManagedObject) -> Holding:
    if item.object_type not in _WITHOUT_KEY_VALUE:
        sentence = "the object is destroyed, and nothing of it is left but its attributes"
        raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.OBJECT_DESTROYED)
    bits = item.value("Cryptographic Length")
    block = KeyBlock(
        key_format_type=KeyFormatType.RAW if item.object_type is ObjectType.SYMMETRIC_KEY else KeyFormatType.OPAQUE,
        cryptographic_algorithm=algorithm_of(item),
        cryptographic_length=bits if isinstance(bits, int) else None,
    )
    return _WITHOUT_KEY_VALUE[item.object_type](block)


def _invalid(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence)
