"""Data that is really encrypted: a data key (DEK) encrypts it, and a key from a key provider (KEK) wraps the data key.

What is written beside the data is what vCenter and vSAN write: which provider, which key of it, and the wrapped data key. A shallow
re-encryption wraps the same data key by another KEK and leaves the data alone. The wrapping is AES Key Wrap (RFC 3394), the encryption
AES-GCM; both are `cryptography`'s. No key is ever kept here.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

NONCE_SIZE = 12


class KeyRef(NamedTuple):
    """Which key: the name of a key provider, and the Unique Identifier there."""

    provider: str
    key_id: str


class WrongKey(Exception):
    """The key does not open what it was said to open."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted data with its wrapped data key; ``digest`` (SHA-256 of the data) tells whether what opens is what was sealed."""

    key: KeyRef
    wrapped: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    def opens_with(self, kek: bytes) -> bool:
        """Decrypt with a KEK, and say whether the very data that were sealed came of it."""
        try:
            data = AESGCM(aes_key_unwrap(kek, self.wrapped)).decrypt(self.nonce, self.ciphertext, None)
        except (InvalidUnwrap, InvalidTag, ValueError):
            return False
        return hashlib.sha256(data).digest() == self.digest

    def rewrapped(self, old: bytes, key: KeyRef, new: bytes) -> Sealed:
        """The same data, the same data key, wrapped by another KEK. Raises `WrongKey` when the old one does not open it."""
        try:
            return replace(self, key=key, wrapped=aes_key_wrap(new, aes_key_unwrap(old, self.wrapped)))
        except InvalidUnwrap as error:
            raise WrongKey(f"key {self.key.key_id} of {self.key.provider} does not open the data key that it is said to wrap") from error


def seal(data: bytes, key: KeyRef, kek: bytes) -> Sealed:
    """Encrypt data with a new data key, and wrap that by the KEK."""
    data_key, nonce = secrets.token_bytes(32), secrets.token_bytes(NONCE_SIZE)
    return Sealed(key, aes_key_wrap(kek, data_key), nonce, AESGCM(data_key).encrypt(nonce, data, None), hashlib.sha256(data).digest())
