"""The groups of object types that the attribute tables speak of (KMIP 1.4, 2.2 and 3)."""

from __future__ import annotations

from kmip_server.enums import ObjectType

CERTIFICATES = frozenset({ObjectType.CERTIFICATE})
TEMPLATES = frozenset({ObjectType.TEMPLATE})
OPAQUE_OBJECTS = frozenset({ObjectType.OPAQUE_OBJECT})
PGP_KEYS = frozenset({ObjectType.PGP_KEY})
SYMMETRIC_KEYS = frozenset({ObjectType.SYMMETRIC_KEY, ObjectType.SPLIT_KEY})
ASYMMETRIC_KEYS = frozenset({ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY})
KEYS = SYMMETRIC_KEYS | ASYMMETRIC_KEYS | PGP_KEYS
CRYPTOGRAPHIC_OBJECTS = KEYS | CERTIFICATES | {ObjectType.SECRET_DATA}
"""Managed Cryptographic Objects (2.2): all but Templates and Opaque Objects."""
ALL_OBJECTS = CRYPTOGRAPHIC_OBJECTS | OPAQUE_OBJECTS | TEMPLATES
KEEP_THEIR_VALUE_ELSEWHERE = frozenset({ObjectType.SYMMETRIC_KEY, ObjectType.PRIVATE_KEY, ObjectType.SPLIT_KEY, ObjectType.SECRET_DATA})
SECRETS = frozenset({ObjectType.SECRET_DATA})
"""Beside what the documents' tables list, the published cases give these attributes to other objects too, and so may clients: the dates of
symmetric keys to asymmetric ones (profile case CS-AC-M-8), an algorithm to a Secret Data that is a One Time Pad (TC-OTP-SETUP-1)."""
