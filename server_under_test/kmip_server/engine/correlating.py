"""Server Correlation Values (KMIP 1.4, 6.19; 2.1, 9.10): "SHOULD be provided by the server and SHOULD be globally unique".

Every answer of 2.x has one, unless it would be too large by it. An answer of 1.4 has one where the request says a Client Correlation Value:
clients of 1.x that know nothing of these values have failed over one that they did not ask for. The client's own value is not sent back: it
belongs to the request (6.18).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from kmip_server.conversation import Correlation

if TYPE_CHECKING:
    from collections.abc import Callable


class Correlations:
    """The values of one server process: a random beginning, and a number."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        """``random(n)`` gives n random bytes."""
        self._beginning = random(8).hex().upper()
        self._numbers = count(1)

    def next(self, client: str | None = None) -> Correlation:
        """The next one, beside what the client calls its message."""
        return Correlation(client, f"{self._beginning}-{next(self._numbers) & 0xFFFFFFFF:08X}")
