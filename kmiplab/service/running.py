"""A region's service while it runs: two endpoints, each a process of its own over the same state folder, and the periodic validation.

Either endpoint serves every key, so one may be killed. One that died is started again on its port. The processes end with this one,
however it ends: each reads its standard input, and stops at its end (`kmip_server.workers`).
"""

from __future__ import annotations

import dataclasses
import logging
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmip_server.errors import KmipServerError
from kmip_server.observability.journal import JournalHandler
from kmip_server.settings import Settings
from kmip_server.state_folder import prepare_certificates
from kmip_server.workers import start_process

from kmiplab.lab_client import directory_of
from kmiplab.ready_file import ready_file
from kmiplab.service.region import ENDPOINTS_FILE, Region
from kmiplab.service.values import ServiceRefused, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kmip_server.observability.journal import Journal

PERSONALITY = "kmip-for-vmware"
VALIDATE_SECONDS = 300.0
"""Between two validations of the service IDs; how long it is in reality is not documented."""
RESTART_SECONDS = 1.0
STOP_SECONDS = 10.0
FAREWELL_SECONDS = 1.0
"""What a validation may take yet that is under way at the end: nothing is lost without it."""

log = logging.getLogger("kmiplab.service")


class EndpointProcess:
    """One of the two."""

    def __init__(self, settings: Settings) -> None:
        """Not started yet. With port 0 it keeps the first one that it got."""
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, once it was started."""
        return self._settings.host, self._settings.port

    @property
    def pid(self) -> int:
        """Its process, for whoever wants to kill it."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers. Raises `ConfigurationError`."""
        self._process, endpoint = start_process(self._settings)
        self._settings = dataclasses.replace(self._settings, port=endpoint.port)

    def watch(self, stopping: threading.Event) -> None:
        """Start it again whenever it has died, until ``stopping``."""
        while True:
            assert self._process is not None
            code = self._process.wait()
            if stopping.is_set():
                return
            log.error("the endpoint on port %d died (exit code %d); starting another one", self._settings.port, code)
            self._close()
            if stopping.wait(RESTART_SECONDS):
                return
            try:
                self.start()
            except (KmipServerError, OSError) as error:
                log.error("it cannot be started: %s", error)  # noqa: TRY400 - told in words
            if stopping.is_set():
                self.stop()
                return

    def stop(self) -> None:
        """Close its input, and wait for its end."""
        if self._process is None:
            return
        self._close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _close(self) -> None:
        assert self._process is not None
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


@dataclass(frozen=True, slots=True)
class RunningRegion:
    """Two endpoints, each of which serves every key of ``region``; ``ca`` is the file with what clients should trust."""

    region: Region
    endpoints: tuple[tuple[str, int], ...]
    ca: Path
    processes: tuple[EndpointProcess, ...]


@contextmanager
def running_region(
    state_dir: Path,
    *,
    name: str = "us-south",
    host: str = "127.0.0.1",
    ports: tuple[int, int] = (0, 0),
    validate_seconds: float = VALIDATE_SECONDS,
    **settings: Any,
) -> Iterator[RunningRegion]:
    """Run both endpoints until the block ends. ``settings`` as of `kmip_server.settings.Settings`. Raises `ConfigurationError`."""
    region = Region(state_dir, name=name)
    told = Settings(state_dir, **{"host": host, "personality": PERSONALITY, "log_level": "off"} | settings)
    files = prepare_certificates(told)
    processes = tuple(EndpointProcess(dataclasses.replace(told, port=port)) for port in ports)
    stopping = threading.Event()
    with directory_of(state_dir):
        pass  # made now: of two processes that make it at the same time, SQLite turns one away without waiting (switching to WAL)
    with ExitStack() as stack:
        announce = stack.enter_context(ready_file(state_dir / ENDPOINTS_FILE))
        for process in processes:
            stack.callback(process.stop)
        stack.callback(stopping.set)
        _start_all(processes)
        for process in processes:
            stack.enter_context(_thread(process.watch, stopping, ends_with=process))
        stack.enter_context(_thread(validate_repeatedly, region, validate_seconds, stopping, ends_with=None))
        stack.callback(stopping.set)
        endpoints = tuple(process.address for process in processes)
        announce({"endpoints": endpoints})
        yield RunningRegion(region, endpoints, files.ca, processes)


def validate_repeatedly(region: Region, seconds: float, stopping: threading.Event) -> None:
    """Validate the service IDs of all instances every so many seconds, until ``stopping``."""
    while not stopping.wait(seconds):
        validate_all(region)


def validate_all(region: Region) -> None:
    """Validate each instance that is ordered whole, and say what has changed."""
    for before in region.instances():
        if before.status not in {Status.INACTIVE, Status.INSTALLED}:
            continue
        try:
            now = region.validate(before.id)
        except (ServiceRefused, KmipServerError) as error:
            log.warning("%s was not validated: %s", before.name, error)
            continue
        if now.problem is not None:
            log.warning("%s has a problem: %s", now.name, now.problem)
        elif before.problem is not None:
            log.info("%s has no problem any more", now.name)
        else:
            log.debug("%s was validated", now.name)


def _start_all(processes: Sequence[EndpointProcess]) -> None:
    with ThreadPoolExecutor(len(processes)) as pool:
        for start in [pool.submit(process.start) for process in processes]:
            start.result()


@contextmanager
def _thread(target: Any, *arguments: Any, ends_with: EndpointProcess | None) -> Iterator[None]:
    """A thread that is over when the block is; ``stopping`` was set before, and what it waits for is ended here."""
    thread = threading.Thread(target=target, args=arguments, name=f"service-{target.__name__}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        if ends_with is not None:
            ends_with.stop()
        thread.join(STOP_SECONDS if ends_with is not None else FAREWELL_SECONDS)


@contextmanager
def logging_to(journal: Journal) -> Iterator[None]:
    """Bring what the service says through `logging` into a journal within the block."""
    handler = JournalHandler(journal)
    before = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.level, log.propagate = before
        journal.flush()
