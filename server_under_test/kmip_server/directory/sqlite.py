"""The directory in the state folder's SQLite file, beside the objects.

Each change raises the generation in the same transaction, so that a server notices what a command in another process did. Passwords are
kept as scrypt hashes; one that was right is remembered as a keyed hash until the directory changes, because vCenter sends it with every
second request and scrypt is slow on purpose.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kmip_server.directory.contract import Client, ClientCertificate
from kmip_server.directory.pki import read_certificate
from kmip_server.errors import ConfigurationError
from kmip_server.store.sqlite_file import immediate, open_database, store_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CLIENT_FIELDS = "c.id, c.name, c.adapter_id, c.crk_id, c.username"
CERTIFICATE_FIELDS = "id, client_id, name, fingerprint, pem, subject, not_after, created_at"

SCRYPT_COST = {"n": 1 << 14, "r": 8, "p": 1}
"""16 MiB and some 40 ms a guess (RFC 7914)."""


class SqliteDirectory:
    """The clients in the SQLite file ``path``."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises `StoreError` when it cannot be used."""
        self._path = path
        self._connection = open_database(path)
        self._pepper = os.urandom(32)
        self._verified: dict[str, tuple[int, bytes]] = {}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def clients(self) -> Sequence[Client]:
        """Every client, oldest first."""
        rows = self._read(f"SELECT {CLIENT_FIELDS} FROM clients c ORDER BY position")  # noqa: S608 - constant
        return [Client(*row) for row in rows]

    def client(self, client_id: str) -> Client | None:
        """The client with that id, or with that name."""
        rows = self._read(f"SELECT {CLIENT_FIELDS} FROM clients c WHERE c.id = ? OR c.name = ?", client_id, client_id)  # noqa: S608 - constant
        return Client(*rows[0]) if rows else None

    def add_client(
        self,
        name: str,
        *,
        client_id: str | None = None,
        adapter_id: str | None = None,
        crk_id: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> Client:
        """Add a client (`Directory.add_client`)."""
        if not name:
            raise ConfigurationError("a client needs a name", "give it one that you recognise in the log")
        if (username is None) != (password is None):
            raise ConfigurationError("a user name and a password belong together", "give both, or neither")
        salt = os.urandom(16) if password is not None else None
        digest = _scrypt(password, salt) if password is not None and salt is not None else None
        client = Client(client_id or str(uuid.uuid4()), name, adapter_id, crk_id, username)
        values = (client.id, name, adapter_id, crk_id, username, salt, digest)
        with self._change(f"there is a client {name} already", "choose another name, or remove that client first"):
            self._connection.execute(
                "INSERT INTO clients (id, name, adapter_id, crk_id, username, password_salt, password_hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        return client

    def set_password(self, client_id: str, username: str, password: str) -> None:
        """Give a client another user name and password (`Directory.set_password`)."""
        salt = os.urandom(16)
        values = (username, salt, _scrypt(password, salt), client_id)
        with self._change():
            statement = "UPDATE clients SET username = ?, password_salt = ?, password_hash = ? WHERE id = ?"
            if self._connection.execute(statement, values).rowcount == 0:
                raise ConfigurationError(f"there is no client {client_id}", "add the client first")

    def remove_client(self, client_id: str) -> bool:
        """Remove a client and its certificates; its objects stay."""
        with self._change():
            return self._connection.execute("DELETE FROM clients WHERE id = ?", (client_id,)).rowcount > 0

    def certificates(self, client_id: str | None = None) -> Sequence[ClientCertificate]:
        """The certificates of one client, or of all, oldest first."""
        rows = self._read(
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
        facts = read_certificate(pem.encode())
        identifier = str(uuid.uuid4())
        certificate = ClientCertificate(
            id=identifier,
            client_id=client.id,
            name=name or f"cert_{identifier[:8]}",
            fingerprint=facts.fingerprint,
            pem=facts.pem,
            subject=facts.subject,
            not_after=facts.not_after,
            created_at=int(time.time()),
        )
        values = tuple(getattr(certificate, field) for field in ClientCertificate.__slots__)
        what = f"this certificate ({facts.subject}) is pinned already, or client {client.name} has another one named {certificate.name}"
        with self._change(what, "a certificate belongs to one client only: remove it there first"):
            self._connection.execute(f"INSERT INTO certificates ({CERTIFICATE_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - constant
        return certificate

    def remove_certificate(self, certificate_id: str) -> bool:
        """Unpin by id, fingerprint or name."""
        with self._change():
            statement = "DELETE FROM certificates WHERE ? IN (id, fingerprint, name)"
            return self._connection.execute(statement, (certificate_id,)).rowcount > 0

    def identify(self, der: bytes) -> Client | None:
        """Whose certificate this is."""
        rows = self._read(
            f"SELECT {CLIENT_FIELDS} FROM certificates p JOIN clients c ON c.id = p.client_id WHERE p.fingerprint = ?",  # noqa: S608 - constant
            hashlib.sha256(der).hexdigest(),
        )
        return Client(*rows[0]) if rows else None

    def check_password(self, client: Client, username: str, password: str) -> bool:
        """Do these belong to ``client``? (`Directory.check_password`)."""
        if client.username is None or not hmac.compare_digest(client.username.encode(), username.encode()):
            return False
        generation = self.generation()
        seen = hmac.digest(self._pepper, password.encode(), "sha256")
        known = self._verified.get(client.id)
        if known is not None and known[0] == generation and hmac.compare_digest(known[1], seen):
            return True
        rows = self._read("SELECT password_salt, password_hash FROM clients WHERE id = ? AND password_hash IS NOT NULL", client.id)
        if not rows or not hmac.compare_digest(_scrypt(password, rows[0][0]), rows[0][1]):
            return False
        self._verified[client.id] = (generation, seen)
        return True

    def generation(self) -> int:
        """A number that every change raises, in any process."""
        number: int = self._read("SELECT number FROM generation")[0][0]
        return number

    def _read(self, statement: str, *values: str | None) -> list[Any]:
        with store_errors(self._path):
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _change(self, conflict: str = "", hint: str = "") -> Iterator[None]:
        """A transaction that raises the generation; a broken uniqueness is ``conflict``."""
        with store_errors(self._path), immediate(self._connection):
            try:
                yield
            except sqlite3.IntegrityError as error:
                raise ConfigurationError(conflict or str(error), hint) from error
            self._connection.execute("UPDATE generation SET number = number + 1")


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, dklen=32, **SCRYPT_COST)
