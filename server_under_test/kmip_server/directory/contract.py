"""Who may speak to the server: clients and the certificates that are pinned to them.

A client is the owner of objects: a classic KMIP for VMware instance, or a Key Protect KMIP adapter. It may have several certificates, each
of which may do everything with its objects. A certificate belongs to one client only and is known by the SHA-256 of its DER form: who
signed it does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Client:
    """An identity. ``id`` is the owner of its objects; ``crk_id`` names the root key that wraps them, where Key Protect does.

    ``username`` is set when the client may also present a user name and password (Credential Type 1). The password is kept hashed.
    """

    id: str
    name: str
    adapter_id: str | None = None
    crk_id: str | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A pinned certificate. ``fingerprint``: SHA-256 of the DER, 64 lower-case hex digits. Times in seconds since 1970."""

    id: str
    client_id: str
    name: str
    fingerprint: str
    pem: str
    subject: str
    not_after: int
    created_at: int


class Directory(Protocol):
    """The clients of this server. A change is in force for the next handshake, whichever process made it."""

    def clients(self) -> Sequence[Client]:
        """Every client, oldest first."""
        ...

    def client(self, client_id: str) -> Client | None:
        """The client with that id, or with that name."""
        ...

    def add_client(
        self,
        name: str,
        *,
        client_id: str | None = None,
        adapter_id: str | None = None,
        crk_id: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> Client:
        """Add a client. Raises `ConfigurationError` when the name is taken."""
        ...

    def set_password(self, client_id: str, username: str, password: str) -> None:
        """Give a client another user name and password. Raises `ConfigurationError` when there is no such client."""
        ...

    def remove_client(self, client_id: str) -> bool:
        """Remove a client and its certificates. Its objects stay in the store. False when there is none."""
        ...

    def certificates(self, client_id: str | None = None) -> Sequence[ClientCertificate]:
        """The certificates of one client, or of all, oldest first."""
        ...

    def add_certificate(self, client_id: str, pem: str, name: str | None = None) -> ClientCertificate:
        """Pin a certificate (PEM, exactly one). Raises `ConfigurationError` when it is unreadable or pinned already."""
        ...

    def remove_certificate(self, certificate_id: str) -> bool:
        """Unpin by id, fingerprint or name. False when there is none."""
        ...

    def identify(self, der: bytes) -> Client | None:
        """Whose certificate this is."""
        ...

    def check_password(self, client: Client, username: str, password: str) -> bool:
        """Do this user name and password belong to ``client``? Always False for a client that has none."""
        ...

    def generation(self) -> int:
        """A number that changes whenever a client or certificate changes, in any process."""
        ...
