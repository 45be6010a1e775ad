"""What outlives a request and is no managed object: tickets, requests under way, sessions of PKCS#11.

Such entries are rows of the store like any other, in books of their own: a book's name stands where an owner's would, so that no client
ever finds them among its objects, and they are as durable as those. Each entry knows whose it is and when it expires; whoever adds one
takes the expired ones away, and a client may have only so many of a kind.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.store.contract import Between, Equals, LocateQuery, StoredObject

if TYPE_CHECKING:
    from kmip_server.store.contract import Store, Transaction

CLIENT, EXPIRES, STAGE = "client", "expires", "stage"
"""What entries are found by."""

SWEEP = 100
"""How many expired entries one addition takes away at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a book. ``content`` is what JSON can write; times are in seconds since 1970; ``stage`` is the book's own."""

    key: str
    client: str
    content: dict[str, Any]
    created: int
    expires: int
    stage: int = 0

    def with_content(self, **content: Any) -> Entry:
        """The entry with some of its content changed."""
        return replace(self, content={**self.content, **content})


@dataclass(frozen=True, slots=True)
class Book:
    """The entries of one kind. ``name`` begins with what no client's identifier may.

    ``most``: how many one client may have; None: any number.
    """

    name: str
    most: int | None

    def read(self, store: Store | Transaction, key: str, now: int) -> Entry | None:
        """The entry, unless it has expired."""
        row = store.get(self.name, key)
        entry = None if row is None else _entry(row)
        return entry if entry is not None and now < entry.expires else None

    def of_client(self, store: Store | Transaction, client: str) -> list[str]:
        """The keys of a client's entries, newest first."""
        return store.locate(self.name, LocateQuery((Equals(CLIENT, client),)))

    def of_stage(self, store: Store | Transaction, stage: int) -> list[str]:
        """The keys of all entries that are at this stage, newest first."""
        return store.locate(self.name, LocateQuery((Equals(STAGE, stage),)))

    def add(self, transaction: Transaction, entry: Entry) -> None:
        """Add an entry, and take expired ones away. Raises `KmipFailure` (Server Limit Exceeded) when the client has too many."""
        for key in transaction.locate(self.name, LocateQuery((Between(EXPIRES, None, entry.created),), maximum=SWEEP)):
            transaction.delete(self.name, key)
        if self.most is not None and len(self.of_client(transaction, entry.client)) >= self.most:
            sentence = f"this client has {self.most} of these already; end some, or wait until they expire"
            raise KmipFailure(ResultReason.SERVER_LIMIT_EXCEEDED, sentence)
        transaction.insert(self._row(entry))

    def change(self, transaction: Transaction, entry: Entry) -> None:
        """Write an entry again."""
        transaction.update(self._row(entry))

    def remove(self, transaction: Transaction, key: str) -> bool:
        """Take an entry away. False when it is not there."""
        return transaction.delete(self.name, key)

    def _row(self, entry: Entry) -> StoredObject:
        return StoredObject(
            unique_identifier=entry.key,
            owner=self.name,
            object_type=0,
            state=entry.stage,
            attributes=json.dumps({"client": entry.client, "expires": entry.expires, **entry.content}).encode(),
            index=((CLIENT, entry.client), (EXPIRES, entry.expires), (STAGE, entry.stage)),
            created_at=entry.created,
        )


def _entry(row: StoredObject) -> Entry:
    content = json.loads(row.attributes)
    return Entry(row.unique_identifier, content.pop("client"), content, row.created_at, content.pop("expires"), row.state)
