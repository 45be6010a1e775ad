"""The client against real listeners: what it says about everything that may stand at a port, and what a connection gives."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from kmip_conformance import errors
from kmip_conformance.certificates import Authority, self_signed
from kmip_conformance.client import Closed, Connection, Silence, Target, Tls, Who, connect, connect_plain, probe, refusal
from kmip_conformance.requests import discover_versions, protocol_version, request
from kmip_conformance.tables import V1_0, V1_1, V1_2, Operation, ResultStatus, Tag
from kmip_conformance.wire import date_time, encode, enumeration, integer, structure, text
from listeners import (
    answering,
    greeting,
    hang_up,
    http,
    listening,
    patient_http,
    server_context,
    silent,
    whole_message,
)

if TYPE_CHECKING:
    from pathlib import Path


def response(*payload: object, status: int = ResultStatus.SUCCESS) -> bytes:
    header = structure(Tag.RESPONSE_HEADER, protocol_version(V1_1), date_time(Tag.TIME_STAMP, 1), integer(Tag.BATCH_COUNT, 1))
    fields = structure(Tag.RESPONSE_PAYLOAD, *payload)  # type: ignore[arg-type]
    item = structure(Tag.BATCH_ITEM, enumeration(Tag.OPERATION, 30), enumeration(Tag.RESULT_STATUS, status), fields)
    return encode(structure(Tag.RESPONSE_MESSAGE, header, item))


VERSIONS = response(protocol_version(V1_2), protocol_version(V1_0))
REQUEST = encode(request(V1_1, discover_versions()))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> ssl.SSLContext:
    return server_context(authority.server(), authority.file)


@pytest.fixture(scope="module")
def target(authority: Authority) -> Target:
    """Everything right but the port."""
    client = authority.client()
    return Target("127.0.0.1", 0, ca=authority.file, cert=client.cert, key=client.key)


def at(target: Target, port: int) -> Target:
    return replace(target, port=port)


def refused(target: Target, tls: Tls | None = None) -> errors.TargetError:
    error = refusal(target, tls=tls or Tls(), timeout=2)
    assert error is not None
    assert error.hint
    assert error.exit_code == 6
    assert target.address in str(error) or target.host in str(error)
    return error


def test_a_closed_port(target: Target) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert isinstance(refused(at(target, port)), errors.PortRefused)


def test_a_name_without_an_address(target: Target) -> None:
    assert isinstance(refused(replace(target, host="kms.invalid", port=5696)), errors.HostNotFound)


def test_a_name_that_is_none(target: Target) -> None:
    assert isinstance(refused(replace(target, host="a" * 64 + ".invalid", port=5696)), errors.HostNotFound | errors.HostUnreachable)


@pytest.mark.parametrize("serve", [http, patient_http])
def test_a_web_server_without_tls(target: Target, serve: object) -> None:
    with listening(serve) as port:  # type: ignore[arg-type]
        error = refused(at(target, port))
    assert isinstance(error, errors.NotKmip)
    assert "web server" in str(error)


@pytest.mark.parametrize("serve", [http, patient_http])
def test_a_web_server_over_tls(target: Target, server: ssl.SSLContext, serve: object) -> None:
    with listening(serve, server) as port:  # type: ignore[arg-type]
        error = refused(at(target, port))
    assert isinstance(error, errors.NotKmip)
    assert "web server" in str(error)
    assert "over TLS" in str(error)


def test_an_ssh_server(target: Target) -> None:
    with listening(greeting(b"SSH-2.0-OpenSSH_9.7\r\n")) as port:
        assert "is an SSH server" in str(refused(at(target, port)))


def test_another_server_that_speaks_first(target: Target) -> None:
    with listening(greeting(b"220 mail.example.com ESMTP\r\n")) as port:
        assert "220 mail.example.com ESMTP" in str(refused(at(target, port)))


def test_kmip_without_tls(target: Target) -> None:
    def serve(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK) == b"\x42":
            answering(VERSIONS)(connection)

    with listening(serve) as port:
        error = refused(at(target, port))
    assert "KMIP without TLS" in str(error)


def test_a_server_that_never_says_anything(target: Target) -> None:
    with listening(silent) as port:
        error = refusal(at(target, port), timeout=0.3)
    assert isinstance(error, errors.NoAnswer)
    assert "handshake" in str(error)


def test_a_server_that_hangs_up(target: Target) -> None:
    with listening(hang_up) as port:
        assert isinstance(refused(at(target, port)), errors.HandshakeDropped)


def test_a_server_of_another_ca(target: Target, server: ssl.SSLContext, tmp_path: Path) -> None:
    stranger = Authority.make(tmp_path, "stranger")
    with listening(answering(VERSIONS), server) as port:
        error = refused(replace(at(target, port), ca=stranger.file))
    assert isinstance(error, errors.ServerCertificateRefused)
    assert str(stranger.file) in error.hint


def test_a_server_of_another_name(target: Target, authority: Authority) -> None:
    with listening(answering(VERSIONS), server_context(authority.server("kms.example.com", name="elsewhere"))) as port:
        assert refusal(at(target, port)) is None
        assert isinstance(refused(at(target, port), Tls(check_host_name=True)), errors.ServerCertificateRefused)


BOTH_VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@BOTH_VERSIONS
def test_a_client_without_a_certificate(target: Target, authority: Authority, version: ssl.TLSVersion) -> None:
    with listening(answering(VERSIONS), server_context(authority.server(), authority.file, maximum=version)) as port:
        error = refused(at(target, port), Tls(who=Who.NOBODY))
    assert isinstance(error, errors.ClientCertificateRefused | errors.NoCommonProtocol)
    assert "certificate" in str(error)


@BOTH_VERSIONS
def test_a_client_that_the_server_does_not_know(target: Target, authority: Authority, tmp_path: Path, version: ssl.TLSVersion) -> None:
    unknown = self_signed(tmp_path)
    with listening(answering(VERSIONS), server_context(authority.server(), authority.file, maximum=version)) as port:
        error = refused(at(target, port), Tls(identity=unknown))
    assert isinstance(error, errors.ClientCertificateRefused)
    assert "unknown ca" in str(error)


def test_a_client_whose_certificate_has_run_out(target: Target, authority: Authority, server: ssl.SSLContext) -> None:
    old = authority.client("old", valid=timedelta(hours=-1))
    with listening(answering(VERSIONS), server) as port:
        assert "expired" in str(refused(at(target, port), Tls(identity=old)))


def test_no_tls_version_in_common(target: Target, authority: Authority) -> None:
    with listening(answering(VERSIONS), server_context(authority.server(), maximum=ssl.TLSVersion.TLSv1_2)) as port:
        assert isinstance(refused(at(target, port), Tls(minimum=ssl.TLSVersion.TLSv1_3)), errors.NoCommonProtocol)


@pytest.mark.parametrize("missing", ["ca", "cert", "key"])
def test_a_file_that_is_not_there(target: Target, missing: str, tmp_path: Path) -> None:
    with pytest.raises(errors.FileUnusable, match=r"nothing\.pem") as caught:
        connect(replace(target, **{missing: tmp_path / "nothing.pem"}))
    assert caught.value.exit_code == 4
    assert caught.value.hint


@pytest.mark.parametrize("broken", ["ca", "cert", "key"])
def test_a_file_that_is_something_else(target: Target, broken: str, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("buy milk")
    with pytest.raises(errors.FileUnusable, match=r"notes\.txt"), listening(silent) as port:
        connect(replace(at(target, port), **{broken: file}))


def test_a_key_of_another_certificate(target: Target, authority: Authority) -> None:
    other = authority.client("another")
    with pytest.raises(errors.FileUnusable, match="is not the private key of"):
        connect(replace(target, key=other.key))


def test_a_key_with_a_password(target: Target, tmp_path: Path) -> None:
    assert target.key is not None
    key = serialization.load_pem_private_key(target.key.read_bytes(), None)
    secret = serialization.BestAvailableEncryption(b"secret")
    protected = tmp_path / "protected.key"
    protected.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))
    with pytest.raises(errors.FileUnusable, match="password"):
        connect(replace(target, key=protected))


def test_no_second_client(target: Target) -> None:
    with pytest.raises(errors.FileUnusable, match="second client"):
        connect(target, tls=Tls(who=Who.OTHER))


def test_the_facts_of_a_target(target: Target, server: ssl.SSLContext) -> None:
    said = response(enumeration(Tag.OPERATION, Operation.GET), enumeration(Tag.OBJECT_TYPE, 2), text(Tag.VENDOR_IDENTIFICATION, "ACME"))

    def serve(connection: socket.socket) -> None:
        while data := whole_message(connection):
            connection.sendall(VERSIONS if b"\x42\x00\x5c\x05\x00\x00\x00\x04\x00\x00\x00\x1e" in data else said)

    with listening(serve, server) as port:
        facts = probe(at(target, port))
    assert (facts.kmip_versions, facts.vendor, facts.operations, facts.object_types) == ((V1_2, V1_0), "ACME", (Operation.GET,), (2,))
    assert facts.tls_version == "TLSv1.3"
    assert facts.as_record()["kmip_versions"] == ["1.2", "1.0"]


def test_a_target_that_knows_neither_versions_nor_query_speaks_1_0(target: Target, server: ssl.SSLContext) -> None:
    with listening(answering(response(status=ResultStatus.OPERATION_FAILED)), server) as port:
        facts = probe(at(target, port))
    assert (facts.kmip_versions, facts.operations) == ((V1_0,), ())


def test_an_exchange(target: Target, server: ssl.SSLContext) -> None:
    with listening(answering(VERSIONS), server) as port, connect(at(target, port)) as connection:
        exchange = connection.exchange(REQUEST)
        assert exchange.response == exchange.answer == VERSIONS
        assert 0 < exchange.milliseconds < 5000
        assert connection.cipher
        assert connection.server_certificate


def test_answers_to_pipelined_requests_come_one_by_one(target: Target, server: ssl.SSLContext) -> None:
    with listening(answering(VERSIONS, response()), server) as port, connect(at(target, port)) as connection:
        connection.send(REQUEST)
        connection.send(REQUEST)
        assert [connection.receive(), connection.receive()] == [VERSIONS, response()]


def test_a_request_byte_by_byte(target: Target, server: ssl.SSLContext) -> None:
    with listening(answering(VERSIONS), server) as port, connect(at(target, port)) as connection:
        connection.send_slowly(REQUEST)
        assert connection.receive() == VERSIONS


def test_silence_is_an_outcome(target: Target, server: ssl.SSLContext) -> None:
    with listening(silent, server) as port, connect(at(target, port)) as connection:
        assert connection.exchange(REQUEST, timeout=0.05).response == Silence(0.05)


def test_a_part_of_a_message_is_silence_with_the_part(target: Target, server: ssl.SSLContext) -> None:
    with listening(answering(VERSIONS[:20]), server) as port, connect(at(target, port)) as connection:
        assert connection.exchange(REQUEST, timeout=0.1).response == Silence(0.1, VERSIONS[:20])


def test_closing_is_an_outcome(target: Target, server: ssl.SSLContext) -> None:
    def serve(connection: socket.socket) -> None:
        whole_message(connection)
        connection.sendall(VERSIONS[:9])

    with listening(serve, server) as port, connect(at(target, port)) as connection:
        outcome = connection.exchange(REQUEST).response
        assert isinstance(outcome, Closed)
        assert outcome.partial == VERSIONS[:9]
        assert isinstance(connection.exchange(REQUEST).response, Closed)


def test_bytes_that_are_no_kmip_are_given_as_they_come(target: Target, server: ssl.SSLContext) -> None:
    with listening(http, server) as port, connect(at(target, port)) as connection:
        outcome = connection.exchange(REQUEST).response
        assert isinstance(outcome, bytes)
        assert outcome.startswith(b"HTTP/1.1 400")


def test_half_closing_leaves_the_answer_readable(target: Target, server: ssl.SSLContext) -> None:
    with listening(answering(VERSIONS), server) as port, connect(at(target, port)) as connection:
        connection.send(REQUEST)
        connection.half_close()
        assert connection.receive() == VERSIONS


def test_a_reset_reaches_the_server_as_one(target: Target) -> None:
    seen: list[type[BaseException]] = []
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        try:
            connection.recv(1)
        except OSError as error:
            seen.append(type(error))
        done.set()

    with listening(serve) as port:
        connection: Connection = connect_plain(at(target, port))
        connection.reset()
        assert done.wait(5)
    assert seen == [ConnectionResetError]
