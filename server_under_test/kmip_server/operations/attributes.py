"""Reading and changing attributes (KMIP 1.4, 4.12-4.16; 2.1, 6.1).

The refusals are those of the tables 1.4, 11.13-11.17 and of 2.1's error sections. Until 1.4 an attribute is meant by its name and index
and comes back in the answer; since 2.0 it is meant by its value or a reference, and the answer is the identifier alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    AddAttributeResponse,
    Attribute,
    AttributeReference,
    Attributes,
    DeleteAttributeResponse,
    GetAttributeListResponse,
    GetAttributesResponse,
    ModifyAttributeResponse,
    SetAttributeResponse,
)
from kmip_server.objects import changes
from kmip_server.objects.changes import Which
from kmip_server.objects.values import exists_in
from kmip_server.operations.table import operation
from kmip_server.versions import V1_1, V2_0, V3_0

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import (
        AddAttributeRequest,
        DeleteAttributeRequest,
        GetAttributeListRequest,
        GetAttributesRequest,
        ModifyAttributeRequest,
        SetAttributeRequest,
    )
    from kmip_server.objects.managed import Instance, ManagedObject
    from kmip_server.store.contract import Transaction


@operation(Operation.GET_ATTRIBUTES, writes=False)
async def get_attributes(request: GetAttributesRequest, context: RequestContext) -> GetAttributesResponse:
    """The attributes asked for that are set; all of them when no name is given. What is not set is left out, without an error."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier), archived=True)
    asked = request.attribute_name if context.version < V2_0 else request.attribute_reference
    wanted: Iterable[str] = dict.fromkeys(asked)
    if len(asked) != len(tuple(wanted)) and V1_1 <= context.version < V3_0:  # there each type of Link has a reference of its own
        twice = next(name for name in wanted if asked.count(name) > 1)
        raise KmipFailure(ResultReason.INVALID_MESSAGE, f"Attribute Name specified more than once: {twice}")
    if not asked:
        wanted = item.names(context.version)
    found = attributes_of(item, wanted, context)
    if context.version < V2_0:
        return GetAttributesResponse(unique_identifier=item.unique_identifier, attribute=found)
    return GetAttributesResponse(unique_identifier=item.unique_identifier, attributes=Attributes(found))


@operation(Operation.GET_ATTRIBUTE_LIST, writes=False)
async def get_attribute_list(request: GetAttributeListRequest, context: RequestContext) -> GetAttributeListResponse:
    """The names of the attributes that are set."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier), archived=True)
    names = tuple(item.names(context.version))
    if context.version < V2_0:
        return GetAttributeListResponse(unique_identifier=item.unique_identifier, attribute_name=names)
    references = tuple(AttributeReference(name) for name in names)
    return GetAttributeListResponse(unique_identifier=item.unique_identifier, attribute_reference=references)


@operation(Operation.ADD_ATTRIBUTE, writes=True)
async def add_attribute(request: AddAttributeRequest, context: RequestContext) -> AddAttributeResponse:
    """A first or a further instance."""
    unique_identifier, given = context.identify(request.unique_identifier), _given(request.attribute, request.new_attribute)
    if given.attribute_index is not None:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Attribute Index is the server's to give; Add Attribute must not contain one")
    added: list[Instance] = []

    def edit(item: ManagedObject, transaction: Transaction) -> ManagedObject:
        after, instance = changes.added(item, given.attribute_name, given.attribute_value, context, transaction)
        added.append(instance)
        return after

    await context.services.shelf.change(context, unique_identifier, edit)
    return AddAttributeResponse(unique_identifier=unique_identifier, attribute=written(given.attribute_name, added[-1]))


@operation(Operation.MODIFY_ATTRIBUTE, writes=True)
async def modify_attribute(request: ModifyAttributeRequest, context: RequestContext) -> ModifyAttributeResponse:
    """Another value for an instance that exists; until 1.4, without Attribute Index it is number 0."""
    unique_identifier, given = context.identify(request.unique_identifier), _given(request.attribute, request.new_attribute)
    which = Which(given.attribute_index)
    if request.current_attribute is not None:
        current = _given(None, request.current_attribute)
        if current.attribute_name != given.attribute_name:
            raise KmipFailure(ResultReason.INVALID_FIELD, "Current Attribute and New Attribute are not the same attribute")
        which = Which(current=current.attribute_value)
    modified: list[Instance] = []

    def edit(item: ManagedObject, transaction: Transaction) -> ManagedObject:
        after, instance = changes.modified(item, given.attribute_name, which, given.attribute_value, context, transaction)
        modified.append(instance)
        return after

    await context.services.shelf.change(context, unique_identifier, edit)
    return ModifyAttributeResponse(unique_identifier=unique_identifier, attribute=written(given.attribute_name, modified[-1]))


@operation(Operation.SET_ATTRIBUTE, writes=True, since=V2_0)
async def set_attribute(request: SetAttributeRequest, context: RequestContext) -> SetAttributeResponse:
    """One value, whether there was one before or not (2.1, 6.1.51)."""
    unique_identifier, given = context.identify(request.unique_identifier), _given(None, request.new_attribute)

    def edit(item: ManagedObject, transaction: Transaction) -> ManagedObject:
        return changes.was_set(item, given.attribute_name, given.attribute_value, context, transaction)[0]

    await context.services.shelf.change(context, unique_identifier, edit)
    return SetAttributeResponse(unique_identifier=unique_identifier)


@operation(Operation.DELETE_ATTRIBUTE, writes=True)
async def delete_attribute(request: DeleteAttributeRequest, context: RequestContext) -> DeleteAttributeResponse:
    """One instance less (until 1.4 the answer holds what it was); with nothing but a reference, since 2.0, all of them."""
    unique_identifier = context.identify(request.unique_identifier)
    name, which = _meant(request)
    deleted: list[Instance] = []

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        if which is None:
            return changes.all_deleted(item, name, context)
        after, instance = changes.deleted(item, name, which, context)
        deleted.append(instance)
        return after

    await context.services.shelf.change(context, unique_identifier, edit)
    answer = written(name, deleted[-1]) if deleted else None
    return DeleteAttributeResponse(unique_identifier=unique_identifier, attribute=answer)


def _meant(request: DeleteAttributeRequest) -> tuple[str, Which | None]:
    """The attribute to delete, and which instance; None: all of them."""
    if request.attribute_name is not None:
        return request.attribute_name, Which(request.attribute_index)
    if request.current_attribute is not None:
        current = _given(None, request.current_attribute)
        return current.attribute_name, Which(current=current.attribute_value)
    if request.attribute_reference is None:
        raise KmipFailure(ResultReason.INVALID_FIELD, "Delete Attribute needs a Current Attribute or an Attribute Reference")
    return request.attribute_reference, None


def _given(attribute: Attribute | None, attributes: Attributes | None) -> Attribute:
    """The one attribute of a request: as 1.x carries it, or in the New or Current Attribute of 2.x."""
    if attribute is not None:
        return attribute
    held = () if attributes is None else attributes.attribute
    if len(held) != 1:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"one attribute is expected here, and the request holds {len(held)}")
    return held[0]


def attributes_of(item: ManagedObject, names: Iterable[str], context: RequestContext) -> tuple[Attribute, ...]:
    """Every instance of these attributes that the asker's version has words for; what is not set is left out."""
    return tuple(
        written(name, instance)
        for name in names
        if item.has_in(name, context.version)
        for instance in item.instances(name)
        if exists_in(instance.value, context.version)
    )


def written(name: str, instance: Instance) -> Attribute:
    """An instance as an Attribute; "the Attribute Index MAY be omitted if the index is 0" (4.14), and is."""
    return Attribute(attribute_name=name, attribute_index=instance.index or None, attribute_value=instance.value)
