"""Reading and changing attributes (KMIP 1.4, 4.12-4.16); the refusals are those of the tables 11.13-11.17."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kmip_server.attributes import attribute as rule_of
from kmip_server.attributes import is_custom
from kmip_server.enums import Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    AddAttributeResponse,
    Attribute,
    DeleteAttributeResponse,
    GetAttributeListResponse,
    GetAttributesResponse,
    ModifyAttributeResponse,
)
from kmip_server.objects import changes
from kmip_server.objects.values import exists_in
from kmip_server.operations.table import operation
from kmip_server.versions import V1_1

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import (
        AddAttributeRequest,
        DeleteAttributeRequest,
        GetAttributeListRequest,
        GetAttributesRequest,
        ModifyAttributeRequest,
    )
    from kmip_server.objects.managed import Instance, ManagedObject
    from kmip_server.store.contract import Transaction

T = TypeVar("T")


@operation(Operation.GET_ATTRIBUTES, writes=False)
async def get_attributes(request: GetAttributesRequest, context: RequestContext) -> GetAttributesResponse:
    """The attributes asked for that are set; all of them when no name is given. What is not set is left out, without an error."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    wanted: Iterable[str] = dict.fromkeys(request.attribute_name)
    if len(request.attribute_name) != len(tuple(wanted)) and context.version >= V1_1:
        twice = next(name for name in wanted if request.attribute_name.count(name) > 1)
        raise KmipFailure(ResultReason.INVALID_MESSAGE, f"Attribute Name specified more than once: {twice}")
    if not request.attribute_name:
        wanted = item.names(context.version)
    found = tuple(
        written(name, instance)
        for name in wanted
        if is_custom(name) or rule_of(name, context.version) is not None
        for instance in item.instances(name)
        if exists_in(instance.value, context.version)
    )
    return GetAttributesResponse(unique_identifier=item.unique_identifier, attribute=found)


@operation(Operation.GET_ATTRIBUTE_LIST, writes=False)
async def get_attribute_list(request: GetAttributeListRequest, context: RequestContext) -> GetAttributeListResponse:
    """The names of the attributes that are set."""
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    return GetAttributeListResponse(unique_identifier=item.unique_identifier, attribute_name=tuple(item.names(context.version)))


@operation(Operation.ADD_ATTRIBUTE, writes=True)
async def add_attribute(request: AddAttributeRequest, context: RequestContext) -> AddAttributeResponse:
    """A first or a further instance."""
    unique_identifier, given = context.identify(request.unique_identifier), _required(request.attribute)
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
    """Another value for an instance that exists; without Attribute Index it is number 0."""
    unique_identifier, given = context.identify(request.unique_identifier), _required(request.attribute)
    modified: list[Instance] = []

    def edit(item: ManagedObject, transaction: Transaction) -> ManagedObject:
        after, instance = changes.modified(item, given.attribute_name, given.attribute_index, given.attribute_value, context, transaction)
        modified.append(instance)
        return after

    await context.services.shelf.change(context, unique_identifier, edit)
    return ModifyAttributeResponse(unique_identifier=unique_identifier, attribute=written(given.attribute_name, modified[-1]))


@operation(Operation.DELETE_ATTRIBUTE, writes=True)
async def delete_attribute(request: DeleteAttributeRequest, context: RequestContext) -> DeleteAttributeResponse:
    """One instance less; the answer holds what it was."""
    unique_identifier, name = context.identify(request.unique_identifier), _required(request.attribute_name)
    deleted: list[Instance] = []

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        after, instance = changes.deleted(item, name, request.attribute_index, context)
        deleted.append(instance)
        return after

    await context.services.shelf.change(context, unique_identifier, edit)
    return DeleteAttributeResponse(unique_identifier=unique_identifier, attribute=written(name, deleted[-1]))


def _required(value: T | None) -> T:
    """A field that the tables require until 1.4; newer versions, which have others, are not on offer."""
    assert value is not None
    return value


def written(name: str, instance: Instance) -> Attribute:
    """An instance as an Attribute; "the Attribute Index MAY be omitted if the index is 0" (4.14), and is."""
    return Attribute(attribute_name=name, attribute_index=instance.index or None, attribute_value=instance.value)
