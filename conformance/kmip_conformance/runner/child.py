"""The process in which the checks run: pytest, isolated from whatever pytest configuration surrounds the user.

It is started in an empty folder of its own with its own configuration file; no conftest.py is read, no plugin is loaded but the suite's
own and, with several jobs, pytest-xdist; the PYTEST_… variables are taken away, and the current folder is not on the import path. It sends
one line an attempt through a pipe. It has a process group of its own, so that Ctrl-C reaches it once, from its parent, which lets it
clean up the target.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from kmip_conformance import checks
from kmip_conformance.judge.attempts import AttemptLine
from kmip_conformance.judge.errors import RunCrashed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kmip_conformance.judge.brief import Brief

CLEANS_UP_WITHIN = 20.0
"""Seconds that an interrupted child may take to destroy on the target what its checks created."""

_PYTEST_FINISHED = frozenset({0, 1})
"""pytest's exit codes of a session that ran to its end: all passed, some failed."""


class Child:
    """The running child: iterate over it for its lines, then ask how it ended."""

    def __init__(self, process: subprocess.Popen[bytes], lines: IO[str], log: Path) -> None:
        self._process = process
        self._lines = lines
        self._log = log

    def __iter__(self) -> Iterator[AttemptLine]:
        for line in self._lines:
            yield AttemptLine.from_json(line)

    def wait(self) -> None:
        """Wait for its end. Raises RunCrashed, with its last words, when it did not run to its end."""
        code = self._process.wait()
        if code not in _PYTEST_FINISHED:
            raise RunCrashed(
                f"the checks ended with pytest's exit code {code}: {self._last_words()}", "this is a bug of the suite; please report it."
            )

    def interrupt(self) -> None:
        """Let it clean up the target and end. Its remaining lines are to be read meanwhile, or it would wait for ever."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def stop(self) -> None:
        """See to it that it is gone: nicely, then not."""
        self.interrupt()
        try:
            self._process.wait(CLEANS_UP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip(" =\n")]
        return " / ".join(lines[-4:]) or "it said nothing"


@contextmanager
def running_child(brief: Brief, *, jobs: int = 1, fail_fast: bool = False) -> Iterator[Child]:
    """Start a child on a brief; it is gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="kmiplab-check-") as temporary:
        folder = Path(temporary)
        if brief.oasis is not None and jobs > 1:
            brief = replace(brief, oasis=replace(brief.oasis, lock=folder / "alone.lock"))
        _write_privately(folder / "brief.json", brief.to_json())
        (folder / "pytest.ini").write_text("[pytest]\naddopts =\nfilterwarnings = ignore\n", encoding="utf-8")
        reading, writing = os.pipe()
        log = folder / "pytest.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own arguments
                arguments(folder, writing, _what_is_run(brief), jobs=jobs, fail_fast=fail_fast),
                cwd=folder,
                env=environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(writing,),
                process_group=0,
            )
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as lines:
            child = Child(process, lines, log)
            try:
                yield child
            finally:
                child.stop()


def _what_is_run(brief: Brief) -> Path:
    """The folder of the checks, or the file of the one that plays published cases."""
    if brief.oasis is None:
        return Path(checks.__file__).parent
    from kmip_conformance.oasis.company import CHECK_FILE

    return CHECK_FILE


def arguments(folder: Path, descriptor: int, what: Path, *, jobs: int = 1, fail_fast: bool = False) -> list[str]:
    """The child's command line."""
    words = [sys.executable, "-P", "-m", "pytest", "-c", str(folder / "pytest.ini"), "--rootdir", str(folder), "--noconftest"]
    words += ["-p", "no:cacheprovider", "-p", "kmip_conformance.plugin", "-q", "--tb=short"]
    words += ["-p", "xdist.plugin", "-n", str(jobs), "--dist", "load"] if jobs > 1 else []
    words += ["--exitfirst"] if fail_fast else []
    return [*words, "--kmip-brief", str(folder / "brief.json"), "--kmip-lines", str(descriptor), str(what)]


def environment(surrounding: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: the surrounding one without what would configure pytest or turn warnings into errors."""
    kept = {
        name: value for name, value in surrounding.items() if not name.startswith("PYTEST_") and name not in {"PYTHONWARNINGS", "PY_COLORS"}
    }
    return kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only this user can read: the brief holds the target's password."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
