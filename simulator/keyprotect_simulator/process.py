"""The simulator as a process of its own: signals, the ready file, and what it says on the terminal.

`kmiplab simulate` is this and its options.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyprotect_simulator.access_log import log_to
from keyprotect_simulator.errors import ReadyFileError
from keyprotect_simulator.server import Endpoint, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TextIO

    from keyprotect_simulator.access_log import LogFormat
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.settings import Settings


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """What a process adds to the settings of a simulator."""

    ready_file: Path | None = None
    log_format: LogFormat = "human"
    output: TextIO = sys.stdout


def serve_until_signalled(settings: Settings, options: ProcessOptions) -> int:
    """Run until SIGINT or SIGTERM; 0.

    Raises:
        SimulatorError: the address, the state folder or the ready file cannot be had.
    """
    log_to(sys.stderr)
    with announced(options.ready_file) as announce:

        def ready(endpoint: Endpoint) -> None:
            connection = connection_of(endpoint)
            announce({"pid": os.getpid(), "key_protect": connection})
            print(introduction(connection), file=options.output, flush=True)

        asyncio.run(until_signalled(settings, options, ready))
    return 0


async def until_signalled(settings: Settings, options: ProcessOptions, ready: Callable[[Endpoint], None]) -> None:
    """Run the server until one of the two signals comes."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run(settings, ready, stop, log_format=options.log_format)


def connection_of(endpoint: Endpoint) -> Json:
    """The `key_protect` part of a ready file: all that a client needs to use the lab of this simulator."""
    lab = endpoint.simulator.ensure_lab()
    return {
        "url": endpoint.url,
        "iam_url": endpoint.iam_url,
        "api_key": lab.api_key,
        "instance_id": lab.instance_id,
        "crk_id": lab.crk_id,
        "adapter_id": lab.adapter_id,
    }


def introduction(connection: Json) -> str:
    """What the terminal shows: the addresses, and how IBM's own SDKs are pointed at them."""
    return "\n".join(
        (
            "Key Protect and IAM are simulated here:",
            f"  IBM_KEY_PROTECT_API_URL={connection['url']}",
            f"  IBM_KEY_PROTECT_API_AUTH_URL={connection['url']}",
            "  IBM_KEY_PROTECT_API_AUTH_TYPE=iam",
            f"  IBM_KEY_PROTECT_API_APIKEY={connection['api_key']}",
            f"instance      {connection['instance_id']}",
            f"root key      {connection['crk_id']}",
            f"KMIP adapter  {connection['adapter_id']}",
            "Stop with Ctrl-C.",
        )
    )


@contextlib.contextmanager
def announced(path: Path | None) -> Iterator[Announce]:
    """The ready file: gone before the block, written whole (for its owner alone) when it is told to, gone after it."""
    announce = Announce(path)
    announce.withdraw()
    try:
        yield announce
    finally:
        announce.withdraw()


class Announce:
    """Writes the ready file, if there is to be one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __call__(self, document: Json) -> None:
        """Write the file under another name, then give it its own: whoever sees it sees all of it."""
        if self._path is None:
            return
        unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with usable(self._path):
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor has no Path
                json.dump(document, file, indent=1)
            unfinished.replace(self._path)

    def withdraw(self) -> None:
        """Remove the file."""
        if self._path is None:
            return
        with usable(self._path):
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def usable(path: Path) -> Iterator[None]:
    """Tell a file that cannot be written or removed as what it is."""
    try:
        yield
    except OSError as error:
        raise ReadyFileError(
            f"cannot write the ready file {path}: {error.strerror}", "name a file in a folder that you may write to."
        ) from error
