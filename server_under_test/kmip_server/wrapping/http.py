"""Calls to IAM and Key Protect: kept-alive connections, an access token, retries with back-off, and a deadline over everything.

Retried: connections that fail or break, time-outs, 429 and 5xx, no sooner than a Retry-After says; where that is later than the deadline,
the call fails at once. Not retried: whatever the service decided; nor a call that must not be made twice, if it may have been made. After a
call that nothing answered, the next ones fail at once, and one of them each `AWAY_SECONDS` finds out whether it is back (`circuit`): a Key
Protect that is away must not make every client wait for it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from kmip_server.enums import ResultReason
from kmip_server.errors import WrappingUnavailable
from kmip_server.wrapping.circuit import Circuit
from kmip_server.wrapping.refusals import WRONG_API_KEY, RootKeyRefused, refused

if TYPE_CHECKING:
    from tenacity import RetryCallState
    from tenacity.retry import retry_base

    from kmip_server.settings import KeyProtectSettings
    from kmip_server.wrapping.contract import Observe

ATTEMPTS = 4
AWAY_SECONDS = 1.0
CONNECTIONS = 64
CONNECT_SECONDS = 2.0
TOKEN_LIFE_USED = 0.8
"""A token is renewed when this share of its life is over, as IBM's own SDKs do."""

USER_AGENT = "kmiplab"
BACK_OFF = wait_random_exponential(multiplier=0.1, max=1.0)

log = logging.getLogger("kmip_server.wrapping")


class TryAgain(Exception):
    """The attempt failed in a way that may pass; the message says how.

    ``after``: the seconds that the service asked to be left alone. ``undone``: what was asked for was certainly not done.
    """

    def __init__(self, words: str, after: float = 0.0, *, undone: bool = False) -> None:
        """At once may be too early; `BACK_OFF` comes on top."""
        super().__init__(words)
        self.after = after
        self.undone = undone


UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TURNED_AWAY = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
TRY_AGAIN = retry_if_exception_type(TryAgain)
IF_UNDONE = retry_if_exception(lambda error: isinstance(error, TryAgain) and error.undone)


class KeyProtectHttp:
    """Requests to one Key Protect instance, with the token that they need."""

    def __init__(self, settings: KeyProtectSettings, observe: Observe) -> None:
        """Nothing is sent yet."""
        self._settings = settings
        self._observe = observe
        is_local = all(_is_loopback(url) for url in (settings.url, settings.iam_url))
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.deadline_seconds, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            trust_env=not is_local,
        )
        self._token = ""
        self._token_renew_at = self._token_dead_at = 0.0
        self._renewing: asyncio.Task[None] | None = None
        self._circuit = Circuit(AWAY_SECONDS, time.monotonic, self._turned)

    async def call(
        self, name: str, method: str, path: str, body: dict[str, Any] | None = None, *, repeatable: bool = True
    ) -> dict[str, Any]:
        """One call, in a task of its own: its caller may have been started by hand. Raises `WrappingUnavailable`.

        One that is not ``repeatable`` makes something, and would make another: it is not tried again once it may have been carried out.
        """
        task = asyncio.get_running_loop().create_task(self._observed(name, method, path, body, TRY_AGAIN if repeatable else IF_UNDONE))
        return await task

    async def aclose(self) -> None:
        """Close the connections."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait((self._renewing,))
        await self._client.aclose()

    async def _observed(self, name: str, method: str, path: str, body: dict[str, Any] | None, again: retry_base) -> dict[str, Any]:
        """A call with retries under the deadline; its outcome is counted."""
        pass_ = self._circuit.admit()
        if pass_ is None:
            self._observe(name, "away", 0.0)
            raise self._unavailable(self._circuit.why)
        started = time.monotonic()
        outcome = "refused"
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                answer = await self._retrying(method, path, body, again)
            outcome = "ok"
            self._circuit.answered(pass_)
        except (TryAgain, TimeoutError) as error:
            outcome = "unavailable"
            words = str(error) or f"no answer within {self._settings.deadline_seconds:g} s"
            if again is TRY_AGAIN or isinstance(error, TimeoutError) or error.undone:
                self._circuit.unanswered(pass_, words)
            raise self._unavailable(words) from error
        except RootKeyRefused:
            self._circuit.answered(pass_)
            raise
        finally:
            self._circuit.abandoned(pass_)
            self._observe(name, outcome, time.monotonic() - started)
        return answer

    async def _retrying(self, method: str, path: str, body: dict[str, Any] | None, again: retry_base) -> dict[str, Any]:
        policy = AsyncRetrying(
            retry=again,
            stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(self._settings.deadline_seconds),
            wait=_wait,
            reraise=True,
        )
        answer: dict[str, Any] = await policy(self._authorized, method, path, body)
        return answer

    async def _authorized(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """One attempt; a token that is refused is renewed once."""
        token = await self._valid_token()
        response = await self._send(method, path, body, token)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._discard(token)
            response = await self._send(method, path, body, await self._valid_token())
        if response.is_success:
            return _json_object(response)
        raise refused(response)

    async def _send(self, method: str, path: str, body: dict[str, Any] | None, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": self._settings.instance_id}
        url = f"{self._settings.url.rstrip('/')}/api/v2{path}"
        return await self._request("Key Protect", method, url, json=body, headers=headers)

    async def _request(self, service: str, method: str, url: str, **content: Any) -> httpx.Response:
        """Send once. Raises `TryAgain` when that may help."""
        try:
            response = await self._client.request(method, url, **content)
        except httpx.InvalidURL as error:
            raise TryAgain(f"{url} is not a URL") from error
        except httpx.TimeoutException as error:
            raise TryAgain(f"{service} did not answer in time", undone=isinstance(error, UNSENT)) from error
        except httpx.TransportError as error:
            words = f"{service} cannot be reached at {urlsplit(url).netloc}: {type(error).__name__}"
            raise TryAgain(words, undone=isinstance(error, UNSENT)) from error
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or (
            status >= httpx.codes.INTERNAL_SERVER_ERROR and status != httpx.codes.NOT_IMPLEMENTED
        ):
            raise TryAgain(f"{service} answered HTTP {status}", _retry_after(response), undone=status in TURNED_AWAY)
        return response

    # --- the access token

    async def _valid_token(self) -> str:
        """The access token, renewed when its time has come; all who need a new one wait for the same request."""
        now = time.monotonic()
        if now >= self._token_renew_at:
            if self._renewing is None:
                self._renewing = asyncio.get_running_loop().create_task(self._renew())
                self._renewing.add_done_callback(self._renewed)
            try:
                await asyncio.shield(self._renewing)
            except TryAgain as trouble:
                if time.monotonic() >= self._token_dead_at:
                    trouble.undone = True  # what the token is for was not asked yet
                    raise
        return self._token

    async def _renew(self) -> None:
        form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": self._settings.api_key}
        started = time.monotonic()
        response = await self._request("IAM", "POST", self._settings.iam_url, data=form)
        self._observe("token", "ok" if response.is_success else "refused", time.monotonic() - started)
        if not response.is_success:
            code = _iam_code(response)
            raise RootKeyRefused(WRONG_API_KEY, f"HTTP {response.status_code} {code}".rstrip())
        fields = _json_object(response)
        try:
            self._token, life = str(fields["access_token"]), float(fields["expires_in"])
        except (KeyError, TypeError, ValueError) as error:
            raise TryAgain("IAM answered without a token") from error
        self._token_renew_at, self._token_dead_at = started + TOKEN_LIFE_USED * life, started + life

    def _renewed(self, task: asyncio.Task[None]) -> None:
        self._renewing = None
        if not task.cancelled():
            task.exception()  # whoever waited has it

    def _discard(self, token: str) -> None:
        if token == self._token:
            self._token_renew_at = self._token_dead_at = 0.0

    def _unavailable(self, why: str) -> WrappingUnavailable:
        return WrappingUnavailable(ResultReason.GENERAL_FAILURE, f"the root key cannot be used now: {why}", "try again later")

    def _turned(self, state: str, words: str) -> None:
        if state == "open":
            log.warning("Key Protect instance %s does not answer (%s): its keys are shut until it does", self._settings.instance_id, words)
        else:
            log.warning("Key Protect instance %s answers again, %s", self._settings.instance_id, words)
        self._observe("circuit", state, 0.0)


def _wait(state: RetryCallState) -> float:
    """Seconds before the next attempt: as long as the service asked for, and a little by chance, so that not all come at once."""
    trouble = state.outcome.exception() if state.outcome is not None else None
    return BACK_OFF(state) + (trouble.after if isinstance(trouble, TryAgain) else 0.0)


def _retry_after(response: httpx.Response) -> float:
    """The seconds of a Retry-After header, which may also be a date (RFC 9110, 10.2.3); 0 without a readable one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise TryAgain(f"{response.url.host} answered something that is not JSON: is it Key Protect?")
    return answer


def _iam_code(response: httpx.Response) -> str:
    try:
        code = response.json()["errorCode"]
    except (ValueError, LookupError, TypeError):
        return ""
    return code if isinstance(code, str) and code.isalnum() else ""


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
