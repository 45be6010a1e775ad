"""Batch items of the operations that make keys and certificates out of others, and take objects in and out.

KMIP 1.4, 4.5 to 4.8 and 4.38 to 4.41.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.requests.attributes import (
    common_template_attribute,
    private_key_template_attribute,
    public_key_template_attribute,
    template_attribute,
)
from kmip_conformance.requests.message import batch_item
from kmip_conformance.tables import BlockCipherMode, CertificateRequestType, EncodingOption, Operation, SplitKeyMethod, Tag, WrappingMethod
from kmip_conformance.wire import Item, boolean, enumeration, integer, interval, octets, structure, text

if TYPE_CHECKING:
    from collections.abc import Sequence


def re_key_key_pair(
    private_uid: str | None = None, *common: Item, offset: int | None = None, private: Sequence[Item] = (), public: Sequence[Item] = ()
) -> Item:
    """4.5 Re-key Key Pair (since 1.1); `offset` is in seconds."""
    return batch_item(
        Operation.RE_KEY_KEY_PAIR,
        None if private_uid is None else text(Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER, private_uid),
        None if offset is None else interval(Tag.OFFSET, offset),
        common_template_attribute(*common) if common else None,
        private_key_template_attribute(*private) if private else None,
        public_key_template_attribute(*public) if public else None,
    )


def derivation_parameters(
    *,
    parameters: Item | None = None,
    iv: bytes | None = None,
    data: bytes | None = None,
    salt: bytes | None = None,
    iterations: int | None = None,
) -> Item:
    """Derivation Parameters (4.6); salt and iteration count are PBKDF2's."""
    return structure(
        Tag.DERIVATION_PARAMETERS,
        parameters,
        _octets(Tag.INITIALIZATION_VECTOR, iv),
        _octets(Tag.DERIVATION_DATA, data),
        _octets(Tag.SALT, salt),
        None if iterations is None else integer(Tag.ITERATION_COUNT, iterations),
    )


def derive_key(object_type: int, uids: Sequence[str], method: int, derivation: Item, *attributes: Item) -> Item:
    """4.6 Derive Key from one object or several."""
    return batch_item(
        Operation.DERIVE_KEY,
        enumeration(Tag.OBJECT_TYPE, object_type),
        *map(_uid, uids),
        enumeration(Tag.DERIVATION_METHOD, method),
        derivation,
        template_attribute(*attributes),
    )


def certify(uid: str | None, *attributes: Item, request: bytes | None = None) -> Item:
    """4.7 Certify a public key; `request` is a PKCS#10 request, DER."""
    return batch_item(Operation.CERTIFY, _uid(uid), *_certificate_request(request), template_attribute(*attributes) if attributes else None)


def re_certify(uid: str | None, *attributes: Item, request: bytes | None = None, offset: int | None = None) -> Item:
    """4.8 Re-certify a certificate; `offset` is in seconds."""
    return batch_item(
        Operation.RE_CERTIFY,
        _uid(uid),
        *_certificate_request(request),
        None if offset is None else interval(Tag.OFFSET, offset),
        template_attribute(*attributes) if attributes else None,
    )


def create_split_key(
    object_type: int,
    *attributes: Item,
    uid: str | None = None,
    parts: int = 3,
    threshold: int = 3,
    method: int = SplitKeyMethod.XOR,
) -> Item:
    """4.38 Create Split Key (since 1.2), of a key that is there or of a new one."""
    return batch_item(
        Operation.CREATE_SPLIT_KEY,
        enumeration(Tag.OBJECT_TYPE, object_type),
        _uid(uid),
        integer(Tag.SPLIT_KEY_PARTS, parts),
        integer(Tag.SPLIT_KEY_THRESHOLD, threshold),
        enumeration(Tag.SPLIT_KEY_METHOD, method),
        template_attribute(*attributes),
    )


def join_split_key(object_type: int, uids: Sequence[str], *attributes: Item) -> Item:
    """4.39 Join Split Key (since 1.2)."""
    joined = template_attribute(*attributes) if attributes else None
    return batch_item(Operation.JOIN_SPLIT_KEY, enumeration(Tag.OBJECT_TYPE, object_type), *map(_uid, uids), joined)


def export(uid: str | None, *, format_type: int | None = None) -> Item:
    """4.40 Export (since 1.4)."""
    chosen = None if format_type is None else enumeration(Tag.KEY_FORMAT_TYPE, format_type)
    return batch_item(Operation.EXPORT, _uid(uid), chosen)


def import_object(uid: str, object_type: int, managed_object: Item, *attributes: Item, replace: bool | None = None) -> Item:
    """4.41 Import (since 1.4); its Object Type came with 2.0 (KMIP 2.1, 6.1.25)."""
    return batch_item(
        Operation.IMPORT,
        _uid(uid),
        enumeration(Tag.OBJECT_TYPE, object_type),
        None if replace is None else boolean(Tag.REPLACE_EXISTING, replace),
        *attributes,
        managed_object,
    )


def wrapping_by(
    uid: str, *attribute_names: str, mode: int = BlockCipherMode.NIST_KEY_WRAP, encoding: int | None = EncodingOption.NO_ENCODING
) -> Item:
    """A Key Wrapping Specification (2.1.6): encrypted with the key `uid`; Encoding Option came with 1.1."""
    return structure(
        Tag.KEY_WRAPPING_SPECIFICATION,
        enumeration(Tag.WRAPPING_METHOD, WrappingMethod.ENCRYPT),
        structure(
            Tag.ENCRYPTION_KEY_INFORMATION,
            text(Tag.UNIQUE_IDENTIFIER, uid),
            structure(Tag.CRYPTOGRAPHIC_PARAMETERS, enumeration(Tag.BLOCK_CIPHER_MODE, mode)),
        ),
        *(text(Tag.ATTRIBUTE_NAME, name) for name in attribute_names),
        None if encoding is None else enumeration(Tag.ENCODING_OPTION, encoding),
    )


def _certificate_request(request: bytes | None) -> tuple[Item, ...]:
    if request is None:
        return ()
    return enumeration(Tag.CERTIFICATE_REQUEST_TYPE, CertificateRequestType.PKCS_10), octets(Tag.CERTIFICATE_REQUEST, request)


def _octets(tag: int, value: bytes | None) -> Item | None:
    return None if value is None else octets(tag, value)


def _uid(uid: str | None) -> Item | None:
    return None if uid is None else text(Tag.UNIQUE_IDENTIFIER, uid)
