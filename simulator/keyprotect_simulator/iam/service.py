"""IAM as a whole: a request finds its call, and whatever happens is answered in IAM's own shape."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.iam.calls import IamAnswer, IamCall, IamRoute
from keyprotect_simulator.iam.faults import IamFault
from keyprotect_simulator.iam.grants import TOKEN_ROUTES
from keyprotect_simulator.iam.identities import IDENTITY_ROUTES
from keyprotect_simulator.iam.policies import POLICY_ROUTES
from keyprotect_simulator.messages import MAXIMUM_BODY, ApiRequest, ApiResponse, respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from keyprotect_simulator.iam.tokens import TokenIssuer
    from keyprotect_simulator.identifiers import Clock, Random
    from keyprotect_simulator.state.tables import State

PREFIXES = ("/identity/", "/oidc/", "/v1/")
"""What the paths of IAM begin with; everything else is Key Protect's."""
IAM_ROUTES = (*TOKEN_ROUTES, *IDENTITY_ROUTES, *POLICY_ROUTES)

log = logging.getLogger("keyprotect_simulator")


class IamService:
    """Answers the requests to IAM. `exclusive` holds back other changes while some are worked out, `commit` makes them."""

    def __init__(
        self,
        state: State,
        issuer: TokenIssuer,
        *,
        clock: Clock,
        random: Random,
        exclusive: Callable[[], AbstractContextManager[State]],
        commit: Callable[..., None],
    ) -> None:
        self._state = state
        self._issuer = issuer
        self._clock = clock
        self._random = random
        self._exclusive = exclusive
        self._commit = commit

    def handle(self, request: ApiRequest) -> ApiResponse:
        """The answer to a request."""
        try:
            route, path = find_route(request)
            call = IamCall(request, self._state, self._issuer, self._clock(), self._random, path)
            answer = self._changing(call, route) if route.writes else route.answer(call)
            return respond(answer.status, answer.document)
        except IamFault as refusal:
            return self._refusal(request, refusal)
        except Exception:
            log.exception("a rule of IAM failed")
            return self._refusal(request, IamFault("INTERNAL_ERROR"))

    def _changing(self, call: IamCall, route: IamRoute) -> IamAnswer:
        with self._exclusive():
            answer = route.answer(replace(call, now=self._clock()))
            self._commit(*answer.changes)
        return answer

    def _refusal(self, request: ApiRequest, refusal: IamFault) -> ApiResponse:
        document = refusal.body(request, self._clock, self._random)
        return respond(refusal.status, document, headers=refusal.headers, error_code=refusal.code)


def may_write(request: ApiRequest) -> bool:
    """Whether answering this request to IAM may wait for the disk."""
    try:
        return find_route(request)[0].writes
    except IamFault:
        return False


def find_route(request: ApiRequest) -> tuple[IamRoute, dict[str, str]]:
    """What answers this request, and what the names in its path stand for; an IamFault when nothing does, or when it is too large.

    SDKs write some paths with a slash at their end.
    """
    path = request.path if request.path.startswith(("/identity/", "/oidc/")) else request.path.rstrip("/")
    fitting = [(route, names) for route in IAM_ROUTES if (names := names_in(route.path, path)) is not None]
    if not fitting:
        raise IamFault("NOT_FOUND")
    for route, names in sorted(fitting, key=lambda found: len(found[1])):
        if route.method == request.method:
            if len(request.body) > MAXIMUM_BODY:
                raise IamFault("REQUEST_TOO_LARGE")
            return route, names
    raise IamFault("METHOD_NOT_ALLOWED", headers=(("Allow", ", ".join(sorted({route.method for route, _ in fitting}))),))


def names_in(template: str, path: str) -> dict[str, str] | None:
    """What the names in a template stand for in a path; None when it does not fit."""
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    pairs = list(zip(wanted, given, strict=True))
    if any(not give if want.startswith("{") else want != give for want, give in pairs):
        return None
    return {want[1:-1]: give for want, give in pairs if want.startswith("{")}
