"""Keepers in the state folder's SQLite file: where some clients' root keys are, and the API key that is needed there.

The API key is sealed with AES-256-GCM under the state folder's root key, bound to the keeper's name: the database alone, a copy of it in a
backup, opens no Key Protect.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmip_server.directory.contract import Keeper
from kmip_server.errors import ConfigurationError
from kmip_server.wrapping.local import NONCE_BYTES, load_root_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kmip_server.directory.sqlite import SqliteDirectory

SELECT = "SELECT name, url, iam_url, instance_id, crk_id, keeps_keys, sealed_api_key FROM keepers ORDER BY position"
PUT = (
    "INSERT INTO keepers (name, url, iam_url, instance_id, crk_id, keeps_keys, sealed_api_key) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET (url, iam_url, instance_id, crk_id, keeps_keys, sealed_api_key)"
    " = (excluded.url, excluded.iam_url, excluded.instance_id, excluded.crk_id, excluded.keeps_keys, excluded.sealed_api_key)"
)


class SqliteKeepers:
    """The keepers of a directory."""

    def __init__(self, directory: SqliteDirectory, root_key: Path) -> None:
        """In the directory's file, through its connection; ``root_key`` is the file of the key that seals."""
        self._directory = directory
        self._root_key = root_key

    def all(self) -> Sequence[Keeper]:
        """Every keeper, oldest first. Raises `ConfigurationError` when an API key cannot be opened."""
        return [
            Keeper(name, url, iam_url, instance_id, crk_id, self._opened(name, sealed), bool(keeps_keys))
            for name, url, iam_url, instance_id, crk_id, keeps_keys, sealed in self._directory.read(SELECT)
        ]

    def put(self, keeper: Keeper) -> None:
        """Add a keeper, or put it in the place of the one of that name."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher().encrypt(nonce, keeper.api_key.encode(), keeper.name.encode())
        values = (keeper.name, keeper.url, keeper.iam_url, keeper.instance_id, keeper.crk_id, keeper.keeps_keys, sealed)
        with self._directory.change() as connection:
            connection.execute(PUT, values)

    def remove(self, name: str) -> bool:
        """Remove a keeper. Raises `ConfigurationError` while clients need it."""
        with self._directory.change() as connection:
            needed_by = connection.execute("SELECT name FROM clients WHERE keeper = ? ORDER BY position", (name,)).fetchall()
            if needed_by:
                raise ConfigurationError(
                    f"the keeper {name} has the keys of {', '.join(client for (client,) in needed_by)}", "remove these clients first"
                )
            return connection.execute("DELETE FROM keepers WHERE name = ?", (name,)).rowcount > 0

    def _opened(self, name: str, sealed: bytes) -> str:
        if not self._root_key.exists():
            raise ConfigurationError(
                f"{self._root_key} is gone, and the API key of the keeper {name} is sealed by it",
                "restore that file from a backup; nothing was changed",
            )
        try:
            return self._cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode()).decode()
        except InvalidTag as error:
            raise ConfigurationError(
                f"the API key of the keeper {name} is not sealed by {self._root_key}",
                "restore that file from a backup, or put the keeper anew",
            ) from error

    def _cipher(self) -> AESGCM:
        return AESGCM(load_root_key(self._root_key))
