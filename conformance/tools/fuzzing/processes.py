"""What a server's process uses: memory, open files, threads. Only Linux tells, and only of a process on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Usage:
    """Resident memory in bytes, open files and threads, of a process and those that it started."""

    memory: int
    files: int
    threads: int

    def __str__(self) -> str:
        return f"{self.memory / MIB:.1f} MiB, {self.files} open files, {self.threads} threads"


def usage_of(process: int | None) -> Usage | None:
    """What a process uses now; None where that cannot be told."""
    if process is None or not Path("/proc/self/status").exists():
        return None
    parts = [_one(one) for one in _family(process)]
    return Usage(sum(part.memory for part in parts), sum(part.files for part in parts), sum(part.threads for part in parts))


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children")
    own = children.read_text(encoding="ascii").split() if children.exists() else []
    return [process, *(one for child in own for one in _family(int(child)))]


def _one(process: int) -> Usage:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines() if ":" in line)
    return Usage(int(lines["VmRSS"].split()[0]) * 1024, len(list(Path(f"/proc/{process}/fd").iterdir())), int(lines["Threads"]))
