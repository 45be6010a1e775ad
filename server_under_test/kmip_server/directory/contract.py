"""Who may speak to the server: clients and the certificates that are pinned to them.

A client is the owner of objects: a classic KMIP for VMware instance, or a Key Protect KMIP adapter. It may have several certificates, each
of which may do everything with its objects. A certificate belongs to one client only and is known by the SHA-256 of its DER form: who
signed it does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmip_server.enums import CredentialType


class Seeding(StrEnum):
    """What the server does with the random data of a client's RNG Seed (KMIP 1.4, 4.36: "MAY elect to ignore the information provided")."""

    USED = "used"
    PARTLY = "partly"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Keeper:
    """A Key Protect instance that keeps the root key of some clients, and the API key of a service ID that may use it there.

    Attributes:
        name: what clients call it; no two have the same.
        url: of the service, ``https://us-south.kms.cloud.ibm.com``.
        iam_url: of IAM's token endpoint.
        instance_id: the instance's UUID.
        crk_id: the root key, unless the client names another one.
        api_key: never shown.
        keeps_keys: each wrapped key is kept in that instance too, as a standard key: as the classic KMIP for VMware does.
    """

    name: str
    url: str
    iam_url: str
    instance_id: str
    crk_id: str
    api_key: str = field(repr=False)
    keeps_keys: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """An identity. ``crk_id`` names the root key that wraps its keys, where Key Protect does, and ``keeper`` the `Keeper` that has it;
    None: the server's own.

    ``username`` is set when the client may also present a user name and password (Credential Type 1). The password is kept hashed.
    ``shares_with`` is the client whose objects it sees and makes instead of its own; `owner` is that client's id, or else its own. One that
    ``acts_for_others`` may present another client's credential, and is that client then. ``seeding`` is what becomes of its RNG Seed.
    """

    id: str
    name: str
    adapter_id: str | None = None
    crk_id: str | None = None
    username: str | None = None
    shares_with: str | None = None
    acts_for_others: bool = False
    seeding: Seeding = Seeding.IGNORED
    keeper: str | None = None
    owner: str = field(init=False)

    def __post_init__(self) -> None:
        """Settle whose objects these are, once."""
        object.__setattr__(self, "owner", self.shares_with or self.id)


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


class HeldCredential(NamedTuple):
    """What a client may present, without its secret. The name of a device is its identification, as ``field=value`` in a row."""

    kind: CredentialType
    name: str
    number: int
    """How many one-time passwords were registered, used ones included; one of everything else."""


class Credentials(Protocol):
    """What clients may present in requests beside a user name and password (KMIP 2.1, 9.11). Secrets are kept hashed where they can be."""

    def claimed(self, client: Client, kind: CredentialType, name: str) -> Client | None:
        """Who a credential of ``client``'s connection says that it is: the client itself, or any if it acts for others. None: nobody."""
        ...

    def held(self, client_id: str) -> Sequence[HeldCredential]:
        """What a client may present."""
        ...

    def forget(self, client_id: str, kind: CredentialType, name: str | Mapping[str, str]) -> bool:
        """Let a client no longer present what was registered under that name, or that identification of a device. False: nothing was."""
        ...

    def add_user(self, client_id: str, username: str, password: str) -> None:
        """Let a client present one more user name and password, beside its own. A name that it has gets another password."""
        ...

    def check_user(self, client: Client, username: str, password: str) -> bool:
        """Do these belong to ``client``, as one of its further users?"""
        ...

    def add_device(self, client_id: str, identification: Mapping[str, str], password: str) -> None:
        """Let a client present a Device credential (KMIP 2.1, 9.11): ``identification`` has fields of `DeviceCredential` by name."""
        ...

    def check_device(self, client: Client, identification: Mapping[str, str], password: str) -> Client | None:
        """Whose device this is, if the password is right: every field that was registered must be there, and the same."""
        ...

    def add_one_time_passwords(self, client_id: str, username: str, passwords: Sequence[str]) -> None:
        """Let a client present these with that user name, each once."""
        ...

    def one_time_password(self, client: Client, username: str, password: str) -> str | None:
        """Which of the client's this is: a name for it, under which it is remembered that it was used. None: it is none of them."""
        ...

    def allow_hashed_password(self, client_id: str, username: str, password: str) -> None:
        """Let a client present the Hashed Password credential. What is kept for it is as good as the password."""
        ...

    def hashed_password_secrets(self, client: Client, username: str, algorithm: str) -> tuple[bytes, bytes] | None:
        """The two hashes S1 and S2 of the client's user name and password (KMIP 2.1, 9.11); ``algorithm`` as `hashlib` calls it."""
        ...


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
        shares_with: str | None = None,
        acts_for_others: bool = False,
        seeding: Seeding = Seeding.IGNORED,
        keeper: str | None = None,
    ) -> Client:
        """Add a client. Raises `ConfigurationError` when the name is taken, when there is nobody to share with, or no such keeper."""
        ...

    def set_password(self, client_id: str, username: str, password: str) -> None:
        """Give a client another user name and password. Raises `ConfigurationError` when there is no such client."""
        ...

    def remove_client(self, client_id: str) -> bool:
        """Remove a client and its certificates. Its objects stay in the store. False when there is none."""
        ...

    def keepers(self) -> Sequence[Keeper]:
        """Every keeper, oldest first."""
        ...

    def put_keeper(self, keeper: Keeper) -> None:
        """Add a keeper, or put it in the place of the one of that name."""
        ...

    def remove_keeper(self, name: str) -> bool:
        """Remove a keeper. False when there is none; raises `ConfigurationError` while clients need it."""
        ...

    def certificates(self, client_id: str | None = None) -> Sequence[ClientCertificate]:
        """The certificates of one client, or of all, oldest first."""
        ...

    def add_certificate(self, client_id: str, pem: str, name: str | None = None) -> ClientCertificate:
        """Pin a certificate (PEM, exactly one). Raises `ConfigurationError` when it is unreadable or pinned already."""
        ...

    async def replace_certificate(self, client_id: str, old: bytes, new: bytes) -> None:
        """Pin one certificate instead of another (both DER), at once. Raises `ConfigurationError` when the new one is pinned already."""
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

    @property
    def credentials(self) -> Credentials:
        """What clients may present in requests beside a user name and password."""
        ...

    def generation(self) -> int:
        """A number that changes whenever a client or certificate changes, in any process."""
        ...
