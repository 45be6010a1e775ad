"""The options that name a target, and what becomes of them: shared by every command that speaks to a KMIP server."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack

    from kmip_conformance.client import Target

Decorated = TypeVar("Decorated", bound="Callable[..., Any]")

FILE = click.Path(dir_okay=False, path_type=Path)
FILES = ("ca", "cert", "key", "other_cert", "other_key")
OWN_LAB = "kmiplab's own lab"

_OPTIONS = (
    click.option("--target", "address", metavar="HOST:PORT", help="The KMIP server. [a lab of its own]"),
    click.option("--ca", type=FILE, help="The certificate authority of its certificate, PEM."),
    click.option("--cert", type=FILE, help="The client certificate, PEM."),
    click.option("--key", type=FILE, help="Its private key, PEM."),
    click.option("--username", metavar="NAME", help="User name of the credential in requests."),
    click.option("--password", metavar="WORD", envvar="KMIPLAB_PASSWORD", help="Its password; better in KMIPLAB_PASSWORD."),
    click.option("--password-file", type=FILE, help="A file that holds the password."),
    click.option("--config", type=FILE, help="A TOML file with [targets.NAME] tables (docs/checks.md)."),
    click.option("--target-name", metavar="NAME", help="Which of them (file: ./kmiplab.toml unless --config names one)."),
)


def target_options(function: Decorated) -> Decorated:
    """Give a command the options that name a target."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def configured(given: dict[str, Any]) -> dict[str, Any]:
    """The options with what the configuration file says of the target; what the command line says wins.

    Settings that are no option of the command are left out. Raises what `kmip_conformance.runner.configuration` raises.
    """
    if not (given["config"] or given["target_name"]):
        return given
    from kmip_conformance.runner.configuration import configured_target

    renamed = {"profiles": "profile", "kmip_versions": "kmip_version"}
    settings = configured_target(given["config"] or Path("kmiplab.toml"), given["target_name"])
    found = {renamed.get(name, name): value for name, value in settings.items()}
    absent = {name: value for name, value in found.items() if name == "name" or (name in given and given[name] in (None, ()))}
    return given | absent


def chosen_target(given: dict[str, Any], stack: ExitStack) -> Target:
    """The target that the options name; without one, a lab of our own that runs until the stack is closed."""
    if given["address"] is None:
        return _own_lab(given, stack)
    from kmip_conformance.client import Target

    host, _, port = given["address"].rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.UsageError(f"--target {given['address']}: write HOST:PORT, as in kms.example.com:5696")
    files = {name: Path(given[name]).absolute() for name in FILES if given.get(name)}
    return Target(host.strip("[]"), int(port), username=given["username"], password=_password(given), **files)


def _own_lab(given: dict[str, Any], stack: ExitStack) -> Target:
    from kmip_conformance.client import Target

    from kmiplab.lab import running_lab

    if given.get("setup") or given["cert"]:
        raise click.UsageError("--target is missing: certificates and --setup go with a target of yours")
    from kmiplab.lab_of_cases import PUSHED, clients_of_cases

    kmip = stack.enter_context(running_lab(arguments=("--push-to", PUSHED) if given.get("oasis") else ()))["kmip"]
    if given.get("oasis"):
        given["sharing"] = clients_of_cases(Path(kmip["state_dir"]), given["oasis"])
        cert, key = given["sharing"].pop("A")
        return Target(kmip["host"], kmip["port"], ca=Path(kmip["ca"]), cert=cert, key=key)
    files = {name: Path(kmip[name]) for name in FILES if kmip.get(name)}
    return Target(kmip["host"], kmip["port"], username=kmip.get("username"), password=kmip.get("password"), **files)


def name_of_target(given: dict[str, Any]) -> str:
    """What the target is called in records."""
    return str(given.get("name") or given["address"] or OWN_LAB)


def target_words(given: dict[str, Any]) -> list[str]:
    """The words of a command line that name the same target again, without the password."""
    if given.get("name"):
        return ["--config", str(given["config"] or "kmiplab.toml"), "--target-name", str(given["name"])]
    options = {"address": "target", "setup": "setup", "username": "username"} | {name: name.replace("_", "-") for name in FILES}
    return [word for name, option in options.items() if given.get(name) for word in (f"--{option}", str(given[name]))]


def _password(given: dict[str, Any]) -> str | None:
    file: Path | None = given["password_file"]
    if file is None:
        password: str | None = given["password"]
        return password
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"--password-file {file} cannot be read: {error}") from error


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does: what was found out is kept, the target is cleaned up."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
