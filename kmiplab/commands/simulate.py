"""`kmiplab simulate`: Key Protect and IAM alone, without a KMIP endpoint."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from kmiplab.commands.up import A_PORT, REGION_NAMES
from kmiplab.help import Grouped


@click.command("simulate", cls=Grouped)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="Address to listen on; 0.0.0.0 is all. [127.0.0.1]")
@click.option("--port", metavar="PORT", type=A_PORT, default=8080, help="Port to listen on; 0: any free one. [8080]")
@click.option("--state-dir", metavar="DIR", type=click.Path(path_type=Path),
              help="Keeps keys, API keys and all else; made when it is not there. [everything is forgotten at the end]")  # fmt: skip
@click.option("--ready-file", "path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Appears, complete (JSON), once the simulator answers, and goes with it.")  # fmt: skip
@click.option("--seed", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="What shall be there at the start: instances, keys, service IDs; TOML or JSON. [the lab alone]")  # fmt: skip
@click.option(
    "--cert", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Certificate (PEM) to speak HTTPS with. [HTTP]"
)
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Private key (PEM) of the certificate.")
@click.option("--control/--no-control", default=None,
              help="Whether the control API and the console answer under /_simulator. [only where no other machine can]")  # fmt: skip
@click.option("--region", metavar="NAME", type=click.Choice(REGION_NAMES), default="us-south",
              help="Region of a new lab's instance, such as eu-de. [us-south]")  # fmt: skip
@click.option("--content-type", metavar="FORM", type=click.Choice(["service", "json"]), default="service",
              help="Media types of answers: service, as Key Protect most likely gives them, or json, always. [service]")  # fmt: skip
@click.option("--log-format", metavar="FORM", type=click.Choice(["auto", "human", "json", "off"]), default="auto",
              help="One line a request, on stderr: human, json, off, or auto: human on a terminal, else JSON. [auto]")  # fmt: skip
def command(
    host: str,
    port: int,
    state_dir: Path | None,
    path: Path | None,
    seed: Path | None,
    cert: Path | None,
    key: Path | None,
    region: str,
    content_type: Literal["service", "json"],
    log_format: Literal["auto", "human", "json", "off"],
    *,
    control: bool | None,
) -> int:
    """Run the Key Protect and IAM simulator alone, until Ctrl-C or SIGTERM.

    It makes an account, a service ID with an API key, an instance, a root key and a KMIP adapter, and prints how to reach them. IBM's
    own SDKs work against it unchanged.

    \b
    kmiplab simulate                                 in memory, on port 8080
    kmiplab simulate --state-dir ./key-protect       the same keys again next time
    kmiplab simulate --port 0 --ready-file lab.json  any free port; see the file
    kmiplab simulate --seed keys.toml                with these keys in it

    \b
    Its console is at http://127.0.0.1:8080/_simulator in a browser.

    \b
    curl -d grant_type=urn:ibm:params:oauth:grant-type:apikey -d apikey=… \\
         http://127.0.0.1:8080/identity/token
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    from keyprotect_simulator.process import ProcessOptions, serve_until_signalled
    from keyprotect_simulator.settings import Settings, TlsFiles

    from kmiplab.ready_file import ready_file

    if (cert is None) != (key is None):
        raise click.UsageError("--cert and --key go together.")
    tls = TlsFiles(cert, key) if cert is not None and key is not None else None

    form = log_format if log_format != "auto" else "human" if sys.stderr.isatty() else "json"
    settings = Settings(host, port, state_dir, region, content_type, tls=tls, control=control)
    with ready_file(path) as announce:
        return serve_until_signalled(settings, ProcessOptions(announce=announce, log_format=form, seed=seed))
