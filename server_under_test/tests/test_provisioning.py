"""Re-Provision over real TLS: the new certificate is let in, the old one no longer (KMIP 2.1, 6.1.48)."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kmip_server.codec import decode, encode
from kmip_server.enums import (
    BatchErrorContinuationOption,
    CertificateRequestType,
    CertificateType,
    KeyFormatType,
    ResultReason,
    ResultStatus,
    RevocationReasonCode,
)
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    Attributes,
    Certificate,
    CertificateRequest,
    GetRequest,
    LocateRequest,
    ProtocolVersion,
    ReProvisionRequest,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseMessage,
    RevocationReason,
    RevokeRequest,
)
from kmip_server.testing import running_server
from kmip_server.versions import V2_1

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kmip_server.testing import RunningServer

OPERATION_OF = {payload: operation for operation, payload in REQUEST_PAYLOADS.items()}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


@pytest.fixture
def files(server: RunningServer, request: pytest.FixtureRequest) -> tuple[Path, Path]:
    made = server.add_client(request.node.name)
    return made.cert, made.key


@contextmanager
def connected(server: RunningServer, cert: Path, key: Path) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=str(server.ca))
    context.load_cert_chain(cert, key)
    with (
        socket.create_connection((server.host, server.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        yield connection


def ask(connection: ssl.SSLSocket, *payloads: Any, **header: Any) -> tuple[ResponseBatchItem, ...]:
    items = tuple(
        RequestBatchItem(operation=OPERATION_OF[type(one)], unique_batch_item_id=bytes([number]), request_payload=one)
        for number, one in enumerate(payloads)
    )
    told = RequestHeader(protocol_version=ProtocolVersion(*V2_1), batch_count=len(items), **header)
    connection.sendall(encode(RequestMessage(request_header=told, batch_item=items), V2_1))
    received = b""
    while len(received) < 8 or len(received) < 8 + struct.unpack(">I", received[4:8])[0]:
        more = connection.recv(65536)
        if not more:
            raise EOFError
        received += more
    return decode(ResponseMessage, received, V2_1).batch_item


def get_in(server: RunningServer, cert: Path, key: Path) -> bool:
    try:
        with connected(server, cert, key) as connection:
            return ask(connection, LocateRequest(attributes=Attributes()))[0].result_status is ResultStatus.SUCCESS
    except (OSError, EOFError):
        return False


def save(folder: Path, certificate: bytes, key: bytes) -> tuple[Path, Path]:
    files = folder / "new.pem", folder / "new.key"
    files[0].write_bytes(x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key)
    return files


def pem(key: Any) -> bytes:
    data: bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return data


NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "renewed")])


def self_signed(key: ec.EllipticCurvePrivateKey) -> bytes:
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(
        NAME, NAME, key.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(9)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def certificate_of(item: ResponseBatchItem) -> bytes:
    value: bytes = item.response_payload.managed_object.certificate_value  # type: ignore[union-attr]
    return value


def test_with_a_certificate_request(server: RunningServer, files: tuple[Path, Path], tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder(NAME).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    with connected(server, *files) as connection:
        made, got = ask(
            connection, ReProvisionRequest(certificate_request=CertificateRequest(CertificateRequestType.PKCS_10, csr)), GetRequest()
        )
        assert made.response_payload.unique_identifier == got.response_payload.unique_identifier  # type: ignore[union-attr]
    new = save(tmp_path, certificate_of(got), pem(key))
    assert get_in(server, *new)
    assert not get_in(server, *files)


def test_with_a_certificate(server: RunningServer, files: tuple[Path, Path], tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = self_signed(key)
    with connected(server, *files) as connection:
        (made,) = ask(connection, ReProvisionRequest(certificate=Certificate(CertificateType.X_509, der)))
        assert made.result_status is ResultStatus.SUCCESS, made
    new = save(tmp_path, der, pem(key))
    with connected(server, *new) as connection:
        (got,) = ask(connection, GetRequest(unique_identifier=made.response_payload.unique_identifier))  # type: ignore[union-attr]
        assert certificate_of(got) == der
    assert not get_in(server, *files)


def test_with_a_key_pair_of_the_servers(server: RunningServer, files: tuple[Path, Path], tmp_path: Path) -> None:
    with connected(server, *files) as connection:
        made, got = ask(connection, ReProvisionRequest(), GetRequest(key_format_type=KeyFormatType.PKCS_8))
        key = got.response_payload.managed_object.key_block.key_value.key_material  # type: ignore[union-attr]
        assert made.response_payload.unique_identifier == got.response_payload.unique_identifier  # type: ignore[union-attr]
    pinned = server_certificates(server, "test_with_a_key_pair_of_the_servers")
    assert len(pinned) == 1
    new = tmp_path / "new.pem", tmp_path / "new.key"
    new[0].write_text(pinned[0])
    new[1].write_bytes(pem(serialization.load_der_private_key(key, None)))
    assert get_in(server, *new)
    assert not get_in(server, *files)


def server_certificates(server: RunningServer, name: str) -> list[str]:
    from kmip_server.directory.sqlite import SqliteDirectory

    directory = SqliteDirectory(server.state_dir / "kmip.db")
    try:
        client = directory.client(name)
        assert client is not None
        return [one.pem for one in directory.certificates(client.id)]
    finally:
        directory.close()


def test_the_old_connection_is_closed(server: RunningServer, files: tuple[Path, Path]) -> None:
    with connected(server, *files) as connection:
        ask(
            connection,
            ReProvisionRequest(certificate=Certificate(CertificateType.X_509, self_signed(ec.generate_private_key(ec.SECP256R1())))),
        )
        assert connection.recv(1) == b""


def test_a_revoked_certificate_gives_no_other(server: RunningServer, files: tuple[Path, Path], tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = self_signed(key)
    with connected(server, *files) as connection:
        (made,) = ask(connection, ReProvisionRequest(certificate=Certificate(CertificateType.X_509, der)))
    revoke = RevokeRequest(
        unique_identifier=made.response_payload.unique_identifier,  # type: ignore[union-attr]
        revocation_reason=RevocationReason(RevocationReasonCode.KEY_COMPROMISE),
    )
    with connected(server, *save(tmp_path, der, pem(key))) as connection:
        revoked, refused = ask(connection, revoke, ReProvisionRequest())
        assert revoked.result_status is ResultStatus.SUCCESS, revoked
        assert refused.result_reason is ResultReason.PERMISSION_DENIED


def test_what_cannot_be_is_refused_and_changes_nothing(server: RunningServer, files: tuple[Path, Path]) -> None:
    other = server.add_client("somebody else")
    theirs = x509.load_pem_x509_certificate(other.cert.read_bytes()).public_bytes(serialization.Encoding.DER)
    taken = ReProvisionRequest(certificate=Certificate(CertificateType.X_509, theirs))
    both = ReProvisionRequest(
        certificate=Certificate(CertificateType.X_509, theirs), certificate_request=CertificateRequest(CertificateRequestType.PKCS_10, b"x")
    )
    nonsense = ReProvisionRequest(certificate=Certificate(CertificateType.X_509, b"nonsense"))
    with connected(server, *files) as connection:
        assert ask(connection, taken)[0].result_reason is ResultReason.PERMISSION_DENIED
        assert ask(connection, both)[0].result_reason is ResultReason.INVALID_FIELD
        assert ask(connection, nonsense)[0].result_status is ResultStatus.OPERATION_FAILED
        undo = {"batch_error_continuation_option": BatchErrorContinuationOption.UNDO}
        assert ask(connection, ReProvisionRequest(), GetRequest(), **undo)[0].result_reason is ResultReason.FEATURE_NOT_SUPPORTED
    assert get_in(server, *files)
    assert get_in(server, other.cert, other.key)
