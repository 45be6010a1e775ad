"""Opening a connection, and finding out what stands in the way when that fails.

A failed handshake says little by itself ("wrong version number"); so the target is asked once more in the clear, and by a web client's
words, what it is.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, NamedTuple

from kmip_conformance.client.target import Target, Tls, context_for, identity_of, server_name
from kmip_conformance.errors import (
    ClientCertificateRefused,
    HandshakeDropped,
    HandshakeFailed,
    HostNotFound,
    HostUnreachable,
    NoAnswer,
    NoCommonProtocol,
    NotKmip,
    PortRefused,
    ServerCertificateRefused,
    TargetError,
)
from kmip_conformance.requests.vcenter import Vcenter

if TYPE_CHECKING:
    from collections.abc import Callable

GREETING_TIME = 1.0
"""Seconds that a server which may not speak TLS gets to say what it is."""

HTTP_REQUEST = b"GET /kmip HTTP/1.1\r\nHost: kmip\r\nConnection: close\r\n\r\n"


def open_socket(target: Target, timeout: float) -> socket.socket:
    """A TCP connection with TCP_NODELAY. Raises `TargetError`."""
    try:
        opened = socket.create_connection((target.host, target.port), timeout)
    except socket.gaierror as error:
        raise HostNotFound(
            f"{target.host} has no address: {error.strerror}", "check the host's name, and the DNS of this machine."
        ) from error
    except ConnectionRefusedError as error:
        what = f"{target.address} refuses the connection: nobody listens there"
        raise PortRefused(what, "is the server started, and is this its KMIP port (5696 unless set otherwise)?") from error
    except TimeoutError as error:
        what = f"{target.address} does not answer within {timeout:g} s"
        raise NoAnswer(what, "check the address; a firewall may drop the packets.") from error
    except (OSError, UnicodeError) as error:
        raise HostUnreachable(f"{target.address} cannot be reached: {error}", "check the address and the network.") from error
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def shake_hands(target: Target, tls: Tls, timeout: float) -> ssl.SSLSocket:
    """A TLS connection. Raises `TargetError` naming what failed, or `FileUnusable`."""
    context = context_for(target, tls)
    opened = open_socket(target, timeout)
    try:
        return context.wrap_socket(opened, server_hostname=server_name(target, tls))
    except OSError as error:
        opened.close()
        raise _handshake_error(target, tls, timeout, error) from error


def _handshake_error(target: Target, tls: Tls, timeout: float, error: OSError) -> TargetError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _server_certificate_refused(target, error)
    if isinstance(error, ssl.SSLError) and error.reason and "ALERT" in error.reason:
        return from_alert(target, tls, error.reason.partition("ALERT_")[2].replace("_", " ").lower())
    if isinstance(error, ssl.SSLError) and error.reason in {"UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE"}:
        return NoCommonProtocol(
            f"{target.address} and we have no TLS version in common ({error.reason})", "allow TLS 1.2 or 1.3 on the server."
        )
    other = what_else_answers(target)
    if other is not None:
        return other
    if isinstance(error, TimeoutError):
        what = f"{target.address} accepts connections, but does not answer the TLS handshake within {timeout:g} s"
        return NoAnswer(what, "is this a KMIP port, and is the server overloaded or stopped?")
    certificate = "without a client certificate " if identity_of(target, tls) is None else ""
    what = f"{target.address} closes the connection in the middle of the TLS handshake {certificate}({error.strerror or error})"
    return HandshakeDropped(what, "look into the server's log; it may want a client certificate that it knows.")


def _server_certificate_refused(target: Target, error: ssl.SSLCertVerificationError) -> ServerCertificateRefused:
    what = f"the certificate of {target.address} is not accepted: {error.verify_message}"
    if target.ca is None:
        return ServerCertificateRefused(what, "give the CA that issued it with --ca.")
    return ServerCertificateRefused(what, f"{target.ca} has to be the CA that issued the server's certificate, or that certificate itself.")


class _Alert(NamedTuple):
    kind: type[HandshakeFailed]
    meaning: str
    hint: str


_REGISTER = "register the client certificate, or its CA, on the server."
_ALERTS = {
    "unknown ca": _Alert(ClientCertificateRefused, "does not know the CA of our client certificate", _REGISTER),
    "certificate required": _Alert(ClientCertificateRefused, "wants a client certificate", "give one with --cert and --key."),
    "bad certificate": _Alert(ClientCertificateRefused, "finds our client certificate bad, or misses one", "check --cert and --key."),
    "certificate unknown": _Alert(ClientCertificateRefused, "does not accept our client certificate", _REGISTER),
    "unsupported certificate": _Alert(
        ClientCertificateRefused, "does not support our client certificate", "check its key type and its key usage."
    ),
    "certificate expired": _Alert(ClientCertificateRefused, "finds our client certificate expired", "renew it."),
    "certificate revoked": _Alert(ClientCertificateRefused, "finds our client certificate revoked", "get another one."),
    "access denied": _Alert(ClientCertificateRefused, "denies our client certificate access", _REGISTER),
    "decrypt error": _Alert(ClientCertificateRefused, "cannot verify our signature", "check that --key belongs to --cert."),
    "protocol version": _Alert(NoCommonProtocol, "does not speak the TLS versions that we offer", "allow TLS 1.2 or 1.3 on the server."),
    "handshake failure": _Alert(
        NoCommonProtocol,
        "finds no cipher suite in common, or misses a client certificate",
        "allow an ECDHE suite with AES-GCM; check --cert.",
    ),
    "insufficient security": _Alert(NoCommonProtocol, "wants stronger cipher suites", "allow one that it likes."),
    "unrecognized name": _Alert(HandshakeFailed, "does not know the host name that we ask for", "use the name that it is configured with."),
}


def from_alert(target: Target, tls: Tls, alert: str) -> TargetError:
    """The error for a TLS alert that the server sent, in the handshake or after it."""
    alert = alert.removeprefix("tlsv1 ").removeprefix("sslv3 ")
    known = _ALERTS.get(alert)
    if known is None:
        return HandshakeFailed(f"{target.address} ends the TLS handshake with the alert {alert!r}", "look into the server's log.")
    ours = "; we presented none" if known.kind is ClientCertificateRefused and identity_of(target, tls) is None else ""
    return known.kind(f"{target.address} {known.meaning} (TLS alert: {alert}){ours}", known.hint)


def what_else_answers(target: Target) -> NotKmip | None:
    """What the target is, when it does not speak TLS; None when it does not say."""
    for words in (b"", Vcenter().discover_versions(), HTTP_REQUEST):
        greeting = _ask(lambda: open_socket(target, GREETING_TIME), words)
        found = name_of_protocol(target, greeting, secured=False)
        if found is not None:
            return found
        if greeting is None:
            return None
    return None


def what_answers_over_tls(target: Target, tls: Tls) -> NotKmip | None:
    """What the target is, when it does not answer KMIP over TLS; None when it does not say."""
    return name_of_protocol(target, _ask(lambda: shake_hands(target, tls, GREETING_TIME), HTTP_REQUEST) or b"", secured=True)


def name_of_protocol(target: Target, data: bytes | None, *, secured: bool) -> NotKmip | None:
    """What speaks like that; None when it is not known."""
    if not data:
        return None
    how = "over TLS " if secured else "without TLS "
    if data.startswith(b"HTTP/") or data[:16].lstrip().lower().startswith((b"<html", b"<!doctype")):
        return NotKmip(
            f"{target.address} is a web server: it answers HTTP {how.strip()}", "use the server's KMIP port (5696 unless set otherwise)."
        )
    if data.startswith(b"SSH-"):
        return NotKmip(f"{target.address} is an SSH server", "use the server's KMIP port (5696 unless set otherwise).")
    if data.startswith(b"\x42\x00\x7b\x01") and not secured:
        return NotKmip(
            f"{target.address} speaks KMIP without TLS", "KMIP needs mutual TLS: switch it on in the server (KMIP Profiles, 3.1)."
        )
    if data[:1] == b"\x15" and data[1:2] == b"\x03":
        return None  # a TLS alert: it does speak TLS
    shown = data[:32].decode("ascii", "backslashreplace").strip()
    return NotKmip(f"{target.address} is no KMIP server: {how}it says {shown!r}", "use the server's KMIP port (5696 unless set otherwise).")


def _ask(opening: Callable[[], socket.socket], words: bytes) -> bytes | None:
    """What a fresh connection answers to some words (or says by itself); None when it cannot be opened."""
    try:
        opened = opening()
    except TargetError:
        return None
    with contextlib.closing(opened):
        try:
            opened.settimeout(GREETING_TIME if words else GREETING_TIME / 4)
            if words:
                opened.sendall(words)
            return opened.recv(512)
        except OSError:
            return b""
