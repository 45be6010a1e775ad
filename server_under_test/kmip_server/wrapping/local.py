"""Wrapping by a root key in the state folder: the embedded default.

AES-256-GCM with a random 96-bit nonce before the ciphertext and the object's unique identifier as additional authenticated data. Opening
an envelope takes a few microseconds, so no plaintext is kept: `LocalWrapping.cached` opens it anew each time.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmip_server.enums import ResultReason
from kmip_server.errors import ConfigurationError, KmipFailure
from kmip_server.files import read_file, write_private
from kmip_server.wrapping.contract import Envelope

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_server.directory.contract import Client

PROVIDER = "local"
KEY_BYTES = 32
NONCE_BYTES = 12
_KEY_FILE = re.compile(rb"\s*([0-9a-fA-F]{64})\s*")


def load_root_key(path: Path) -> bytes:
    """The root key: 32 bytes, kept as 64 hexadecimal digits in a file with mode 0600 that is made when it is not there.

    Raises `ConfigurationError` when the file cannot be read or holds something else.
    """
    if not path.exists():
        write_private(path, os.urandom(KEY_BYTES).hex().encode() + b"\n", replace=False)
    content = read_file(path, "the root key file")
    match = _KEY_FILE.fullmatch(content)
    if match is None:
        raise ConfigurationError(
            f"{path} is not a root key: it must hold {2 * KEY_BYTES} hexadecimal digits and nothing else, it has {len(content)} bytes",
            "restore the file from a backup; without the right one the stored keys cannot be opened",
        )
    return bytes.fromhex(match[1].decode())


def key_id_of(root_key: bytes) -> str:
    """How an envelope names its root key: the beginning of a hash, which says nothing about the key."""
    return hashlib.sha256(b"kmiplab root key " + root_key).hexdigest()[:16]


class LocalWrapping:
    """`KeyWrapping` by one root key."""

    def __init__(self, root_key: bytes) -> None:
        """Wrap by this key, 32 bytes."""
        self.key_id = key_id_of(root_key)
        self._cipher = AESGCM(root_key)

    async def wrap(self, client: Client, unique_identifier: str, plaintext: bytes, *, passing: bool = False) -> Envelope:  # noqa: ARG002 - one root key for all
        """Wrap key material (`KeyWrapping.wrap`)."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = nonce + self._cipher.encrypt(nonce, plaintext, unique_identifier.encode())
        return Envelope(PROVIDER, self.key_id, "1", ciphertext)

    async def unwrap(self, client: Client, unique_identifier: str, envelope: Envelope) -> bytes:  # noqa: ARG002 - one root key for all
        """Open an envelope (`KeyWrapping.unwrap`)."""
        return self.cached(unique_identifier, envelope)

    def cached(self, unique_identifier: str, envelope: Envelope) -> bytes:
        """Open an envelope at once. Raises `KmipFailure` when another key closed it, or when it was closed for another object."""
        if envelope.provider != PROVIDER or envelope.key_id != self.key_id:
            raise KmipFailure(
                ResultReason.CRYPTOGRAPHIC_FAILURE,
                f"this object is wrapped by root key {envelope.key_id} ({envelope.provider}), which this server does not have",
            )
        nonce, ciphertext = envelope.ciphertext[:NONCE_BYTES], envelope.ciphertext[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, unique_identifier.encode())
        except (InvalidTag, ValueError) as error:
            raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "the wrapped key of this object is damaged") from error

    def forget(self, unique_identifier: str) -> None:
        """Nothing is kept (`KeyWrapping.forget`)."""

    async def check(self) -> str | None:
        """A key in memory is always there (`KeyWrapping.check`)."""
        return None

    async def aclose(self) -> None:
        """Nothing is open (`KeyWrapping.aclose`)."""
