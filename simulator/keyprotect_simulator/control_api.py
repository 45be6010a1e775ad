"""The control API: what a test in any language may do to a simulator, under the reserved path `/_simulator`.

One row a call; `docs/simulator.md` prints the table. It asks for no token: whoever reaches the port may use it, and can read every secret
of the simulator through it. So it is there by default only where other machines cannot reach it (`Settings.control`). Pages of other
origins are kept out: a browser says where a request comes from, and names that a stranger's DNS could point here are refused.

What makes no sense is answered 400 with `{"error": …}` in words; nothing of it is carried out.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from keyprotect_simulator.console import console_page
from keyprotect_simulator.control_bodies import read_disturbance, read_move, read_regions, read_seed
from keyprotect_simulator.errors import SimulatorError
from keyprotect_simulator.faults import Fault
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.bodies import read_json
from keyprotect_simulator.messages import CONTROL, CONTROL_BODY, JSON, ApiRequest, ApiResponse, respond
from keyprotect_simulator.openapi import openapi_document
from keyprotect_simulator.overview import overview
from keyprotect_simulator.routing import match
from keyprotect_simulator.sowing import sow
from keyprotect_simulator.state.exported import NoExport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.simulator import Simulator

log = logging.getLogger("keyprotect_simulator")


@dataclass(frozen=True, slots=True)
class ControlCall:
    """One request, and what the names in its path stand for."""

    simulator: Simulator
    request: ApiRequest
    path: Mapping[str, str]


def show_console(_: ControlCall) -> ApiResponse:
    """The page, which asks for everything else itself."""
    return console_page()


def show_openapi(_: ControlCall) -> ApiResponse:
    """The same document as docs/key-protect-openapi.json."""
    return respond(200, openapi_document())


def show_lab(call: ControlCall) -> ApiResponse:
    """All that a client needs, the API key included."""
    return respond(200, asdict(call.simulator.ensure_lab()))


def show_overview(call: ControlCall) -> ApiResponse:
    """What the console shows."""
    return respond(200, overview(call.simulator))


def show_requests(call: ControlCall) -> ApiResponse:
    """The request log, from the number on that `after` names."""
    given = dict(parse_qsl(call.request.query))
    after = given.pop("after", "0")
    if given or not (after.isascii() and after.isdigit()):
        raise ControlRefused(400, "there is one query parameter, after: the number of the last request that is known")
    return respond(200, {"requests": [entry._asdict() for entry in call.simulator.requests.after(int(after))]})


def clear_requests(call: ControlCall) -> ApiResponse:
    """Numbers go on."""
    call.simulator.requests.clear()
    return respond(204, None)


def show_clock(call: ControlCall) -> ApiResponse:
    """The time of Key Protect and that of IAM, and by how many seconds they were moved."""
    simulator = call.simulator
    clocks = {"key_protect": simulator.clock, "iam": simulator.iam_clock}
    return respond(200, {name: {"time": rfc3339(clock()), "moved": clock.offset} for name, clock in clocks.items()})


def move_clock(call: ControlCall) -> ApiResponse:
    """By so much, or to a time."""
    simulator = call.simulator
    clocks = {"key_protect": (simulator.clock,), "iam": (simulator.iam_clock,), "both": (simulator.clock, simulator.iam_clock)}
    move = read_move(body_of(call.request))
    seconds = [move.seconds_from(clock()) for clock in clocks[move.clock]]
    for clock, by in zip(clocks[move.clock], seconds, strict=True):
        clock.move(seconds=by)
    return show_clock(call)


def show_disturbances(call: ControlCall) -> ApiResponse:
    """Those in force, the newest first, with how many requests each has harmed."""
    in_force = call.simulator.disturbances.in_force()
    listed = [{"number": one.number, "disturbed": one.disturbed, **asdict(one.disturbance)} for one in in_force]
    return respond(200, {"disturbances": listed})


def begin_disturbance(call: ControlCall) -> ApiResponse:
    """The fields are those of `Disturbance`; the answer has the number to end it by."""
    disturbance = read_disturbance(body_of(call.request))
    return respond(201, {"number": call.simulator.disturbances.begin(disturbance), **asdict(disturbance)})


def end_disturbances(call: ControlCall) -> ApiResponse:
    """All is well again."""
    call.simulator.disturbances.end_all()
    return respond(204, None)


def end_disturbance(call: ControlCall) -> ApiResponse:
    """One of them."""
    number = call.path["number"]
    if not (number.isascii() and number.isdigit() and call.simulator.disturbances.end(int(number))):
        raise ControlRefused(404, f"no disturbance {number} is in force")
    return respond(204, None)


def show_regions(call: ControlCall) -> ApiResponse:
    """The regions that are switched off."""
    return respond(200, {"away": sorted(call.simulator.core.regions_away)})


def put_regions(call: ControlCall) -> ApiResponse:
    """These regions are away from now on, all others are there; nothing but 503 is answered for the instances of one that is away."""
    call.simulator.core.regions_away = read_regions(body_of(call.request))
    return show_regions(call)


def show_state(call: ControlCall) -> ApiResponse:
    """The export: every secret in the clear."""
    return respond(200, call.simulator.export())


def put_state(call: ControlCall) -> ApiResponse:
    """What `GET` gave, here or in another simulator."""
    call.simulator.restore(body_of(call.request))
    return respond(204, None)


def sow_seed(call: ControlCall) -> ApiResponse:
    """A seed as JSON, or as TOML with the type application/toml. What is there by its name is left as it is."""
    return respond(200, sow(call.simulator, read_seed(call.request)))


def reset(call: ControlCall) -> ApiResponse:
    """Everything as it was when the simulator had started: ids, API key and seed too."""
    call.simulator.reset()
    return respond(204, None)


CONTROL_ROUTES: tuple[tuple[str, str, Callable[[ControlCall], ApiResponse], str], ...] = (
    ("GET", "", show_console, "the console page"),
    ("GET", "/openapi.json", show_openapi, "the OpenAPI document of the simulated calls"),
    ("GET", "/lab", show_lab, "ids and API key of the lab"),
    ("GET", "/overview", show_overview, "instances, keys and all other records, without any secret"),
    ("GET", "/requests", show_requests, "the last 1000 requests, without any secret; `?after=NUMBER` for newer ones"),
    ("DELETE", "/requests", clear_requests, "forget them"),
    ("GET", "/clock", show_clock, "both clocks"),
    ("POST", "/clock", move_clock, 'move one: `{"days": 31}`, `{"clock": "iam", "hours": 1}`, `{"at": "2030-01-01T00:00:00Z"}`'),
    ("GET", "/disturbances", show_disturbances, "the disturbances in force"),
    ("POST", "/disturbances", begin_disturbance, 'begin one: `{"status": 429, "retry_after": 1, "times": 2}`'),
    ("DELETE", "/disturbances", end_disturbances, "end them all"),
    ("DELETE", "/disturbances/{number}", end_disturbance, "end one"),
    ("GET", "/regions", show_regions, "the regions that are switched off"),
    ("PUT", "/regions", put_regions, 'switch regions off, all others on: `{"away": ["eu-de"]}`; instances there answer 503'),
    ("POST", "/seed", sow_seed, "sow a seed, JSON or (application/toml) TOML; answers ids and API keys by name"),
    ("GET", "/state", show_state, "the whole state, every secret in the clear"),
    ("PUT", "/state", put_state, "that state instead of this one"),
    ("POST", "/reset", reset, "everything as it was at the start, seed included"),
)  # fmt: skip
"""Method, path below `/_simulator`, what answers it, and what for."""


class ControlRefused(Exception):
    """What was asked cannot be done; the words are for people."""

    def __init__(self, status: int, why: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(why)
        self.status = status
        self.headers = headers


def control(simulator: Simulator, request: ApiRequest) -> ApiResponse:
    """The answer of the control API. Whatever happens, there is one."""
    try:
        require_lawful(simulator, request)
        answer, path = find_control(request)
        return uncached(answer(ControlCall(simulator, request, path)))
    except ControlRefused as refusal:
        return refused(refusal.status, str(refusal), refusal.headers)
    except Fault as fault:
        return refused(fault.status, fault.message)
    except (SimulatorError, NoExport) as error:
        return refused(400, str(error))
    except Exception:
        log.exception("the control API failed")
        return refused(500, "the simulator failed; this is a bug of it")


def refused(status: int, why: str, headers: tuple[tuple[str, str], ...] = ()) -> ApiResponse:
    """The shape of every refusal."""
    return uncached(respond(status, {"error": why}, headers=headers, error_code=str(status)))


def uncached(response: ApiResponse) -> ApiResponse:
    """Nobody in between keeps what the control API says."""
    headers = (*response.headers, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
    return ApiResponse(response.status, headers, response.body, error_code=response.error_code)


def find_control(request: ApiRequest) -> tuple[Callable[[ControlCall], ApiResponse], dict[str, str]]:
    """What answers a request."""
    below = request.path[len(CONTROL) :].rstrip("/")
    allowed = []
    for method, template, answer, _ in CONTROL_ROUTES:
        names = match(template, below)
        if names is None:
            continue
        if method == request.method:
            return answer, names
        allowed.append(method)
    if not allowed:
        raise ControlRefused(404, f"there is no {CONTROL}{below}; docs/simulator.md has the table of calls")
    raise ControlRefused(405, f"{CONTROL}{below} takes {', '.join(allowed)}", (("Allow", ", ".join(allowed)),))


def require_lawful(simulator: Simulator, request: ApiRequest) -> None:
    """Refuse what a page of another origin sends through somebody's browser, and what is too large to be read."""
    if len(request.body) > CONTROL_BODY:
        raise ControlRefused(413, f"the body is larger than {CONTROL_BODY} bytes")
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise ControlRefused(403, f"the control API is not for pages of {origin}")
    if host and not is_ours(host, simulator.settings.host):
        raise ControlRefused(403, f"the control API does not answer to the name {host}; use an address, localhost or a name without dots")


def is_ours(host: str, listening: str) -> bool:
    """Whether a stranger's DNS could not have led here by this Host header."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == listening or "." not in name or name.endswith(".localhost") or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def body_of(request: ApiRequest) -> Json:
    """The JSON object of a body."""
    if request.media_type not in ("", JSON):
        raise ControlRefused(415, f"the body must be {JSON}")
    document = read_json(request)
    if document is None:
        raise ControlRefused(400, "there is no body; it must be a JSON object")
    return document
