"""What the tests of the front door share: the command as a process, a running lab, and a few words of KMIP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from kmip_conformance.client import Target, connect
from kmip_conformance.requests import create_symmetric_key, get, request
from kmip_conformance.tables import V1_4, Tag
from kmip_conformance.wire import Response, ResponseBatchItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.client import Connection
    from kmip_conformance.wire import Item

KMIPLAB = (sys.executable, "-P", "-m", "kmiplab")
START_SECONDS = 30.0


def kmiplab(*words: str | Path, stdin: bytes = b"", cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    command = [*KMIPLAB, *map(str, words)]
    ended = subprocess.run(command, capture_output=True, input=stdin, timeout=60, env=os.environ | environment, cwd=cwd, check=False)
    return subprocess.CompletedProcess(command, ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@dataclass(frozen=True)
class Lab:
    """A `kmiplab up` that answers; ``ready`` is its ready file, ``log`` the file with all that it printed."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    ready_file: Path
    log: Path

    @property
    def target(self) -> Target:
        kmip = self.ready["kmip"]
        files = {name: Path(kmip[name]) for name in ("ca", "cert", "key")}
        return Target(kmip["host"], kmip["port"], username=kmip["username"], password=kmip["password"], **files)

    @property
    def state_dir(self) -> Path:
        return Path(self.ready["kmip"]["state_dir"])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def key_protect(self, method: str, path: str, body: dict[str, Any] | None = None, *, instance: str | None = None) -> httpx.Response:
        """A call of the Key Protect API, as anybody with the API key can make it, of the lab's instance or another."""
        told = self.ready["key_protect"]
        with httpx.Client(trust_env=False) as client:
            form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": told["api_key"]}
            token = client.post(told["iam_url"], data=form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": instance or told["instance_id"]}
            return client.request(method, f"{told['url']}/api/v2{path}", headers=headers, json=body)

    def control(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call of the simulator's control API."""
        url = f"{self.ready['key_protect']['url']}/_simulator{path}"
        response = httpx.request(method, url, json=body, trust_env=False)
        response.raise_for_status()
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer

    def crk(self, action: str) -> None:
        """Rotate, disable or enable the lab's root key."""
        self.key_protect("POST", f"/keys/{self.ready['key_protect']['crk_id']}/actions/{action}").raise_for_status()


@contextmanager
def up(folder: Path, *words: str | Path, kmip_port: int = 0, http_port: int = 0) -> Iterator[Lab]:
    """A lab whose state is ``folder``/state; it is killed at the end of the block unless it has ended before."""
    ready_file, log = folder / "ready.json", folder / "up.log"
    ports = ("--kmip-port", str(kmip_port), "--http-port", str(http_port))
    command = [*KMIPLAB, "up", *ports, "--state-dir", str(folder / "state"), "--ready-file", str(ready_file), *map(str, words)]
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0)
    try:
        yield Lab(process, wait_for(ready_file, process, log), ready_file, log)
    finally:
        process.kill()
        process.wait()


def wait_for(ready_file: Path, process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """What the ready file of this process says, once it is there."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        if ready_file.exists():
            ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
            if ready["pid"] == process.pid:
                return ready
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.01)


def ask(connection: Connection, item: Item) -> ResponseBatchItem:
    """The answer to one batch item."""
    answer = connection.exchange(request(V1_4, item)).response
    assert isinstance(answer, bytes), answer
    return Response.read(answer).batch_items[0]


def create(connection: Connection) -> str:
    """A new AES-256 key."""
    identifier = ask(connection, create_symmetric_key(length=256)).unique_identifier
    assert identifier is not None
    return identifier


def material(connection: Connection, identifier: str) -> bytes | None:
    """The key's bytes; None when Get fails."""
    return ask(connection, get(identifier)).payload.octets(Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK, Tag.KEY_VALUE, Tag.KEY_MATERIAL)


def created_with_material(lab: Lab) -> tuple[str, bytes]:
    """A new key, and its bytes."""
    with connect(lab.target) as connection:
        identifier = create(connection)
        found = material(connection, identifier)
    assert found is not None
    return identifier, found
