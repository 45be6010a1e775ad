"""What the service remembers of its instances: one SQLite file in the state folder, beside the KMIP server's.

No secrets are in it: API keys lie sealed with the keepers in the KMIP server's own file. Each change is one durable transaction, so a
status that is read was reached, whatever happened to the process that set it.
"""

from __future__ import annotations

import dataclasses
import os
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from kmip_server.store.sqlite_file import connect, immediate, store_errors

from kmiplab.service.values import ServiceInstance, Status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FILE = "service.db"
COLUMNS = tuple(field.name for field in dataclasses.fields(ServiceInstance))

SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS instances (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    key_manager_instance TEXT NOT NULL,
    crk_id TEXT,
    problem TEXT,
    validated_at INTEGER
)""",
    "CREATE TABLE IF NOT EXISTS notes (id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (id, name))",
)
"""``notes``: what a command that was interrupted has to know when it is repeated, by instance; and the region's name."""

REGION = "region"


class Records:
    """The instances in a state folder."""

    def __init__(self, state_dir: Path) -> None:
        """Nothing is opened yet."""
        self._path = state_dir / FILE

    @property
    def exist(self) -> bool:
        """Whether anything was ever ordered here."""
        return self._path.exists()

    def all(self) -> Sequence[ServiceInstance]:
        """Every instance, oldest first."""
        if not self.exist:
            return []
        with self._open() as connection:
            return [_instance(row) for row in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM instances ORDER BY position")]  # noqa: S608 - constant

    def find(self, name_or_id: str) -> ServiceInstance | None:
        """The instance with that name or id."""
        return next((one for one in self.all() if name_or_id in (one.id, one.name)), None)

    def put(self, instance: ServiceInstance) -> ServiceInstance:
        """Add an instance, or replace what is known of it."""
        values = dataclasses.astuple(instance)
        changed = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
        marks = ", ".join("?" for _ in COLUMNS)
        statement = f"INSERT INTO instances ({', '.join(COLUMNS)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {changed}"  # noqa: S608 - constant
        with self._open() as connection, immediate(connection):
            connection.execute(statement, values)
        return instance

    def note_validation(self, instance: ServiceInstance, problem: str | None, at: int) -> ServiceInstance | None:
        """What a validation found. It runs beside the commands, so the rest of what is known stays; None: the instance is gone."""
        with self._open() as connection, immediate(connection):
            connection.execute("UPDATE instances SET problem = ?, validated_at = ? WHERE id = ?", (problem, at, instance.id))
        return self.find(instance.id)

    def remove(self, instance: ServiceInstance) -> None:
        """Forget an instance and its notes."""
        with self._open() as connection, immediate(connection):
            connection.execute("DELETE FROM notes WHERE id = ?", (instance.id,))
            connection.execute("DELETE FROM instances WHERE id = ?", (instance.id,))

    def note(self, whose: str, name: str) -> str | None:
        """What was noted."""
        if not self.exist:
            return None
        with self._open() as connection:
            row = connection.execute("SELECT value FROM notes WHERE id = ? AND name = ?", (whose, name)).fetchone()
        return None if row is None else str(row[0])

    def take_note(self, whose: str, name: str, value: str) -> None:
        """Note something; a former note of that name is replaced."""
        with self._open() as connection, immediate(connection):
            connection.execute("INSERT OR REPLACE INTO notes (id, name, value) VALUES (?, ?, ?)", (whose, name, value))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with store_errors(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with closing(connect(self._path)) as connection:
                for statement in SCHEMA:
                    connection.execute(statement)
                yield connection


def _instance(row: tuple[Any, ...]) -> ServiceInstance:
    fields = dict(zip(COLUMNS, row, strict=True))
    return ServiceInstance(**fields | {"status": Status(fields["status"])})
