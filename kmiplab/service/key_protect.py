"""The service's own calls to IAM and Key Protect: over HTTP, with the service ID's API key, as everything else here.

Retried: what may pass (connections, time-outs, 429, 5xx), but not a new key whose answer was lost. What the services decided comes out as a
`Refusal`, with its HTTP status and code; that nobody answers, as `KeyManagerAway`. No sentence repeats anything of a request.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from kmiplab.service.values import KeyManagerAway, ServiceRefused

if TYPE_CHECKING:
    from kmiplab.service.values import KeyManager

ATTEMPTS = 3
SECONDS = httpx.Timeout(10.0, connect=3.0)
API_KEY_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
KEY_TYPE = "application/vnd.ibm.kms.key+json"


class TryAgain(Exception):
    """An attempt failed in a way that may pass; the message says how."""


class Refusal(Exception):
    """Key Protect or IAM said no: the HTTP status, and the code where there is one."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"HTTP {status} {code}".rstrip())
        self.status = status
        self.code = code


class KeyProtect:
    """One Key Protect instance, asked as the service ID of a `KeyManager`."""

    def __init__(self, key_manager: KeyManager) -> None:
        """Nothing is sent yet."""
        self.key_manager = key_manager
        is_local = all(_is_loopback(url) for url in (key_manager.url, key_manager.iam_url))
        self._client = httpx.Client(
            timeout=SECONDS, headers={"User-Agent": "kmiplab", "Accept": "application/json"}, trust_env=not is_local
        )
        self._token = ""

    def __enter__(self) -> Self:
        """As a context: the connections are closed at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def sign_in(self) -> dict[str, Any]:
        """Exchange the API key for an access token; gives the token's claims, unverified: IAM itself was asked."""
        form = {"grant_type": API_KEY_GRANT, "apikey": self.key_manager.api_key}
        answer = self._ask("IAM", "POST", self.key_manager.iam_url, data=form)
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise KeyManagerAway("iam-unreachable", f"what answers at {self.key_manager.iam_url} is no IAM", "check the URL of IAM.")
        self._token = token
        return _claims(token)

    def call(self, method: str, path: str, body: Any = None, **query: str | int) -> dict[str, Any]:
        """One call to Key Protect's API; the body of its answer. Raises `Refusal` or `KeyManagerAway`."""
        if not self._token:
            self.sign_in()
        headers = {"Bluemix-Instance": self.key_manager.instance_id, "Prefer": "return=representation"}
        return self._ask("Key Protect", method, f"{self.key_manager.url.rstrip('/')}/api/v2{path}", headers, params=query, json=body)

    def policies(self, account_id: str, iam_id: str) -> list[dict[str, Any]]:
        """The access policies that IAM shows of an identity (IAM Policy Management API)."""
        address = urlsplit(self.key_manager.iam_url)
        query = {"account_id": account_id, "iam_id": iam_id, "type": "access"}
        found = self._ask("IAM", "GET", f"{address.scheme}://{address.netloc}/v1/policies", {}, params=query).get("policies", [])
        return [policy for policy in found if isinstance(policy, dict)] if isinstance(found, list) else []

    def key(self, key_id: str) -> dict[str, Any]:
        """The metadata of a key, named by its id or an alias."""
        return _resource(self.call("GET", f"/keys/{key_id}/metadata"))

    def root_keys(self) -> list[dict[str, Any]]:
        """The active root keys that the service ID sees."""
        found = self.call("GET", "/keys", state=1, extractable="false", limit=5000).get("resources", [])
        return [key for key in found if isinstance(key, dict)]

    def import_root_key(self, name: str, material: bytes) -> str:
        """Make a root key of the customer's material (16, 24 or 32 bytes); its id."""
        resource = {"type": KEY_TYPE, "name": name, "extractable": False, "payload": base64.b64encode(material).decode("ascii")}
        return str(_resource(self.call("POST", "/keys", collection(resource)))["id"])

    def _ask(self, service: str, method: str, url: str, headers: dict[str, str] | None = None, **content: Any) -> dict[str, Any]:
        told = headers if headers is None else {**headers, "Authorization": f"Bearer {self._token}"}
        policy = Retrying(
            retry=retry_if_exception_type(TryAgain),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.1, max=1.0),
            reraise=True,
        )
        try:
            response = policy(self._send, service, method, url, headers=told, **content)
        except TryAgain as error:
            reason = "iam-unreachable" if service == "IAM" else "key-protect-unreachable"
            raise KeyManagerAway(reason, str(error), "check the URL, and whether this machine may reach it; or try again later.") from error
        if response.is_success:
            return _document(response)
        raise Refusal(response.status_code, _code(response))

    def _send(self, service: str, method: str, url: str, **content: Any) -> httpx.Response:
        try:
            response = self._client.request(method, url, **{name: value for name, value in content.items() if value is not None})
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ServiceRefused(
                "unusable-url", f"the URL of {service} is not one: {url}", "it begins with https:// and a host name."
            ) from error
        except httpx.TransportError as error:
            late = isinstance(error, httpx.TimeoutException)
            what = "did not answer in time" if late else f"cannot be reached ({type(error).__name__})"
            if method == "POST" and url.endswith("/keys") and not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
                raise KeyManagerAway(*_perhaps_made(urlsplit(url).netloc, what)) from error
            raise TryAgain(f"{service} at {urlsplit(url).netloc} {what}") from error
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise TryAgain(f"{service} answered HTTP {status} at {urlsplit(url).netloc}")
        return response


def collection(resource: dict[str, Any]) -> dict[str, Any]:
    """The body that makes one key."""
    return {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [resource]}


def _perhaps_made(place: str, what: str) -> tuple[str, str, str]:
    """A key that was asked for and not answered is not asked for again: nobody knows whether it was made."""
    return "key-protect-unreachable", f"Key Protect at {place} {what}, and may have made a key", "look there, and repeat the command."


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _claims(token: str) -> dict[str, Any]:
    """What a JWT says of its bearer; nothing, when it cannot be read."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (LookupError, ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


def _document(response: httpx.Response) -> dict[str, Any]:
    if not response.content:
        return {}
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise KeyManagerAway(
            "key-protect-unreachable", f"what answers at {response.url.netloc.decode()} is no Key Protect and no IAM", "check the URLs."
        )
    return document


def _resource(document: dict[str, Any]) -> dict[str, Any]:
    try:
        resource = document["resources"][0]
    except (LookupError, TypeError):
        resource = None
    if not isinstance(resource, dict):
        raise KeyManagerAway("key-protect-unreachable", "Key Protect's answer cannot be read", "is the URL Key Protect's?")
    return resource


def _code(response: httpx.Response) -> str:
    """The code of an error body of Key Protect or IAM; "" when there is none."""
    try:
        body = response.json()
        code = body["errorCode"] if "errorCode" in body else body["resources"][0]["reasons"][0]["code"]
    except (ValueError, LookupError, TypeError):
        return ""
    return code if isinstance(code, str) and code.replace("_", "").isalnum() else ""
