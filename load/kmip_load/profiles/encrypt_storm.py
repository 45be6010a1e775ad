"""``encrypt-storm``: whole VM encryptions, as many at once as there are users.

Sequence S4 of a vCenter 7.0.3 whose host is in crypto-safe mode already, each step on a connection of its own that begins with Discover
Versions: Create; then the key is tagged as the product's *while* it is fetched, its state read, and activated; then it is tagged as
the VM's. Tagging asks for each custom attribute by itself before it adds all three in one batch. A refused tag does not stop vCenter, nor
this: it counts as a failed request, and the encryption goes on.
"""

from __future__ import annotations

from contextlib import suppress

import gevent
from locust import task

from kmip_load.messages import TAGS, key_made_by
from kmip_load.user import CallFailed, KmipUser


class EncryptingVcenter(KmipUser):
    """Encrypts one VM after the other."""

    @task
    def encrypt_vm(self) -> None:
        """One VM, from the new key to the tags."""
        with self.timed("vm encryption"):
            key = self.create_key()
            tagging = gevent.spawn(self.tag, key, "product")
            try:
                self.hand_over(key)
            finally:
                tagging.join()
            self.tag(key, "VM")

    def create_key(self) -> str:
        """A new key, which is noted to be destroyed after the run."""
        with self.new_line() as line:
            line.exchange(self.messages.discover_versions)
            key = key_made_by(line.exchange(self.messages.vcenter_create))
        self.session.recorder.created(key)
        return key

    def hand_over(self, key: str) -> None:
        """The host gets the key, which is Pre-Active until now."""
        with self.new_line() as line:
            line.exchange(self.messages.discover_versions)
            line.exchange(self.messages.vcenter_get(key))
            line.exchange(self.messages.vcenter_get_state(key))
            line.exchange(self.messages.vcenter_activate(key))

    def tag(self, key: str, purpose: str) -> None:
        """Look for the three tags of a purpose, then add them; best effort, as vCenter's is."""
        with suppress(CallFailed), self.new_line() as line:
            line.exchange(self.messages.discover_versions)
            for attribute_name in TAGS[purpose]:
                line.exchange(self.messages.vcenter_get_tag(key, attribute_name))
            line.exchange(self.messages.vcenter_add_tags(key, purpose))
