"""Padding Method (KMIP 2.1, 11.39) for block ciphers: what fills the last block, and how it is taken off again.

OAEP, PKCS1 v1.5, X9.31 and PSS are paddings of RSA, not of block ciphers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cryptography.hazmat.primitives import padding as library

from kmip_server.crypto.refusals import bad, failed
from kmip_server.enums import PaddingMethod

if TYPE_CHECKING:
    from collections.abc import Callable

Random: TypeAlias = "Callable[[int], bytes]"


def pad(method: PaddingMethod | None, rest: bytes, block: int, random: Random) -> bytes:
    """The last, incomplete block (it may be empty), filled to a whole number of blocks of so many bytes."""
    match method:
        case None | PaddingMethod.NONE:
            if len(rest) % block:
                raise failed(f"the data is no multiple of the block length, {block} bytes, and no Padding Method is given")
            return rest
        case PaddingMethod.PKCS5:
            padder = library.PKCS7(block * 8).padder()
            return padder.update(rest) + padder.finalize()
        case PaddingMethod.ANSI_X9_23:
            padder = library.ANSIX923(block * 8).padder()
            return padder.update(rest) + padder.finalize()
        case PaddingMethod.ZEROS:
            return rest + bytes(-len(rest) % block)
        case PaddingMethod.ISO_10126:
            count = block - len(rest) % block
            return rest + random(count - 1) + bytes([count])
        case PaddingMethod.SSL3:
            count = block - len(rest) % block
            return rest + random(count - 1) + bytes([count - 1])
    raise _not_for_block_ciphers(method)


def unpad(method: PaddingMethod | None, last: bytes, block: int) -> bytes:
    """What is left of the last decrypted block once its padding is off. Zeros cannot be told from data, so all that end it go."""
    match method:
        case None | PaddingMethod.NONE:
            return last
        case PaddingMethod.PKCS5:
            return _by_library(library.PKCS7(block * 8), last)
        case PaddingMethod.ANSI_X9_23:
            return _by_library(library.ANSIX923(block * 8), last)
        case PaddingMethod.ZEROS:
            return last.rstrip(b"\x00")
        case PaddingMethod.ISO_10126:
            return _by_count(last, block, last[-1] if last else 0)
        case PaddingMethod.SSL3:
            return _by_count(last, block, last[-1] + 1 if last else 0)
    raise _not_for_block_ciphers(method)


def adds_a_block(method: PaddingMethod | None) -> bool:
    """Whether the last block always holds padding, so that decryption must hold it back until the end."""
    return method not in (None, PaddingMethod.NONE)


def _by_library(scheme: library.PKCS7 | library.ANSIX923, last: bytes) -> bytes:
    unpadder = scheme.unpadder()
    try:
        return unpadder.update(last) + unpadder.finalize()
    except ValueError as error:
        raise _no_padding() from error


def _by_count(last: bytes, block: int, count: int) -> bytes:
    if not 1 <= count <= min(block, len(last)):
        raise _no_padding()
    return last[:-count]


def _no_padding() -> Exception:
    return failed("what was decrypted does not end as its Padding Method says: the key, the IV or the data is not the right one")


def _not_for_block_ciphers(method: PaddingMethod) -> Exception:
    return bad(f"the Padding Method {method.name} is not one of block ciphers")
