"""Base64 as the service reads it: the standard alphabet, padded, and an error that says where the text goes wrong.

The service is written in Go, and its messages pass on Go's: `illegal base64 data at input byte 38`. Line ends inside are skipped.
"""

from __future__ import annotations

import binascii
import string

ALPHABET = frozenset(string.ascii_letters + string.digits + "+/")


class IllegalBase64(ValueError):
    """The text is no base64; `offset` is the first character that cannot be right."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"illegal base64 data at input byte {offset}")
        self.offset = offset


def decode(text: str) -> bytes:
    """The bytes that a base64 text stands for. Raises IllegalBase64."""
    joined = text.replace("\r", "").replace("\n", "")
    if len(joined) % 4:
        raise IllegalBase64(first_illegal(text))
    try:
        return binascii.a2b_base64(joined, strict_mode=True)
    except ValueError as error:
        raise IllegalBase64(first_illegal(text)) from error


def first_illegal(text: str) -> int:
    """Where Go's decoder gives up: at a foreign character, at wrong padding, or where the last, incomplete group of four begins."""
    characters = [(offset, character) for offset, character in enumerate(text) if character not in "\r\n"]
    digits = 0
    while digits < len(characters) and characters[digits][1] in ALPHABET:
        digits += 1
    incomplete, rest = digits % 4, characters[digits:]
    if not rest:
        return characters[digits - incomplete][0] if incomplete else len(text)
    offset, character = rest[0]
    if character != "=" or incomplete < 2:
        return offset
    padding = 4 - incomplete
    if padding == 2 and len(rest) > 1 and rest[1][1] != "=":
        return offset
    return rest[padding][0] if len(rest) > padding else len(text)
