"""Key Format Types (KMIP 1.4, 9.1.3.2.3; 2.1, 4.26): the Key Material of a Key Block ⇄ keys that can be used.

::

    private keys    PKCS#1 (RSA), PKCS#8, ECPrivateKey (RFC 5915), Raw (EC, Ed, X), the transparent ones
    public keys     PKCS#1 (RSA), X.509 SubjectPublicKeyInfo, Raw (EC, Ed, X), the transparent ones

What was registered is kept as it came; this is asked when a key is used, or wanted in another format. PKCS#12 has a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from kmip_server.crypto import transparent
from kmip_server.crypto.der import INTEGER, OCTET_STRING, SEQUENCE, element, inside
from kmip_server.crypto.diffie_hellman import DHPrivateKey, DHPublicKey, quietly
from kmip_server.crypto.key_kinds import EC_ALGORITHMS, EDWARDS, MONTGOMERY, curve_of, length_of
from kmip_server.crypto.points import encoded_point, point_of, with_point
from kmip_server.enums import CryptographicAlgorithm, KeyCompressionType, KeyFormatType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import TransparentECPublicKey

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PrivateKey, PublicKey
    from kmip_server.enums import RecommendedCurve
    from kmip_server.messages import TransparentKey

_Format = KeyFormatType
_UNCOMPRESSED = KeyCompressionType.EC_PUBLIC_KEY_TYPE_UNCOMPRESSED

TRANSPARENT_PRIVATE: tuple[tuple[type, frozenset[KeyFormatType]], ...] = (
    (rsa.RSAPrivateKey, frozenset({_Format.TRANSPARENT_RSA_PRIVATE_KEY})),
    (dsa.DSAPrivateKey, frozenset({_Format.TRANSPARENT_DSA_PRIVATE_KEY})),
    (DHPrivateKey, frozenset({_Format.TRANSPARENT_DH_PRIVATE_KEY})),
    (
        ec.EllipticCurvePrivateKey,
        frozenset(
            {
                _Format.TRANSPARENT_EC_PRIVATE_KEY,
                _Format.TRANSPARENT_ECDSA_PRIVATE_KEY,
                _Format.TRANSPARENT_ECDH_PRIVATE_KEY,
                _Format.TRANSPARENT_ECMQV_PRIVATE_KEY,
            }
        ),
    ),
)
TRANSPARENT_PUBLIC: tuple[tuple[type, frozenset[KeyFormatType]], ...] = (
    (rsa.RSAPublicKey, frozenset({_Format.TRANSPARENT_RSA_PUBLIC_KEY})),
    (dsa.DSAPublicKey, frozenset({_Format.TRANSPARENT_DSA_PUBLIC_KEY})),
    (DHPublicKey, frozenset({_Format.TRANSPARENT_DH_PUBLIC_KEY})),
    (
        ec.EllipticCurvePublicKey,
        frozenset(
            {
                _Format.TRANSPARENT_EC_PUBLIC_KEY,
                _Format.TRANSPARENT_ECDSA_PUBLIC_KEY,
                _Format.TRANSPARENT_ECDH_PUBLIC_KEY,
                _Format.TRANSPARENT_ECMQV_PUBLIC_KEY,
            }
        ),
    ),
)
"""Which transparent formats a kind of key has."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the object's attributes say, for formats that do not tell themselves: its algorithm and its curve."""

    algorithm: CryptographicAlgorithm | None = None
    curve: RecommendedCurve | None = None


def read_private(form: KeyFormatType, material: bytes | TransparentKey, hints: Hints = Hints()) -> PrivateKey:
    """The private key that some Key Material is. Raises `KmipFailure` (Cryptographic Failure) when it is none."""
    try:
        with quietly():
            if not isinstance(material, bytes):
                return transparent.private_key_of(material)
            if form is _Format.RAW:
                return _raw_private(material, hints)
            if form is _Format.EC_PRIVATE_KEY and hints.curve is not None:
                material = _with_curve(material, hints.curve)
            key = cast("PrivateKey", load_der_private_key(material, None, unsafe_skip_rsa_key_validation=True))
            transparent.must_be_bearable(length_of(key))
            return key
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable("private", form) from error


def read_public(form: KeyFormatType, material: bytes | TransparentKey, hints: Hints = Hints()) -> PublicKey:
    """The public key that some Key Material is. Raises `KmipFailure` (Cryptographic Failure) when it is none."""
    try:
        with quietly():
            if not isinstance(material, bytes):
                return transparent.public_key_of(material)
            if form is _Format.RAW:
                return _raw_public(material, hints)
            key = cast("PublicKey", load_der_public_key(material))
            transparent.must_be_bearable(length_of(key))
            return key
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable("public", form) from error


def write_private(key: PrivateKey, form: KeyFormatType) -> bytes | TransparentKey:
    """The Key Material of a private key in a format. Raises `KmipFailure` (Key Format Type Not Supported)."""
    try:
        if form is _Format.PKCS_8:
            return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        if form is _Format.PKCS_1 and isinstance(key, rsa.RSAPrivateKey):
            return key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        if form is _Format.EC_PRIVATE_KEY and isinstance(key, ec.EllipticCurvePrivateKey):
            return key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        if form is _Format.RAW:
            return _private_to_raw(key)
        if any(isinstance(key, kind) and form in forms for kind, forms in TRANSPARENT_PRIVATE):
            return transparent.numbers_of_private(key)
    except ValueError as error:
        raise _no_such_format("private", form) from error
    raise _no_such_format("private", form)


def write_public(key: PublicKey, form: KeyFormatType, compression: KeyCompressionType | None = None) -> bytes | TransparentKey:
    """The Key Material of a public key in a format, its point compressed as asked. Raises `KmipFailure` (… Not Supported)."""
    if compression not in (None, _UNCOMPRESSED) or (compression is not None and not isinstance(key, ec.EllipticCurvePublicKey)):
        return _compressed(key, form, encoded_point(key, compression))
    try:
        if form is _Format.X_509:
            return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if form is _Format.PKCS_1 and isinstance(key, rsa.RSAPublicKey):
            return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        if form is _Format.RAW:
            return _public_to_raw(key)
        if any(isinstance(key, kind) and form in forms for kind, forms in TRANSPARENT_PUBLIC):
            return transparent.numbers_of_public(key)
    except ValueError as error:
        raise _no_such_format("public", form) from error
    raise _no_such_format("public", form)


def _compressed(key: PublicKey, form: KeyFormatType, point: bytes) -> bytes | TransparentKey:
    if form is _Format.RAW:
        return point
    written = write_public(key, form)
    if isinstance(written, TransparentECPublicKey):
        return replace(written, q_string=point)
    if form is _Format.X_509 and isinstance(written, bytes):
        return with_point(written, point)
    raise _no_such_format("compressed public", form)


def _raw_private(material: bytes, hints: Hints) -> PrivateKey:
    """A private key of which there is only its number or its octets; its algorithm and its curve come from the attributes."""
    if hints.algorithm in EDWARDS:
        return EDWARDS[hints.algorithm].from_private_bytes(material)
    if hints.curve in MONTGOMERY:
        return MONTGOMERY[hints.curve].from_private_bytes(material)
    if hints.algorithm in EC_ALGORITHMS and hints.curve is not None:
        return ec.derive_private_key(int.from_bytes(material, "big"), curve_of(hints.curve))
    return cast("PrivateKey", load_der_private_key(material, None, unsafe_skip_rsa_key_validation=True))


def _raw_public(material: bytes, hints: Hints) -> PublicKey:
    if hints.algorithm is CryptographicAlgorithm.ED25519:
        return ed25519.Ed25519PublicKey.from_public_bytes(material)
    if hints.algorithm is CryptographicAlgorithm.ED448:
        return ed448.Ed448PublicKey.from_public_bytes(material)
    if hints.curve in MONTGOMERY:
        kind = x25519.X25519PublicKey if len(material) == 32 else x448.X448PublicKey
        return kind.from_public_bytes(material)
    if hints.algorithm in EC_ALGORITHMS and hints.curve is not None:
        return point_of(material, curve_of(hints.curve))
    return cast("PublicKey", load_der_public_key(material))


def _private_to_raw(key: PrivateKey) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.private_numbers().private_value.to_bytes((key.key_size + 7) // 8, "big")
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def _public_to_raw(key: PublicKey) -> bytes:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return encoded_point(key, None)
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _with_curve(material: bytes, curve: RecommendedCurve) -> bytes:
    """An ECPrivateKey without parameters (RFC 5915 leaves them out inside PKCS#8), put into a PKCS#8 structure that names the curve."""
    fields = inside(material)
    if any(field.tag == 0xA0 for field in fields):
        return material
    public = ec.generate_private_key(curve_of(curve)).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    algorithm = inside(public)[0]
    return element(SEQUENCE, element(INTEGER, b"\x00"), algorithm.encoding, element(OCTET_STRING, material))


def _unusable(half: str, form: KeyFormatType) -> KmipFailure:
    return KmipFailure(
        ResultReason.CRYPTOGRAPHIC_FAILURE, f"the key material is no {half} key in the format {form.name} that can be used here"
    )


def _no_such_format(half: str, form: KeyFormatType) -> KmipFailure:
    return KmipFailure(ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED, f"this {half} key cannot be given in the format {form.name}")
