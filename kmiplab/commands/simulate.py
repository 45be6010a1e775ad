"""`kmiplab simulate`: Key Protect and IAM alone, without a KMIP endpoint."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from kmiplab.commands.up import REGION_NAMES


@click.command("simulate")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port to listen on; 0 takes any free one.")
@click.option(
    "--state-dir",
    type=click.Path(path_type=Path),
    help="Folder that keeps keys, API keys and all else; made if it is not there. Without it everything is forgotten at the end.",
)
@click.option(
    "--ready-file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File (JSON) that appears, complete, once the simulator answers, and goes with it.",
)
@click.option("--region", type=click.Choice(REGION_NAMES), default="us-south", show_default=True, help="Region of a new lab's instance.")
@click.option(
    "--content-type",
    type=click.Choice(["service", "json"]),
    default="service",
    show_default=True,
    help="Media types of answers: as the service most likely gives them, or always application/json.",
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "human", "json", "off"]),
    default="auto",
    show_default=True,
    help="One line a request, on stderr; auto is human on a terminal and JSON elsewhere.",
)
def command(
    host: str,
    port: int,
    state_dir: Path | None,
    path: Path | None,
    region: str,
    content_type: Literal["service", "json"],
    log_format: Literal["auto", "human", "json", "off"],
) -> int:
    """Run the Key Protect and IAM simulator alone, until Ctrl-C or SIGTERM.

    It makes an account, a service ID with an API key, an instance, a root key and a KMIP adapter, and prints how to reach them. IBM's
    own SDKs work against it unchanged.

    \b
    kmiplab simulate                                   in memory, on port 8080
    kmiplab simulate --state-dir ./key-protect         the same keys again next time
    kmiplab simulate --port 0 --ready-file ready.json  for scripts: any free port, and the file says which

    \b
    curl -d grant_type=urn:ibm:params:oauth:grant-type:apikey -d apikey=… http://127.0.0.1:8080/identity/token
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    from keyprotect_simulator.process import ProcessOptions, serve_until_signalled
    from keyprotect_simulator.settings import Settings

    from kmiplab.ready_file import ready_file

    form = log_format if log_format != "auto" else "human" if sys.stderr.isatty() else "json"
    settings = Settings(host=host, port=port, state_dir=state_dir, region=region, content_type=content_type)
    with ready_file(path) as announce:
        return serve_until_signalled(settings, ProcessOptions(announce=announce, log_format=form))
