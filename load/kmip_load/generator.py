"""One load generator: a process of its own that runs Locust users and tells its parent, once a second, what they saw.

``python -m kmip_load.generator`` is started by `kmip_load.fleet`, never by people. Standard input carries one line with the plan, then one
line that says go; its end means stop, so that no generator outlives its parent. Standard output carries JSON lines: ``ready``,
then a `Sample` a second, then ``finished`` with the seconds that were measured. The first two statements make sockets gevent's before
anything else sees them; that happens in this process only.
"""
# ruff: noqa: E402 - the patch comes before every import that could open a socket

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import importlib
import json
import os
import signal
import sys
import time
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import gevent
from gevent.select import select
from locust.env import Environment

from kmip_load.connection import endpoint_of
from kmip_load.cooperative import Watchdog
from kmip_load.messages import Messages
from kmip_load.plan import Plan
from kmip_load.profiles import PROFILES
from kmip_load.recorder import Recorder
from kmip_load.user import Session

if TYPE_CHECKING:
    from types import TracebackType

STDIN = 0


def main() -> None:
    """Be a generator: read the plan, get ready, wait for go, run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it closes our standard input
    plan = Plan.from_json(sys.stdin.readline())
    generator = Generator(plan)
    tell({"ready": True})
    if sys.stdin.readline():
        generator.run()


def tell(line: dict[str, Any]) -> None:
    """Write one line to the parent."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Generator:
    """A Locust environment with one profile, and the clock of its run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.recorder = Recorder()
        profile = PROFILES[plan.profile]
        user = getattr(importlib.import_module(profile.module), profile.user)
        environment = Environment(user_classes=[user], stop_timeout=plan.timeout + 1.0)
        watchdog = Watchdog(plan.timeout)
        gevent.spawn(watchdog.watch)
        environment.session = Session(  # type: ignore[attr-defined]
            endpoint_of(plan.target, plan.timeout), Messages(plan), self.recorder, watchdog, plan.keys
        )
        environment.events.user_error.add_listener(end_with_traceback)  # type: ignore[no-untyped-call]
        self.runner = environment.create_local_runner()
        self._cpu = self._sampled = self._started = 0.0
        self._second = 0

    def run(self) -> None:
        """Let the users live until the time is up or the parent says stop, let each finish what it is doing, and tell the last of it."""
        self._started = self._sampled = time.perf_counter()
        self._cpu = time.process_time()
        self.runner.start(self.plan.users, self.plan.spawn_rate)
        telling = gevent.spawn(self.tell_every_second)
        select([STDIN], [], [], self.plan.duration)
        users = self.runner.user_count
        self.runner.quit()
        telling.kill()
        self.tell_sample(users)
        tell({"finished": time.perf_counter() - self._started})

    def tell_every_second(self) -> None:
        """Tell each second when it is over, but for the last: that ends when the last user has finished, and `run` tells it."""
        while self._second + 1 < self.plan.duration:
            gevent.sleep(max(0.0, self._started + self._second + 1 - time.perf_counter()))
            self.tell_sample(self.runner.user_count)

    def tell_sample(self, users: int) -> None:
        """Tell what was gathered since the last sample."""
        now, cpu = time.perf_counter(), time.process_time()
        share = (cpu - self._cpu) / max(now - self._sampled, 1e-3)
        self._sampled, self._cpu = now, cpu
        tell(asdict(self.recorder.take(self._second, users=users, cpu=round(share, 3))))
        self._second += 1


def end_with_traceback(user_instance: object, exception: BaseException, tb: TracebackType) -> None:  # noqa: ARG001 - Locust's signature
    """A profile raised what it should not have: a bug, which ends this generator, and with it the run."""
    traceback.print_exception(type(exception), exception, tb)
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
