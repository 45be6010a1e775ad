"""Targets in a file, so that nobody types paths of certificates twice.

::

    [targets.staging]
    address = "kms.example.com:5696"
    ca = "certs/ca.pem"                 # relative to this file
    cert = "certs/client.pem"
    key = "certs/client.key"
    other-cert = "certs/second.pem"     # a second identity, for the checks of access
    other-key = "certs/second.key"
    username = "vcenter"
    password-file = "certs/password"
    setup = "./start-the-server"        # as --setup
    profiles = ["vcenter"]              # as --profile
    kmip-versions = ["1.4"]             # as --kmip-version
    baseline = "known.toml"             # as --baseline
"""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, Any

from kmip_conformance.judge.errors import RunRefused

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS = frozenset({"address", "username", "password", "setup"})
_FILES = frozenset({"ca", "cert", "key", "other-cert", "other-key", "password-file", "baseline"})
_LISTS = frozenset({"profiles", "kmip-versions"})


def configured_target(path: Path, name: str | None) -> dict[str, Any]:
    """The settings of a target, by their names in the file with ``_`` for ``-``; files are absolute paths, a password file is read.

    Without a name, the file has to hold exactly one target. Raises RunRefused with what is wrong.
    """
    try:
        targets = tomllib.loads(path.read_text(encoding="utf-8")).get("targets")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RunRefused(f"the configuration {path} cannot be read: {error}", "it is a TOML file with [targets.NAME] tables.") from error
    if not isinstance(targets, dict) or not targets:
        raise RunRefused(f"the configuration {path} names no target", 'add [targets.NAME] with address = "HOST:PORT".')
    if name is None and len(targets) > 1:
        raise RunRefused(f"the configuration {path} names several targets", f"choose one with --target-name: {', '.join(targets)}.")
    chosen = name if name is not None else next(iter(targets))
    if chosen not in targets:
        raise RunRefused(f"the configuration {path} has no target {chosen!r}", f"it has: {', '.join(targets)}.")
    return {"name": chosen} | _settings(targets[chosen], f"{path}, [targets.{chosen}]", path.parent)


def _settings(table: Any, where: str, folder: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise RunRefused(f"{where} is no table", 'write [targets.NAME] and below it address = "HOST:PORT".')
    settings: dict[str, Any] = {}
    for setting, value in table.items():
        kind = _kind(setting, where)
        if not isinstance(value, kind) or (isinstance(value, list) and not all(isinstance(member, str) for member in value)):
            raise RunRefused(f"{where}: {setting} has to be a {'list of texts' if kind is list else 'text'}", f"it is {value!r}.")
        settings[setting.replace("-", "_")] = (folder / str(value)).absolute() if setting in _FILES else value
    if "password_file" in settings:
        settings["password"] = _password_in(settings.pop("password_file"))
    return settings


def _kind(setting: str, where: str) -> type:
    if setting in _LISTS:
        return list
    if setting in _TEXTS | _FILES:
        return str
    settings = sorted(_TEXTS | _FILES | _LISTS)
    meant = difflib.get_close_matches(setting.lower().replace("_", "-"), settings, n=1)
    hint = f"did you mean {meant[0]}?" if meant else f"settings: {', '.join(settings)}."
    raise RunRefused(f"{where}: {setting} is no setting of a target", hint)


def _password_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RunRefused(f"the password file {path} cannot be read: {error}", "it holds the password and nothing else.") from error
