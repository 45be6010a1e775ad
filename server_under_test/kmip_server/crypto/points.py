"""Points on elliptic curves as X9.62 encodes them, in the four ways of Key Compression Type (KMIP 1.4, 9.1.3.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmip_server.crypto.der import BIT_STRING, SEQUENCE, element, inside
from kmip_server.enums import KeyCompressionType, ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PublicKey

_UNCOMPRESSED, _HYBRID = 0x04, 0x06
_HYBRIDS = frozenset({0x06, 0x07})


def point_of(encoded: bytes, curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey:
    """The public key of an encoded point, compressed, uncompressed or hybrid. Raises ValueError."""
    if encoded[:1] and encoded[0] in _HYBRIDS:
        if encoded[0] & 1 != encoded[-1] & 1:
            raise ValueError("a hybrid point whose two forms disagree")
        encoded = bytes((_UNCOMPRESSED,)) + encoded[1:]
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, encoded)


def encoded_point(key: PublicKey, compression: KeyCompressionType | None) -> bytes:
    """The point of an elliptic curve public key; uncompressed where nothing else is asked for. Raises `KmipFailure`."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or compression is KeyCompressionType.EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_CHAR2:
        raise KmipFailure(
            ResultReason.KEY_COMPRESSION_TYPE_NOT_SUPPORTED, "only public keys on elliptic curves over prime fields can be compressed"
        )
    if compression is KeyCompressionType.EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME:
        return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if compression is KeyCompressionType.EC_PUBLIC_KEY_TYPE_X9_62_HYBRID:
        return bytes((_HYBRID | point[-1] & 1,)) + point[1:]
    return point


def with_point(subject_public_key_info: bytes, point: bytes) -> bytes:
    """A SubjectPublicKeyInfo (RFC 5280, 4.1) whose public key is written as this point: the library writes uncompressed ones only."""
    algorithm = inside(subject_public_key_info)[0]
    return element(SEQUENCE, algorithm.encoding, element(BIT_STRING, b"\x00", point))
