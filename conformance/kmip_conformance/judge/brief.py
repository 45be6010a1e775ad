"""The brief of a run: everything that the process which runs the checks has to know, as one JSON file or one string.

`kmiplab check` writes it for its child; under plain pytest it is made from the ``--kmip-…`` options; parallel workers are handed it by
whoever started them. So all of them judge the same checks, under the same versions, of the same target.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmip_conformance.client import Target
from kmip_conformance.judge.selection import EVERYTHING, Selection
from kmip_conformance.tables import KmipVersion

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class OasisBrief:
    """Published test cases to play instead of the suite's own checks: where they lie, and who their further clients are.

    ``identities`` maps a letter to the certificate and key of the client that cases call so; ``https_port`` is where HTTPS is spoken
    (None: on the target's own port); ``lock`` is a file that all who play side by side share.
    """

    place: Path
    identities: dict[str, tuple[Path, Path]] = field(default_factory=dict)
    https_port: int | None = None
    lock: Path | None = None

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read what `Brief.to_json` wrote."""
        identities = {letter: (Path(cert), Path(key)) for letter, (cert, key) in row["identities"].items()}
        return cls(Path(row["place"]), identities, row["https_port"], Path(row["lock"]) if row["lock"] else None)


@dataclass(frozen=True, slots=True)
class Brief:
    """Whom to judge, by what, and how patiently.

    ``offered`` are the versions that the target offers; ``timeout`` is in seconds per answer. ``mutants`` asks for a self-test: each
    check runs once through every proxy named here, "" being the target itself; ``trials`` maps a proxy's name to the ids of its checks.
    """

    target: Target
    selection: Selection = EVERYTHING
    offered: tuple[KmipVersion, ...] = ()
    timeout: float = 10.0
    keep_transcripts: bool = False
    trials: dict[str, tuple[str, ...]] = field(default_factory=dict)
    oasis: OasisBrief | None = None

    def to_json(self) -> str:
        """The brief as one line of JSON. It holds the target's password: keep it out of sight."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        line: dict[str, Any] = json.loads(text)
        chosen = line.pop("selection")
        where: dict[str, Any] = line.pop("target")
        oasis = line.pop("oasis")
        return cls(
            target=Target(**where | {name: Path(where[name]) for name in _PATHS if where[name] is not None}),
            selection=Selection(tuple(chosen["patterns"]), tuple(chosen["profiles"]), _versions(chosen["kmip_versions"])),
            offered=_versions(line.pop("offered")),
            oasis=OasisBrief.from_row(oasis) if oasis else None,
            trials={name: tuple(ids) for name, ids in line.pop("trials").items()},
            **line,
        )


_PATHS = frozenset({"ca", "cert", "key", "other_cert", "other_key"})


def _versions(rows: list[list[int]]) -> tuple[KmipVersion, ...]:
    return tuple(KmipVersion(major, minor) for major, minor in rows)
