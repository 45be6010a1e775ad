"""A managed object ⇄ the store's row.

The row's ``attributes`` are two TTLV items, one after the other: a Template-Attribute with every stored attribute, and the skeleton of
the object (absent when there is none). The row's ``index`` is what Locate can look for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kmip_server.attributes import index_key
from kmip_server.codec import decode, encode
from kmip_server.codec.items import write_string
from kmip_server.codec.wire import head_of
from kmip_server.enums import ItemType, ObjectType, State, Tag
from kmip_server.messages import Attribute, RNGParameters, TemplateAttribute
from kmip_server.objects.managed import Instance, ManagedObject
from kmip_server.objects.material import AT_REST, HOLDINGS
from kmip_server.store.contract import ROTATION, IndexKey, Lacks, StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.objects.managed import Holding

STORAGE = "#storage"
"""Index name of where an object is that is not on-line: Locate searches on-line objects only, unless it says otherwise (Storage Status
Mask). Those, nearly all, have no entry, which would cost each new key a tenth of its time."""
ON_LINE, ARCHIVED, DESTROYED = ((STORAGE, place) for place in ("on-line", "archived", "destroyed"))

IS_ON_LINE = (Lacks(*ARCHIVED), Lacks(*DESTROYED))
"""The criteria of objects that are on-line."""

DUE = "#due"
"""Index name of the time, in seconds since 1970, at which the object's state moves by itself."""

_ITEM_HEADER = 8
_TEMPLATE_ATTRIBUTE = head_of(Tag.TEMPLATE_ATTRIBUTE, ItemType.STRUCTURE)


NOT_INDEXED = frozenset(
    {
        "Unique Identifier",
        "Digest",
        "Operation Policy Name",
        "Cryptographic Usage Mask",
        "Lease Time",
        "Last Change Date",
        "Fresh",
        "Key Value Present",
        "Original Creation Date",
        "Random Number Generator",
        "Sensitive",
        "Always Sensitive",
        "Extractable",
        "Never Extractable",
        "Key Format Type",
        "Opaque Data Type",
        "Protection Storage Mask",
        "Short Unique Identifier",
    }
)
"""Attributes that hardly tell objects apart, or that nobody looks for: Locate compares them on the candidates, and a new key costs a
third of the index rows."""


STATELESS = frozenset({ObjectType.OPAQUE_OBJECT, ObjectType.TEMPLATE})
"""Object types that 1.x gives no State (3.22)."""


def row_of(item: ManagedObject) -> StoredObject:
    """The object at rest."""
    listed = [_encoded(name, instance) for name, instances in item.attributes.items() for instance in instances]
    blob = write_string(_TEMPLATE_ATTRIBUTE, b"".join(listed))
    if item.skeleton is not None:
        blob += _encoded_skeleton(item.skeleton)
    return StoredObject(
        unique_identifier=item.unique_identifier,
        owner=item.owner,
        object_type=int(item.object_type),
        state=int(item.state),
        attributes=blob,
        index=tuple(dict.fromkeys(_index(item))),
        envelope=item.envelope,
        created_at=item.created_at,
        revision=item.revision,
    )


def _encoded(name: str, instance: Instance) -> bytes:
    """An Attribute, encoded; most of a new key's small values are those of the key before it."""
    return _encoded_small(name, instance) if isinstance(instance.value, int | RNGParameters) else _encoded_anew(name, instance)


@lru_cache(maxsize=2048)
def _encoded_small(name: str, instance: Instance) -> bytes:
    return _encoded_anew(name, instance)


def _encoded_anew(name: str, instance: Instance) -> bytes:
    return encode(Attribute(attribute_name=name, attribute_index=instance.index, attribute_value=instance.value), AT_REST)


@lru_cache(maxsize=256)
def _encoded_skeleton(skeleton: Holding) -> bytes:
    return encode(skeleton, AT_REST)


def object_of(row: StoredObject) -> ManagedObject:
    """The row read back."""
    object_type = ObjectType(row.object_type)
    length = _ITEM_HEADER + int.from_bytes(row.attributes[4:_ITEM_HEADER], "big")
    listed = decode(TemplateAttribute, row.attributes[:length], AT_REST).attribute
    attributes: dict[str, tuple[Instance, ...]] = {}
    for attribute in listed:
        instance = Instance(attribute.attribute_index or 0, attribute.attribute_value)
        attributes[attribute.attribute_name] = (*attributes.get(attribute.attribute_name, ()), instance)
    rest = row.attributes[length:]
    return ManagedObject(
        unique_identifier=row.unique_identifier,
        owner=row.owner,
        object_type=object_type,
        state=State(row.state),
        attributes=attributes,
        created_at=row.created_at,
        skeleton=decode(HOLDINGS[object_type], rest, AT_REST) if rest else None,
        envelope=row.envelope,
        revision=row.revision,
    ).but()


def storage_of(item: ManagedObject) -> tuple[str, str]:
    """Where an object is; for one that is not on-line, that is its index entry."""
    return DESTROYED if item.is_destroyed else ARCHIVED if item.is_archived else ON_LINE


def _index(item: ManagedObject) -> Iterator[tuple[str, IndexKey]]:
    yield "Object Type", int(item.object_type)
    if item.object_type not in STATELESS:
        yield "State", int(item.state)
    if (place := storage_of(item)) != ON_LINE:
        yield place
    if item.due is not None:
        yield DUE, item.due
    if (rotates_at := item.rotates_at) is not None:
        yield ROTATION, rotates_at
    for name, instances in item.attributes.items():
        if name not in NOT_INDEXED:
            for instance in instances:
                yield name, index_key(instance.value)
