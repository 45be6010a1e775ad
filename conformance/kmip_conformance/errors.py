"""Why a target cannot be spoken to, said so that people know what to do.

::

    TargetError                          6   root: the target is unreachable or is no KMIP server; carries ``hint`` and ``exit_code``
    ├── HostNotFound                     6   its name has no address
    ├── PortRefused                      6   nobody listens on the port
    ├── HostUnreachable                  6   no way there
    ├── NoAnswer                         6   it does not answer in time: the connection, the handshake, or a first request
    ├── HandshakeFailed                  6   TLS did not come about
    │   ├── ServerCertificateRefused     6   we do not accept the server's certificate: another CA, expired, another name
    │   ├── ClientCertificateRefused     6   the server does not accept ours: its CA is unknown there, it is missing, expired, not
    registered │   ├── NoCommonProtocol             6   no TLS version or cipher in common │   └── HandshakeDropped             6   the
    server closed the connection in the middle └── NotKmip                          6   something else answers: a web server, SSH, KMIP
    without TLS, silence FileUnusable                         4   a certificate, key or CA file of the user's cannot be used
"""

from __future__ import annotations


class TargetError(Exception):
    """The target is unreachable, or is no KMIP server. ``hint`` tells people what to do."""

    exit_code = 6

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class HostNotFound(TargetError):
    """The host's name has no address."""


class PortRefused(TargetError):
    """Nobody listens on the port."""


class HostUnreachable(TargetError):
    """There is no way to the host."""


class NoAnswer(TargetError):
    """The target does not answer in time."""


class HandshakeFailed(TargetError):
    """TLS did not come about."""


class ServerCertificateRefused(HandshakeFailed):
    """We do not accept the server's certificate."""


class ClientCertificateRefused(HandshakeFailed):
    """The server does not accept our certificate, or misses one."""


class NoCommonProtocol(HandshakeFailed):
    """There is no TLS version or cipher in common."""


class HandshakeDropped(HandshakeFailed):
    """The server closed the connection in the middle of the handshake."""


class NotKmip(TargetError):
    """Something else than a KMIP server answers."""


class FileUnusable(Exception):
    """A certificate, key or CA file cannot be used."""

    exit_code = 4

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint
