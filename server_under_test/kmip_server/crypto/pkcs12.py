"""PKCS#12 containers (RFC 7292): a private key, its certificate and the chain above it, under a friendly name and a password.

The library reads one private key a container. A container with a key under another name than the one asked for is refused, as
it would be if it had many keys and none of that name (KMIP 1.4, 3.45).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from kmip_server.crypto.certificates import read_certificate
from kmip_server.crypto.diffie_hellman import quietly
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.crypto.key_kinds import PrivateKey

USUAL_NAME = "alias"
"""The friendly name where the key has none (3.45)."""


@dataclass(frozen=True, slots=True)
class Container:
    """What is in a container; the certificates in DER, the key's own one first."""

    key: PrivateKey
    certificates: tuple[bytes, ...]
    friendly_name: str | None


def read_container(data: bytes, password: bytes, friendly_name: str | None) -> Container:
    """Open a container. Raises `KmipFailure` (Cryptographic Failure) where it cannot be opened, or holds no such key."""
    try:
        with quietly():
            opened = pkcs12.load_pkcs12(data, password)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _failure("the PKCS#12 container cannot be opened with the password that its PKCS#12 Password Link leads to") from error
    if opened.key is None:
        raise _failure("the PKCS#12 container holds no private key")
    name = opened.cert.friendly_name.decode("utf-8", "replace") if opened.cert and opened.cert.friendly_name else None
    if friendly_name is not None and name is not None and name.lower() != friendly_name.lower():
        raise _failure("the PKCS#12 container holds no private key of that PKCS#12 Friendly Name")
    listed = ([opened.cert] if opened.cert else []) + list(opened.additional_certs)
    certificates = tuple(one.certificate.public_bytes(Encoding.DER) for one in listed)
    return Container(cast("PrivateKey", opened.key), certificates, friendly_name or name)


def write_container(key: PrivateKey, certificates: Sequence[bytes], friendly_name: str | None, password: bytes) -> bytes:
    """Make a container: the key's own certificate first, then the chain above it; none at all is possible. Raises `KmipFailure`."""
    try:
        read = [read_certificate(one) for one in certificates]
        return pkcs12.serialize_key_and_certificates(
            (friendly_name or USUAL_NAME).encode(),
            key,  # type: ignore[arg-type]  # the library refuses keys that PKCS#12 has no place for
            read[0] if read else None,
            read[1:] or None,
            BestAvailableEncryption(password),
        )
    except (ValueError, TypeError) as error:
        raise _failure(f"no PKCS#12 container can be made: {error}") from error


def _failure(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, sentence)
