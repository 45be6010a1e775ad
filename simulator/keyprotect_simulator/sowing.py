"""Sowing: the records that a seed (`seed_reading`) asks for.

Whatever is there already by its name (an instance of the lab's account, a key or adapter of its instance, a service ID) is left as it is,
so that a seed may be sown again; only key rings, policies of the instance and certificates that it lacks are added. A seed that makes no
sense is refused whole, and nothing of it is sown.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator import sowing_parts as parts
from keyprotect_simulator.iam.grants import digest_of
from keyprotect_simulator.identifiers import new_uuid, parse_rfc3339
from keyprotect_simulator.keys.bodies import MAXIMUM_ALIASES
from keyprotect_simulator.keys.creation import GENERATED_LENGTH, MAXIMUM_PAYLOAD, ROOT_KEY_LENGTHS
from keyprotect_simulator.keys.lifecycle import KeyState
from keyprotect_simulator.lab import new_api_key
from keyprotect_simulator.records import (
    AccessPolicy,
    ApiKey,
    Instance,
    Key,
    KeyVersion,
    KmipAdapter,
    Put,
    Record,
    Secret,
    ServiceId,
)
from keyprotect_simulator.roles import Role
from keyprotect_simulator.seed_reading import checked_seed, placed, unusable
from keyprotect_simulator.state.tables import State

if TYPE_CHECKING:
    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.lab import Lab
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.simulator import Simulator

SEEDED_STATES = {"active": KeyState.ACTIVE, "suspended": KeyState.SUSPENDED, "destroyed": KeyState.DESTROYED}


def sow(simulator: Simulator, document: Json) -> Json:
    """Sow a seed; what came up: ids and API keys (secrets) by name. Raises SeedUnusable."""
    seed = checked_seed(document)
    lab = simulator.ensure_lab()
    with simulator.core.exclusive() as state:
        sower = Sower(state, lab, simulator.clock(), simulator.random)
        grown = sower.sow(seed)
        simulator.core.commit(*(Put(record) for record in sower.fresh))
    return grown


class Sower:
    """Works out the records of one seed; `fresh` are those to be kept."""

    def __init__(self, state: State, lab: Lab, now: float, random: Random) -> None:
        self._lab = lab
        self._owner = f"iam-{lab.service_id}"
        self._now = now
        self._random = random
        self._state = State(state.everything())
        self._soil = parts.Soil(self._state, self._owner, now, random)
        self.fresh: list[Record] = []

    def sow(self, seed: Json) -> Json:
        """All of it; what is there in the end, by name."""
        instances = {entry["name"]: self._instance(place, entry) for place, entry in placed(seed, "instances")}
        return {
            "instances": instances,
            "service_ids": {entry["name"]: self._service_id(place, entry) for place, entry in placed(seed, "service_ids")},
        }

    def _add(self, record: Record, place: str) -> None:
        if self._state.get(type(record), record.id) is not None:
            raise unusable(f"{place}.id is taken by another")
        self._state.apply([Put(record)])
        self.fresh.append(record)

    def _id(self, entry: Json) -> str:
        return str(entry["id"]).lower() if "id" in entry else new_uuid(self._random)

    def _instance(self, place: str, entry: Json) -> Json:
        instance = self._instance_named(entry["name"])
        if instance is None:
            lab = self._state.get(Instance, self._lab.instance_id)
            region = entry.get("region") or (lab.region if lab else "us-south")
            instance = Instance(self._id(entry), self._lab.account, region, entry["name"])
            self._add(instance, place)
            self._add(AccessPolicy(new_uuid(self._random), self._owner, instance.id, (Role.VIEWER, Role.MANAGER)), place)
        for record in (
            *parts.rings_of(self._soil, place, entry, instance),
            *parts.instance_policies_of(self._soil, place, entry, instance),
        ):
            self._add(record, place)
        keys = {inner["name"]: self._key(where, inner, instance).id for where, inner in placed(entry, "keys", place)}
        adapters = {inner["name"]: self._adapter(where, inner, instance).id for where, inner in placed(entry, "kmip_adapters", place)}
        return {"id": instance.id, "keys": keys, "kmip_adapters": adapters}

    def _instance_named(self, name: str) -> Instance | None:
        own = (instance for instance in self._state.all(Instance) if instance.account_id == self._lab.account)
        return next((instance for instance in own if instance.name == name), None)

    def _key_named(self, name: str, instance: Instance) -> Key | None:
        return next((key for key in self._state.find(Key, "instance", instance.id) if key.name == name), None)

    def _key(self, place: str, entry: Json, instance: Instance) -> Key:
        there = self._key_named(entry["name"], instance)
        if there is not None:
            return there
        self._require_sensible(place, entry, instance)
        state = SEEDED_STATES[entry.get("state", "active")]
        gone = self._now if state is KeyState.DESTROYED else None
        key_id = self._id(entry)
        key = Key(
            id=key_id,
            instance_id=instance.id,
            name=entry["name"],
            description=entry.get("description", ""),
            aliases=tuple(dict.fromkeys(entry.get("aliases", ()))),
            tags=tuple(entry.get("tags", ())),
            key_ring=parts.ring_of(self._soil, place, entry, instance),
            extractable=entry.get("extractable", False),
            imported="payload" in entry,
            state=state,
            versions=tuple(self._versions(key_id, entry)),
            created=self._now,
            created_by=self._owner,
            updated=self._now,
            last_action=self._now,
            rotated=self._now if entry.get("rotations") else None,
            expires=parse_rfc3339(entry["expirationDate"]) if "expirationDate" in entry else None,
            deleted=gone,
            deleted_by=self._owner if gone is not None else "",
        )
        key = replace(key, policies=tuple(parts.key_policies_of(self._soil, place, entry, key)))
        self._add(key, place)
        for registration in parts.registrations_of(self._soil, place, entry, key):
            self._add(registration, place)
        return key

    def _versions(self, key_id: str, entry: Json) -> list[KeyVersion]:
        payload = base64.b64decode(entry["payload"]) if "payload" in entry else None
        first = KeyVersion(key_id, self._now, Secret(payload if payload is not None else self._random(GENERATED_LENGTH)))
        later = range(entry.get("rotations", 0))
        return [first, *(KeyVersion(new_uuid(self._random), self._now, Secret(self._random(len(first.material)))) for _ in later)]

    def _require_sensible(self, place: str, entry: Json, instance: Instance) -> None:
        """What goes beyond a single field."""
        standard = entry.get("extractable", False)
        if standard and (entry.get("rotations") or entry.get("state") == "suspended"):
            raise unusable(f"{place} is a standard key, which has no rotations and cannot be suspended")
        length = len(base64.b64decode(entry["payload"])) if "payload" in entry else GENERATED_LENGTH
        if not standard and length not in ROOT_KEY_LENGTHS:
            raise unusable(f"{place}.payload must be 16, 24 or 32 bytes, for a root key")
        if not 1 <= length <= MAXIMUM_PAYLOAD:
            raise unusable(f"{place}.payload must be 1 to {MAXIMUM_PAYLOAD} bytes")
        aliases = entry.get("aliases", ())
        if len(set(aliases)) > MAXIMUM_ALIASES:
            raise unusable(f"{place}.aliases must be at most {MAXIMUM_ALIASES}")
        taken = [alias for alias in aliases if self._state.find(Key, "alias", f"{instance.id} {alias}")]
        if taken:
            raise unusable(f"{place}.aliases: another key of the instance has {taken[0]}")

    def _adapter(self, place: str, entry: Json, instance: Instance) -> KmipAdapter:
        named = (adapter for adapter in self._state.find(KmipAdapter, "instance", instance.id) if adapter.name == entry["name"])
        adapter = next(named, None)
        if adapter is None:
            key = self._key_named(entry["key"], instance)
            if key is None or key.extractable:
                raise unusable(f"{place}.key must be the name of a root key of the instance")
            description = entry.get("description", "")
            adapter = KmipAdapter(self._id(entry), instance.id, entry["name"], key.id, self._now, self._owner, description)
            self._add(adapter, place)
        for certificate in parts.certificates_of(self._soil, place, entry, adapter):
            self._add(certificate, place)
        return adapter

    def _service_id(self, place: str, entry: Json) -> Json:
        services = self._state.find(ServiceId, "account", self._lab.account)
        there = next((service for service in services if service.name == entry["name"]), None)
        service = there or self._new_service_id(place, entry)
        api_keys = self._state.find(ApiKey, "service_id", service.id)
        return {"id": service.id, "iam_id": service.iam_id, "api_keys": [api_key.value.decode() for api_key in api_keys]}

    def _new_service_id(self, place: str, entry: Json) -> ServiceId:
        service = ServiceId(f"ServiceId-{new_uuid(self._random)}", self._lab.account, entry["name"])
        self._add(service, place)
        self._add(self._api_key(place, entry, service), place)
        for name, roles in entry.get("roles", {}).items():
            instance = self._instance_named(name)
            if instance is None:
                raise unusable(f"{place}.roles: there is no instance {name}")
            granted = tuple(Role(role) for role in roles)
            self._add(AccessPolicy(new_uuid(self._random), service.iam_id, instance.id, granted), place)
        return service

    def _api_key(self, place: str, entry: Json, service: ServiceId) -> ApiKey:
        if "api_key" not in entry:
            return new_api_key(service.id, entry["name"], self._random)
        value = str(entry["api_key"])
        if self._state.find(ApiKey, "digest", digest_of(value)):
            raise unusable(f"{place}.api_key is another one's")
        return ApiKey(f"ApiKey-{new_uuid(self._random)}", service.id, entry["name"], Secret(value.encode()), digest_of(value))
