"""`kmiplab serve`: the reference KMIP server alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.commands.up import A_PORT, LOG_FORMATS, LOG_LEVELS, PERSONALITIES, default_state_dir
from kmiplab.help import STATE_DIR_DEFAULT, Grouped
from kmiplab.numbers import Finite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmip_server.settings import Endpoint, KeyProtectSettings, Settings

API_KEY_VARIABLE = "KMIPLAB_KEY_PROTECT_API_KEY"
A_FILE = click.Path(path_type=Path, dir_okay=False)
A_FOLDER = click.Path(path_type=Path, file_okay=False)

_GROUPS = {
    "Where": ("host", "port", "admin_port", "admin_host", "path"),
    "What is kept, and how": ("state_dir", "wrapping", "cache_seconds"),
    "Key Protect (--wrapping key-protect)": ("kp_url", "kp_iam_url", "kp_instance_id", "kp_crk_id", "kp_api_key_file"),
    "TLS": ("certificate", "key", "ca", "server_names", "server_key", "legacy_ciphers", "session_tickets"),
    "What is served, and how much": ("personality", "only_offered_versions", "workers", "max_connections", "idle_timeout", "push_to"),
    "Logs": ("log_level", "log_format"),
}


@click.command(
    cls=Grouped,
    groups=_GROUPS,
    epilog=f"""\b
Examples:
  kmiplab serve                                local root key, port 5696
  kmiplab client add vcenter --cert vcenter.pem
                                               let a client in, while it runs
  kmiplab serve --port 0 --ready-file kmip.json --admin-port 0
                                               any free ports; see the file
  {API_KEY_VARIABLE}=… kmiplab serve --wrapping key-protect \\
      --kp-url https://us-south.kms.cloud.ibm.com \\
      --kp-instance-id UUID --kp-crk-id UUID
                                               a root key in Key Protect wraps

\b
The state folder holds kmip.db (objects and clients), root.key, and the
server's own certificates. Back it up as a whole: without root.key the stored
keys cannot be opened. Ctrl-C or SIGTERM ends the server, exit code 0.""",
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="Address to listen on; 0.0.0.0 is all. [127.0.0.1]")
@click.option("--port", metavar="PORT", type=A_PORT, default=5696, help="Port to listen on; 0: any free one. [5696]")
@click.option("--state-dir", metavar="DIR", type=A_FOLDER, default=default_state_dir,
              help=f"Where everything is kept; made when it is not there. {STATE_DIR_DEFAULT}")  # fmt: skip
@click.option("--cert", "certificate", type=A_FILE, help="Server certificate (PEM) instead of the server's own.")
@click.option("--key", type=A_FILE, help="Its private key (PEM, unencrypted).")
@click.option("--ca", type=A_FILE, help="What clients should trust then (PEM); only told, never used here.")
@click.option("--server-name", "server_names", multiple=True, metavar="NAME",
              help="Host name or address that the server's own certificate is also for; repeatable.")  # fmt: skip
@click.option("--server-key", metavar="KIND", type=click.Choice(["rsa", "ecdsa"]), default="rsa",
              help="Key of the own certificate: rsa, or ecdsa, which is cheaper; vCenter may need RSA. [rsa]")  # fmt: skip
@click.option("--personality", metavar="NAME", type=click.Choice(PERSONALITIES), default="reference",
              help=f"Which versions and operations are on offer: {', '.join(PERSONALITIES)}. [reference]")  # fmt: skip
@click.option("--only-offered-versions", is_flag=True,
              help="Refuse versions that are accepted without being offered: keyprotect-native then serves 1.4 alone.")  # fmt: skip
@click.option("--wrapping", metavar="HOW", type=click.Choice(["local", "key-protect"]), default="local",
              help="What wraps keys at rest: local, a root key in the state folder, or key-protect. [local]")  # fmt: skip
@click.option("--kp-url", metavar="URL", help="Key Protect, such as https://us-south.kms.cloud.ibm.com.")
@click.option("--kp-iam-url", metavar="URL", default="https://iam.cloud.ibm.com/identity/token",
              help="Where IAM gives access tokens. [https://iam.cloud.ibm.com/identity/token]")  # fmt: skip
@click.option("--kp-instance-id", metavar="UUID", help="The Key Protect instance.")
@click.option("--kp-crk-id", metavar="ID", help="The root key, for clients that have none of their own.")
@click.option("--kp-api-key-file", type=A_FILE, help=f"File that holds the API key. [read from {API_KEY_VARIABLE}]")
@click.option("--cache-seconds", metavar="S", type=Finite(0, 3600), default=60.0,
              help="How long an unwrapped key is kept: and can still be had after its root key was disabled. [60]")  # fmt: skip
@click.option("--workers", metavar="N", type=click.IntRange(1, 64), default=1, help="Processes that share the port. [1]")
@click.option("--legacy-ciphers", is_flag=True, help="Also offer static-RSA CBC cipher suites, which vCenter 7 may need.")
@click.option("--session-tickets", metavar="N", type=click.IntRange(0, 8), default=0,
              help="Tickets for a TLS 1.3 client to resume with. Clients that never resume are served faster without. [0]")  # fmt: skip
@click.option("--idle-timeout", metavar="S", type=Finite(1, 86_400), default=600.0,
              help="Seconds without a request after which a connection is closed. [600]")  # fmt: skip
@click.option("--max-connections", metavar="N", type=click.IntRange(1), default=10_000, help="Connections open at once. [10000]")
@click.option("--push-to", metavar="NAME", multiple=True,
              help="A client that is sent its new objects (Put) and their changes (Notify) where it asks; repeatable.")  # fmt: skip
@click.option("--admin-port", metavar="PORT", type=A_PORT, help="Port of /metrics and /healthz (plain HTTP); 0: any free one. [off]")
@click.option("--admin-host", metavar="ADDRESS", default="127.0.0.1", help="Address of the admin port. [127.0.0.1]")
@click.option("--log-level", metavar="LEVEL", type=LOG_LEVELS, default="info", help="debug, info, warning, error or off. [info]")
@click.option("--log-format", metavar="FORM", type=LOG_FORMATS, default="auto",
              help="One line a batch item, on stderr: human, json, or auto: human on a terminal, else JSON. [auto]")  # fmt: skip
@click.option("--ready-file", "path", type=A_FILE, help="Written (JSON) when the server answers, removed when it ends.")
def command(path: Path | None, **options: Any) -> int:
    """Run the reference KMIP server alone.

    Serves KMIP 1.0-2.1 over mutual TLS, in TTLV and over HTTPS. Only clients whose
    certificates are registered come in: see 'kmiplab client'.
    """
    from kmiplab.ready_file import ready_file
    from kmiplab.serving import run_until_signalled

    settings = settings_from(**options)
    with ready_file(path) as announce:
        return run_until_signalled(settings, ready=lambda endpoint: told(endpoint, announce))


def settings_from(*, wrapping: str, idle_timeout: float, max_connections: int, **options: Any) -> Settings:
    """The server's settings from the options of the command line. Raises `ConfigurationError`."""
    from kmip_server.listener.limits import Limits
    from kmip_server.settings import Settings

    names = ("url", "iam_url", "instance_id", "crk_id", "api_key_file")
    key_protect = {name: options.pop(f"kp_{name}") for name in names}
    cache_seconds = options.pop("cache_seconds")
    return Settings(
        limits=Limits(idle_timeout=idle_timeout, connections=max_connections),
        key_protect=key_protect_from(cache_seconds=cache_seconds, **key_protect) if wrapping == "key-protect" else None,
        keeper_cache_seconds=cache_seconds,
        **options,
    )


def key_protect_from(*, api_key_file: Path | None, cache_seconds: float, **told: str | None) -> KeyProtectSettings:
    """Where Key Protect is, with the API key from its file or the environment: never from an argument, which others can list."""
    from kmip_server.errors import ConfigurationError
    from kmip_server.settings import KeyProtectSettings

    missing = [f"--kp-{name.replace('_', '-')}" for name, value in told.items() if not value]
    if missing:
        raise ConfigurationError(
            f"--wrapping key-protect also needs {', '.join(missing)}", "say where Key Protect is, or use --wrapping local"
        )
    api_key = api_key_from(api_key_file)
    fields: dict[str, Any] = told
    return KeyProtectSettings(api_key=api_key, cache_seconds=cache_seconds, **fields)


def api_key_from(file: Path | None) -> str:
    """The API key that a file or the environment holds. Raises `ConfigurationError` when neither does."""
    from kmip_server.errors import ConfigurationError
    from kmip_server.files import read_file

    if file is not None:
        api_key = read_file(file, "the API key file").decode("utf-8", "replace").strip()
    else:
        api_key = os.environ.get(API_KEY_VARIABLE, "").strip()
    if not api_key:
        raise ConfigurationError(
            "there is no API key for Key Protect", f"put it into a file (--kp-api-key-file) or into {API_KEY_VARIABLE}"
        )
    return api_key


def told(endpoint: Endpoint, announce: Callable[[Mapping[str, Any]], None]) -> None:
    """Say that the server answers: to people, and in the ready file."""
    facts = {
        "host": endpoint.host,
        "port": endpoint.port,
        "ca": str(endpoint.ca.absolute()),
        "state_dir": str(endpoint.state_dir.absolute()),
    }
    announce({"kmip": facts, "admin_port": endpoint.admin_port})
    click.echo(f"KMIP on {endpoint.host}:{endpoint.port}   server certificate to trust: {endpoint.ca}")
    if endpoint.admin_port is not None:
        click.echo(f"metrics and health on port {endpoint.admin_port}")
    click.echo(f"let a client in: kmiplab client add NAME --state-dir {endpoint.state_dir}")
