"""The state in memory: records by kind and id, and the indexes that records declare.

Rules only read it. They answer the changes that they want, and `Core` applies these after the journal has made them durable: a
reader never sees what a crash could take back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from keyprotect_simulator.records import Change, Put, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

R = TypeVar("R", bound=Record)


class State:
    """Records by kind and id. Reading is safe while another thread applies changes."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records: dict[tuple[type[Record], str], Record] = {}
        self._index: dict[tuple[type[Record], str, str], dict[str, None]] = {}
        self._ids: dict[type[Record], dict[str, None]] = {}
        self.apply([Put(record) for record in records])

    def get(self, kind: type[R], record_id: str) -> R | None:
        """The record of this kind with this id."""
        record = self._records.get((kind, record_id))
        return record if isinstance(record, kind) else None

    def all(self, kind: type[R]) -> list[R]:
        """All records of a kind, oldest first."""
        return self._present(kind, self._ids.get(kind, {}))

    def find(self, kind: type[R], index: str, value: str) -> list[R]:
        """The records of a kind that are indexed under this value, oldest first."""
        return self._present(kind, self._index.get((kind, index, value), {}))

    def everything(self) -> list[Record]:
        """All records of all kinds, oldest first. Only while no changes are applied."""
        return list(self._records.values())

    def _present(self, kind: type[R], ids: dict[str, None]) -> list[R]:
        found = (self.get(kind, record_id) for record_id in tuple(ids))
        return [record for record in found if record is not None]

    def apply(self, changes: Iterable[Change]) -> None:
        """Take over changes, in their order. A record that is replaced is there at every moment."""
        for change in changes:
            kind, record = type(change.record), change.record
            former = self._records.get((kind, record.id))
            stays = isinstance(change, Put)
            if stays:
                self._records[kind, record.id] = record
                self._ids.setdefault(kind, {})[record.id] = None
            else:
                self._records.pop((kind, record.id), None)
                self._ids.get(kind, {}).pop(record.id, None)
            before = set(former.index()) if former else set()
            after = set(record.index()) if stays else set()
            for index, value in after - before:
                self._index.setdefault((kind, index, value), {})[record.id] = None
            for index, value in before - after:
                self._index[kind, index, value].pop(record.id)
