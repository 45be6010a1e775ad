"""KMIP for VMware: what it refuses, what it goes through, who comes in, and what the rights of its service ID do."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from keyprotect_simulator.roles import Role
from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_conformance.client import Target, connect
from kmip_conformance.errors import TargetError
from labs import KMIPLAB, Lab, create, created_with_material, kmiplab, material, up, wait_for
from services import manager, pair, service

from kmiplab.lab_client import directory_of
from kmiplab.service import KeyManager, Region, ServiceRefused, Status, running_region
from kmiplab.service.running import validate_all

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = "http://127.0.0.1:1"


# -- order and configure


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


def no_crk(simulator: RunningSimulator) -> KeyManager:
    another = simulator.add_instance()
    identity = simulator.add_service_id(Role.VIEWER, Role.MANAGER, instance_id=another)
    return manager(simulator, instance_id=another, api_key=identity.api_key)


def allowed(*roles: Role):
    return lambda simulator: manager(simulator, api_key=simulator.add_service_id(*roles).api_key)


MISSING = {
    "an API key": (lambda simulator: manager(simulator, api_key="k" * 44), "api-key-refused"),
    "an instance": (lambda simulator: manager(simulator, instance_id="0d2f1f5a-0000-4000-8000-000000000000"), "instance-refused"),
    "Key Protect": (lambda simulator: manager(simulator, url=NOWHERE), "key-protect-unreachable"),
    "IAM": (lambda simulator: manager(simulator, iam_url=f"{NOWHERE}/identity/token"), "iam-unreachable"),
    "IAM, something else": (lambda simulator: manager(simulator, iam_url=f"{simulator.url}/x"), "iam-unreachable"),
    "a URL": (lambda simulator: manager(simulator, url="key-protect"), "unusable-url"),
    "Writer (a Reader)": (allowed(Role.VIEWER, Role.READER), "service-role-missing"),
    "Writer (a ReaderPlus)": (allowed(Role.VIEWER, Role.READER_PLUS), "service-role-missing"),
    "any service role": (allowed(Role.VIEWER), "service-role-missing"),
    "Viewer": (allowed(Role.WRITER), "platform-role-missing"),
    "a root key": (no_crk, "no-root-key"),
}


@pytest.mark.parametrize("thing", MISSING)
def test_what_is_missing_is_refused_by_its_own_reason_and_nothing_is_ordered(tmp_path: Path, simulator: RunningSimulator, thing: str):
    make, reason = MISSING[thing]
    told = make(simulator)
    with pytest.raises(ServiceRefused) as refused:
        Region(tmp_path / "state").order(told)
    assert refused.value.reason == reason
    assert refused.value.hint
    assert refused.value.exit_code == (6 if reason.endswith("unreachable") else 4)
    assert told.api_key not in f"{refused.value}{refused.value.hint}{told!r}"
    assert list(Region(tmp_path / "state").instances()) == []


@pytest.mark.parametrize("roles", [(Role.VIEWER, Role.WRITER), (Role.VIEWER, Role.MANAGER), (Role.EDITOR, Role.MANAGER)])
def test_writer_or_manager_with_viewer_suffices(tmp_path: Path, simulator: RunningSimulator, roles: tuple[Role, ...]):
    ordered = Region(tmp_path).order(allowed(*roles)(simulator))
    assert ordered.status is Status.INACTIVE
    assert len(ordered.name) == 7
    assert ordered.name.startswith("kmip-")


def test_each_status_on_the_way_can_be_gone_on_from(tmp_path: Path, simulator: RunningSimulator):
    """A command that was killed has left its status, with or without what comes after it."""
    region = Region(tmp_path / "state", name="eu-de")
    first = region.order(manager(simulator), name="kmip-ab")
    region.records.put(dataclasses.replace(first, status=Status.INSTALLING))
    again = region.order(manager(simulator), name="kmip-ab")
    assert (again.id, again.status, again.region) == (first.id, Status.INACTIVE, "eu-de")
    assert Region(tmp_path / "state").name == "eu-de"
    pems = {"one": pair(tmp_path, "one"), "two": pair(tmp_path, "two")}
    with pytest.raises(ServiceRefused, match="cannot be had"):
        region.configure("kmip-ab", crk_id="3a9b1c1e-0000-4000-8000-000000000000")
    assert region.instance("kmip-ab").status is Status.INACTIVE
    region.configure("kmip-ab", crk_id=simulator.crk_id, certificates={"one": pems["one"]})
    region.records.put(dataclasses.replace(first, status=Status.CONFIGURING))
    assert region.configure("kmip-ab", crk_id=simulator.crk_id, certificates=pems).status is Status.INSTALLED
    assert [one.name for one in region.certificates("kmip-ab")] == ["one", "two"]
    for act, reason in (
        (lambda: region.order(manager(simulator), name="kmip-ab"), "name-taken"),
        (lambda: region.configure("kmip-ab", crk_id=simulator.crk_id), "not-inactive"),
        (lambda: region.instance("kmip-cd"), "no-such-instance"),
        (lambda: region.order(manager(simulator), name="-"), "unusable-name"),
    ):
        with pytest.raises(ServiceRefused) as refused:
            act()
        assert refused.value.reason == reason


def test_a_standard_key_or_a_suspended_one_is_no_root_key(tmp_path: Path, simulator: RunningSimulator):
    region = Region(tmp_path)
    region.order(manager(simulator), name="kmip-ab")
    keys = []
    for extractable in (True, False):
        resource = {"type": "application/vnd.ibm.kms.key+json", "name": "another", "extractable": extractable}
        collection = {"collectionType": "application/vnd.ibm.kms.key+json", "collectionTotal": 1}
        made = simulator.operate("POST", "/api/v2/keys", body={"metadata": collection, "resources": [resource]})
        keys.append(made.json()["resources"][0]["id"])
    simulator.disable_key(keys[1])
    for key, reason in zip(keys, ("not-a-root-key", "root-key-not-active"), strict=True):
        with pytest.raises(ServiceRefused) as refused:
            region.configure("kmip-ab", crk_id=key)
        assert refused.value.reason == reason


# -- certificates


def test_names_are_unique_in_an_instance_and_certificates_in_the_region(tmp_path: Path, simulator: RunningSimulator):
    region = Region(tmp_path)
    for name in ("kmip-ab", "kmip-cd"):
        region.order(manager(simulator), name=name)
    pem, other = pair(tmp_path, "one"), pair(tmp_path, "two")
    with pytest.raises(ServiceRefused, match="is Inactive"):
        region.add_certificate("kmip-ab", "one", pem)
    for name in ("kmip-ab", "kmip-cd"):
        region.configure(name, crk_id=simulator.crk_id)
    region.add_certificate("kmip-ab", "one", pem)
    for instance, name, text, reason in (
        ("kmip-ab", "one", other, "certificate-name-taken"),
        ("kmip-ab", "two", pem, "certificate-in-use"),
        ("kmip-cd", "one", pem, "certificate-in-use"),
        ("kmip-ab", "two", "no certificate", "unreadable-certificate"),
        ("kmip-ab", "two", other + other, "unreadable-certificate"),
        ("kmip-ab", "", other, "unusable-name"),
    ):
        with pytest.raises(ServiceRefused) as refused:
            region.add_certificate(instance, name, text)
        assert refused.value.reason == reason
    region.add_certificate("kmip-cd", "one", other)  # a name of the other instance is free
    with pytest.raises(ServiceRefused, match="has no certificate two"):
        region.delete_certificate("kmip-ab", "two")
    region.delete_certificate("kmip-ab", "one")
    assert region.add_certificate("kmip-cd", "two", pem).pem.split() == pem.split()


def test_a_deleted_certificate_shuts_its_client_out_at_once_and_an_added_one_lets_it_in(tmp_path: Path):
    """Connections that are open are no way around it, at either endpoint; another client of the instance goes on."""
    with service(tmp_path) as running:
        again = pair(tmp_path, "second")
        running.region.add_certificate("kmip-ab", "second", again)
        with connect(running.target("second")) as second, connect(running.target()) as one, connect(running.target(endpoint=1)) as other:
            key = create(one)
            secret = material(other, key)
            assert secret == material(second, key)
            running.region.delete_certificate("kmip-ab", "vcenter")
            for connection in (one, other):
                assert not serves(connection, key)
            assert material(second, key) == secret
        assert not answers(running.target(), [(key, secret)])
        running.region.add_certificate("kmip-ab", "vcenter", (tmp_path / "vcenter.pem").read_text())
        with connect(running.target()) as one:
            assert material(one, key) == secret


def serves(connection, key: str) -> bool:
    """Whether a request on an open connection is answered with the key."""
    try:
        return material(connection, key) is not None
    except (TargetError, OSError, AssertionError):
        return False


# -- endpoints


def test_either_endpoint_serves_every_key_when_the_other_is_killed(tmp_path: Path):
    with service(tmp_path) as running:
        with connect(running.target()) as one:
            keys = [(key, material(one, key)) for key in (create(one), create(one))]
        os.kill(running.running.processes[0].pid, signal.SIGKILL)
        with connect(running.target(endpoint=1)) as other:
            assert [(key, material(other, key)) for key, _ in keys] == keys
            keys.append(created_with(other))
        deadline = time.monotonic() + 20
        while not answers(running.target(), keys):  # it is started again, on the same port
            assert time.monotonic() < deadline
            time.sleep(0.05)


def created_with(connection) -> tuple[str, bytes | None]:
    key = create(connection)
    return key, material(connection, key)


def answers(target: Target, keys) -> bool:
    try:
        with connect(target) as connection:
            return [(key, material(connection, key)) for key, _ in keys] == keys
    except (TargetError, OSError, AssertionError):
        return False


# -- rights


def test_rights_are_validated_and_what_is_missing_is_kept_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with running_simulator() as simulator:
        region = Region(tmp_path)
        identity = simulator.add_service_id(Role.VIEWER, Role.MANAGER)
        region.order(manager(simulator, api_key=identity.api_key), name="kmip-ab")
        region.configure("kmip-ab", crk_id=simulator.crk_id)
        for spoil, mend, word in (
            (lambda: simulator.set_roles(identity.service_id, Role.VIEWER), None, "neither Writer nor Manager"),
            (lambda: simulator.set_roles(identity.service_id, Role.MANAGER), None, "not a platform Viewer"),
            (lambda: simulator.set_roles(identity.service_id, Role.VIEWER, Role.MANAGER), None, None),
            (simulator.disable_key, simulator.enable_key, "not active"),
        ):
            spoil()
            caplog.clear()
            with caplog.at_level(logging.INFO, "kmiplab.service"):
                validate_all(region)
            found = Region(tmp_path).instance("kmip-ab")
            assert (word in found.problem) if word and found.problem else found.problem is word
            assert (word or "no problem any more") in caplog.text
            assert identity.api_key not in caplog.text
            assert found.validated_at is not None
            assert found.validated_at >= int(time.time()) - 5
            if mend:
                mend()
        with simulator.unreachable():
            assert "cannot be reached" in (region.validate("kmip-ab").problem or "")
        assert region.validate("kmip-ab").problem is None


def test_it_is_validated_periodically_while_it_runs(tmp_path: Path):
    with service(tmp_path, validate_seconds=0.1) as running:
        running.simulator.revoke_api_key()
        deadline = time.monotonic() + 20
        while "IAM refuses the API key" not in (running.region.instance("kmip-ab").problem or ""):
            assert time.monotonic() < deadline
            time.sleep(0.02)


# -- the command line


def region_key(folder: Path) -> str:
    return Region(folder).key_manager("kmip-ab").api_key


def test_the_commands_from_order_to_endpoints(tmp_path: Path, simulator: RunningSimulator):
    state = ("--state-dir", tmp_path / "state")
    key_file = tmp_path / "api-key"
    key_file.write_text(simulator.api_key + "\n")
    where = ("--kp-url", simulator.url, "--kp-iam-url", simulator.iam_url, "--kp-instance-id", simulator.instance_id)

    def run(*words: str | Path, code: int = 0, **environment: str) -> str:
        ended = kmiplab("service", *words, *state, **environment)
        assert ended.returncode == code, ended.stderr
        assert simulator.api_key not in ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended.stdout if code == 0 else ended.stderr

    assert "nothing was ordered" in run("show", code=4)
    assert not (tmp_path / "state").exists()
    assert "no API key" in run("order", *where, code=4)
    assert "Inactive" in run("order", "--name", "kmip-ab", *where, KMIPLAB_KEY_PROTECT_API_KEY=simulator.api_key)
    assert "Inactive" in run("order", "--name", "kmip-cd", *where, "--kp-api-key-file", key_file)
    pem = pair(tmp_path, "vcenter")
    certificate = f"vcenter={tmp_path / 'vcenter.pem'}"
    configured = json.loads(run("configure", "kmip-ab", "--crk-id", simulator.crk_id, "--certificate", certificate, "--json"))
    assert (configured["status"], configured["problem"], configured["crk_id"]) == ("Installed", None, simulator.crk_id)
    assert [line.split()[0] for line in run("show").splitlines()] == ["Name", "kmip-ab", "kmip-cd"]
    assert "not running" in run("show", "kmip-ab")
    assert "do not run" in run("endpoints", code=4)
    second = pair(tmp_path, "second")
    run("certificates", "add", "kmip-ab", "second", "--cert", tmp_path / "second.pem")
    assert [one["name"] for one in json.loads(run("certificates", "list", "kmip-ab", "--json"))] == ["vcenter", "second"]
    run("certificates", "download", "kmip-ab", "second", "--out", tmp_path / "out.pem")
    assert (tmp_path / "out.pem").read_text().split() == second.split()
    assert run("certificates", "download", "kmip-ab", "vcenter").split() == pem.split()
    run("certificates", "delete", "kmip-ab", "second")
    assert "has no certificate second" in run("certificates", "delete", "kmip-ab", "second", code=4)
    assert "none" in run("validate", "kmip-ab")
    another = simulator.add_service_id(Role.MANAGER, Role.VIEWER)
    key_file.write_text(another.api_key)
    assert json.loads(run("renew", "kmip-ab", "--kp-api-key-file", key_file, "--json"))["problem"] is None
    assert region_key(tmp_path / "state") == another.api_key
    with running_region(tmp_path / "state") as running:
        assert [(one["host"], one["port"]) for one in json.loads(run("endpoints", "--json"))] == list(running.endpoints)


def test_both_endpoints_run_until_a_signal(tmp_path: Path, simulator: RunningSimulator):
    region = Region(tmp_path / "state")
    region.order(manager(simulator), name="kmip-ab")
    region.configure("kmip-ab", crk_id=simulator.crk_id, certificates={"vcenter": pair(tmp_path, "vcenter")})
    ready_file, log = tmp_path / "ready.json", tmp_path / "log"
    words = ("service", "run", "--port", "0", "--port", "0", "--state-dir", tmp_path / "state", "--ready-file", ready_file)
    with log.open("wb") as output:
        process = subprocess.Popen([*KMIPLAB, *map(str, words)], stdout=output, stderr=output, process_group=0)
    try:
        ready = wait_for(ready_file, process, log)
        shown = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        assert simulator.api_key not in shown
        assert len([line for line in shown.splitlines() if line.split()[1] == str(process.pid)]) == 2
        key = None
        for place in ready["kmip_endpoints"]:
            files = tmp_path / "vcenter.pem", tmp_path / "vcenter.key"
            with connect(Target(place["host"], place["port"], Path(ready["kmip"]["ca"]), *files)) as connection:
                key = key or create(connection)
                assert material(connection, key) is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert not ready_file.exists()
    assert list(region.endpoints()) == []
    said = log.read_text()
    assert "Traceback" not in said
    assert simulator.api_key not in said


def test_an_endpoint_needs_a_port_of_its_own(tmp_path: Path):
    for words in (("--port", "5696"), ("--port", "5696", "--port", "5696")):
        refused = kmiplab("service", "run", *words, "--state-dir", tmp_path)
        assert refused.returncode == 4
        assert "two ports" in refused.stderr


def test_a_shell_is_offered_the_instances(tmp_path: Path, simulator: RunningSimulator):
    Region(tmp_path).order(manager(simulator), name="kmip-ab")
    words = f"kmiplab service show --state-dir {tmp_path} km"
    completed = kmiplab(_KMIPLAB_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
    assert completed.stdout.split(",")[-1].strip() == "kmip-ab"


# -- in a lab


def test_a_lab_of_the_classic_personality_is_an_ordered_and_configured_service(tmp_path: Path):
    with up(tmp_path, "--personality", "kmip-for-vmware") as lab:
        first, second = lab.ready["kmip_endpoints"]
        assert (first["host"], first["port"]) == (lab.ready["kmip"]["host"], lab.ready["kmip"]["port"])
        key, secret = created_with_material(lab)
        with connect(dataclasses.replace(lab.target, port=second["port"])) as connection:
            assert material(connection, key) == secret
        [instance] = Region(lab.state_dir).instances()
        assert (instance.name, instance.status, instance.problem) == ("kmip-lab", Status.INSTALLED, None)
        assert len(Region(lab.state_dir).endpoints()) == 2
        assert lab.end() == 0
    assert f"KMIP          127.0.0.1:{first['port']}, 127.0.0.1:{second['port']}\n" in lab.log.read_text()
    assert "Traceback" not in lab.log.read_text()
    with up(tmp_path) as lab:  # another personality has another client, and the files are the same
        created_with_material(lab)
    with up(tmp_path, "--personality", "kmip-for-vmware") as lab, connect(lab.target) as connection:
        assert material(connection, key) == secret
        assert client_names(lab) == ["client", "kmip-lab"] or "kmip-lab" in client_names(lab)


def client_names(lab: Lab) -> list[str]:
    with directory_of(lab.state_dir) as directory:
        return sorted(client.name for client in directory.clients() if directory.certificates(client.id))
