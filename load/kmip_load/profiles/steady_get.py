"""``steady-get``: the TTLV hot path with nothing in its way.

One persistent TLS connection a user, and one Get after the other of keys that wait on the target: what a server's codec, engine, cache and
event loop can do once connections stand.
"""

from __future__ import annotations

from locust import task

from kmip_load.user import KmipUser

BURST = 100
"""Gets in one Locust task, at most: Locust's own work between two tasks would take a tenth of the load."""


class SteadyGet(KmipUser):
    """A client that keeps its connection."""

    @task
    def get_keys(self) -> None:
        """Get keys by chance, the next when the last has come."""
        with self.kept_line() as line:
            for _ in range(BURST):
                line.exchange(self.messages.get(self.any_key()))
                if self.is_over:
                    break
