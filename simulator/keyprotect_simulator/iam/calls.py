"""What a rule of IAM gets and what it answers: as in Key Protect, a document and the changes that it wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from keyprotect_simulator.iam.faults import IamFault, invalid_property
from keyprotect_simulator.iam.tokens import InvalidToken, UnreadableToken
from keyprotect_simulator.records import ServiceId

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keyprotect_simulator.iam.tokens import TokenIssuer
    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.messages import ApiRequest, Json
    from keyprotect_simulator.records import Change
    from keyprotect_simulator.state.tables import State

MOST_OF_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class IamCall:
    """One request to IAM, with all that its rules may look at."""

    request: ApiRequest
    state: State
    issuer: TokenIssuer
    now: float
    random: Random
    path: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; IAM, other than Key Protect, is not known to refuse any."""
        return dict(parse_qsl(self.request.query))

    def caller(self) -> ServiceId:
        """The service ID whose token the request bears. 401 without a good one."""
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        try:
            iam_id = self.issuer.subject(token.strip(), now=self.now) if scheme.lower() == "bearer" else ""
        except (InvalidToken, UnreadableToken) as error:
            raise IamFault("UNAUTHORIZED") from error
        service = self.state.get(ServiceId, iam_id.removeprefix("iam-"))
        if service is None:
            raise IamFault("UNAUTHORIZED")
        return service


@dataclass(frozen=True, slots=True)
class IamAnswer:
    """A document (None: no body), and what shall be remembered before it is sent."""

    status: int
    document: Json | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class IamRoute:
    """One call of IAM."""

    method: str
    path: str
    answer: Callable[[IamCall], IamAnswer]
    writes: bool = False


def page_of(call: IamCall, name: str, found: list[Json]) -> IamAnswer:
    """The part of a list that `pagesize` and `pagetoken` ask for, with links to the others. The token is an offset."""
    size = whole_number(call, "pagesize", 20, least=1, most=MOST_OF_A_PAGE)
    offset = whole_number(call, "pagetoken", 0, least=0, most=10**9)
    at = f"https://iam.cloud.ibm.com{call.request.path}?pagesize={size}"
    document: Json = {"offset": offset, "limit": size, "first": at, name: found[offset : offset + size]}
    if offset:
        document["previous"] = f"{at}&pagetoken={max(0, offset - size)}"
    if offset + size < len(found):
        document["next"] = f"{at}&pagetoken={offset + size}"
    return IamAnswer(200, document)


def whole_number(call: IamCall, name: str, default: int, *, least: int, most: int) -> int:
    """A query parameter that is a whole number. BXNIM0106E."""
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise invalid_property(name, text, f"{least} to {most}")
    return int(text)
