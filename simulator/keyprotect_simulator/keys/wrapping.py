"""Wrapping with a root key: AES-GCM, and the form in which a ciphertext is visible.

    base64( {"ciphertext": "<base64>", "iv": "<base64>", "version": "4.0.0", "handle": "<id of the key version>"} )

The additional authenticated data is a list of strings, bound in their order; it is not part of the ciphertext. Nothing else is bound, so
root keys with the same imported material open each other's ciphertexts, as the documentation says ("Unwrapping keys").
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keyprotect_simulator.faults import Fault, bad_field, fault
from keyprotect_simulator.messages import json_bytes

if TYPE_CHECKING:
    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.records import Key, KeyVersion

FORMAT_VERSION = "4.0.0"
IV_LENGTH = 12
"""Bytes of a fresh IV; the documentation shows 12 and 16, and both are opened."""
TAG_LENGTH = 16


class Sealed(NamedTuple):
    """A ciphertext, taken apart."""

    handle: str
    iv: bytes
    data: bytes


def wrap(version: KeyVersion, plaintext: bytes, aad: tuple[str, ...], random: Random) -> str:
    """The visible ciphertext of a plaintext under one version of a root key."""
    iv = random(IV_LENGTH)
    data = AESGCM(version.material).encrypt(iv, plaintext, bound(aad))
    return visible(Sealed(version.id, iv, data))


def unwrap(key: Key, ciphertext: str, aad: tuple[str, ...]) -> tuple[bytes, KeyVersion]:
    """The plaintext, and the version of the key that opened it.

    Raises INVALID_FIELD_ERR when the text is no ciphertext of Key Protect or the AAD is not the one it was made with, and
    UNPROCESSABLE_CIPHERTEXT_ERR when no version of this key has made it.
    """
    sealed = parsed(ciphertext)
    named = [version for version in key.versions if version.id == sealed.handle]
    others = [version for version in reversed(key.versions) if version.id != sealed.handle]
    for version in named + others:
        try:
            return AESGCM(version.material).decrypt(sealed.iv, sealed.data, bound(aad)), version
        except InvalidTag:
            continue
    raise not_a_ciphertext() if named else fault("UNPROCESSABLE_CIPHERTEXT_ERR")


def bound(aad: tuple[str, ...]) -> bytes | None:
    """The AAD as one string of bytes, different for every different list."""
    return json_bytes(list(aad)) if aad else None


def visible(sealed: Sealed) -> str:
    """The form in which a ciphertext leaves the service."""
    parts = {
        "ciphertext": base64.b64encode(sealed.data).decode(),
        "iv": base64.b64encode(sealed.iv).decode(),
        "version": FORMAT_VERSION,
        "handle": sealed.handle,
    }
    return base64.b64encode(json_bytes(parts)).decode()


def parsed(ciphertext: str) -> Sealed:
    """A ciphertext taken apart; INVALID_FIELD_ERR when it is none."""
    try:
        parts = json.loads(base64.b64decode(ciphertext, validate=True))
        iv = base64.b64decode(parts["iv"], validate=True)
        data = base64.b64decode(parts["ciphertext"], validate=True)
        handle = parts["handle"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise not_a_ciphertext() from error
    if not isinstance(handle, str) or not 8 <= len(iv) <= 128 or len(data) < TAG_LENGTH:
        raise not_a_ciphertext()
    return Sealed(handle, iv, data)


def not_a_ciphertext() -> Fault:
    """The refusal of a text that wrap did not answer, or not with this AAD."""
    return bad_field("ciphertext", "the original base64 encoded ciphertext from the wrap operation", quote="'")
