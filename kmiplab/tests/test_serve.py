"""`kmiplab serve` and `kmiplab client`, as processes: what they print, and how they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KMIPLAB = (sys.executable, "-m", "kmiplab")
DISCOVER_VERSIONS = bytes.fromhex(
    "42007801000000604200770100000038420069010000002042006a0200000004000000010000000042006b0200000004000000010000000042000d0200000004"
    "000000010000000042000f010000001842005c05000000040000001e000000004200790100000000"
)


def kmiplab(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*KMIPLAB, *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, dict[str, str]]]]:
    ready_file = folder / "ready.json"
    command = [*KMIPLAB, "serve", "--port", "0", "--state-dir", str(folder / "state"), "--ready-file", str(ready_file), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while not ready_file.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process, json.loads(ready_file.read_text())
    finally:
        process.kill()
        process.communicate()


def discovers(kmip: dict[str, str], folder: Path) -> bytes:
    context = ssl.create_default_context(cafile=kmip["ca"])
    context.load_cert_chain(folder / "tester.pem", folder / "tester.key")
    with (
        socket.create_connection((kmip["host"], int(kmip["port"])), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.sendall(DISCOVER_VERSIONS)
        return secure.recv(4096)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_client_is_let_in_and_out_while_the_server_runs(tmp_path: Path, end: signal.Signals, workers: str) -> None:
    with serving(tmp_path, "--workers", workers) as (process, ready):
        state = tmp_path / "state"
        added = kmiplab("client", "add", "tester", "--state-dir", state, "--out-dir", tmp_path)
        assert added.returncode == 0, added.stderr
        assert discovers(ready["kmip"], tmp_path).startswith(b"\x42\x00\x7b\x01")
        assert "tester" in kmiplab("client", "list", "--state-dir", state).stdout
        assert kmiplab("client", "remove", "tester", "--state-dir", state).returncode == 0
        with suppress(OSError):
            assert discovers(ready["kmip"], tmp_path) == b""
        process.send_signal(end)
        output, log = process.communicate(timeout=30)
        assert process.returncode == 0, log
        assert "KMIP on 127.0.0.1:" in output
        assert "Traceback" not in log
        assert not (tmp_path / "ready.json").exists()


CREDENTIALS = [
    (("--user", "helper"), "Username and password  helper"),
    (("--device", "device-serial-number=12", "--device", "media-identifier=x"), "Device  device_serial_number=12 media_identifier=x"),
    (("--one-time-password", "tester"), "One time password  tester  2"),
    (("--hashed-password", "hasher"), "Hashed password  hasher"),
]


def test_credentials_are_registered_listed_and_taken_away(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret-1\n\nsecret-2\n")
    folder = ("--state-dir", tmp_path / "state")
    assert kmiplab("client", "add", "tester", *folder, "--out-dir", tmp_path).returncode == 0
    for arguments, _ in CREDENTIALS:
        added = kmiplab("client", "credential", "tester", *arguments, *folder, "--password-file", tmp_path / "password")
        assert added.returncode == 0, added.stderr
    listed = kmiplab("client", "list", *folder).stdout
    assert [line.strip() for line in listed.splitlines()][1:5] == [line for _, line in CREDENTIALS]
    assert "secret" not in listed
    for arguments, _ in CREDENTIALS:
        assert kmiplab("client", "credential", "tester", *arguments, *folder, "--remove").returncode == 0
    assert len(kmiplab("client", "list", *folder).stdout.splitlines()) == 2


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = kmiplab("serve", "--port", str(taken.getsockname()[1]), "--state-dir", tmp_path)
    assert outcome.returncode == 4
    assert "in use" in outcome.stderr
    assert "hint:" in outcome.stderr


def test_a_corrupt_state_folder(tmp_path: Path) -> None:
    (tmp_path / "kmip.db").write_text("not a database at all " * 100)
    for arguments in (("serve", "--port", "0"), ("client", "list")):
        outcome = kmiplab(*arguments, "--state-dir", tmp_path)
        assert outcome.returncode == 4
        assert "not a SQLite database" in outcome.stderr
        assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--wrapping", "key-protect"), "--kp-url, --kp-instance-id, --kp-crk-id"),
        (("--wrapping", "key-protect", "--kp-url", "http://127.0.0.1:9", "--kp-instance-id", "i", "--kp-crk-id", "c"), "no API key"),
        (("--cert", "nowhere.pem"), "belong together"),
        (("--cert", "nowhere.pem", "--key", "nowhere.key"), "cannot be read"),
        (("--host", "no.such.host.invalid"), "no address"),
        (("--personality", "unheard-of"), "unheard-of"),
    ],
)
def test_settings_that_cannot_work(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    outcome = kmiplab("serve", "--port", "0", "--state-dir", tmp_path / "state", *arguments, KMIPLAB_KEY_PROTECT_API_KEY="")
    assert outcome.returncode == 4
    assert words in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_what_is_no_certificate_or_no_client(tmp_path: Path) -> None:
    (tmp_path / "notes.pem").write_text("my notes")
    added = kmiplab("client", "add", "x", "--cert", tmp_path / "notes.pem", "--state-dir", tmp_path)
    assert (added.returncode, "not a PEM certificate" in added.stderr) == (4, True)
    removed = kmiplab("client", "remove", "x", "--state-dir", tmp_path)
    assert (removed.returncode, "has no kmip.db" in removed.stderr) == (4, True)
