"""A data key: seals many small things under one envelope, so that the keeper of the root keys is asked once and not for each.

AES-256-GCM with a random 96-bit nonce before the ciphertext; what a thing is (its label) is the additional authenticated data, so that one
sealed thing cannot be opened in the place of another. The data key itself is wrapped like any key material (`KeyWrapping.wrap`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_BYTES = 32
NONCE_BYTES = 12


class DataKey:
    """Seals and opens under ``key``, 32 bytes; ``random`` gives nonces."""

    def __init__(self, key: bytes, random: Callable[[int], bytes]) -> None:
        """Nothing of the key can be read back from here."""
        self._cipher = AESGCM(key)
        self._random = random

    def seal(self, label: str, plaintext: bytes) -> bytes:
        """Encrypt what ``label`` names."""
        nonce = self._random(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, label.encode())

    def open(self, label: str, sealed: bytes) -> bytes:
        """Decrypt it again. Raises `KmipFailure` when it is damaged, or is not what ``label`` names."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label.encode())
        except (InvalidTag, ValueError) as error:
            raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "what the store keeps of this is damaged") from error
