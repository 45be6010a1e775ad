"""What a rule of Key Protect gets and what it answers.

A rule is a function `(Call) -> Answer`. It reads the state and the clock that the call carries and answers a document together with the
changes that it wants; it never changes anything itself. So the same rules serve every way into the simulator, and nothing that failed
half-way leaves a trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keyprotect_simulator.access import Reach
    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.kmip.objects import KmipObjects
    from keyprotect_simulator.messages import ApiRequest, Json
    from keyprotect_simulator.records import Change, Instance
    from keyprotect_simulator.state.tables import State

VENDOR = "application/vnd.ibm.kms."


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated and authorized request, its parameters checked."""

    request: ApiRequest
    path: Mapping[str, str]
    query: Mapping[str, Any]
    instance: Instance
    iam_id: str
    state: State
    now: float
    random: Random
    reach: Reach
    kmip_objects: KmipObjects
    prepared: Any = None
    """What the call's `Route.prepare` made before other changes were held back."""

    @property
    def key_ring(self) -> str | None:
        """The ring that the call is limited to, or creates in."""
        return self.request.headers.get("x-kms-key-ring")

    @property
    def preference(self) -> str:
        """What the Prefer header asks for: `minimal`, `representation` or nothing."""
        for part in self.request.headers.get("prefer", "").replace(";", ",").split(","):
            name, _, value = part.strip().partition("=")
            if name.strip().lower() == "return":
                return value.strip().strip('"').lower()
        return ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A document (None: no body), and what shall be remembered before it is sent."""

    status: int
    document: Json | None = None
    changes: tuple[Change, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


def paged(call: Call, media_type: str, resources: list[Json]) -> Answer:
    """The part of a list that `limit` and `offset` ask for, with the length of the whole where `totalCount` asks for it."""
    offset, limit = call.query["offset"], call.query["limit"]
    more = {"totalCount": len(resources)} if call.query.get("totalCount") else {}
    return Answer(200, collection(media_type, resources[offset : offset + limit], **more))


def collection(media_type: str, resources: list[Json], **more: Any) -> Json:
    """The envelope of nearly every answer. An empty list has no `resources` at all."""
    metadata = {"collectionType": f"{VENDOR}{media_type}", "collectionTotal": len(resources), **more}
    return {"metadata": metadata, "resources": resources} if resources else {"metadata": metadata}
