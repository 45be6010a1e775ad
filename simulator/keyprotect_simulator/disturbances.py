"""Bad days of the service: answers that come late, broken off or not at all, or instead of the right ones.

A disturbance is asked for by a test or through the control API, and says which requests it is for (method and path), how many of them,
and how they end. Every way in asks `Disturbances.next_for` before it hands a request to the core; the core knows nothing of them. The
reserved paths of the control API are never disturbed. What makes no sense is refused when it is said, with a ValueError in words.

    Disturbance(status=429, retry_after=1, times=2)            throttled twice
    Disturbance(status=429, allowed=10, within=1)              more than ten a second are throttled, and told when to come again
    Disturbance(ending="closed", path="/api/v2/keys/*/actions/wrap", probability=0.1, seed=7)
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, get_args

from keyprotect_simulator.faults import Fault
from keyprotect_simulator.messages import respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyprotect_simulator.messages import ApiRequest, ApiResponse

Ending = Literal["whole", "truncated", "closed"]
ENDINGS: tuple[str, ...] = get_args(Ending)
LONGEST_DELAY = 600


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Which requests are disturbed, and how; raises ValueError for one that makes no sense."""

    delay: float = 0.0
    """Seconds to wait before anything is answered."""
    status: int = 0
    """What is answered instead; 0 is the right answer."""
    retry_after: int | None = None
    """The seconds of a Retry-After header."""
    ending: Ending = "whole"
    """`truncated`: half of the body, then the connection closes; `closed`: it closes without an answer (the call *is* carried out)."""
    method: str = ""
    """Only requests of this method; empty is any."""
    path: str = "/"
    """What the path begins with, or a pattern with `*` for the whole path."""
    after: int = 0
    """How many such requests go unharmed first."""
    times: int | None = None
    """How many requests it disturbs; None is all of them, until it is taken back."""
    probability: float = 1.0
    """How likely each of them is disturbed."""
    seed: int | None = None
    """What the dice are thrown from; the same seed, the same requests."""
    allowed: int | None = None
    """So many requests go unharmed in any `within` seconds: a rate limit."""
    within: float = 1.0

    def __post_init__(self) -> None:
        for nonsense, why in NONSENSE:
            if nonsense(self):
                raise ValueError(why)

    def concerns(self, request: ApiRequest) -> bool:
        """Whether the request is one of those that it is for."""
        if self.method not in ("", request.method):
            return False
        return fnmatchcase(request.path, self.path) if "*" in self.path else request.path.startswith(self.path)

    def response(self, retry_after: int | None = None) -> ApiResponse | None:
        """What is answered instead of the right answer, if anything is. Nobody has seen such a body; the shape is inferred."""
        if not self.status:
            return None
        seconds = self.retry_after if self.retry_after is not None else retry_after
        headers = (("Retry-After", str(seconds)),) if seconds is not None else ()
        document = Fault(self.status, message="The service is disturbed, as it was asked to be").body("")
        return respond(self.status, document, headers=headers, error_code=str(self.status))


def is_error(status: int) -> bool:
    """Whether this is a status of HTTP that an error can have."""
    return status >= 400 and status in {known.value for known in HTTPStatus}


NONSENSE: tuple[tuple[Callable[[Disturbance], bool], str], ...] = (
    (lambda it: not 0 <= it.delay <= LONGEST_DELAY, f"delay must be 0 to {LONGEST_DELAY} seconds"),
    (lambda it: it.status != 0 and not is_error(it.status), "status must be an HTTP status from 400 on, or 0 for the right answer"),
    (lambda it: it.retry_after is not None and it.retry_after < 0, "retry_after must not be negative"),
    (lambda it: it.retry_after is not None and not it.status, "retry_after needs a status, such as 429 or 503"),
    (lambda it: it.ending not in ENDINGS, f"ending must be one of {', '.join(ENDINGS)}"),
    (lambda it: it.ending == "closed" and bool(it.status), "a connection that is closed without an answer has no status"),
    (lambda it: not (it.delay or it.status or it.ending != "whole"), "it disturbs nothing: give a delay, a status or an ending"),
    (lambda it: it.method != it.method.upper(), "method must be in capitals, such as POST"),
    (lambda it: not it.path.startswith(("/", "*")), "path must begin with / (or *)"),
    (lambda it: it.after < 0, "after must not be negative"),
    (lambda it: it.times is not None and it.times < 1, "times must be 1 or more, or left out"),
    (lambda it: not 0 < it.probability <= 1, "probability must be more than 0 and at most 1"),
    (lambda it: it.seed is not None and it.probability == 1, "a seed without a probability changes nothing"),
    (lambda it: it.allowed is not None and it.allowed < 0, "allowed must not be negative"),
    (lambda it: not 0 < it.within <= 3600, "within must be more than 0 and at most 3600 seconds"),
)
"""What is wrong with a disturbance, and the words for it."""


@dataclass(frozen=True, slots=True)
class Disturbed:
    """What becomes of one request."""

    delay: float
    ending: Ending
    instead: ApiResponse | None


class InForce:
    """A disturbance with what it has to remember: how many requests it saw and harmed."""

    def __init__(self, number: int, disturbance: Disturbance, clock: Callable[[], float]) -> None:
        self.number = number
        self.disturbance = disturbance
        self.disturbed = 0
        self._seen = 0
        self._dice = random.Random(disturbance.seed)  # noqa: S311 - the dice of a test, which must fall the same way again
        self._clock = clock
        self._let_through: deque[float] = deque()

    @property
    def spent(self) -> bool:
        """Whether it has disturbed as many requests as it should."""
        return self.disturbance.times is not None and self.disturbed >= self.disturbance.times

    def takes(self, request: ApiRequest) -> Disturbed | None:
        """What becomes of a request; None when this disturbance lets it be."""
        asked = self.disturbance
        if not asked.concerns(request):
            return None
        self._seen += 1
        if self._seen <= asked.after or (asked.probability < 1 and self._dice.random() >= asked.probability):
            return None
        wait = self._wait()
        if wait == 0:
            return None
        self.disturbed += 1
        throttled = None if asked.allowed is None else math.ceil(wait)
        return Disturbed(asked.delay, asked.ending, asked.response(throttled))

    def _wait(self) -> float:
        """Seconds until the rate limit lets another request through; 0 when it lets this one. Without a limit, never."""
        if self.disturbance.allowed is None:
            return math.inf
        now = self._clock()
        while self._let_through and self._let_through[0] <= now - self.disturbance.within:
            self._let_through.popleft()
        if len(self._let_through) < self.disturbance.allowed:
            self._let_through.append(now)
            return 0
        return self._let_through[0] + self.disturbance.within - now if self._let_through else self.disturbance.within


class Disturbances:
    """The disturbances that are in force, the newest first. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._in_force: list[InForce] = []
        self._numbers = 0
        self._clock = clock
        self._changing = threading.Lock()

    def begin(self, disturbance: Disturbance) -> int:
        """Put a disturbance in force; its number, to end it by."""
        with self._changing:
            self._numbers += 1
            self._in_force.insert(0, InForce(self._numbers, disturbance, self._clock))
            return self._numbers

    def end(self, number: int) -> bool:
        """Take one back; whether it was (still) in force."""
        with self._changing:
            left = [one for one in self._in_force if one.number != number]
            there = len(left) != len(self._in_force)
            self._in_force = left
            return there

    def end_all(self) -> None:
        """Let everything be well again."""
        with self._changing:
            self._in_force.clear()

    def in_force(self) -> list[InForce]:
        """Those that are in force, the newest first."""
        with self._changing:
            return list(self._in_force)

    def next_for(self, request: ApiRequest) -> Disturbed | None:
        """What disturbs this request, counted as once: the newest disturbance that takes it."""
        if not self._in_force:
            return None
        with self._changing:
            for one in self._in_force:
                taken = one.takes(request)
                if taken is not None:
                    self._in_force = [other for other in self._in_force if not other.spent]
                    return taken
        return None
