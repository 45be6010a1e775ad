"""A lab of one's own: `kmiplab up` in a child process, on free ports, gone when the block ends.

Used by every command that is run without a target. The lab is a real one, a process of its own behind real sockets, so that what it is
asked is exactly what any other target would be asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kmiplab.errors import LabDidNotStart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

READY_WITHIN = 30.0
"""Seconds that a lab may take to come up; two are usual."""

STOPPED_WITHIN = 10.0
"""Seconds that a lab may take to end after SIGTERM, before it is killed."""


@contextmanager
def running_lab(state_dir: Path | None = None, arguments: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Start a lab on free ports of 127.0.0.1, and yield what its ready file says (design, Contracts).

    A second client is registered while it runs: ``other_cert`` and ``other_key`` are a self-signed leaf without Extended Key Usage, such as
    vCenter makes for itself. The state folder is temporary unless ``state_dir`` names one; ``arguments`` are further options of
    `kmiplab up`. Raises `LabDidNotStart` with what the lab itself said.
    """
    with tempfile.TemporaryDirectory(prefix="kmiplab-") as temporary:
        folder = Path(temporary)
        ready_file = folder / "ready.json"
        words = ["--host", "127.0.0.1", "--kmip-port", "0", "--http-port", "0", "--state-dir", str(state_dir or folder / "state")]
        command = [sys.executable, "-P", "-m", "kmiplab", "up", *words, "--ready-file", str(ready_file), *arguments]
        with (folder / "lab.log").open("w+", encoding="utf-8") as log:
            # A process group of its own: Ctrl-C reaches whoever uses the lab, not the lab under its hands.
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0)  # noqa: S603 - our own
            try:
                ready = _wait_until_ready(process, ready_file, log)
                ready["kmip"] |= _register_second_client(Path(ready["kmip"]["state_dir"]))
                yield ready
            finally:
                _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], ready_file: Path, log: IO[str]) -> dict[str, Any]:
    deadline = time.monotonic() + READY_WITHIN
    while not ready_file.exists():
        if process.poll() is not None:
            raise LabDidNotStart(
                f"the lab ended with exit code {process.returncode}: {_last_words(log)}", "run `kmiplab up` to see it start."
            )
        if time.monotonic() > deadline:
            raise LabDidNotStart(
                f"the lab was not ready after {READY_WITHIN:.0f} s", "is this machine very busy? `kmiplab up` shows its start."
            )
        time.sleep(0.02)
    ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
    return ready


def _register_second_client(state_dir: Path) -> dict[str, str]:
    from kmiplab.lab_client import ensure_other_client

    cert, key = ensure_other_client(state_dir)
    return {"other_cert": str(cert), "other_key": str(key)}


def _last_words(log: IO[str]) -> str:
    log.seek(0)
    lines = [line.strip() for line in log.read().splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "it said nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
