"""What a rehearsal is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The estate and what is to go wrong.

    ``accidents`` happen to the estate itself; with ``closing`` every other one is played on a small estate of its own at the end.
    ``trials``: a copy of the old service is really deleted, before anything has moved and when the machines have. ``state_dir`` None: a
    temporary folder, removed afterwards.
    """

    machines: int = 12
    hosts: int = 5
    clusters: int = 1
    seed: int = 1
    accidents: frozenset[str] = frozenset()
    closing: bool = True
    trials: bool = True
    state_dir: Path | None = None
    command: str = ""
