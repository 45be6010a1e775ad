"""ChaCha20 and ChaCha20-Poly1305, as KMIP's cases use them and the library has them.

The nonce of the original cipher has 8 bytes and its counter 8; RFC 8439 made that 12 and 4. Both are asked for: the length of the nonce
tells. The 24 bytes of XChaCha20 are refused: the library does not have it.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, aead

from kmip_server.crypto.ciphers import keyed
from kmip_server.crypto.refusals import bad

FULL_TAG = 16


def counter_and_nonce(nonce: bytes, initial: int | None) -> bytes:
    """The library's 16 bytes: the counter, little-endian, and the nonce. A nonce of 16 bytes holds the counter already."""
    room = 16 - len(nonce)
    if not room:
        if initial is not None:
            raise bad("an IV/Counter/Nonce of 16 bytes holds the counter, so there is no room for the Initial Counter Value")
        return nonce
    if not 0 <= (initial or 0) < 256**room:
        raise bad(f"the Initial Counter Value does not fit into {room} bytes")
    return (initial or 0).to_bytes(room, "little") + nonce


class Poly1305Sealing:
    """ChaCha20-Poly1305 (RFC 8439, 2.8) with tags that may be cut off, which the library does not do by itself."""

    def __init__(self, key: bytes, nonce: bytes, additional_data: bytes, tag_length: int) -> None:
        """``tag_length`` is in bytes."""
        if len(key) != 32:
            raise bad("ChaCha20-Poly1305 keys are 256 bits long")
        self._key, self._nonce, self._additional_data, self._tag_length = key, nonce, additional_data, tag_length

    def seal(self, data: bytes) -> bytes:
        """The encrypted data, and behind it the tag in its length."""
        sealed = aead.ChaCha20Poly1305(self._key).encrypt(self._nonce, data, self._additional_data)
        return sealed[: len(data) + self._tag_length]

    def open(self, data: bytes, tag: bytes) -> bytes:
        """The data in the clear. Raises `InvalidTag` when the tag is not its."""
        if self._tag_length == FULL_TAG:
            return aead.ChaCha20Poly1305(self._key).decrypt(self._nonce, data + tag, self._additional_data)
        # The keystream of the data begins with block 1 (RFC 8439, 2.8); sealing it again gives the tag to compare with.
        context = Cipher(keyed("ChaCha20", self._key, counter_and_nonce(self._nonce, 1)), mode=None).decryptor()
        clear = context.update(data)
        if not hmac.compare_digest(self.seal(clear), data + tag):
            raise InvalidTag
        return clear
