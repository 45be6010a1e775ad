"""What a state folder may have become: every kind of broken file is said in words, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from kmip_server.directory.contract import Seeding
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.errors import StoreError
from kmip_server.store.contract import StoredObject
from kmip_server.store.epoch import Epoch
from kmip_server.store.sqlite import SqliteStore
from kmip_server.store.sqlite_file import connect
from kmip_server.store.sqlite_rows import NEXT_ROTATION, OWNERS_TO_ROTATE

if TYPE_CHECKING:
    from pathlib import Path


def filled(path: Path, rows: int = 200) -> bytes:
    """A store with some objects in it; returns the bytes of its file."""

    async def fill() -> None:
        store = SqliteStore(path)
        for number in range(rows):
            row = StoredObject(f"{number}", "alice", 2, 1, os.urandom(400))
            await store.write(lambda transaction, row=row: transaction.insert(row))
        store.close()

    asyncio.run(fill())
    return path.read_bytes()


def refused(path: Path, words: str) -> StoreError:
    with pytest.raises(StoreError, match=words) as caught:
        SqliteStore(path)
    assert caught.value.hint
    assert str(path) in str(caught.value)
    return caught.value


def test_a_new_store_is_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "kmip.db"
    filled(path, rows=1)
    assert [stat.S_IMODE(file.stat().st_mode) for file in sorted(path.parent.iterdir())] == [0o600, 0o600]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    path.write_text("these are my notes\n" * 300)
    refused(path, "not a SQLite database")
    assert path.read_text().startswith("these are my notes")


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    refused(path, "another program")


def test_a_schema_of_another_time(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    filled(path, rows=1)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    refused(path, "schema version 99")


def test_a_file_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    filled(path, rows=1)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE credentials")
        for column in ("shares_with", "acts_for_others", "seeding", "keeper"):
            connection.execute(f"ALTER TABLE clients DROP COLUMN {column}")
        connection.execute("DROP INDEX rotations")
        connection.execute("DROP TABLE keepers")
        connection.execute("INSERT INTO clients (id, name) VALUES ('a', 'alice')")
        for key in ("on-line", "archived"):
            connection.execute("INSERT INTO attribute_index (owner, name, key, object_id) VALUES ('alice', '#storage', ?, 1)", (key,))
        connection.execute("PRAGMA user_version=1")
    connection.close()
    for _ in range(2):
        directory = SqliteDirectory(path)
        (alice,) = directory.clients()
        assert (alice.name, alice.owner, alice.acts_for_others, alice.seeding) == ("alice", "a", False, Seeding.IGNORED)
        directory.credentials.add_device("a", {"device_serial_number": "1"}, "secret")
        directory.close()
    store = SqliteStore(path)
    assert store.get("alice", "0") is not None
    assert store.owners_to_rotate(2**40) == []
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT key FROM attribute_index WHERE name = '#storage'").fetchall() == [("archived",)]
        for statement in (OWNERS_TO_ROTATE, NEXT_ROTATION):
            assert "INDEX rotations" in connection.execute(f"EXPLAIN QUERY PLAN {statement}", (0,)).fetchone()[-1]
    connection.close()


def test_a_half_written_file(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    whole = filled(path)
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, "damaged")


def test_a_file_with_foreign_bytes_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    whole = bytearray(filled(path))
    for page in range(2, len(whole) // 4096, 2):
        whole[page * 4096 : page * 4096 + 300] = os.urandom(300)
    path.write_bytes(whole)
    refused(path, "damaged")


def test_an_empty_file_is_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    path.touch()
    SqliteStore(path).close()


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "kmip.db"
    path.mkdir()
    refused(path, "cannot be (used|written)")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        refused(tmp_path / "kmip.db", "not writable")
    finally:
        tmp_path.chmod(0o700)


def test_a_process_killed_during_its_commit_leaves_the_others_correct(tmp_path: Path) -> None:
    """The epoch stays odd: nobody trusts a cache until the next commit makes it even."""
    path = tmp_path / "kmip.db"
    filled(path, rows=1)
    epoch = Epoch(tmp_path / "kmip.db.epoch")
    epoch.write(epoch.read() + 1)

    async def read_and_write() -> list[StoredObject | None]:
        ours, theirs = SqliteStore(path), SqliteStore(path)
        seen = [ours.get("alice", "0"), theirs.get("alice", "0")]
        changed = await theirs.write(lambda rows: rows.update(StoredObject("0", "alice", 2, 4, b"changed")))
        seen += [ours.get("alice", "0"), theirs.get("alice", "0")]
        assert seen[2] == seen[3] == changed
        ours.close()
        theirs.close()
        return seen

    before = asyncio.run(read_and_write())
    assert before[0] == before[1]
    assert epoch.read() % 2 == 0
    epoch.close()


def test_two_may_make_the_same_file_at_once(tmp_path: Path) -> None:
    """The switch to a write-ahead log is refused at once where everything else waits for its turn."""
    path, turn = tmp_path / "kmip.db", threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as first:
            first.execute("BEGIN IMMEDIATE")
            turn.set()
            started.wait()
            first.execute("CREATE TABLE one (number)")
            first.execute("COMMIT")

    started = threading.Event()
    with ThreadPoolExecutor() as threads:
        holding = threads.submit(hold)
        turn.wait()
        second = threads.submit(connect, path)
        try:
            with pytest.raises(TimeoutError):
                second.result(0.2)
        finally:
            started.set()
        holding.result()
        second.result().close()
