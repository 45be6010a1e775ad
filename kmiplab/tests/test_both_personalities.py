"""Both generations of the service, through all that may happen to the root key and to Key Protect: by PyKMIP and by vCenter's own flows.

What holds for each: whatever is acknowledged is there afterwards, with the same bytes; whatever is shut is refused with the proper reason;
and the same vCenter goes on as before once all is well again.
"""

from __future__ import annotations

import base64
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from estates import DEADLINE_SECONDS, Estate, enums, estate, estate_on, reason_of
from keyprotect_simulator.control import Refused
from keyprotect_simulator.disturbances import Disturbance, Ending
from keyprotect_simulator.lab import LAB_ROLES
from keyprotect_simulator.testing import running_simulator
from kmip_conformance.client import refusal
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.scenarios import VirtualMachine

from kmiplab.service import Region, StillActive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from keyprotect_simulator.testing import RunningSimulator

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PERSONALITIES = ("keyprotect-native", "kmip-for-vmware")
AES = enums.CryptographicAlgorithm.AES


@pytest.fixture(params=PERSONALITIES)
def personality(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(autouse=True)
def _soon_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look every fifth of a second whether Key Protect is back."""
    monkeypatch.setattr("kmip_server.wrapping.http.AWAY_SECONDS", 0.2)


def goes_on(estate: Estate, keys: dict[str, bytes]) -> None:
    """Every key is there with its bytes, and nothing else; and a vCenter does what it did before."""
    assert estate.opened() == keys
    with estate.vcenter() as vcenter:
        vcenter.checks_health()
        made = vcenter.encrypts_machine()
        assert len(vcenter.hands_over(made)) == 32


def test_a_rotation_is_nothing_to_vcenter_and_keys_are_rewrapped_as_they_are_read(personality: str, tmp_path: Path) -> None:
    with estate(personality, tmp_path) as it:
        keys = it.fill()
        before = it.envelopes()
        it.simulator.rotate_key()
        assert it.envelopes() == before, "nothing is rewrapped before it is read"
        goes_on(it, keys)
        after = it.envelopes()
        assert {identifier for identifier in keys if after[identifier].key_version == before[identifier].key_version} == set()
        it.simulator.rotate_key()
        assert keys.items() < it.opened().items()


CHAINS: dict[str, tuple[Callable[[RunningSimulator], None], Callable[[RunningSimulator], None], str]] = {
    "disabled": (lambda it: it.disable_key(), lambda it: it.enable_key(), "PERMISSION_DENIED"),
    "deleted": (lambda it: it.delete_key(), lambda it: it.restore_key(), "CRYPTOGRAPHIC_FAILURE"),
    "rights withdrawn": (
        lambda it: it.set_roles(it.lab.service_id),
        lambda it: it.set_roles(it.lab.service_id, *LAB_ROLES),
        "PERMISSION_DENIED",
    ),
}
"""What shuts the keys, what opens them again, and the reason that they are refused with in between."""


@pytest.mark.parametrize("chain", CHAINS)
def test_what_shuts_the_root_key_shuts_every_key_and_loses_none(personality: str, chain: str, tmp_path: Path) -> None:
    shut, open_again, reason = CHAINS[chain]
    with estate(personality, tmp_path, cache_seconds=0.5) as it:
        keys = it.fill()
        assert it.opened() == keys
        shut(it.simulator)
        began = time.monotonic()
        while set(it.refusals([*keys])) != {reason}:
            assert time.monotonic() < began + 5, "a key can be had that long after"
        with it.pykmip() as client:
            assert reason_of(lambda: client.create(AES, 256)) == reason
            assert sorted(client.locate()) == sorted(keys), "what was refused made nothing, and what was there is there"
        with it.vcenter() as vcenter, pytest.raises(Failure):
            vcenter.makes_key()
        open_again(it.simulator)
        goes_on(it, keys)


def test_a_root_key_in_use_is_not_deleted_by_force_either(personality: str, tmp_path: Path) -> None:
    with estate(personality, tmp_path) as it:
        keys = it.fill(machines=1)
        with pytest.raises(Refused, match="PROTECTED_RESOURCE_ERR"):
            it.simulator.operate("DELETE", f"/api/v2/keys/{it.simulator.crk_id}", query="force=true")
        assert it.opened() == keys


def opened_with(estate: Estate, secrets: list[bytes]) -> set[bytes]:
    """Every key that somebody gets who has all of the KMIP server's rows and these secrets."""
    found = set()
    for identifier, ciphertext in estate.ciphertexts().items():
        sealed = json.loads(base64.b64decode(ciphertext))
        iv, data = base64.b64decode(sealed["iv"]), base64.b64decode(sealed["ciphertext"])
        for secret in secrets:
            with suppress(InvalidTag):
                found.add(AESGCM(secret).decrypt(iv, data, json.dumps([identifier], separators=(",", ":")).encode()))
    return found


def secrets_of(document: Any) -> Iterator[bytes]:
    """Every secret of an exported state that could be a key of AES."""
    if isinstance(document, dict) and set(document) == {"secret"}:
        secret = base64.b64decode(document["secret"])
        if len(secret) in {16, 24, 32}:
            yield secret
    elif isinstance(document, (dict, list)):
        for member in document.values() if isinstance(document, dict) else document:
            yield from secrets_of(member)


def purge(simulator: RunningSimulator) -> None:
    simulator.clock.move(hours=4)
    simulator.operate("DELETE", f"/api/v2/keys/{simulator.crk_id}/purge")


def outlive_the_restore_window(simulator: RunningSimulator) -> None:
    simulator.clock.move(days=30, minutes=1)


ENDS = {"purged": purge, "30 days over": outlive_the_restore_window}


@pytest.mark.parametrize("end", ENDS)
def test_with_its_root_key_gone_for_good_every_key_is_shredded(personality: str, end: str, tmp_path: Path) -> None:
    with estate(personality, tmp_path) as it:
        keys = it.fill()
        it.simulator.rotate_key()
        assert it.opened() == keys
        goes_on(it, keys)
        made = set(it.opened().values())
        assert opened_with(it, [*secrets_of(it.simulator.export())]) == made, "whoever has all of both sides has the keys"
        it.simulator.delete_key()
        assert opened_with(it, [*secrets_of(it.simulator.export())]) == made, "it can still be restored"
        ENDS[end](it.simulator)
        assert set(it.refusals([*keys])) == {"CRYPTOGRAPHIC_FAILURE"}
        with pytest.raises(Refused):
            it.simulator.restore_key()
        assert opened_with(it, [*secrets_of(it.simulator.export())]) == set()
        files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        for key in made:
            assert [form for form in (key, key.hex().encode(), base64.b64encode(key)) for content in files if form in content] == []
        with it.pykmip() as client:
            assert set(client.locate()) > set(keys), "that there were keys is known"


def disturbed(**how: Any) -> Callable[[RunningSimulator], AbstractContextManager[None]]:
    return lambda simulator: simulator.disturbed(Disturbance(**how))


OUTAGES: dict[str, Callable[[RunningSimulator], AbstractContextManager[None]]] = {
    "refuses connections": lambda simulator: simulator.unreachable(),
    "503": disturbed(status=503),
    "429, come again in 30 s": disturbed(status=429, retry_after=30),
    "slow": disturbed(delay=30.0),
    "cut answers": disturbed(ending="truncated"),
    "closed connections": disturbed(ending="closed"),
    "its region is off": lambda simulator: simulator.region_away("us-south"),
}


def refused_at_once(it: Estate, keys: dict[str, bytes]) -> None:
    """What needs Key Protect fails cleanly: the first within the deadline, the others without waiting for it again."""
    began = time.monotonic()
    assert set(it.refusals([*keys] * 3)) == {"GENERAL_FAILURE"}
    with it.pykmip() as client:
        assert {reason_of(lambda: client.create(AES, 256)) for _ in range(3)} == {"GENERAL_FAILURE"}
    assert time.monotonic() - began < 2 * DEADLINE_SECONDS + 1


def others_go_on(it: Estate, keys: dict[str, bytes], doomed: str) -> None:
    """What needs no key is done, and stays done."""
    with it.pykmip() as client:
        assert sorted(client.locate()) == sorted(keys)
        client.get_attributes(doomed, ["State"])
        client.activate(doomed)
        client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, doomed)
        client.destroy(doomed)


@pytest.mark.parametrize("outage", OUTAGES)
def test_with_key_protect_away_others_go_on_and_afterwards_all_is_there(personality: str, outage: str, tmp_path: Path) -> None:
    with estate(personality, tmp_path) as it:
        keys = it.fill()
        with it.pykmip() as client:
            doomed = client.create(AES, 256)
            keys[doomed] = client.get(doomed).value
        with OUTAGES[outage](it.simulator):
            refused_at_once(it, keys)
            others_go_on(it, keys, doomed)
            with it.vcenter() as vcenter:
                vcenter.checks_health()
                with pytest.raises(Failure):
                    vcenter.makes_key()
        del keys[doomed]
        back = time.monotonic()
        while it.refusals([*keys][:1]) != [None]:
            assert time.monotonic() < back + 5
        assert it.refusals([doomed]) != [None]
        if personality == "kmip-for-vmware":
            while it.standard_keys() != len(keys):
                assert time.monotonic() < back + 10, "what was destroyed meanwhile is deleted there too"
        goes_on(it, keys)


def test_whatever_was_acknowledged_on_a_bad_day_is_there(personality: str, tmp_path: Path) -> None:
    with estate(personality, tmp_path) as it, it.pykmip() as client:
        acknowledged: list[str] = []
        with it.simulator.disturbed(Disturbance(status=503, probability=0.8, seed=7)):
            deadline = time.monotonic() + 20
            while len(acknowledged) < 5:
                assert time.monotonic() < deadline
                reason_of(lambda: acknowledged.append(client.create(AES, 256)))
        time_is_up = time.monotonic() + 5
        while it.refusals([*acknowledged][:1]) != [None]:
            assert time.monotonic() < time_is_up
        assert sorted(it.opened()) == sorted(acknowledged)


@pytest.mark.parametrize("ending", ["closed", "truncated"])
def test_a_key_that_is_acknowledged_has_one_standard_key(ending: Ending, tmp_path: Path) -> None:
    """With two, whoever deletes one there has not revoked the key. So what may have been made is not made again: the operation fails."""
    with estate("kmip-for-vmware", tmp_path) as it, it.pykmip() as client:
        with it.simulator.disturbed(Disturbance(ending=ending, method="POST", path="*/keys", times=1)):
            assert reason_of(lambda: client.create(AES, 256)) == "GENERAL_FAILURE"
            assert client.locate() == []
        left = it.standard_keys()
        with it.simulator.disturbed(Disturbance(status=503, method="POST", path="*/keys", times=1)):
            identifier = client.create(AES, 256)
        assert it.standard_keys() == left + 1
        assert len(client.get(identifier).value) == 32


def test_a_migration_from_the_classic_service_to_the_native_one(tmp_path: Path) -> None:
    """A native adapter beside the classic service; every machine gets a key there; then the classic one is taken away."""
    with (
        running_simulator() as simulator,
        estate_on(simulator, "kmip-for-vmware", tmp_path / "classic") as classic,
        estate_on(simulator, "keyprotect-native", tmp_path / "native") as native,
    ):
        old = classic.fill(machines=3)
        with native.vcenter() as vcenter, classic.vcenter() as before:
            vcenter.establishes_trust()
            for identifier, key in old.items():
                assert before.hands_over(identifier) == key, "what re-encrypts a machine needs its old key"
                vcenter.encrypts_another_machine(VirtualMachine(identifier))
        assert set(classic.opened()) & set(native.opened()) == set(), "nothing is moved, everything is made anew"
        everything = native.opened()
        assert classic.standard_keys() == len(old)
        service = Region(classic.state_dir)
        with pytest.raises(StillActive):
            service.delete(classic.owner)
        deletion = service.delete(classic.owner, force=True)
        assert (deletion.complete, deletion.destroyed, classic.standard_keys()) == (True, len(old), 0)
        assert refusal(classic.target) is not None, "nobody is let in any more"
        goes_on(native, everything)
