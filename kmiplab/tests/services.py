"""What the tests of the classic service share: a running region with one configured instance."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_conformance.client import Target
from kmip_server.directory import pki

from kmiplab.service import KeyManager, Region, RunningRegion, ServiceInstance, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def manager(simulator: RunningSimulator, **changed: str) -> KeyManager:
    told = KeyManager(simulator.url, simulator.iam_url, simulator.instance_id, simulator.api_key)
    return dataclasses.replace(told, **changed)


def pair(folder: Path, name: str) -> str:
    """A self-signed certificate, such as vCenter makes, in files of that name; its PEM."""
    made = pki.create_self_signed(name, kind="ecdsa")
    made.write(folder / f"{name}.pem", folder / f"{name}.key")
    return made.certificate_pem.decode()


@dataclass(frozen=True)
class Service:
    """A running region with one configured instance, whose client ``vcenter`` has files in ``folder``."""

    simulator: RunningSimulator
    running: RunningRegion
    instance: ServiceInstance
    folder: Path

    @property
    def region(self) -> Region:
        return self.running.region

    def target(self, name: str = "vcenter", endpoint: int = 0) -> Target:
        host, port = self.running.endpoints[endpoint]
        return Target(host, port, self.running.ca, self.folder / f"{name}.pem", self.folder / f"{name}.key")


@contextmanager
def service(folder: Path, **options: Any) -> Iterator[Service]:
    with running_simulator() as simulator, running_region(folder / "state", **options) as running:
        ordered = running.region.order(manager(simulator), name="kmip-ab")
        certificates = {"vcenter": pair(folder, "vcenter")}
        instance = running.region.configure(ordered.id, crk_id=simulator.crk_id, certificates=certificates)
        yield Service(simulator, running, instance, folder)
