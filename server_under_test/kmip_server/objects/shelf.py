"""Objects by identifier: read from the store, decoded once a revision, changed inside a transaction.

One client never sees another's object: every call names the owner, and an unknown identifier is answered exactly as a foreign one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Encoded
from kmip_server.objects.at_rest import object_of, row_of
from kmip_server.objects.material import frame_of
from kmip_server.wrapping.leavings import leave

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.engine.context import RequestContext
    from kmip_server.objects.managed import Holding, ManagedObject
    from kmip_server.store.contract import StoredObject, Transaction
    from kmip_server.versions import KmipVersion

_CAPACITY = 10_000


class Shelf:
    """Decoded objects, the newest revision of each, so that a hot read decodes nothing."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        """``capacity``: how many objects are remembered; beyond it the longest remembered is forgotten."""
        self._capacity = capacity
        self._decoded: dict[tuple[str, str], tuple[StoredObject, ManagedObject]] = {}
        self._frames: dict[tuple[str, KmipVersion], tuple[Holding, tuple[bytes, bytes] | None]] = {}

    def get(self, context: RequestContext, unique_identifier: str, *, archived: bool = False) -> ManagedObject:
        """The object as it is now; one in archival storage only for those who can do with that (``archived``).

        Raises `KmipFailure` when this client has none of that identifier (Item Not Found), or has to recover it first (Object Archived).
        """
        row = context.store.get(context.owner, unique_identifier)
        if row is None:
            raise unknown(unique_identifier, context, context.store.get)
        item = self._read(row).at(context.now)
        if item.is_archived and not archived:
            raise must_be_recovered()
        return item

    def framed(self, item: ManagedObject, material: bytes, version: KmipVersion) -> Encoded | None:
        """The object around its material, encoded: what does not change between two Gets is kept, the material is not.

        None where only the codec can put the two together.
        """
        if item.skeleton is None:
            return None
        key = (item.unique_identifier, version)
        known = self._frames.get(key)
        if known is None or known[0] is not item.skeleton:
            _make_room(self._frames, self._capacity)
            known = self._frames[key] = (item.skeleton, frame_of(item.object_type, item.skeleton, len(material), version))
        frame = known[1]
        return None if frame is None else Encoded(frame[0] + material + frame[1])

    async def change(
        self,
        context: RequestContext,
        unique_identifier: str,
        edit: Callable[[ManagedObject, Transaction], ManagedObject],
        *,
        dated: bool = True,
        archived: bool = False,
    ) -> ManagedObject:
        """Change an object and give it back as it is now, durable. ``edit`` sees the newest revision, moved by its dates.

        The Last Change Date is set here (KMIP 1.4, 3.38) when ``dated``, the revision by the store. An edit that returns its argument
        changes nothing.
        """
        return await context.store.write(
            lambda transaction: changed(context, unique_identifier, edit, transaction, dated=dated, archived=archived)
        )

    async def settle(self, context: RequestContext, unique_identifiers: list[str]) -> None:
        """Write the states of objects whose dates have come, so that the store's index tells them."""

        def in_transaction(transaction: Transaction) -> None:
            for unique_identifier in unique_identifiers:
                row = transaction.get(context.owner, unique_identifier, for_update=True)
                if row is not None and (due := object_of(row)).at(context.now) is not due:
                    transaction.update(row_of(due.at(context.now)))

        await context.store.write(in_transaction)

    def _read(self, row: StoredObject) -> ManagedObject:
        key = (row.owner, row.unique_identifier)
        known = self._decoded.get(key)
        if known is not None and (known[0] is row or known[0] == row):
            return known[1]
        _make_room(self._decoded, self._capacity)
        read = object_of(row)
        self._decoded[key] = (row, read)
        return read


def changed(
    context: RequestContext,
    unique_identifier: str,
    edit: Callable[[ManagedObject, Transaction], ManagedObject],
    transaction: Transaction,
    *,
    dated: bool = True,
    archived: bool = False,
) -> ManagedObject:
    """`Shelf.change`, inside a transaction that does more than this."""
    row = transaction.get(context.owner, unique_identifier, for_update=True)
    if row is None:
        raise unknown(unique_identifier, context, transaction.get)
    before = object_of(row).at(context.now)
    if before.is_archived and not archived:
        raise must_be_recovered()
    after = edit(before, transaction)
    if after is before:
        return before
    if dated:
        after = after.with_values({"Last Change Date": context.now})
    after = after.at(context.now)
    transaction.update(row_of(after))
    if after.envelope is not before.envelope:
        leave(transaction, before.envelope)
    context.services.rotation.expect(after)
    return after


def _make_room(remembered: dict[Any, Any], capacity: int) -> None:
    if len(remembered) >= capacity:
        remembered.pop(next(iter(remembered)), None)


def must_be_recovered() -> KmipFailure:
    """The object is in archival storage (KMIP 1.4, 6.10: it "SHALL be recovered from the archive before performing the operation")."""
    return KmipFailure(ResultReason.OBJECT_ARCHIVED, "the object is archived; Recover brings it back")


def unknown(unique_identifier: str, context: RequestContext, get: Callable[[str, str], StoredObject | None]) -> KmipFailure:
    """Why this client has no such object: nobody has it, or nobody that this client may know of.

    Users who come through one gateway are one tenant's: to them, what belongs to another of them is denied (KMIP 1.4, 3.18.2). A client
    that has no credential cannot come through any, and stays unmentioned.
    """
    if context.gateway is not None:
        directory = context.services.directory
        users = (one for one in directory.clients() if one.username is not None or directory.credentials.held(one.id))
        owners = {user.owner for user in users}
        if any(get(owner, unique_identifier) is not None for owner in owners):
            sentence = "the object belongs to another user, and the default operation policy lets its owner alone use it"
            return KmipFailure(ResultReason.PERMISSION_DENIED, sentence)
    return not_found(unique_identifier)


def not_found(unique_identifier: str) -> KmipFailure:
    """Nothing of that identifier belongs to this client; whether it exists at all stays unsaid."""
    shown = unique_identifier if len(unique_identifier) <= 64 else unique_identifier[:64] + "…"
    sentence = f"no object with the Unique Identifier {shown!r} was found"
    return KmipFailure(ResultReason.ITEM_NOT_FOUND, sentence, reason_2=ResultReason.OBJECT_NOT_FOUND)
