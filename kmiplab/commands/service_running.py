"""`kmiplab service run`: the two endpoints of a region, and the periodic validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kmiplab.commands.serve import A_FILE
from kmiplab.commands.service_options import state_dir_option
from kmiplab.commands.up import A_PORT, LOG_FORMATS, LOG_LEVELS, REGION_NAMES
from kmiplab.help import Grouped
from kmiplab.numbers import Finite

if TYPE_CHECKING:
    from pathlib import Path

    from kmiplab.service import RunningRegion


def _two(context: click.Context, parameter: click.Parameter, ports: tuple[int, ...]) -> tuple[int, int]:
    if len(ports) != 2 or (ports[0] == ports[1] != 0):
        raise click.BadParameter("a region has two endpoints, on two ports: give the option twice", context, parameter)
    return ports[0], ports[1]


@click.command(
    "run",
    cls=Grouped,
    groups={
        "Where": ("host", "ports", "ready_path"),
        "What is kept, and how": ("state_dir", "region", "keeper_cache_seconds", "validate_seconds"),
        "Logs": ("log_level", "log_format"),
    },
    epilog="""\b
Examples:
  kmiplab service run                          ports 5696 and 5697
  kmiplab service run --port 0 --port 0 --ready-file service.json
                                               any free ports; see the file""",
)
@state_dir_option
@click.option("--region", metavar="NAME", type=click.Choice(REGION_NAMES), default="us-south",
              help="The region, in a new state folder. [us-south]")  # fmt: skip
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="Address to listen on; 0.0.0.0 is all. [127.0.0.1]")
@click.option("--port", "ports", metavar="PORT", type=A_PORT, multiple=True, default=(5696, 5697), callback=_two,
              help="Port of an endpoint, given twice; 0: any free one. [5696 and 5697]")  # fmt: skip
@click.option("--cache-seconds", "keeper_cache_seconds", metavar="S", type=Finite(0, 3600), default=60.0,
              help="How long an unwrapped key is kept: and can still be had after its root key was disabled. [60]")  # fmt: skip
@click.option("--legacy-ciphers", is_flag=True, help="Also offer static-RSA CBC cipher suites, which vCenter 7 may need.")
@click.option("--validate-seconds", metavar="S", type=Finite(1, 86_400), default=300.0,
              help="Between two validations of the service IDs' rights. [300]")  # fmt: skip
@click.option("--log-level", metavar="LEVEL", type=LOG_LEVELS, default="info", help="debug, info, warning, error or off. [info]")
@click.option("--log-format", metavar="FORM", type=LOG_FORMATS, default="auto",
              help="One line a batch item, on stderr: human, json, or auto: human on a terminal, else JSON. [auto]")  # fmt: skip
@click.option(
    "--ready-file", "ready_path", metavar="FILE", type=A_FILE, help="Written (JSON) when both endpoints answer, removed at the end."
)
def run(state_dir: Path, region: str, ready_path: Path | None, **options: Any) -> int:
    """Run the two endpoints of a region.

    Each is a process of its own, and either serves every key of every instance.
    Ctrl-C or SIGTERM ends both. An endpoint that dies is started again.
    """
    import signal
    import threading

    from kmiplab.ready_file import ready_file
    from kmiplab.service import running_region

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        _logging(state_dir, options["log_level"], options["log_format"]),
        ready_file(ready_path) as announce,
        running_region(state_dir, name=region, **options) as running,
    ):
        announce(ready(running))
        _tell(running)
        stop.wait()
    return 0


def ready(running: RunningRegion) -> dict[str, Any]:
    """What the ready file says."""
    places = [{"host": host, "port": port} for host, port in running.endpoints]
    folder = running.region.state_dir
    files = {"ca": str(running.ca.absolute()), "state_dir": str(folder.absolute())}
    return {"kmip": places[0] | files, "kmip_endpoints": places}


def _tell(running: RunningRegion) -> None:
    for number, (host, port) in enumerate(running.endpoints, 1):
        click.echo(f"endpoint {number} on {host}:{port}")
    click.echo(f"server certificate to trust: {running.ca}")


def _logging(state_dir: Path, level: str, form: str) -> Any:
    """What the service itself says goes into a journal as its endpoints' lines do."""
    from kmip_server.server import journal_of
    from kmip_server.settings import Settings

    from kmiplab.service.running import logging_to

    return logging_to(journal_of(Settings(state_dir, log_level=level, log_format=form)))
