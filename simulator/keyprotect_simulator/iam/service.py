"""IAM as a whole: a request finds its call, and whatever happens is answered in IAM's own shape."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from keyprotect_simulator.iam.faults import IamFault
from keyprotect_simulator.iam.grants import IAM_ROUTES, IamCall
from keyprotect_simulator.messages import MAXIMUM_BODY, ApiRequest, ApiResponse, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyprotect_simulator.iam.tokens import TokenIssuer
    from keyprotect_simulator.identifiers import Clock, Random
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.state.tables import State

PREFIXES = ("/identity/", "/oidc/")
"""What the paths of IAM begin with; everything else is Key Protect's."""

log = logging.getLogger("keyprotect_simulator")


class IamService:
    """Answers the requests to IAM. It reads the state and changes nothing."""

    def __init__(self, state: State, issuer: TokenIssuer, *, clock: Clock, random: Random) -> None:
        self._state = state
        self._issuer = issuer
        self._clock = clock
        self._random = random

    def handle(self, request: ApiRequest) -> ApiResponse:
        """The answer to a request."""
        call = IamCall(request, self._state, self._issuer, self._clock(), self._random)
        try:
            return respond(200, find_call(request)(call))
        except IamFault as refusal:
            return self._refusal(request, refusal)
        except Exception:
            log.exception("a rule of IAM failed")
            return self._refusal(request, IamFault("INTERNAL_ERROR"))

    def _refusal(self, request: ApiRequest, refusal: IamFault) -> ApiResponse:
        document = refusal.body(request, self._clock, self._random)
        return respond(refusal.status, document, headers=refusal.headers, error_code=refusal.code)


def find_call(request: ApiRequest) -> Callable[[IamCall], Json]:
    """What answers this request; an IamFault when nothing does, or when its body is too large."""
    methods = IAM_ROUTES.get(request.path)
    if methods is None:
        raise IamFault("NOT_FOUND")
    if request.method not in methods:
        raise IamFault("METHOD_NOT_ALLOWED", headers=(("Allow", ", ".join(methods)),))
    if len(request.body) > MAXIMUM_BODY:
        raise IamFault("REQUEST_TOO_LARGE")
    return methods[request.method]
