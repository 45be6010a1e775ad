"""KMIP over HTTPS on the port of TTLV: a real server, real TLS, httpx and raw sockets as clients."""

from __future__ import annotations

import json
import socket
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
from kmip_server.codec import frame_length
from kmip_server.codec.forms import FORMS, JSON, TTLV, XML, Form
from kmip_server.conversation import Peer
from kmip_server.directory.contract import Client
from kmip_server.listener.http import HttpFraming
from kmip_server.listener.limits import Limits
from kmip_server.testing import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.conversation import Outgoing, Reply
    from kmip_server.errors import MalformedMessage
    from kmip_server.testing import RunningServer
    from kmip_server.versions import KmipVersion

MESSAGE_BYTES = 4096

QUERY = """<RequestMessage><RequestHeader><ProtocolVersion>
<ProtocolVersionMajor type="Integer" value="1"/><ProtocolVersionMinor type="Integer" value="2"/></ProtocolVersion>
{}<BatchCount type="Integer" value="1"/></RequestHeader><BatchItem><Operation type="Enumeration" value="Query"/>
<RequestPayload><QueryFunction type="Enumeration" value="QueryOperations"/><QueryFunction type="Enumeration" value="QueryObjects"/>
</RequestPayload></BatchItem></RequestMessage>"""


def query(form: Form, header: str = "") -> bytes:
    return form.write(XML.read(QUERY.format(header).encode()))


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(limits=Limits(message_bytes=MESSAGE_BYTES)) as running:
        yield running


@pytest.fixture(scope="module")
def context(server: RunningServer) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(server.ca))
    made.load_cert_chain(server.cert, server.key)
    return made


@pytest.fixture
def client(server: RunningServer, context: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"https://localhost:{server.port}", verify=context) as made:
        yield made


@pytest.fixture
def connection(server: RunningServer, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as made,
    ):
        yield made


def post(client: httpx.Client, body: bytes, media_type: str = "text/xml", **headers: str) -> httpx.Response:
    return client.post("/kmip", content=body, headers={"Content-Type": media_type, "Cache-Control": "no-cache", **headers})


def head_of_request(body: bytes, *lines: str) -> bytes:
    return "\r\n".join(["POST /kmip HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *lines, "", ""]).encode()


def whole_answer(connection: ssl.SSLSocket) -> bytes:
    received = b""
    while more := connection.recv(65536):
        received += more
    return received


def answer(connection: ssl.SSLSocket, before: bytes = b"") -> tuple[bytes, bytes, bytes]:
    """Status line and headers, body, and what came after it."""
    received = before
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, rest = received.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    while len(rest) < length:
        rest += connection.recv(65536)
    return head, rest[:length], rest[length:]


@pytest.mark.parametrize("media_type", FORMS)
def test_a_query_is_answered_in_the_form_it_came_in(client: httpx.Client, media_type: str) -> None:
    form = FORMS[media_type]
    for _ in range(2):  # on one connection
        response = post(client, query(form), media_type)
        assert (response.status_code, response.headers["content-type"]) == (200, form.media_type)
        assert response.headers["cache-control"] == "no-cache"
        assert int(response.headers["content-length"]) == len(response.content)
        ttlv = form.read(response.content)
        assert b'<ResultStatus type="Enumeration" value="Success"/>' in XML.write(ttlv)
        assert b'<Operation type="Enumeration" value="Locate"/>' in XML.write(ttlv)


def test_the_forms_say_the_same(client: httpx.Client) -> None:
    answers = {form.read(post(client, query(form), media_type).content)[120:] for media_type, form in FORMS.items()}
    assert len(answers) == 1  # but for the time stamp, which stands before


@pytest.mark.parametrize("form", [TTLV, XML, JSON], ids=["ttlv", "xml", "json"])
def test_maximum_response_size_means_ttlv(client: httpx.Client, form: Form) -> None:
    def result(maximum: int) -> bytes:
        asked = query(form, f'<MaximumResponseSize type="Integer" value="{maximum}"/>')
        return form.read(post(client, asked, form.media_type).content)

    size = len(form.read(post(client, query(form), form.media_type).content))
    assert b"ResponseTooLarge" in XML.write(result(256))
    assert b"ResponseTooLarge" in XML.write(result(size - 1))
    assert len(result(size)) == size


def test_ttlv_and_http_share_the_port(connection: ssl.SSLSocket, client: httpx.Client) -> None:
    connection.sendall(query(TTLV))
    assert connection.recv(4) == bytes.fromhex("42007b01")
    assert post(client, query(XML)).status_code == 200


def test_a_request_may_come_byte_by_byte_and_another_behind_it(connection: ssl.SSLSocket) -> None:
    body = query(JSON)
    request = head_of_request(body, "Content-Type: application/json") + body
    for at in range(0, len(request), 97):
        connection.sendall(request[at : at + 97])
    head, content, rest = answer(connection)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(content)["tag"] == "ResponseMessage"
    assert rest == b""
    connection.sendall(request + request)
    _, _, rest = answer(connection)
    head, content, _ = answer(connection, rest)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(content)["tag"] == "ResponseMessage"


def test_http_1_0_is_answered_and_the_connection_ends(connection: ssl.SSLSocket) -> None:
    body = query(TTLV)
    lines = (
        "POST /kmip HTTP/1.0",
        "Pragma: no-cache",
        "Content-Type: application/octet-stream",
        f"Content-Length: {len(body)}      ",
        "",
        "",
    )
    connection.sendall("\r\n".join(lines).encode() + body)
    head, _, content = whole_answer(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert content.startswith(bytes.fromhex("42007b01"))


def test_a_chunked_body_is_read(client: httpx.Client) -> None:
    body = query(XML)
    parts = (body[at : at + 50] for at in range(0, len(body), 50))
    response = client.post("/kmip", content=parts, headers={"Content-Type": "text/xml"})
    assert b"Success" in response.content


def test_a_client_that_waits_is_told_to_continue(connection: ssl.SSLSocket) -> None:
    body = query(XML)
    connection.sendall(head_of_request(body, "Content-Type: text/xml", "Expect: 100-continue"))
    interim = b""
    while not interim.endswith(b"\r\n\r\n"):
        interim += connection.recv(1024)
    assert interim.startswith(b"HTTP/1.1 100 ")
    connection.sendall(body)
    assert b"Success" in answer(connection)[1]


def test_a_client_that_waits_in_vain_is_told_why(connection: ssl.SSLSocket) -> None:
    connection.sendall(head_of_request(b"{}", "Content-Type: text/html", "Expect: 100-continue"))
    assert whole_answer(connection).startswith(b"HTTP/1.1 415 ")


REFUSED = [
    ("GET", "/kmip", "text/xml", 405, "by POST alone"),
    ("PUT", "/kmip", "text/xml", 405, "by POST alone"),
    ("POST", "/", "text/xml", 404, "nothing here but /kmip"),
    ("POST", "/kmip/", "text/xml", 404, "nothing here but /kmip"),
    ("GET", "/index.html", "text/xml", 404, "nothing here but /kmip"),
    ("POST", "/kmip", "text/html", 415, "'text/html': KMIP is one of application/octet-stream, text/xml"),
    ("POST", "/kmip", "", 415, "No Content-Type"),
    ("POST", "/kmip", "text/xml; charset=iso-8859-1", 415, "UTF-8"),
]


@pytest.mark.parametrize(("method", "path", "media_type", "status", "words"), REFUSED)
def test_what_http_cannot_pass_on_has_a_status_and_a_sentence(
    client: httpx.Client, method: str, path: str, media_type: str, status: int, words: str
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    response = client.request(method, path, content=query(XML), headers=headers)
    assert response.status_code == status
    assert words in response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert status != 405 or response.headers["allow"] == "POST"
    assert post(client, query(XML)).status_code == 200


def test_head_is_refused_without_a_body(client: httpx.Client) -> None:
    response = client.head("/kmip")
    assert (response.status_code, response.content) == (405, b"")
    assert client.head("/kmip").status_code == 405


def test_what_a_query_string_and_a_content_type_add_is_no_matter(client: httpx.Client) -> None:
    response = client.post("/kmip?a=b", content=query(XML), headers={"Content-Type": 'Text/XML; charset="UTF-8"'})
    assert b"Success" in response.content


def test_a_compressed_body_is_refused(client: httpx.Client) -> None:
    response = post(client, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")


@pytest.mark.parametrize("form", [TTLV, XML, JSON], ids=["ttlv", "xml", "json"])
def test_a_body_that_is_too_long_is_refused_before_it_is_read(connection: ssl.SSLSocket, form: Form) -> None:
    limit = MESSAGE_BYTES * form.length
    connection.sendall(head_of_request(b"", f"Content-Type: {form.media_type}").replace(b"Length: 0", b"Length: %d" % (limit + 1)))
    received = whole_answer(connection)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert f"{limit} bytes at most".encode() in received


def test_a_chunked_body_that_is_too_long_is_refused_on_the_way(connection: ssl.SSLSocket) -> None:
    lines = ("POST /kmip HTTP/1.1", "Host: localhost", "Content-Type: application/octet-stream", "Transfer-Encoding: chunked", "", "")
    connection.sendall("\r\n".join(lines).encode() + b"1001\r\n" + bytes(4097) + b"\r\n")
    assert whole_answer(connection).startswith(b"HTTP/1.1 413 ")


def test_a_short_text_may_not_hide_a_long_message(client: httpx.Client) -> None:
    long = "<BatchItem>" + '<Q type="Integer" value="1"/>' * 400 + "</BatchItem>"
    response = post(client, f"<RequestMessage>{long}</RequestMessage>".encode())
    assert response.status_code == 200
    assert b"more than the 4096 that are read" in response.content


def test_long_texts_are_read_and_written_beside_the_others() -> None:
    with running_server() as roomy:
        made = ssl.create_default_context(cafile=str(roomy.ca))
        made.load_cert_chain(roomy.cert, roomy.key)
        with httpx.Client(base_url=f"https://localhost:{roomy.port}", verify=made) as client:
            long = CREATE.replace('"ring"', f'"{"long " * 20_000}"').encode()
            identifier = XML.write(XML.read(post(client, long).content)).decode().partition('UniqueIdentifier type="TextString" value="')[2]
            got = post(client, GET_ATTRIBUTES.format(identifier.partition('"')[0]).encode())
            assert b"long long long" in got.content
            assert len(got.content) > 100_000


@pytest.mark.parametrize(
    "noise",
    [
        b"POST /kmip\r\n\r\n",
        b"POST /kmip HTTP/1.1\r\n\r\n",
        b"POST /kmip HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /kmip HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /kmip HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000,
    ],
    ids=["no version", "no host", "two lengths", "negative length", "long header"],
)
def test_what_is_no_http_is_refused_and_the_connection_ends(connection: ssl.SSLSocket, noise: bytes) -> None:
    connection.sendall(noise)
    received = whole_answer(connection)
    assert received.startswith(b"HTTP/1.1 4")
    assert b"This is no HTTP request" in received


@pytest.mark.parametrize(
    ("form", "body", "reason"),
    [
        (TTLV, b"hello", "InvalidMessage"),
        (TTLV, b"", "InvalidMessage"),
        (XML, b"<html/>", "InvalidMessage"),
        (XML, query(XML).replace(b"QueryObjects", b"QueryNothing"), "InvalidField"),
        (XML, query(XML).replace(b"BatchCount type", b"BatchCount name"), "InvalidMessage"),
        (JSON, b'{"tag":', "InvalidMessage"),
        (JSON, query(JSON).replace(b"RequestPayload", b"ResponsePayload"), "InvalidField"),
    ],
)
def test_a_message_that_cannot_be_read_has_a_kmip_answer(client: httpx.Client, form: Form, body: bytes, reason: str) -> None:
    response = post(client, body, form.media_type)
    assert (response.status_code, response.headers["content-type"]) == (200, form.media_type)
    answered = XML.write(form.read(response.content)).decode()
    assert '<ResultStatus type="Enumeration" value="OperationFailed"/>' in answered
    assert f'<ResultReason type="Enumeration" value="{reason}"/>' in answered
    assert post(client, query(form), form.media_type).status_code == 200


def test_the_refusal_of_a_text_has_the_version_that_it_names(client: httpx.Client) -> None:
    answered = post(client, query(XML).replace(b"QueryObjects", b"QueryNothing")).content
    assert b'<ProtocolVersionMinor type="Integer" value="2"/>' in answered


CREATE = """<RequestMessage><RequestHeader><ProtocolVersion>
<ProtocolVersionMajor type="Integer" value="1"/><ProtocolVersionMinor type="Integer" value="2"/></ProtocolVersion>
<BatchCount type="Integer" value="1"/></RequestHeader><BatchItem><Operation type="Enumeration" value="Create"/><RequestPayload>
<ObjectType type="Enumeration" value="SymmetricKey"/><TemplateAttribute>
<Attribute><AttributeName type="TextString" value="Cryptographic Algorithm"/><AttributeValue type="Enumeration" value="AES"/></Attribute>
<Attribute><AttributeName type="TextString" value="Cryptographic Length"/><AttributeValue type="Integer" value="256"/></Attribute>
<Attribute><AttributeName type="TextString" value="Cryptographic Usage Mask"/>
<AttributeValue type="Integer" value="Encrypt Decrypt"/></Attribute>
<Attribute><AttributeName type="TextString" value="Contact Information"/><AttributeValue type="TextString" value="ring"/></Attribute>
</TemplateAttribute></RequestPayload></BatchItem></RequestMessage>"""
GET_ATTRIBUTES = (
    QUERY[: QUERY.index("<BatchItem>")].format("")
    + """<BatchItem><Operation type="Enumeration" value="GetAttributes"/>
<RequestPayload><UniqueIdentifier type="TextString" value="{}"/></RequestPayload></BatchItem></RequestMessage>"""
)


def test_a_key_made_in_json_is_read_in_xml_but_for_what_xml_cannot_hold(client: httpx.Client) -> None:
    for contact, expected in (("ring", b'value="Contact Information"'), ("\\u0007", b'value="GeneralFailure"')):
        asked = JSON.write(XML.read(CREATE.encode())).replace(b'"ring"', f'"{contact}"'.encode())
        made = XML.write(JSON.read(post(client, asked, "application/json").content)).decode()
        identifier = made.partition('UniqueIdentifier type="TextString" value="')[2].partition('"')[0]
        response = post(client, GET_ATTRIBUTES.format(identifier).encode())
        assert response.status_code == 200
        assert expected in response.content


def test_who_has_no_certificate_is_not_let_in(server: RunningServer) -> None:
    stranger = ssl.create_default_context(cafile=str(server.ca))
    with httpx.Client(base_url=f"https://localhost:{server.port}", verify=stranger) as client, pytest.raises(httpx.TransportError):
        client.post("/kmip", content=query(XML), headers={"Content-Type": "text/xml"})


class Defective:
    """An engine that is broken."""

    async def handle(self, message: bytes, peer: Peer) -> Reply:
        raise RuntimeError("secret")

    def refuse(self, fault: MalformedMessage, peer: Peer) -> Reply:
        raise RuntimeError("secret")

    def outgoing(self, peer: Peer, version: KmipVersion) -> Outgoing:
        raise NotImplementedError


async def test_a_defect_of_ours_is_answered_and_its_words_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    framing = HttpFraming(Defective(), frame_length, MESSAGE_BYTES, lambda: 0.0)
    for _ in range(2):
        body = query(XML)
        framing.feed(head_of_request(body, "Content-Type: text/xml") + body)
        request = framing.next()
        assert request is not None
        reply = await framing.handle(request, Peer(Client("id", "name"), "here"))
        assert reply.data.startswith(b"HTTP/1.1 500 ")
        assert not reply.close
        assert b"secret" not in reply.data
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
