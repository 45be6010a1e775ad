"""The load profiles, one readable file each. This table names them; a module is imported in the generator that runs it, never before.

A profile module holds one `kmip_load.user.KmipUser`, named here, whose tasks are what a client does over and over.
"""

from __future__ import annotations

from typing import NamedTuple


class Profile(NamedTuple):
    """A profile's module and user class, what it does in one sentence, and how many keys wait on the target unless ``--keys`` says."""

    module: str
    user: str
    summary: str
    keys: int


PROFILES = {
    "steady-get": Profile(
        "kmip_load.profiles.steady_get",
        "SteadyGet",
        "Persistent connections; each Gets one preloaded key after the other.",
        100,
    ),
    "vcenter": Profile(
        "kmip_load.profiles.vcenter",
        "Vcenter",
        "As vCenter does: a new TLS connection per call, Discover Versions first, then the call (fetch a key, read tags, health check).",
        100,
    ),
    "boot-storm": Profile(
        "kmip_load.profiles.boot_storm",
        "BootingHost",
        "Every user is a vSAN host that boots, over and over: it fetches its two keys at once, each on a new TLS connection.",
        16,
    ),
    "encrypt-storm": Profile(
        "kmip_load.profiles.encrypt_storm",
        "EncryptingVcenter",
        "Every user encrypts one VM after the other as vCenter does: Create, tag, Get, read the state, Activate, tag again.",
        0,
    ),
}
