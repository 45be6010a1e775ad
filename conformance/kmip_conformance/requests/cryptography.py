"""Batch items of the cryptographic operations, since 1.2 (KMIP 1.4, 4.29 to 4.37), and the Cryptographic Parameters that they take.

``stream`` of an operation in parts (since 1.3) is a `Part`: which part of what it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from kmip_conformance.requests.message import batch_item
from kmip_conformance.tables import HashingAlgorithm, Operation, Tag
from kmip_conformance.wire import Item, boolean, enumeration, integer, octets, structure, text

_FIELDS = {
    "mode": Tag.BLOCK_CIPHER_MODE,
    "padding": Tag.PADDING_METHOD,
    "hashing": Tag.HASHING_ALGORITHM,
    "signature": Tag.DIGITAL_SIGNATURE_ALGORITHM,
    "algorithm": Tag.CRYPTOGRAPHIC_ALGORITHM,
    "random_iv": Tag.RANDOM_IV,
    "iv_length": Tag.IV_LENGTH,
    "tag_length": Tag.TAG_LENGTH,
    "counter_length": Tag.COUNTER_LENGTH,
    "salt_length": Tag.SALT_LENGTH,
    "mask_generator": Tag.MASK_GENERATOR,
    "mask_hashing": Tag.MASK_GENERATOR_HASHING_ALGORITHM,
}
"""The fields by the word for them here, in the order of their table (KMIP 1.4, 3.6)."""

_BOOLEANS = frozenset({"random_iv"})
_INTEGERS = frozenset({"iv_length", "tag_length", "counter_length", "salt_length"})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an operation on a stream: the first, the last, or one of the Correlation Value that the first was answered with."""

    correlation: bytes | None = None
    first: bool | None = None
    last: bool | None = None

    def fields(self) -> tuple[Item | None, ...]:
        """Its fields, in the order of the payloads."""
        return (
            None if self.correlation is None else octets(Tag.CORRELATION_VALUE, self.correlation),
            None if self.first is None else boolean(Tag.INIT_INDICATOR, self.first),
            None if self.last is None else boolean(Tag.FINAL_INDICATOR, self.last),
        )


WHOLE = Part()
"""Not in parts."""


def parameters(**given: int) -> Item:
    """Cryptographic Parameters: ``parameters(mode=BlockCipherMode.CBC, padding=PaddingMethod.PKCS5)``."""
    unknown = set(given) - set(_FIELDS)
    if unknown:
        raise TypeError(f"no such cryptographic parameters: {', '.join(sorted(unknown))}")
    return structure(Tag.CRYPTOGRAPHIC_PARAMETERS, *(_field(word, given[word]) for word in _FIELDS if word in given))


def encrypt(
    uid: str | None,
    data: bytes | None,
    *,
    parameters: Item | None = None,
    iv: bytes | None = None,
    additional: bytes | None = None,
    stream: Part = WHOLE,
) -> Item:
    """4.29 Encrypt; `additional` data is authenticated, not encrypted (since 1.4)."""
    return batch_item(Operation.ENCRYPT, *_ciphering(uid, data, parameters, iv), *stream.fields(), _additional(additional))


def decrypt(
    uid: str | None,
    data: bytes | None,
    *,
    parameters: Item | None = None,
    iv: bytes | None = None,
    additional: bytes | None = None,
    tag: bytes | None = None,
    stream: Part = WHOLE,
) -> Item:
    """4.30 Decrypt; `tag` is the Authenticated Encryption Tag (since 1.4)."""
    fields = (*_ciphering(uid, data, parameters, iv), *stream.fields(), _additional(additional))
    return batch_item(Operation.DECRYPT, *fields, _octets(Tag.AUTHENTICATED_ENCRYPTION_TAG, tag))


def sign(
    uid: str | None, data: bytes | None, *, parameters: Item | None = None, digested: bytes | None = None, stream: Part = WHOLE
) -> Item:
    """4.31 Sign; `digested` data in place of data since 1.4."""
    digest = _octets(Tag.DIGESTED_DATA, digested)
    return batch_item(Operation.SIGN, _uid(uid), parameters, _octets(Tag.DATA, data), digest, *stream.fields())


def signature_verify(
    uid: str | None,
    data: bytes | None,
    signature: bytes | None,
    *,
    parameters: Item | None = None,
    digested: bytes | None = None,
    stream: Part = WHOLE,
) -> Item:
    """4.32 Signature Verify."""
    signed = (_octets(Tag.DATA, data), _octets(Tag.DIGESTED_DATA, digested), _octets(Tag.SIGNATURE_DATA, signature))
    return batch_item(Operation.SIGNATURE_VERIFY, _uid(uid), parameters, *signed, *stream.fields())


def mac(uid: str | None, data: bytes | None, *, parameters: Item | None = None, stream: Part = WHOLE) -> Item:
    """4.33 MAC."""
    return batch_item(Operation.MAC, _uid(uid), parameters, _octets(Tag.DATA, data), *stream.fields())


def mac_verify(
    uid: str | None, data: bytes | None, mac_data: bytes | None, *, parameters: Item | None = None, stream: Part = WHOLE
) -> Item:
    """4.34 MAC Verify."""
    fields = (_octets(Tag.DATA, data), _octets(Tag.MAC_DATA, mac_data))
    return batch_item(Operation.MAC_VERIFY, _uid(uid), parameters, *fields, *stream.fields())


def rng_retrieve(length: int) -> Item:
    """4.35 RNG Retrieve, of so many bytes."""
    return batch_item(Operation.RNG_RETRIEVE, integer(Tag.DATA_LENGTH, length))


def rng_seed(data: bytes) -> Item:
    """4.36 RNG Seed."""
    return batch_item(Operation.RNG_SEED, octets(Tag.DATA, data))


def hashed(data: bytes | None, algorithm: int | None = HashingAlgorithm.SHA_256, *, stream: Part = WHOLE) -> Item:
    """4.37 Hash."""
    chosen = None if algorithm is None else parameters(hashing=algorithm)
    return batch_item(Operation.HASH, chosen, _octets(Tag.DATA, data), *stream.fields())


def _field(word: str, value: int) -> Item:
    tag = _FIELDS[word]
    if word in _BOOLEANS:
        return boolean(tag, bool(value))
    return integer(tag, value) if word in _INTEGERS else enumeration(tag, value)


def _ciphering(uid: str | None, data: bytes | None, chosen: Item | None, iv: bytes | None) -> tuple[Item | None, ...]:
    return _uid(uid), chosen, _octets(Tag.DATA, data), _octets(Tag.IV_COUNTER_NONCE, iv)


def _additional(data: bytes | None) -> Item | None:
    return _octets(Tag.AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, data)


def _octets(tag: int, value: bytes | None) -> Item | None:
    return None if value is None else octets(tag, value)


def _uid(uid: str | None) -> Item | None:
    return None if uid is None else text(Tag.UNIQUE_IDENTIFIER, uid)
