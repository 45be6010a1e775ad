"""The bodies of the control API: one table each, read as strictly as those of the service."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.errors import SeedUnusable
from keyprotect_simulator.faults import Fault
from keyprotect_simulator.identifiers import parse_rfc3339
from keyprotect_simulator.keys.bodies import Field, checked, is_time
from keyprotect_simulator.seed_reading import parse_seed
from keyprotect_simulator.settings import REGIONS

if TYPE_CHECKING:
    from keyprotect_simulator.messages import ApiRequest, Json

NUMBER = Field((int, float))
WHOLE = Field(int)
TEXT = Field(str)
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
CLOCKS = ("key_protect", "iam", "both")
EARLIEST, LATEST = parse_rfc3339("1970-01-02T00:00:00Z"), parse_rfc3339("9000-01-01T00:00:00Z")

MOVE = {
    "clock": Field(str, lambda text: text in CLOCKS, f"one of {', '.join(CLOCKS)}"),
    "at": Field(str, is_time, "a date and time in the RFC 3339 format"),
    **dict.fromkeys(UNITS, NUMBER),
}
DISTURBANCE = {
    **dict.fromkeys(("delay", "probability", "within"), NUMBER),
    **dict.fromkeys(("status", "retry_after", "after", "times", "seed", "allowed"), WHOLE),
    **dict.fromkeys(("ending", "method", "path"), TEXT),
}
assert DISTURBANCE.keys() == {field.name for field in fields(Disturbance)}
REGIONS_AWAY = {"away": Field(list, lambda names: all(name in REGIONS for name in names), f"a list of regions out of {', '.join(REGIONS)}")}
TOML_TYPES = ("application/toml", "text/toml", "text/x-toml")


@dataclass(frozen=True, slots=True)
class Move:
    """Which clock is moved, and by how much or to when."""

    clock: str
    at: float | None
    seconds: float

    def seconds_from(self, now: float) -> float:
        """By how many seconds a clock that shows `now` is moved. Refuses times that no calendar has."""
        by = self.at - now if self.at is not None else self.seconds
        if not EARLIEST <= now + by <= LATEST:
            raise refusal("a clock can be moved between the years 1970 and 9000")
        return by


def refusal(why: str) -> Fault:
    """A body that makes no sense."""
    return Fault(400, message=why)


def read_move(document: Json) -> Move:
    """A move of a clock."""
    given = checked(document, MOVE)
    parts = {name: given[name] for name in UNITS if name in given}
    if ("at" in given) == bool(parts):
        raise refusal(f"give either at, or one or more of {', '.join(UNITS)}")
    at = parse_rfc3339(given["at"]) if "at" in given else None
    return Move(given.get("clock", "key_protect"), at, sum(UNITS[name] * value for name, value in parts.items()))


def read_disturbance(document: Json) -> Disturbance:
    """A disturbance."""
    given: dict[str, Any] = checked(document, DISTURBANCE)
    try:
        return Disturbance(**given)
    except ValueError as error:
        raise refusal(str(error)) from error


def read_regions(document: Json) -> frozenset[str]:
    """The regions that shall be away."""
    given = checked(document, REGIONS_AWAY)
    if "away" not in given:
        raise refusal("there is one field, away: a list of regions")
    return frozenset(given["away"])


def read_seed(request: ApiRequest) -> Json:
    """A seed, TOML if its type says so, JSON otherwise."""
    if not request.body.strip():
        raise SeedUnusable("the seed cannot be used: there is no body", "send a JSON object, or TOML as application/toml.")
    return parse_seed(request.body, toml=request.media_type in TOML_TYPES, source="the body")
