"""The server put together: `serve` runs it inside an event loop that somebody else started, until somebody else says stop.

It installs no signal handlers and ends no process. With several workers it runs none of this itself but watches over processes that do
(`workers`). At the start a wrong setting is an error; a Key Protect that is merely away is a warning, because it comes back by itself.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import time
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kmip_server.codec import frame_length
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.engine import Engine
from kmip_server.errors import ConfigurationError
from kmip_server.listener.listener import Listener, bind
from kmip_server.listener.tls import ClientContexts, TlsSettings
from kmip_server.observability.admin import AdminServer
from kmip_server.observability.journal import FORMATS, Journal, JournalHandler, Level
from kmip_server.observability.metrics import Metrics
from kmip_server.observability.observer import Observer
from kmip_server.personality import personality_named
from kmip_server.settings import Endpoint, Settings
from kmip_server.state_folder import prepare_certificates, prepare_root_key
from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.adoption import Adoption
from kmip_server.wrapping.begun import Begun
from kmip_server.wrapping.keepers import KeepersWrapping
from kmip_server.wrapping.local import LocalWrapping

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable, Iterator

    from prometheus_client import CollectorRegistry

    from kmip_server.directory.contract import Keeper
    from kmip_server.engine.outgoing.sending import Sending
    from kmip_server.observability.admin import HealthChecks
    from kmip_server.state_folder import ServerFiles
    from kmip_server.wrapping.contract import KeyWrapping, Observe
    from kmip_server.wrapping.standard_keys import StandardKeyWrapping

VENDOR = "kmiplab reference KMIP server"
THE_SYSTEMS_POOL = Path("/dev/urandom")
"""What is written here is mixed into the operating system's random number generator, whose bytes `os.urandom` gives."""

log = logging.getLogger("kmip_server.server")


async def serve(
    settings: Settings,
    *,
    ready: Callable[[Endpoint], None],
    stop: asyncio.Event,
    sending: Callable[[Sending], None] = lambda _: None,
) -> None:
    """Serve until ``stop`` is set. ``ready`` is called once, when the endpoint answers; ``sending`` before that, with the way to send
    clients requests of the server's own (a single process only).

    Raises `ConfigurationError` or `StoreError` when the server cannot be started as it was told to.
    """
    with logging_to(journal_of(settings)) as journal:
        if settings.workers > 1:
            from kmip_server.workers import supervise

            await supervise(settings, journal, ready=ready, stop=stop)
            return
        listening = bind(settings.host, settings.port)
        with listening:
            await serve_on(listening, settings, journal, ready=ready, stop=stop, sending=sending)


async def serve_on(
    listening: socket.socket,
    settings: Settings,
    journal: Journal,
    *,
    ready: Callable[[Endpoint], None],
    stop: asyncio.Event,
    sending: Callable[[Sending], None] = lambda _: None,
) -> None:
    """Serve on a bound socket in this process alone."""
    async with AsyncExitStack() as stack:
        files = prepare_certificates(settings)
        metrics = Metrics()
        store = SqliteStore(settings.database, on_commit=metrics.commits.inc)
        stack.callback(store.close)
        directory = SqliteDirectory(settings.database, root_key=settings.root_key)
        stack.callback(directory.close)
        observer = Observer(journal, metrics, time.monotonic)
        wrapping = await make_wrapping(stack, settings, store, directory, metrics.wrapped)
        engine = _engine(settings, store, wrapping, directory, observer)
        stack.push_async_callback(engine.aclose)
        engine.resume()
        listener = _listener(settings, engine, directory, files, observer)
        checks, others = {"store": store.check, "wrapping": wrapping.check}, {"keepers": wrapping.check_keepers}
        admin_port = await start_admin(stack, settings, metrics.publish, checks, others)
        await listener.start(listening)
        stack.push_async_callback(listener.stop)
        host, port = listening.getsockname()[:2]
        log.info("listening on %s:%d, personality %s", host, port, settings.personality)
        sending(engine.sending)
        ready(Endpoint(host, port, files.ca, settings.state_dir, admin_port))
        await stop.wait()


def _engine(settings: Settings, store: SqliteStore, wrapping: KeyWrapping, directory: SqliteDirectory, observer: Observer) -> Engine:
    return Engine(
        store=store,
        wrapping=wrapping,
        directory=directory,
        personality=personality_named(settings.personality, only_offered_versions=settings.only_offered_versions),
        clock=time.time,
        random=os.urandom,
        seed=THE_SYSTEMS_POOL.write_bytes,
        vendor=VENDOR,
        log=observer.item,
        push_to=settings.push_to,
        rotation_seconds=settings.rotation_seconds,
    )


def _listener(settings: Settings, engine: Engine, directory: SqliteDirectory, files: ServerFiles, observer: Observer) -> Listener:
    tls = TlsSettings(
        files.certificate,
        files.key,
        legacy_ciphers=settings.legacy_ciphers,
        session_tickets=settings.session_tickets,
        others=files.others,
    )
    return Listener(
        engine=engine,
        directory=directory,
        contexts=ClientContexts(tls, directory),
        frame_length=functools.partial(frame_length, maximum=settings.limits.message_bytes),
        limits=settings.limits,
        events=observer,
    )


async def make_wrapping(
    stack: AsyncExitStack, settings: Settings, store: SqliteStore, directory: SqliteDirectory, observe: Observe
) -> KeepersWrapping:
    """The wrapping that the settings name, and the keepers that clients have. Raises `ConfigurationError` when the former refuses us."""
    adoption = Adoption(store)
    stack.push_async_callback(adoption.finish)
    own = await _own_wrapping(stack, settings, store, adoption, observe)

    begun = Begun(settings.standard_keys)

    def opened(keeper: Keeper) -> StandardKeyWrapping:
        from kmip_server.wrapping.standard_keys import StandardKeyWrapping

        return StandardKeyWrapping(settings.of_keeper(keeper), adopt=adoption, observe=observe, keeper=keeper, begun=begun)

    wrapping = KeepersWrapping(own, directory, store, begun, opened)
    adoption.afterwards = wrapping.look_for_leavings
    stack.push_async_callback(wrapping.aclose)
    wrapping.start()
    return wrapping


async def _own_wrapping(stack: AsyncExitStack, settings: Settings, store: SqliteStore, adoption: Adoption, observe: Observe) -> KeyWrapping:
    if settings.key_protect is None:
        return LocalWrapping(prepare_root_key(settings, store))
    from kmip_server.wrapping.key_protect import KeyProtectWrapping

    wrapping = KeyProtectWrapping(settings.key_protect, adopt=adoption, observe=observe)
    stack.push_async_callback(wrapping.aclose)
    trouble = await wrapping.verify()
    if trouble is not None:
        log.warning("Key Protect does not answer (%s): keys can be neither made nor read until it does", trouble)
    return wrapping


async def start_admin(
    stack: AsyncExitStack, settings: Settings, numbers: Callable[[], CollectorRegistry], checks: HealthChecks, notes: HealthChecks
) -> int | None:
    """Start the admin port, if one is asked for, and say which it is."""
    if settings.admin_port is None:
        return None
    listening = stack.enter_context(bind(settings.admin_host, settings.admin_port))
    admin = AdminServer(listening, numbers, checks, notes)
    await admin.start()
    stack.push_async_callback(admin.stop)
    port: int = listening.getsockname()[1]
    return port


def journal_of(settings: Settings) -> Journal:
    """The log that the settings ask for, on standard error. Raises `ConfigurationError`."""
    names = [level.name.lower() for level in Level]
    if settings.log_level not in names:
        raise ConfigurationError(f"there is no log level {settings.log_level!r}", f"choose one of: {', '.join(names)}")
    if settings.log_format not in FORMATS:
        raise ConfigurationError(f"there is no log format {settings.log_format!r}", f"choose one of: {', '.join(FORMATS)}")
    return Journal(sys.stderr, form=settings.log_format, level=Level[settings.log_level.upper()])


@contextmanager
def logging_to(journal: Journal) -> Iterator[Journal]:
    """Bring what this package says through `logging` into the journal, and flush it at the end."""
    package, handler = logging.getLogger("kmip_server"), JournalHandler(journal)
    before = package.level, package.propagate
    package.addHandler(handler)
    package.setLevel(logging.DEBUG)
    package.propagate = False
    try:
        yield journal
    finally:
        package.removeHandler(handler)
        package.level, package.propagate = before
        journal.flush()
