"""The words of the classic service: its instances, their statuses, what it is told and what it reports.

Statuses as "KMIP for VMware" shows them (VMware Solutions documentation, "Viewing KMIP for VMware instances"). Nothing here does anything,
and nothing here holds a secret but `KeyManager`, whose API key shows in no repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kmiplab.errors import LabError

if TYPE_CHECKING:
    from kmip_server.directory.contract import ClientCertificate as PinnedCertificate


class Status(StrEnum):
    """What a service instance is doing. The ones in -ing are on their way: whatever interrupted it, the same command goes on from there."""

    INSTALLING = "Installing"
    INACTIVE = "Inactive"
    CONFIGURING = "Configuring"
    INSTALLED = "Installed"
    REMOVING = "Removing"


@dataclass(frozen=True, slots=True)
class KeyManager:
    """A Key Protect instance, and the API key of a service ID that may use it."""

    url: str
    iam_url: str
    instance_id: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServiceInstance:
    """An ordered "KMIP for VMware". Times in seconds since 1970.

    ``crk_id`` is the root key that it was configured with. ``problem`` says, in a sentence, what the last validation of its service ID
    found missing (None: nothing), which was at ``validated_at``.
    """

    id: str
    name: str
    region: str
    status: Status
    created_at: int
    key_manager_instance: str
    crk_id: str | None = None
    problem: str | None = None
    validated_at: int | None = None


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A client SSL certificate of an instance. ``not_after`` and ``created_at`` in seconds since 1970."""

    name: str
    fingerprint: str
    subject: str
    not_after: int
    created_at: int
    pem: str

    @classmethod
    def of(cls, pinned: PinnedCertificate) -> ClientCertificate:
        """As the KMIP server's directory has it."""
        return cls(pinned.name, pinned.fingerprint, pinned.subject, pinned.not_after, pinned.created_at, pinned.pem)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be done with one key, and why."""

    unique_identifier: str
    why: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of the keys of an instance that was deleted.

    ``destroyed`` and the standard keys count keys of this call. With ``failures`` the instance stays in Removing, and the call can be
    repeated.
    """

    instance: ServiceInstance
    destroyed: int
    standard_keys_deleted: int
    standard_keys_kept: int
    failures: tuple[Failure, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is left of the instance."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the keys of an instance that was recovered: each of ``recovered`` was opened with the imported material.

    ``lost`` could not be, and are as they were before. ``imported`` are the root keys that were made, oldest material first.
    """

    instance: ServiceInstance
    crk_id: str
    imported: tuple[str, ...]
    recovered: int
    lost: tuple[Failure, ...] = ()


class ServiceRefused(LabError):
    """The service does not do what it was asked: ``reason`` is a word for programs, the rest is for people."""

    def __init__(self, reason: str, what: str, hint: str) -> None:
        super().__init__(what, hint)
        self.reason = reason


class KeyManagerAway(ServiceRefused):
    """IAM or Key Protect does not answer: the same call may succeed later."""

    exit_code = 6


class StillActive(ServiceRefused):
    """An instance has keys that somebody may still need: ``active`` of them are Active, ``states`` counts all by state."""

    def __init__(self, name: str, active: int, states: dict[str, int]) -> None:
        kinds = ", ".join(f"{count} {state}" for state, count in states.items())
        super().__init__(
            "still-active",
            f"{name} has {active} active {'key' if active == 1 else 'keys'} ({kinds}): whatever they encrypt is lost with them",
            "re-encrypt virtual machines, hosts and datastores with another key provider first; --force deletes the keys nevertheless.",
        )
        self.active = active
        self.states = states


def no_such_instance(name: str) -> ServiceRefused:
    """Nothing was ordered under that name or id."""
    return ServiceRefused("no-such-instance", f"there is no service instance {name}", "`kmiplab service show` lists them.")


def as_document(value: Any) -> Any:
    """A value of this module as JSON can carry it."""
    import dataclasses

    return dataclasses.asdict(value)
