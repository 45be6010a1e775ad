"""Estates for the tests of both generations of the service: a Key Protect, a KMIP endpoint whose keys it keeps, and VMware's side of it.

*keyprotect-native* is Key Protect's own KMIP: an adapter of the lab, whose certificate was added over REST. *kmip-for-vmware* is the
classic service: an instance that was ordered and configured, and that keeps its wrapped keys in Key Protect as standard keys.
"""

from __future__ import annotations

import warnings
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from keyprotect_simulator.testing import running_simulator
from kmip_conformance.client import Target
from kmip_conformance.judge.conversation import Conversation
from kmip_conformance.judge.proceedings import Proceedings
from kmip_conformance.scenarios import VirtualMachine, vcenter_7_0_3
from kmip_conformance.tables import V1_1
from kmip_server.directory import pki
from kmip_server.settings import KeyProtectSettings
from kmip_server.store.contract import LocateQuery
from kmip_server.store.sqlite import SqliteStore
from kmip_server.testing import running_server
from kmip_server.wrapping.leavings import kept_of

from kmiplab.adapters import Adapters, client_of
from kmiplab.lab_client import directory_of
from kmiplab.service import KeyManager, Region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keyprotect_simulator.testing import RunningSimulator
    from kmip_conformance.scenarios import VCenter
    from kmip_server.testing import RunningServer
    from kmip_server.wrapping.contract import Envelope

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    enums = pytest.importorskip("kmip.core.enums")
    pie = pytest.importorskip("kmip.pie.client")

DEADLINE_SECONDS = 0.6
"""How long an operation of these endpoints may wait for Key Protect."""


@dataclass(frozen=True)
class Estate:
    """A running estate. ``owner`` is the client of the KMIP server that has its keys."""

    simulator: RunningSimulator
    target: Target
    state_dir: Path
    owner: str

    @contextmanager
    def vcenter(self) -> Iterator[VCenter]:
        """A vCenter 7.0.3 that uses this endpoint; what it finds amiss is a Failure."""
        talk = Conversation(self.target, V1_1, Proceedings())
        try:
            yield vcenter_7_0_3(talk)
        finally:
            talk.hang_up_all()

    @contextmanager
    def pykmip(self) -> Iterator[Any]:
        """PyKMIP's client, under 1.4."""
        files = {name: str(getattr(self.target, name)) for name in ("cert", "key", "ca")}
        version = enums.KMIPVersion.KMIP_1_4
        with pie.ProxyKmipClient(hostname="localhost", port=self.target.port, **files, kmip_version=version) as client:
            yield client

    def fill(self, machines: int = 2) -> dict[str, bytes]:
        """Encrypt virtual machines and make one key by PyKMIP, which stays Pre-Active: every key there is, with its bytes."""
        with self.vcenter() as vcenter, self.pykmip() as client:
            vcenter.establishes_trust()
            vcenter.encrypts_machine()
            for number in range(1, machines):
                vcenter.encrypts_another_machine(VirtualMachine(f"4226f566-3ed5-1c8f-cda3-{number:012x}", f"vm{number}"))
            client.create(enums.CryptographicAlgorithm.AES, 256)
        return self.opened()

    def opened(self) -> dict[str, bytes]:
        """Every key that can be located and is not destroyed, with its bytes."""
        with self.pykmip() as client:
            living = [identifier for identifier in client.locate() if state_of(client, identifier) != "DESTROYED"]
            return {identifier: client.get(identifier).value for identifier in living}

    def standard_keys(self) -> int:
        """How many standard keys there are in Key Protect: the classic service has one for each key."""
        answer = self.simulator.operate("HEAD", "/api/v2/keys", query="extractable=true&state=1")
        return int(dict(answer.headers)["Key-Total"])

    def refusals(self, identifiers: list[str]) -> list[str | None]:
        """The Result Reason that each key is refused with; None for one that was had."""
        with self.pykmip() as client:
            return [reason_of(lambda identifier=identifier: client.get(identifier)) for identifier in identifiers]

    def envelopes(self) -> dict[str, Envelope]:
        """How the keys are at rest."""
        with closing(SqliteStore(self.state_dir / "kmip.db")) as store:
            rows = [store.get(self.owner, identifier) for identifier in store.locate(self.owner, LocateQuery())]
            return {row.unique_identifier: row.envelope for row in rows if row is not None and row.envelope is not None}

    def ciphertexts(self) -> dict[str, bytes]:
        """What Key Protect answered when it wrapped the keys."""
        envelopes = self.envelopes()
        return {of: kept.ciphertext if (kept := kept_of(envelope)) else envelope.ciphertext for of, envelope in envelopes.items()}


def state_of(client: Any, identifier: str) -> str:
    """The State of an object, as PyKMIP is told it."""
    _, (state,) = client.get_attributes(identifier, ["State"])
    name: str = state.attribute_value.value.name
    return name


def reason_of(act: Any) -> str | None:
    """The Result Reason that PyKMIP's client is refused with, None when it is not."""
    try:
        act()
    except pie.exceptions.KmipOperationFailure as failure:
        name: str = failure.reason.name
        return name
    return None


@contextmanager
def estate(personality: str, folder: Path, *, cache_seconds: float = 0.0) -> Iterator[Estate]:
    """A Key Protect of its own, with its state in ``folder``/key-protect, and an estate on it."""
    with running_simulator(state_dir=folder / "key-protect") as simulator, estate_on(simulator, personality, folder, cache_seconds) as made:
        yield made


@contextmanager
def estate_on(simulator: RunningSimulator, personality: str, folder: Path, cache_seconds: float = 0.0) -> Iterator[Estate]:
    """An estate on a Key Protect that is there."""
    make = native if personality == "keyprotect-native" else classic
    with make(simulator, folder, cache_seconds) as made:
        yield made


@contextmanager
def native(simulator: RunningSimulator, folder: Path, cache_seconds: float) -> Iterator[Estate]:
    """The lab's adapter, with a vCenter's own certificate added over REST."""
    lab = simulator.lab
    told = KeyProtectSettings(
        simulator.url,
        simulator.iam_url,
        lab.instance_id,
        lab.crk_id,
        lab.api_key,
        cache_seconds=cache_seconds,
        deadline_seconds=DEADLINE_SECONDS,
    )
    with running_server(folder, personality="keyprotect-native", key_protect=told) as server:
        Adapters(folder, simulator.simulator, lab, url=simulator.url).join()
        target = with_a_certificate(server)
        assert target.cert is not None
        body = {
            "metadata": {"collectionType": "application/vnd.ibm.kms.kmip_client_certificate+json", "collectionTotal": 1},
            "resources": [{"certificate": target.cert.read_text(encoding="ascii")}],
        }
        simulator.operate("POST", f"/api/v2/kmip_adapters/{lab.adapter_id}/certificates", body=body)
        with directory_of(folder) as directory:
            client = client_of(directory, lab.adapter_id)
        assert client is not None
        yield Estate(simulator, target, folder, client.owner)


@contextmanager
def classic(simulator: RunningSimulator, folder: Path, cache_seconds: float) -> Iterator[Estate]:
    """An instance of the classic service. One of its endpoints will do here, and runs in this process."""
    lab = simulator.lab
    times = {"keeper_cache_seconds": cache_seconds, "keeper_deadline_seconds": DEADLINE_SECONDS}
    with running_server(folder, personality="kmip-for-vmware", **times) as server:
        target = with_a_certificate(server)
        assert target.cert is not None
        region = Region(folder)
        ordered = region.order(KeyManager(simulator.url, simulator.iam_url, lab.instance_id, lab.api_key))
        instance = region.configure(ordered.id, crk_id=lab.crk_id, certificates={"vcenter": target.cert.read_text(encoding="ascii")})
        yield Estate(simulator, target, folder, instance.id)


def with_a_certificate(server: RunningServer) -> Target:
    """The server as a vCenter reaches it that has just made a certificate for itself."""
    cert, key = server.state_dir / "vcenter.pem", server.state_dir / "vcenter.key"
    pki.create_self_signed("kmipClient20261125000000").write(cert, key)
    return Target(server.host, server.port, ca=server.ca, cert=cert, key=key)
