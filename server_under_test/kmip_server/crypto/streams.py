"""Cryptographic operations in parts: what is kept between two requests, under its Correlation Value (KMIP 2.1, 7.8).

A stream belongs to the client and the operation that began it. It ends with its last part, with a part that fails, after `LONGEST_PAUSE`
without a part, or when the client has begun `MOST_STREAMS` others since. It lives in the process that began it and in no store: a client
goes on with it on the connection on which it began, and after a restart of the server begins anew.

The first part is one with Init Indicator; the last is one with Final Indicator. A request with neither, and without Correlation Value, is a
whole operation by itself; so is one that is first and last at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from kmip_server.crypto.padding import Random
    from kmip_server.enums import Operation

MOST_STREAMS = 16
"""Streams of one client at a time."""

LONGEST_PAUSE = 600
"""Seconds between two parts of a stream."""

S = TypeVar("S")


class Parts(Protocol):
    """The fields of a request that may be one of several."""

    @property
    def correlation_value(self) -> bytes | None: ...
    @property
    def init_indicator(self) -> bool | None: ...
    @property
    def final_indicator(self) -> bool | None: ...


@dataclass(slots=True)
class _Kept:
    operation: Operation
    state: Any
    last_used: int


@dataclass(frozen=True, slots=True)
class Part(Generic[S]):
    """One part at work: the state that was kept (None: to be made), and whether it is the last.

    Attributes:
        state: what the parts before left; None for a first part, and for a whole operation.
        is_last: whether the operation ends with this part; a whole operation is a last part.
        is_whole: whether there is only this part.
    """

    state: S | None
    is_last: bool
    is_whole: bool


class Streams:
    """The streams of all clients of one process."""

    def __init__(self, random: Random) -> None:
        """``random(n)`` gives n random bytes: Correlation Values cannot be guessed."""
        self._random = random
        self._by_owner: dict[str, dict[bytes, _Kept]] = {}

    def part_of(self, request: Parts, owner: str, operation: Operation, now: int) -> Part[Any]:
        """What part this request is. Its stream is taken out: `keep` puts it back. Raises `KmipFailure` when there is no such stream."""
        value, is_last = request.correlation_value, request.final_indicator is True
        if value is None:
            is_whole = is_last or request.init_indicator is not True
            return Part(None, is_whole, is_whole)
        if request.init_indicator:
            raise KmipFailure(ResultReason.INVALID_FIELD, "a first part (Init Indicator) has no Correlation Value: the server gives it")
        kept = self._by_owner.get(owner, {}).get(value)
        if kept is None or kept.operation is not operation or now - kept.last_used > LONGEST_PAUSE:
            sentence = "no operation of this kind is under way with that Correlation Value"
            raise KmipFailure(ResultReason.ITEM_NOT_FOUND, sentence, reason_2=ResultReason.INVALID_CORRELATION_VALUE)
        del self._by_owner[owner][value]
        return Part(kept.state, is_last, is_whole=False)

    def keep(self, request: Parts, state: object, owner: str, operation: Operation, now: int) -> bytes:
        """Keep what the next part needs; the Correlation Value of the answer."""
        mine = self._by_owner.setdefault(owner, {})
        for value in [value for value, kept in mine.items() if now - kept.last_used > LONGEST_PAUSE]:
            del mine[value]
        while len(mine) >= MOST_STREAMS:
            del mine[next(iter(mine))]
        value = request.correlation_value or self._random(16)
        mine[value] = _Kept(operation, state, now)
        return value
