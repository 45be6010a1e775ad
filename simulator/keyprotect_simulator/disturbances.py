"""Bad days of the service: answers that come late, or instead of the right ones.

A disturbance is asked for by a test (and later through the control API) and applies to the requests whose path begins as it says, so
often as it says. Every way in asks `Disturbances.next_for` before it hands a request to the core; the core knows nothing of them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keyprotect_simulator.faults import Fault
from keyprotect_simulator.messages import respond

if TYPE_CHECKING:
    from keyprotect_simulator.messages import ApiRequest, ApiResponse


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Seconds to wait, and a status to answer instead (0: the right answer, late)."""

    delay: float = 0.0
    status: int = 0
    retry_after: int | None = None
    path: str = "/"
    times: int | None = None
    """How many requests it disturbs; None is all of them, until it is taken back."""

    def response(self) -> ApiResponse | None:
        """What is answered instead of the right answer, if anything is. Nobody has seen such a body; the shape is inferred."""
        if not self.status:
            return None
        headers = (("Retry-After", str(self.retry_after)),) if self.retry_after is not None else ()
        document = Fault(self.status, message="The service is disturbed, as it was asked to be").body("")
        return respond(self.status, document, headers=headers, error_code=str(self.status))


class Disturbances:
    """The disturbances that are in force, the newest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._in_force: list[Disturbance] = []
        self._changing = threading.Lock()

    def begin(self, disturbance: Disturbance) -> None:
        """Put a disturbance in force."""
        with self._changing:
            self._in_force.insert(0, disturbance)

    def end_all(self) -> None:
        """Let everything be well again."""
        with self._changing:
            self._in_force.clear()

    def next_for(self, request: ApiRequest) -> Disturbance | None:
        """What disturbs this request, counted as once."""
        if not self._in_force:
            return None
        with self._changing:
            for number, disturbance in enumerate(self._in_force):
                if request.path.startswith(disturbance.path):
                    self._count(number, disturbance)
                    return disturbance
        return None

    def _count(self, number: int, disturbance: Disturbance) -> None:
        if disturbance.times is None:
            return
        if disturbance.times > 1:
            self._in_force[number] = replace(disturbance, times=disturbance.times - 1)
        else:
            del self._in_force[number]
