"""The ready file: JSON that appears, complete and for its owner alone, when a lab answers, and goes when the lab does.

It may hold secrets. It names the process that wrote it, and belongs to that process: another one that was given the same path leaves it
alone as long as its writer lives, and does not take away at its end what it did not write. What a killed lab left is removed at the next
start.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from kmip_server.files import write_private

from kmiplab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@contextmanager
def ready_file(path: Path | None) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """A function that writes the file; gone at the end of the block, however that comes. None: there is no file.

    Raises `LabError` or `kmip_server.errors.ConfigurationError` when there cannot be such a file.
    """
    if path is None:
        yield lambda _: None
        return
    _prepare(path)
    try:
        yield lambda content: _write(path, content)
    finally:
        if _writer(path) == os.getpid():
            _remove(path)


def read_ready_file(path: Path) -> dict[str, Any]:
    """What a ready file says whose writer still runs; nothing when there is none."""
    pid = _writer(path)
    if pid is None or not (pid == os.getpid() or _writer_lives(path)):
        return {}
    with suppress(OSError, ValueError):
        content = json.loads(path.read_bytes())
        return content if isinstance(content, dict) else {}
    return {}


def _prepare(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(*_no_such_file(path, error)) from error
    if not _writer_lives(path):
        _remove(path)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_private(path, (json.dumps({"pid": os.getpid(), **content}, indent=1) + "\n").encode())


def _writer_lives(path: Path) -> bool:
    """Did another process write the file that still runs? More than its number cannot be known."""
    pid = _writer(path)
    if pid is None or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _writer(path: Path) -> int | None:
    """The process that the file names; None when there is no such file, or none of ours."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        pid = json.loads(path.read_bytes())["pid"]
        if isinstance(pid, int) and pid > 0:
            return pid
    return None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise LabError(*_no_such_file(path, error)) from error


def _no_such_file(path: Path, error: OSError) -> tuple[str, str]:
    return f"there can be no ready file {path}: {error.strerror}", "name a file in a folder of yours: --ready-file FILE"
