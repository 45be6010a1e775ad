"""No secret where it does not belong: not in what is logged, not in what others see of a process."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from kmip_conformance.client import connect
from kmip_conformance.requests import credential
from kmip_conformance.requests.vcenter import Vcenter
from kmip_conformance.tables import ResultStatus
from kmip_conformance.wire import Response
from labs import KMIPLAB, material, up
from test_chain_of_keys import forms

if TYPE_CHECKING:
    from kmip_conformance.client import Connection

PASSWORD = "correct-horse-battery-staple"


def encrypts_a_vm(connection: Connection, vcenter: Vcenter) -> str:
    """The calls of one encryption (S3), on one connection."""

    def call(message: bytes) -> Response:
        return Response.read(connection.exchange(message).answer)

    call(vcenter.discover_versions())
    call(vcenter.query())
    identifier = call(vcenter.create()).batch_items[0].unique_identifier
    assert identifier is not None
    for message in (
        vcenter.add_product_tags(identifier),
        vcenter.get(identifier),
        vcenter.get_state(identifier),
        vcenter.activate(identifier),
    ):
        call(message)
    return identifier


@pytest.mark.parametrize("form", ["json", "human"])
def test_what_a_lab_prints_while_vcenter_works_holds_no_secret(tmp_path: Path, form: str) -> None:
    with up(tmp_path, "--log-level", "debug", "--log-format", form, "--cache-seconds", "0") as lab:
        told = lab.ready["key_protect"]
        token = httpx.post(
            told["iam_url"], data={"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": told["api_key"]}, trust_env=False
        ).json()["access_token"]
        lab.key_protect("POST", f"/keys/{told['crk_id']}/actions/wrap", {"plaintext": "c2VjcmV0"})
        wrong = "a-password-that-is-wrong"
        with connect(lab.target) as connection:
            identifier = encrypts_a_vm(connection, Vcenter(credential("kmiplab", lab.ready["kmip"]["password"])))
            refused = Response.read(connection.exchange(Vcenter(credential("kmiplab", wrong)).get(identifier)).answer)
            assert refused.batch_items[0].result_status == ResultStatus.OPERATION_FAILED
            key = material(connection, identifier)
            assert key is not None
        assert lab.end() == 0
        log = lab.log.read_bytes()
    assert identifier.encode() in log, "the log has the calls in it"
    assert log.count(b"\n") > 10
    private = [line.encode() for line in (lab.state_dir / "client.key").read_text().splitlines()[1:-1]]
    secrets = [lab.ready["kmip"]["password"], wrong, told["api_key"], token, token.rpartition(".")[2]]
    assert [secret for secret in (*[text.encode() for text in secrets], *private) if secret in log] == []
    assert not any(encoded in log for encoded in forms(key))


def command_lines(pid: int) -> set[bytes]:
    """The command lines of a process and of all below it."""
    found, waiting = set(), [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        with suppress(OSError):  # it has ended
            found.add((process / "cmdline").read_bytes())
            for children in process.glob("task/*/children"):
                waiting += map(int, children.read_text().split())
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
def test_a_password_that_the_environment_or_a_file_gave_is_in_no_process_list(tmp_path: Path) -> None:
    environment = os.environ | {"KMIPLAB_PASSWORD": PASSWORD}
    password_file = tmp_path / "password"
    password_file.write_text("another-secret-word")
    with up(tmp_path) as lab:
        target = lab.target
        files = ("--target", target.address, "--ca", target.ca, "--cert", target.cert, "--key", target.key, "--report-dir", tmp_path / "r")
        check = ("check", *files, "--jobs", "2", "--select", "destroy.unknown-object-not-found", "--username", "kmiplab")
        load = ("load", *files, "--duration", "1s", "--users", "2", "--processes", "2", "--password-file", password_file)
        seen: set[bytes] = set()
        for words in (check, load):
            with subprocess.Popen(
                [*KMIPLAB, *map(str, words)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as process:
                while process.poll() is None:
                    seen |= command_lines(process.pid)
                    time.sleep(0.02)
    assert any(b"--jobs" in line for line in seen)
    assert any(b"--processes" in line for line in seen)
    assert len(seen) > 2, "their own processes are among them"
    assert not any(secret in line for line in seen for secret in (PASSWORD.encode(), b"another-secret-word"))
