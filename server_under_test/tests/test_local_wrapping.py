"""Wrapping by the root key of the state folder."""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING

import pytest
from kmip_server.directory.contract import Client
from kmip_server.errors import ConfigurationError, KmipFailure
from kmip_server.settings import Settings
from kmip_server.state_folder import prepare_root_key
from kmip_server.store.contract import StoredObject
from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.contract import Envelope
from kmip_server.wrapping.local import LocalWrapping, load_root_key

if TYPE_CHECKING:
    from pathlib import Path

ALICE = Client("alice-id", "alice")
SECRET = bytes(range(32))


async def test_what_was_wrapped_is_unwrapped_by_the_same_key_alone() -> None:
    wrapping, other = LocalWrapping(os.urandom(32)), LocalWrapping(os.urandom(32))
    envelope = Envelope.from_json((await wrapping.wrap(ALICE, "one", SECRET)).to_json())
    assert SECRET not in envelope.ciphertext
    assert await wrapping.unwrap(ALICE, "one", envelope) == wrapping.cached("one", envelope) == SECRET
    with pytest.raises(KmipFailure, match="does not have"):
        other.cached("one", envelope)
    with pytest.raises(KmipFailure, match="damaged"):
        wrapping.cached("another", envelope)
    assert (await wrapping.wrap(ALICE, "one", SECRET)).ciphertext != envelope.ciphertext


def test_the_root_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    assert load_root_key(path) == load_root_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"0123", b"x" * 64, b"ab" * 33, bytes(range(0x80, 0xA0))])
def test_a_file_that_is_no_root_key(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "root.key"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is not a root key") as caught:
        load_root_key(path)
    assert "backup" in caught.value.hint
    assert path.read_bytes() == content


def test_a_root_key_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "root.key").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_root_key(tmp_path / "root.key")


def test_a_lost_or_exchanged_root_key_is_noticed_at_the_start(tmp_path: Path) -> None:
    settings = Settings(tmp_path)

    async def fill() -> None:
        store = SqliteStore(settings.database)
        envelope = await LocalWrapping(prepare_root_key(settings, store)).wrap(ALICE, "one", SECRET)
        await store.write(lambda rows: rows.insert(StoredObject("one", "alice", 2, 1, b"", envelope=envelope)))
        store.close()

    asyncio.run(fill())
    kept = settings.root_key.read_bytes()
    store = SqliteStore(settings.database)
    settings.root_key.unlink()
    with pytest.raises(ConfigurationError, match="is gone"):
        prepare_root_key(settings, store)
    assert not settings.root_key.exists()
    settings.root_key.write_bytes(os.urandom(32).hex().encode())
    with pytest.raises(ConfigurationError, match="another root key"):
        prepare_root_key(settings, store)
    settings.root_key.write_bytes(kept)
    prepare_root_key(settings, store)
    store.close()
