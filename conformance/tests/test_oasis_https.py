"""HTTPS as the player speaks it: what it sends, and what of a server's HTTP breaks the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import oasis_xml as xml
import pytest
from kmip_conformance.certificates import Authority
from kmip_conformance.client import Closed, Silence, Target
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.oasis.encodings import to_json, to_xml
from kmip_conformance.oasis.https import JSON, TTLV, XML, Encoding, HttpsChannel
from kmip_conformance.wire import decode, encode
from listeners import listening, server_context

if TYPE_CHECKING:
    import socket

REQUEST = xml.item(xml.request(xml.asked("Query")))
ANSWER = xml.item(xml.response(xml.answered("Query", xml.uid("a-1"))))
BODIES = {TTLV.content_type: encode(ANSWER), XML.content_type: to_xml(ANSWER), JSON.content_type: to_json(ANSWER)}


class WebServer:
    """Answers every request in one way, and keeps what it heard. Each field is part of that answer; None leaves it out."""

    def __init__(
        self, body: bytes, content_type: str, status: str = "200 OK", cache_control: str | None = "no-cache", *, length: bool = True
    ) -> None:
        self.heard: list[bytes] = []
        head = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
        head += [f"Content-Length: {len(body)}"] if length else ["Connection: close"]
        head += [f"Cache-Control: {cache_control}"] if cache_control else []
        self.answer = "\r\n".join([*head, "", ""]).encode() + body
        self.closes = not length

    def __call__(self, connection: socket.socket) -> None:
        data = b""
        while more := connection.recv(65536):
            data += more
            head, _, body = data.partition(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
            if b"\r\n\r\n" in data and len(body) >= length:
                self.heard.append(data)
                data = b""
                connection.sendall(self.answer)
                if self.closes:
                    return


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("pki"))


def exchanged(server: WebServer, authority: Authority, encoding: Encoding, times: int = 1) -> list[bytes | Silence | Closed]:
    client = authority.client()
    with listening(server, server_context(authority.server(), authority.file)) as port:
        target = Target("127.0.0.1", port, authority.file, client.cert, client.key)
        channel = HttpsChannel(target, port, 2.0, encoding)
        try:
            return [channel.exchange(REQUEST).response for _ in range(times)]
        finally:
            channel.close()


@pytest.mark.parametrize("encoding", [TTLV, XML, JSON], ids=lambda encoding: encoding.content_type)
def test_each_encoding_goes_both_ways_over_one_connection(authority: Authority, encoding: Encoding) -> None:
    server = WebServer(BODIES[encoding.content_type], f"{encoding.content_type}; charset=utf-8")

    answers = exchanged(server, authority, encoding, times=2)

    assert [decode(answer).item for answer in answers if isinstance(answer, bytes)] == [ANSWER, ANSWER]
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /kmip HTTP/1.1\r\n")
    assert f"content-type: {encoding.content_type}".encode() in head.lower()
    assert b"cache-control: no-cache" in head.lower()
    assert encoding.read(body) == encode(REQUEST)


@pytest.mark.parametrize(
    ("server", "observed"),
    [
        (WebServer(b"", TTLV.content_type, "404 Not Found"), "HTTP status 404"),
        (WebServer(BODIES[TTLV.content_type], "text/html"), "Content-Type: text/html"),
        (WebServer(BODIES[TTLV.content_type], TTLV.content_type, cache_control=None), "Cache-Control: none"),
        (WebServer(BODIES[TTLV.content_type], TTLV.content_type, cache_control="private"), "Cache-Control: private"),
        (WebServer(BODIES[TTLV.content_type], TTLV.content_type, length=False), "none"),
    ],
)
def test_what_breaks_the_profile_is_said(authority: Authority, server: WebServer, observed: str) -> None:
    with pytest.raises(Failure) as caught:
        exchanged(server, authority, TTLV)

    assert caught.value.observed == observed


def test_a_body_that_is_not_of_its_type_is_a_failure(authority: Authority) -> None:
    with pytest.raises(Failure, match="not JSON"):
        exchanged(WebServer(b"<html/>", JSON.content_type), authority, JSON)


def test_what_is_no_http_at_all_is_a_failure(authority: Authority) -> None:
    server = WebServer(b"", TTLV.content_type)
    server.answer = b"SSH-2.0-OpenSSH\r\n"

    with pytest.raises(Failure, match="an answer in HTTP"):
        exchanged(server, authority, TTLV)


def test_no_answer_and_a_closed_connection_are_outcomes(authority: Authority) -> None:
    silent, closing = WebServer(b"", TTLV.content_type), WebServer(b"", TTLV.content_type, length=False)
    silent.answer = closing.answer = b""

    assert exchanged(silent, authority, TTLV) == [Silence(2.0)]
    assert exchanged(closing, authority, TTLV) == [Closed()]
