"""The simulator without any way in: a request goes in, an answer comes out.

    request ─► route ─► token ─► instance ─► rights ─► parameters ─► media type ─► rule ─► journal ─► state ─► answer

The order is the service's: whoever may not ask learns nothing about what is wrong with the question. A rule's changes are durable
before they are visible, and visible before they are answered. `handle` may be called from several threads; calls that change the state
run one after the other, and readers never wait for them.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.access import addressed_instance, authenticated, reach
from keyprotect_simulator.calls import Answer, Call
from keyprotect_simulator.faults import Fault, unauthorized
from keyprotect_simulator.iam.service import PREFIXES, IamService
from keyprotect_simulator.iam.service import may_write as iam_may_write
from keyprotect_simulator.identifiers import Clock, Random, is_uuid, new_uuid
from keyprotect_simulator.instance.network import admit
from keyprotect_simulator.keys.upkeep import due_at, due_changes
from keyprotect_simulator.kmip.objects import StateObjects
from keyprotect_simulator.messages import JSON, MAXIMUM_BODY, ApiRequest, ApiResponse, respond
from keyprotect_simulator.parameters import read_query
from keyprotect_simulator.records import Key, Put, Remove
from keyprotect_simulator.routes import NOT_DONE, Route
from keyprotect_simulator.routing import find_route
from keyprotect_simulator.state.replacing import difference, with_needed
from keyprotect_simulator.state.tables import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from keyprotect_simulator.iam.tokens import TokenIssuer
    from keyprotect_simulator.kmip.objects import KmipObjects
    from keyprotect_simulator.records import Change, Record
    from keyprotect_simulator.settings import ContentType
    from keyprotect_simulator.state.journal import Journal

NOTHING = State()
"""What a caller without rights sees in a list."""

log = logging.getLogger("keyprotect_simulator")


class Core:
    """Answers requests over a state. `clock` is Key Protect's time, `iam_clock` that of tokens."""

    def __init__(
        self,
        state: State,
        journal: Journal,
        issuer: TokenIssuer,
        *,
        clock: Clock,
        iam_clock: Clock,
        random: Random,
        content_type: ContentType,
    ) -> None:
        self.state = state
        self._iam = IamService(state, issuer, clock=iam_clock, random=random, exclusive=self.exclusive, commit=self.commit)
        self._issuer = issuer
        self._journal = journal
        self._clock = clock
        self._iam_clock = iam_clock
        self._random = random
        self._content_type = content_type
        self._writing = threading.Lock()
        self._next_due = min((due_at(key) for key in state.all(Key)), default=math.inf)
        self.kmip_objects: KmipObjects | None = None
        """Where the objects of KMIP adapters are, if not in the state."""
        self.regions_away: frozenset[str] = frozenset()
        """Regions that do not answer for their instances."""
        self.guards: list[Callable[[Sequence[Change]], None]] = []
        """Told every change before it is made; one may refuse it with a Fault."""
        self.needed_keys: Callable[[], Iterable[str]] = tuple
        """The ids of keys whose versions outlive a reset, because something outside was wrapped by them."""

    def handle(self, request: ApiRequest) -> ApiResponse:
        """The answer to a request; whatever happens, there is one, in the shape of the service that was asked."""
        if request.path.startswith(PREFIXES):
            return self._iam.handle(request)
        given = request.headers.get("correlation-id", "")
        correlation_id = given if is_uuid(given) else new_uuid(self._random)
        if self._clock() >= self._next_due:
            self.keep_up()
        response = self._key_protect(request)
        return replace(response, headers=(*response.headers, ("Correlation-Id", correlation_id)))

    def may_write(self, request: ApiRequest) -> bool:
        """Whether answering this request may wait for the disk."""
        if request.path.startswith(PREFIXES):
            return iam_may_write(request)
        try:
            return find_route(request)[0].writes
        except Fault:
            return False

    def may_take_long(self, request: ApiRequest) -> bool:
        """Whether answering this request takes so long that others should not queue behind it."""
        try:
            return not request.path.startswith(PREFIXES) and find_route(request)[0].prepare is not None
        except Fault:
            return False

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[State]:
        """Hold back all other changes while some are worked out from the state and committed."""
        with self._writing:
            yield self.state

    def commit(self, *changes: Change) -> None:
        """Make changes durable, then visible. Only within `exclusive`."""
        if changes:
            self._tell(changes)
            self._make(changes)

    def exchange(self, records: Sequence[Record]) -> None:
        """Put these records in the place of all others, but keep what `needed_keys` need. Only within `exclusive`."""
        former = self.state.everything()
        latter = with_needed(records, self.state, self.needed_keys())
        self._tell(difference(former, latter))
        self._make((*(Remove(record) for record in former), *(Put(record) for record in latter)))

    def _tell(self, changes: Sequence[Change]) -> None:
        for guard in self.guards:
            guard(changes)

    def _make(self, changes: Sequence[Change]) -> None:
        self._journal.commit(changes)
        self.state.apply(changes)
        self._next_due = min(self._next_due, *(due_at(change.record) for change in changes))

    def keep_up(self) -> None:
        """Do what time alone brings about: automatic rotations, and the end of keys that were deleted long ago."""
        with self.exclusive():
            now = self._clock()
            self.commit(*due_changes(self.state, now, self._random))
            self._next_due = min((due_at(key) for key in self.state.all(Key)), default=math.inf)

    def _key_protect(self, request: ApiRequest) -> ApiResponse:
        undone, caller = NOT_DONE, ""
        try:
            route, path, query = find_route(request)
            undone = route.undone
            caller = authenticated(request, self._issuer, self._iam_clock())
            response = self._permitted(route, path, replace(request, query=query), caller)
        except Fault as refusal:
            code = refusal.code or str(refusal.status)
            response = respond(refusal.status, refusal.body(undone), headers=refusal.headers, error_code=code)
        except Exception:
            log.exception("a rule of Key Protect failed")
            broken = Fault(500, message="The simulator failed; this is a bug of it")
            response = respond(500, broken.body(undone), error_code="500")
        return replace(response, caller=caller, body=b"" if request.method == "HEAD" else response.body)

    def _permitted(self, route: Route, path: dict[str, str], request: ApiRequest, caller: str) -> ApiResponse:
        instance = addressed_instance(request, self.state, caller)
        if instance.region in self.regions_away:
            raise Fault(503, message=f"The region {instance.region} is switched off, as it was asked to be")
        admit(request, self.state, instance)
        permitted = reach(self.state, caller, instance, route.action)
        if not (permitted.everything if route.instance_wide else permitted) and not route.lists:
            raise unauthorized()
        parameters = read_query(request.query, route.query)
        require_readable(request, route)
        seen = self.state if permitted else NOTHING
        objects = self.kmip_objects or StateObjects(seen)
        call = Call(request, path, parameters, instance, caller, seen, self._clock(), self._random, permitted, objects)
        return self._rendered(route, self._changing(call, route) if route.writes else route.answer(call))

    def _changing(self, call: Call, route: Route) -> Answer:
        prepared = route.prepare(call) if route.prepare is not None else None
        with self.exclusive():
            answer = route.answer(replace(call, now=self._clock(), prepared=prepared))
            self.commit(*answer.changes)
        return answer

    def _rendered(self, route: Route, answer: Answer) -> ApiResponse:
        media_type = JSON if self._content_type == "json" else route.produces
        return respond(answer.status, answer.document, media_type=media_type, headers=answer.headers)


def require_readable(request: ApiRequest, route: Route) -> None:
    """Refuse a body that is too large or of a type that the call does not take. An empty body may have any type."""
    if len(request.body) > MAXIMUM_BODY:
        raise Fault(413, message=f"The body is larger than {MAXIMUM_BODY} bytes")
    if request.body.strip() and request.media_type not in ("", JSON, *route.consumes):
        raise Fault(415, message=f"The content type must be one of {', '.join((*route.consumes, JSON))}")
