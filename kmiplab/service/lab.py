"""The classic service in a lab: `kmiplab up --personality kmip-for-vmware` has it ordered and configured, with two endpoints.

Both endpoints are in the lab's one process, or have the lab's workers each. The commands of `kmiplab service` work on the lab's state
folder as on any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
from typing import TYPE_CHECKING, Any

from kmip_server.listener.listener import bind
from kmip_server.server import journal_of, serve_on
from kmip_server.server import logging_to as server_logging_to

from kmiplab.ready_file import ready_file
from kmiplab.service.region import ENDPOINTS_FILE, Region
from kmiplab.service.running import PERSONALITY, VALIDATE_SECONDS, logging_to, validate_all
from kmiplab.service.values import KeyManager, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyprotect_simulator.lab import Lab
    from kmip_server.observability.journal import Journal
    from kmip_server.settings import Endpoint, Settings

    from kmiplab.service.values import ServiceInstance

CLASSIC = PERSONALITY
INSTANCE = "kmip-lab"


async def ensure_service(settings: Settings, lab: Lab, region: str) -> ServiceInstance:
    """The lab's service instance, ordered and configured; in a thread, for the simulator answers in this one."""
    return await asyncio.to_thread(_ensure, settings, lab, region)


def _ensure(settings: Settings, lab: Lab, region_name: str) -> ServiceInstance:
    assert settings.key_protect is not None
    told = settings.key_protect
    key_manager = KeyManager(told.url, told.iam_url, lab.instance_id, lab.api_key)
    region = Region(settings.state_dir, name=region_name)
    instance = region.records.find(INSTANCE)
    if instance is None or instance.status is Status.INSTALLING:
        instance = region.order(key_manager, name=INSTANCE)
    elif instance.key_manager_instance == lab.instance_id:
        region.renew(instance.id, key_manager)  # the simulator may be on another port than last time
    if instance.status in {Status.INACTIVE, Status.CONFIGURING}:
        instance = region.configure(instance.id, crk_id=instance.crk_id or lab.crk_id)
    return instance


async def serve_service(settings: Settings, *, ready: Callable[[Endpoint, Endpoint], None], stop: asyncio.Event) -> None:
    """Serve on two ports until ``stop`` is set: the one of the settings, and the next one (0: any free ones). As `serve` otherwise."""
    second = dataclasses.replace(settings, port=settings.port + 1 if settings.port else 0, admin_port=None)
    up: list[asyncio.Future[Endpoint]] = [asyncio.get_running_loop().create_future() for _ in range(2)]
    with (
        server_logging_to(journal_of(settings)) as journal,
        logging_to(journal),
        ready_file(settings.state_dir / ENDPOINTS_FILE) as announce,
    ):
        one, other = (
            asyncio.create_task(_serve(told, journal, ready=is_up.set_result, stop=stop))
            for told, is_up in zip((settings, second), up, strict=True)
        )
        validating = asyncio.create_task(_validate(Region(settings.state_dir)))
        both_are_up = asyncio.gather(*up)
        try:
            waiting: set[asyncio.Future[Any]] = {one, other, both_are_up}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if both_are_up.done():
                first, last = (is_up.result() for is_up in up)
                announce({"endpoints": [(first.host, first.port), (last.host, last.port)]})
                ready(first, last)
                await asyncio.wait({one, other}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            validating.cancel()
            both_are_up.cancel()
            for ended in (validating, both_are_up):
                with contextlib.suppress(asyncio.CancelledError):
                    await ended
            await asyncio.wait({one, other})
        for task in (one, other):
            await task


async def _serve(settings: Settings, journal: Journal, *, ready: Callable[[Endpoint], None], stop: asyncio.Event) -> None:
    """What `serve` does, with a journal that two servers share."""
    if settings.workers > 1:
        from kmip_server.workers import supervise

        await supervise(settings, journal, ready=ready, stop=stop)
        return
    with bind(settings.host, settings.port) as listening:
        await serve_on(listening, settings, journal, ready=ready, stop=stop)


async def _validate(region: Region) -> None:
    while True:
        await asyncio.sleep(VALIDATE_SECONDS)
        await asyncio.to_thread(functools.partial(validate_all, region))
