"""What Key Protect's and IAM's refusals mean for a KMIP client: HTTP status and error code → Result Reason and a sentence.

A root key that is gone is no "Item Not Found": the KMIP object is there, and a vCenter that reads otherwise would call its key lost.
Nothing of a request (tokens, API keys, plaintexts) ever comes into a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kmip_server.enums import ResultReason
from kmip_server.errors import WrappingUnavailable

if TYPE_CHECKING:
    import httpx


class Refusal(NamedTuple):
    """A Result Reason, a sentence, and whether all keys under that root key are shut by it."""

    reason: ResultReason
    words: str
    shuts: bool = True


NO_RIGHTS = Refusal(ResultReason.PERMISSION_DENIED, "Key Protect refuses this server's service ID: it has no right to use the root key")

BY_CODE = {
    "KEY_ACTION_INVALID_STATE_ERR": Refusal(ResultReason.PERMISSION_DENIED, "the root key is not active in Key Protect: it is disabled"),
    "KEY_EXPIRED_ERR": Refusal(ResultReason.PERMISSION_DENIED, "the root key has expired in Key Protect"),
    "KEY_DELETED_ERR": Refusal(ResultReason.CRYPTOGRAPHIC_FAILURE, "the root key was deleted in Key Protect"),
    "KEY_NOT_FOUND_ERR": Refusal(ResultReason.CRYPTOGRAPHIC_FAILURE, "the root key does not exist in Key Protect"),
    "KEY_ROOT_REQ_ERR": Refusal(ResultReason.CRYPTOGRAPHIC_FAILURE, "the key named as root key is a standard key"),
    "UNPROCESSABLE_CIPHERTEXT_ERR": Refusal(ResultReason.CRYPTOGRAPHIC_FAILURE, "Key Protect cannot open the wrapped key", shuts=False),
    "INVALID_FIELD_ERR": Refusal(ResultReason.CRYPTOGRAPHIC_FAILURE, "Key Protect does not accept the key data", shuts=False),
}

BY_STATUS = {
    401: NO_RIGHTS,
    403: NO_RIGHTS,
    404: BY_CODE["KEY_NOT_FOUND_ERR"],
    409: BY_CODE["KEY_ACTION_INVALID_STATE_ERR"],
    410: BY_CODE["KEY_DELETED_ERR"],
}

WRONG_API_KEY = Refusal(ResultReason.PERMISSION_DENIED, "IAM refuses this server's API key")


class RootKeyRefused(WrappingUnavailable):
    """Key Protect answered, and said no: trying again would not help. ``shuts``: whatever this root key wraps is shut."""

    def __init__(self, refusal: Refusal, detail: str, code: str = "") -> None:
        """The refusal, and what the service called it; ``code``: of Key Protect's error."""
        super().__init__(refusal.reason, f"{refusal.words} ({detail})", "look at the root key, the service ID's roles and the API key")
        self.shuts = refusal.shuts
        self.code = code


def refused(response: httpx.Response) -> RootKeyRefused:
    """What an error answer of Key Protect means."""
    code = code_of(response)
    refusal = BY_CODE.get(code) or BY_STATUS.get(response.status_code)
    if refusal is None:
        refusal = Refusal(ResultReason.CRYPTOGRAPHIC_FAILURE, "Key Protect refuses the request", shuts=False)
    return RootKeyRefused(refusal, f"HTTP {response.status_code} {code}".rstrip(), code)


def code_of(response: httpx.Response) -> str:
    """The code of Key Protect's error body, "" when there is none."""
    try:
        code = response.json()["resources"][0]["reasons"][0]["code"]
    except (ValueError, LookupError, TypeError):
        return ""
    return code if isinstance(code, str) and code.replace("_", "").isalnum() else ""
