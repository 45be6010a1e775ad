"""`kmiplab load` as people run it: what it prints, writes and ends with."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from kmip_load.profiles import PROFILES
from kmip_reports.records_load import read_load

from kmiplab.commands.load import PROFILE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kmip_conformance.client import Target

COMMAND = [sys.executable, "-P", "-m", "kmiplab", "load"]


def words_for(target: Target, folder: Path, *more: str) -> list[str]:
    files = ["--ca", str(target.ca), "--cert", str(target.cert), "--key", str(target.key)]
    short = ["--users", "2", "--keys", "2", "--duration", "1s", "--report-dir", str(folder)]
    return [*COMMAND, "--target", target.address, *files, *short, *more]


def load(target: Target, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words_for(target, folder, *more), capture_output=True, text=True, timeout=120, check=False)


def test_a_run_shows_and_writes_what_it_measured(target: Target, tmp_path: Path) -> None:
    done = load(target, tmp_path, "--fail-if", "rps<1", "--fail-if", "Get p99>60s")

    assert done.returncode == 0, done.stderr
    record = read_load(tmp_path / "load.json")
    assert f"{record.requests:,} requests, 0 failed" in done.stdout
    assert str(tmp_path / "index.html") in done.stdout
    assert (tmp_path / "index.html").stat().st_size > 10_000
    assert record.profile == "steady-get"
    assert record.target["address"] == target.address
    assert record.target["kmip_versions"]
    assert "--profile steady-get" in record.command
    assert "Get" in done.stdout
    assert "destroying 2 keys" in done.stderr


def test_a_crossed_rule_fails_the_run_and_is_named(target: Target, tmp_path: Path) -> None:
    done = load(target, tmp_path, "--fail-if", "max>0us", "--fail-if", "rps<1")

    assert done.returncode == 1
    assert "✘ max>0us" in done.stdout
    assert "rps<1" not in done.stdout


def test_ctrl_c_keeps_what_was_measured_and_cleans_up(target: Target, tmp_path: Path) -> None:
    running = subprocess.Popen(words_for(target, tmp_path, "--duration", "2m"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    said = next(line for line in running.stderr if "/s" in line)
    running.send_signal(signal.SIGINT)
    output, rest = running.communicate(timeout=60)

    assert running.returncode == 2, said + rest
    record = read_load(tmp_path / "load.json")
    assert not record.complete
    assert record.requests > 0
    assert record.duration_seconds < 60
    assert "interrupted after" in record.notes[0]
    assert "! interrupted after" in output
    assert "destroying 2 keys" in rest


@pytest.fixture
def web_server() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_web_server_is_not_a_kmip_server(web_server: int, target: Target, tmp_path: Path) -> None:
    done = load(target, tmp_path, "--target", f"127.0.0.1:{web_server}")

    assert done.returncode == 6
    assert "web server" in done.stderr
    assert "hint:" in done.stderr


def test_a_closed_port_and_a_wrong_ca_are_told_apart(target: Target, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = load(target, tmp_path, "--target", f"127.0.0.1:{closed.getsockname()[1]}")
    stranger = load(target, tmp_path, "--ca", str(target.cert))

    assert (nobody.returncode, stranger.returncode) == (6, 6)
    assert "nobody listens there" in nobody.stderr
    assert "certificate" in stranger.stderr
    assert not (tmp_path / "load.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fail-if", "p98>5"], "--fail-if 'p98>5' is not a threshold"),
        (["--duration", "soon"], "'soon' is no duration"),
        (["--duration", "0s"], "'0s' is no duration"),
        (["--users", "0"], "--users"),
        (["--processes", "3"], "--processes 3 is more than --users 2"),
        (["--profile", "fast"], "--profile"),
        (["--target", "kms"], "write HOST:PORT"),
        (["--report-dir", "/dev/null/reports"], "/dev/null/reports"),
        (["--password-file", "/nowhere"], "/nowhere"),
        (["--cert", "/nowhere.pem"], "/nowhere.pem"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(words: list[str], said: str, target: Target, tmp_path: Path) -> None:
    done = load(target, tmp_path, *words)

    assert done.returncode == 4, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_target_from_a_file(target: Target, tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    table = {"address": target.address, "ca": target.ca, "cert": target.cert, "key": target.key}
    file.write_text("[targets.here]\n" + "".join(f'{name} = "{value}"\n' for name, value in table.items()))

    words = [*COMMAND, "--config", str(file), "--users", "1", "--keys", "1", "--duration", "0.5s", "--report-dir", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert read_load(tmp_path / "load.json").target["name"] == "here"


def test_a_password_is_neither_shown_nor_written(target: Target, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("correct-horse\n")
    done = load(target, tmp_path / "report", "--username", "nobody", "--password-file", str(password))

    assert done.returncode == 4, "this client has no password, so its credential is refused"
    assert "refused Create" in done.stderr
    assert "correct-horse" not in done.stdout + done.stderr


def test_the_profiles_that_the_command_offers_are_those_that_there_are() -> None:
    assert tuple(PROFILES) == PROFILE_NAMES
