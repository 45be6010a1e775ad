"""`kmiplab client`: who may speak to the KMIP server of a state folder. Works while the server runs."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kmiplab.commands.up import default_state_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.directory.sqlite import SqliteDirectory

state_dir_option = click.option(
    "--state-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_state_dir,
    show_default="~/.local/state/kmiplab",
    help="The server's state folder.",
)


@click.group("client")
def command() -> None:
    """Add, list and remove the clients of a KMIP server.

    A change holds for the next connection, no restart needed. A client keeps its objects when its certificate changes.

    \b
    kmiplab client add vcenter --cert vcenter.pem      pin a certificate that you have
    kmiplab client add tester                          make one: ./tester.pem and ./tester.key
    kmiplab client add vcenter --cert second.pem       one more certificate for the same client
    kmiplab client list
    kmiplab client remove vcenter
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped


@command.command("add")
@click.argument("name")
@state_dir_option
@click.option("--cert", "certificate", type=click.Path(path_type=Path, dir_okay=False),
              help="The client's certificate (PEM), self-signed or not. Without it a certificate and key are made.")  # fmt: skip
@click.option("--out-dir", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default="here",
              help="Where a certificate and key that are made are put.")  # fmt: skip
@click.option("--crk-id", metavar="ID", help="Root key in Key Protect that wraps this client's keys.")
@click.option("--username", help="The client may also present this user name; its password is asked for.")
def add(name: str, state_dir: Path, certificate: Path | None, out_dir: Path, crk_id: str | None, username: str | None) -> int:
    """Let a client in, or give a known one another certificate."""
    from kmip_server.directory import pki
    from kmip_server.directory.pki import read_certificate
    from kmip_server.files import read_file
    from kmip_server.state_folder import own_authority

    if certificate is not None:
        pem = read_file(certificate, "the certificate file")
        read_certificate(pem, f"the certificate {certificate}")
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True) if username else None
    with directory_in(state_dir) as directory:
        if certificate is None:
            made = out_dir / f"{name}.pem", out_dir / f"{name}.key"
            pair = pki.create_client_certificate(own_authority(state_dir), name)
            pair.write(*made)
            pem = pair.certificate_pem
        client = directory.client(name) or directory.add_client(name, crk_id=crk_id, username=username, password=password)
        pinned = directory.add_certificate(client.id, pem.decode("utf-8", "replace"))
    click.echo(f"{client.name} may come in with {pinned.subject} (SHA-256 {pinned.fingerprint})")
    if certificate is None:
        click.echo(f"certificate {made[0]}\nkey         {made[1]}")
    return 0


@command.command("list")
@state_dir_option
def list_(state_dir: Path) -> int:
    """Show clients and their certificates."""
    import datetime as dt

    with directory_in(state_dir) as directory:
        for client in directory.clients():
            details = [f"{name} {value}" for name in ("adapter_id", "crk_id", "username") if (value := getattr(client, name))]
            click.echo(f"{client.name}  {client.id}  {'  '.join(details)}".rstrip())
            for pinned in directory.certificates(client.id):
                until = dt.datetime.fromtimestamp(pinned.not_after, dt.UTC)
                click.echo(f"    {pinned.name}  {pinned.subject}  until {until:%Y-%m-%d}  SHA-256 {pinned.fingerprint}")
    return 0


@command.command("remove")
@click.argument("what", metavar="NAME_OR_FINGERPRINT")
@state_dir_option
def remove(what: str, state_dir: Path) -> int:
    """Shut a client out: all of it by name, or one certificate by name or fingerprint. Its objects stay."""
    from kmip_server.errors import ConfigurationError

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


@contextlib.contextmanager
def directory_in(state_dir: Path) -> Iterator[SqliteDirectory]:
    """The directory of a state folder."""
    from kmip_server.directory.sqlite import SqliteDirectory

    directory = SqliteDirectory(state_dir / "kmip.db")
    try:
        yield directory
    finally:
        directory.close()
