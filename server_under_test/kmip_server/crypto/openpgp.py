"""As much of OpenPGP (RFC 4880) as the attributes of a PGP certificate are made of (KMIP 1.4, 3.13-3.16).

A certificate is a transferable public key, armoured or not: the key, user ids, and signatures over both. Nothing is verified, and what
cannot be read is left out: a key manager keeps it all the same.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from kmip_server.crypto.signatures import DSA_SIGNATURES, ECDSA_SIGNATURES, RSA_SIGNATURES
from kmip_server.enums import CryptographicAlgorithm, DigitalSignatureAlgorithm, HashingAlgorithm
from kmip_server.messages import CertificateIdentifier, CertificateIssuer, CertificateSubject

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE, PUBLIC_KEY, USER_ID = 2, 6, 13
_Algorithm, _Hash = CryptographicAlgorithm, HashingAlgorithm

ALGORITHMS = {1: _Algorithm.RSA, 2: _Algorithm.RSA, 3: _Algorithm.RSA, 17: _Algorithm.DSA, 18: _Algorithm.ECDH, 19: _Algorithm.ECDSA}
"""RFC 4880, 9.1, and RFC 6637."""
HASHES = {1: _Hash.MD5, 2: _Hash.SHA_1, 8: _Hash.SHA_256, 9: _Hash.SHA_384, 10: _Hash.SHA_512, 11: _Hash.SHA_224}
"""RFC 4880, 9.4."""
_SIGNED_BY = {_Algorithm.RSA: RSA_SIGNATURES, _Algorithm.DSA: DSA_SIGNATURES, _Algorithm.ECDSA: ECDSA_SIGNATURES}

_ARMOUR = b"-----BEGIN PGP "
_ISSUER, _ISSUER_FINGERPRINT = 16, 33


def pgp_attributes(data: bytes) -> dict[str, tuple[object, ...]]:
    """The attributes that a PGP certificate gives itself, by name, each with its values; those that can be read."""
    try:
        packets = list(_packets(_unarmoured(data)))
    except (ValueError, IndexError):
        return {}
    told: dict[str, tuple[object, ...]] = {}
    for tag, body in packets:
        try:
            if tag == PUBLIC_KEY:
                told |= {name: value for name, value in _of_key(body).items() if name not in told}
            elif tag == USER_ID and "Certificate Subject" not in told:
                told["Certificate Subject"] = (CertificateSubject(body.decode("utf-8", "replace")),)
            elif tag == SIGNATURE:
                told |= {name: value for name, value in _of_signature(body).items() if name not in told}
        except (ValueError, IndexError):
            continue
    return told


def _unarmoured(data: bytes) -> bytes:
    """RFC 4880, 6.2: headers, an empty line, base64, and a checksum that begins with an equals sign."""
    if not data.lstrip().startswith(_ARMOUR):
        return data
    lines = data.replace(b"\r\n", b"\n").strip().split(b"\n")
    start = next(number for number, line in enumerate([*lines, b""]) if not line.strip()) + 1
    return binascii.a2b_base64(b"".join(line for line in lines[start:] if not line.startswith((b"=", b"-----"))))


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The packets: their tag and their body (RFC 4880, 4.2). Raises ValueError or IndexError where there are none."""
    at = 0
    while at < len(data):
        first = data[at]
        if not first & 0x80:
            raise ValueError("no packet begins here")
        tag, (start, size) = (first & 0x3F, _new_length(data, at + 1)) if first & 0x40 else (first >> 2 & 0xF, _old_length(data, at))
        if start + size > len(data):
            raise ValueError("a packet is longer than the data that holds it")
        yield tag, data[start : start + size]
        at = start + size


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < 192:
        return at + 1, first
    if first < 224:
        return at + 2, (first - 192 << 8) + data[at + 1] + 192
    if first != 255:
        raise ValueError("keys and signatures have no partial lengths")
    return at + 5, int.from_bytes(data[at + 1 : at + 5], "big")


def _old_length(data: bytes, at: int) -> tuple[int, int]:
    kind = data[at] & 3
    if kind == 3:
        return at + 1, len(data) - at - 1
    width = 1 << kind
    return at + 1 + width, int.from_bytes(data[at + 1 : at + 1 + width], "big")


def _of_key(body: bytes) -> dict[str, tuple[object, ...]]:
    """Version, time of creation, algorithm, and its numbers; of RSA and DSA the first one's length is the key's."""
    if body[0] != 4 or body[5] not in ALGORITHMS:
        return {}
    algorithm = ALGORITHMS[body[5]]
    told: dict[str, tuple[object, ...]] = {"Cryptographic Algorithm": (algorithm,)}
    if algorithm in (_Algorithm.RSA, _Algorithm.DSA):
        told["Cryptographic Length"] = (int.from_bytes(body[6:8], "big"),)
    return told


def _of_signature(body: bytes) -> dict[str, tuple[object, ...]]:
    """Who signed, and how. "The Issuer contains the OpenPGP Key ID of the key issuing the signature" (KMIP 1.4, 3.13)."""
    if body[0] != 4:
        return {}
    told: dict[str, tuple[object, ...]] = {}
    issuer = _issuer(body)
    if issuer is not None:
        told["Certificate Identifier"] = (CertificateIdentifier(issuer),)
        told["Certificate Issuer"] = (CertificateIssuer(issuer),)
    how = _signed_how(body[2], body[3])
    if how is not None:
        told["Digital Signature Algorithm"] = (how,)
    return told


def _issuer(body: bytes) -> str | None:
    """The issuer's Key ID, from the subpackets: those that are signed, then those that are not."""
    at = 4
    for _ in range(2):
        size = int.from_bytes(body[at : at + 2], "big")
        for kind, content in _subpackets(body[at + 2 : at + 2 + size]):
            if kind in (_ISSUER, _ISSUER_FINGERPRINT):
                return content[-8:].hex().upper()
        at += 2 + size
    return None


def _subpackets(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        start, size = _new_length(data, at)
        yield data[start] & 0x7F, data[start + 1 : start + size]
        at = start + size


def _signed_how(algorithm: int, hashing: int) -> DigitalSignatureAlgorithm | None:
    names = _SIGNED_BY.get(ALGORITHMS.get(algorithm, _Algorithm.AES), {})
    return next((name for name, used in names.items() if used is HASHES.get(hashing)), None)
