"""`kmiplab up`: the ready file, signals, a second start, and being killed at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import stat
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from keyprotect_simulator.settings import REGIONS
from kmip_conformance.client import connect
from kmip_conformance.errors import TargetError
from kmip_conformance.requests import query
from kmip_conformance.tables import QueryFunction, ResultReason
from labs import KMIPLAB, START_SECONDS, ask, create, created_with_material, kmiplab, material, up

from kmiplab.commands.up import REGION_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_conformance.client import Target


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_answers_and_ends_with_0(tmp_path: Path, end: signal.Signals) -> None:
    with up(tmp_path) as lab:
        assert stat.S_IMODE(lab.ready_file.stat().st_mode) == 0o600
        assert set(lab.ready["kmip"]) >= {"host", "port", "ca", "cert", "key"}
        assert set(lab.ready["key_protect"]) == {"url", "iam_url", "api_key", "instance_id", "crk_id", "adapter_id"}
        assert len(created_with_material(lab)[1]) == 32
        assert lab.key_protect("GET", f"/keys/{lab.ready['key_protect']['crk_id']}/metadata").status_code == 200
        assert {stat.S_IMODE(file.stat().st_mode) for file in lab.state_dir.iterdir()} == {0o600}
        with connect(lab.target):  # an open connection does not hold it up
            assert lab.end(end) == 0
    assert not lab.ready_file.exists()
    assert "Traceback" not in lab.log.read_text()


def test_a_second_start_has_the_same_identities_and_keys(tmp_path: Path) -> None:
    with up(tmp_path) as lab:
        identifier, key = created_with_material(lab)
        first = lab.ready
        files = {name: (lab.state_dir / name).read_bytes() for name in ("ca.pem", "server.pem", "client.pem", "client.password", "api-key")}
        assert lab.end() == 0
    with up(tmp_path) as lab, connect(lab.target) as connection:
        assert material(connection, identifier) == key
        assert {name: (lab.state_dir / name).read_bytes() for name in files} == files
        for part, name in (("kmip", "password"), *(("key_protect", name) for name in ("api_key", "instance_id", "crk_id", "adapter_id"))):
            assert lab.ready[part][name] == first[part][name]


def create_until_it_dies(target: Target, acknowledged: list[str], first: threading.Event) -> None:
    try:
        with connect(target) as connection:
            while True:
                acknowledged.append(create(connection))
                first.set()
    except (TargetError, OSError, AssertionError):
        return


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """The whole lab is killed under load and started again at once, on the same ports."""
    acknowledged: list[str] = []
    chance, ports = random.Random(20261123), {}
    for _ in range(4):
        with up(tmp_path, **ports) as lab:
            ports = {"kmip_port": lab.ready["kmip"]["port"], "http_port": int(lab.ready["key_protect"]["url"].rpartition(":")[2])}
            first = threading.Event()
            clients = [threading.Thread(target=create_until_it_dies, args=(lab.target, acknowledged, first)) for _ in range(3)]
            for client in clients:
                client.start()
            assert first.wait(20)
            time.sleep(chance.uniform(0.0, 0.3))
            lab.process.kill()
            for client in clients:
                client.join()
    with up(tmp_path, **ports) as lab, connect(lab.target) as connection:
        assert len(acknowledged) >= 4
        assert all(material(connection, identifier) for identifier in acknowledged)


@pytest.mark.slow
def test_a_first_start_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    """Killed as soon as a file appears, one file later each time."""
    words = ("up", "--kmip-port", "0", "--http-port", "0", "--state-dir", str(tmp_path / "state"))
    for name in ("key-protect.master-key", "key-protect.sqlite3", "ca.key", "kmip.db", "client.key", "client.pem", "server.key"):
        process = subprocess.Popen([*KMIPLAB, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + START_SECONDS
        while not (tmp_path / "state" / name).exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, name
        process.kill()
        process.communicate()
    with up(tmp_path) as lab:
        created_with_material(lab)


@pytest.mark.parametrize("workers", ["2"])
def test_several_workers_and_the_admin_port(tmp_path: Path, workers: str) -> None:
    with up(tmp_path, "--workers", workers, "--admin-port", "0") as lab:
        identifier, key = created_with_material(lab)
        for _ in range(6):
            with connect(lab.target) as connection:
                assert material(connection, identifier) == key
        admin = f"http://127.0.0.1:{lab.ready['kmip']['admin_port']}"
        health = httpx.get(f"{admin}/healthz", trust_env=False)
        assert (health.status_code, health.json()["status"]) == (200, "ok")
        assert "kmip" in httpx.get(f"{admin}/metrics", trust_env=False).text
        lab.crk("disable")
        health = httpx.get(f"{admin}/healthz", trust_env=False)
        assert health.status_code == 503
        assert "not active" in health.json()["wrapping"]
        assert lab.end() == 0


@pytest.mark.parametrize(("personality", "refused"), [("keyprotect-native", True), ("kmip-for-vmware", False)])
def test_a_personality_is_worn(tmp_path: Path, personality: str, refused: bool) -> None:
    with up(tmp_path, "--personality", personality) as lab, connect(lab.target) as connection:
        reason = ask(connection, query(QueryFunction.QUERY_OPERATIONS)).result_reason
        assert create(connection)
    assert (reason == ResultReason.OPERATION_NOT_SUPPORTED) is refused


def test_the_regions_of_the_command_are_those_of_the_simulator() -> None:
    assert REGION_NAMES == REGIONS


def test_a_state_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    """Even the ready file of the one that runs stays."""
    with up(tmp_path) as lab:
        words = ("--state-dir", lab.state_dir, "--kmip-port", "0", "--http-port", "0", "--ready-file", lab.ready_file)
        second = kmiplab("up", *words)
        assert (second.returncode, "in use" in second.stderr, "hint:" in second.stderr) == (4, True, True)
        assert json.loads(lab.ready_file.read_text())["pid"] == lab.process.pid
        created_with_material(lab)
        assert lab.end() == 0
        assert not lab.ready_file.exists()


@pytest.mark.parametrize("left", ['{"pid": 1999999999}', "half a fi", "", '{"pid": "x"}', "[]"])
def test_what_a_killed_lab_left_as_its_ready_file_is_taken_away(tmp_path: Path, left: str) -> None:
    stale = tmp_path / "ready.json"
    stale.write_text(left)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = kmiplab("up", "--http-port", port, "--kmip-port", "0", "--state-dir", tmp_path / "state", "--ready-file", stale)
    assert ended.returncode == 4
    assert not stale.exists()


def test_a_ready_file_of_another_lab_that_runs_is_replaced_only_when_this_one_answers(tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text(json.dumps({"pid": os.getpid()}))
    with up(tmp_path) as lab:
        assert json.loads(lab.ready_file.read_text())["pid"] == lab.process.pid
