"""Calls to IAM and Key Protect: kept-alive connections, an access token, retries with back-off, and a deadline over everything.

Retried: connections that fail or break, time-outs, 429 and 5xx. Not retried: whatever the service decided. After a call that nothing
answered, the next ones within `AWAY_SECONDS` fail at once: a Key Protect that is away must not make every client wait for it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from kmip_server.enums import ResultReason
from kmip_server.errors import WrappingUnavailable
from kmip_server.wrapping.refusals import WRONG_API_KEY, RootKeyRefused, refused

if TYPE_CHECKING:
    from kmip_server.settings import KeyProtectSettings
    from kmip_server.wrapping.contract import Observe

ATTEMPTS = 4
AWAY_SECONDS = 1.0
CONNECTIONS = 64
CONNECT_SECONDS = 2.0
TOKEN_LIFE_USED = 0.8
"""A token is renewed when this share of its life is over, as IBM's own SDKs do."""

USER_AGENT = "kmiplab"


class TryAgain(Exception):
    """The attempt failed in a way that may pass; the message says how."""


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
        self._away_until = 0.0
        self._away_words = ""

    async def call(self, name: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call, in a task of its own: its caller may have been started by hand. Raises `WrappingUnavailable`."""
        task = asyncio.get_running_loop().create_task(self._observed(name, method, path, body))
        return await task

    async def aclose(self) -> None:
        """Close the connections."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait((self._renewing,))
        await self._client.aclose()

    async def _observed(self, name: str, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """A call with retries under the deadline; its outcome is counted."""
        started = time.monotonic()
        if started < self._away_until:
            raise self._unavailable()
        outcome = "refused"
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                answer = await self._retrying(method, path, body)
            outcome = "ok"
        except (TryAgain, TimeoutError) as error:
            outcome = "unavailable"
            self._away_words = str(error) or f"no answer within {self._settings.deadline_seconds:g} s"
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise self._unavailable() from error
        finally:
            self._observe(name, outcome, time.monotonic() - started)
        return answer

    async def _retrying(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        policy = AsyncRetrying(
            retry=retry_if_exception_type(TryAgain),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.1, max=1.0),
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
            raise TryAgain(f"{service} did not answer in time") from error
        except httpx.TransportError as error:
            raise TryAgain(f"{service} cannot be reached at {urlsplit(url).netloc}: {type(error).__name__}") from error
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or (
            status >= httpx.codes.INTERNAL_SERVER_ERROR and status != httpx.codes.NOT_IMPLEMENTED
        ):
            raise TryAgain(f"{service} answered HTTP {status}")
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
            except TryAgain:
                if time.monotonic() >= self._token_dead_at:
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

    def _unavailable(self) -> WrappingUnavailable:
        return WrappingUnavailable(ResultReason.GENERAL_FAILURE, f"the root key cannot be used now: {self._away_words}", "try again later")


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
