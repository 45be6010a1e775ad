"""Agreeing on a secret: a private key and another's public key (KMIP 1.4, 4.6, Derivation Method Asymmetric Key).

ECDH on curves over prime fields (SP 800-56A, 5.7.1.2: the x coordinate), X25519 and X448 (RFC 7748), and Diffie-Hellman in a finite field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519

from kmip_server.crypto.diffie_hellman import DHPrivateKey, DHPublicKey, quietly
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PrivateKey, PublicKey


def shared_secret(private: PrivateKey, public: PublicKey) -> bytes:
    """The secret that both owners of the private keys can reckon. Raises `KmipFailure` (Cryptographic Failure)."""
    try:
        match private, public:
            case ec.EllipticCurvePrivateKey(), ec.EllipticCurvePublicKey():
                return private.exchange(ec.ECDH(), public)
            case x25519.X25519PrivateKey(), x25519.X25519PublicKey():
                return private.exchange(public)
            case x448.X448PrivateKey(), x448.X448PublicKey():
                return private.exchange(public)
            case DHPrivateKey(), DHPublicKey():
                with quietly():
                    return private.exchange(public)
    except ValueError as error:
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, f"the two keys do not agree on a secret: {error}") from error
    raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "the two keys are not of one kind, or not of one that agrees on secrets")
