"""The estate: virtual machines, hosts and vSAN clusters, made by a seed; who holds which encrypted data, and what hosts have in memory.

Three kinds of things are encrypted, each by a data key of its own: the disks of a virtual machine (its KEK comes through vCenter), the
core dumps of a host (the host key: a host's own, or in a vSAN cluster the cluster's), and a vSAN host's disk group (the cluster's KEK).
The seed settles names, UUIDs, where machines run and which are on; keys are never made from it.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from kmiplab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmiplab.rehearsal.sealing import KeyRef, Sealed

HOSTS_OF_A_CLUSTER = 3
"""The smallest vSAN cluster without a witness."""

DATA_SIZE = 2048
"""Bytes of data that stand for a disk."""

OFF_OF_A_HUNDRED = 20
"""How many machines of a hundred are switched off."""


class Kind(StrEnum):
    """What is encrypted."""

    MACHINE = "virtual machines"
    CORE_DUMPS = "core dumps"
    DISK_GROUP = "vSAN disk groups"


@dataclass(slots=True, eq=False)
class Host:
    """An ESXi host. ``memory`` is its key cache: gone with a reboot."""

    name: str
    uuid: str
    cluster: str | None = None
    is_on: bool = True
    memory: dict[KeyRef, bytes] = field(default_factory=dict, repr=False)

    def reboots(self) -> None:
        """Come up with an empty memory."""
        self.memory.clear()
        self.is_on = True


@dataclass(slots=True, eq=False)
class Encrypted:
    """Something that is encrypted, on the host that reads it. A machine that is off leaves no key in a host's memory."""

    kind: Kind
    name: str
    uuid: str
    host: Host
    is_on: bool = True
    sealed: Sealed | None = field(default=None, repr=False)

    @property
    def key(self) -> KeyRef:
        """The key that its data key is wrapped by."""
        assert self.sealed is not None
        return self.sealed.key

    def is_in_memory(self) -> bool:
        """Can its host read it without asking anybody, until it reboots?"""
        return self.host.is_on and self.key in self.host.memory


@dataclass(slots=True, eq=False)
class Cluster:
    """A vSAN cluster with data-at-rest encryption: two keys, that every host fetches itself."""

    name: str
    hosts: list[Host]


@dataclass(slots=True)
class Estate:
    """All of it. ``seed`` makes the same one again."""

    seed: int
    hosts: list[Host]
    clusters: list[Cluster]
    machines: list[Encrypted]
    core_dumps: list[Encrypted]
    disk_groups: list[Encrypted]
    clones: list[Encrypted] = field(default_factory=list)

    def encrypted(self) -> Iterator[Encrypted]:
        """Everything that has a data key."""
        yield from self.machines
        yield from self.clones
        yield from self.core_dumps
        yield from self.disk_groups

    def of_cluster(self, cluster: Cluster) -> list[Encrypted]:
        """What the two keys of a cluster encrypt."""
        return [item for item in (*self.disk_groups, *self.core_dumps) if item.host.cluster == cluster.name]

    def refers_to(self, provider: str) -> list[Encrypted]:
        """What needs a key of this provider."""
        return [item for item in self.encrypted() if item.sealed is not None and item.key.provider == provider]

    def data_of(self, item: Encrypted) -> bytes:
        """What is on the disk: the same for a seed, and nothing like what is on another."""
        return random.Random(f"{self.seed}/{item.kind}/{item.name}").randbytes(DATA_SIZE)  # noqa: S311 - contents, no keys


def make_estate(seed: int, *, machines: int, hosts: int, clusters: int) -> Estate:
    """An estate by seed. Raises `LabError` when the hosts are too few for the clusters."""
    if hosts < 1 or hosts < HOSTS_OF_A_CLUSTER * clusters:
        raise LabError(
            f"{hosts} hosts are too few for {clusters} vSAN clusters: each has {HOSTS_OF_A_CLUSTER}",
            f"--hosts {max(1, HOSTS_OF_A_CLUSTER * clusters)} or more, or fewer --vsan-clusters.",
        )
    dice = random.Random(seed)  # noqa: S311 - names and places, no keys
    made = [Host(f"esx-{number:02}", _uuid(dice)) for number in range(1, hosts + 1)]
    groups = []
    for number in range(clusters):
        members = made[number * HOSTS_OF_A_CLUSTER : (number + 1) * HOSTS_OF_A_CLUSTER]
        groups.append(Cluster(f"vsan-{number + 1}", members))
        for host in members:
            host.cluster = f"vsan-{number + 1}"
    placed = [
        Encrypted(Kind.MACHINE, f"vm-{number:04}", f"42{_uuid(dice)[2:]}", dice.choice(made), dice.randrange(100) >= OFF_OF_A_HUNDRED)
        for number in range(1, machines + 1)
    ]
    dumps = [Encrypted(Kind.CORE_DUMPS, f"core dumps of {host.name}", host.uuid, host) for host in made]
    disks = [Encrypted(Kind.DISK_GROUP, f"disk group of {host.name}", host.uuid, host) for host in made if host.cluster]
    return Estate(seed, made, groups, placed, dumps, disks)


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128)))
