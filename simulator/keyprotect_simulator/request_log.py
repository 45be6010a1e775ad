"""The last requests, for the control API and the console: who asked for what, how it went, and what disturbed it.

As in the access log there is never a token, an API key, a query or a body. The log lives in memory, in a ring of so many entries; whoever
reads on asks for what came after the number that he knows.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from keyprotect_simulator.access_log import LONGEST_PATH, printable

if TYPE_CHECKING:
    from keyprotect_simulator.disturbances import Disturbed
    from keyprotect_simulator.messages import ApiRequest, ApiResponse

KEPT = 1000
"""Entries that the log holds."""


class LoggedRequest(NamedTuple):
    """One request and how it ended. `status` 0: the connection was closed instead of an answer."""

    number: int
    time: float
    way: str
    """By which way it came: `http`, or `mock` from within the process."""
    method: str
    path: str
    status: int
    error: str
    caller: str
    instance: str
    correlation_id: str
    microseconds: int
    disturbance: str


class RequestLog:
    """A ring of the last requests. Safe to use from several threads."""

    def __init__(self) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._writing = threading.Lock()

    def write(self, way: str, request: ApiRequest, response: ApiResponse, seconds: float, disturbed: Disturbed | None) -> None:
        """Note a request that was dealt with in so many seconds."""
        with self._writing:
            self._entries.append(
                LoggedRequest(
                    number=next(self._numbers),
                    time=time.time(),
                    way=way,
                    method=printable(request.method[:20]),
                    path=printable(request.path[:LONGEST_PATH]),
                    status=0 if disturbed is not None and disturbed.ending == "closed" else response.status,
                    error=response.error_code,
                    caller=response.caller,
                    instance=printable(request.headers.get("bluemix-instance", "")[:36]),
                    correlation_id=response.header("Correlation-Id") or "",
                    microseconds=round(seconds * 1e6),
                    disturbance=told(disturbed),
                )
            )

    def after(self, number: int = 0) -> list[LoggedRequest]:
        """The entries that came after this one, oldest first."""
        with self._writing:
            return [entry for entry in self._entries if entry.number > number]

    def numbers(self) -> dict[str, int | None]:
        """The numbers of the oldest and the newest entry."""
        with self._writing:
            numbers = [entry.number for entry in self._entries]
        return {"oldest": numbers[0] if numbers else None, "newest": numbers[-1] if numbers else None}

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        with self._writing:
            self._entries.clear()


def told(disturbed: Disturbed | None) -> str:
    """In a few words, what disturbed a request."""
    if disturbed is None:
        return ""
    late = f"{disturbed.delay:g} s late" if disturbed.delay else ""
    instead = f"{disturbed.instead.status} instead" if disturbed.instead else ""
    ending = disturbed.ending if disturbed.ending != "whole" else ""
    return ", ".join(word for word in (late, instead, ending) if word)
