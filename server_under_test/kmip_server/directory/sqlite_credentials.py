"""Further users, devices, one-time and hashed passwords in the state folder's SQLite file, beside the clients that present them.

Passwords of devices and one-time passwords are scrypt hashes. A Hashed Password needs the hashes S1 and S2 themselves, which are as good
as the password: they are only kept for a client that is allowed to use it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import TYPE_CHECKING

from kmip_server.directory.contract import HeldCredential
from kmip_server.enums import CredentialType
from kmip_server.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmip_server.directory.contract import Client
    from kmip_server.directory.sqlite import SqliteDirectory

SCRYPT_COST = {"n": 1 << 14, "r": 8, "p": 1}
"""16 MiB and some 40 ms a guess (RFC 7914)."""

INSERT = "INSERT INTO credentials (client_id, kind, name, salt, secret) VALUES (?, ?, ?, ?, ?)"

DELETE = "DELETE FROM credentials WHERE client_id = ? AND kind = ? AND name = ?"

HASHES = ("sha256", "sha384", "sha512")
"""What a Hashed Password may be hashed by."""


class SqliteCredentials:
    """The credentials of the clients of a directory."""

    def __init__(self, directory: SqliteDirectory) -> None:
        """In the directory's file, through its connection."""
        self._directory = directory

    def claimed(self, client: Client, kind: CredentialType, name: str) -> Client | None:
        """Who a credential says that it is (`Credentials.claimed`)."""
        if not client.acts_for_others:
            return client
        rows = self._directory.read("SELECT DISTINCT client_id FROM credentials WHERE kind = ? AND name = ?", str(int(kind)), name)
        if kind is CredentialType.USERNAME_AND_PASSWORD:
            rows = list({*rows, *self._directory.read("SELECT id FROM clients WHERE username = ?", name)})
        return self._directory.client(rows[0][0]) if len(rows) == 1 else None

    def held(self, client_id: str) -> list[HeldCredential]:
        """What a client may present (`Credentials.held`)."""
        statement = "SELECT kind, name, count(*) FROM credentials WHERE client_id = ? GROUP BY kind, name ORDER BY kind, name"
        return [
            HeldCredential(CredentialType(kind), _in_words(name) if kind == CredentialType.DEVICE else name, count)
            for kind, name, count in self._directory.read(statement, client_id)
        ]

    def forget(self, client_id: str, kind: CredentialType, name: str | Mapping[str, str]) -> bool:
        """Let a client no longer present this (`Credentials.forget`)."""
        stored = name if isinstance(name, str) else _device_name(name)
        with self._directory.change() as connection:
            return connection.execute(DELETE, (client_id, int(kind), stored)).rowcount > 0

    def add_user(self, client_id: str, username: str, password: str) -> None:
        """Let a client present one more user name (`Credentials.add_user`)."""
        self._add(client_id, CredentialType.USERNAME_AND_PASSWORD, username, password)

    def check_user(self, client: Client, username: str, password: str) -> bool:
        """Do these belong to the client? (`Credentials.check_user`)."""
        kind = str(int(CredentialType.USERNAME_AND_PASSWORD))
        statement = "SELECT salt, secret FROM credentials WHERE client_id = ? AND kind = ? AND name = ?"
        rows = self._directory.read(statement, client.id, kind, username)
        return any(self._directory.matches(f"{client.id} {username}", password, salt, secret) for salt, secret in rows)

    def add_device(self, client_id: str, identification: Mapping[str, str], password: str) -> None:
        """Let a client present a Device credential (`Credentials.add_device`)."""
        if not identification:
            raise ConfigurationError("a device needs something to be known by", "give its serial number or another identifier")
        self._add(client_id, CredentialType.DEVICE, _device_name(identification), password)

    def check_device(self, client: Client, identification: Mapping[str, str], password: str) -> Client | None:
        """Whose device this is (`Credentials.check_device`)."""
        rows = self._directory.read("SELECT client_id, name, salt, secret FROM credentials WHERE kind = ?", str(int(CredentialType.DEVICE)))
        for client_id, name, salt, secret in rows:
            if client_id != client.id and not client.acts_for_others:
                continue
            if json.loads(name).items() <= identification.items() and self._directory.matches(
                f"{client_id} {name}", password, salt, secret
            ):
                return self._directory.client(client_id)
        return None

    def add_one_time_passwords(self, client_id: str, username: str, passwords: Sequence[str]) -> None:
        """Let a client present these, each once (`Credentials.add_one_time_passwords`)."""
        for password in passwords:
            self._add(client_id, CredentialType.ONE_TIME_PASSWORD, username, password)

    def one_time_password(self, client: Client, username: str, password: str) -> str | None:
        """Which of the client's this is (`Credentials.one_time_password`)."""
        kind = str(int(CredentialType.ONE_TIME_PASSWORD))
        statement = "SELECT salt, secret FROM credentials WHERE client_id = ? AND kind = ? AND name = ?"
        for salt, secret in self._directory.read(statement, client.id, kind, username):
            if hmac.compare_digest(hashed(password, salt), secret):
                return str(salt.hex())
        return None

    def allow_hashed_password(self, client_id: str, username: str, password: str) -> None:
        """Let a client present the Hashed Password credential (`Credentials.allow_hashed_password`)."""
        secrets = {name: [_digest(name, username, password).hex(), _digest(name, password, username).hex()] for name in HASHES}
        kind = int(CredentialType.HASHED_PASSWORD)
        with self._directory.change() as connection:
            self._must_be_known(client_id)
            connection.execute("DELETE FROM credentials WHERE client_id = ? AND kind = ?", (client_id, kind))
            connection.execute(INSERT, (client_id, kind, username, None, json.dumps(secrets).encode()))

    def hashed_password_secrets(self, client: Client, username: str, algorithm: str) -> tuple[bytes, bytes] | None:
        """The two hashes S1 and S2 (`Credentials.hashed_password_secrets`)."""
        kind = str(int(CredentialType.HASHED_PASSWORD))
        statement = "SELECT secret FROM credentials WHERE client_id = ? AND kind = ? AND name = ?"
        rows = self._directory.read(statement, client.id, kind, username)
        pair = json.loads(rows[0][0]).get(algorithm) if rows else None
        return None if pair is None else (bytes.fromhex(pair[0]), bytes.fromhex(pair[1]))

    def _add(self, client_id: str, kind: CredentialType, name: str, password: str) -> None:
        salt = os.urandom(16)
        with self._directory.change() as connection:
            self._must_be_known(client_id)
            if kind is not CredentialType.ONE_TIME_PASSWORD:
                connection.execute(DELETE, (client_id, int(kind), name))
            connection.execute(INSERT, (client_id, int(kind), name, salt, hashed(password, salt)))

    def _must_be_known(self, client_id: str) -> None:
        if self._directory.client(client_id) is None:
            raise ConfigurationError(f"there is no client {client_id}", "add the client first")


def hashed(password: str, salt: bytes) -> bytes:
    """What is kept of a password: its scrypt hash, slow on purpose."""
    return hashlib.scrypt(password.encode(), salt=salt, dklen=32, **SCRYPT_COST)


def _device_name(identification: Mapping[str, str]) -> str:
    return json.dumps(dict(identification), sort_keys=True)


def _in_words(device_name: str) -> str:
    return " ".join(f"{field}={value}" for field, value in json.loads(device_name).items())


def _digest(algorithm: str, *parts: str) -> bytes:
    return hashlib.new(algorithm, "".join(parts).encode()).digest()
