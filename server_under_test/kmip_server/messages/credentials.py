"""The credentials in the header of a request (KMIP 1.4, 2.1.2; KMIP 2.1, 9.11)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from typing import TypeAlias

from kmip_server.enums import AttestationType, CredentialType, HashingAlgorithm, Tag
from kmip_server.messages.attribute_values import Nonce
from kmip_server.messages.rules import Ticket
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import DateTimeExtended
from kmip_server.versions import V2_0


@structure(Tag.CREDENTIAL_VALUE)
class UsernamePasswordCredential:
    """Credential Value of a Username and Password credential (2.1.2)."""

    username: str
    password: str | None = None


@structure(Tag.CREDENTIAL_VALUE)
class DeviceCredential:
    """Credential Value of a Device credential (2.1.2), since 1.1."""

    device_serial_number: str | None = None
    password: str | None = None
    device_identifier: str | None = None
    network_identifier: str | None = None
    machine_identifier: str | None = None
    media_identifier: str | None = None


@structure(Tag.CREDENTIAL_VALUE)
class AttestationCredential:
    """Credential Value of an Attestation credential (2.1.2), since 1.2."""

    nonce: Nonce
    attestation_type: AttestationType
    attestation_measurement: bytes | None = None
    attestation_assertion: bytes | None = None


@structure(Tag.CREDENTIAL_VALUE, kw_only=True)
class OneTimePasswordCredential:
    """Credential Value of a One Time Password credential (2.1, 9.11), since 2.0."""

    username: str
    password: str | None = None
    one_time_password: str = field(since=V2_0)


@structure(Tag.CREDENTIAL_VALUE, kw_only=True)
class HashedPasswordCredential:
    """Credential Value of a Hashed Password credential (2.1, 9.11), since 2.0. The hash is SHA-256 when none is named."""

    username: str
    time_stamp: DateTimeExtended = field(since=V2_0)
    hashing_algorithm: HashingAlgorithm | None = None
    hashed_password: bytes = field(since=V2_0)


@structure(Tag.CREDENTIAL_VALUE)
class TicketCredential:
    """Credential Value of a Ticket credential (2.1, 9.11), since 2.0."""

    ticket: Ticket = field(since=V2_0)


CredentialValue: TypeAlias = (
    UsernamePasswordCredential
    | DeviceCredential
    | AttestationCredential
    | OneTimePasswordCredential
    | HashedPasswordCredential
    | TicketCredential
)

CREDENTIAL_VALUES: dict[CredentialType, type[CredentialValue]] = {
    CredentialType.USERNAME_AND_PASSWORD: UsernamePasswordCredential,
    CredentialType.DEVICE: DeviceCredential,
    CredentialType.ATTESTATION: AttestationCredential,
    CredentialType.ONE_TIME_PASSWORD: OneTimePasswordCredential,
    CredentialType.HASHED_PASSWORD: HashedPasswordCredential,
    CredentialType.TICKET: TicketCredential,
}


@structure(Tag.CREDENTIAL)
class Credential:
    """Credential (2.1.2)."""

    credential_type: CredentialType
    credential_value: CredentialValue = field(chosen_by="credential_type")
