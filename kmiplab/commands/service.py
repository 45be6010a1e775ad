"""`kmiplab service`: KMIP for VMware of one region, as its console shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.commands.serve import A_FILE, API_KEY_VARIABLE
from kmiplab.commands.service_certificates import certificates
from kmiplab.commands.service_options import INSTANCE, as_json, instances_that_begin, json_option, region_in, show_time, state_dir_option
from kmiplab.commands.service_running import run
from kmiplab.commands.up import REGION_NAMES
from kmiplab.help import Grouped

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmiplab.service import Deletion, KeyManager, Recovery, ServiceInstance

IAM_URL = "https://iam.cloud.ibm.com/identity/token"


@click.group("service")
def command() -> None:
    """Run KMIP for VMware, the classic service, from order to deletion.

    A state folder is the service of one region. Changes hold at once for the endpoints that run.

    \b
    kmiplab service order --kp-url https://us-south.kms.cloud.ibm.com \\
        --kp-instance-id UUID --kp-api-key-file key.txt
    kmiplab service configure kmip-ab --crk-id UUID \\
        --certificate vcenter=vcenter.pem
    kmiplab service run --port 5696 --port 5697
    kmiplab service show
    kmiplab service certificates add kmip-ab second --cert second.pem
    kmiplab service delete kmip-ab
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped


def key_manager_options(*, needed: bool) -> Callable[[Any], Any]:
    """Where Key Protect is, and who asks it; the API key comes from a file or the environment."""
    options = (
        click.option("--kp-url", metavar="URL", required=needed, help="Key Protect, such as https://us-south.kms.cloud.ibm.com."),
        click.option("--kp-iam-url", metavar="URL", default=IAM_URL, help=f"Where IAM gives access tokens. [{IAM_URL}]"),
        click.option("--kp-instance-id", metavar="UUID", required=needed, help="The Key Protect instance."),
        click.option("--kp-api-key-file", metavar="FILE", type=A_FILE, help=f"File that holds the API key. [read from {API_KEY_VARIABLE}]"),
    )

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def key_manager_from(kp_url: str, kp_iam_url: str, kp_instance_id: str, kp_api_key_file: Path | None) -> KeyManager:
    """What the options say."""
    from kmiplab.commands.serve import api_key_from
    from kmiplab.service import KeyManager

    return KeyManager(kp_url, kp_iam_url, kp_instance_id, api_key_from(kp_api_key_file))


@command.command(
    "order",
    cls=Grouped,
    epilog="""\b
Examples:
  kmiplab service order --kp-url https://us-south.kms.cloud.ibm.com \\
      --kp-instance-id UUID --kp-api-key-file key.txt
                                               name kmip-xx, status Inactive""",
)
@state_dir_option
@click.option("--name", metavar="NAME", help="Its name. [kmip- and two letters]")
@click.option("--region", metavar="NAME", type=click.Choice(REGION_NAMES), default="us-south",
              help="The region, in a new state folder. [us-south]")  # fmt: skip
@key_manager_options(needed=True)
@json_option
def order(state_dir: Path, name: str | None, region: str, *, in_json: bool, **key_protect: Any) -> int:
    """Order an instance.

    Needs a Key Protect that answers, an API key of a service ID with platform Viewer and service Writer or Manager, and a root key.
    """
    from kmiplab.service import Region

    show_instance(Region(state_dir, name=region).order(key_manager_from(**key_protect), name=name), in_json=in_json)
    return 0


def _named_files(context: click.Context, parameter: click.Parameter, told: tuple[str, ...]) -> dict[str, Path]:
    files = {name: Path(file) for name, _, file in (text.partition("=") for text in told)}
    if len(files) != len(told) or any(not name or file == Path() for name, file in files.items()):
        raise click.BadParameter("give each certificate as NAME=FILE, under a name of its own", context, parameter)
    return files


@command.command("configure", cls=Grouped)
@INSTANCE
@state_dir_option
@click.option("--crk-id", metavar="ID", required=True, help="The root key (CRK) that wraps all keys of the instance.")
@click.option("--certificate", "files", metavar="NAME=FILE", multiple=True, callback=_named_files,
              help="A client certificate (PEM) that is let in from the beginning; repeatable.")  # fmt: skip
@json_option
def configure(instance: str, state_dir: Path, crk_id: str, files: dict[str, Path], *, in_json: bool) -> int:
    """Choose the root key, let the first clients in.

    Once for each instance. Its clients may make and read keys from then on.
    """
    from kmiplab.commands.service_certificates import pem_in

    pems = {name: pem_in(file) for name, file in files.items()}
    show_instance(region_in(state_dir).configure(instance, crk_id=crk_id, certificates=pems), in_json=in_json)
    return 0


@command.command("show", cls=Grouped)
@click.argument("instance", required=False, shell_complete=instances_that_begin)
@state_dir_option
@json_option
def show(instance: str | None, state_dir: Path, *, in_json: bool) -> int:
    """Show all instances, or one in full."""
    region = region_in(state_dir)
    if instance is not None:
        show_instance(region.instance(instance), endpoints=region.endpoints(), keys=region.active_keys(instance), in_json=in_json)
        return 0
    instances = region.instances()
    if in_json:
        as_json([_document(one, region.endpoints()) for one in instances])
        return 0
    if not instances:
        click.echo("no instances; `kmiplab service order` orders one", err=True)
        return 0
    click.echo(f"{'Name':<20} {'Region':<10} {'Creation time':<20} Status")
    for one in instances:
        click.echo(f"{one.name:<20} {one.region:<10} {show_time(one.created_at):<20} {one.status}{' (problem)' if one.problem else ''}")
    return 0


@command.command("endpoints", cls=Grouped)
@state_dir_option
@json_option
def endpoints(state_dir: Path, *, in_json: bool) -> int:
    """Show where the two endpoints answer.

    Either serves every key of every instance.
    """
    from kmiplab.errors import LabError

    found = region_in(state_dir).endpoints()
    if in_json:
        as_json([{"host": host, "port": port} for host, port in found])
    elif not found:
        raise LabError("the endpoints of this region do not run", "start them: kmiplab service run")
    else:
        for host, port in found:
            click.echo(f"{host}:{port}")
    return 0


@command.command("validate", cls=Grouped)
@INSTANCE
@state_dir_option
@json_option
def validate(instance: str, state_dir: Path, *, in_json: bool) -> int:
    """Look for the rights of the service ID.

    Exit code 1 when something is missing.
    `kmiplab service run` does the same periodically.
    """
    validated = region_in(state_dir).validate(instance)
    show_instance(validated, in_json=in_json)
    return 0 if validated.problem is None else 1


@command.command("renew", cls=Grouped)
@INSTANCE
@state_dir_option
@click.option("--kp-url", metavar="URL", help="Another address of the same Key Protect instance. [as before]")
@click.option("--kp-iam-url", metavar="URL", help="Where IAM gives access tokens. [as before]")
@click.option("--kp-api-key-file", metavar="FILE", type=A_FILE, help=f"File that holds the API key. [read from {API_KEY_VARIABLE}]")
@json_option
def renew(
    instance: str, state_dir: Path, kp_url: str | None, kp_iam_url: str | None, kp_api_key_file: Path | None, *, in_json: bool
) -> int:
    """Use another API key from now on.

    For a service ID whose API key was revoked or is to be changed. The new one is validated at once; exit code 1 when something is missing.
    """
    from dataclasses import replace

    from kmiplab.commands.serve import api_key_from

    region = region_in(state_dir)
    before = region.key_manager(instance)
    url, iam_url = kp_url or before.url, kp_iam_url or before.iam_url
    region.renew(instance, replace(before, url=url, iam_url=iam_url, api_key=api_key_from(kp_api_key_file)))
    validated = region.validate(instance)
    show_instance(validated, in_json=in_json)
    return 0 if validated.problem is None else 1


@command.command("delete", cls=Grouped)
@INSTANCE
@state_dir_option
@click.option("--force", is_flag=True, help="Even if keys are still active. Whatever they encrypt is lost.")
@click.option("--keep-wrapped-keys", is_flag=True, help="Leave the standard keys, wrapped by the root key, in Key Protect.")
@json_option
def delete(instance: str, state_dir: Path, *, force: bool, keep_wrapped_keys: bool, in_json: bool) -> int:
    """Delete an instance and all its keys.

    Every key that was created for its certificates is destroyed. Its clients are shut out first. When something fails it stays in
    Removing, and the same command goes on; exit code 1 then.
    """
    deletion = region_in(state_dir).delete(instance, force=force, keep_wrapped_keys=keep_wrapped_keys)
    show_deletion(deletion, in_json=in_json)
    return 0 if deletion.complete else 1


@command.command(
    "recover",
    cls=Grouped,
    epilog="""\b
Examples:
  kmiplab service recover kmip-ab --material crk-1.bin --material crk-2.bin
                                               oldest first; binary or base64""",
)
@INSTANCE
@state_dir_option
@click.option("--material", "files", metavar="FILE", type=A_FILE, multiple=True, required=True,
              help="Key material of the root key as it was imported, and of each rotation, oldest first: 16, 24 or 32 bytes.")  # fmt: skip
@key_manager_options(needed=False)
@json_option
def recover(instance: str, state_dir: Path, files: tuple[Path, ...], *, in_json: bool, **key_protect: Any) -> int:
    """Bring keys back with imported key material.

    For the day when Key Protect has lost a root key whose material the customer had imported (BYOK).
    Imports the material, puts the standard keys back, and opens every key to see that it is there. With --kp-url and --kp-instance-id
    into another Key Protect. Exit code 1 when keys cannot be opened.
    """
    from kmiplab.service.materials import material_in

    elsewhere = None
    if key_protect["kp_url"] or key_protect["kp_instance_id"]:
        if not (key_protect["kp_url"] and key_protect["kp_instance_id"]):
            raise click.UsageError("--kp-url and --kp-instance-id go together")
        elsewhere = key_manager_from(**key_protect)
    materials = [material_in(file) for file in files]
    recovery = region_in(state_dir).recover(instance, materials=materials, key_manager=elsewhere)
    show_recovery(recovery, in_json=in_json)
    return 0 if not recovery.lost else 1


command.add_command(certificates)
command.add_command(run)


def show_instance(instance: ServiceInstance, *, endpoints: Any = None, keys: dict[str, int] | None = None, in_json: bool) -> None:
    """Print an instance."""
    if in_json:
        as_json(_document(instance, endpoints) | ({} if keys is None else {"keys": keys}))
        return
    lines = [
        ("Name", instance.name),
        ("ID", instance.id),
        ("Region", instance.region),
        ("Creation time", show_time(instance.created_at)),
        ("Status", instance.status),
        ("Key Protect", instance.key_manager_instance),
        ("Root key", instance.crk_id or "-"),
        ("Validated", show_time(instance.validated_at)),
        ("Problem", instance.problem or "none"),
    ]
    if keys is not None:
        lines.append(("Keys", ", ".join(f"{count} {state}" for state, count in keys.items()) or "none"))
    if endpoints is not None:
        lines.append(("Endpoints", ", ".join(f"{host}:{port}" for host, port in endpoints) or "not running"))
    for name, value in lines:
        click.echo(f"{name:<14}{value}")


def show_deletion(deletion: Deletion, *, in_json: bool) -> None:
    """Print what a deletion did."""
    if in_json:
        as_json(deletion)
        return
    name = deletion.instance.name
    click.echo(f"{name} is gone" if deletion.complete else f"{name} is not gone yet: it is Removing; run the same command again")
    click.echo(f"  keys destroyed         {deletion.destroyed}")
    click.echo(f"  standard keys deleted  {deletion.standard_keys_deleted}")
    click.echo(f"  standard keys kept     {deletion.standard_keys_kept}")
    for failure in deletion.failures:
        click.echo(f"  failed  {failure.unique_identifier}: {failure.why}")


def show_recovery(recovery: Recovery, *, in_json: bool) -> None:
    """Print what a recovery did."""
    if in_json:
        as_json(recovery)
        return
    click.echo(f"{recovery.instance.name} uses root key {recovery.crk_id}, imported from your material")
    click.echo(f"  keys opened with it    {recovery.recovered}")
    for failure in recovery.lost:
        click.echo(f"  lost    {failure.unique_identifier}: {failure.why}")


def _document(instance: ServiceInstance, endpoints: Any = None) -> dict[str, Any]:
    from kmiplab.service.values import as_document

    document: dict[str, Any] = as_document(instance)
    return document if endpoints is None else document | {"endpoints": [{"host": host, "port": port} for host, port in endpoints]}
