"""The way in for everything that uses `requests`: no port, no server, the real host names.

    with mocked_key_protect() as key_protect:
        kp = IbmKeyProtectApiV2(authenticator=IAMAuthenticator(key_protect.api_key))
        kp.set_service_url("https://us-south.kms.cloud.ibm.com")
        kp.get_keys(key_protect.instance_id)

    @mocked_key_protect()
    def test_something(key_protect): ...

`responses` catches what `requests` would send to Key Protect (any region, public or private) and IAM; other hosts are refused, unless
`others="pass"`. Needs `responses`: install `kmiplab[mock]`.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import re
import time
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeVar, cast
from urllib.parse import unquote, urlsplit

try:
    import requests
    import responses
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError("the mock needs responses: install kmiplab[mock]", name=missing.name) from missing

from keyprotect_simulator.control import Control
from keyprotect_simulator.messages import ApiRequest, ApiResponse, is_control
from keyprotect_simulator.settings import REGIONS, ContentType, Settings
from keyprotect_simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from keyprotect_simulator.disturbances import Disturbed

P = ParamSpec("P")
R = TypeVar("R")

HOSTS = re.compile(rf"https?://((private\.)?(iam|({'|'.join(REGIONS)})\.kms)\.cloud\.ibm\.com)(:\d+)?(/|\?|$)")
"""The addresses of Key Protect and IAM; documentation, "Regions and endpoints"."""
EVERYTHING = re.compile("")
ARGUMENT = "key_protect"


class MockedKeyProtect(Control):
    """A simulator that answers `requests` in this process, its lab, and what a test may do to it (see `Control` too)."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self.url = f"https://{simulator.settings.region}.kms.cloud.ibm.com"
        self.iam_url = "https://iam.cloud.ibm.com/identity/token"
        self._reachable = True

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        """Connections are refused within the block."""
        self._reachable = False
        try:
            yield
        finally:
            self._reachable = True

    def answer(self, sent: requests.PreparedRequest) -> ApiResponse:
        """What the simulator answers to a request. Raises what `requests` raises where there is no whole answer."""
        if not self._reachable:
            raise requests.ConnectionError("the simulator is unreachable, as it was asked to be", request=sent)
        started = time.perf_counter()
        request = translated(sent)
        simulator = self.simulator
        if simulator.controls(request):
            return simulator.handle(request)
        disturbed = simulator.disturbances.next_for(request)
        if disturbed is not None:
            be_late(disturbed, sent)
        response = (disturbed and disturbed.instead) or simulator.handle(request)
        simulator.requests.write("mock", request, response, time.perf_counter() - started, disturbed)
        if disturbed is not None:
            break_off(disturbed, response, sent)
        return response


class EveryCall(responses.BaseResponse):
    """What `responses` matches: each request to these addresses, whatever its method."""

    def __init__(self, addresses: re.Pattern[str], answer: Callable[[requests.PreparedRequest], ApiResponse]) -> None:
        super().__init__("ANY", addresses)
        self._addresses = addresses
        self._answer = answer

    def matches(self, request: requests.PreparedRequest) -> tuple[bool, str]:
        return self._addresses.match(request.url or "") is not None, "another address"

    def get_response(self, request: requests.PreparedRequest) -> Any:
        answer = self._answer(request)
        sent = responses.CallbackResponse(
            "ANY", self._addresses, lambda _: (answer.status, list(answer.headers), answer.body), content_type=None
        )
        return sent.get_response(request)


class PreparedWith(Protocol):
    """A request as `responses` hands it out: with the arguments that it was sent with."""

    req_kwargs: dict[str, Any]


def translated(sent: requests.PreparedRequest) -> ApiRequest:
    """The request without `requests`."""
    address = urlsplit(sent.url or "")
    path = unquote(address.path) or "/"
    headers = {name.lower(): in_text(value) for name, value in sent.headers.items()}
    if not is_control(path):
        headers.setdefault("host", address.netloc)
    return ApiRequest(sent.method or "GET", path, address.query, headers, in_bytes(sent.body), "127.0.0.1")


def in_bytes(body: Any) -> bytes:
    """A body as `requests` prepares it: nothing, a text, bytes, or an iterator over bytes."""
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body or ())


def in_text(value: Any) -> str:
    """The value of a header."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def be_late(disturbed: Disturbed, sent: requests.PreparedRequest) -> None:
    """Wait as long as is asked for, or as long as the client has patience."""
    patience = cast("PreparedWith", sent).req_kwargs.get("timeout")
    patience = patience[1] if isinstance(patience, tuple) else patience
    if patience is not None and patience < disturbed.delay:
        time.sleep(patience)
        raise requests.ReadTimeout(f"Read timed out. (read timeout={patience})", request=sent)
    time.sleep(disturbed.delay)


def break_off(disturbed: Disturbed, response: ApiResponse, sent: requests.PreparedRequest) -> None:
    """Raise what `requests` raises when the connection ends too early; an answer without a body cannot be cut."""
    if disturbed.ending == "closed":
        raise requests.ConnectionError("Remote end closed connection without response", request=sent)
    if disturbed.ending == "truncated" and response.body:
        half = len(response.body) // 2
        raise requests.exceptions.ChunkedEncodingError(f"IncompleteRead({half} bytes read, {len(response.body) - half} more expected)")


@contextlib.contextmanager
def answering(simulator: Simulator, *, others: Literal["refuse", "pass"] = "refuse") -> Iterator[MockedKeyProtect]:
    """An existing simulator, to `requests` of this process, until the block ends."""
    mocked = MockedKeyProtect(simulator)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add(EveryCall(HOSTS, mocked.answer))
        if others == "pass":
            mock.add_passthru(EVERYTHING)
        yield mocked


class mocked_key_protect:  # noqa: N801 - used as a context manager and as a decorator, as a function would be
    """A new simulator with a lab, to `requests` of this process: a context manager, or a decorator.

    A decorated function that has a parameter `key_protect` is given the `MockedKeyProtect`; each call gets a new one.
    """

    def __init__(
        self,
        *,
        region: str = "us-south",
        content_type: ContentType = "service",
        others: Literal["refuse", "pass"] = "refuse",
    ) -> None:
        self._settings = Settings(region=region, content_type=content_type)
        self._others = others
        self._open: list[contextlib.ExitStack] = []

    def __enter__(self) -> MockedKeyProtect:
        with contextlib.ExitStack() as opening:
            simulator = opening.enter_context(Simulator.open(self._settings))
            mocked = opening.enter_context(answering(simulator, others=cast("Any", self._others)))
            self._open.append(opening.pop_all())
        return mocked

    def __exit__(self, *_: object) -> None:
        self._open.pop().close()

    def __call__(self, function: Callable[..., R]) -> Callable[..., R]:
        signature = inspect.signature(function)
        wanted = ARGUMENT in signature.parameters

        def given(mocked: MockedKeyProtect) -> dict[str, Any]:
            return {ARGUMENT: mocked} if wanted else {}

        @functools.wraps(function)
        def inside(*arguments: Any, **named: Any) -> R:
            with self as mocked:
                return function(*arguments, **named, **given(mocked))

        @functools.wraps(function)
        async def awaited(*arguments: Any, **named: Any) -> Any:
            with self as mocked:
                return await cast("Awaitable[Any]", function(*arguments, **named, **given(mocked)))

        wrapper: Any = awaited if inspect.iscoroutinefunction(function) else inside
        left = [parameter for name, parameter in signature.parameters.items() if name != ARGUMENT]
        wrapper.__signature__ = signature.replace(parameters=left)  # pytest asks a fixture for each parameter
        return cast("Callable[..., R]", wrapper)
