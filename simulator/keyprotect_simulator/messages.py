"""One request and its answer, free of any HTTP library: what every way into the simulator translates to and from.

The HTTP server builds an `ApiRequest` from a socket; an in-process mock builds one from a prepared request. Both hand it to
`Core.handle` and get an `ApiResponse`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

JSON = "application/json"
MAXIMUM_BODY = 1 << 20
"""Bytes of the largest body that is read."""
CONTROL = "/_simulator"
"""What the paths of the control API begin with; no path of the services does."""
CONTROL_BODY = 1 << 26
"""Bytes of the largest body that the control API reads: a whole state."""


def is_control(path: str) -> bool:
    """Whether a path belongs to the control API."""
    return path.startswith(CONTROL) and path[len(CONTROL) : len(CONTROL) + 1] in ("", "/")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request as it arrived: `path` is percent-decoded and without the query, header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""

    @property
    def media_type(self) -> str:
        """The type of the body without its parameters, lower case; empty when the request names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """The answer, ready to be sent. `caller` and `error_code` are for the access log alone."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    caller: str = ""
    error_code: str = ""

    def header(self, name: str) -> str | None:
        """The value of a header, whatever the case of its name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


def respond(
    status: int,
    document: Json | None,
    *,
    media_type: str = JSON,
    headers: tuple[tuple[str, str], ...] = (),
    error_code: str = "",
) -> ApiResponse:
    """A response with this document as its body; without one it has no body and no type."""
    if document is None:
        return ApiResponse(status, headers, error_code=error_code)
    return ApiResponse(status, (("Content-Type", media_type), *headers), json_bytes(document), error_code=error_code)


def json_bytes(document: Any) -> bytes:
    """A JSON document as it is sent: compact, UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
