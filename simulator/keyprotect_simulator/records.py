"""Everything that the simulator remembers, as frozen values.

A record has an `id` that is unique within its kind and says under which further names it can be found (`index`). Records hold no
behaviour: rules read them and answer new ones. A `Secret` field never shows itself in a repr or a log, and is sealed on disk.
Times are seconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyprotect_simulator.roles import Role  # noqa: TC001 - the types of fields are read when records are loaded

if TYPE_CHECKING:
    from collections.abc import Iterable


class Secret(bytes):
    """Key material, a private key or an API key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Record:
    """What all records have; the only ancestor of any of them."""

    id: str

    def index(self) -> Iterable[tuple[str, str]]:
        """The (index name, value) pairs under which `State.find` finds this record."""
        return ()


@dataclass(frozen=True, slots=True)
class Account(Record):
    """An IBM Cloud account; its id is 32 hexadecimal digits."""

    name: str


@dataclass(frozen=True, slots=True)
class ServiceId(Record):
    """A service ID of an account; its id has the form `ServiceId-<uuid>`."""

    account_id: str
    name: str

    @property
    def iam_id(self) -> str:
        """How policies and `createdBy` fields name it."""
        return f"iam-{self.id}"

    def index(self) -> Iterable[tuple[str, str]]:
        return (("account", self.account_id),)


@dataclass(frozen=True, slots=True)
class ApiKey(Record):
    """An API key of a service ID, found by the SHA-256 of its value."""

    service_id: str
    name: str
    value: Secret
    digest: str

    def index(self) -> Iterable[tuple[str, str]]:
        return (("digest", self.digest), ("service_id", self.service_id))


@dataclass(frozen=True, slots=True)
class AccessPolicy(Record):
    """Grants roles on one Key Protect instance to one identity."""

    iam_id: str
    instance_id: str
    roles: tuple[Role, ...]

    def index(self) -> Iterable[tuple[str, str]]:
        return (("grant", f"{self.iam_id} {self.instance_id}"), ("iam_id", self.iam_id))


@dataclass(frozen=True, slots=True)
class SigningKey(Record):
    """The RSA key that signs IAM tokens; its id is the `kid`."""

    private_pem: Secret


@dataclass(frozen=True, slots=True)
class Instance(Record):
    """A Key Protect instance."""

    account_id: str
    region: str
    name: str


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One key material of a key. The first version of a key has the id of the key."""

    id: str
    created: float
    material: Secret


@dataclass(frozen=True, slots=True)
class Key(Record):
    """A root key (`extractable` false) or a standard key. `state` is what was last set; `lifecycle.state_of` adds the clock."""

    instance_id: str
    name: str
    extractable: bool
    imported: bool
    state: int
    versions: tuple[KeyVersion, ...]
    created: float
    created_by: str
    updated: float
    last_action: float
    description: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    key_ring: str = "default"
    expires: float | None = None
    rotated: float | None = None
    deleted: float | None = None
    deleted_by: str = ""

    @property
    def newest(self) -> KeyVersion:
        """The version that wraps."""
        return self.versions[-1]

    def index(self) -> Iterable[tuple[str, str]]:
        yield "instance", self.instance_id
        for alias in self.aliases:
            yield "alias", f"{self.instance_id} {alias}"


@dataclass(frozen=True, slots=True)
class KmipAdapter(Record):
    """A KMIP adapter of an instance: its KMIP keys are wrapped by the root key `crk_id`."""

    instance_id: str
    name: str
    crk_id: str
    created: float
    created_by: str
    description: str = ""
    profile: str = "native_1.0"

    def index(self) -> Iterable[tuple[str, str]]:
        return (("instance", self.instance_id), ("crk", self.crk_id))


@dataclass(frozen=True, slots=True)
class LabRecord(Record):
    """Which of the other records make up the lab of `ensure_lab`."""

    account_id: str
    service_id: str
    api_key_id: str
    instance_id: str
    crk_id: str
    adapter_id: str


KINDS: dict[str, type[Record]] = {
    "account": Account,
    "service_id": ServiceId,
    "api_key": ApiKey,
    "access_policy": AccessPolicy,
    "signing_key": SigningKey,
    "instance": Instance,
    "key": Key,
    "kmip_adapter": KmipAdapter,
    "lab": LabRecord,
}
"""The name of each kind on disk."""


@dataclass(frozen=True, slots=True)
class Put:
    """The record is there from now on, instead of any with its id."""

    record: Record


@dataclass(frozen=True, slots=True)
class Remove:
    """The record is gone from now on."""

    record: Record


Change = Put | Remove
