"""Several server processes on one port, and the one that watches over them.

Each worker is told its settings on standard input, as one line of JSON (never in its arguments, which anybody can list: they hold an API
key), and says on standard output where it listens, or why it cannot. Standard input stays open as long as the watcher lives: when that
ends, however it ends, the workers read the end of their input and stop. A worker that dies is started again.

The port is held by a bound socket of the watcher that never listens, so that 0 means one free port for all (SO_REUSEPORT).
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.errors import ConfigurationError, KmipServerError
from kmip_server.listener.limits import Limits
from kmip_server.listener.listener import bind
from kmip_server.process import collect_seldom, fast_loop
from kmip_server.settings import Endpoint, KeyProtectSettings, Settings
from kmip_server.state_folder import prepare_certificates
from kmip_server.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from kmip_server.observability.journal import Journal

COMMAND = (sys.executable, "-m", "kmip_server.workers")
RESTART_SECONDS = 1.0
STOP_SECONDS = 10.0

log = logging.getLogger("kmip_server.workers")


def settings_to_json(settings: Settings) -> str:
    """Settings as one line; secrets included."""
    return json.dumps(dataclasses.asdict(settings), default=str)


def settings_from_json(line: str) -> Settings:
    """Read `settings_to_json` back."""
    fields: dict[str, Any] = json.loads(line)
    for name in ("state_dir", "certificate", "key", "ca"):
        fields[name] = Path(fields[name]) if fields[name] is not None else None
    fields["limits"] = Limits(**fields["limits"])
    fields["server_names"] = tuple(fields["server_names"])
    fields["push_to"] = tuple(fields["push_to"])
    if fields["key_protect"] is not None:
        fields["key_protect"] = KeyProtectSettings(**fields["key_protect"])
    return Settings(**fields)


def start_process(settings: Settings) -> tuple[subprocess.Popen[str], Endpoint]:
    """One server process, once it answers. It stops when its standard input is closed. Raises `ConfigurationError`."""
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(settings_to_json(settings) + "\n")
    process.stdin.flush()
    return process, _endpoint(process.stdout.readline(), settings)


async def supervise(settings: Settings, journal: Journal, *, ready: Callable[[Endpoint], None], stop: asyncio.Event) -> None:
    """Run ``settings.workers`` processes until ``stop`` is set; the admin port is served here, for all of them."""
    from kmip_server.server import make_wrapping, start_admin

    async with AsyncExitStack() as stack:
        numbers_dir = tempfile.mkdtemp(prefix="kmip-metrics-")
        stack.callback(shutil.rmtree, numbers_dir, ignore_errors=True)
        held = stack.enter_context(bind(settings.host, settings.port, shared=True))
        prepare_certificates(settings)
        store = SqliteStore(settings.database)
        stack.callback(store.close)
        directory = SqliteDirectory(settings.database, root_key=settings.root_key)
        stack.callback(directory.close)
        wrapping = await make_wrapping(stack, settings, store, directory, lambda *_: None)
        told = dataclasses.replace(settings, port=held.getsockname()[1], admin_port=None)
        workers = [Worker(told, numbers_dir) for _ in range(settings.workers)]
        for worker in workers:
            stack.push_async_callback(worker.stop)
        endpoints = [await worker.start() for worker in workers]

        async def all_run() -> str | None:
            down = sum(not worker.runs for worker in workers)
            return f"{down} of {len(workers)} are down" if down else None

        checks = {"workers": all_run, "store": store.check, "wrapping": wrapping.check}
        admin_port = await start_admin(stack, settings, lambda: _numbers_of_all(numbers_dir), checks, {"keepers": wrapping.check_keepers})
        watching = [asyncio.create_task(worker.watch()) for worker in workers]
        stack.callback(lambda: [task.cancel() for task in watching])
        journal.flush()
        ready(dataclasses.replace(endpoints[0], admin_port=admin_port))
        await stop.wait()


class Worker:
    """One process of several."""

    def __init__(self, settings: Settings, numbers_dir: str) -> None:
        """It will leave its metrics in ``numbers_dir``."""
        self._settings = settings
        self._environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": numbers_dir}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def runs(self) -> bool:
        """Is there a process?"""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> Endpoint:
        """Start it and wait until it answers. Raises `ConfigurationError`."""
        pipe = asyncio.subprocess.PIPE
        self._process = process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, env=self._environment)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(settings_to_json(self._settings).encode() + b"\n")
        await process.stdin.drain()
        return _endpoint((await process.stdout.readline()).decode(), self._settings)

    async def watch(self) -> None:
        """Start it again whenever it has died."""
        while True:
            assert self._process is not None
            code = await self._process.wait()
            log.error("worker %d died (exit code %d); starting another one", self._process.pid, code)
            _forget_numbers(self._environment["PROMETHEUS_MULTIPROC_DIR"], self._process.pid)
            await asyncio.sleep(RESTART_SECONDS)
            try:
                await self.start()
            except (ConfigurationError, OSError) as error:
                log.error("it cannot be started: %s", error)  # noqa: TRY400 - told in words

    async def stop(self) -> None:
        """Close its input and wait for its end."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


def main() -> int:
    """A worker process: settings from standard input, serve until that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the whole group: the watcher decides
    settings = settings_from_json(sys.stdin.readline())
    collect_seldom()
    try:
        with asyncio.Runner(loop_factory=fast_loop) as runner:
            runner.run(_work(settings))
    except KmipServerError as error:
        print(json.dumps({"error": str(error), "hint": error.hint}), flush=True)  # noqa: T201 - to the watcher
        return error.exit_code
    return 0


async def _work(settings: Settings) -> None:
    from kmip_server.server import journal_of, logging_to, serve_on

    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stop_at_end_of_input() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(stop.set)

    def ready(endpoint: Endpoint) -> None:
        print(json.dumps(dataclasses.asdict(endpoint), default=str), flush=True)  # noqa: T201 - to the watcher

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    threading.Thread(target=stop_at_end_of_input, name="input", daemon=True).start()
    with logging_to(journal_of(settings)) as journal, bind(settings.host, settings.port, shared=settings.workers > 1) as listening:
        await serve_on(listening, settings, journal, ready=ready, stop=stop)


def _endpoint(line: str, settings: Settings) -> Endpoint:
    if not line:
        raise ConfigurationError("a server process ended before it answered", "its error output says why")
    fields = json.loads(line)
    if "error" in fields:
        raise ConfigurationError(fields["error"], fields["hint"])
    return Endpoint(fields["host"], fields["port"], Path(fields["ca"]), settings.state_dir, fields["admin_port"])


def _numbers_of_all(numbers_dir: str) -> CollectorRegistry:
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, numbers_dir)  # type: ignore[no-untyped-call]
    return registry


def _forget_numbers(numbers_dir: str, pid: int) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid, numbers_dir)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    sys.exit(main())
