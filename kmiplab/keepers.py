"""Who wraps for the KMIP adapters of an instance: a `Keeper` for each instance besides the lab's own, with a service ID made for it.

The service does this by itself and shows nothing of it. Here the KMIP server is a client of Key Protect like any other, so each instance
with an adapter gets a service ID that may use its keys (Viewer, Writer), named after what it is for. It is made once: whoever takes its
rights or its API key away has shut the keys of that instance's adapters, and nothing here gives them back.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keyprotect_simulator.identifiers import new_uuid
from keyprotect_simulator.lab import new_api_key
from keyprotect_simulator.records import AccessPolicy, ApiKey, Instance, Put, ServiceId
from keyprotect_simulator.roles import Role
from kmip_server.directory.contract import Keeper
from kmip_server.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keyprotect_simulator.records import Change, KmipAdapter
    from keyprotect_simulator.simulator import Simulator
    from kmip_server.directory.contract import Directory

ROLES = (Role.VIEWER, Role.WRITER)


@dataclass(frozen=True, slots=True)
class Keepers:
    """The keepers of a simulator's instances. ``url``: where the KMIP server finds the simulator."""

    simulator: Simulator
    url: str

    def ensure(self, directory: Directory, adapter: KmipAdapter, changes: Sequence[Change]) -> str:
        """The name of the keeper of an adapter's instance, which may be about to come by ``changes``. Only within `Core.exclusive`."""
        name = f"instance-{adapter.instance_id}"
        known = next((keeper for keeper in directory.keepers() if keeper.name == name), None)
        crk_id = adapter.crk_id if known is None else known.crk_id
        api_key = self._api_key(adapter.instance_id, changes)
        keeper = Keeper(name, self.url, f"{self.url}/identity/token", adapter.instance_id, crk_id, api_key)
        if known is None or replace(known, api_key=api_key, url=keeper.url, iam_url=keeper.iam_url) != known:
            directory.put_keeper(keeper)
        return name

    def forget(self, directory: Directory, adapter: KmipAdapter) -> None:
        """Let go of an instance's keeper, unless another adapter of it is served."""
        with contextlib.suppress(ConfigurationError):
            directory.remove_keeper(f"instance-{adapter.instance_id}")

    def _api_key(self, instance_id: str, changes: Sequence[Change]) -> str:
        state = self.simulator.state
        service_id = f"ServiceId-{instance_id}"
        held = state.find(ApiKey, "service_id", service_id)
        if state.get(ServiceId, service_id) is not None:
            return held[0].value.decode() if held else ""
        coming = (change.record for change in changes if isinstance(change, Put) and change.record.id == instance_id)
        instance = state.get(Instance, instance_id) or next(record for record in coming if isinstance(record, Instance))
        random, core = self.simulator.random, self.simulator.core
        service = ServiceId(service_id, instance.account_id, f"KMIP adapters of {instance.name}", created=self.simulator.clock())
        api_key = new_api_key(service.id, service.name, random)
        policy = AccessPolicy(new_uuid(random), service.iam_id, instance_id, ROLES)
        core.commit(Put(service), Put(api_key), Put(policy))
        return api_key.value.decode()
