"""``boot-storm``: the power came back, and every vSAN host boots at once.

A host that boots needs two keys before its disk groups unlock: the cluster's key-encryption key and the host key. It fetches both at
the same time, each on a new TLS connection, with the one certificate that all hosts share. All hosts of a cluster fetch the same two keys:
``--keys`` is twice the number of clusters. A host that has its keys boots again at once, as fast as the storm goes.
"""

from __future__ import annotations

import random

import gevent
from locust import task

from kmip_load.user import CallFailed, KmipUser


class BootingHost(KmipUser):
    """One host of a cluster."""

    def on_start(self) -> None:
        """Join a cluster."""
        super().on_start()
        clusters = max(len(self.session.keys) // 2, 1)
        cluster = random.randrange(clusters)  # noqa: S311 - no secret
        self.cluster_keys = self.session.keys[2 * cluster : 2 * cluster + 2]

    @task
    def boot(self) -> None:
        """Fetch both keys at once; the host is up when the slower has come."""
        with self.timed("host boot"):
            fetches = [gevent.spawn(self.fetch, key) for key in self.cluster_keys]
            gevent.joinall(fetches)
            if not all(fetch.value for fetch in fetches):
                raise CallFailed

    def fetch(self, key: str) -> bool:
        """Did the key come."""
        try:
            with self.new_line() as line:
                line.exchange(self.messages.discover_versions)
                line.exchange(self.messages.vcenter_get(key))
        except CallFailed:
            return False
        return True
