"""``--setup CMD``: start the target, wait until it listens, judge it, stop it."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kmip_conformance.judge.errors import RunRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LISTENS_WITHIN = 60.0
"""Seconds that the target may take until it takes connections."""

ENDS_WITHIN = 10.0
"""Seconds that it may take to end after SIGTERM, before it is killed."""


@contextmanager
def started(command: str, host: str, port: int, log: Path, within: float = LISTENS_WITHIN) -> Iterator[None]:
    """Run a command, without a shell, until the block ends; what it prints goes to ``log``.

    Raises RunRefused when something listens there already, when the command cannot be run or fails, or when nothing listens in time.
    A command that ends with 0 has put its server into the background; stopping that is then its own affair.
    """
    if _listens(host, port):
        raise RunRefused(f"--setup: something listens on {host}:{port} already", "stop it, or leave --setup out to judge that.")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            words = shlex.split(command)
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, process_group=0)  # noqa: S603
    except (OSError, ValueError) as error:
        raise RunRefused(
            f"--setup: {command!r} cannot be run: {error}", "give a command and its arguments; for a shell, sh -c '…'."
        ) from error
    try:
        _wait_until_it_listens(process, host, port, log, within)
        yield
    finally:
        _stop(process)


def _wait_until_it_listens(process: subprocess.Popen[bytes], host: str, port: int, log: Path, within: float) -> None:
    deadline = time.monotonic() + within
    while not _listens(host, port):
        if process.poll():
            raise RunRefused(f"--setup: the command ended with exit code {process.returncode}", f"what it said is in {log}.")
        if time.monotonic() > deadline:
            raise RunRefused(f"--setup: nothing listens on {host}:{port} after {within:.0f} s", f"what the command said is in {log}.")
        time.sleep(0.05)  # there is no event for another process's port


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
