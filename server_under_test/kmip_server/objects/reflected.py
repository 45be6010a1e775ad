"""Attributes that nobody stores, because the object itself says them: read off it when they are asked for.

So a new key costs no rows for them, and they cannot disagree with the object.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kmip_server.enums import KeyFormatType, ObjectClass, ObjectType
from kmip_server.messages import KeyBlock, OpaqueObject
from kmip_server.objects.storage import OFFERED

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.objects.managed import AttributeValue, ManagedObject

FORMATS = {
    ObjectType.CERTIFICATE: KeyFormatType.X_509,
    ObjectType.CERTIFICATE_REQUEST: KeyFormatType.PKCS_10,
    ObjectType.OPAQUE_OBJECT: KeyFormatType.OPAQUE,
}
"""Key Format Type of objects that have no Key Block to say it (KMIP 2.1, 4.26, Table 81)."""


def key_format_type(item: ManagedObject) -> AttributeValue | None:
    """Key Format Type (2.1, 4.26), as long as the object has a form at all."""
    block = getattr(item.skeleton, "key_block", None)
    return block.key_format_type if isinstance(block, KeyBlock) else FORMATS.get(item.object_type)


def opaque_data_type(item: ManagedObject) -> AttributeValue | None:
    """Opaque Data Type (2.1, 4.37)."""
    return item.skeleton.opaque_data_type if isinstance(item.skeleton, OpaqueObject) else None


def short_unique_identifier(item: ManagedObject) -> AttributeValue:
    """Short Unique Identifier (2.1, 4.56): "SHOULD be generated as a SHA-256 hash of the Unique Identifier"."""
    return hashlib.sha256(item.unique_identifier.encode()).digest()


REFLECTED: dict[str, Callable[[ManagedObject], AttributeValue | None]] = {
    "Unique Identifier": lambda item: item.unique_identifier,
    "Object Type": lambda item: item.object_type,
    "State": lambda item: item.state,
    "Key Format Type": key_format_type,
    "Opaque Data Type": opaque_data_type,
    "Protection Storage Mask": lambda _: OFFERED,
    "Object Class": lambda _: ObjectClass.USER,
    "Short Unique Identifier": short_unique_identifier,
}
"""What a stored attribute of the same name goes before: one is kept where the object cannot say it any more."""
