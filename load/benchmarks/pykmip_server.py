"""PyKMIP's own server, from PyPI, as a child process: the peer that ours is measured and judged beside.

``with running_pykmip(folder) as peer`` makes certificates, starts the server on a free port of 127.0.0.1 and yields where it is. It runs
as its authors ship it (SQLite, TLS 1.2, one client certificate a user), but logs warnings alone, which is faster. Run as a script this
file *is* that child: ``python pykmip_server.py FOLDER``.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_WITHIN = 30.0
"""Seconds that the server may take to accept its first connection; two are usual."""


class Peer(NamedTuple):
    """Where the server listens, and the files of two clients that it takes for two users."""

    host: str
    port: int
    ca: Path
    cert: Path
    key: Path
    other_cert: Path
    other_key: Path
    pid: int


@contextmanager
def running_pykmip(folder: Path) -> Iterator[Peer]:
    """Run PyKMIP's server with its files in ``folder``, which must exist; kill it and its children when the block ends.

    Raises RuntimeError with the server's own words when it ends or never accepts a connection.
    """
    write_certificates(folder)
    with (folder / "server.out").open("w+", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, "-P", str(Path(__file__).resolve()), str(folder)], stdout=output, stderr=output, start_new_session=True
        )
        try:
            port = _wait_until_ready(process, folder)
            files = [folder / name for name in ("ca.pem", "client.pem", "client.key", "other.pem", "other.key")]
            yield Peer("127.0.0.1", port, *files, process.pid)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> int:
    deadline = time.monotonic() + READY_WITHIN
    port_file = folder / "port"
    while time.monotonic() < deadline and process.poll() is None:
        if port_file.exists():
            port = int(port_file.read_text())
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            except OSError:
                pass
            else:
                return port
        time.sleep(0.02)
    raise RuntimeError(f"PyKMIP's server is not there (exit code {process.poll()}): {(folder / 'server.out').read_text()[-500:]}")


def write_certificates(folder: Path) -> None:
    """Write a CA, the server's certificate and two clients' into ``folder``: ``<name>.pem`` and ``<name>.key``, ECDSA P-256, for a week.

    PyKMIP asks of a client: the key usage clientAuth, and exactly one common name, which is the user.
    """
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = _name("benchmark CA")
    _write(folder, "ca", _certificate(issuer, issuer, authority, authority, x509.BasicConstraints(ca=True, path_length=0)), authority)
    addresses = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    for name, extensions in {
        "server": [addresses, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])],
        "client": [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])],
        "other": [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])],
    }.items():
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder, name, _certificate(_name(name), issuer, key, authority, *extensions), key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + dt.timedelta(days=7))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signer, hashes.SHA256())


def _write(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    descriptor = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)


def _serve(folder: Path) -> None:
    """Be the server: bind a free port, tell it in ``folder/port``, serve until killed."""
    warnings.simplefilter("ignore")
    from kmip.services.server import KmipServer

    server = KmipServer(
        hostname="127.0.0.1",
        port=1,
        certificate_path=str(folder / "server.pem"),
        key_path=str(folder / "server.key"),
        ca_path=str(folder / "ca.pem"),
        auth_suite="TLS1.2",
        config_path=None,
        log_path=str(folder / "server.log"),
        logging_level="WARNING",
        database_path=str(folder / "pykmip.database"),
    )
    server.config.settings["port"] = 0  # any free one: as an argument, 0 is taken for none
    with server:
        unfinished = folder / ".port"
        unfinished.write_text(str(server._socket.getsockname()[1]))  # noqa: SLF001 - PyKMIP tells its port nowhere else
        unfinished.replace(folder / "port")
        server.serve()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
