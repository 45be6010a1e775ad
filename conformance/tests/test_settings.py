"""Targets from a file, and targets that have to be started first."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest
from kmip_conformance.judge.errors import RunRefused
from kmip_conformance.runner.configuration import configured_target
from kmip_conformance.runner.setup import started

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[targets.staging]
address = "kms.example.com:5696"
ca = "certs/ca.pem"
other-cert = "/etc/second.pem"
username = "vcenter"
password-file = "secret"
profiles = ["vcenter"]

[targets.lab]
address = "localhost:5696"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "kmiplab.toml"
    path.write_text(text)
    return path


def test_files_are_relative_to_the_configuration_and_the_password_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("open sesame\n")

    settings = configured_target(written(tmp_path, GOOD), "staging")

    assert settings == {
        "name": "staging",
        "address": "kms.example.com:5696",
        "ca": tmp_path / "certs/ca.pem",
        "other_cert": settings["ca"].__class__("/etc/second.pem"),
        "username": "vcenter",
        "password": "open sesame",
        "profiles": ["vcenter"],
    }


def test_a_single_target_needs_no_name(tmp_path: Path) -> None:
    assert configured_target(written(tmp_path, '[targets.only]\naddress = "a:1"\n'), None)["name"] == "only"


@pytest.mark.parametrize(
    ("text", "name", "complaint"),
    [
        ("[targets", None, "cannot be read"),
        ("", None, "names no target"),
        (GOOD, None, "names several targets"),
        (GOOD, "production", "no target 'production'"),
        ('[targets.a]\naddres = "a:1"\n', "a", "addres is no setting"),
        ('[targets.a]\nserver = "a:1"\n', "a", "server is no setting"),
        ("[targets.a]\naddress = 5696\n", "a", "has to be a text"),
        ('[targets.a]\nprofiles = "vcenter"\n', "a", "has to be a list of texts"),
        ("[targets.a]\nprofiles = [1]\n", "a", "has to be a list of texts"),
        ("[targets]\na = 3\n", "a", "is no table"),
        ('[targets.a]\npassword-file = "none"\n', "a", "password file"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused_with_the_place(tmp_path: Path, text: str, name: str | None, complaint: str) -> None:
    with pytest.raises(RunRefused, match=complaint) as refusal:
        configured_target(written(tmp_path, text), name)

    assert str(tmp_path) in str(refusal.value)
    assert refusal.value.hint


def test_a_misspelt_setting_is_met_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(RunRefused) as refusal:
        configured_target(written(tmp_path, '[targets.a]\nother_cert = "second.pem"\n'), "a")

    assert refusal.value.hint == "did you mean other-cert?"


@pytest.fixture
def port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
    return number


LISTENER = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nwhile True: s.accept()"


def test_a_target_is_started_waited_for_and_stopped(tmp_path: Path, port: int) -> None:
    (tmp_path / "listener.py").write_text(LISTENER)

    with started(f"{sys.executable} {tmp_path}/listener.py {port}", "127.0.0.1", port, tmp_path / "setup.log"):
        socket.create_connection(("127.0.0.1", port)).close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("/no/such/program", "cannot be run"),
        ("'", "cannot be run"),
        (f"{sys.executable} -c 'raise SystemExit(3)'", "exit code 3"),
        (f"{sys.executable} -c 'import time; time.sleep(60)'", "nothing listens"),
    ],
)
def test_a_target_that_does_not_start_is_refused(tmp_path: Path, port: int, command: str, complaint: str) -> None:
    with pytest.raises(RunRefused, match=complaint), started(command, "127.0.0.1", port, tmp_path / "setup.log", within=0.3):
        pass


def test_a_port_that_is_taken_is_not_judged_by_mistake(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(RunRefused, match="something listens on"),
        started("true", "127.0.0.1", taken.getsockname()[1], tmp_path / "setup.log"),
    ):
        pass
