"""The clients of a lab: their certificates and keys as files, pinned in the directory; the first one's password.

The files are what people hand to their programs, so they are the truth: what is missing is made, and a start that was killed in the
middle is finished by the next one. What is there and cannot be used is an error, and nothing of it is overwritten.
"""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kmip_server.directory import pki
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.errors import ConfigurationError
from kmip_server.files import read_file, write_private
from kmip_server.state_folder import own_authority

from kmiplab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from keyprotect_simulator.lab import Lab
    from kmip_server.directory.contract import Client

CLIENT = "client"
USERNAME = "kmiplab"
OTHER = "other"
OTHER_SUBJECT = "kmipClient20261123000000"
"""In the style of the names that vCenter gives to its client certificates."""

_A_PASSWORD = re.compile(rb"[!-~]{12,200}")


def ensure_client(state_dir: Path, lab: Lab, *, known_as: str = CLIENT) -> str:
    """The lab's client, pinned, with its files; gives its password. Raises `LabError`, `ConfigurationError` or `StoreError`.

    ``known_as``: the name or id of the client that it is, where that one is made elsewhere.
    """
    _refuse_an_emptied_database(state_dir)
    password = _password(state_dir / f"{CLIENT}.password")
    with directory_of(state_dir) as directory:
        client = directory.client(known_as) or directory.add_client(
            CLIENT, adapter_id=lab.adapter_id, crk_id=lab.crk_id, username=USERNAME, password=password
        )
        if not directory.check_password(client, USERNAME, password):
            directory.set_password(client.id, USERNAME, password)
        _ensure_pinned(directory, state_dir, CLIENT, client, lambda: pki.create_client_certificate(own_authority(state_dir), CLIENT))
    return password


def ensure_other_client(state_dir: Path) -> tuple[Path, Path]:
    """A second client, for the checks of access: a self-signed leaf without Extended Key Usage, as vCenter makes one. Its files."""
    with directory_of(state_dir) as directory:
        client = directory.client(OTHER) or directory.add_client(OTHER)
        return _ensure_pinned(directory, state_dir, OTHER, client, lambda: pki.create_self_signed(OTHER_SUBJECT))


@contextmanager
def directory_of(state_dir: Path) -> Iterator[SqliteDirectory]:
    """The directory of a state folder. Raises `StoreError`."""
    directory = SqliteDirectory(state_dir / "kmip.db")
    try:
        yield directory
    finally:
        directory.close()


def _ensure_pinned(
    directory: SqliteDirectory, state_dir: Path, name: str, client: Client, make: Callable[[], pki.KeyPair]
) -> tuple[Path, Path]:
    """The files of that name, made if they are not there, and their certificate pinned for the client: for it alone.

    A lab with another personality may have had another client, whose objects stay with it.
    """
    files = certificate, key = state_dir / f"{name}.pem", state_dir / f"{name}.key"
    if not certificate.exists():
        make().write(certificate, key)
    try:
        pair = pki.load_key_pair(certificate, key)
    except ConfigurationError as error:
        raise LabError(str(error), f"restore {certificate} and {key}, or remove both: new ones are made then.") from error
    pem = pair.certificate_pem.decode("ascii")
    pinned = [one for one in directory.certificates() if one.pem == pem]
    for elsewhere in pinned:
        if elsewhere.client_id != client.id:
            directory.remove_certificate(elsewhere.id)
    if all(one.client_id != client.id for one in pinned):
        taken = any(one.name == name for one in directory.certificates(client.id))
        directory.add_certificate(client.id, pem, None if taken else name)
    return files


def _password(path: Path) -> str:
    write_private(path, secrets.token_urlsafe(18).encode(), replace=False)
    content = read_file(path, "the password file").strip()
    if not _A_PASSWORD.fullmatch(content):
        raise LabError(
            f"{path} holds no password: one line of 12 to 200 printable ASCII characters is wanted",
            "restore it, or remove it: a new password is made then.",
        )
    return content.decode("ascii")


def _refuse_an_emptied_database(state_dir: Path) -> None:
    database = state_dir / "kmip.db"
    used = (state_dir / f"{CLIENT}.pem").exists()
    if used and database.is_file() and database.stat().st_size == 0 and not database.with_name("kmip.db-wal").exists():
        raise LabError(
            f"{database} is empty, although this lab had clients and perhaps keys",
            "restore the state folder from a backup; or remove that file, to begin without keys.",
        )
