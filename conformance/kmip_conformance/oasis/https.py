"""KMIP over HTTPS, in whichever encoding a case is about (Additional Message Encodings 1.0, 2): ``POST /kmip``.

What comes back is turned into TTLV, so that it is compared like any other answer. What the profile demands of the HTTP around it (the
status, the content type, Cache-Control, Content-Length) is judged here: a miss is a `Failure`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from typing import TYPE_CHECKING

from kmip_conformance.client import DEFAULT_TLS, Closed, Exchange, Silence, context_for
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.oasis.encodings import NotEncoded, from_json, from_xml, to_json, to_xml
from kmip_conformance.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPResponse

    from kmip_conformance.client import Outcome, Target, Tls
    from kmip_conformance.wire import Item

PATH = "/kmip"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a message is carried: its content type, and both directions."""

    content_type: str
    write: Callable[[Item], bytes]
    read: Callable[[bytes], bytes]


TTLV = Encoding("application/octet-stream", encode, lambda body: body)
XML = Encoding("text/xml", to_xml, lambda body: encode(from_xml(body)))
JSON = Encoding("application/json", to_json, lambda body: encode(from_json(body)))

ENCODING_OF = {"MSGENC-HTTPS": TTLV, "MSGENC-XML": XML, "MSGENC-JSON": JSON}
"""Beginning of a case's name → the encoding that it is about. Every other case goes in TTLV straight over TLS."""


class HttpsChannel:
    """One client's way to the target over HTTPS."""

    def __init__(self, target: Target, port: int, timeout: float, encoding: Encoding, tls: Tls = DEFAULT_TLS) -> None:
        self._encoding = encoding
        self._timeout = timeout
        self._connection = HTTPSConnection(target.host, port, timeout=timeout, context=context_for(target, tls))

    def exchange(self, message: Item) -> Exchange:
        """Send a message and wait for what answers it."""
        begun = time.perf_counter()
        request = encode(message)
        try:
            response, body = self._post(self._encoding.write(message))
        except TimeoutError:
            self.close()
            return Exchange(request, Silence(self._timeout), (time.perf_counter() - begun) * 1000)
        except OSError:
            self.close()
            return Exchange(request, Closed(), (time.perf_counter() - begun) * 1000)
        except HTTPException as error:
            self.close()
            raise Failure(("an answer in HTTP",), f"something else: {type(error).__name__}") from error
        _judge(response, self._encoding)
        try:
            return Exchange(request, self._encoding.read(body), (time.perf_counter() - begun) * 1000)
        except NotEncoded as error:
            raise Failure((f"a body in {self._encoding.content_type}",), str(error)) from error

    def _post(self, body: bytes) -> tuple[HTTPResponse, bytes]:
        headers = {"Content-Type": self._encoding.content_type, "Cache-Control": "no-cache", "Connection": "keep-alive"}
        self._connection.request("POST", PATH, body, headers)
        response = self._connection.getresponse()
        return response, response.read()

    def receive_request(self, seconds: float) -> Outcome:
        """Over HTTPS a server sends its requests to a server of the client's, which there is none of here."""
        return Silence(seconds)

    def send(self, message: Item) -> None:
        """Nothing is answered over HTTPS; see `receive_request`."""

    def close(self) -> None:
        """Hang up; the next message opens another connection."""
        self._connection.close()


def _judge(response: HTTPResponse, encoding: Encoding) -> None:
    """What the HTTPS profile demands of a server's answer (Additional Message Encodings 1.0, 2.5)."""
    if response.status != 200:
        raise Failure(("HTTP status 200 for a KMIP response",), f"HTTP status {response.status}")
    content_type = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    if content_type != encoding.content_type:
        raise Failure((f"Content-Type: {encoding.content_type}",), f"Content-Type: {content_type or 'none'}")
    if response.getheader("Content-Length") is None:
        raise Failure(("a Content-Length",), "none")
    if "no-cache" not in (response.getheader("Cache-Control") or "").lower():
        raise Failure(("Cache-Control: no-cache",), f"Cache-Control: {response.getheader('Cache-Control') or 'none'}")
