"""Where the target is, which files speak to it, and how TLS is to be spoken.

The chain of the server's certificate is verified against the target's CA; its host name is not unless `Tls.check_host_name` asks for it:
KMIP servers are reached by addresses that their certificates do not name, and real clients (vCenter among them) pin the certificate
instead.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from kmip_conformance.errors import FileUnusable

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    """A server to speak to: its address, the CA that its certificate comes from, and one or two clients that it knows."""

    host: str
    port: int
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    username: str | None = None
    password: str | None = None
    other_cert: Path | None = None
    other_key: Path | None = None

    @property
    def address(self) -> str:
        """``host:port``, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Target({self.address})"


class Who(Enum):
    """Whose certificate a connection presents."""

    CLIENT = "the target's client"
    OTHER = "the target's second client"
    NOBODY = "no certificate"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate file (PEM, with its chain) and its private key file, when the target's own are not meant."""

    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection speaks TLS.

    `ciphers` is an OpenSSL cipher list for TLS 1.2; `server_name` replaces the name that is sent as SNI, and "" sends none.
    """

    who: Who = Who.CLIENT
    identity: Identity | None = None
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    ciphers: str | None = None
    server_name: str | None = None
    verify: bool = True
    check_host_name: bool = False


DEFAULT_TLS = Tls()


def context_for(target: Target, tls: Tls = DEFAULT_TLS) -> ssl.SSLContext:
    """The TLS settings for a target. Raises `FileUnusable`. Contexts are kept as long as the files do not change."""
    identity = identity_of(target, tls)
    files = (target.ca, identity.cert if identity else None, identity.key if identity else None)
    return _context(tls, *files, tuple(_changed_at(file) for file in files))


def identity_of(target: Target, tls: Tls) -> Identity | None:
    """The certificate that a connection presents, or None. Raises `FileUnusable` when the target has none for that client."""
    if tls.identity is not None:
        return tls.identity
    if tls.who is Who.NOBODY or (tls.who is Who.CLIENT and target.cert is None):
        return None
    cert, key = (target.cert, target.key) if tls.who is Who.CLIENT else (target.other_cert, target.other_key)
    if cert is None:
        raise FileUnusable("no certificate of a second client is given", "give --other-cert and --other-key.")
    return Identity(cert, key or cert)


def server_name(target: Target, tls: Tls) -> str | None:
    """The name for SNI: the target's host, unless that is an address or another one is asked for."""
    if tls.server_name is not None:
        return tls.server_name or None
    if tls.check_host_name:
        return target.host
    try:
        ipaddress.ip_address(target.host)
    except ValueError:
        return target.host
    return None


@lru_cache(maxsize=64)
def _context(tls: Tls, ca: Path | None, cert: Path | None, key: Path | None, _changed: tuple[int, ...]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = tls.check_host_name and tls.verify
    context.verify_mode = ssl.CERT_REQUIRED if tls.verify else ssl.CERT_NONE
    context.minimum_version, context.maximum_version = tls.minimum, tls.maximum
    if tls.ciphers is not None:
        context.set_ciphers(tls.ciphers)
    if ca is not None:
        _load_ca(context, ca)
    elif tls.verify:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if cert is not None:
        _load_identity(context, cert, key)
    return context


def _changed_at(file: Path | None) -> int:
    if file is None:
        return 0
    try:
        return file.stat().st_mtime_ns
    except OSError as error:
        raise FileUnusable(f"{file} cannot be read: {error.strerror}", "check the path and its permissions.") from error


def _load_ca(context: ssl.SSLContext, ca: Path) -> None:
    try:
        context.load_verify_locations(cafile=str(ca))
    except OSError as error:
        raise FileUnusable(f"{ca} holds no CA certificate: {_reason(error)}", "give the CA's certificate in PEM form with --ca.") from error


def _load_identity(context: ssl.SSLContext, cert: Path, key: Path | None) -> None:
    try:
        context.load_cert_chain(str(cert), str(key) if key else None, password=_no_password)
    except _KeyIsEncrypted as error:
        raise FileUnusable(f"{key} is protected by a password", "give a private key without one: openssl pkey -in … -out …") from error
    except OSError as error:
        if "KEY_VALUES_MISMATCH" in str(error):
            raise FileUnusable(f"{key} is not the private key of {cert}", "give --cert and --key of one pair.") from error
        raise FileUnusable(
            f"{cert} and {key or cert} are no client certificate with its private key: {_reason(error)}", "give both in PEM form."
        ) from error


class _KeyIsEncrypted(Exception):
    pass


def _no_password() -> str:
    raise _KeyIsEncrypted


def _reason(error: OSError) -> str:
    return error.strerror or getattr(error, "reason", None) or str(error)
