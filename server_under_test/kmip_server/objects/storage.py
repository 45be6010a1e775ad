"""Protection Storage Masks (KMIP 2.1, 7.33): where and how keys are kept, as a client may demand it of a new object.

All keys are kept alike here, so there is one mask that can be satisfied: a demand is met when all of its bits are in it.
"""

from __future__ import annotations

from kmip_server.enums import ProtectionStorageMask, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import ProtectionStorageMasks

OFFERED = ProtectionStorageMask.SOFTWARE

DEMANDS = {
    "attributes": ("protection_storage_masks", ResultReason.PROTECTION_STORAGE_UNAVAILABLE),
    "common_attributes": ("common_protection_storage_masks", ResultReason.PROTECTION_STORAGE_UNAVAILABLE),
    "private_key_attributes": ("private_protection_storage_masks", ResultReason.PRIVATE_PROTECTION_STORAGE_UNAVAILABLE),
    "public_key_attributes": ("public_protection_storage_masks", ResultReason.PUBLIC_PROTECTION_STORAGE_UNAVAILABLE),
}
"""Beside the attributes of a new object stands what is demanded of its storage, and what to answer where it cannot be met."""


def storage_must_be_offered(request: object, attributes: str) -> None:
    """Raises `KmipFailure` when the masks beside these attributes are there and none can be satisfied "in its entirety"."""
    field, reason = DEMANDS[attributes]
    masks = getattr(request, field, None)
    if isinstance(masks, ProtectionStorageMasks) and not any(mask & ~OFFERED == 0 for mask in masks.protection_storage_mask):
        raise KmipFailure(reason, "keys are kept in software here, and the request accepts no Protection Storage Mask of that")
