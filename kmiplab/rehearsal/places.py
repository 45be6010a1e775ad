"""Where the rehearsal takes place: a `kmiplab up` with native adapters, and the classic service beside it, one Key Protect for both.

The native side is a process of its own (`kmiplab up --personality keyprotect-native`), reached like any other. The classic service is a
`Region` with its two endpoints; its key manager is the very Key Protect instance that the adapter's root key is in.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kmip_conformance.client import Target
from kmip_server.directory import pki

from kmiplab.lab import running_lab
from kmiplab.rehearsal.key_protect import KeyProtect, KeyProtectAccess
from kmiplab.service import running_region

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmiplab.service import Region

CLASSIC, NATIVE = "classic", "native"
"""The state folders of the two."""


@dataclass(frozen=True, slots=True)
class Places:
    """All that is there when a rehearsal begins."""

    folder: Path
    access: KeyProtectAccess
    key_protect: KeyProtect
    native: Target
    region: Region
    classic: Sequence[Target]

    def certificate(self, name: str) -> Certificate:
        """A client certificate, self-signed, as vCenter makes one for each key provider; its files are in the folder."""
        files = Certificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        pki.create_self_signed(f"kmipClient-{name}").write(files.cert, files.key)
        return files


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key, as files."""

    cert: Path
    key: Path

    @property
    def pem(self) -> str:
        """What is registered."""
        return self.cert.read_text(encoding="ascii")

    def at(self, endpoints: Sequence[Target]) -> tuple[Target, ...]:
        """The endpoints as the holder of this certificate reaches them."""
        return tuple(Target(endpoint.host, endpoint.port, ca=endpoint.ca, cert=self.cert, key=self.key) for endpoint in endpoints)


@contextmanager
def places(folder: Path) -> Iterator[Places]:
    """Start everything in a folder; it ends with the block. Raises `LabDidNotStart`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with running_lab(folder / NATIVE, ("--personality", "keyprotect-native")) as ready:
        kmip, told = ready["kmip"], ready["key_protect"]
        access = KeyProtectAccess(told["url"], told["iam_url"], told["instance_id"], told["api_key"], told["crk_id"])
        with KeyProtect(access) as key_protect, running_region(folder / CLASSIC) as running:
            native = Target(kmip["host"], kmip["port"], ca=Path(kmip["ca"]))
            classic = tuple(Target(host, port, ca=running.ca) for host, port in running.endpoints)
            yield Places(folder, access, key_protect, native, running.region, classic)
