"""`kmiplab service certificates`: the client SSL certificates of an instance."""

from __future__ import annotations

from pathlib import Path

import click

from kmiplab.commands.service_options import INSTANCE, as_json, json_option, region_in, show_time, state_dir_option
from kmiplab.help import Grouped

A_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("certificates")
def certificates() -> None:
    """Say which clients may come in.

    Adds, lists, downloads and deletes the client certificates of an instance.

    A name is good once in an instance, a certificate once in a region. Every certificate of an instance may use all its keys.
    """


@certificates.command("add", cls=Grouped)
@INSTANCE
@click.argument("name")
@state_dir_option
@click.option("--cert", "file", metavar="FILE", type=A_FILE, required=True, help="The certificate (PEM, from BEGIN to END).")
@json_option
def add(instance: str, name: str, state_dir: Path, file: Path, *, in_json: bool) -> int:
    """Let the client with this certificate in, from now on."""
    added = region_in(state_dir).add_certificate(instance, name, pem_in(file))
    if in_json:
        as_json(added)
    else:
        click.echo(f"{added.name} may come in: {added.subject} (SHA-256 {added.fingerprint})")
    return 0


@certificates.command("list", cls=Grouped)
@INSTANCE
@state_dir_option
@json_option
def list_(instance: str, state_dir: Path, *, in_json: bool) -> int:
    """Show the certificates of an instance."""
    from kmiplab.service.values import as_document

    found = region_in(state_dir).certificates(instance)
    if in_json:
        as_json([as_document(one) for one in found])
    else:
        for one in found:
            click.echo(f"{one.name:<20} {one.subject}  until {show_time(one.not_after)[:10]}  SHA-256 {one.fingerprint}")
    return 0


@certificates.command("download", cls=Grouped)
@INSTANCE
@click.argument("name")
@state_dir_option
@click.option("--out", metavar="FILE", type=A_FILE, help="Where to write it. [standard output]")
def download(instance: str, name: str, state_dir: Path, out: Path | None) -> int:
    """Print a certificate (PEM), or write it to a file."""
    from kmip_server.files import write_private

    from kmiplab.service import ServiceRefused

    region = region_in(state_dir)
    found = next((one for one in region.certificates(instance) if one.name == name), None)
    if found is None:
        raise ServiceRefused(
            "no-such-certificate", f"{instance} has no certificate {name}", "`kmiplab service certificates list` shows them."
        )
    if out is None:
        click.echo(found.pem, nl=False)
    else:
        write_private(out, found.pem.encode())
    return 0


@certificates.command("delete", cls=Grouped)
@INSTANCE
@click.argument("name")
@state_dir_option
def delete(instance: str, name: str, state_dir: Path) -> int:
    """Shut the client with this certificate out, at once, open connections included.

    Its keys stay. Adding the certificate again lets it back in.
    """
    region_in(state_dir).delete_certificate(instance, name)
    click.echo(f"{name} is shut out; adding the certificate again lets it back in")
    return 0


def pem_in(file: Path) -> str:
    """The text of a certificate file; what is wrong with it is found where it is read."""
    from kmip_server.files import read_file

    return read_file(file, "the certificate file").decode("utf-8", "replace")
