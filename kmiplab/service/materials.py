"""Key material of a root key, as its owner kept it: read from files, never from a command line, which others can list."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from kmip_server.files import read_file

from kmiplab.service.values import ServiceRefused

if TYPE_CHECKING:
    from pathlib import Path

LENGTHS = (16, 24, 32)
"""Bytes that Key Protect takes as a root key."""


def material_in(file: Path) -> bytes:
    """The material in a file: base64, as Key Protect was given it, or the bytes themselves. Raises `ServiceRefused`.

    What can be read as base64 of a fitting length is base64.
    """
    content = read_file(file, "the key material file")
    try:
        decoded = base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        decoded = b""
    for candidate in (decoded, content):
        if len(candidate) in LENGTHS:
            return candidate
    raise ServiceRefused(
        "unusable-material",
        f"{file} holds no key material: it has {len(content)} bytes",
        "16, 24 or 32 bytes are wanted, as they are or in base64.",
    )
