"""The simulator as a process of its own: signals, and what it says on the terminal and to whoever started it.

`kmiplab simulate` is this and its options.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyprotect_simulator.access_log import log_to
from keyprotect_simulator.messages import CONTROL
from keyprotect_simulator.seed_reading import read_seed_file
from keyprotect_simulator.server import Endpoint, run
from keyprotect_simulator.sowing import sow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    from keyprotect_simulator.access_log import LogFormat
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.settings import Settings


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """What a process adds to the settings of a simulator."""

    announce: Callable[[Json], None] = lambda _: None
    """Told how to connect, secrets included, as soon as the simulator answers."""
    log_format: LogFormat = "human"
    output: TextIO = sys.stdout
    seed: Path | None = None
    """A file with what shall be there at the start."""


def serve_until_signalled(settings: Settings, options: ProcessOptions) -> int:
    """Run until SIGINT or SIGTERM; 0.

    Raises:
        SimulatorError: the address or the state folder cannot be had, or the seed makes no sense.
    """
    log_to(sys.stderr)
    seed = read_seed_file(options.seed) if options.seed is not None else {}

    def ready(endpoint: Endpoint) -> None:
        sow(endpoint.simulator, seed)
        endpoint.simulator.remember_start()
        connection = connection_of(endpoint)
        options.announce({"key_protect": connection})
        print(introduction(connection, console=settings.controlled), file=options.output, flush=True)

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


def introduction(connection: Json, *, console: bool) -> str:
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
            *([f"console       {connection['url']}{CONTROL}"] if console else []),
            "Stop with Ctrl-C.",
        )
    )
