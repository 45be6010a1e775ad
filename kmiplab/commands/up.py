"""`kmiplab up`: a whole lab on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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


@click.command(
    epilog="""\b
Examples:
  kmiplab up                                   Key Protect on 8080, KMIP on 5696
  kmiplab up --kmip-port 0 --http-port 0 --ready-file lab.json
                                               free ports; the file says which, as soon as both answer
  kmiplab up --host 0.0.0.0 --legacy-ciphers   for an old vCenter in the same network
  kmiplab client add vcenter --cert vcenter.pem
                                               let one more certificate in, while it runs"""
)
@click.option("--state-dir", type=click.Path(path_type=Path, file_okay=False), default=default_state_dir,
              show_default="~/.local/state/kmiplab",
              help="Where certificates, keys and objects are kept; made when it is not there.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--kmip-port", type=click.IntRange(0, 65535), default=5696, show_default=True, help="Port of the KMIP endpoint; 0: any free one."
)
@click.option(
    "--http-port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port of Key Protect and IAM; 0: any free one."
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that serve KMIP.")
@click.option("--personality", type=click.Choice(PERSONALITIES), default="reference", show_default=True,
              help="Which versions and operations the KMIP endpoint offers.")  # fmt: skip
@click.option("--database", metavar="URL", help="Where objects are stored. The default: SQLite in the state folder.")
@click.option("--region", type=click.Choice(REGION_NAMES), default="us-south", show_default=True, metavar="NAME",
              help="Region of the simulated Key Protect, for a new lab.")  # fmt: skip
@click.option("--admin-port", type=click.IntRange(0, 65535), help="Port of /metrics and /healthz of the KMIP server; 0: any free one.")
@click.option("--legacy-ciphers", is_flag=True, help="Also offer static-RSA CBC cipher suites, which vCenter 7 may need.")
@click.option("--cache-seconds", type=Finite(0, 3600), default=60.0, show_default=True,
              help="How long an unwrapped key is kept: so long it can still be had after its root key was disabled.")  # fmt: skip
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error", "off"]), default="info", show_default=True)
@click.option("--log-format", type=click.Choice(["auto", "human", "json"]), default="auto", show_default=True)
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False),
              help="Written when both endpoints answer: JSON with addresses, files and secrets. Readable by you alone.")  # fmt: skip
def command(state_dir: Path, database: str | None, ready_file: Path | None, **options: object) -> int:
    """Start Key Protect, IAM and a KMIP endpoint on this machine.

    Makes what is missing in the state folder (certificates, a root key, a service ID with an API key, an adapter with one client),
    prints how to connect, and runs until it is interrupted. Every KMIP key is wrapped by the root key in the simulated Key Protect.
    """
    from kmiplab.errors import LabError
    from kmiplab.up import LabSettings

    if database is not None and database != "sqlite":
        raise LabError(
            f"--database {database.partition(':')[0]}: this version stores objects in SQLite, in the state folder", "leave --database out."
        )
    _run(LabSettings(state_dir=state_dir, **options), ready_file)  # type: ignore[arg-type]  # click has checked them
    return 0


def _run(settings: LabSettings, path: Path | None) -> None:
    import asyncio
    import signal

    from kmip_server.testing import fast_loop

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

    with ready_file(path) as announce, asyncio.Runner(loop_factory=fast_loop) as runner:
        runner.run(until_a_signal(announce))


def show(running: RunningLab) -> None:
    """Print how to connect. Secrets are named by their files, never printed."""
    ready = running.ready()
    kmip, key_protect = ready["kmip"], ready["key_protect"]
    folder = kmip["state_dir"]
    lines = [
        ("KMIP", f"{kmip['host']}:{kmip['port']}"),
        ("  trust", kmip["ca"]),
        ("  certificate", kmip["cert"]),
        ("  private key", kmip["key"]),
        ("  user name", f"{kmip['username']} (optional; password in {folder}/client.password)"),
        ("Key Protect", key_protect["url"]),
        ("  IAM", key_protect["iam_url"]),
        ("  API key", f"in {folder}/api-key"),
        ("  instance", key_protect["instance_id"]),
        ("  root key", key_protect["crk_id"]),
        ("  adapter", key_protect["adapter_id"]),
    ]
    click.secho("kmiplab is up", bold=True)
    for name, value in lines:
        click.echo(f"  {name:<14}{value}")
    click.echo("Ctrl-C ends it; what it stored stays in the state folder.")
