"""What a load run was asked for, and the refusal of what cannot be meant."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_load.errors import UnusableOption
from kmip_load.profiles import PROFILES

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_conformance.client import Target


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. Times are seconds."""

    target: Target
    profile: str
    users: int
    duration: float
    spawn_rate: float | None = None
    """Users a second; None: all at once."""
    processes: int = 1
    keys: int | None = None
    """Keys to make beforehand; None: as many as the profile says."""
    keep: bool = False
    timeout: float = 10.0
    report_dir: Path | None = None
    target_name: str = ""
    command: str = ""


def refuse_nonsense(options: Options) -> None:
    for name, value in {"--users": options.users, "--processes": options.processes, "--duration": options.duration}.items():
        if value <= 0:
            raise UnusableOption(f"{name} {value:g} asks for nothing", "it must be more than 0.")
    if options.processes > options.users:
        raise UnusableOption(f"--processes {options.processes} is more than --users {options.users}", "every process needs a user to run.")
    if options.keys is not None and options.keys < 1 and PROFILES[options.profile].keys:
        raise UnusableOption(f"--keys {options.keys}: {options.profile} fetches keys", "let it make at least one.")


def make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableOption(
            f"the report folder {folder} cannot be made: {error.strerror}", "name a folder that you may write to."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnusableOption(f"the report folder {folder} cannot be written to", "name a folder that you may write to.")
