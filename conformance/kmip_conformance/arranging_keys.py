"""Keys that the suite has itself: it registers them, so that `cryptography` tells what the target has to answer.

Which algorithms a target has is its own affair. One that says of an algorithm that it does not provide it is excused from the rules about
it: *unsupported*. One that carries it out is held to what it gives.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from kmip_reports.records import Verdict

from kmip_conformance import requests
from kmip_conformance.arranging import values_of
from kmip_conformance.judge.verdicts import Excused
from kmip_conformance.tables import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    HashingAlgorithm,
    KeyFormatType,
    ObjectType,
    PaddingMethod,
    RecommendedCurve,
    ResultReason,
    Tag,
)
from kmip_conformance.wire import enumeration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

    from kmip_conformance.judge.conversation import Conversation
    from kmip_conformance.judge.replies import Answer
    from kmip_conformance.wire import Item

AES_128 = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
"""The key of the examples in NIST SP 800-38A, annex F."""

PKCS_1 = requests.parameters(padding=PaddingMethod.PKCS1_V1_5, hashing=HashingAlgorithm.SHA_256, algorithm=CryptographicAlgorithm.RSA)
PSS = requests.parameters(padding=PaddingMethod.PSS, hashing=HashingAlgorithm.SHA_256, algorithm=CryptographicAlgorithm.RSA)
ECDSA = requests.parameters(hashing=HashingAlgorithm.SHA_256, algorithm=CryptographicAlgorithm.ECDSA)
"""How to sign, as the Cryptographic Parameters of requests say it."""

NOT_PROVIDED = (
    ResultReason.FEATURE_NOT_SUPPORTED,
    ResultReason.INVALID_FIELD,
    ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
    ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED,
)
"""How a target says that it does not provide an algorithm, a mode, a format."""

NOT_ALLOWED = (ResultReason.PERMISSION_DENIED, ResultReason.WRONG_KEY_LIFECYCLE_STATE, ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK)
"""How a use is refused that the State, the dates or the Cryptographic Usage Mask of the key do not allow."""


def provided(answer: Answer, what: str, *, unless: tuple[ResultReason, ...] = ()) -> Answer:
    """The answer, which has to succeed unless the target does not provide ``what``; then the check is excused.

    ``unless`` are further reasons with which a clause lets it say so.
    """
    answer.succeeds().or_refuses(because=(*NOT_PROVIDED, *unless)).settle()
    if not answer.has_succeeded:
        raise Excused(Verdict.UNSUPPORTED, f"the target does not provide {what}: {answer.observed}")
    return answer


def has_key_of(
    kmip: Conversation,
    material: bytes,
    usage: int,
    *attributes: Item,
    algorithm: int = CryptographicAlgorithm.AES,
    active: bool = True,
) -> str:
    """Register a symmetric key, Active unless told otherwise; its Unique Identifier."""
    item = requests.register_symmetric_key(material, *attributes, algorithm=algorithm, usage=usage)
    return _ready(kmip, provided(kmip.ask(item), "such keys"), active=active)


class KeyPair(NamedTuple):
    """The Unique Identifiers of a key pair that the target made."""

    private: str
    public: str


ELLIPTIC = (
    requests.attribute("Cryptographic Algorithm", CryptographicAlgorithm.ECDSA),
    requests.attribute("Cryptographic Domain Parameters", (enumeration(Tag.RECOMMENDED_CURVE, RecommendedCurve.P_256),)),
)
"""What a key pair on P-256 is asked for with; its Cryptographic Length follows from the curve."""


def pair_in(answer: Answer) -> KeyPair:
    """The key pair that an answer names."""
    return KeyPair(str(answer.value(Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER)), str(answer.value(Tag.PUBLIC_KEY_UNIQUE_IDENTIFIER)))


def has_key_pair(kmip: Conversation, *common: Item, private: Sequence[Item] = (), public: Sequence[Item] = ()) -> KeyPair:
    """Create a key pair on P-256; of RSA with 2048 bits where the target refuses that curve."""
    item = requests.create_key_pair(*ELLIPTIC, *common, algorithm=None, length=None, private=private, public=public)
    answer = kmip.ask(item).succeeds().or_refuses()
    answer.settle()
    return pair_in(answer if answer.has_succeeded else kmip.ask(requests.create_key_pair(*common, private=private, public=public)))


def private_key_of(kmip: Conversation, uid: str) -> PrivateKeyTypes:
    """A private key that the target made, in whatever format it gives it: conversions are its own affair (KMIP 1.4, 4.11)."""
    return load_der_private_key(_in_bytes(kmip, uid, KeyFormatType.PKCS_8), None)


def public_key_of(kmip: Conversation, uid: str) -> PublicKeyTypes:
    """A public key that the target made, likewise."""
    return load_der_public_key(_in_bytes(kmip, uid, KeyFormatType.X_509))


def _in_bytes(kmip: Conversation, uid: str, otherwise: int) -> bytes:
    """The material as the target gives it unasked, or in another format when that is no string of bytes."""
    answer = kmip.get(uid).succeeds()
    found = answer.payload.anywhere(Tag.KEY_MATERIAL)
    if found is not None and isinstance(found.value, bytes):
        return found.value
    return provided(kmip.get(uid, format_type=otherwise), "its keys in bytes").key_material


def links_of(kmip: Conversation, uid: str, link_type: int) -> list[str]:
    """The objects to which an object has links of a type."""
    found = values_of(kmip, uid, "Link")
    return [link.text(Tag.LINKED_OBJECT_IDENTIFIER) or "" for link in found if link.number(Tag.LINK_TYPE) == link_type]


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """An RSA key of 2048 bits, made once a process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256, made once a process."""
    return ec.generate_private_key(ec.SECP256R1())


def private_bytes(key: PrivateKeyTypes, format_type: int = KeyFormatType.PKCS_8) -> bytes:
    """A private key in PKCS#8, or in the traditional form: PKCS#1 for RSA, SEC 1 for elliptic curves."""
    chosen = PrivateFormat.PKCS8 if format_type == KeyFormatType.PKCS_8 else PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.DER, chosen, NoEncryption())


def public_bytes(key: PrivateKeyTypes, format_type: int = KeyFormatType.X_509) -> bytes:
    """The public half as X.509's SubjectPublicKeyInfo, or in PKCS#1."""
    chosen = PublicFormat.SubjectPublicKeyInfo if format_type == KeyFormatType.X_509 else PublicFormat.PKCS1
    return key.public_key().public_bytes(Encoding.DER, chosen)


def algorithm_of(key: PrivateKeyTypes) -> tuple[int, int]:
    """Cryptographic Algorithm and Cryptographic Length of a key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return CryptographicAlgorithm.RSA, key.key_size
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return CryptographicAlgorithm.ECDSA, key.key_size


def private_key_item(
    key: PrivateKeyTypes, *attributes: Item, usage: int = CryptographicUsageMask.SIGN, format_type: int = KeyFormatType.PKCS_8
) -> Item:
    """Register of a private key."""
    algorithm, length = algorithm_of(key)
    held = requests.private_key(private_bytes(key, format_type), format_type=format_type, algorithm=algorithm, length=length)
    return requests.register(ObjectType.PRIVATE_KEY, held, *requests.of_key(algorithm, length, usage), *attributes)


def public_key_item(
    key: PrivateKeyTypes, *attributes: Item, usage: int = CryptographicUsageMask.VERIFY, format_type: int = KeyFormatType.X_509
) -> Item:
    """Register of the public half of a key."""
    algorithm, length = algorithm_of(key)
    held = requests.public_key(public_bytes(key, format_type), format_type=format_type, algorithm=algorithm, length=length)
    return requests.register(ObjectType.PUBLIC_KEY, held, *requests.of_key(algorithm, length, usage), *attributes)


def has_private_key(kmip: Conversation, key: PrivateKeyTypes, usage: int = CryptographicUsageMask.SIGN, *, active: bool = True) -> str:
    """Register a private key, Active unless told otherwise; its Unique Identifier."""
    return _ready(kmip, provided(kmip.ask(private_key_item(key, usage=usage)), "such private keys"), active=active)


def has_public_key(kmip: Conversation, key: PrivateKeyTypes, usage: int = CryptographicUsageMask.VERIFY, *, active: bool = True) -> str:
    """Register the public half of a key, Active unless told otherwise; its Unique Identifier."""
    return _ready(kmip, provided(kmip.ask(public_key_item(key, usage=usage)), "such public keys"), active=active)


def opened_by(key: rsa.RSAPrivateKey, data: bytes) -> bytes | None:
    """What data encrypted with OAEP and SHA-256 decrypts to; None when it does not.

    The mask generator's hash is SHA-1 by default (KMIP 1.4, 3.6); servers also take that of the encoding.
    """
    for mask in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303 - the standard's default
        try:
            return key.decrypt(data, padding.OAEP(padding.MGF1(mask), hashes.SHA256(), None))
        except ValueError:
            continue
    return None


def sealed_for(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """Data encrypted for this key with OAEP, SHA-256 throughout."""
    return key.public_key().encrypt(data, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))


def unwrapped_by(key: bytes, wrapped: bytes) -> bytes:
    """What was wrapped in AES key wrap (RFC 3394); nothing when this key did not wrap it."""
    try:
        return aes_key_unwrap(key, wrapped)
    except InvalidUnwrap:
        return b""


def signed_by(key: PrivateKeyTypes, data: bytes, how: Item) -> bytes:
    """A signature that is made here; ``how`` is `PKCS_1` or `ECDSA`."""
    if isinstance(key, rsa.RSAPrivateKey):
        assert how is PKCS_1
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def is_signed_by(key: PrivateKeyTypes, signature: bytes, data: bytes, how: Item) -> bool:
    """Does the public half of the key verify this signature, made as `PKCS_1`, `PSS` or `ECDSA` say?

    The salt of PSS may have any length, and its mask generator use SHA-1, the standard's default (KMIP 1.4, 3.6), or SHA-256.
    """
    masks = (hashes.SHA1(), hashes.SHA256())  # noqa: S303 - the standard's default
    pads = [padding.PSS(padding.MGF1(mask), padding.PSS.AUTO) for mask in masks] if how is PSS else [padding.PKCS1v15()]
    return any(_verifies(key, signature, data, pad) for pad in pads)


def _verifies(key: PrivateKeyTypes, signature: bytes, data: bytes, pad: AsymmetricPadding) -> bool:
    try:
        if isinstance(key, rsa.RSAPrivateKey):
            key.public_key().verify(signature, data, pad, hashes.SHA256())
        else:
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            key.public_key().verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _ready(kmip: Conversation, registered: Answer, *, active: bool) -> str:
    uid = registered.uid
    if active:
        kmip.activate(uid).succeeds().settle()
    return uid
