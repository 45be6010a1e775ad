"""What can be chosen when a simulator is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

ContentType = Literal["service", "json"]

REGIONS = (
    *("us-south", "us-east", "ca-tor", "ca-mon", "br-sao"),
    *("eu-gb", "eu-de", "eu-es"),
    *("au-syd", "jp-tok", "jp-osa", "in-che", "in-mum"),
)
"""The regions of Key Protect."""


LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Hosts that other machines cannot reach."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate chain and its private key, both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """How a simulator listens and where it keeps what it knows."""

    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes any free port."""
    state_dir: Path | None = None
    """The folder of the durable state; None keeps it in memory."""
    region: str = "us-south"
    content_type: ContentType = "service"
    """`service`: the types that the service most likely answers (see docs/simulator.md); `json`: always application/json."""
    tls: TlsFiles | None = None
    """What HTTPS is spoken with; None speaks HTTP."""
    control: bool | None = None
    """Whether the control API and the console page answer under `/_simulator`; None: where this machine alone can reach them."""

    @property
    def controlled(self) -> bool:
        """Whether they do."""
        return self.host in LOOPBACK if self.control is None else self.control
