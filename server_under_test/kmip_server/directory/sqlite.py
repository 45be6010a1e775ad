"""The directory in the state folder's SQLite file, beside the objects.

Each change raises the generation in the same transaction, so that a server notices what a command in another process did. Passwords are
kept as scrypt hashes; one that was right is remembered as a keyed hash until the directory changes, because vCenter sends it with every
second request and scrypt is slow on purpose.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import sqlite3
import time
import uuid
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from kmip_server.directory.contract import Client, ClientCertificate, Seeding
from kmip_server.directory.pki import pem_of_certificate, read_certificate
from kmip_server.directory.sqlite_credentials import SqliteCredentials, hashed
from kmip_server.directory.sqlite_keepers import SqliteKeepers
from kmip_server.errors import ConfigurationError
from kmip_server.store.epoch import Epoch, odd_after
from kmip_server.store.sqlite_file import connect, immediate, open_database, store_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kmip_server.directory.contract import Keeper

CLIENT_FIELDS = "c.id, c.name, c.adapter_id, c.crk_id, c.username, c.shares_with, c.acts_for_others, c.seeding, c.keeper"
CERTIFICATE_FIELDS = "id, client_id, name, fingerprint, pem, subject, not_after, created_at"

INSERT_CERTIFICATE = f"INSERT INTO certificates ({CERTIFICATE_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constant

RESERVED = "kmip:"
"""How the names of the server's own books begin (`ledger`), which stand where an owner's identifier would."""


class SqliteDirectory:
    """The clients in the SQLite file ``path``."""

    def __init__(self, path: Path, *, root_key: Path | None = None) -> None:
        """Open the file, or make it; ``root_key``, ``root.key`` beside it, seals what nobody may read. Raises `StoreError`."""
        self._path = path
        self._connection = open_database(path)
        with store_errors(path):
            self._epoch = Epoch(path.with_name(path.name + ".clients"))
        self._known = (-1, 0)
        self._pepper = os.urandom(32)
        self._verified: dict[str, tuple[int, bytes]] = {}
        self.credentials = SqliteCredentials(self)
        self._keepers = SqliteKeepers(self, root_key or path.with_name("root.key"))

    def close(self) -> None:
        """Close the file."""
        self._epoch.close()
        self._connection.close()

    def clients(self) -> Sequence[Client]:
        """Every client, oldest first."""
        rows = self.read(f"SELECT {CLIENT_FIELDS} FROM clients c ORDER BY position")  # noqa: S608 - constant
        return [_client(row) for row in rows]

    def client(self, client_id: str) -> Client | None:
        """The client with that id, or with that name."""
        rows = self.read(f"SELECT {CLIENT_FIELDS} FROM clients c WHERE c.id = ? OR c.name = ?", client_id, client_id)  # noqa: S608 - constant
        return _client(rows[0]) if rows else None

    def add_client(
        self,
        name: str,
        *,
        client_id: str | None = None,
        adapter_id: str | None = None,
        crk_id: str | None = None,
        username: str | None = None,
        password: str | None = None,
        shares_with: str | None = None,
        acts_for_others: bool = False,
        seeding: Seeding = Seeding.IGNORED,
        keeper: str | None = None,
    ) -> Client:
        """Add a client (`Directory.add_client`)."""
        if not name:
            raise ConfigurationError("a client needs a name", "give it one that you recognise in the log")
        if (username is None) != (password is None):
            raise ConfigurationError("a user name and a password belong together", "give both, or neither")
        if client_id is not None and client_id.startswith(RESERVED):
            raise ConfigurationError(f"{client_id} is no identifier for a client", f"those that begin with {RESERVED} are the server's own")
        other = None if shares_with is None else self.client(shares_with)
        if shares_with is not None and other is None:
            raise ConfigurationError(f"there is no client {shares_with} to share objects with", "add that one first")
        if keeper is not None and not self.read("SELECT 1 FROM keepers WHERE name = ?", keeper):
            raise ConfigurationError(f"there is no keeper {keeper}", "put that one first")
        salt = os.urandom(16) if password is not None else None
        digest = hashed(password, salt) if password is not None and salt is not None else None
        owner = None if other is None else other.owner
        client = Client(client_id or str(uuid.uuid4()), name, adapter_id, crk_id, username, owner, acts_for_others, seeding, keeper)
        values = (client.id, name, adapter_id, crk_id, username, salt, digest, owner, acts_for_others, seeding, keeper)
        with self.change(f"there is a client {name} already", "choose another name, or remove that client first"):
            self._connection.execute(
                "INSERT INTO clients (id, name, adapter_id, crk_id, username, password_salt, password_hash, shares_with, acts_for_others,"
                " seeding, keeper) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        return client

    def set_password(self, client_id: str, username: str, password: str) -> None:
        """Give a client another user name and password (`Directory.set_password`)."""
        salt = os.urandom(16)
        values = (username, salt, hashed(password, salt), client_id)
        with self.change():
            statement = "UPDATE clients SET username = ?, password_salt = ?, password_hash = ? WHERE id = ?"
            if self._connection.execute(statement, values).rowcount == 0:
                raise ConfigurationError(f"there is no client {client_id}", "add the client first")

    def remove_client(self, client_id: str) -> bool:
        """Remove a client and its certificates; its objects stay."""
        with self.change():
            return self._connection.execute("DELETE FROM clients WHERE id = ?", (client_id,)).rowcount > 0

    def keepers(self) -> Sequence[Keeper]:
        """Every keeper, oldest first."""
        return self._keepers.all()

    def put_keeper(self, keeper: Keeper) -> None:
        """Add a keeper, or replace the one of that name (`Directory.put_keeper`)."""
        self._keepers.put(keeper)

    def remove_keeper(self, name: str) -> bool:
        """Remove a keeper that no client needs (`Directory.remove_keeper`)."""
        return self._keepers.remove(name)

    def certificates(self, client_id: str | None = None) -> Sequence[ClientCertificate]:
        """The certificates of one client, or of all, oldest first."""
        rows = self.read(
            f"SELECT {CERTIFICATE_FIELDS} FROM certificates WHERE ? IS NULL OR client_id = ? ORDER BY position",  # noqa: S608 - constant
            client_id,
            client_id,
        )
        return [ClientCertificate(*row) for row in rows]

    def add_certificate(self, client_id: str, pem: str, name: str | None = None) -> ClientCertificate:
        """Pin a certificate (`Directory.add_certificate`)."""
        client = self.client(client_id)
        if client is None:
            raise ConfigurationError(f"there is no client {client_id}", "add the client first")
        certificate = _certificate_of(client.id, pem, name)
        what = (
            f"this certificate ({certificate.subject}) is pinned already, or client {client.name} has another one named {certificate.name}"
        )
        with self.change(what, "a certificate belongs to one client only: remove it there first"):
            self._connection.execute(INSERT_CERTIFICATE, _values(certificate))
        return certificate

    async def replace_certificate(self, client_id: str, old: bytes, new: bytes) -> None:
        """Pin one certificate instead of another (`Directory.replace_certificate`).

        In a thread, on a connection of its own: the store may hold the write lock for something that waits for the event loop.
        """
        certificate = _certificate_of(client_id, pem_of_certificate(new), None)
        await asyncio.to_thread(self._replace, hashlib.sha256(old).hexdigest(), certificate)

    def _replace(self, old: str, certificate: ClientCertificate) -> None:
        with store_errors(self._path), closing(connect(self._path)) as connection, self._announced(connection):
            try:
                connection.execute(INSERT_CERTIFICATE, _values(certificate))
            except sqlite3.IntegrityError as error:
                raise ConfigurationError("it is pinned already", "a certificate belongs to one client only") from error
            connection.execute("DELETE FROM certificates WHERE fingerprint = ?", (old,))
            connection.execute("UPDATE generation SET number = number + 1")

    def remove_certificate(self, certificate_id: str) -> bool:
        """Unpin by id, fingerprint or name."""
        with self.change():
            statement = "DELETE FROM certificates WHERE ? IN (id, fingerprint, name)"
            return self._connection.execute(statement, (certificate_id,)).rowcount > 0

    def identify(self, der: bytes) -> Client | None:
        """Whose certificate this is."""
        rows = self.read(
            f"SELECT {CLIENT_FIELDS} FROM certificates p JOIN clients c ON c.id = p.client_id WHERE p.fingerprint = ?",  # noqa: S608 - constant
            hashlib.sha256(der).hexdigest(),
        )
        return _client(rows[0]) if rows else None

    def check_password(self, client: Client, username: str, password: str) -> bool:
        """Do these belong to ``client``? (`Directory.check_password`)."""
        if client.username is None or not hmac.compare_digest(client.username.encode(), username.encode()):
            return False
        generation = self.generation()
        if self._is_known(client.id, password, generation):
            return True
        rows = self.read("SELECT password_salt, password_hash FROM clients WHERE id = ? AND password_hash IS NOT NULL", client.id)
        return bool(rows) and self._is_right(client.id, password, rows[0][0], rows[0][1], generation)

    def matches(self, what: str, password: str, salt: bytes, digest: bytes) -> bool:
        """Is this the password of that hash? Remembered under the name ``what`` when it is."""
        generation = self.generation()
        return self._is_known(what, password, generation) or self._is_right(what, password, salt, digest, generation)

    def _is_known(self, what: str, password: str, generation: int) -> bool:
        known = self._verified.get(what)
        return known is not None and known[0] == generation and hmac.compare_digest(known[1], self._seen(password))

    def _is_right(self, what: str, password: str, salt: bytes, digest: bytes, generation: int) -> bool:
        if not hmac.compare_digest(hashed(password, salt), digest):
            return False
        self._verified[what] = (generation, self._seen(password))
        return True

    def _seen(self, password: str) -> bytes:
        return hmac.digest(self._pepper, password.encode(), "sha256")

    def generation(self) -> int:
        """A number that every change raises, in any process. Each request asks for it: the file is read when the epoch has moved."""
        epoch = self._epoch.read()
        known_at, known = self._known
        if epoch == known_at:
            return known
        number: int = self.read("SELECT number FROM generation")[0][0]
        if epoch % 2 == 0:
            self._known = (epoch, number)
        return number

    def read(self, statement: str, *values: str | None) -> list[Any]:
        """Rows of the file."""
        with store_errors(self._path):
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def change(self, conflict: str = "", hint: str = "") -> Iterator[sqlite3.Connection]:
        """A transaction that raises the generation; a broken uniqueness is ``conflict``."""
        with store_errors(self._path), self._announced(self._connection):
            try:
                yield self._connection
            except sqlite3.IntegrityError as error:
                raise ConfigurationError(conflict or str(error), hint) from error
            self._connection.execute("UPDATE generation SET number = number + 1")

    @contextmanager
    def _announced(self, connection: sqlite3.Connection) -> Iterator[None]:
        """A transaction before whose commit the epoch becomes odd, and even again afterwards (`Epoch`)."""
        during = 0
        try:
            with immediate(connection):
                yield
                during = odd_after(self._epoch.read())
                self._epoch.write(during)
        finally:
            if during:
                self._epoch.write(during + 1)


def _certificate_of(client_id: str, pem: str, name: str | None) -> ClientCertificate:
    facts = read_certificate(pem.encode())
    identifier = str(uuid.uuid4())
    return ClientCertificate(
        id=identifier,
        client_id=client_id,
        name=name or f"cert_{identifier[:8]}",
        fingerprint=facts.fingerprint,
        pem=facts.pem,
        subject=facts.subject,
        not_after=facts.not_after,
        created_at=int(time.time()),
    )


def _values(certificate: ClientCertificate) -> tuple[Any, ...]:
    return tuple(getattr(certificate, field) for field in ClientCertificate.__slots__)


def _client(row: tuple[Any, ...]) -> Client:
    client_id, name, adapter_id, crk_id, username, shares_with, acts_for_others, seeding, keeper = row
    return Client(client_id, name, adapter_id, crk_id, username, shares_with, bool(acts_for_others), Seeding(seeding), keeper)
