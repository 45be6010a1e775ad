"""Message authentication codes: HMAC, CMAC, CBC-MAC and Poly1305 (KMIP 2.1, 6.1.32, 6.1.33).

Which one is told by the Cryptographic Algorithm of the parameters (CS-AC-M-4: HMAC-SHA256 with an AES key), else by the key's own where it
is a MAC's, else by the parameters' Block Cipher Mode, else by their Hashing Algorithm.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import cmac, poly1305
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC

from kmip_server.crypto.ciphers import BLOCK_CIPHERS, block_cipher
from kmip_server.crypto.hashes import HMAC_HASHES, library_name
from kmip_server.crypto.refusals import bad, unsupported
from kmip_server.enums import BlockCipherMode, CryptographicAlgorithm

if TYPE_CHECKING:
    from kmip_server.enums import HashingAlgorithm
    from kmip_server.messages import CryptographicParameters


class Mac(Protocol):
    """A MAC that takes its data in parts."""

    def update(self, data: bytes, /) -> None:
        """Take more data."""
        ...

    def digest(self) -> bytes:
        """The MAC of everything; nothing may follow."""
        ...


def mac(algorithm: CryptographicAlgorithm | None, key: bytes, parameters: CryptographicParameters) -> Mac:
    """The MAC for a key of this algorithm (None: of a Secret Data). Raises `KmipFailure` where the parameters name none."""
    asked = parameters.cryptographic_algorithm or algorithm
    if asked in HMAC_HASHES:
        return hmac_of(HMAC_HASHES[asked], key)
    if asked is CryptographicAlgorithm.POLY1305:
        return _Poly1305(key)
    if parameters.block_cipher_mode is not None:
        return _by_block_cipher(asked, key, parameters.block_cipher_mode)
    if parameters.hashing_algorithm is not None:
        return hmac_of(parameters.hashing_algorithm, key)
    raise bad("neither the Cryptographic Parameters nor the key name an HMAC, a Block Cipher Mode for MACs, or a Hashing Algorithm")


def hmac_of(algorithm: HashingAlgorithm, key: bytes) -> Mac:
    """HMAC with a hash (RFC 2104)."""
    return hmac.new(key, digestmod=library_name(algorithm))


def equal(one: bytes, other: bytes) -> bool:
    """Whether two MACs are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)


def _by_block_cipher(algorithm: CryptographicAlgorithm | None, key: bytes, mode: BlockCipherMode) -> Mac:
    if algorithm not in BLOCK_CIPHERS:
        raise bad("CMAC and CBC-MAC need a key of a block cipher")
    if mode is BlockCipherMode.CMAC:
        return _Cmac(block_cipher(algorithm, key))
    if mode is BlockCipherMode.CBC_MAC:
        return _CbcMac(block_cipher(algorithm, key))
    raise unsupported(f"the Block Cipher Mode {mode.name} makes no MAC, or not on this server")


class _Cmac:
    """NIST SP 800-38B."""

    def __init__(self, cipher: Any) -> None:
        try:
            self._context = cmac.CMAC(cipher)
        except UnsupportedAlgorithm as error:
            raise unsupported("CMAC is not available with this algorithm") from error

    def update(self, data: bytes, /) -> None:
        self._context.update(data)

    def digest(self) -> bytes:
        return self._context.finalize()


class _CbcMac:
    """ISO/IEC 9797-1, algorithm 1 with padding method 1: CBC with an IV of zeros, the last block filled with zeros, is the MAC."""

    def __init__(self, cipher: Any) -> None:
        self._block = cipher.block_size // 8
        self._context: Any = Cipher(cipher, CBC(bytes(self._block))).encryptor()
        self._length = 0
        self._last = b""

    def update(self, data: bytes, /) -> None:
        self._length += len(data)
        self._last = (self._last + self._context.update(data))[-self._block :]

    def digest(self) -> bytes:
        filling = -self._length % self._block if self._length else self._block
        self.update(bytes(filling))
        return self._last


class _Poly1305:
    """RFC 8439, 2.5; the key is for one message only, which is the client's to see to."""

    def __init__(self, key: bytes) -> None:
        try:
            self._context = poly1305.Poly1305(key)
        except ValueError as error:
            raise bad("Poly1305 keys are 256 bits long") from error

    def update(self, data: bytes, /) -> None:
        self._context.update(data)

    def digest(self) -> bytes:
        return self._context.finalize()
