"""Secure import: key material that comes encrypted to the import token of the instance.

    payload          RSAES-OAEP with SHA-256 (MGF1 with SHA-256, no label) of the key material, by the token's public key
    iv               12 bytes
    encryptedNonce   AES-GCM, by the key material itself under this iv, of the token's nonce; 12 bytes and a tag of 16

The nonce proves that whoever imports has both the token and the material.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keyprotect_simulator.faults import bad_field, fault
from keyprotect_simulator.instance.import_token import private_key
from keyprotect_simulator.keys.bodies import SECURE_IMPORT, read_base64, required_field
from keyprotect_simulator.records import ImportToken

if TYPE_CHECKING:
    from keyprotect_simulator.calls import Call
    from keyprotect_simulator.messages import Json

ALGORITHM = "RSAES_OAEP_SHA_256"
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
IV_LENGTH = 12
AES_KEY_LENGTHS = (16, 24, 32)


def is_secure(fields: Json) -> bool:
    """Whether a body has any of the fields of a secure import."""
    return not SECURE_IMPORT.keys().isdisjoint(fields)


def opened_material(call: Call, fields: Json) -> bytes:
    """The key material of a secure import.

    Raises IMPORT_TOKEN_EXPIRED_ERR without a token that is still good, INCORRECT_NONCE_IV_ERR when the nonce was not encrypted with the
    material and the iv, INCORRECT_NONCE_ERR when it is another token's, and INVALID_FIELD_ERR for whatever cannot be read.
    """
    for name in ("payload", "encryptedNonce", "iv"):
        if not fields.get(name):
            raise required_field(name)
    if fields.get("encryptionAlgorithm", ALGORITHM) != ALGORITHM:
        raise bad_field("encryptionAlgorithm", ALGORITHM)
    encrypted, sealed_nonce, iv = (read_base64(fields, name) for name in ("payload", "encryptedNonce", "iv"))
    if len(iv) != IV_LENGTH:
        raise bad_field("iv", f"a base64 encoded initialization vector of {IV_LENGTH} bytes")
    token = call.state.get(ImportToken, call.instance.id)
    if token is None or token.expires <= call.now:
        raise fault("IMPORT_TOKEN_EXPIRED_ERR")
    material = decrypted(token, encrypted)
    if nonce_of(material, iv, sealed_nonce) != token.nonce:
        raise fault("INCORRECT_NONCE_ERR")
    return material


def decrypted(token: ImportToken, encrypted: bytes) -> bytes:
    """The AES key that was encrypted to the token."""
    rule = "key material of 16, 24 or 32 bytes that was encrypted with the public key of the import token"
    try:
        material = private_key(token).decrypt(encrypted, OAEP)
    except ValueError as error:
        raise bad_field("payload", rule) from error
    if len(material) not in AES_KEY_LENGTHS:
        raise bad_field("payload", rule)
    return material


def nonce_of(material: bytes, iv: bytes, sealed_nonce: bytes) -> bytes:
    """The nonce that the material sealed."""
    try:
        return AESGCM(material).decrypt(iv, sealed_nonce, None)
    except InvalidTag as error:
        raise fault("INCORRECT_NONCE_IV_ERR") from error
