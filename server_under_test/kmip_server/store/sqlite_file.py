"""The SQLite file of a state folder: opened, checked, given its schema.

WAL with ``synchronous=FULL``: a commit that returned is on disk, readers never wait for writers, and other processes may open the file
too. Objects and the directory of clients share it, so that one backup holds both. Whatever is wrong with the file is said here, once, as a
`StoreError` with a hint; the rows themselves are read elsewhere.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from kmip_server.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID = 0x4B4D4950
"""``PRAGMA application_id``: "KMIP" in ASCII."""

SCHEMA_VERSION = 6
"""``PRAGMA user_version``: raised with every change of `SCHEMA`."""

BUSY_SECONDS = 10.0
"""How long a writer waits for a writer in another process before it gives up."""

KEEPERS = """
CREATE TABLE keepers (
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    iam_url TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    crk_id TEXT NOT NULL,
    keeps_keys INTEGER NOT NULL,
    sealed_api_key BLOB NOT NULL
);
"""

SCHEMA = f"""
CREATE TABLE objects (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    unique_identifier TEXT NOT NULL,
    object_type INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attributes BLOB NOT NULL,
    provider TEXT,
    key_id TEXT,
    key_version TEXT,
    ciphertext BLOB,
    created_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (owner, unique_identifier)
);
CREATE TABLE attribute_index (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    key NOT NULL,
    object_id INTEGER NOT NULL,
    PRIMARY KEY (owner, name, key, object_id)
) WITHOUT ROWID;
CREATE INDEX attribute_index_by_object ON attribute_index (object_id);
CREATE INDEX rotations ON attribute_index (key, owner) WHERE name = '#rotation';
CREATE TABLE clients (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    adapter_id TEXT,
    crk_id TEXT,
    username TEXT,
    password_salt BLOB,
    password_hash BLOB,
    shares_with TEXT,
    acts_for_others INTEGER NOT NULL DEFAULT 0,
    seeding TEXT NOT NULL DEFAULT 'ignored',
    keeper TEXT
);
{KEEPERS}
CREATE TABLE credentials (
    position INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    salt BLOB,
    secret BLOB NOT NULL,
    last_used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE certificates (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    pem TEXT NOT NULL,
    subject TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (client_id, name)
);
CREATE TABLE generation (number INTEGER NOT NULL);
INSERT INTO generation VALUES (1);
"""  # noqa: S608 - constant
"""What is in the file. ``attribute_index`` names its objects without a foreign key: to check that for each row would double the cost of a
new key, and `sqlite_rows` alone writes both tables, always in one transaction. The index ``rotations`` is that of
the contract's `ROTATION`: a row of any other name costs no entry in it."""

EMPTY_SCHEMA = 0

CHANGES = {
    1: """
ALTER TABLE clients ADD COLUMN shares_with TEXT;
ALTER TABLE clients ADD COLUMN acts_for_others INTEGER NOT NULL DEFAULT 0;
CREATE TABLE credentials (
    position INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    salt BLOB,
    secret BLOB NOT NULL,
    last_used INTEGER NOT NULL DEFAULT 0
);
""",
    2: "ALTER TABLE clients ADD COLUMN seeding TEXT NOT NULL DEFAULT 'ignored';",
    3: "CREATE INDEX rotations ON attribute_index (key, owner) WHERE name = '#rotation';",
    4: "DELETE FROM attribute_index WHERE name = '#storage' AND key = 'on-line';",
    5: f"ALTER TABLE clients ADD COLUMN keeper TEXT;{KEEPERS}",
}
"""What makes the next schema version out of an older one, by the older one's number."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file, make it when it is not there, and check that it is ours and sound.

    The connection may be used by several threads (not at once) and is in autocommit: whoever writes says BEGIN. Raises `StoreError`.
    """
    with store_errors(path):
        _create_private(path)
        connection = connect(path)
        try:
            _check_ours(connection, path)
            _ensure_schema(connection)
            _check_sound(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def connect(path: Path) -> sqlite3.Connection:
    """One more connection to a file that `open_database` has checked."""
    with store_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256)
        try:
            _keep_a_log(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA secure_delete=ON")
        except BaseException:
            connection.close()
            raise
        return connection


@retry(retry=retry_if_exception(_is_busy), stop=stop_after_delay(BUSY_SECONDS), wait=wait_random(0.001, 0.05), reraise=True)
def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Write-ahead logging. Of two that make a file at the same time one is refused here, without having waited as everywhere else."""
    connection.execute("PRAGMA journal_mode=WAL")


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that holds the write lock from its beginning."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def erase_traces(path: Path) -> None:
    """Make sure that what was deleted before is in the file no more, nor in its write-ahead log. Raises `StoreError`.

    ``secure_delete`` overwrites what a statement deletes, but pages that were split before may hold older copies, and the log has every
    page as it once was: so the file is built anew, and the log emptied. A server may go on using it meanwhile; writers wait. What a file
    system or a disk keeps of blocks that were given back is beyond this.
    """
    with store_errors(path), closing(connect(path)) as connection:
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(f"{path} is being read: its write-ahead log could not be emptied", "try again")


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Say what SQLite and the operating system refuse in words for people."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror or error}", _folder_hint(path)) from error
    except sqlite3.Error as error:
        raise StoreError(*explain(error, path)) from error


def explain(error: sqlite3.Error, path: Path) -> tuple[str, str]:
    """What happened and what to do about an error of SQLite."""
    primary_code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if primary_code == sqlite3.SQLITE_NOTADB:
        return f"{path} is not a SQLite database", "name another state folder, or restore the file from a backup"
    if primary_code == sqlite3.SQLITE_CORRUPT:
        return f"{path} is damaged: {error}", "stop the server and restore the file, with its -wal file, from a backup"
    if primary_code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return f"{path} cannot be written: {error}", _folder_hint(path)
    if primary_code == sqlite3.SQLITE_BUSY:
        return f"{path} is held by another process for more than {BUSY_SECONDS:g} s", "end the process that holds a transaction open on it"
    if primary_code == sqlite3.SQLITE_FULL:
        return f"{path} cannot grow: the disk is full", "make room on the disk; nothing that was answered is lost"
    return f"{path}: {error}", "look at the disk and the file's permissions"


def _folder_hint(path: Path) -> str:
    return f"the folder {path.parent} and the files in it must be writable for the user that runs the server"


def _create_private(path: Path) -> None:
    """Make the file with its mode before SQLite does.

    An existing one is never opened here: to close it again would drop the locks that SQLite holds on it for this whole process (POSIX
    advisory locks), and another process would take its WAL away.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(13, "the folder is not writable")
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables == 0:
        return
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program", "name another state folder")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION and version not in CHANGES:
        raise StoreError(
            f"{path} has schema version {version}, this server reads version {SCHEMA_VERSION}",
            "run the version of kmiplab that wrote it, or name another state folder",
        )


def _ensure_schema(connection: sqlite3.Connection) -> None:
    """Make the tables, or bring them up to date, in one transaction: a file killed half-way is what it was before, or whole."""
    with immediate(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        while version != SCHEMA_VERSION:
            for statement in (SCHEMA if version == EMPTY_SCHEMA else CHANGES[version]).split(";"):
                connection.execute(statement)
            version = SCHEMA_VERSION if version == EMPTY_SCHEMA else version + 1
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _check_sound(connection: sqlite3.Connection, path: Path) -> None:
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok":
        raise StoreError(f"{path} is damaged: {finding}", "stop the server and restore the file, with its -wal file, from a backup")
