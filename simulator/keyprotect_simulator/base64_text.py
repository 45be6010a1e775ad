"""Base64 as the service reads it: the standard alphabet, padded, and an error that says where the text goes wrong.

The service is written in Go, and its messages pass on Go's: `illegal base64 data at input byte 38`. Line ends inside are skipped.
"""

from __future__ import annotations

import base64
import binascii
import string

ALPHABET = frozenset(string.ascii_letters + string.digits + "+/")


class IllegalBase64(ValueError):  # noqa: N818 - named for what it says
    """The text is no base64; `offset` is the first character that cannot be right."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"illegal base64 data at input byte {offset}")
        self.offset = offset


def decode(text: str) -> bytes:
    """The bytes that a base64 text stands for. Raises IllegalBase64."""
    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise IllegalBase64(first_illegal(text)) from error


def first_illegal(text: str) -> int:
    """Where a text that is no base64 goes wrong: at a foreign character, a misplaced `=`, or in the last, incomplete group of four."""
    digits = 0
    for offset, character in enumerate(text):
        if character in ALPHABET:
            digits += 1
        elif character == "=" and digits % 4 in (2, 3) and text[offset:].strip("=\r\n") == "":
            return len(text)
        elif character not in "\r\n":
            return offset
    return len(text) - digits % 4
