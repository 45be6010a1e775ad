"""What every Locust user here is: it opens timed connections, and each exchange on them is timed, verified and recorded.

Imported in generator processes alone: importing Locust makes the standard library's sockets gevent's.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING

import gevent
from locust import User
from locust.exception import RescheduleTask
from locust.user.task import LOCUST_STATE_STOPPING

from kmip_load.answers import Call, reason
from kmip_load.connection import ConnectionLost, Endpoint
from kmip_load.connection import reason as reason_of
from kmip_load.cooperative import CooperativeConnection, Watchdog
from kmip_load.recorder import CONNECT, Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_load.messages import Messages

BREATH = 0.1
"""Seconds that a user waits after a connection failed: a target that is down must not be drowned in attempts."""


class CallFailed(RescheduleTask):
    """A call failed and is recorded; Locust ends the task there, and goes on with the next."""


@dataclass(frozen=True, slots=True)
class Session:
    """What all users of a generator share."""

    endpoint: Endpoint
    messages: Messages
    recorder: Recorder
    watchdog: Watchdog
    keys: tuple[str, ...]


class Line:
    """A timed connection."""

    __slots__ = ("_connection", "_recorder")

    def __init__(self, session: Session) -> None:
        self._recorder = session.recorder
        started = perf_counter_ns()
        try:
            self._connection = CooperativeConnection(session.endpoint, session.watchdog)
        except OSError as error:
            self._recorder.failed(CONNECT, reason_of(error))
            gevent.sleep(BREATH)
            raise CallFailed from error
        self._recorder.answered(CONNECT, (perf_counter_ns() - started) // 1000)

    def exchange(self, call: Call) -> bytes:
        """Send a request, and return its good answer. `CallFailed` after anything else, which is recorded, and the connection closed."""
        started = perf_counter_ns()
        try:
            answer = self._connection.exchange(call.request)
        except (OSError, ConnectionLost) as error:
            self._fail(call, reason_of(error))
            raise CallFailed from error
        microseconds = (perf_counter_ns() - started) // 1000
        if not call.is_answered_by(answer):
            self._fail(call, reason(answer, call))
            raise CallFailed
        self._recorder.latencies[call.name].append(microseconds)
        return answer

    def _fail(self, call: Call, why: str) -> None:
        self._recorder.failed(call.name, why)
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class KmipUser(User):
    """The parent of the profiles' users. `new_line` is a connection for one call, `kept_line` one for the user's whole life."""

    abstract = True

    def on_start(self) -> None:
        """Called by Locust when the user comes to life."""
        self.session: Session = self.environment.session
        self.messages = self.session.messages
        self._kept: Line | None = None

    def on_stop(self) -> None:
        """Called by Locust when the run ends."""
        if self._kept is not None:
            self._kept.close()

    @property
    def is_over(self) -> bool:
        """Has the run come to its end: a task that goes on for long stops then."""
        return bool(self._state == LOCUST_STATE_STOPPING)

    @contextmanager
    def new_line(self) -> Iterator[Line]:
        """A new TLS connection, closed when the block ends."""
        line = Line(self.session)
        try:
            yield line
        finally:
            line.close()

    @contextmanager
    def kept_line(self) -> Iterator[Line]:
        """The user's own connection, opened when there is none; a call that fails within the block costs it."""
        if self._kept is None:
            self._kept = Line(self.session)
        try:
            yield self._kept
        except BaseException:
            self._kept.close()
            self._kept = None
            raise

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time what a client does as a whole ("host boot"); counted when it succeeds."""
        started = perf_counter_ns()
        yield
        self.session.recorder.answered(name, (perf_counter_ns() - started) // 1000)

    def any_key(self) -> str:
        """One of the keys that wait on the target, by chance."""
        return random.choice(self.session.keys)  # noqa: S311 - which key is asked for is no secret
