"""Data through a cipher, in one part or in many: what every mode is made of (KMIP 2.1, 7.8, 7.14, 7.17).

A `Transformation` takes data with `update` as often as it comes and ends with `finish`; each gives what can be given already. Encryption
with authentication leaves its `tag` afterwards. Decryption with authentication gives nothing before the end: data of which nobody
knows whose it is does not leave the server. What is kept back until the end is bounded by `MOST_KEPT`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidTag

from kmip_server.crypto import padding
from kmip_server.crypto.refusals import failed
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.enums import PaddingMethod

MOST_KEPT = 4 * 1024 * 1024
"""Bytes that one transformation keeps until its end, where the mode needs all of the data at once."""


class Transformation(Protocol):
    """A cipher at work on one message."""

    tag: bytes | None

    def update(self, data: bytes) -> bytes:
        """Take more data, give what is ready."""
        ...

    def finish(self) -> bytes:
        """Give the rest. Raises `KmipFailure` when the whole does not make sense."""
        ...


class Flowing:
    """A mode that gives a byte for every byte it takes: CFB, OFB, CTR, stream ciphers; and encryption by GCM, with its tag."""

    def __init__(self, context: Any, tag_length: int = 0) -> None:
        """``context`` is the library's; ``tag_length`` is in bytes, 0 for modes without a tag."""
        self._context = context
        self._tag_length = tag_length
        self.tag: bytes | None = None

    def update(self, data: bytes) -> bytes:
        """Take more data, give what is ready."""
        return bytes(self._context.update(data))

    def finish(self) -> bytes:
        """Give the rest."""
        rest = bytes(self._context.finalize())
        if self._tag_length:
            self.tag = self._context.tag[: self._tag_length]
        return rest


class BlockEncryption:
    """ECB and CBC: whole blocks as they come, and padding at the end."""

    tag: bytes | None = None

    def __init__(self, context: Any, block: int, method: PaddingMethod | None, random: padding.Random) -> None:
        """``block`` is in bytes."""
        self._context, self._block, self._method, self._random = context, block, method, random
        self._rest = b""

    def update(self, data: bytes) -> bytes:
        """Take more data, give what is ready."""
        data = self._rest + data
        whole = len(data) - len(data) % self._block
        self._rest = data[whole:]
        return bytes(self._context.update(data[:whole]))

    def finish(self) -> bytes:
        """Give the rest."""
        last = padding.pad(self._method, self._rest, self._block, self._random)
        return bytes(self._context.update(last) + self._context.finalize())


class BlockDecryption:
    """ECB and CBC backwards: where there is padding, the last block waits for the end."""

    tag: bytes | None = None

    def __init__(self, context: Any, block: int, method: PaddingMethod | None) -> None:
        """``block`` is in bytes."""
        self._context, self._block, self._method = context, block, method
        self._rest = b""

    def update(self, data: bytes) -> bytes:
        """Take more data, give what is ready."""
        data = self._rest + data
        ready = len(data) - len(data) % self._block
        if padding.adds_a_block(self._method) and ready == len(data):
            ready = max(0, ready - self._block)
        self._rest = data[ready:]
        return bytes(self._context.update(data[:ready]))

    def finish(self) -> bytes:
        """Give the rest."""
        if len(self._rest) % self._block:
            raise failed(f"what is to be decrypted is no multiple of the block length, {self._block} bytes")
        last = bytes(self._context.update(self._rest) + self._context.finalize())
        return padding.unpad(self._method, last, self._block)


class AtOnce:
    """A mode that needs all data before it gives any: its function is called at the end."""

    def __init__(self, function: Callable[[bytes], bytes], tag_length: int = 0) -> None:
        """``tag_length``: how many bytes at the end of what the function gives are the tag."""
        self._function, self._tag_length = function, tag_length
        self._kept = bytearray()
        self.tag: bytes | None = None

    def update(self, data: bytes) -> bytes:
        """Keep the data."""
        if len(self._kept) + len(data) > MOST_KEPT:
            raise KmipFailure(
                ResultReason.SERVER_LIMIT_EXCEEDED, f"this Block Cipher Mode works on all data at once, and at most {MOST_KEPT} bytes"
            )
        self._kept += data
        return b""

    def finish(self) -> bytes:
        """Transform the whole."""
        try:
            given = self._function(bytes(self._kept))
        except InvalidTag as error:
            raise failed("the Authenticated Encryption Tag is not that of this data, IV and additional data under this key") from error
        if self._tag_length:
            given, self.tag = given[: -self._tag_length], given[-self._tag_length :]
        return given
