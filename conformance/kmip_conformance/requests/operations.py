"""A batch item for each operation of 1.0 to 1.4 that checks use, in the order of the standard's chapter 4.

A Unique Identifier of None leaves the field out, and the ID Placeholder is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.requests.attributes import (
    attribute,
    common_template_attribute,
    private_key_template_attribute,
    public_key_template_attribute,
    template_attribute,
)
from kmip_conformance.requests.message import batch_item, protocol_version
from kmip_conformance.requests.objects import opaque_object, secret_data, symmetric_key
from kmip_conformance.tables import CryptographicAlgorithm, CryptographicUsageMask, KmipVersion, ObjectType, Operation, Tag
from kmip_conformance.wire import Item, date_time, enumeration, integer, interval, long_integer, octets, structure, text

if TYPE_CHECKING:
    from collections.abc import Sequence

ENCRYPT_DECRYPT = CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT


def create(object_type: int, *attributes: Item) -> Item:
    """4.1 Create, with just these attributes."""
    return batch_item(Operation.CREATE, enumeration(Tag.OBJECT_TYPE, object_type), template_attribute(*attributes))


def create_symmetric_key(
    *attributes: Item, algorithm: int = CryptographicAlgorithm.AES, length: int | None = 256, usage: int | None = ENCRYPT_DECRYPT
) -> Item:
    """4.1 Create a symmetric key: algorithm, length in bits, usage mask, and more attributes behind them; None leaves one out."""
    return create(ObjectType.SYMMETRIC_KEY, *of_key(algorithm, length, usage), *attributes)


def create_key_pair(
    *attributes: Item,
    algorithm: int | None = CryptographicAlgorithm.RSA,
    length: int | None = 2048,
    private: Sequence[Item] = (),
    public: Sequence[Item] = (),
) -> Item:
    """4.2 Create Key Pair: the private key signs, the public key verifies, unless `private` and `public` say otherwise."""
    return batch_item(
        Operation.CREATE_KEY_PAIR,
        common_template_attribute(*of_key(algorithm, length, None), *attributes),
        private_key_template_attribute(*(private or (attribute("Cryptographic Usage Mask", CryptographicUsageMask.SIGN),))),
        public_key_template_attribute(*(public or (attribute("Cryptographic Usage Mask", CryptographicUsageMask.VERIFY),))),
    )


def register(object_type: int, managed_object: Item, *attributes: Item) -> Item:
    """4.3 Register an object, with just these attributes."""
    return batch_item(Operation.REGISTER, enumeration(Tag.OBJECT_TYPE, object_type), template_attribute(*attributes), managed_object)


def register_symmetric_key(
    material: bytes, *attributes: Item, algorithm: int = CryptographicAlgorithm.AES, usage: int | None = ENCRYPT_DECRYPT
) -> Item:
    """4.3 Register a symmetric key of these bytes."""
    described = of_key(algorithm, len(material) * 8, usage)
    return register(ObjectType.SYMMETRIC_KEY, symmetric_key(material, algorithm=algorithm), *described, *attributes)


def register_secret_data(secret: bytes, *attributes: Item, usage: int | None = CryptographicUsageMask.DERIVE_KEY) -> Item:
    """4.3 Register secret data, a password."""
    return register(ObjectType.SECRET_DATA, secret_data(secret), *of_key(None, None, usage), *attributes)


def register_opaque(data: bytes, *attributes: Item) -> Item:
    """4.3 Register an opaque object."""
    return register(ObjectType.OPAQUE_OBJECT, opaque_object(data), *attributes)


def re_key(uid: str | None = None, *attributes: Item, offset: int | None = None) -> Item:
    """4.4 Re-key; `offset` is in seconds."""
    return batch_item(
        Operation.RE_KEY,
        _uid(uid),
        None if offset is None else interval(Tag.OFFSET, offset),
        template_attribute(*attributes) if attributes else None,
    )


def locate(
    *attributes: Item,
    maximum: int | None = None,
    offset: int | None = None,
    storage_status: int | None = None,
    group_member: int | None = None,
) -> Item:
    """4.9 Locate; `offset` since 1.3, `group_member` since 1.1."""
    return batch_item(
        Operation.LOCATE,
        None if maximum is None else integer(Tag.MAXIMUM_ITEMS, maximum),
        None if offset is None else integer(Tag.OFFSET_ITEMS, offset),
        None if storage_status is None else integer(Tag.STORAGE_STATUS_MASK, storage_status),
        None if group_member is None else enumeration(Tag.OBJECT_GROUP_MEMBER, group_member),
        *attributes,
    )


def check(
    uid: str | None = None, *, usage_limits_count: int | None = None, usage: int | None = None, lease_time: int | None = None
) -> Item:
    """4.10 Check that a use would be allowed; `lease_time` in seconds."""
    return batch_item(
        Operation.CHECK,
        _uid(uid),
        None if usage_limits_count is None else long_integer(Tag.USAGE_LIMITS_COUNT, usage_limits_count),
        None if usage is None else integer(Tag.CRYPTOGRAPHIC_USAGE_MASK, usage),
        None if lease_time is None else interval(Tag.LEASE_TIME, lease_time),
    )


def get(uid: str | None = None, *, format_type: int | None = None, compression: int | None = None, wrapping: Item | None = None) -> Item:
    """4.11 Get; `wrapping` is a Key Wrapping Specification."""
    return batch_item(
        Operation.GET,
        _uid(uid),
        None if format_type is None else enumeration(Tag.KEY_FORMAT_TYPE, format_type),
        None if compression is None else enumeration(Tag.KEY_COMPRESSION_TYPE, compression),
        wrapping,
    )


def get_attributes(uid: str | None = None, *names: str) -> Item:
    """4.12 Get Attributes; no names ask for all of them."""
    return batch_item(Operation.GET_ATTRIBUTES, _uid(uid), *(text(Tag.ATTRIBUTE_NAME, name) for name in names))


def get_attribute_list(uid: str | None = None) -> Item:
    """4.13 Get Attribute List."""
    return batch_item(Operation.GET_ATTRIBUTE_LIST, _uid(uid))


def add_attribute(uid: str | None, attribute: Item) -> Item:
    """4.14 Add Attribute."""
    return batch_item(Operation.ADD_ATTRIBUTE, _uid(uid), attribute)


def modify_attribute(uid: str | None, attribute: Item) -> Item:
    """4.15 Modify Attribute; the attribute names the instance by its index."""
    return batch_item(Operation.MODIFY_ATTRIBUTE, _uid(uid), attribute)


def delete_attribute(uid: str | None, name: str, index: int | None = None) -> Item:
    """4.16 Delete Attribute; without an index, instance 0."""
    index_field = None if index is None else integer(Tag.ATTRIBUTE_INDEX, index)
    return batch_item(Operation.DELETE_ATTRIBUTE, _uid(uid), text(Tag.ATTRIBUTE_NAME, name), index_field)


def obtain_lease(uid: str | None = None) -> Item:
    """4.17 Obtain Lease."""
    return batch_item(Operation.OBTAIN_LEASE, _uid(uid))


def get_usage_allocation(uid: str | None, count: int) -> Item:
    """4.18 Get Usage Allocation."""
    return batch_item(Operation.GET_USAGE_ALLOCATION, _uid(uid), long_integer(Tag.USAGE_LIMITS_COUNT, count))


def activate(uid: str | None = None) -> Item:
    """4.19 Activate."""
    return batch_item(Operation.ACTIVATE, _uid(uid))


def revoke(uid: str | None, reason: int, *, message: str | None = None, compromise_occurrence: int | None = None) -> Item:
    """4.20 Revoke; `compromise_occurrence` is a Compromise Occurrence Date in seconds since 1970."""
    return batch_item(
        Operation.REVOKE,
        _uid(uid),
        structure(
            Tag.REVOCATION_REASON,
            enumeration(Tag.REVOCATION_REASON_CODE, reason),
            None if message is None else text(Tag.REVOCATION_MESSAGE, message),
        ),
        None if compromise_occurrence is None else date_time(Tag.COMPROMISE_OCCURRENCE_DATE, compromise_occurrence),
    )


def destroy(uid: str | None = None) -> Item:
    """4.21 Destroy."""
    return batch_item(Operation.DESTROY, _uid(uid))


def archive(uid: str | None = None) -> Item:
    """4.22 Archive."""
    return batch_item(Operation.ARCHIVE, _uid(uid))


def recover(uid: str | None = None) -> Item:
    """4.23 Recover."""
    return batch_item(Operation.RECOVER, _uid(uid))


def query(*functions: int) -> Item:
    """4.25 Query."""
    return batch_item(Operation.QUERY, *(enumeration(Tag.QUERY_FUNCTION, function) for function in functions))


def discover_versions(*versions: KmipVersion) -> Item:
    """4.26 Discover Versions (since 1.1): the client's versions, the one it likes best first; none asks for all."""
    return batch_item(Operation.DISCOVER_VERSIONS, *(protocol_version(version) for version in versions))


def cancel(correlation_value: bytes) -> Item:
    """4.27 Cancel."""
    return batch_item(Operation.CANCEL, octets(Tag.ASYNCHRONOUS_CORRELATION_VALUE, correlation_value))


def poll(correlation_value: bytes) -> Item:
    """4.28 Poll."""
    return batch_item(Operation.POLL, octets(Tag.ASYNCHRONOUS_CORRELATION_VALUE, correlation_value))


def _uid(uid: str | None) -> Item | None:
    return None if uid is None else text(Tag.UNIQUE_IDENTIFIER, uid)


def of_key(algorithm: int | None, length: int | None, usage: int | None) -> list[Item]:
    """Algorithm, length in bits and usage mask as attributes; None leaves one out."""
    values = {"Cryptographic Algorithm": algorithm, "Cryptographic Length": length, "Cryptographic Usage Mask": usage}
    return [attribute(name, value) for name, value in values.items() if value is not None]
