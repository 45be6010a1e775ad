"""Templates (KMIP 1.4, 2.2.6), until 1.4: named sets of attributes for objects that are made later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.attributes import index_key
from kmip_server.enums import ObjectType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Template
from kmip_server.objects.at_rest import ARCHIVED, IS_ON_LINE
from kmip_server.store.contract import Equals, LocateQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import Name


def templates_named(names: Sequence[Name], context: RequestContext) -> Iterator[Template]:
    """The client's Templates of these names. Raises `KmipFailure` (Item Not Found, Object Archived)."""
    for name in names:
        criteria = (Equals("Name", index_key(name)), Equals("Object Type", int(ObjectType.TEMPLATE)))
        found = context.store.locate(context.owner, LocateQuery((*criteria, *IS_ON_LINE), maximum=1))
        if not found:
            archived = context.store.locate(context.owner, LocateQuery((*criteria, Equals(*ARCHIVED)), maximum=1))
            reason = ResultReason.OBJECT_ARCHIVED if archived else ResultReason.ITEM_NOT_FOUND
            raise KmipFailure(reason, f"there is no Template named {name.name_value!r}{' on-line' if archived else ''}")
        holding = context.services.shelf.get(context, found[0]).skeleton
        if isinstance(holding, Template):
            yield holding
