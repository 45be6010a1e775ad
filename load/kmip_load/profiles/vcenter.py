"""``vcenter``: what a vCenter of many VMs asks of its key server on a busy day.

Every call is a TLS connection of its own that begins with Discover Versions, and every request is byte for byte of vCenter 7.0.3's shape.
Fetching a key for a host that powers a VM on is Get and Get Attributes (State); a health check is a handshake without a word, then
Discover Versions twice. How often each comes is our assumption: seven keys fetched and two keys' tags read for each health check.
"""

from __future__ import annotations

from locust import task

from kmip_load.user import KmipUser


class Vcenter(KmipUser):
    """One of vCenter's parallel calls."""

    @task(7)
    def fetch_key(self) -> None:
        """A VM is powered on: its key is fetched, and its state looked at."""
        key = self.any_key()
        with self.timed("key fetch"), self.new_line() as line:
            line.exchange(self.messages.discover_versions)
            line.exchange(self.messages.vcenter_get(key))
            line.exchange(self.messages.vcenter_get_state(key))

    @task(2)
    def read_tags(self) -> None:
        """What is this key for: each custom attribute is asked for by a request of its own."""
        key = self.any_key()
        with self.new_line() as line:
            line.exchange(self.messages.discover_versions)
            for attribute_name in ("x-Identifier", "x-Component", "x-Name"):
                line.exchange(self.messages.vcenter_get_tag(key, attribute_name))

    @task(1)
    def health_check(self) -> None:
        """Is the key server there: one connection that says nothing, one that asks for the versions twice."""
        with self.new_line():
            pass
        with self.timed("health check"), self.new_line() as line:
            line.exchange(self.messages.discover_versions)
            line.exchange(self.messages.discover_versions_again)
