"""What was deleted is in the file no more: material, wrapped or not, leaves no byte in kmip.db or its write-ahead log."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.store.contract import StoredObject
from kmip_server.store.sqlite import SqliteStore
from kmip_server.store.sqlite_file import connect, erase_traces
from kmip_server.wrapping.contract import Envelope

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "somebody"
KEYS = 400
PIECE = 24
"""Bytes by which a ciphertext is recognized: its beginning, its middle and its end are looked for."""


def traces(path: Path, wanted: list[bytes]) -> set[str]:
    """The files beside ``path`` that hold a piece of what is looked for."""
    found = set()
    for file in path.parent.iterdir():
        content = file.read_bytes()
        for text in wanted:
            pieces = text[:PIECE], text[len(text) // 2 :][:PIECE], text[-PIECE:]
            if any(piece in content for piece in pieces):
                found.add(file.name)
    return found


async def write_all(store: SqliteStore, texts: list[bytes], dice: random.Random) -> None:
    """Rows that grow after they were written, so that pages are split, and copies of rows stay where they were."""
    rows = [
        StoredObject(str(number), OWNER, 2, 1, bytes(dice.randrange(50)), envelope=Envelope("local", "k", "1", text))
        for number, text in enumerate(texts)
    ]
    for row in rows:
        await store.write(lambda transaction, row=row: transaction.insert(row))  # type: ignore[misc]
    for row in dice.sample(rows, KEYS // 2):
        grown = replace(row, attributes=bytes(dice.randrange(900)))
        await store.write(lambda transaction, row=grown: transaction.update(row))  # type: ignore[misc]


async def destroy(store: SqliteStore, numbers: list[int]) -> None:
    for number in numbers:
        row = store.get(OWNER, str(number))
        assert row is not None
        await store.write(lambda transaction, row=row: transaction.update(replace(row, envelope=None)))  # type: ignore[misc]


def test_no_byte_of_a_destroyed_key_is_left_while_others_use_the_file(tmp_path: Path) -> None:
    path, dice = tmp_path / "kmip.db", random.Random(0)
    texts = [dice.randbytes(dice.choice((60, 200, 400, 900))) for _ in range(KEYS)]
    order = dice.sample(range(KEYS), KEYS)
    first, last = order[: KEYS // 2], order[KEYS // 2 :]
    with closing(SqliteStore(path)) as store, closing(connect(path)) as reader:
        asyncio.run(write_all(store, texts, dice))
        asyncio.run(destroy(store, first))
        assert traces(path, [texts[number] for number in first])  # in the log at least: it can be seen
        erase_traces(path)
        assert traces(path, [texts[number] for number in first]) == set()
        for number in last:
            row = store.get(OWNER, str(number))
            assert row is not None
            assert row.envelope is not None
            assert row.envelope.ciphertext == texts[number]
        asyncio.run(destroy(store, last))
        reader.execute("SELECT count(*) FROM objects").fetchone()
        erase_traces(path)
        assert traces(path, texts) == set()
