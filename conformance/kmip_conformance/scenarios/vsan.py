"""A vSAN cluster: hosts that fetch the cluster's two keys themselves, all with one certificate.

No capture of a vSAN host's traffic is public. That the hosts fetch both keys by identifier and share the client certificate is *reported*;
that they use vCenter's own requests for it is *inferred*, and every step says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.judge.expectations import expect

if TYPE_CHECKING:
    from kmip_conformance.scenarios.vcenter import Line, VCenter

HOSTS = 8
"""The hosts of a cluster: enough to meet at the same two keys."""


class VsanCluster:
    """A vCenter and its hosts. The cluster has a key-encryption key and a host key."""

    def __init__(self, vcenter: VCenter, hosts: int = HOSTS) -> None:
        self.vcenter = vcenter
        self.kmip = vcenter.kmip
        self.hosts = hosts
        self.keys: tuple[str, ...] = ()

    def enables_encryption(self) -> list[bytes]:
        """vCenter makes both keys; every host fetches both at once. The two keys' bytes are returned."""
        with self.kmip.step("vCenter creates the key-encryption key and the host key", "reported"):
            self.keys = (self.vcenter.makes_key(), self.vcenter.makes_key())
        with self.kmip.step("vCenter tags both", "inferred"):
            for key in self.keys:
                with self.vcenter.line() as line:
                    self.vcenter.tags_product(line, key)
        with self.kmip.step("one host takes both into use, the other hosts follow at once", "inferred"):
            with self.vcenter.line() as line:
                first = [line.takes_into_use(key) for key in self.keys]
            self.all_hosts_fetch(first)
        return first

    def all_hosts_fetch(self, wanted: list[bytes]) -> None:
        """Every host fetches every key over a connection of its own, all at the same time, and gets the same bytes."""

        def fetch(line: Line) -> list[bytes]:
            return [line.takes_into_use(key) for key in self.keys]

        fetched = self.vcenter.at_once(*[fetch] * self.hosts)
        expect(all(keys == wanted for keys in fetched), "whether every host got the same keys").is_(wanted=True)

    def host_reboots(self, wanted: list[bytes]) -> None:
        """A host that has lost its memory fetches both keys by identifier, without vCenter."""
        with self.vcenter.line() as line:
            expect([line.takes_into_use(key) for key in self.keys] == wanted, "whether the host got the same keys").is_(wanted=True)
