"""The lab: one account with all that a KMIP endpoint needs, made once and found again.

An account, a service ID with the roles that the KMIP service asks for (platform Viewer, service Manager), an API key of it, a Key
Protect instance, a root key, and a KMIP adapter that uses this root key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyprotect_simulator.iam.grants import digest_of
from keyprotect_simulator.identifiers import Random, new_uuid
from keyprotect_simulator.keys.lifecycle import KeyState
from keyprotect_simulator.records import (
    AccessPolicy,
    Account,
    ApiKey,
    Instance,
    Key,
    KeyVersion,
    KmipAdapter,
    LabRecord,
    Put,
    Record,
    Secret,
    ServiceId,
)
from keyprotect_simulator.roles import Role

if TYPE_CHECKING:
    from keyprotect_simulator.state.tables import State

LAB_ID = "lab"
LAB_ROLES = (Role.VIEWER, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Lab:
    """What a client needs to use the lab. The API key is a secret."""

    account: str
    service_id: str
    api_key: str
    instance_id: str
    crk_id: str
    adapter_id: str

    def __repr__(self) -> str:
        return f"Lab(instance_id={self.instance_id!r}, crk_id={self.crk_id!r}, adapter_id={self.adapter_id!r}, api_key=•••)"


def existing_lab(state: State) -> Lab | None:
    """The lab that the state already has."""
    record = state.get(LabRecord, LAB_ID)
    api_key = state.get(ApiKey, record.api_key_id) if record else None
    if record is None or api_key is None:
        return None
    return Lab(
        account=record.account_id,
        service_id=record.service_id,
        api_key=api_key.value.decode(),
        instance_id=record.instance_id,
        crk_id=record.crk_id,
        adapter_id=record.adapter_id,
    )


def lab_records(state: State, *, region: str, now: float, random: Random) -> tuple[Put, ...]:
    """The records that make a lab, with a new API key in place of a revoked one if there was a lab already."""
    former = state.get(LabRecord, LAB_ID)
    if former is not None:
        api_key = new_api_key(former.service_id, "kmiplab", random)
        renewed = LabRecord(LAB_ID, former.account_id, former.service_id, api_key.id, former.instance_id, former.crk_id, former.adapter_id)
        return Put(api_key), Put(renewed)
    return tuple(Put(record) for record in new_lab(region=region, now=now, random=random))


def new_lab(*, region: str, now: float, random: Random) -> tuple[Record, ...]:
    """A whole new lab."""
    account = Account(id=random(16).hex(), name="kmiplab")
    service = ServiceId(id=f"ServiceId-{new_uuid(random)}", account_id=account.id, name="kmiplab")
    api_key = new_api_key(service.id, "kmiplab", random)
    instance = Instance(id=new_uuid(random), account_id=account.id, region=region, name="kmiplab")
    policy = AccessPolicy(id=new_uuid(random), iam_id=service.iam_id, instance_id=instance.id, roles=LAB_ROLES)
    crk = root_key(instance, service, name="kmiplab-root-key", now=now, random=random)
    adapter = KmipAdapter(
        id=new_uuid(random), instance_id=instance.id, name="kmiplab", crk_id=crk.id, created=now, created_by=service.iam_id
    )
    lab = LabRecord(LAB_ID, account.id, service.id, api_key.id, instance.id, crk.id, adapter.id)
    return account, service, api_key, instance, policy, crk, adapter, lab


def new_api_key(service_id: str, name: str, random: Random) -> ApiKey:
    """A fresh API key: 44 characters out of A-Z, a-z, 0-9, - and _, as IAM makes them."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    value = "".join(alphabet[byte & 63] for byte in random(44))
    return ApiKey(id=f"ApiKey-{new_uuid(random)}", service_id=service_id, name=name, value=Secret(value.encode()), digest=digest_of(value))


def root_key(instance: Instance, service: ServiceId, *, name: str, now: float, random: Random) -> Key:
    """A fresh, active root key."""
    key_id = new_uuid(random)
    return Key(
        id=key_id,
        instance_id=instance.id,
        name=name,
        extractable=False,
        imported=False,
        state=KeyState.ACTIVE,
        versions=(KeyVersion(id=key_id, created=now, material=Secret(random(32))),),
        created=now,
        created_by=service.iam_id,
        updated=now,
        last_action=now,
    )
