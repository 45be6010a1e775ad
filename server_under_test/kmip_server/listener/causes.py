"""Why a handshake failed, in words: OpenSSL's reasons as a table, for the log and the metrics."""

from __future__ import annotations

import ssl
from typing import NamedTuple


class Cause(NamedTuple):
    """A short ``label`` for counting, and a sentence for people."""

    label: str
    words: str


TIMEOUT = Cause("timeout", "the client did not finish the handshake in time")
LEFT = Cause("client-left", "the client closed the connection during the handshake")
UNKNOWN_CERTIFICATE = Cause("unknown-certificate", "the client's certificate is not registered here")

REASONS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": Cause("no-certificate", "the client presented no certificate"),
    "NO_SHARED_CIPHER": Cause("no-shared-cipher", "there is no common cipher suite (an old vCenter may need --legacy-ciphers)"),
    "UNSUPPORTED_PROTOCOL": Cause("old-tls", "the client offers no TLS version from 1.2 on"),
    "VERSION_TOO_LOW": Cause("old-tls", "the client offers no TLS version from 1.2 on"),
    "NO_SHARED_SIGNATURE_ALGORITHMS": Cause("no-shared-signature", "client and server have no signature algorithm in common"),
    "HTTP_REQUEST": Cause("not-tls", "the client speaks HTTP without TLS"),
    "HTTPS_PROXY_REQUEST": Cause("not-tls", "the client asks for an HTTP proxy"),
    "WRONG_VERSION_NUMBER": Cause("not-tls", "the client does not speak TLS"),
    "UNEXPECTED_EOF_WHILE_READING": LEFT,
    "TLSV1_ALERT_UNKNOWN_CA": Cause("server-not-trusted", "the client does not trust this server's certificate (unknown authority)"),
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": Cause("server-not-trusted", "the client does not accept this server's certificate"),
    "SSLV3_ALERT_BAD_CERTIFICATE": Cause("server-not-trusted", "the client finds this server's certificate bad"),
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": Cause("server-not-trusted", "the client finds this server's certificate expired"),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": Cause("client-refused", "the client refused the handshake"),
    "TLSV1_ALERT_PROTOCOL_VERSION": Cause("client-refused", "the client does not accept the TLS version"),
}

_NOT_REGISTERED = {18, 19, 20, 21}
"""X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT and its kin: no way from the certificate to a pinned one."""


def cause_of(error: Exception) -> Cause:
    """Why a handshake ended with this exception."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _NOT_REGISTERED:
            return UNKNOWN_CERTIFICATE
        return Cause("bad-certificate", f"the client's certificate is refused: {error.verify_message}")
    reason = getattr(error, "reason", None)
    if reason in REASONS:
        return REASONS[reason]
    words = str(reason).replace("_", " ").lower() if reason else str(error) or type(error).__name__
    return Cause("protocol-error", f"TLS failed: {words}")
