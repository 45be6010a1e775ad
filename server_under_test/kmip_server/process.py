"""What a process settles for itself when all that it does is to serve: its event loop, and how often Python looks for garbage."""

from __future__ import annotations

import asyncio
import gc

COLLECTED_AFTER = (5000, 20, 20)
"""Thresholds of Python's garbage collector. The store keeps thousands of rows at hand, none of them garbage: with Python's own
(700, 10, 10) a tenth of the time of a new key went into walking through them, and now and then one waited 50 ms for that."""


def fast_loop() -> asyncio.AbstractEventLoop:
    """Uvloop's event loop where that is installed, else asyncio's."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def collect_seldom() -> None:
    """Let the collector leave alone what is loaded already, and look less often at what comes: for everything in this process."""
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
