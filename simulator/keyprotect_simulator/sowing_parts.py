"""What seeded instances, keys and adapters have besides themselves: key rings, policies, registrations, certificates.

They are checked by the rules that the calls have, and refused in their words, with the place in the seed.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyprotect_simulator.faults import Fault
from keyprotect_simulator.identifiers import new_uuid
from keyprotect_simulator.instance import key_rings
from keyprotect_simulator.instance.policies import ATTRIBUTES, data_from
from keyprotect_simulator.keys import policies
from keyprotect_simulator.keys.bodies import checked
from keyprotect_simulator.keys.registrations import new_registration
from keyprotect_simulator.kmip.certificates import fingerprint_of
from keyprotect_simulator.records import Instance, InstancePolicy, KeyPolicy, KeyRing, KmipAdapter, KmipCertificate
from keyprotect_simulator.seed_reading import placed, unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.records import Key, Registration
    from keyprotect_simulator.state.tables import State


@contextlib.contextmanager
def told_with(place: str) -> Iterator[None]:
    """Turn the refusal of a rule into that of a seed."""
    try:
        yield
    except Fault as refusal:
        raise unusable(f"{place}: {refusal.message}") from refusal


@dataclass(frozen=True, slots=True)
class Soil:
    """What every part needs to know: what is there so far, whose it is, and when."""

    state: State
    owner: str
    now: float
    random: Random


def rings_of(soil: Soil, place: str, entry: Json, instance: Instance) -> Iterator[KeyRing]:
    """The key rings that are not there yet."""
    for number, name in enumerate(entry.get("key_rings", ())):
        if not isinstance(name, str) or not key_rings.FORM.fullmatch(name) or name == key_rings.DEFAULT:
            raise unusable(f"{place}.key_rings[{number}] must be {key_rings.RULE}")
        ring = KeyRing(f"{instance.id} {name}", instance.id, name, soil.now, soil.owner)
        if soil.state.get(KeyRing, ring.id) is None:
            yield ring
    if len(set(entry.get("key_rings", ()))) > key_rings.MOST:
        raise unusable(f"{place}.key_rings must be at most {key_rings.MOST}")


def instance_policies_of(soil: Soil, place: str, entry: Json, instance: Instance) -> Iterator[InstancePolicy]:
    """The policies, by type, that the instance does not have yet; a table of attributes, empty for types without any."""
    for kind, attributes in entry.get("policies", {}).items():
        if kind not in ATTRIBUTES or not isinstance(attributes, dict):
            raise unusable(f"{place}.policies must have tables of attributes, named {', '.join(ATTRIBUTES)}")
        with told_with(f"{place}.policies.{kind}"):
            _, kept = data_from(kind, {"enabled": True, **({"attributes": attributes} if ATTRIBUTES[kind] or attributes else {})})
        made = (soil.now, soil.owner)
        policy = InstancePolicy(f"{instance.id} {kind}", instance.id, kind, True, json.dumps(kept), *made, *made)  # noqa: FBT003 - a record
        if soil.state.get(InstancePolicy, policy.id) is None:
            yield policy


def ring_of(soil: Soil, place: str, entry: Json, instance: Instance) -> str:
    """The key ring of a key, which must be there."""
    name = str(entry.get("key_ring", key_rings.DEFAULT))
    if name != key_rings.DEFAULT and soil.state.get(KeyRing, f"{instance.id} {name}") is None:
        raise unusable(f"{place}.key_ring: the instance has no key ring {name}")
    return name


def key_policies_of(soil: Soil, place: str, entry: Json, key: Key) -> Iterable[KeyPolicy]:
    """The policies of a key, in the form that `POST /keys_with_policy_overrides` takes."""
    for kind in policies.KINDS:
        if kind not in entry:
            continue
        with told_with(f"{place}.{kind}"):
            fields = checked(entry[kind], policies.FIELDS[kind])
            lawful = policies.rotation_is_lawful if kind == policies.ROTATE else policies.dual_auth_is_lawful
            lawful(key, None, fields)
        made = (soil.now, soil.owner)
        yield KeyPolicy(new_uuid(soil.random), kind, fields.get("enabled", True), *made, *made, fields.get("interval_month"))


def registrations_of(soil: Soil, place: str, entry: Json, key: Key) -> Iterator[Registration]:
    """What a root key protects."""
    for where, one in placed(entry, "registrations", place):
        if key.extractable:
            raise unusable(f"{where}: {key.name} is a standard key, which protects nothing")
        by = f"iam-ServiceId-{one['resourceCrn'].split(':')[4]}"
        prevents = one.get("preventKeyDeletion", False)
        yield new_registration(key, one["resourceCrn"], prevent_key_deletion=prevents, now=soil.now, by=by)


def certificates_of(soil: Soil, place: str, entry: Json, adapter: KmipAdapter) -> Iterator[KmipCertificate]:
    """The certificates of an adapter that it does not have yet."""
    for where, one in placed(entry, "certificates", place):
        with told_with(where):
            fingerprint = fingerprint_of(one["certificate"])
        known = soil.state.find(KmipCertificate, "fingerprint", fingerprint)
        if any(other.adapter_id == adapter.id for other in known):
            continue
        if any(region_of(soil, other.adapter_id) == region_of(soil, adapter.id) for other in known):
            raise unusable(f"{where}: another KMIP adapter of the region has this certificate")
        yield KmipCertificate(new_uuid(soil.random), adapter.id, one["name"], one["certificate"], fingerprint, soil.now, soil.owner)


def region_of(soil: Soil, adapter_id: str) -> str:
    """The region of an adapter."""
    adapter = soil.state.get(KmipAdapter, adapter_id)
    instance = soil.state.get(Instance, adapter.instance_id) if adapter is not None else None
    return instance.region if instance is not None else ""
