"""The keys of KMIP for VMware: kept in Key Protect as standard keys, revoked there, destroyed with the service, and brought back."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.records import Key
from keyprotect_simulator.roles import Role
from keyprotect_simulator.testing import running_simulator
from kmip_conformance.client import connect
from kmip_conformance.judge.conversation import Conversation
from kmip_conformance.judge.proceedings import Proceedings
from kmip_conformance.requests import activate, destroy
from kmip_conformance.scenarios import vcenter_7_0_3
from kmip_conformance.tables import V1_1, ResultStatus
from kmip_server.store.sqlite import SqliteStore
from kmip_server.wrapping.standard_keys import body_of
from labs import KMIPLAB, ask, create, kmiplab, material
from services import Service, manager, pair, service

from kmiplab.lab_client import directory_of
from kmiplab.service import KeyManagerAway, ServiceRefused, Status, StillActive
from kmiplab.service.deletion import Removal
from kmiplab.service.key_protect import KeyProtect
from kmiplab.service.keys import ciphertext_of, living

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keyprotect_simulator.testing import RunningSimulator
    from kmip_conformance.client import Connection
    from kmip_conformance.scenarios import VCenter


def standard_keys(simulator: RunningSimulator, *, state: int = 1) -> dict[str, str]:
    """The standard keys in the simulator, by name: their ids."""
    found = [key for key in simulator.simulator.state.all(Key) if key.extractable and key.state.value == state]
    return {key.name: key.id for key in found}


def keys_of(connection: Connection, number: int = 3) -> dict[str, bytes | None]:
    """New keys, the first of them Active."""
    made = [create(connection) for _ in range(number)]
    assert ask(connection, activate(made[0])).result_status == ResultStatus.SUCCESS
    return {key: material(connection, key) for key in made}


def got(running: Service, keys: dict[str, bytes | None], endpoint: int = 0) -> dict[str, bytes | None]:
    with connect(running.target(endpoint=endpoint)) as connection:
        return {key: material(connection, key) for key in keys}


def test_each_key_is_a_standard_key_and_to_delete_that_revokes_that_key_alone(tmp_path: Path):
    with service(tmp_path, keeper_cache_seconds=0) as running:
        with connect(running.target()) as connection:
            keys = keys_of(connection)
        first, *others = keys
        kept = standard_keys(running.simulator)
        assert sorted(kept) == sorted(f"vmware_kmip-{key}" for key in keys)
        running.simulator.delete_key(kept[f"vmware_kmip-{first}"])
        assert got(running, keys) == keys | {first: None}
        running.simulator.restore_key(kept[f"vmware_kmip-{first}"])
        assert got(running, keys, endpoint=1) == keys
        assert len(others) == 2


# -- deletion


def stray(running: Service) -> None:
    """A standard key as a server leaves it that is killed before the key that it makes is durable."""
    running.simulator.operate("POST", "/api/v2/keys", body=body_of(running.instance.id, "4711", base64.b64encode(bytes(40))))


def test_active_keys_are_told_and_with_force_every_key_is_destroyed(tmp_path: Path):
    with service(tmp_path) as running:
        other = running.region.order(manager(running.simulator), name="kmip-cd")
        running.region.configure(other.id, crk_id=running.simulator.crk_id, certificates={"second": pair(tmp_path, "second")})
        with connect(running.target()) as connection, connect(running.target("second")) as second:
            keys, foreign = keys_of(connection), keys_of(second)
            assert ask(connection, destroy(list(keys)[-1])).result_status == ResultStatus.SUCCESS
            with pytest.raises(StillActive) as refused:
                running.region.delete("kmip-ab")
            assert (refused.value.active, refused.value.states) == (1, {"Pre-Active": 1, "Active": 1})
            assert running.region.active_keys("kmip-ab") == refused.value.states
            assert running.region.instance("kmip-ab").status is Status.INSTALLED
            stray(running)
            assert material(connection, next(iter(keys))) == next(iter(keys.values()))
            deletion = running.region.delete("kmip-ab", force=True)
            assert (deletion.complete, deletion.destroyed, deletion.standard_keys_kept) == (True, 2, 0)
            assert deletion.standard_keys_deleted in {3, 4}  # the stray one; that of the destroyed key, unless the server was quicker
            assert {key: material(second, key) for key in foreign} == foreign
        assert sorted(standard_keys(running.simulator)) == sorted(f"vmware_kmip-{key}" for key in foreign)
        assert [one.name for one in running.region.instances()] == ["kmip-cd"]
        with directory_of(running.region.state_dir) as directory:
            assert [keeper.name for keeper in directory.keepers()] == [other.id]
        running.region.delete("kmip-cd", force=True)
        ordered = running.region.order(manager(running.simulator), name="kmip-ab")
        running.region.configure(
            ordered.id, crk_id=running.simulator.crk_id, certificates={"again": (tmp_path / "vcenter.pem").read_text()}
        )
        assert got(running, keys) == dict.fromkeys(keys)


def test_no_byte_of_a_wrapped_key_is_left_in_the_store_after_a_deletion(tmp_path: Path):
    with service(tmp_path) as running:
        with connect(running.target()) as connection:
            keys_of(connection, 20)
        folder = running.region.state_dir
        with closing(SqliteStore(folder / "kmip.db")) as store:
            wrapped = [ciphertext_of(row.envelope) for row in living(store, running.instance.id) if row.envelope is not None]

        def left() -> set[str]:
            contents = {file.name: file.read_bytes() for file in folder.glob("kmip.db*")}
            return {name for name, content in contents.items() if any(text[-40:] in content for text in wrapped)}

        assert len(wrapped) == 20
        assert left()
        assert running.region.delete("kmip-ab", force=True).complete
        assert left() == set()


def test_wrapped_keys_may_be_kept_and_open_with_the_root_key(tmp_path: Path):
    with service(tmp_path) as running:
        with connect(running.target()) as connection:
            [(key, secret)] = keys_of(connection, 1).items()
        region = running.region
        killed = Removal(region.state_dir, region.records, running.instance, region.key_manager("kmip-ab"))
        killed.begin(force=True, keep_wrapped_keys=True)  # and no further
        with running.simulator.unreachable():  # nothing is asked of Key Protect
            deletion = region.delete("kmip-ab")  # that keys are kept was said before
        assert (deletion.destroyed, deletion.standard_keys_deleted, deletion.standard_keys_kept) == (1, 0, 1)
        [kept] = standard_keys(running.simulator).values()
        wrapped = running.simulator.operate("GET", f"/api/v2/keys/{kept}").json()["resources"][0]["payload"]
        body = {"ciphertext": wrapped, "aad": [key]}
        opened = running.simulator.operate("POST", f"/api/v2/keys/{running.simulator.crk_id}/actions/unwrap", body=body)
        assert base64.b64decode(opened.json()["plaintext"]) == secret
        assert list(running.region.instances()) == []


def test_a_deletion_that_cannot_go_on_stays_in_removing_and_goes_on_when_it_is_repeated(tmp_path: Path):
    with service(tmp_path) as running:
        with connect(running.target()) as connection:
            keys = keys_of(connection)
        with running.simulator.disturbed(Disturbance(status=503, path="/api/v2/keys", method="DELETE")):
            deletion = running.region.delete("kmip-ab", force=True)
        assert (deletion.complete, deletion.destroyed) == (False, 0)
        assert "3" in deletion.failures[0].why
        assert running.region.instance("kmip-ab").status is Status.REMOVING
        assert len(standard_keys(running.simulator)) == 3
        assert list(running.region.certificates("kmip-ab")) == []
        writer = running.simulator.add_service_id(Role.VIEWER, Role.WRITER)
        running.region.renew("kmip-ab", manager(running.simulator, api_key=writer.api_key))
        refused = running.region.delete("kmip-ab")  # who may only write may not delete
        assert sorted(failure.unique_identifier for failure in refused.failures if failure.unique_identifier) == sorted(keys)
        running.region.renew("kmip-ab", manager(running.simulator))
        assert running.region.delete("kmip-ab").standard_keys_deleted == 3  # without force: it was said before
        assert standard_keys(running.simulator) == {}
        with pytest.raises(ServiceRefused, match="no service instance"):
            running.region.instance("kmip-ab")


def test_a_deletion_that_is_killed_is_finished_by_the_same_command(tmp_path: Path):
    with service(tmp_path) as running:
        with connect(running.target()) as connection:
            keys_of(connection, 4)
        state = ("--state-dir", str(running.region.state_dir))
        command = [*KMIPLAB, "service", "delete", "kmip-ab", "--force", *state]
        with running.simulator.disturbed(Disturbance(delay=30.0, path="/api/v2/keys", method="DELETE", after=2)):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 20
            while len(standard_keys(running.simulator)) > 2:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.kill()
            process.wait()
        assert kmiplab("service", "show", "kmip-ab", *state).stdout.count("Removing") == 1
        ended = kmiplab("service", "delete", "kmip-ab", "--json", *state)
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)["failures"] == []
        assert standard_keys(running.simulator) == {}


# -- recovery

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def imported(simulator: RunningSimulator, material: bytes) -> str:
    """A root key of the customer's own material."""
    form = "application/vnd.ibm.kms.key+json"
    resource = {"type": form, "name": "byok", "extractable": False, "payload": base64.b64encode(material).decode()}
    body = {"metadata": {"collectionType": form, "collectionTotal": 1}, "resources": [resource]}
    return str(simulator.operate("POST", "/api/v2/keys", body=body).json()["resources"][0]["id"])


def rotated(simulator: RunningSimulator, key_id: str, material: bytes) -> None:
    body = {"payload": base64.b64encode(material).decode()}
    simulator.operate("POST", f"/api/v2/keys/{key_id}/actions/rotate", body=body)


def lost_service(tmp_path: Path, running: Service) -> dict[str, bytes | None]:
    """Keys under both versions of an imported root key, in the service instance kmip-cd, whose Key Protect then loses everything.

    The last one is of a virtual machine that vCenter has encrypted.
    """
    simulator = running.simulator
    crk_id = imported(simulator, OLD)
    running.region.order(manager(simulator), name="kmip-cd")
    running.region.configure("kmip-cd", crk_id=crk_id, certificates={"byok": pair(tmp_path, "byok")})
    with connect(running.target("byok")) as connection:
        keys = keys_of(connection, 2)
        rotated(simulator, crk_id, NEW)
        keys |= keys_of(connection, 1)
    with vcenter(running) as it:
        machine = it.encrypts_machine()
        keys[machine] = it.hands_over(machine)
    simulator.reset()
    with connect(running.target("byok")) as connection:
        assert {key: material(connection, key) for key in keys} == dict.fromkeys(keys)
    return keys


@contextmanager
def vcenter(running: Service) -> Iterator[VCenter]:
    """A vCenter whose certificate is the one of the lost service."""
    talk = Conversation(running.target("byok"), V1_1, Proceedings())
    try:
        yield vcenter_7_0_3(talk)
    finally:
        talk.hang_up_all()


def materials(folder: Path) -> list[str | Path]:
    (folder / "old.bin").write_bytes(OLD)
    (folder / "new.b64").write_text(base64.b64encode(NEW).decode() + "\n")
    return ["--material", folder / "old.bin", "--material", folder / "new.b64"]


def test_the_drill_brings_every_key_back_after_key_protect_lost_its_store(tmp_path: Path):
    with service(tmp_path, keeper_cache_seconds=0) as running:
        keys = lost_service(tmp_path, running)
        state = ("--state-dir", running.region.state_dir)
        with pytest.raises(ServiceRefused, match="none of the 5 keys") as refused:
            running.region.recover("kmip-cd", materials=[bytes(32)])
        assert refused.value.reason == "wrong-material"
        roots = [key for key in running.simulator.simulator.state.all(Key) if not key.extractable and key.state.value == 1]
        assert [key.id for key in roots] == [running.simulator.crk_id]  # nothing is left of what was wrong
        ended = kmiplab("service", "recover", "kmip-cd", *materials(tmp_path), "--json", *state)
        assert ended.returncode == 0, ended.stderr
        report = json.loads(ended.stdout)
        assert (report["recovered"], report["lost"]) == (5, [])  # vCenter's host key is the fifth
        for secret in (OLD, NEW, *keys.values()):
            assert secret is not None
            assert base64.b64encode(secret).decode() not in ended.stdout + ended.stderr
        with connect(running.target("byok", endpoint=1)) as connection:
            assert {key: material(connection, key) for key in keys} == keys
            assert material(connection, create(connection)) is not None
        with vcenter(running) as it:
            assert it.hands_over(list(keys)[-1]) == list(keys.values())[-1]
        assert {f"vmware_kmip-{key}" for key in keys} < set(standard_keys(running.simulator))
        assert running.region.instance("kmip-cd").crk_id == report["crk_id"] == report["imported"][-1]
        kept = standard_keys(running.simulator)
        again = running.region.recover("kmip-cd", materials=[NEW])  # it may be repeated
        assert (again.recovered, again.lost) == (6, ())
        assert standard_keys(running.simulator) == kept  # what is there already is not put there twice
        with connect(running.target("byok")) as connection:
            assert {key: material(connection, key) for key in keys} == keys


def test_a_key_that_was_revoked_stays_so_and_one_whose_material_is_missing_is_told(tmp_path: Path):
    with service(tmp_path, keeper_cache_seconds=0) as running:
        simulator = running.simulator
        crk_id = imported(simulator, OLD)
        running.region.order(manager(simulator), name="kmip-cd")
        running.region.configure("kmip-cd", crk_id=crk_id, certificates={"byok": pair(tmp_path, "byok")})
        with connect(running.target("byok")) as connection:
            revoked, old = keys_of(connection, 2)
            rotated(simulator, crk_id, NEW)
            [new] = keys_of(connection, 1)
        simulator.delete_key(standard_keys(simulator)[f"vmware_kmip-{revoked}"])
        simulator.delete_key(crk_id)
        recovery = running.region.recover("kmip-cd", materials=[NEW])
        assert recovery.recovered == 1
        assert [failure.unique_identifier for failure in recovery.lost] == [revoked, old]
        assert "revoked" in recovery.lost[0].why
        with connect(running.target("byok")) as connection:
            assert material(connection, new) is not None
            assert material(connection, old) is None
        assert running.region.recover("kmip-cd", materials=[OLD, NEW]).recovered == 2


def test_keys_can_be_recovered_into_another_key_protect(tmp_path: Path):
    with service(tmp_path, keeper_cache_seconds=0) as running, running_simulator(region="eu-de") as elsewhere:
        keys = lost_service(tmp_path, running)
        running.simulator.stop()
        recovery = running.region.recover("kmip-cd", materials=[OLD, NEW], key_manager=manager(elsewhere))
        assert (recovery.recovered, recovery.instance.key_manager_instance) == (5, elsewhere.instance_id)
        with connect(running.target("byok")) as connection:
            assert {key: material(connection, key) for key in keys} == keys
        assert {f"vmware_kmip-{key}" for key in keys} < set(standard_keys(elsewhere))


def test_a_root_key_whose_answer_was_lost_is_not_imported_twice():
    with running_simulator() as simulator, KeyProtect(manager(simulator)) as key_protect:
        key_protect.sign_in()
        with (
            simulator.disturbed(Disturbance(ending="closed", method="POST", path="/api/v2/keys", times=1)),
            pytest.raises(KeyManagerAway, match="may have made a key"),
        ):
            key_protect.import_root_key("byok", OLD)
        with simulator.disturbed(Disturbance(status=503, method="POST", path="/api/v2/keys", times=1)):
            key_protect.import_root_key("another", OLD)
        names = [key.name for key in simulator.simulator.state.all(Key)]
        assert (names.count("byok"), names.count("another")) == (1, 1)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, base64.b64encode(bytes(31))])
def test_what_is_no_key_material_is_refused(tmp_path: Path, content: bytes):
    from kmiplab.service.materials import material_in

    (tmp_path / "material").write_bytes(content)
    with pytest.raises(ServiceRefused) as refused:
        material_in(tmp_path / "material")
    assert refused.value.reason == "unusable-material"
    for length in (16, 24, 32):
        for form in (bytes(length), base64.b64encode(bytes(length)) + b"\n"):
            (tmp_path / "material").write_bytes(form)
            assert material_in(tmp_path / "material") == bytes(length)
