"""What a client is told of its objects: Put of what is new, Notify of what has changed (KMIP 1.4, 5.2 and 5.1; 2.1, 6.2.3 and 6.2.2).

Decisions where the standard leaves room:

* Put carries what Get would give, and that only: an object that is Sensitive, not Extractable or without material is told by Notify.
* A change of which nothing is known but that it happened is told with the State and the Last Change Date.
* What changes by mere use (Fresh, Usage Limits) is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.codec.items import write_item, write_string
from kmip_server.codec.wire import head_of
from kmip_server.enums import ItemType, LinkType, Operation, PutFunction, Tag
from kmip_server.messages import Attribute, AttributeReference, Attributes, Encoded, Link, NotifyRequest, PutRequest
from kmip_server.objects.at_rest import object_of
from kmip_server.objects.material import put_together
from kmip_server.objects.values import exists_in
from kmip_server.operations.attributes import attributes_of, written
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kmip_server.engine.context import RequestContext
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import StoredObject

CHANGED = "Last Change Date"

UNTOLD = frozenset({CHANGED, "Fresh", "Usage Limits"})
"""What changes by mere use, and is not told alone."""


async def news_of(
    before: StoredObject | None, after: StoredObject, takes: frozenset[Operation] | None, context: RequestContext
) -> PutRequest | NotifyRequest | None:
    """What a row that was written is told by, of the operations that the client takes; None when it is not."""
    item, was = object_of(after), None if before is None else object_of(before)
    if after.revision == 1 and (takes is None or Operation.PUT in takes) and can_be_put(item):
        return await put_of(item, context)
    if takes is not None and Operation.NOTIFY not in takes:
        return None
    return notify_of(item, ("State",), context) if was is None else notify_of_change(was, item, context)


def can_be_put(item: ManagedObject) -> bool:
    """Whether an object may leave as it is, and has what would leave."""
    return item.envelope is not None and item.value("Sensitive") is not True and item.value("Extractable") is not False


async def put_of(item: ManagedObject, context: RequestContext, *, replaces: str | None = None) -> PutRequest:
    """The object with all of its attributes; ``replaces``: what it takes the place of, if it does not say so itself."""
    assert item.envelope is not None
    material = await context.services.wrapping.unwrap(context.peer.client, item.unique_identifier, item.envelope)
    replaced = replaces or _replaced(item)
    attributes, in_2 = attributes_of(item, item.names(context.version), context), context.version >= V2_0
    return PutRequest(
        unique_identifier=item.unique_identifier,
        put_function=PutFunction.NEW if replaced is None else PutFunction.REPLACE,
        replaced_unique_identifier=replaced,
        managed_object=put_together(item.object_type, item.skeleton, material),
        attribute=() if in_2 else attributes,
        attributes=Attributes(attributes) if in_2 else None,
    )


def notify_of_change(was: ManagedObject, item: ManagedObject, context: RequestContext) -> NotifyRequest | None:
    """Which attributes have changed and which are gone; None when nothing is that would be told."""
    names = dict.fromkeys((*item.names(context.version), *was.names(context.version)))
    changed = [(name, instance) for name in names for instance in item.instances(name) if instance not in was.instances(name)]
    gone = [
        (name, instance.index)
        for name in names
        for instance in was.instances(name)
        if instance.index not in {one.index for one in item.instances(name)}
    ]
    if not {name for name, _ in (*changed, *gone)} - UNTOLD:
        return None
    told = [written(name, instance) for name, instance in changed if name != CHANGED and exists_in(instance.value, context.version)]
    return _notify(item, [*told, *attributes_of(item, (CHANGED,), context)], gone, context)


def notify_of(item: ManagedObject, names: Iterable[str], context: RequestContext) -> NotifyRequest:
    """The attributes with these names as they are now, and the Last Change Date."""
    return _notify(item, attributes_of(item, dict.fromkeys((*names, CHANGED)), context), (), context)


def _notify(item: ManagedObject, changed: Iterable[Attribute], gone: Iterable[tuple[str, int]], context: RequestContext) -> NotifyRequest:
    if context.version < V2_0:
        return NotifyRequest(unique_identifier=item.unique_identifier, attribute=(*changed, *_without_value(gone)))
    references = tuple(AttributeReference(name) for name in dict.fromkeys(name for name, _ in gone))
    return NotifyRequest(unique_identifier=item.unique_identifier, attributes=Attributes(tuple(changed)), attribute_reference=references)


def _without_value(gone: Iterable[tuple[str, int]]) -> Iterator[Encoded]:
    """An attribute that was deleted: its structure "SHALL NOT contain the Attribute Value field" (1.4, 5.1)."""
    for name, index in gone:
        content = write_item(Tag.ATTRIBUTE_NAME, ItemType.TEXT_STRING, name)
        if index:
            content += write_item(Tag.ATTRIBUTE_INDEX, ItemType.INTEGER, index)
        yield Encoded(write_string(head_of(Tag.ATTRIBUTE, ItemType.STRUCTURE), content))


def _replaced(item: ManagedObject) -> str | None:
    """The object that this one took the place of, where it says so."""
    links = (instance.value for instance in item.instances("Link"))
    found = (link for link in links if isinstance(link, Link) and link.link_type is LinkType.REPLACED_OBJECT_LINK)
    return next((str(link.linked_object_identifier) for link in found), None)
