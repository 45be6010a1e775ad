"""`kmiplab up`: the simulator and the KMIP server, wired together on one event loop.

The simulator comes first and is asked for its lab: an instance, a root key, a service ID with an API key, an adapter. The server is then
started with that API key, as it would be against IBM Cloud, and talks to the simulator over HTTP like any other client. One client is
pinned: its certificate, key and password lie in the state folder (`lab_client`).

No signal handlers here and no printing: `run` tells ``ready`` where everything is, and ends when ``stop`` is set.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keyprotect_simulator.lab import LAB_ID
from keyprotect_simulator.messages import CONTROL
from keyprotect_simulator.records import LabRecord
from keyprotect_simulator.seed_reading import read_seed_file
from keyprotect_simulator.settings import Settings as SimulatorSettings
from keyprotect_simulator.settings import TlsFiles
from keyprotect_simulator.sowing import sow
from kmip_server.files import write_private
from kmip_server.server import serve
from kmip_server.settings import Endpoint as KmipEndpoint
from kmip_server.settings import KeyProtectSettings, Settings
from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.key_protect import PROVIDER

from kmiplab.adapters import Adapters
from kmiplab.errors import LabError
from kmiplab.lab_client import CLIENT, USERNAME, ensure_client
from kmiplab.service.lab import CLASSIC, ensure_service, serve_service
from kmiplab.simulating import Simulated
from kmiplab.simulating import run as run_simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keyprotect_simulator.lab import Lab
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.server import Endpoint as KeyProtectEndpoint
    from keyprotect_simulator.simulator import Simulator

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, never bound
"""What to connect to when a server listens everywhere."""


@dataclass(frozen=True, slots=True)
class LabSettings:
    """What `kmiplab up` is told. Ports: 0 takes any free one."""

    state_dir: Path
    host: str = "127.0.0.1"
    kmip_port: int = 5696
    http_port: int = 8080
    workers: int = 1
    personality: str = "reference"
    only_offered_versions: bool = False
    certificate_delay: float = 0.0
    region: str = "us-south"
    seed: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    control: bool | None = None
    admin_port: int | None = None
    legacy_ciphers: bool = False
    push_to: tuple[str, ...] = ()
    cache_seconds: float = 60.0
    log_level: str = "info"
    log_format: str = "auto"


@dataclass(frozen=True, slots=True)
class RunningLab:
    """Where everything is. ``ready`` is the content of the ready file (design, Contracts); it holds secrets."""

    kmip: KmipEndpoint
    key_protect: KeyProtectEndpoint
    lab: Lab
    password: str
    others: tuple[KmipEndpoint, ...] = ()

    @property
    def console(self) -> str | None:
        """Where the console is; None when it is switched off."""
        return f"{self.key_protect.url}{CONTROL}" if self.key_protect.simulator.settings.controlled else None

    def ready(self) -> dict[str, Any]:
        """What the ready file says: addresses, files, identifiers; the API key and the client's password in the clear."""
        folder = self.kmip.state_dir
        return {
            "kmip": {
                "host": ANYWHERE.get(self.kmip.host, self.kmip.host),
                "port": self.kmip.port,
                "ca": str(self.kmip.ca.absolute()),
                "cert": str((folder / f"{CLIENT}.pem").absolute()),
                "key": str((folder / f"{CLIENT}.key").absolute()),
                "username": USERNAME,
                "password": self.password,
                "state_dir": str(folder.absolute()),
                "admin_port": self.kmip.admin_port,
            },
            "kmip_endpoints": [{"host": ANYWHERE.get(one.host, one.host), "port": one.port} for one in (self.kmip, *self.others)],
            "key_protect": {
                "url": self.key_protect.url,
                "iam_url": self.key_protect.iam_url,
                "api_key": self.lab.api_key,
                "instance_id": self.lab.instance_id,
                "crk_id": self.lab.crk_id,
                "adapter_id": self.lab.adapter_id,
            },
        }


async def run(settings: LabSettings, *, ready: Callable[[RunningLab], None], stop: asyncio.Event) -> None:
    """Run the lab until ``stop`` is set or a part of it ends. Raises what the part that failed raised, in words for people."""
    try:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"the state folder {settings.state_dir} cannot be used: {error.strerror}", "name another one: --state-dir DIR"
        ) from error
    seed = read_seed_file(settings.seed) if settings.seed is not None else {}
    simulator_is_up: asyncio.Future[Simulated] = asyncio.get_running_loop().create_future()
    simulator = asyncio.create_task(
        run_simulator(_simulator_settings(settings), simulator_is_up.set_result, stop, log_format=_simulator_log(settings))
    )
    try:
        waiting: set[asyncio.Future[Any]] = {simulator, simulator_is_up}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not simulator_is_up.done():
            await simulator
            return
        await _run_server(settings, simulator, simulator_is_up.result(), seed, ready, stop)
    finally:
        stop.set()
        await simulator


async def _run_server(
    settings: LabSettings,
    simulator: asyncio.Task[None],
    simulated: Simulated,
    seed: Json,
    ready: Callable[[RunningLab], None],
    stop: asyncio.Event,
) -> None:
    key_protect = simulated.endpoint
    lab = _ensure_lab(settings.state_dir, key_protect.simulator)
    sow(key_protect.simulator, seed)
    told = _server_settings(settings, simulated.inner_url, lab)
    service = await ensure_service(told, lab, settings.region) if settings.personality == CLASSIC else None
    password = ensure_client(settings.state_dir, lab, known_as=service.id if service else CLIENT)
    adapters = Adapters(
        settings.state_dir, key_protect.simulator, lab, url=simulated.inner_url, certificate_delay=settings.certificate_delay
    )
    adapters.join()
    write_private(settings.state_dir / "api-key", lab.api_key.encode())

    def is_up(kmip: KmipEndpoint, *others: KmipEndpoint) -> None:
        ready(RunningLab(kmip, key_protect, lab, password, others))

    serving = serve_service(told, ready=is_up, stop=stop) if service else serve(told, ready=is_up, stop=stop)
    server = asyncio.create_task(serving)
    certificates = asyncio.create_task(adapters.serve_in_time())
    try:
        await asyncio.wait({simulator, server, certificates}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await server
    finally:
        certificates.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await certificates


def _ensure_lab(state_dir: Path, simulator: Simulator) -> Lab:
    """The lab in the simulator, made at the first start: not when there are keys already that another lab's root key wraps."""
    database = state_dir / "kmip.db"
    if simulator.state.get(LabRecord, LAB_ID) is None and database.exists():
        store = SqliteStore(database)
        try:
            wrapped_by = sorted(key_id for provider, key_id in store.wrapping_keys() if provider == PROVIDER)
        finally:
            store.close()
        if wrapped_by:
            raise LabError(
                f"the keys in {database} are wrapped by root key {wrapped_by[0]}, which is not in {state_dir}/key-protect.sqlite3",
                "restore that file from a backup; or remove kmip.db too, to begin without keys.",
            )
    return simulator.ensure_lab()


def _simulator_settings(settings: LabSettings) -> SimulatorSettings:
    tls = TlsFiles(settings.cert, settings.key) if settings.cert is not None and settings.key is not None else None
    return SimulatorSettings(
        host=settings.host,
        port=settings.http_port,
        state_dir=settings.state_dir,
        region=settings.region,
        tls=tls,
        control=settings.control,
    )


def _simulator_log(settings: LabSettings) -> Any:
    if settings.log_level not in {"debug", "info"}:
        return "off"
    return "json" if settings.log_format == "json" else "human"


def _server_settings(settings: LabSettings, url: str, lab: Lab) -> Settings:
    return Settings(
        settings.state_dir,
        host=settings.host,
        port=settings.kmip_port,
        personality=settings.personality,
        only_offered_versions=settings.only_offered_versions,
        key_protect=KeyProtectSettings(
            url=url,
            iam_url=f"{url}/identity/token",
            instance_id=lab.instance_id,
            crk_id=lab.crk_id,
            api_key=lab.api_key,
            cache_seconds=settings.cache_seconds,
        ),
        keeper_cache_seconds=settings.cache_seconds,
        admin_port=settings.admin_port,
        workers=settings.workers,
        legacy_ciphers=settings.legacy_ciphers,
        push_to=settings.push_to,
        log_level=settings.log_level,
        log_format=settings.log_format,
    )
