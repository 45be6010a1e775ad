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
    description: str = ""
    locked: bool = False
    created: float = 0.0
    created_by: str = ""
    modified: float | None = None

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
    description: str = ""
    locked: bool = False
    disabled: bool = False
    expires: float | None = None
    created: float = 0.0
    created_by: str = ""
    modified: float | None = None

    def index(self) -> Iterable[tuple[str, str]]:
        return (("digest", self.digest), ("service_id", self.service_id))


@dataclass(frozen=True, slots=True)
class AccessPolicy(Record):
    """Grants roles on one Key Protect instance, or on one key ring or one key of it, to one identity."""

    iam_id: str
    instance_id: str
    roles: tuple[Role, ...]
    key_ring: str = ""
    key_id: str = ""

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
class InstancePolicy(Record):
    """A policy of an instance; its id is that of the instance and the type. `attributes` is a JSON object."""

    instance_id: str
    policy_type: str
    enabled: bool
    attributes: str
    created: float
    created_by: str
    updated: float
    updated_by: str

    def index(self) -> Iterable[tuple[str, str]]:
        return (("instance", self.instance_id),)


@dataclass(frozen=True, slots=True)
class KeyRing(Record):
    """A key ring besides `default`; its id is that of the instance and its name."""

    instance_id: str
    name: str
    created: float
    created_by: str

    def index(self) -> Iterable[tuple[str, str]]:
        return (("instance", self.instance_id),)


@dataclass(frozen=True, slots=True)
class ImportToken(Record):
    """The import token of an instance, whose id it has."""

    private_pem: Secret
    nonce: Secret
    created: float
    expires: float
    allowed_retrievals: int
    remaining_retrievals: int


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One key material of a key. The first version of a key has the id of the key."""

    id: str
    created: float
    material: Secret


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """A policy of a key: `rotation` (with its interval) or `dualAuthDelete`. There is at most one of each kind."""

    id: str
    kind: str
    enabled: bool
    created: float
    created_by: str
    updated: float
    updated_by: str
    interval_month: int | None = None


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
    notified: float | None = None
    """When services were last told of the key: by an action on it, or by a sync."""
    authorized: float | None = None
    """When its deletion was authorized, by whom is `authorized_by`."""
    authorized_by: str = ""
    policies: tuple[KeyPolicy, ...] = ()

    @property
    def newest(self) -> KeyVersion:
        """The version that wraps."""
        return self.versions[-1]

    def index(self) -> Iterable[tuple[str, str]]:
        yield "instance", self.instance_id
        yield "ring", f"{self.instance_id} {self.key_ring}"
        for alias in self.aliases:
            yield "alias", f"{self.instance_id} {alias}"


@dataclass(frozen=True, slots=True)
class Registration(Record):
    """A cloud resource that a root key protects; other services make these."""

    instance_id: str
    key_id: str
    resource_crn: str
    created: float
    created_by: str
    updated: float
    updated_by: str
    key_version_id: str
    description: str = ""
    prevent_key_deletion: bool = False

    def index(self) -> Iterable[tuple[str, str]]:
        return (("instance", self.instance_id), ("key", self.key_id))


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
    updated: float | None = None
    updated_by: str = ""

    def index(self) -> Iterable[tuple[str, str]]:
        return (("instance", self.instance_id), ("crk", self.crk_id))


@dataclass(frozen=True, slots=True)
class KmipCertificate(Record):
    """A client certificate of a KMIP adapter. `fingerprint` is the SHA-256 of its DER form."""

    adapter_id: str
    name: str
    pem: str
    fingerprint: str
    created: float
    created_by: str

    def index(self) -> Iterable[tuple[str, str]]:
        return (("adapter", self.adapter_id), ("fingerprint", self.fingerprint))


@dataclass(frozen=True, slots=True)
class KmipEvent:
    """When something was done to a KMIP object, through which certificate, and who had registered that."""

    at: float
    certificate_id: str
    by: str


@dataclass(frozen=True, slots=True)
class KmipObject(Record):
    """A KMIP object of an adapter, without its material. States and types have KMIP's numbers."""

    adapter_id: str
    state: int
    created: KmipEvent
    updated: KmipEvent | None = None
    destroyed: KmipEvent | None = None
    object_type: int = 2

    def index(self) -> Iterable[tuple[str, str]]:
        return (("adapter", self.adapter_id),)


@dataclass(frozen=True, slots=True)
class LabRecord(Record):
    """Which of the other records make up the lab of `ensure_lab`."""

    account_id: str
    service_id: str
    api_key_id: str
    instance_id: str
    crk_id: str
    adapter_id: str


@dataclass(frozen=True, slots=True)
class Clocks(Record):
    """By how many seconds the two clocks were moved; there is one such record."""

    key_protect: float
    iam: float


KINDS: dict[str, type[Record]] = {
    "account": Account,
    "service_id": ServiceId,
    "api_key": ApiKey,
    "access_policy": AccessPolicy,
    "signing_key": SigningKey,
    "instance": Instance,
    "instance_policy": InstancePolicy,
    "key_ring": KeyRing,
    "import_token": ImportToken,
    "key": Key,
    "registration": Registration,
    "kmip_adapter": KmipAdapter,
    "kmip_certificate": KmipCertificate,
    "kmip_object": KmipObject,
    "lab": LabRecord,
    "clocks": Clocks,
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
