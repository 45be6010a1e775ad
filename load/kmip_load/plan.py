"""What a run is to do: the values that go from the command line to the generator processes.

A `Plan` crosses to a generator as one line of JSON on its standard input, so that a password is on no command line.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kmip_conformance.client import Target


@dataclass(frozen=True, slots=True)
class Plan:
    """One generator's part of a run. Times are seconds; ``keys`` are unique identifiers of active AES keys on the target."""

    target: Target
    profile: str
    users: int
    spawn_rate: float
    """Users that come to life in a second."""
    duration: float
    timeout: float
    """How long a connection or an answer may take before it counts as failed."""
    kmip_version: tuple[int, int]
    """The version of the requests that are not shaped like vCenter's (which are 1.1 always)."""
    keys: tuple[str, ...] = ()

    def shares(self, processes: int) -> list[Plan]:
        """This plan split over so many generators, as evenly as users can be."""
        return [
            replace(self, users=users, spawn_rate=self.spawn_rate * users / self.users)
            for users in (self.users // processes + (number < self.users % processes) for number in range(processes))
        ]

    def to_json(self) -> str:
        """One line, passwords included: for a pipe, never for a file."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, line: str) -> Plan:
        """The plan of a line that `to_json` made."""
        values: dict[str, Any] = json.loads(line)
        target: dict[str, Any] = {name: Path(value) if name in _PATHS and value else value for name, value in values["target"].items()}
        version: tuple[int, int] = tuple(values["kmip_version"])
        return cls(**{**values, "target": Target(**target), "kmip_version": version, "keys": tuple(values["keys"])})


_PATHS = {"ca", "cert", "key", "other_cert", "other_key"}
