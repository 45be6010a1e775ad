"""TLS on bytes: a channel that knows no socket, and the contexts that say who may come in.

Clients are pinned, not certified: the trust store holds their own certificates, and a chain may end at any of them
(``X509_V_FLAG_PARTIAL_CHAIN``), so that a self-signed leaf is as good as one that some authority signed. Each is loaded in OpenSSL's
"trusted certificate" form, which carries the trust for client authentication itself: Extended Key Usage is then not asked about.
vCenter's own certificates often lack clientAuth there, or have serverAuth alone. What is still refused: a certificate that is not
pinned, one that has expired, and RSA keys under 2048 bits.

A context cannot forget a certificate, so a changed directory means a new context. Session tickets and cached sessions belong to their
context: a removed client cannot resume.
"""

from __future__ import annotations

import base64
import ssl
import tempfile
import textwrap
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kmip_server.directory.contract import Directory

MODERN_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES256+SHA384:ECDHE+AES128+SHA256"
"""For TLS 1.2, in order of preference. TLS 1.3 has its own, all of which are on."""

LEGACY_CIPHERS = "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA"
"""Static RSA, mostly CBC: what vCenter 7.0.3 was seen to settle on. No forward secrecy, so only when asked for."""

RECORD_BYTES = 16_384
"""The most plaintext in one TLS record (RFC 8446, 5.1)."""

_CLIENT_AUTH_TRUST = bytes.fromhex("300c300a06082b06010505070302")
"""X509_CERT_AUX of OpenSSL: trusted for id-kp-clientAuth (1.3.6.1.5.5.7.3.2)."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """What the server shows of itself: PEM files, and the two choices that cost something.

    ``others``: further certificates with their keys, each of another kind of key; TLS picks the one that the client can use, and an ECDSA
    one before RSA (a signature of P-256 takes a fifteenth of the time).
    ``session_tickets``: how many a TLS 1.3 client is given. None by default: vCenter and PyKMIP never resume, and making two
    takes a quarter of a handshake. TLS 1.2 sessions can be resumed in any case.
    """

    certificate: Path
    key: Path
    legacy_ciphers: bool = False
    session_tickets: int = 0
    others: tuple[tuple[Path, Path], ...] = ()


class ClientContexts:
    """The TLS context for the next handshake; made again when the directory has changed."""

    def __init__(self, settings: TlsSettings, directory: Directory) -> None:
        """Check the server's own files at once. Raises `ConfigurationError`."""
        self._settings = settings
        self._directory = directory
        self._generation = directory.generation()
        self._context = self._make()

    def current(self) -> ssl.SSLContext:
        """The context that trusts exactly the certificates that are pinned now."""
        generation = self._directory.generation()
        if generation != self._generation:
            self._context = self._make()
            self._generation = generation
        return self._context

    def _make(self) -> ssl.SSLContext:
        context = server_context(self._settings)
        trust_only(context, (certificate.pem for certificate in self._directory.certificates()))
        return context


def server_context(settings: TlsSettings) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with the server's certificate; a client certificate is required."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{MODERN_CIPHERS}:{LEGACY_CIPHERS}" if settings.legacy_ciphers else MODERN_CIPHERS)
    context.num_tickets = settings.session_tickets
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for certificate, key in ((settings.certificate, settings.key), *settings.others):
        try:
            context.load_cert_chain(certificate, key)
        except (ssl.SSLError, OSError) as error:
            message = f"the certificate {certificate} and its key {key} cannot be used for TLS: {error.strerror or error}"
            raise ConfigurationError(message, "use an RSA key of at least 2048 bits or an ECDSA P-256 key, both files in PEM") from error
    return context


def trust_only(context: ssl.SSLContext, certificates: Iterable[str]) -> None:
    """Let in the holders of these PEM certificates, whatever their Extended Key Usage says."""
    trusted = "".join(_trusted(ssl.PEM_cert_to_DER_cert(pem)) for pem in certificates)
    if not trusted:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as stream:  # the trust survives only the way through a file
        stream.write(trusted)
        stream.flush()
        context.load_verify_locations(cafile=stream.name)


def _trusted(der: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(der + _CLIENT_AUTH_TRUST).decode("ascii"), 64)
    return "\n".join(["-----BEGIN TRUSTED CERTIFICATE-----", *lines, "-----END TRUSTED CERTIFICATE-----", ""])


class TlsChannel:
    """One server-side TLS connection between ciphertext and plaintext. Raises `ssl.SSLError` where the peer breaks the protocol."""

    __slots__ = ("_incoming", "_outgoing", "_pending", "_read", "_tls", "_write")

    def __init__(self, context: ssl.SSLContext) -> None:
        """Wait for a ClientHello."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._read = self._tls.read
        self._write = self._tls.write
        self._pending = self._tls.pending

    def handshake(self, data: bytes) -> bool:
        """Take ciphertext during the handshake. True when that is finished."""
        self._incoming.write(data)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def decrypt(self, data: bytes) -> bytes | None:
        """Take ciphertext and give the plaintext that it completes, maybe none. None: the peer has ended the session in order."""
        incoming = self._incoming
        incoming.write(data)
        plaintext = b""
        while incoming.pending or self._pending():
            try:
                piece = self._read(RECORD_BYTES)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                return None
            if not piece:
                return None
            plaintext = plaintext + piece if plaintext else piece
        return plaintext

    def encrypt(self, plaintext: bytes) -> bytes:
        """The ciphertext for some plaintext, and whatever else waits to be sent."""
        self._write(plaintext)
        return self._outgoing.read()

    def outgoing(self) -> bytes:
        """Ciphertext that waits to be sent: handshake messages and alerts."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def close_notify(self) -> bytes:
        """The alert that ends the session in order."""
        with suppress(ssl.SSLError):  # the peer's own close_notify is not waited for
            self._tls.unwrap()
        return self.outgoing()

    @property
    def peer_certificate(self) -> bytes:
        """The client's certificate, DER; empty before the handshake is finished."""
        return self._tls.getpeercert(binary_form=True) or b""

    @property
    def description(self) -> str:
        """Version and cipher suite, for the log."""
        cipher = self._tls.cipher()
        return f"{self._tls.version()} {cipher[0] if cipher else ''}".strip()
