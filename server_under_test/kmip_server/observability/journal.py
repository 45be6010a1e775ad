"""The log: one line for each batch item and each event, for people on a terminal and as JSON everywhere else.

Lines are built by hand and written together, at the latest `FLUSH_SECONDS` after they came up: a line costs a few microseconds, where
the `logging` module takes ten and a system call each. What other modules say through `logging` comes in by `JournalHandler`.

A line never holds key material, passwords or tokens: it has the names, identifiers and reasons of `ItemRecord` and nothing of the message.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from enum import IntEnum
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, TextIO

from kmip_server.enums import ResultStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

    from kmip_server.conversation import ItemRecord

FLUSH_SECONDS = 0.05

FORMATS = ("auto", "human", "json")


class Level(IntEnum):
    """How much a line matters; the numbers of `logging`."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    OFF = 100


class Words(dict["Enum | int | None", str]):
    """The members of one enumeration as the log writes them, each made up once. One table an enumeration: integers would collide."""

    def __missing__(self, member: Enum | int | None) -> str:
        """Make up the word."""
        name = getattr(member, "name", None)
        word = self[member] = str(name).lower().replace("_", "-") if name else f"0x{member or 0:x}"
        return word


class Journal:
    """Writes lines to ``stream``. "auto" is human on a terminal and JSON otherwise."""

    def __init__(self, stream: TextIO, *, form: str = "auto", level: Level = Level.INFO, clock: Callable[[], float] = time.time) -> None:
        """``clock`` gives seconds since 1970."""
        self._stream = stream
        self._level = level
        self._clock = clock
        self._lines: list[str] = []
        self._flushing = False
        self._second = -1
        self._date = ""
        self._operations, self._statuses, self._reasons = Words(), Words(), Words()
        human = form == "human" or (form == "auto" and stream.isatty())
        self._item_line = self._human_item if human else self._json_item
        self._event_line = self._human_event if human else self._json_event

    def item(self, record: ItemRecord) -> None:
        """A batch item was answered. Successes are information, failures too: they are the client's business."""
        if self._level <= Level.INFO:
            self._write(self._item_line(record))

    def event(self, level: Level, event: str, message: str, **fields: str | float | None) -> None:
        """Something happened: ``event`` is its name, ``message`` a sentence."""
        if level >= self._level:
            self._write(self._event_line(level, event, message, fields))

    def flush(self) -> None:
        """Write what waits. A log that nobody reads any more stops nobody."""
        self._flushing = False
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._level = Level.OFF

    def _write(self, line: str) -> None:
        self._lines.append(line)
        if self._flushing:
            return
        try:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        except RuntimeError:
            self.flush()
        else:
            self._flushing = True

    def _now(self) -> str:
        """RFC 3339 with milliseconds, UTC; the part up to the second is made once a second."""
        now = self._clock()
        second = int(now)
        if second != self._second:
            self._second = second
            self._date = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
        return f"{self._date}{int((now - second) * 1000):03d}Z"

    def _json_item(self, record: ItemRecord) -> str:
        client, address, operation, identifier, status, reason, message, microseconds, correlation = record
        line = (
            f'{{"time": "{self._now()}", "level": "info", "event": "item", "client": {quoted(client.name)}, "address": "{address}", '
            f'"operation": "{self._operations[operation]}", "id": {quoted(identifier) if identifier is not None else "null"}, '
            f'"result": "{self._statuses[status]}", "microseconds": {microseconds}'
        )
        if correlation is not None:
            line += f', "client_correlation": {json.dumps(correlation.client)}, "server_correlation": "{correlation.server}"'
        if status is ResultStatus.SUCCESS:
            return line + "}"
        return f'{line}, "reason": "{self._reasons[reason]}", "message": {quoted(message or "")}}}'

    def _human_item(self, record: ItemRecord) -> str:
        client, address, operation, identifier, status, reason, message, microseconds, correlation = record
        outcome = (
            "success"
            if status is ResultStatus.SUCCESS
            else f"{self._statuses[status]}: {self._reasons[reason]}: {_printable(message or '')}"
        )
        what = f"{self._operations[operation]:<20} {_printable(identifier or '-'):<36}"
        named = "" if correlation is None else f"  [{_printable(correlation.client or '-')} {correlation.server}]"
        return f"{self._now()[11:-1]}  {client.name}@{address}  {what}  {microseconds:>7} µs  {outcome}{named}"

    def _json_event(self, level: Level, event: str, message: str, fields: dict[str, str | float | None]) -> str:
        return json.dumps({"time": self._now(), "level": level.name.lower(), "event": event, "message": message, **fields})

    def _human_event(self, level: Level, event: str, message: str, fields: dict[str, str | float | None]) -> str:
        details = "  ".join(f"{name}={_printable(str(value))}" for name, value in fields.items() if value is not None)
        return f"{self._now()[11:-1]}  {level.name.lower():<7}  {event}: {_printable(message)}  {details}".rstrip()


class JournalHandler(logging.Handler):
    """Brings what modules say through `logging` into the journal."""

    def __init__(self, journal: Journal) -> None:
        """Hand everything to ``journal``, which has the level."""
        super().__init__()
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        level = max((level for level in Level if level <= record.levelno), default=Level.DEBUG)
        self._journal.event(level, record.name.removeprefix("kmip_server."), record.getMessage())


def _printable(text: str) -> str:
    """Client-made text without line breaks and terminal controls."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
