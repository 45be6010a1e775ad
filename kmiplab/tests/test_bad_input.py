"""Whatever people give to the commands: the exit code of the design, what is wrong and why, what to do; no traceback, no secret."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_server.directory import pki
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.testing import RunningServer, running_server
from labs import KMIPLAB, kmiplab

from kmiplab.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "correct-horse-battery-staple"


@contextmanager
def answering(greeting: bytes, answer: bytes) -> Iterator[int]:
    """Something that is no KMIP server; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError), ExitStack() as open_connections:
                while True:
                    connection = open_connections.enter_context(listening.accept()[0])
                    with suppress(OSError):
                        connection.sendall(greeting)
                        if answer and connection.recv(4096):
                            connection.sendall(answer)
                            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Surroundings:
    """A server, a folder with bad files, and ports where something else listens: the words in the tables below."""

    server: RunningServer
    simulator: RunningSimulator
    folder: Path
    ports: dict[str, int]

    def words(self, line: str) -> list[str]:
        places = {"FOLDER": self.folder, "STATE": self.server.state_dir, "SERVER": f"127.0.0.1:{self.server.port}", **self.ports}
        places |= {"CLIENT": self.server.cert, "KEY": self.server.key, "CA": self.server.ca, "KP": self.simulator.url}
        return [re.sub(r"\b[A-Z]{2,}\b", lambda found: str(places.get(found[0], found[0])), word) for word in line.split()]


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    folder = tmp_path_factory.mktemp("bad")
    with ExitStack() as stack:
        simulator, server = stack.enter_context(running_simulator()), stack.enter_context(running_server(folder / "server"))
        ports = {
            "SSH": stack.enter_context(answering(b"SSH-2.0-OpenSSH_9.6\r\n", b"")),
            "WEB": stack.enter_context(answering(b"", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
            "PLAIN": stack.enter_context(answering(b"", b"\x42\x00\x7b\x01\x00\x00\x00\x00")),
            "SILENT": stack.enter_context(answering(b"", b"")),
            "CLOSED": free_port(),
        }
        bad_files(folder, server, simulator)
        yield Surroundings(server, simulator, folder, ports)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def bad_files(folder: Path, server: RunningServer, simulator: RunningSimulator) -> None:
    authority = pki.load_key_pair(server.ca, server.state_dir / "ca.key")
    expired = pki.create_client_certificate(authority, "expired", days=-1)
    expired.write(folder / "expired.pem", folder / "expired.key")
    with closing(SqliteDirectory(server.state_dir / "kmip.db")) as directory:
        directory.add_certificate(server.client.id, expired.certificate_pem.decode())
    pki.create_client_certificate(authority, "stranger").write(folder / "stranger.pem", folder / "stranger.key")
    pki.create_authority().write(folder / "otherca.pem", folder / "otherca.key")
    (folder / "half.pem").write_bytes(server.cert.read_bytes()[:500])
    (folder / "half.key").write_bytes(server.key.read_bytes()[:500])
    (folder / "afile").write_text("not a folder")
    (folder / "adir").mkdir()
    (folder / "half.toml").write_text("[targets")
    (folder / "kmip.toml").write_text(f'[targets.lab]\naddress = 5\npassword = "{PASSWORD}"\n')
    (folder / "noise.toml").write_bytes(bytes(range(128, 256)))
    (folder / "wrong-api-key").write_text("x" * 44)
    (folder / "api-key").write_text(simulator.lab.api_key)
    (folder / "empty").write_text("")
    for name, content in (("halfrun", b'{"kind'), ("noiserun", bytes(range(128, 256))), ("emptyrun", b"")):
        (folder / name).mkdir()
        (folder / name / "run.jsonl").write_bytes(content)
        shutil.copytree(folder / name, folder / f"{name}load")
        (folder / f"{name}load" / "run.jsonl").rename(folder / f"{name}load" / "load.json")


PAIR = "--ca CA --cert CLIENT --key KEY"
SERVE = "serve --port 0 --state-dir FOLDER/state"
KEY_PROTECT = f"{SERVE} --wrapping key-protect --kp-instance-id i --kp-crk-id c"
UP = "up --kmip-port 0 --http-port 0 --state-dir FOLDER/lab"
REPORT = "--report-dir FOLDER/report"
CHECK, LOAD = f"check {REPORT}", f"load {REPORT} --duration 1s --users 1"

TARGETS = [
    # both commands that speak to a target say the same
    (f"--target 127.0.0.1:CLOSED {PAIR}", 6, "refuses the connection"),
    (f"--target 127.0.0.1:SSH {PAIR}", 6, "is an SSH server"),
    (f"--target 127.0.0.1:WEB {PAIR}", 6, "is a web server"),
    (f"--target 127.0.0.1:PLAIN {PAIR}", 6, "TLS"),
    (f"--target 127.0.0.1:SILENT {PAIR} --timeout 0.5", 6, "does not answer"),
    (f"--target no.such.host.invalid:5696 {PAIR}", 6, "no.such.host.invalid"),
    (f"--target nowhere {PAIR}", 4, "HOST:PORT"),
    (f"--target 127.0.0.1:70000 {PAIR}", 4, "HOST:PORT"),
    ("--target SERVER --ca FOLDER/otherca.pem --cert CLIENT --key KEY", 6, "certificate"),
    ("--target SERVER --ca CA --cert FOLDER/stranger.pem --key FOLDER/stranger.key", 6, "certificate"),
    ("--target SERVER --ca CA --cert FOLDER/expired.pem --key FOLDER/expired.key", 6, "expired"),
    ("--target SERVER --ca CA", 6, "certificate"),
    ("--target SERVER --ca FOLDER/none.pem --cert CLIENT --key KEY", 4, "none.pem cannot be read"),
    ("--target SERVER --ca FOLDER/half.pem --cert CLIENT --key KEY", 4, "half.pem holds no CA certificate"),
    ("--target SERVER --ca FOLDER/adir --cert CLIENT --key KEY", 4, "adir"),
    ("--target SERVER --ca CA --cert FOLDER/half.pem --key KEY", 4, "half.pem"),
    ("--target SERVER --ca CA --cert CLIENT --key FOLDER/half.key", 4, "half.key"),
    ("--target SERVER --ca CA --cert CLIENT --key FOLDER/stranger.key", 4, "is not the private key of"),
    (PAIR, 4, "--target is missing"),
    ("--config FOLDER/none.toml --target-name lab", 4, "none.toml cannot be read"),
    ("--config FOLDER/half.toml --target-name lab", 4, "half.toml cannot be read"),
    ("--config FOLDER/noise.toml --target-name lab", 4, "noise.toml cannot be read"),
    ("--config FOLDER/kmip.toml --target-name lab", 4, "address has to be a text"),
    ("--config FOLDER/kmip.toml --target-name other", 4, "has no target 'other'"),
    (f"--target SERVER {PAIR} --password-file FOLDER/none", 4, "none"),
    (f"--target SERVER {PAIR} --report-dir FOLDER/afile/report", 4, "afile"),
    (f"--target SERVER {PAIR} --timeout nan", 4, "--timeout"),
    (f"--target SERVER {PAIR} --no-such-option", 4, "--no-such-option"),
]
OTHERS = [
    (f"{UP} --kmip-port SSH", 4, "is in use"),
    (f"{UP} --http-port SSH", 4, "in use"),
    (f"{UP} --admin-port SSH", 4, "is in use"),
    (f"{UP} --workers 2 --kmip-port SSH", 4, "is in use"),
    (f"{UP} --host 192.0.2.1", 4, "192.0.2.1"),
    (f"{UP} --host no.such.host.invalid", 4, "no.such.host.invalid"),
    (f"{UP} --region mars", 4, "mars"),
    (f"{UP} --personality mars", 4, "mars"),
    (f"{UP} --cache-seconds nan", 4, "--cache-seconds"),
    (f"{UP} --database postgresql://me:{PASSWORD}@host/db", 4, "SQLite"),
    (f"{UP} --state-dir FOLDER/afile", 4, "afile"),
    (f"{UP} --state-dir FOLDER/afile/state", 4, "the state folder"),
    (f"{UP} --ready-file FOLDER/afile/ready.json", 4, "there can be no ready file"),
    (f"{UP} --ready-file FOLDER/adir", 4, "adir"),
    (f"{SERVE} --port SSH", 4, "is in use"),
    (f"{SERVE} --state-dir FOLDER/afile/state", 4, "afile"),
    (f"{SERVE} --cert FOLDER/half.pem --key KEY", 4, "half.pem is not a PEM certificate"),
    (f"{SERVE} --cert CLIENT --key FOLDER/half.key", 4, "half.key is not a PEM private key"),
    (f"{SERVE} --cert CLIENT --key FOLDER/stranger.key", 4, "does not fit"),
    (f"{SERVE} --cert FOLDER/expired.pem --key FOLDER/expired.key", 4, "expired on"),
    (f"{SERVE} --cert FOLDER/adir --key KEY", 4, "is a directory"),
    (f"{SERVE} --ready-file FOLDER/afile/ready.json", 4, "there can be no ready file"),
    (f"{KEY_PROTECT} --kp-url KP --kp-iam-url KP/identity/token --kp-api-key-file FOLDER/wrong-api-key", 4, "API key"),
    (f"{KEY_PROTECT} --kp-url KP --kp-iam-url KP/identity/token --kp-api-key-file FOLDER/api-key", 4, "Key Protect"),
    (f"{KEY_PROTECT} --kp-url KP --kp-api-key-file FOLDER/none", 4, "none cannot be read"),
    (f"{KEY_PROTECT} --kp-url KP --kp-api-key-file FOLDER/empty", 4, "no API key"),
    ("simulate --port SSH", 4, "in use"),
    ("simulate --port 0 --state-dir FOLDER/afile", 4, "afile"),
    ("simulate --port 0 --ready-file FOLDER/afile/ready.json", 4, "there can be no ready file"),
    ("client list --state-dir FOLDER/nothing", 4, "has no kmip.db"),
    ("client remove x --state-dir FOLDER/nothing", 4, "has no kmip.db"),
    ("client remove x --state-dir STATE", 4, "no client and no certificate x"),
    ("client add x --state-dir FOLDER/afile/state", 4, "afile"),
    ("client add ../x --state-dir STATE", 4, "cannot be the name of a file"),
    ("client add client --state-dir STATE --out-dir STATE", 4, "is there already"),
    ("client add x --state-dir STATE --out-dir FOLDER/afile/x", 4, "cannot be written"),
    ("client add z --state-dir STATE --username z --out-dir FOLDER", 4, "no terminal"),
    ("client add y --state-dir STATE --cert FOLDER/half.pem", 4, "not a PEM certificate"),
    ("client add y --state-dir STATE --cert CLIENT", 4, "pinned already"),
    ("client add y --state-dir STATE --cert FOLDER/stranger.pem --username u --password-file FOLDER/empty", 4, "is empty"),
    ("client credential client --state-dir STATE", 4, "one of --user"),
    ("client credential client --user u --hashed-password u --state-dir STATE", 4, "one of --user"),
    ("client credential nobody --user u --state-dir STATE", 4, "there is no client nobody"),
    ("client credential x --user u --state-dir FOLDER/nothing", 4, "has no kmip.db"),
    ("client credential client --device serial=12 --state-dir STATE", 4, "device-serial-number"),
    ("client credential client --device device-identifier --state-dir STATE", 4, "FIELD=VALUE"),
    ("client credential client --user u --remove --state-dir STATE", 4, "no such credential"),
    ("client credential client --user u --password-file FOLDER/empty --state-dir STATE", 4, "is empty"),
    ("report FOLDER/nothing", 4, "is not there"),
    ("report FOLDER/afile", 4, "not a folder"),
    ("report FOLDER/adir", 4, "holds neither"),
    *((f"report FOLDER/{name}run{kind}", 4, f"{name}run{kind}") for name in ("half", "noise", "empty") for kind in ("", "load")),
    ("decode FOLDER/nothing", 4, "neither hexadecimal nor a file"),
    ("decode FOLDER/adir", 4, "Is a directory"),
    ("decode FOLDER/empty", 4, "this is no TTLV"),
    ("decode FOLDER/half.pem", 4, "this is no TTLV"),
    ("explain no-such-check", 4, "there is no check"),
    ("check --list --select no-such-family", 5, "no-such-family"),
    ("check --kmip-version one", 4, "--kmip-version"),
    ("check --profile no-such-profile", 4, "no-such-profile"),
    ("load --profile no-such-profile", 4, "no-such-profile"),
    ("load --duration soon", 4, "soon"),
    ("load --fail-if sometimes", 4, "sometimes"),
]
TABLE = [*((f"{command} {rest}", code, words) for rest, code, words in TARGETS for command in (CHECK, LOAD)), *OTHERS]


def assert_told(code: object, said: str, expected: int, words: str) -> None:
    assert "Traceback" not in said
    assert code == expected, said
    assert words in said
    assert " hint: " in said or "--help' for help" in said
    assert PASSWORD not in said


@pytest.mark.parametrize(("line", "expected", "words"), TABLE, ids=[line for line, *_ in TABLE])
def test_it_is_told(
    surroundings: Surroundings,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    expected: int,
    words: str,
) -> None:
    monkeypatch.setenv("KMIPLAB_PASSWORD", PASSWORD)
    with pytest.raises(SystemExit) as ended:
        main(surroundings.words(line))
    said = "".join(capfd.readouterr())
    assert_told(ended.value.code, said, expected, words)
    assert surroundings.simulator.lab.api_key not in said
    assert not any(secret in said for secret in surroundings.server.key.read_text().splitlines()[1:-1])


def test_the_folders_of_others_are_as_before(surroundings: Surroundings) -> None:
    assert not (surroundings.folder / "nothing").exists()
    assert not (surroundings.folder / "x.key").exists()


def test_a_client_that_was_refused_is_not_half_there(surroundings: Surroundings, capfd: pytest.CaptureFixture[str]) -> None:
    for line in ("client add w --state-dir STATE --out-dir FOLDER/afile/x", "client add w --state-dir STATE --cert CLIENT"):
        with pytest.raises(SystemExit):
            main(surroundings.words(line))
    with pytest.raises(SystemExit):
        main(surroundings.words("client list --state-dir STATE"))
    listed = capfd.readouterr().out
    assert "client" in listed
    assert "w" not in listed.split()


@pytest.mark.parametrize("words", [("check", "--list"), ("--version",)])
def test_whoever_reads_may_leave(words: tuple[str, ...]) -> None:
    with subprocess.Popen([*KMIPLAB, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 2


def test_a_process_says_it_as_well(surroundings: Surroundings) -> None:
    ended = kmiplab(*surroundings.words(f"{CHECK} --target 127.0.0.1:SSH {PAIR}"), KMIPLAB_PASSWORD=PASSWORD)
    assert_told(ended.returncode, ended.stderr, 6, "is an SSH server")
