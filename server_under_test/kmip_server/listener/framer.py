"""Cuts the bytes of a connection into messages. No I/O; the codec says how long a message is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER_BYTES = 8
"""Tag, type and length of a TTLV item (KMIP 1.4, 9.1.1)."""


class Framer:
    """Takes bytes as they come and gives back whole messages, oldest first.

    A request usually comes alone and whole: it is then passed on without being copied.
    """

    __slots__ = ("_buffer", "_frame_length", "_length", "_whole")

    def __init__(self, frame_length: Callable[[bytes | bytearray], int | None]) -> None:
        """``frame_length`` says the length of the message at the beginning of a buffer, None when more bytes are needed."""
        self._frame_length = frame_length
        self._whole = b""
        self._buffer = bytearray()
        self._length: int | None = None

    @property
    def buffered(self) -> int:
        """How many bytes wait here."""
        return len(self._whole) + len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add what has come."""
        if not self._buffer and not self._whole:
            self._whole = data
            return
        self._buffer += self._whole
        self._buffer += data
        self._whole = b""

    def next(self) -> bytes | None:
        """The next whole message, None when there is none yet. Raises `MalformedMessage` when it cannot be one."""
        whole = self._whole
        if whole:
            length = self._frame_length(whole)
            if length == len(whole):
                self._whole = b""
                return whole
            self._buffer += whole
            self._whole = b""
        if self._length is None:
            self._length = self._frame_length(self._buffer)
        if self._length is None or len(self._buffer) < self._length:
            return None
        message = bytes(memoryview(self._buffer)[: self._length])
        del self._buffer[: self._length]
        self._length = None
        return message

    def remains(self) -> bytes:
        """Everything that has not been given back as a message."""
        return self._whole or bytes(self._buffer)


class NewFramer(Framer):
    """The framer of a connection that has not sent a message yet: only such a one may turn out to speak something else."""

    __slots__ = ()

    def next(self) -> bytes | None:
        """The first whole message; from then on this is a `Framer` like any other."""
        message = super().next()
        if message is not None:
            self.__class__ = Framer  # type: ignore[assignment]  # the same slots
        return message
