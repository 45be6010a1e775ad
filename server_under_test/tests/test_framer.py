"""The framer: whole, byte by byte, several at once, and what is left over."""

from __future__ import annotations

import pytest
from kmip_server.listener.framer import Framer

MESSAGES = [b"\x42\x00\x78\x01" + len(body).to_bytes(4) + body for body in (b"", b"x" * 8, b"y" * 96, b"z" * 4096)]


def frame_length(buffer: bytes | bytearray) -> int | None:
    return 8 + int.from_bytes(buffer[4:8]) if len(buffer) >= 8 else None


def cut(pieces: list[bytes]) -> list[bytes]:
    framer, messages = Framer(frame_length), []
    for piece in pieces:
        framer.feed(piece)
        while (message := framer.next()) is not None:
            messages.append(message)
    assert framer.buffered == 0
    return messages


@pytest.mark.parametrize("size", [1, 7, 8, 9, 104, 5000])
def test_messages_come_out_as_they_went_in(size: int) -> None:
    stream = b"".join(MESSAGES)
    assert cut([stream[at : at + size] for at in range(0, len(stream), size)]) == MESSAGES


def test_a_message_that_comes_alone_is_not_copied() -> None:
    framer = Framer(frame_length)
    framer.feed(MESSAGES[2])
    assert framer.next() is MESSAGES[2]


def test_a_message_behind_an_unfinished_look_keeps_its_bytes() -> None:
    framer = Framer(frame_length)
    framer.feed(MESSAGES[1] + MESSAGES[2][:5])
    assert framer.next() == MESSAGES[1]
    assert framer.next() is None
    assert framer.remains() == MESSAGES[2][:5]
    framer.feed(MESSAGES[2][5:])
    assert framer.next() == MESSAGES[2]
