"""The storage contract: one body of tests for every store."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest
from kmip_server.errors import StoreError
from kmip_server.store.contract import ROTATION, Between, Equals, Lacks, LocateQuery, StoredObject
from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.contract import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kmip_server.store.contract import Transaction


def an_object(identifier: str, *, owner: str = "alice", state: int = 1, **index: str | int | bytes) -> StoredObject:
    return StoredObject(
        unique_identifier=identifier,
        owner=owner,
        object_type=2,
        state=state,
        attributes=b"attributes of " + identifier.encode(),
        index=tuple(sorted((*index.items(), ("State", state)))),
        envelope=Envelope("local", "root", "1", identifier.encode()),
        created_at=1_700_000_000,
    )


@pytest.fixture(params=["sqlite"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], SqliteStore]]:
    """Opens the same store again and again, as several processes would."""
    opened: list[SqliteStore] = []

    def open_one() -> SqliteStore:
        opened.append(SqliteStore(tmp_path / "kmip.db"))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], SqliteStore]) -> SqliteStore:
    return open_store()


async def test_what_was_inserted_is_read_back(store: SqliteStore) -> None:
    row = an_object("one", Name="key one", Length=256, Mask=b"\x0c")
    assert await store.write(lambda rows: rows.insert(row)) == row
    assert store.get("alice", "one") == row


async def test_another_store_on_the_same_file_sees_every_commit_at_once(open_store: Callable[[], SqliteStore]) -> None:
    ours, theirs = open_store(), open_store()
    row = await ours.write(lambda rows: rows.insert(an_object("one")))
    for state in range(2, 7):
        assert theirs.get("alice", "one") == row
        row = await ours.write(lambda rows, state=state: rows.update(an_object("one", state=state)))
        assert ours.get("alice", "one") == theirs.get("alice", "one") == row
    await theirs.write(lambda rows: rows.delete("alice", "one"))
    assert ours.get("alice", "one") is None


async def test_reads_from_the_cache_survive_our_own_commits(store: SqliteStore) -> None:
    first = await store.write(lambda rows: rows.insert(an_object("one")))
    await asyncio.gather(*(store.write(lambda rows, n=n: rows.insert(an_object(f"other {n}"))) for n in range(20)))
    assert store.get("alice", "one") is first


async def test_what_was_not_there_is_found_as_soon_as_it_is(open_store: Callable[[], SqliteStore]) -> None:
    ours, theirs = open_store(), open_store()
    for writer, identifier in ((ours, "one"), (theirs, "two")):
        for reader in (ours, theirs):
            assert reader.get("alice", identifier) is reader.get("alice", identifier) is None
        row = await writer.write(lambda rows, name=identifier: rows.insert(an_object(name)))
        assert ours.get("alice", identifier) == theirs.get("alice", identifier) == row
        await writer.write(lambda rows, name=identifier: rows.delete("alice", name))
        assert ours.get("alice", identifier) is theirs.get("alice", identifier) is None


async def test_what_is_not_remembered_any_more_is_still_there(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kmip_server.store.sqlite.CACHE_ROWS", 1)
    assert store.get("alice", "one") is None
    row = await store.write(lambda rows: rows.insert(an_object("one")))
    await store.write(lambda rows: rows.insert(an_object("two")))
    assert store.get("alice", "one") == row


async def test_nobody_sees_the_objects_of_another_owner(store: SqliteStore) -> None:
    await store.write(lambda rows: rows.insert(an_object("one", owner="alice", Name="shared")))
    await store.write(lambda rows: rows.insert(an_object("one", owner="bob", Name="shared")))
    await store.write(lambda rows: rows.delete("bob", "one"))
    assert store.get("bob", "one") is None
    assert store.locate("bob", LocateQuery((Equals("Name", "shared"),))) == []
    assert store.locate("alice", LocateQuery()) == ["one"]


async def test_updates_count_revisions_and_move_the_index(store: SqliteStore) -> None:
    await store.write(lambda rows: rows.insert(an_object("one", Name="before", Length=256)))
    updated = await store.write(lambda rows: rows.update(an_object("one", state=2, Name="after", Length=256)))
    assert updated.revision == 2
    assert store.locate("alice", LocateQuery((Equals("Name", "before"),))) == []
    assert store.locate("alice", LocateQuery((Equals("Name", "after"), Equals("State", 2), Equals("Length", 256)))) == ["one"]


@pytest.fixture
async def twelve(store: SqliteStore) -> SqliteStore:
    for month in range(1, 13):
        row = an_object(f"{month}", state=1 + month % 2, Created=month * 100, Name=f"key {month}")
        await store.write(lambda rows, row=row: rows.insert(row))
    return store


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (LocateQuery(), "12 11 10 9 8 7 6 5 4 3 2 1"),
        (LocateQuery(maximum=3), "12 11 10"),
        (LocateQuery(maximum=3, offset=2), "10 9 8"),
        (LocateQuery(offset=11), "1"),
        (LocateQuery(maximum=0), ""),
        (LocateQuery((Equals("State", 1),)), "12 10 8 6 4 2"),
        (LocateQuery((Equals("State", 1),), offset=1, maximum=2), "10 8"),
        (LocateQuery((Between("Created", 300, 500),)), "5 4 3"),
        (LocateQuery((Between("Created", low=1100),)), "12 11"),
        (LocateQuery((Between("Created", high=200),)), "2 1"),
        (LocateQuery((Between("Created", 300, 800), Equals("State", 2))), "7 5 3"),
        (LocateQuery((Equals("State", 1), Equals("Name", "key 4"))), "4"),
        (LocateQuery((Equals("State", 2), Equals("Name", "key 4"))), ""),
        (LocateQuery((Equals("Name", 4),)), ""),
        (LocateQuery((Equals("No such name", "key 4"),)), ""),
        (LocateQuery((Lacks("State", 1),)), "11 9 7 5 3 1"),
        (LocateQuery((Lacks("State", 1),), offset=1, maximum=2), "9 7"),
        (LocateQuery((Lacks("State", 1), Lacks("Name", "key 5"))), "11 9 7 3 1"),
        (LocateQuery((Lacks("Name", "key 5"), Between("Created", 300, 800), Equals("State", 2))), "7 3"),
        (LocateQuery((Equals("Name", "key 4"), Lacks("State", 1))), ""),
        (LocateQuery((Lacks("No such name", "key 4"), Equals("Name", "key 4"))), "4"),
    ],
)
async def test_locate(twelve: SqliteStore, query: LocateQuery, found: str) -> None:
    assert twelve.locate("alice", query) == found.split()
    assert await twelve.write(lambda rows: rows.locate("alice", query)) == found.split()
    assert twelve.count("alice", query) == len(twelve.locate("alice", dataclasses.replace(query, offset=0, maximum=None)))


async def test_a_failing_change_undoes_itself_alone(store: SqliteStore) -> None:
    def fails(rows: Transaction) -> None:
        rows.insert(an_object("lost"))
        raise LookupError("on purpose")

    outcomes = await asyncio.gather(
        store.write(lambda rows: rows.insert(an_object("one"))),
        store.write(fails),
        store.write(lambda rows: rows.insert(an_object("two"))),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], LookupError)
    assert store.locate("alice", LocateQuery()) == ["two", "one"]
    assert store.get("alice", "lost") is None


async def test_concurrent_read_modify_write_loses_nothing(open_store: Callable[[], SqliteStore]) -> None:
    stores = [open_store(), open_store()]
    await stores[0].write(lambda rows: rows.insert(an_object("one", state=0)))

    def add_one(rows: Transaction) -> None:
        row = rows.get("alice", "one", for_update=True)
        assert row is not None
        rows.update(dataclasses.replace(row, state=row.state + 1))

    await asyncio.gather(*(stores[n % 2].write(add_one) for n in range(60)))
    assert [(row.state, row.revision) for store in stores if (row := store.get("alice", "one"))] == [(60, 61)] * 2


async def test_an_identifier_is_taken_once(store: SqliteStore) -> None:
    await store.write(lambda rows: rows.insert(an_object("one")))
    with pytest.raises(StoreError, match="exists already"):
        await store.write(lambda rows: rows.insert(an_object("one")))
    with pytest.raises(StoreError, match="no object two"):
        await store.write(lambda rows: rows.update(an_object("two")))


async def test_a_unit_of_work_is_all(open_store: Callable[[], SqliteStore]) -> None:
    store, other = open_store(), open_store()
    async with store.unit_of_work() as unit:
        await unit.write(lambda rows: rows.insert(an_object("one", Name="x")))
        assert unit.get("alice", "one") == an_object("one", Name="x")
        assert unit.locate("alice", LocateQuery((Equals("Name", "x"),))) == ["one"]
        assert unit.count("alice", LocateQuery()) == 1
        assert other.get("alice", "one") is None
        assert store.get("alice", "one") is None
        waiting = asyncio.create_task(store.write(lambda rows: rows.insert(an_object("outside"))))
        await unit.write(lambda rows: rows.insert(an_object("two")))
        assert not waiting.done()
    await waiting
    assert store.locate("alice", LocateQuery()) == other.locate("alice", LocateQuery()) == ["outside", "two", "one"]


async def test_a_unit_of_work_is_nothing(store: SqliteStore) -> None:
    await store.write(lambda rows: rows.insert(an_object("one")))

    async def fail_at_the_end() -> None:
        async with store.unit_of_work() as unit:
            await unit.write(lambda rows: rows.update(an_object("one", state=5)))
            await unit.write(lambda rows: rows.insert(an_object("two")))
            raise LookupError("on purpose")

    with pytest.raises(LookupError):
        await fail_at_the_end()
    await store.write(lambda rows: rows.insert(an_object("three")))
    assert store.locate("alice", LocateQuery()) == ["three", "one"]
    assert store.get("alice", "one") == an_object("one")


async def test_a_failing_item_of_a_unit_undoes_itself_alone(store: SqliteStore) -> None:
    async with store.unit_of_work() as unit:
        await unit.write(lambda rows: rows.insert(an_object("one")))
        with pytest.raises(StoreError):
            await unit.write(lambda rows: rows.insert(an_object("one")))
    assert store.locate("alice", LocateQuery()) == ["one"]


async def test_everything_is_there_after_opening_again(open_store: Callable[[], SqliteStore]) -> None:
    row = await open_store().write(lambda rows: rows.insert(an_object("one", Name="x")))
    assert open_store().get("alice", "one") == row


async def test_a_writable_store_says_nothing_is_wrong(store: SqliteStore) -> None:
    assert await store.check() is None


async def test_changes_that_share_a_commit_with_a_failing_one_are_made_once(store: SqliteStore) -> None:
    """They are run again, on rows that were rolled back."""
    await store.write(lambda rows: rows.insert(an_object("one", state=0)))

    def add_one(rows: Transaction) -> int:
        row = rows.get("alice", "one", for_update=True)
        assert row is not None
        return rows.update(dataclasses.replace(row, state=row.state + 1)).state

    def fails(rows: Transaction) -> None:
        add_one(rows)
        raise LookupError("on purpose")

    changes = [add_one, add_one, fails, add_one]
    outcomes = await asyncio.gather(*(store.write(change) for change in changes), return_exceptions=True)
    assert [outcomes[0], outcomes[1], outcomes[3]] == [1, 2, 3]
    assert isinstance(outcomes[2], LookupError)
    assert store.get("alice", "one") == await store.write(lambda rows: rows.get("alice", "one"))


async def test_what_one_turn_of_the_loop_asks_for_is_one_commit(store: SqliteStore) -> None:
    before = store.commits
    await asyncio.gather(*(store.write(lambda rows, n=n: rows.insert(an_object(f"{n}"))) for n in range(100)))
    assert store.commits - before == 1


async def test_a_deleted_object_leaves_no_index_row(store: SqliteStore) -> None:
    await store.write(lambda rows: rows.insert(an_object("one", Name="x")))
    await store.write(lambda rows: rows.delete("alice", "one"))
    await store.write(lambda rows: rows.insert(an_object("two", Name="y")))
    assert store.count("alice", LocateQuery((Equals("Name", "x"), Equals("State", 1)))) == 0
    assert store.locate("alice", LocateQuery((Equals("State", 1),))) == ["two"]


async def test_an_object_may_have_many_index_rows(store: SqliteStore) -> None:
    row = dataclasses.replace(an_object("one"), index=tuple(("Name", f"{n:04}") for n in range(1000)))
    await store.write(lambda rows: rows.insert(row))
    assert all(store.locate("alice", LocateQuery((Equals("Name", f"{n:04}"),))) == ["one"] for n in (0, 63, 64, 999))
    assert store.locate("alice", LocateQuery((Equals("Name", "1000"),))) == []


async def test_what_is_to_be_rotated_is_asked_of_all_owners(store: SqliteStore) -> None:
    for owner, identifier, due in (("alice", "one", 10), ("alice", "two", 20), ("bob", "three", 20), ("carol", "four", 31)):
        row = dataclasses.replace(an_object(identifier, owner=owner), index=((ROTATION, due), ("Rotate Interval", 1)))
        await store.write(lambda rows, row=row: rows.insert(row))
    assert [sorted(store.owners_to_rotate(until)) for until in (9, 10, 20, 31)] == [
        [],
        ["alice"],
        ["alice", "bob"],
        ["alice", "bob", "carol"],
    ]
    assert [store.next_rotation(after) for after in (0, 10, 20, 31)] == [10, 20, 31, None]
    await store.write(lambda rows: rows.update(an_object("one")))
    await store.write(lambda rows: rows.delete("alice", "two"))
    assert store.owners_to_rotate(20) == ["bob"]
    assert store.next_rotation(0) == 20
