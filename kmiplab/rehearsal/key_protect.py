"""The calls of Key Protect's REST API that an administrator makes in a migration, over HTTP, with the service ID's API key.

Paths and bodies are those of the public API description. A refusal is an error for people: status and the message of the service.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx

from kmiplab.errors import LabError

if TYPE_CHECKING:
    from types import TracebackType

KEY_TYPE = "application/vnd.ibm.kms.key+json"
API_KEY_GRANT = "urn:ibm:params:oauth:grant-type:apikey"


@dataclass(frozen=True, slots=True)
class KeyProtectAccess:
    """Where a Key Protect instance is, and who asks. The API key is a secret."""

    url: str
    iam_url: str
    instance_id: str
    api_key: str = field(repr=False)
    crk_id: str


class KeyProtectRefused(LabError):
    """Key Protect did not do what the rehearsal needs."""


class KeyProtect:
    """One instance. A context manager; a token is fetched with the first call and lives longer than a rehearsal."""

    def __init__(self, access: KeyProtectAccess) -> None:
        self._access = access
        self._client = httpx.Client(trust_env=False, timeout=30.0)
        self._headers: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def make_root_key(self, name: str) -> str:
        """A new root key; its id."""
        return self._made("/keys", {"name": name, "extractable": False, "type": KEY_TYPE}, KEY_TYPE)

    def make_adapter(self, name: str, root_key: str) -> str:
        """A KMIP adapter whose keys this root key wraps; its id."""
        return self._made("/kmip_adapters", {"name": name, "profile": "native_1.0", "profile_data": {"crk_id": root_key}})

    def register_certificate(self, adapter: str, name: str, pem: str) -> str:
        """Let whoever holds the certificate in at the adapter."""
        return self._made(f"/kmip_adapters/{adapter}/certificates", {"name": name, "certificate": pem})

    def objects_of(self, adapter: str) -> int:
        """How many KMIP objects the adapter has."""
        found = self._ask("GET", f"/kmip_adapters/{adapter}/kmip_objects?totalCount=true")
        return int(found["metadata"].get("totalCount", found["metadata"]["collectionTotal"]))

    def standard_keys(self, prefix: str) -> int:
        """How many standard keys the instance has whose name begins so."""
        found = self._ask("GET", "/keys?extractable=true&limit=5000")
        return sum(1 for key in found.get("resources", ()) if str(key.get("name", "")).startswith(prefix))

    def export(self) -> dict[str, Any]:
        """The whole state of the simulator, by its control API: what no Key Protect in earnest gives away."""
        response = self._client.get(f"{self._access.url}/_simulator/state")
        response.raise_for_status()
        document: dict[str, Any] = response.json()
        return document

    def _made(self, path: str, fields: dict[str, Any], media_type: str = "application/json") -> str:
        body = {"metadata": {"collectionType": media_type, "collectionTotal": 1}, "resources": [fields]}
        return str(self._ask("POST", path, body)["resources"][0]["id"])

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        if not self._headers:
            self._log_in()
        response = self._client.request(method, f"{self._access.url}/api/v2{path}", headers=self._headers, json=body)
        if response.is_error:
            what = f"Key Protect answers {method} {path.partition('?')[0]} with {response.status_code}: {_words(response)}"
            raise KeyProtectRefused(what, "was the Key Protect instance changed while the rehearsal ran?")
        document: dict[str, Any] = response.json()
        return document

    def _log_in(self) -> None:
        response = self._client.post(self._access.iam_url, data={"grant_type": API_KEY_GRANT, "apikey": self._access.api_key})
        if response.is_error:
            raise KeyProtectRefused(f"IAM answers {response.status_code} to the service ID's API key", "was it revoked?")
        self._headers = {"Authorization": f"Bearer {response.json()['access_token']}", "Bluemix-Instance": self._access.instance_id}


def _words(response: httpx.Response) -> str:
    try:
        return str(response.json()["resources"][0]["errorMsg"])
    except (ValueError, KeyError, IndexError, TypeError):
        return response.reason_phrase
