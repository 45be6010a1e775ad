"""What a server is told when it is started. Defaults are those of ``kmiplab serve``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_server.listener.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_server.directory.contract import Keeper

KMIP_PORT = 5696
"""Registered with IANA for KMIP (KMIP Profiles 1.4, 3.1.2)."""


@dataclass(frozen=True, slots=True)
class KeyProtectSettings:
    """Where the Key Protect is that wraps keys, and who asks.

    Attributes:
        url: of the service, ``https://us-south.kms.cloud.ibm.com``.
        iam_url: of IAM's token endpoint, ``https://iam.cloud.ibm.com/identity/token``.
        instance_id: the instance's UUID.
        crk_id: the root key for clients that name none of their own.
        api_key: of a service ID with Writer or Manager on the instance. Never shown.
        cache_seconds: how long an unwrapped key may be answered without asking again: at most so long after its root key was disabled.
        cache_entries: how many of them are kept.
        deadline_seconds: how long one call may take, retries included, before the operation fails.
    """

    url: str
    iam_url: str
    instance_id: str
    crk_id: str
    api_key: str = field(repr=False)
    cache_seconds: float = 60.0
    cache_entries: int = 10_000
    deadline_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All of a server's settings.

    Attributes:
        state_dir: the folder with the database, the root key and the server's own certificates; made when it is not there.
        port: 0 takes any free one.
        certificate, key: PEM files to show instead of the server's own; ``ca`` is what clients should trust then.
        server_names: host names and addresses that the server's own certificate is for, beside this machine's.
        server_key: "rsa" or "ecdsa", for the server's own certificate.
        only_offered_versions: refuse requests under a version that the personality accepts without offering it.
        key_protect: wrap by Key Protect; None wraps by a root key in the state folder.
        keeper_cache_seconds, keeper_deadline_seconds: as of `KeyProtectSettings`, for clients that have a keeper of their own.
        admin_port: of metrics and health; None is off.
        session_tickets: that a TLS 1.3 client is given.
        push_to: names of clients that are put each new object and notified of every change, over the connections that they ask on.
        rotation_seconds: between two looks for what the server is to rotate (KMIP 2.1, 4.48).
        log_format: "auto", "human" or "json"; log_level: "debug", "info", "warning", "error", "off".
    """

    state_dir: Path
    host: str = "127.0.0.1"
    port: int = KMIP_PORT
    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None
    server_names: tuple[str, ...] = ()
    server_key: str = "rsa"
    personality: str = "reference"
    only_offered_versions: bool = False
    key_protect: KeyProtectSettings | None = None
    keeper_cache_seconds: float = 60.0
    keeper_deadline_seconds: float = 5.0
    admin_host: str = "127.0.0.1"
    admin_port: int | None = None
    workers: int = 1
    legacy_ciphers: bool = False
    session_tickets: int = 0
    limits: Limits = field(default_factory=Limits)
    push_to: tuple[str, ...] = ()
    rotation_seconds: float = 1.0
    log_level: str = "info"
    log_format: str = "auto"

    @property
    def database(self) -> Path:
        """Objects and clients."""
        return self.state_dir / "kmip.db"

    @property
    def standard_keys(self) -> Path:
        """Standard keys that are being made in Key Protect."""
        return self.state_dir / "standard-keys.db"

    @property
    def root_key(self) -> Path:
        """The root key of local wrapping."""
        return self.state_dir / "root.key"

    def of_keeper(self, keeper: Keeper) -> KeyProtectSettings:
        """Where a keeper's Key Protect is, and how patiently it is asked."""
        return KeyProtectSettings(
            url=keeper.url,
            iam_url=keeper.iam_url,
            instance_id=keeper.instance_id,
            crk_id=keeper.crk_id,
            api_key=keeper.api_key,
            cache_seconds=self.keeper_cache_seconds,
            deadline_seconds=self.keeper_deadline_seconds,
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server answers, and the certificate (or authority) that its clients should trust."""

    host: str
    port: int
    ca: Path
    state_dir: Path
    admin_port: int | None = None
