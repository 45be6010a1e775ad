"""The generator processes, seen from their parent: started together, heard by one queue, stopped by closing their standard input."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from kmip_load.errors import GeneratorLost
from kmip_load.recorder import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_load.plan import Plan

READY_WITHIN = 60.0
"""Seconds for a generator to import Locust and get ready; one or two are usual."""

Message = dict[str, Any] | None
"""What a generator told; None when it will tell nothing more."""


class Fleet:
    """Generators that are running. Use `running_fleet`."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]], errors: Sequence[IO[str]]) -> None:
        self._processes = processes
        self._errors = errors
        self._running = set(range(len(processes)))
        self._told: queue.Queue[tuple[int, Message]] = queue.Queue()
        for number, process in enumerate(processes):
            threading.Thread(target=self._listen, args=(number, process), daemon=True).start()

    def go(self) -> None:
        """Wait until every generator is ready, then let all of them begin at once."""
        waiting = set(range(len(self._processes)))
        deadline = time.monotonic() + READY_WITHIN
        while waiting:
            number, message = self._next(deadline - time.monotonic())
            if message is None:
                raise self._lost(number)
            waiting.discard(number)
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    def stop(self) -> None:
        """Let every user finish what it is doing; the fleet is running until the last has."""
        for process in self._processes:
            if process.stdin is not None and not process.stdin.closed:
                process.stdin.close()

    @property
    def is_running(self) -> bool:
        """Has any generator not finished yet."""
        return bool(self._running)

    def hear(self, patience: float) -> tuple[int, Sample | float]:
        """The next thing told: the number of the generator, and a `Sample` or, at its end, the seconds that it measured.

        Raises `GeneratorLost` when one ends otherwise, or none tells anything for ``patience`` seconds.
        """
        while True:
            number, message = self._next(patience)
            if message is None:
                if number in self._running:
                    raise self._lost(number)
            elif "finished" in message:
                self._running.discard(number)
                return number, float(message["finished"])
            else:
                return number, Sample.from_json(message)

    def _next(self, patience: float) -> tuple[int, Message]:
        try:
            return self._told.get(timeout=max(patience, 0.0))
        except queue.Empty:
            raise GeneratorLost(
                f"no load generator said anything for {patience:.0f} s", "is this machine out of memory, or suspended?"
            ) from None

    def _listen(self, number: int, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._told.put((number, json.loads(line)))
        self._told.put((number, None))

    def _lost(self, number: int) -> GeneratorLost:
        code = self._processes[number].wait()
        self._errors[number].seek(0)
        words = self._errors[number].read().strip().splitlines()
        return GeneratorLost(
            f"load generator {number + 1} ended with exit code {code}: {words[-1] if words else 'it said nothing'}",
            "a negative exit code is a signal: was it killed, or is memory short? Otherwise this is a bug of kmiplab; please report it.",
        )


@contextmanager
def running_fleet(shares: Sequence[Plan]) -> Iterator[Fleet]:
    """Start a generator for each share of a plan; kill those that are left when the block ends."""
    processes: list[subprocess.Popen[str]] = []
    errors: list[IO[str]] = []
    try:
        for plan in shares:
            errors.append(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))  # noqa: SIM115 - closed below
            processes.append(_start(plan, errors[-1]))
        yield Fleet(processes, errors)
    finally:
        for process in processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()
        for file in errors:
            file.close()


def _start(plan: Plan, errors: IO[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "kmip_load.generator"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603 - our own
    assert process.stdin is not None
    process.stdin.write(plan.to_json() + "\n")
    process.stdin.flush()
    return process
