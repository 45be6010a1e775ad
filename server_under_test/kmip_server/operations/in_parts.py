"""What cryptographic operations in parts have in common: the key, which the first part names (KMIP 2.1, 7.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from kmip_server.crypto.streams import Part
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import ObjectIdentifier
    from kmip_server.objects.managed import ManagedObject


class NamesKey(Protocol):
    """A request that names a key."""

    @property
    def unique_identifier(self) -> ObjectIdentifier | None: ...


class KnowsKey(Protocol):
    """What is kept between two parts: among other things, whose key it is."""

    @property
    def unique_identifier(self) -> str: ...


def key_of(request: NamesKey, part: Part[KnowsKey], context: RequestContext) -> ManagedObject:
    """The key as it is now. A later part may leave it out, and may not name another."""
    if part.state is None:
        return context.services.shelf.get(context, context.identify(request.unique_identifier))
    began = part.state.unique_identifier
    if request.unique_identifier is not None and context.identify(request.unique_identifier) != began:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the operation with that Correlation Value was begun with another key")
    return context.services.shelf.get(context, began)
