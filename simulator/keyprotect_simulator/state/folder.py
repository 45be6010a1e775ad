"""The durable journal: a state folder with an SQLite database and the master key of its secrets.

    key-protect.sqlite3       the records: kind, id, and a JSON document whose secrets are sealed
    key-protect.master-key    32 bytes, readable by the owner alone

What a key leaves behind when it ends is overwritten (`secure_delete`), for the master key lies beside it.

A commit is on the disk when it returns (write-ahead log, `synchronous=FULL`), so what was answered survives `kill -9` and a loss of
power. One simulator at a time has a folder open; the database's own lock sees to that, and it ends with the process.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from typing import TYPE_CHECKING

from keyprotect_simulator.errors import StateFolderCorrupt, StateFolderError, StateFolderInUse, StateFolderUnusable
from keyprotect_simulator.records import Key, Put
from keyprotect_simulator.state.sealing import KIND_NAMES, Sealer, Unsealable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.records import Change, Record

DATABASE = "key-protect.sqlite3"
MASTER_KEY = "key-protect.master-key"
MASTER_KEY_LENGTH = 32
SCHEMA_VERSION = 1
APPLICATION_ID = 0x4B50_5349
"""Marks the database as ours ("KPSI")."""
SCHEMA = """
CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (kind, id)
)
"""
PUT = """
INSERT INTO record (kind, id, document) VALUES (?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document
"""
NEW_FOLDER_HINT = "start with another --state-dir, or restore this one from a backup."


class FolderJournal:
    """Keeps changes in a state folder."""

    def __init__(self, database: sqlite3.Connection, sealer: Sealer, folder: Path) -> None:
        self._database = database
        self._sealer = sealer
        self._folder = folder

    @classmethod
    def open(cls, folder: Path, *, random: Random) -> FolderJournal:
        """The journal of a folder, which is made if it is not there.

        Raises:
            StateFolderInUse: another simulator has it open.
            StateFolderUnusable: it is no folder, or may not be read and written.
            StateFolderCorrupt: its database is none, or from a newer version, or its master key is missing or another one.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = not (folder / DATABASE).exists()
            master_key = read_master_key(folder, fresh=fresh, random=random)
            database = connect(folder / DATABASE)
        except OSError as error:
            raise StateFolderUnusable(*why_unusable(folder, error)) from error
        return cls(database, Sealer(master_key, random), folder)

    def load(self) -> Iterable[Record]:
        """Every record, in the order in which they were first kept."""
        try:
            for kind, record_id, document in self._database.execute("SELECT kind, id, document FROM record ORDER BY number"):
                yield self._sealer.record(kind, record_id, json.loads(document))
        except (Unsealable, ValueError, sqlite3.DatabaseError) as error:
            raise corrupt(self._folder, f"{DATABASE}: {error}") from error

    def commit(self, changes: Sequence[Change]) -> None:
        """Keep all changes in one transaction."""
        with transaction(self._database):
            for change in changes:
                kind, record_id = KIND_NAMES[type(change.record)], change.record.id
                if isinstance(change, Put):
                    self._database.execute(PUT, (kind, record_id, json.dumps(self._sealer.document(change.record))))
                else:
                    self._database.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, record_id))
        if any(takes_secrets_away(change) for change in changes):
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the database, which frees the folder."""
        self._database.close()


def takes_secrets_away(change: Change) -> bool:
    """Whether a key loses its material by this: then nothing of it may stay, in the log that goes before the database either."""
    return isinstance(change.record, Key) and (not isinstance(change, Put) or not change.record.newest.material)


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All statements of the block, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def connect(path: Path) -> sqlite3.Connection:
    """The locked database, its schema made or checked."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
    try:
        prepare(database, path.parent)
    except sqlite3.OperationalError as error:
        database.close()
        if "locked" in str(error):
            what = f"the state folder {path.parent} is in use by another kmiplab up or kmiplab simulate"
            raise StateFolderInUse(what, "stop the other one, or give this one a --state-dir of its own.") from error
        raise StateFolderUnusable(f"cannot use the state folder {path.parent}: {error}", "give a folder that you may write to.") from error
    except sqlite3.DatabaseError as error:
        database.close()
        raise corrupt(path.parent, f"{path.name}: {error}") from error
    except StateFolderError:
        database.close()
        raise
    return database


def prepare(database: sqlite3.Connection, folder: Path) -> None:
    """Lock the database for this process, and make or check its schema."""
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA secure_delete = ON")
    with transaction(database):
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
        application: int = database.execute("PRAGMA application_id").fetchone()[0]
        if version == 0 and application == 0:
            database.execute(SCHEMA)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif application != APPLICATION_ID:
            raise corrupt(folder, f"{DATABASE} belongs to another program")
        elif version != SCHEMA_VERSION:
            raise corrupt(folder, f"{DATABASE} was written by a newer version of the simulator")
    problem: str = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise corrupt(folder, f"{DATABASE}: {problem}")


def read_master_key(folder: Path, *, fresh: bool, random: Random) -> bytes:
    """The master key of the folder; one is made when there is no database yet that needs the old one."""
    path = folder / MASTER_KEY
    if not path.exists():
        if not fresh:
            raise corrupt(folder, f"{MASTER_KEY} is missing, and the keys in {DATABASE} cannot be opened without it")
        write_durably(path, random(MASTER_KEY_LENGTH))
    key = path.read_bytes()
    if len(key) != MASTER_KEY_LENGTH:
        raise corrupt(folder, f"{MASTER_KEY} has {len(key)} bytes instead of {MASTER_KEY_LENGTH}")
    return key


def write_durably(path: Path, content: bytes) -> None:
    """A file for the owner alone: there whole, and on the disk, or not there."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor has no Path
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def why_unusable(folder: Path, error: OSError) -> tuple[str, str]:
    """What the operating system refused, and what helps; the file is named where it is not the folder itself."""
    named = str(error.filename or folder)
    of = "" if named == str(folder) else f": {named}"
    hint = "give a folder that you may write to." if not of else NEW_FOLDER_HINT
    return f"cannot use the state folder {folder}{of}: {error.strerror}", hint


def corrupt(folder: Path, why: str) -> StateFolderCorrupt:
    """The error for a folder that cannot be read back."""
    return StateFolderCorrupt(f"the state folder {folder} cannot be read: {why}", NEW_FOLDER_HINT)
