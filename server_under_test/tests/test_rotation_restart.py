"""Rotation by the server itself: in a process that nobody asks, after one that was killed, and in several that share a store."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from asking import asked, connected
from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, LinkType, NameType, ObjectType
from kmip_server.messages import Attribute, Attributes, CreateRequest, Link, LocateRequest, Name
from kmip_server.objects.at_rest import object_of
from kmip_server.store.contract import LocateQuery
from kmip_server.store.sqlite import SqliteStore
from kmip_server.testing import RunningServer, running_server_process

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_server.objects.managed import ManagedObject


def name(text: str) -> Attribute:
    return Attribute(attribute_name="Name", attribute_value=Name(text, NameType.UNINTERPRETED_TEXT_STRING))


def create(text: str) -> CreateRequest:
    """A key of that name, rotated every second."""
    values = {
        "Cryptographic Algorithm": CryptographicAlgorithm.AES,
        "Cryptographic Length": 256,
        "Cryptographic Usage Mask": CryptographicUsageMask.ENCRYPT,
        "Rotate Automatic": True,
        "Rotate Interval": 1,
    }
    attributes = tuple(Attribute(attribute_name=one, attribute_value=value) for one, value in values.items())
    return CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, attributes=Attributes((*attributes, name(text))))


def made(server: RunningServer, *texts: str) -> set[str]:
    with closing(connected(server)) as connection:
        return {item.response_payload.unique_identifier for item in asked(connection, *map(create, texts))}  # type: ignore[attr-defined]


def until_there_are_others(server: RunningServer, before: set[str], *texts: str) -> set[str]:
    """Look for the names until each is that of another key; each time over another connection, which any worker may take."""
    while True:
        with closing(connected(server)) as connection:
            found = asked(connection, *(LocateRequest(attributes=Attributes((name(text),))) for text in texts))
        now = {one for item in found for one in item.response_payload.unique_identifier}  # type: ignore[attr-defined]
        assert len(now) == len(texts)
        if not now & before:
            return now


def objects_of(server: RunningServer) -> list[ManagedObject]:
    """What the state folder of a server that has ended holds."""
    with closing(SqliteStore(server.state_dir / "kmip.db")) as store:
        rows = [store.get(server.client.owner, one) for one in store.locate(server.client.owner, LocateQuery())]
    return [object_of(row) for row in rows if row is not None]


def followers(item: ManagedObject) -> list[object]:
    links = [one.value for one in item.instances("Link") if isinstance(one.value, Link)]
    return [link.linked_object_identifier for link in links if link.link_type is LinkType.REPLACEMENT_OBJECT_LINK]


def test_what_became_due_while_the_server_was_dead_is_rotated_when_it_is_back(tmp_path: Path) -> None:
    with running_server_process(tmp_path) as server:
        first = made(server, "n")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
    with running_server_process(tmp_path) as again:
        until_there_are_others(again, first, "n")
    chain = {one.unique_identifier: one for one in objects_of(again)}
    item = chain[first.pop()]
    for generation in range(len(chain)):
        assert item.value("Rotate Generation") == generation
        if generation < len(chain) - 1:
            (follower,) = followers(item)
            item = chain[str(follower)]
    assert item.value("Rotate Latest") is True


def test_of_several_workers_one_rotates(tmp_path: Path) -> None:
    texts = [f"key {number}" for number in range(5)]
    with running_server_process(tmp_path, workers=2, rotation_seconds=0.05) as server:
        keys = made(server, *texts)
        for _ in range(2):
            keys |= until_there_are_others(server, keys, *texts)
    held = objects_of(server)
    newest = [one for one in held if one.value("Name") is not None]
    assert {one.value("Rotate Latest") for one in newest} == {True}
    assert len(newest) == len(texts)
    assert all(len(followers(one)) == (0 if one in newest else 1) for one in held)
    generations = [one.value("Rotate Generation") for one in newest]
    assert len(held) == sum(one + 1 for one in generations if isinstance(one, int)) >= 3 * len(texts)
