"""The simulator's part of `kmiplab up`: where others reach it, and how the KMIP server does.

With a certificate the simulator speaks HTTPS to everyone. The KMIP server then gets a way of its own, plain HTTP on a port of the loopback
interface that nobody is told of: it need not trust a certificate that was made for other names than 127.0.0.1.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keyprotect_simulator.server import Endpoint, require_usable
from keyprotect_simulator.server import run as serve
from keyprotect_simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyprotect_simulator.access_log import LogFormat
    from keyprotect_simulator.settings import Settings

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulator that answers: where, and at which URL the KMIP server asks it."""

    endpoint: Endpoint
    inner_url: str


async def run(settings: Settings, ready: Callable[[Simulated], None], stop: asyncio.Event, *, log_format: LogFormat) -> None:
    """Serve until ``stop`` is set. Raises what `keyprotect_simulator.server.run` raises."""
    if settings.tls is None:
        await serve(settings, lambda endpoint: ready(Simulated(endpoint, endpoint.url)), stop, log_format=log_format)
        return
    require_usable(settings.tls)
    with Simulator.open(settings) as simulator:
        port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        plain = replace(settings, host=LOOPBACK, port=0, tls=None)
        inside = asyncio.create_task(
            serve(plain, lambda endpoint: port.set_result(endpoint.port), stop, simulator=simulator, log_format="off")
        )
        try:
            waiting: set[asyncio.Future[Any]] = {inside, port}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if port.done():
                url = f"http://{LOOPBACK}:{port.result()}"
                await serve(settings, lambda endpoint: ready(Simulated(endpoint, url)), stop, simulator=simulator, log_format=log_format)
        finally:
            stop.set()
            await inside
