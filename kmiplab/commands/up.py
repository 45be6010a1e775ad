"""`kmiplab up`: a whole lab on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.help import STATE_DIR_DEFAULT, Grouped
from kmiplab.numbers import Finite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmiplab.up import LabSettings, RunningLab

REGION_NAMES = (
    *("us-south", "us-east", "ca-tor", "ca-mon", "br-sao"),
    *("eu-gb", "eu-de", "eu-es"),
    *("au-syd", "jp-tok", "jp-osa", "in-che", "in-mum"),
)
"""As `keyprotect_simulator.settings.REGIONS` has them; written here too, so that help and completion import nothing."""

PERSONALITIES = ["reference", "kmip-for-vmware", "keyprotect-native"]


def default_state_dir() -> Path:
    """``kmiplab`` in the user's folder for state (XDG Base Directory)."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "kmiplab"


A_PORT = click.IntRange(0, 65535)
LOG_LEVELS = click.Choice(["debug", "info", "warning", "error", "off"])
LOG_FORMATS = click.Choice(["auto", "human", "json"])

_GROUPS = {
    "Where": ("host", "kmip_port", "http_port", "admin_port", "ready_file"),
    "What is kept, and how": ("state_dir", "database", "cache_seconds"),
    "The KMIP server": ("personality", "only_offered_versions", "legacy_ciphers", "workers", "push_to"),
    "The simulated Key Protect": ("region", "seed", "cert", "key", "control", "certificate_delay"),
    "Logs": ("log_level", "log_format"),
}


@click.command(
    cls=Grouped,
    groups=_GROUPS,
    epilog="""\b
Examples:
  kmiplab up                                   KMIP on 5696, HTTP on 8080
  kmiplab up --kmip-port 0 --http-port 0 --ready-file lab.json
                                               any free ports; see the file
  kmiplab up --host 0.0.0.0 --legacy-ciphers   for an old vCenter
  kmiplab up --seed keys.toml                  with these keys in Key Protect
  kmiplab client add vcenter --cert vcenter.pem
                                               one more client, while it runs""",
)
@click.option("--state-dir", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), default=default_state_dir,
              help=f"Certificates, keys, objects; made when it is not there. {STATE_DIR_DEFAULT}")  # fmt: skip
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="Address to listen on; 0.0.0.0 is all. [127.0.0.1]")
@click.option("--kmip-port", metavar="PORT", type=A_PORT, default=5696, help="Port of the KMIP endpoint; 0: any free one. [5696]")
@click.option("--http-port", metavar="PORT", type=A_PORT, default=8080, help="Port of Key Protect and IAM; 0: any free one. [8080]")
@click.option("--workers", metavar="N", type=click.IntRange(1, 64), default=1, help="Processes that serve KMIP. [1]")
@click.option("--personality", metavar="NAME", type=click.Choice(PERSONALITIES), default="reference",
              help=f"Which versions and operations are on offer: {', '.join(PERSONALITIES)}. [reference]")  # fmt: skip
@click.option("--only-offered-versions", is_flag=True,
              help="Refuse versions that are accepted without being offered: keyprotect-native then serves 1.4 alone.")  # fmt: skip
@click.option("--database", metavar="URL", help="Where objects are stored. [SQLite in the state folder]")
@click.option("--region", metavar="NAME", type=click.Choice(REGION_NAMES), default="us-south",
              help="Its region, such as eu-de, in a new state folder. [us-south]")  # fmt: skip
@click.option("--seed", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="What shall be in it at the start: instances, keys, adapters, service IDs; TOML or JSON. [the lab alone]")  # fmt: skip
@click.option("--cert", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Certificate (PEM) to speak HTTPS with on the HTTP port. [HTTP]")  # fmt: skip
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Private key (PEM) of the certificate.")
@click.option("--control/--no-control", default=None,
              help="Whether the control API and the console answer under /_simulator. [only where no other machine can]")  # fmt: skip
@click.option("--certificate-delay", metavar="S", type=Finite(0, 3600), default=0.0,
              help="Until a KMIP adapter knows a certificate that was added (the service: up to 300); simulated time. [0]")  # fmt: skip
@click.option("--admin-port", metavar="PORT", type=A_PORT, help="Port of /metrics and /healthz; 0: any free one. [off]")
@click.option("--legacy-ciphers", is_flag=True, help="Also offer static-RSA CBC cipher suites, which vCenter 7 may need.")
@click.option("--push-to", metavar="NAME", multiple=True,
              help="A client that is sent its new objects (Put) and their changes (Notify) where it asks; repeatable.")  # fmt: skip
@click.option("--cache-seconds", metavar="S", type=Finite(0, 3600), default=60.0,
              help="How long an unwrapped key is kept: and can still be had after its root key was disabled. [60]")  # fmt: skip
@click.option("--log-level", metavar="LEVEL", type=LOG_LEVELS, default="info", help="debug, info, warning, error or off. [info]")
@click.option("--log-format", metavar="FORM", type=LOG_FORMATS, default="auto",
              help="One line a batch item, on stderr: human, json, or auto: human on a terminal, else JSON. [auto]")  # fmt: skip
@click.option("--ready-file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Written when both endpoints answer: addresses, files, secrets (JSON). For your eyes alone (0600).")  # fmt: skip
def command(state_dir: Path, database: str | None, ready_file: Path | None, **options: object) -> int:
    """Start Key Protect, IAM and a KMIP endpoint on this machine.

    Makes what is missing in the state folder (certificates, a root key, a service ID with an API key, an adapter with one client),
    prints how to connect, and runs until it is interrupted. Every KMIP key is wrapped by the root key in the simulated Key Protect.
    """
    from kmiplab.errors import LabError
    from kmiplab.up import LabSettings

    if (options["cert"] is None) != (options["key"] is None):
        raise click.UsageError("--cert and --key go together.")
    if database is not None and database != "sqlite":
        raise LabError(
            f"--database {database.partition(':')[0]}: this version stores objects in SQLite, in the state folder", "leave --database out."
        )
    _run(LabSettings(state_dir=state_dir, **options), ready_file)  # type: ignore[arg-type]  # click has checked them
    return 0


def _run(settings: LabSettings, path: Path | None) -> None:
    import asyncio
    import signal

    from kmip_server.process import collect_seldom, fast_loop

    from kmiplab.ready_file import ready_file
    from kmiplab.up import run

    async def until_a_signal(announce: Callable[[Mapping[str, Any]], None]) -> None:
        def ready(running: RunningLab) -> None:
            announce(running.ready())
            show(running)

        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run(settings, ready=ready, stop=stop)

    collect_seldom()
    with ready_file(path) as announce, asyncio.Runner(loop_factory=fast_loop) as runner:
        runner.run(until_a_signal(announce))


def show(running: RunningLab) -> None:
    """Print how to connect. Secrets are named by their files, never printed."""
    ready = running.ready()
    kmip, key_protect = ready["kmip"], ready["key_protect"]
    lines = [
        ("State", kmip["state_dir"]),
        ("KMIP", ", ".join(f"{one['host']}:{one['port']}" for one in ready["kmip_endpoints"])),
        ("  trust", kmip["ca"]),
        ("  certificate", kmip["cert"]),
        ("  private key", kmip["key"]),
        ("  user name", f"{kmip['username']} (optional; its password is in client.password)"),
        ("Key Protect", key_protect["url"]),
        ("  IAM", key_protect["iam_url"]),
        ("  API key", f"{kmip['state_dir']}/api-key"),
        ("  instance", key_protect["instance_id"]),
        ("  root key", key_protect["crk_id"]),
        ("  adapter", key_protect["adapter_id"]),
    ]
    if running.console is not None:
        lines.append(("  console", running.console))
    if kmip["admin_port"] is not None:
        lines.append(("Admin", f"http://127.0.0.1:{kmip['admin_port']}/metrics and /healthz"))
    click.secho("kmiplab is up", bold=True)
    for name, value in lines:
        click.echo(f"  {name:<14}{value}")
    click.echo("Ctrl-C ends it; what it stored stays in the state folder.")
