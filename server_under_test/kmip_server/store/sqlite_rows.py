"""Objects as rows of SQLite: the `Transaction` of the contract, on one connection.

Nothing here begins or ends a transaction, and nothing waits. Locate walks the index rows of its rarest criterion, newest first, and looks
the others up by their primary key, so that its cost follows what it finds and not what the store holds.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import TYPE_CHECKING, Any

from kmip_server.errors import StoreError
from kmip_server.store.contract import ROTATION, Between, Criterion, Equals, Lacks, LocateQuery, StoredObject
from kmip_server.wrapping.contract import Envelope

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kmip_server.store.contract import IndexKey

PROBE_ROWS = 64
"""How far the rows of a criterion are counted to find the rarest one."""

RARE_ROWS = 4
"""A criterion with no more rows than this is rare enough: the others are not counted any more."""

INDEX_ROWS = 64
"""How many index rows one statement writes: a key's seven or eight go in one, and SQLite lets go of Python's lock once, not eight times."""

BY_INDEX = "attribute_index i CROSS JOIN objects o ON o.id = i.object_id"
"""The objects of one index key: its rows lie in the order of the objects already, so that `ORDER BY` has nothing to sort."""

FIELDS = "object_type, state, attributes, provider, key_id, key_version, ciphertext, created_at"
SELECT = f"SELECT id, revision, {FIELDS} FROM objects WHERE owner = ? AND unique_identifier = ?"  # noqa: S608 - constant
SELECT_INDEX = "SELECT name, key FROM attribute_index WHERE object_id = ?"
INSERT = f"INSERT INTO objects ({FIELDS}, owner, unique_identifier, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"  # noqa: S608 - constant
DELETE_INDEX = "DELETE FROM attribute_index WHERE owner = ? AND name = ? AND key = ? AND object_id = ?"
DELETE_INDEX_OF = "DELETE FROM attribute_index WHERE object_id = ?"
UPDATE = (
    f"UPDATE objects SET ({FIELDS}) = (?, ?, ?, ?, ?, ?, ?, ?), revision = revision + 1"  # noqa: S608 - constant
    " WHERE owner = ? AND unique_identifier = ? RETURNING id, revision"
)
OWNERS_TO_ROTATE = f"SELECT DISTINCT owner FROM attribute_index INDEXED BY rotations WHERE name = '{ROTATION}' AND key <= ?"  # noqa: S608 - constant
NEXT_ROTATION = f"SELECT min(key) FROM attribute_index INDEXED BY rotations WHERE name = '{ROTATION}' AND key > ?"  # noqa: S608 - constant
DELETE = "DELETE FROM objects WHERE owner = ? AND unique_identifier = ? RETURNING id"


@cache
def insert_index(rows: int) -> str:
    """The statement that writes so many index rows."""
    return f"INSERT OR IGNORE INTO attribute_index VALUES {', '.join(['(?, ?, ?, ?)'] * rows)}"  # noqa: S608 - no values


class SqliteRows:
    """The rows on one connection. ``changed`` collects what this transaction wrote: rows, or None where one was deleted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read and write through ``connection``; whoever made it says BEGIN and COMMIT."""
        self._connection = connection
        self.changed: dict[tuple[str, str], StoredObject | None] = {}

    def get(self, owner: str, unique_identifier: str, *, for_update: bool = False) -> StoredObject | None:  # noqa: ARG002 - a writer has the lock
        """Read a row (`Transaction.get`)."""
        row = self._connection.execute(SELECT, (owner, unique_identifier)).fetchone()
        if row is None:
            return None
        object_id, revision, object_type, state, attributes, provider, key_id, key_version, ciphertext, created_at = row
        return StoredObject(
            unique_identifier=unique_identifier,
            owner=owner,
            object_type=object_type,
            state=state,
            attributes=attributes,
            index=tuple(self._connection.execute(SELECT_INDEX, (object_id,)).fetchall()),
            envelope=None if ciphertext is None else Envelope(provider, key_id, key_version, ciphertext),
            created_at=created_at,
            revision=revision,
        )

    def insert(self, row: StoredObject) -> StoredObject:
        """Add a row (`Transaction.insert`)."""
        try:
            object_id = self._connection.execute(INSERT, _values(row)).lastrowid
        except sqlite3.IntegrityError as error:
            raise StoreError(f"an object {row.unique_identifier} exists already", "give every object an identifier of its own") from error
        self._write_index(row.owner, object_id, row.index)
        return self._wrote(row, 1)

    def update(self, row: StoredObject) -> StoredObject:
        """Write a row again (`Transaction.update`)."""
        found = self._connection.execute(UPDATE, _values(row)).fetchone()
        if found is None:
            raise StoreError(f"there is no object {row.unique_identifier} to update", "it was deleted meanwhile: read it again")
        object_id, revision = found
        before = set(self._connection.execute(SELECT_INDEX, (object_id,)).fetchall())
        after = set(row.index)
        if before != after:
            gone = [(row.owner, name, key, object_id) for name, key in before - after]
            self._connection.executemany(DELETE_INDEX, gone)
            self._write_index(row.owner, object_id, after - before)
        return self._wrote(row, revision)

    def delete(self, owner: str, unique_identifier: str) -> bool:
        """Forget a row (`Transaction.delete`)."""
        found = self._connection.execute(DELETE, (owner, unique_identifier)).fetchone()
        if found is not None:
            self._connection.execute(DELETE_INDEX_OF, found)
        self.changed[owner, unique_identifier] = None
        return found is not None

    def locate(self, owner: str, query: LocateQuery) -> list[str]:
        """What matches, newest first (`Transaction.locate`)."""
        matching = self._matching(owner, query.criteria)
        if matching is None:
            return []
        source, parameters = matching
        limit = -1 if query.maximum is None else query.maximum
        newest = "i.object_id" if source.startswith(BY_INDEX) else "o.id"
        statement = f"SELECT o.unique_identifier FROM {source} ORDER BY {newest} DESC LIMIT ? OFFSET ?"  # noqa: S608 - `source` has no values
        return [found for (found,) in self._connection.execute(statement, (*parameters, limit, query.offset))]

    def count(self, owner: str, query: LocateQuery) -> int:
        """How many match, whatever offset and maximum say (`Store.count`)."""
        matching = self._matching(owner, query.criteria)
        if matching is None:
            return 0
        source, parameters = matching
        number: int = self._connection.execute(f"SELECT count(*) FROM {source}", parameters).fetchone()[0]  # noqa: S608 - as above
        return number

    def _matching(self, owner: str, criteria: tuple[Criterion, ...]) -> tuple[str, list[Any]] | None:
        """The FROM … WHERE … of a query and its parameters. None: nothing can match."""
        held = tuple(criterion for criterion in criteria if not isinstance(criterion, Lacks))
        if not held:
            return _with_others("objects o WHERE o.owner = ?", [owner], owner, criteria)
        ordered = self._rarest_first(owner, held) if len(held) > 1 else held
        if not ordered:
            return None
        rarest = ordered[0]
        condition, parameters = _condition(rarest)
        if isinstance(rarest, Equals):
            source = f"{BY_INDEX} WHERE i.owner = ? AND {condition}"
        else:
            ids = f"SELECT object_id FROM attribute_index i WHERE i.owner = ? AND {condition}"  # noqa: S608 - `condition` has no values
            source = f"objects o WHERE o.id IN ({ids})"
        lacking = (criterion for criterion in criteria if isinstance(criterion, Lacks))
        return _with_others(source, [owner, *parameters], owner, (*ordered[1:], *lacking))

    def _rarest_first(self, owner: str, criteria: tuple[Criterion, ...]) -> Sequence[Criterion]:
        """The criteria, the rarest at the head; empty when one of them has no rows at all."""
        fewest, rarest = PROBE_ROWS + 1, 0
        for position, criterion in enumerate(criteria):
            rows = self._probe(owner, criterion)
            if rows < fewest:
                fewest, rarest = rows, position
            if rows <= RARE_ROWS:
                break
        return () if fewest == 0 else (criteria[rarest], *criteria[:rarest], *criteria[rarest + 1 :])

    def _probe(self, owner: str, criterion: Criterion) -> int:
        condition, parameters = _condition(criterion)
        statement = f"SELECT count(*) FROM (SELECT 1 FROM attribute_index i WHERE i.owner = ? AND {condition} LIMIT {PROBE_ROWS})"  # noqa: S608 - as above
        number: int = self._connection.execute(statement, (owner, *parameters)).fetchone()[0]
        return number

    def _write_index(self, owner: str, object_id: int | None, entries: Collection[tuple[str, IndexKey]]) -> None:
        values = [value for name, key in entries for value in (owner, name, key, object_id)]
        for start in range(0, len(values), 4 * INDEX_ROWS):
            some = values[start : start + 4 * INDEX_ROWS]
            self._connection.execute(insert_index(len(some) // 4), some)

    def _wrote(self, row: StoredObject, revision: int) -> StoredObject:
        written = row if row.revision == revision else _revised(row, revision)
        self.changed[row.owner, row.unique_identifier] = written
        return written


def _revised(row: StoredObject, revision: int) -> StoredObject:
    """The row at another revision; `dataclasses.replace` would take five times as long."""
    return StoredObject(
        row.unique_identifier,
        row.owner,
        row.object_type,
        row.state,
        row.attributes,
        row.index,
        row.envelope,
        row.created_at,
        revision,
    )


def _with_others(source: str, values: list[Any], owner: str, others: Sequence[Criterion]) -> tuple[str, list[Any]]:
    """The FROM … WHERE … that gives objects ``o``, narrowed by further criteria, each a look into the index."""
    for criterion in others:
        condition, parameters = _condition(criterion)
        held = f"SELECT 1 FROM attribute_index i WHERE i.owner = ? AND {condition} AND i.object_id = o.id"  # noqa: S608 - no values
        source += f" AND {'NOT ' if isinstance(criterion, Lacks) else ''}EXISTS ({held})"
        values = [*values, owner, *parameters]
    return source, values


def _condition(criterion: Criterion) -> tuple[str, list[Any]]:
    """A criterion as SQL over an index row ``i``, and its values; of what is lacked, the row that must not be there."""
    if isinstance(criterion, Equals | Lacks):
        return "i.name = ? AND i.key = ?", [criterion.name, criterion.key]
    assert isinstance(criterion, Between)
    condition, values = "i.name = ?", list[Any]((criterion.name,))
    if criterion.low is not None:
        condition, values = condition + " AND i.key >= ?", [*values, criterion.low]
    if criterion.high is not None:
        condition, values = condition + " AND i.key <= ?", [*values, criterion.high]
    return condition, values


def _values(row: StoredObject) -> tuple[Any, ...]:
    """What `INSERT` and `UPDATE` take."""
    envelope = row.envelope
    wrapped = (None,) * 4 if envelope is None else (envelope.provider, envelope.key_id, envelope.key_version, envelope.ciphertext)
    return row.object_type, row.state, row.attributes, *wrapped, row.created_at, row.owner, row.unique_identifier
