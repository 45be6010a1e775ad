"""What a test may do to a simulator behind its clients' backs; `control_api` offers the parts of it that need no Python over HTTP.

Keys are changed through the simulator's own calls, by an operator with every role, so that a state is reached here only if it can be
reached by a client.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from keyprotect_simulator.iam.grants import API_KEY_GRANT, digest_of
from keyprotect_simulator.identifiers import new_uuid
from keyprotect_simulator.keys.registrations import new_registration
from keyprotect_simulator.lab import new_api_key
from keyprotect_simulator.messages import ApiRequest, ApiResponse, json_bytes
from keyprotect_simulator.records import AccessPolicy, Account, ApiKey, Change, Instance, Key, Put, Remove, ServiceId
from keyprotect_simulator.roles import Role
from keyprotect_simulator.seed_reading import read_seed_file
from keyprotect_simulator.sowing import sow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyprotect_simulator.disturbances import Disturbance
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.request_log import LoggedRequest
    from keyprotect_simulator.simulator import Simulator

OPERATOR_ROLES = (Role.MANAGER, Role.KEY_PURGE)


class Refused(Exception):
    """The simulator refused what was asked of it; `response` says why."""

    def __init__(self, response: ApiResponse) -> None:
        super().__init__(response.body.decode())
        self.response = response


@dataclass(frozen=True, slots=True)
class Identity:
    """A service ID with an API key. The API key is a secret."""

    service_id: str
    iam_id: str
    api_key: str

    def __repr__(self) -> str:
        return f"Identity({self.iam_id})"


class Control:
    """Hands on a simulator: its clocks, keys and identities."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.clock = simulator.clock
        """Key Protect's time. Tokens do not age with it: SDKs judge them by the machine's clock."""
        self.iam_clock = simulator.iam_clock
        """IAM's time; moved on by an hour, every token given out so far is expired."""
        self._operator: Identity | None = None
        self._learn_lab()

    def _learn_lab(self) -> None:
        self.lab = self.simulator.ensure_lab()
        self.api_key = self.lab.api_key
        self.instance_id = self.lab.instance_id
        self.crk_id = self.lab.crk_id
        self.adapter_id = self.lab.adapter_id

    # -- the whole state

    def reset(self) -> None:
        """Everything as it was when the simulator had started, seed included; no disturbances, an empty request log."""
        self.simulator.reset()
        self._learn_lab()

    def seed(self, seed: Path | Json) -> Json:
        """Sow a seed, a TOML or JSON file or a document; ids and API keys by name. `reset` goes back to before it."""
        return sow(self.simulator, read_seed_file(seed) if isinstance(seed, Path) else seed)

    def export(self) -> Json:
        """The whole state as a JSON document, secrets in the clear."""
        return self.simulator.export()

    def restore(self, document: Json) -> None:
        """The exported state instead of this one, clocks included."""
        self.simulator.restore(document)
        self._learn_lab()

    def requests(self) -> list[LoggedRequest]:
        """The last requests, oldest first."""
        return self.simulator.requests.after()

    # -- keys

    def disable_key(self, key_id: str | None = None) -> None:
        """Suspend a key, the lab's root key unless another is named."""
        self.operate("POST", f"/api/v2/keys/{key_id or self.crk_id}/actions/disable")

    def enable_key(self, key_id: str | None = None) -> None:
        """Make a suspended key active again, as if 30 seconds had passed since it was suspended."""
        self.clock.move(seconds=30)
        self.operate("POST", f"/api/v2/keys/{key_id or self.crk_id}/actions/enable")

    def rotate_key(self, key_id: str | None = None) -> None:
        """Give a key a new version, as if an hour had passed since it got its last one."""
        self.clock.move(hours=1)
        self.operate("POST", f"/api/v2/keys/{key_id or self.crk_id}/actions/rotate")

    def delete_key(self, key_id: str | None = None) -> None:
        """Destroy a key; a root key that is active is suspended first, because a KMIP adapter may protect it."""
        key_id = key_id or self.crk_id
        metadata = self.operate("GET", f"/api/v2/keys/{key_id}/metadata").json()["resources"][0]
        if metadata["state"] == 1 and not metadata["extractable"]:
            self.disable_key(key_id)
        self.operate("DELETE", f"/api/v2/keys/{key_id}", query="force=true")

    def restore_key(self, key_id: str | None = None) -> None:
        """Bring a destroyed key back, as if 30 seconds had passed since it was deleted."""
        self.clock.move(seconds=30)
        self.operate("POST", f"/api/v2/keys/{key_id or self.crk_id}/restore")

    def register(self, resource_crn: str, key_id: str | None = None, *, prevent_key_deletion: bool = False) -> None:
        """Let a root key (the lab's) protect a cloud resource, as only the resource's own service can."""
        key = self.simulator.state.get(Key, key_id or self.crk_id)
        assert key is not None
        by = f"iam-ServiceId-{resource_crn.split(':')[4]}"
        self._commit(Put(new_registration(key, resource_crn, prevent_key_deletion=prevent_key_deletion, now=self.clock(), by=by)))

    # -- identities

    def add_service_id(self, *roles: Role, account_id: str | None = None, instance_id: str | None = None) -> Identity:
        """A new service ID with an API key and these roles on an instance (the lab's)."""
        core, random = self.simulator.core, self.simulator.random
        service = ServiceId(f"ServiceId-{new_uuid(random)}", account_id or self.lab.account, "test")
        api_key = new_api_key(service.id, "test", random)
        policy = AccessPolicy(new_uuid(random), service.iam_id, instance_id or self.instance_id, roles)
        with core.exclusive():
            core.commit(Put(service), Put(api_key), Put(policy))
        return Identity(service.id, service.iam_id, api_key.value.decode())

    def set_roles(self, service_id: str, *roles: Role, key_ring: str = "", key_id: str = "") -> None:
        """Replace the roles that a service ID has on the lab's instance, or on one key ring or key; none takes all rights away."""
        core = self.simulator.core
        with core.exclusive():
            policies = core.state.find(AccessPolicy, "grant", f"iam-{service_id} {self.instance_id}")
            fresh = AccessPolicy(new_uuid(self.simulator.random), f"iam-{service_id}", self.instance_id, roles, key_ring, key_id)
            core.commit(*(Remove(policy) for policy in policies), Put(fresh))

    def revoke_api_key(self, api_key: str | None = None) -> None:
        """Take an API key (the lab's) out of IAM. Tokens that it was exchanged for stay good until they expire."""
        core = self.simulator.core
        with core.exclusive():
            found = core.state.find(ApiKey, "digest", digest_of(api_key or self.api_key))
            core.commit(*(Remove(record) for record in found))

    def add_account(self, name: str = "another") -> str:
        """The id of a new account."""
        account = Account(self.simulator.random(16).hex(), name)
        self._commit(Put(account))
        return account.id

    def add_instance(self, account_id: str | None = None, region: str | None = None) -> str:
        """The id of a new Key Protect instance, in the lab's account and region unless others are named."""
        lab = self.simulator.state.get(Instance, self.instance_id)
        assert lab is not None
        instance = replace(
            lab, id=new_uuid(self.simulator.random), account_id=account_id or lab.account_id, region=region or lab.region, name="another"
        )
        self._commit(Put(instance))
        return instance.id

    def token(self, api_key: str | None = None) -> str:
        """An access token for an API key (the lab's)."""
        form = urlencode({"grant_type": API_KEY_GRANT, "apikey": api_key or self.api_key})
        response = self.simulator.handle(ApiRequest("POST", "/identity/token", body=form.encode()))
        if response.status != 200:
            raise Refused(response)
        return str(response.json()["access_token"])

    # -- bad days

    @contextlib.contextmanager
    def disturbed(self, disturbance: Disturbance) -> Iterator[None]:
        """Disturb the requests that come within the block: late answers, broken ones, other ones or none (`Disturbance`)."""
        number = self.simulator.disturbances.begin(disturbance)
        try:
            yield
        finally:
            self.simulator.disturbances.end(number)

    @contextlib.contextmanager
    def region_away(self, region: str) -> Iterator[None]:
        """Within the block, nothing but 503 is answered for the instances of a region."""
        core = self.simulator.core
        core.regions_away |= {region}
        try:
            yield
        finally:
            core.regions_away -= {region}

    # -- plumbing

    def _commit(self, *changes: Change) -> None:
        core = self.simulator.core
        with core.exclusive():
            core.commit(*changes)

    def operate(self, method: str, path: str, *, query: str = "", body: object | None = None) -> ApiResponse:
        """Call Key Protect as an operator of the lab's instance; raises Refused when it refuses."""
        operator = self._operator
        if operator is None or self.simulator.state.get(ServiceId, operator.service_id) is None:
            self._operator = operator = self.add_service_id(*OPERATOR_ROLES)
        headers = {"authorization": f"Bearer {self.token(operator.api_key)}", "bluemix-instance": self.instance_id}
        content = b"" if body is None else json_bytes(body)
        response = self.simulator.handle(ApiRequest(method, path, query, headers, content))
        if response.status >= 400:
            raise Refused(response)
        return response
