"""One line a request: who asked for what, and how it went. Never a token, an API key, a query or a body.

On a terminal the line is for people, elsewhere it is a JSON object.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from keyprotect_simulator.messages import ApiRequest, ApiResponse

LogFormat = Literal["human", "json", "off"]
LONGEST_PATH = 300
"""Characters of a path that are logged."""

log = logging.getLogger("keyprotect_simulator.access")


class AccessLog:
    """Writes the lines to a logger, so that whoever runs the simulator decides where they go."""

    def __init__(self, form: LogFormat = "human") -> None:
        self._form = form

    def write(self, request: ApiRequest, response: ApiResponse, seconds: float) -> None:
        """The line of one request that was answered in so many seconds."""
        if self._form == "off" or not log.isEnabledFor(logging.INFO):
            return
        fields = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": request.method,
            "path": printable(request.path[:LONGEST_PATH]),
            "status": response.status,
            "error": response.error_code,
            "caller": response.caller,
            "address": request.address,
            "correlation_id": response.header("Correlation-Id") or "",
            "microseconds": round(seconds * 1e6),
        }
        log.info("%s", json.dumps(fields) if self._form == "json" else for_people(fields))


def for_people(fields: dict[str, object]) -> str:
    """The line for a terminal."""
    words = [fields[name] for name in ("time", "method", "path", "status", "error", "caller")]
    return " ".join(str(word) for word in words if word != "") + f" {fields['microseconds']} µs"


def printable(text: str) -> str:
    """The text with everything that could move a cursor or end a line made visible."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


def log_to(stream: TextIO = sys.stderr) -> None:
    """Send the simulator's log, access lines included, to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger("keyprotect_simulator")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    root.propagate = False
