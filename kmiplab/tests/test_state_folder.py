"""A lab's state folder in every state of disrepair: refused in words, with nothing lost, or mended and whole."""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest
from kmip_conformance.client import Target, connect
from kmip_conformance.requests import credential, get, request
from kmip_conformance.tables import V1_4, ResultStatus
from kmip_conformance.wire import Response
from kmip_server.directory import pki
from labs import create, kmiplab, material

from kmiplab.up import LabSettings, RunningLab, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def started(state_dir: Path, use: Callable[[Target], Any] = lambda _: None) -> dict[str, Any]:
    """Start the lab in this process, use it from a thread, end it; what its ready file would have said."""
    seen: list[RunningLab] = []

    async def lab() -> None:
        stop, used = asyncio.Event(), asyncio.Event()
        settings = LabSettings(state_dir, kmip_port=0, http_port=0, log_level="off")

        def ready(running: RunningLab) -> None:
            seen.append(running)
            used.set()

        running = asyncio.create_task(run(settings, ready=ready, stop=stop))
        await asyncio.wait({running, waiting := asyncio.create_task(used.wait())}, return_when=asyncio.FIRST_COMPLETED)
        if used.is_set():
            kmip = seen[0].ready()["kmip"]
            files = {name: state_dir / kmip[name] for name in ("ca", "cert", "key")}
            await asyncio.to_thread(use, Target(kmip["host"], kmip["port"], username="kmiplab", password=kmip["password"], **files))
        waiting.cancel()
        stop.set()
        await running

    asyncio.run(lab())
    return seen[0].ready()


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A state folder with a key in it, and the key's id."""
    folder, identifiers = tmp_path_factory.mktemp("used") / "state", []

    def use(target: Target) -> None:
        with connect(target) as connection:
            identifiers.append(create(connection))

    started(folder, use)
    return folder, identifiers[0]


@pytest.fixture
def state(used: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(used[0], tmp_path / "state")


def gets(identifier: str) -> Callable[[Target], None]:
    """Fetch the key, with the certificate and with the password that the lab names."""

    def use(target: Target) -> None:
        assert target.username is not None
        with connect(target) as connection:
            assert material(connection, identifier)
            answer = connection.exchange(request(V1_4, get(identifier), credential=credential(target.username, target.password))).answer
        assert Response.read(answer).batch_items[0].result_status == ResultStatus.SUCCESS

    return use


def garbage(path: Path) -> None:
    path.write_bytes(bytes(range(128, 256)) * 24)


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def gone(path: Path) -> None:
    path.unlink()


PAIRS = ("ca.pem", "ca.key", "client.pem", "client.key", "server.pem", "server.key", "server-ecdsa.pem", "server-ecdsa.key")
MENDED = {
    # what only tells others what the databases know, or can be made again from what is there
    *((name, damage) for name in ("api-key", "kmip.db.epoch", "kmip.db.clients") for damage in (garbage, halved, emptied, gone)),
    *((name, gone) for name in ("ca.pem", "client.pem", "client.password", "server.pem", "server-ecdsa.pem")),
    ("client.password", halved),  # twelve characters are a password too, and the file is what people read
}
BEGINS_ANEW = {("kmip.db", gone)}  # somebody has removed it
OTHERS = ("client.password", "api-key", "kmip.db", "kmip.db.epoch", "kmip.db.clients", "key-protect.sqlite3", "key-protect.master-key")
CASES = [
    *((name, damage) for name in PAIRS for damage in (garbage, halved, gone)),
    *((name, damage) for name in OTHERS for damage in (garbage, halved, emptied, a_folder, gone)),
]


@pytest.mark.parametrize(("name", "damage"), CASES, ids=[f"{name}-{damage.__name__}" for name, damage in CASES])
def test_a_damaged_file(state: Path, used: tuple[Path, str], name: str, damage: Callable[[Path], None]) -> None:
    damage(state / name)
    if (name, damage) in MENDED:
        started(state, gets(used[1]))
        return
    if (name, damage) in BEGINS_ANEW:
        started(state)
        return
    with pytest.raises(Exception, match=r".") as refusal:
        started(state)
    assert getattr(refusal.value, "exit_code", None) == 4, refusal.value
    assert name.partition(".")[0] in str(refusal.value)
    assert getattr(refusal.value, "hint", "")
    if name in PAIRS:
        return
    restored = state / name
    if restored.is_dir():
        restored.rmdir()
    shutil.copy2(used[0] / name, restored)
    started(state, gets(used[1]))


@pytest.mark.parametrize(
    ("gone_files", "kept"),
    [
        (("client.pem", "client.key"), "ca.pem"),
        (("server.pem", "server.key"), "ca.pem"),
        (("ca.pem", "ca.key"), "client.pem"),
        (("client.pem", "client.key", "ca.pem", "ca.key", "server.pem", "server.key"), "client.password"),
    ],
)
def test_certificates_that_were_removed_are_made_again(state: Path, used: tuple[Path, str], gone_files: tuple[str, ...], kept: str) -> None:
    for name in gone_files:
        (state / name).unlink()
    started(state, gets(used[1]))
    assert (state / kept).read_bytes() == (used[0] / kept).read_bytes()
    assert all((state / name).read_bytes() != (used[0] / name).read_bytes() for name in gone_files)


def test_an_expired_certificate_is_said_and_how_to_renew_it(state: Path) -> None:
    authority = pki.load_key_pair(state / "ca.pem", state / "ca.key")
    pki.create_client_certificate(authority, "client", days=-1).write(state / "client.pem", state / "client.key")
    with pytest.raises(Exception, match=r"client\.pem expired on") as refusal:
        started(state)
    assert "remove both" in getattr(refusal.value, "hint", "")


def test_a_password_that_was_changed_in_its_file_holds(state: Path, used: tuple[Path, str]) -> None:
    (state / "client.password").write_text("chosen-by-somebody\n")
    assert started(state, gets(used[1]))["kmip"]["password"] == "chosen-by-somebody"


def test_a_clock_that_is_behind_is_said(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Before(pki.dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.fromtimestamp(time.time() - 86_400 * 400, tz)

    monkeypatch.setattr(pki.dt, "datetime", Before)
    with pytest.raises(Exception, match="valid only from"):
        started(state)


def test_the_command_says_it_in_words(state: Path) -> None:
    garbage(state / "client.key")
    ended = kmiplab("up", "--state-dir", state, "--kmip-port", "0", "--http-port", "0")
    assert (ended.returncode, ended.stdout) == (4, "")
    assert f"error: {state / 'client.key'} is not a PEM private key" in ended.stderr
    assert "remove both" in ended.stderr
    assert "Traceback" not in ended.stderr
