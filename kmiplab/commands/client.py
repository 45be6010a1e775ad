"""`kmiplab client`: who may speak to the KMIP server of a state folder. Works while the server runs."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.commands.up import default_state_dir
from kmiplab.help import STATE_DIR_DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.directory.contract import Client
    from kmip_server.directory.sqlite import SqliteDirectory

A_FOLDER = click.Path(path_type=Path, file_okay=False)

state_dir_option = click.option(
    "--state-dir", metavar="DIR", type=A_FOLDER, default=default_state_dir, help=f"The server's state folder. {STATE_DIR_DEFAULT}"
)


DEVICE_FIELDS = ("device-serial-number", "device-identifier", "network-identifier", "machine-identifier", "media-identifier")
"""What a Device credential can tell of a device (KMIP 2.1, 9.11)."""


def _identification(context: click.Context, parameter: click.Parameter, told: tuple[str, ...]) -> dict[str, str]:
    """The fields of a device by name, as the server knows them."""
    fields = dict(text.partition("=")[::2] for text in told)
    for field, value in fields.items():
        if field not in DEVICE_FIELDS or not value:
            raise click.BadParameter(f"a device has FIELD=VALUE with one of {', '.join(DEVICE_FIELDS)}", context, parameter)
    return {field.replace("-", "_"): value for field, value in fields.items()}


@click.group("client")
def command() -> None:
    """Add, list and remove the clients of a KMIP server.

    A change holds for the next connection, no restart needed. A client keeps its objects when its certificate changes.

    \b
    kmiplab client add vcenter --cert vcenter.pem  pin one that you have
    kmiplab client add tester                      make ./tester.pem, ./tester.key
    kmiplab client add vcenter --cert second.pem   one more for the same one
    kmiplab client credential tester --device device-serial-number=12
    kmiplab client list
    kmiplab client remove vcenter
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped


@command.command("add")
@click.argument("name")
@state_dir_option
@click.option("--cert", "certificate", type=click.Path(path_type=Path, dir_okay=False),
              help="The client's certificate (PEM), self-signed or not. Without it a certificate and key are made.")  # fmt: skip
@click.option("--out-dir", metavar="DIR", type=A_FOLDER, default=Path(), help="Where a certificate and key that are made go. [here]")
@click.option("--crk-id", metavar="ID", help="Root key in Key Protect that wraps this client's keys.")
@click.option("--username", metavar="NAME", help="The client may also present this user name; its password is asked for.")
@click.option("--shares-with", metavar="NAME", help="A client whose objects this one sees and makes, instead of its own.")
@click.option("--acts-for-others", is_flag=True, help="Requests may carry another client's credential, and are that client's then.")
@click.option("--rng-seed", "seeding", type=click.Choice(["used", "partly", "ignored", "refused"]),
              help="What becomes of the random data in the client's RNG Seed. [ignored]")  # fmt: skip
@click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False), help="A file that holds the password, for scripts.")
def add(name: str, state_dir: Path, certificate: Path | None, out_dir: Path, password_file: Path | None, **fields: Any) -> int:
    """Let a client in, or give a known one another certificate."""
    from kmip_server.directory.pki import read_certificate
    from kmip_server.files import read_file

    made = None if certificate else (out_dir / f"{name}.pem", out_dir / f"{name}.key")
    if certificate is not None:
        pem = read_file(certificate, "the certificate file")
        read_certificate(pem, f"the certificate {certificate}")
    if made is not None:
        _nothing_is_overwritten(name, *made)
    if fields["username"]:
        fields["password"] = _password(password_file)
    if not (state_dir / "kmip.db").exists():
        click.echo(f"note: {state_dir} is a new state folder; a server reads it when it is started with this --state-dir", err=True)
    with directory_in(state_dir) as directory, _undone_if_refused(directory, name, made):
        if made is not None:
            pem = _make_certificate(state_dir, name, *made)
        client = _client(directory, name, fields)
        pinned = directory.add_certificate(client.id, pem.decode("utf-8", "replace"))
    click.echo(f"{client.name} may come in with {pinned.subject} (SHA-256 {pinned.fingerprint})")
    if made is not None:
        click.echo(f"certificate {made[0]}\nkey         {made[1]}")
    return 0


@contextlib.contextmanager
def _undone_if_refused(directory: SqliteDirectory, name: str, files: tuple[Path, ...] | None) -> Iterator[None]:
    """What was made on the way goes again when the rest is refused: a client that was not there before, and files."""
    before = directory.client(name)
    try:
        yield
    except BaseException:
        if before is None and (client := directory.client(name)) is not None:
            directory.remove_client(client.id)
        for file in files or ():
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
        raise


def _client(directory: SqliteDirectory, name: str, fields: dict[str, Any]) -> Client:
    """The client of that name, new or known; a known one gets the user name and password, and keeps its root key."""
    from kmip_server.directory.contract import Seeding

    from kmiplab.errors import LabError

    client, seeding = directory.client(name), fields.pop("seeding")
    if client is None:
        return directory.add_client(name, **fields, seeding=Seeding(seeding or Seeding.IGNORED))
    if fields["crk_id"] not in {None, client.crk_id}:
        raise LabError(
            f"client {name} has its root key already: {client.crk_id or 'the default one'}", "add another client for this root key"
        )
    if fields["shares_with"] or fields["acts_for_others"] or seeding:
        raise LabError(
            f"client {name} is there already", "whose objects it sees, and how it may seed, is settled when it is added: remove it first"
        )
    if (username := fields["username"]) and (password := fields["password"]):
        directory.set_password(client.id, username, password)
    return client


def _nothing_is_overwritten(name: str, *files: Path) -> None:
    from kmiplab.errors import LabError

    if Path(name).name != name or not name.isprintable():
        raise LabError(f"{name!r} cannot be the name of a file", "choose another name, or bring a certificate: --cert FILE")
    for file in files:
        if file.exists():
            raise LabError(
                f"{file} is there already and is not overwritten", "name another folder: --out-dir DIR; or bring it: --cert FILE"
            )


def _make_certificate(state_dir: Path, name: str, certificate: Path, key: Path) -> bytes:
    from kmip_server.directory import pki
    from kmip_server.state_folder import own_authority

    pair = pki.create_client_certificate(own_authority(state_dir), name)
    pair.write(certificate, key)
    return pair.certificate_pem


def _password(file: Path | None) -> str:
    """From its file, else from the terminal; never from an argument, which others can list."""
    from kmip_server.files import read_file

    from kmiplab.errors import LabError

    if file is None and not sys.stdin.isatty():
        raise LabError("there is no terminal to ask for the password on", "name a file that holds it: --password-file FILE")
    if file is None:
        entered: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return entered
    password = read_file(file, "the password file").decode("utf-8", "replace").rstrip("\r\n")
    if not password:
        raise LabError(f"the password file {file} is empty", "write the password into it")
    return password


@command.command("credential")
@click.argument("name")
@state_dir_option
@click.option("--user", metavar="NAME", help="A further user name and password.")
@click.option("--device", metavar="FIELD=VALUE", multiple=True, callback=_identification,
              help=f"A device, by what it tells of itself; may be repeated: {', '.join(DEVICE_FIELDS)}.")  # fmt: skip
@click.option("--one-time-password", metavar="NAME", help="Passwords that are good once, with this user name; one a line in the file.")
@click.option(
    "--hashed-password", metavar="NAME", help="A user name whose password is only sent hashed. Its hashes in the folder are as good as it."
)
@click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False), help="A file that holds the password, for scripts.")
@click.option("--remove", is_flag=True, help="Take the credential away again.")
def credential(name: str, state_dir: Path, password_file: Path | None, *, remove: bool, **kinds: Any) -> int:
    """Say what a client may present in requests, beside its certificate and user name (KMIP 2.1, 9.11)."""
    from kmiplab.errors import LabError

    given = [(kind, value) for kind, value in kinds.items() if value]
    if len(given) != 1:
        raise click.UsageError("one of --user, --device, --one-time-password and --hashed-password is needed")
    [(kind, value)] = given
    _is_a_state_folder(state_dir)
    with directory_in(state_dir) as directory:
        client = directory.client(name)
        if client is None:
            raise LabError(f"there is no client {name}", "kmiplab client list shows them")
        if not remove:
            _register(directory, client, kind, value, _password(password_file))
        elif not _forget(directory, client, kind, value):
            raise LabError(f"client {name} has no such credential", "kmiplab client list shows what it has")
    click.echo(f"{name} may {'not present it any more' if remove else 'present it from now on'}")
    return 0


def _register(directory: SqliteDirectory, client: Client, kind: str, value: Any, password: str) -> None:
    credentials = directory.credentials
    if kind == "one_time_password":
        credentials.add_one_time_passwords(client.id, value, [line for line in password.splitlines() if line])
    elif kind == "hashed_password":
        credentials.allow_hashed_password(client.id, value, password)
    elif kind == "device":
        credentials.add_device(client.id, value, password)
    elif value == client.username:
        directory.set_password(client.id, value, password)
    else:
        credentials.add_user(client.id, value, password)


def _forget(directory: SqliteDirectory, client: Client, kind: str, value: Any) -> bool:
    from kmip_server.enums import CredentialType

    name = {"user": "USERNAME_AND_PASSWORD"}.get(kind, kind.upper())
    return directory.credentials.forget(client.id, CredentialType[name], value)


@command.command("list")
@state_dir_option
def list_(state_dir: Path) -> int:
    """Show clients and their certificates."""
    import datetime as dt

    _is_a_state_folder(state_dir)
    with directory_in(state_dir) as directory:
        for client in directory.clients():
            details = [f"{name} {value}" for name in ("adapter_id", "crk_id", "username") if (value := getattr(client, name))]
            click.echo(f"{client.name}  {client.id}  {'  '.join(details)}".rstrip())
            for held in directory.credentials.held(client.id):
                click.echo(
                    f"    {held.kind.name.capitalize().replace('_', ' ')}  {held.name}  {held.number if held.number > 1 else ''}".rstrip()
                )
            for pinned in directory.certificates(client.id):
                until = dt.datetime.fromtimestamp(pinned.not_after, dt.UTC)
                click.echo(f"    {pinned.name}  {pinned.subject}  until {until:%Y-%m-%d}  SHA-256 {pinned.fingerprint}")
    return 0


@command.command("remove")
@click.argument("what", metavar="NAME_OR_FINGERPRINT")
@state_dir_option
def remove(what: str, state_dir: Path) -> int:
    """Shut out a client, or one of its certificates.

    A name shuts out the client; the fingerprint or the name of a certificate, that one alone. Objects stay.
    """
    from kmip_server.errors import ConfigurationError

    _is_a_state_folder(state_dir)
    with directory_in(state_dir) as directory:
        client = directory.client(what)
        if client is not None:
            directory.remove_client(client.id)
            click.echo(f"{client.name} may not come in any more; its objects stay")
        elif directory.remove_certificate(what):
            click.echo(f"the certificate {what} is not registered any more")
        else:
            raise ConfigurationError(f"there is no client and no certificate {what}", "kmiplab client list shows them")
    return 0


def _is_a_state_folder(state_dir: Path) -> None:
    """Asking for clients must not make a folder that was mistyped."""
    from kmiplab.errors import LabError

    if not (state_dir / "kmip.db").exists():
        raise LabError(
            f"{state_dir} is not the state folder of a KMIP server: it has no kmip.db", "name the server's folder: --state-dir DIR"
        )


@contextlib.contextmanager
def directory_in(state_dir: Path) -> Iterator[SqliteDirectory]:
    """The directory of a state folder."""
    from kmip_server.directory.sqlite import SqliteDirectory

    directory = SqliteDirectory(state_dir / "kmip.db")
    try:
        yield directory
    finally:
        directory.close()
