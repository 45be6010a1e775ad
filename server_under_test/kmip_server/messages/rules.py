"""Structures in which clients and servers agree on who may do what, with which values (KMIP 2.1, section 7), since 2.0."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import ObjectType, Operation, ProtectionStorageMask, Tag, TicketType
from kmip_server.messages.attribute_values import UsageLimits
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import ObjectIdentifier
from kmip_server.versions import V2_0, V2_1


@structure(Tag.TICKET)
class Ticket:
    """Ticket (2.1, 7.39): what Login gives, and what stands for the login afterwards."""

    ticket_type: TicketType
    ticket_value: bytes


@structure(Tag.OBJECTS)
class Objects:
    """Objects (2.1, 7.21)."""

    unique_identifier: tuple[ObjectIdentifier, ...] = ()


@structure(Tag.OPERATIONS)
class Operations:
    """Operations (2.1, 7.25)."""

    operation: tuple[Operation, ...] = ()


@structure(Tag.OBJECT_GROUPS)
class ObjectGroups:
    """Object Groups (2.1, 7.23), since 2.1."""

    object_group: tuple[str, ...] = ()


@structure(Tag.OBJECT_TYPES)
class ObjectTypes:
    """Object Types (2.1, 7.24), since 2.1."""

    object_type: tuple[ObjectType, ...] = ()


@structure(Tag.RIGHT)
class Right:
    """Right (2.1, 7.34): "If any field is omitted, then that aspect is unrestricted"."""

    usage_limits: UsageLimits | None = None
    operations: Operations | None = None
    objects: Objects | None = None
    object_groups: ObjectGroups | None = field(default=None, since=V2_1)


@structure(Tag.RIGHTS)
class Rights:
    """Rights (2.1, 7.35)."""

    right: tuple[Right, ...] = ()


@structure(Tag.PROTECTION_STORAGE_MASKS)
class ProtectionStorageMasks:
    """Protection Storage Masks, and Common, Private and Public Protection Storage Masks (2.1, 7.33): alternatives, the best one first."""

    protection_storage_mask: tuple[ProtectionStorageMask, ...] = ()


@structure(Tag.OBJECT_DEFAULTS, kw_only=True)
class ObjectDefaults:
    """Object Defaults (2.1, 7.22): for one type of objects or, since 2.1, for several, and then perhaps in some groups only."""

    object_type: ObjectType | None = field(default=None, required_until=V2_0)
    object_types: ObjectTypes | None = field(default=None, since=V2_1)
    attributes: Attributes
    object_groups: ObjectGroups | None = field(default=None, since=V2_1)


@structure(Tag.DEFAULTS_INFORMATION)
class DefaultsInformation:
    """Defaults Information (2.1, 7.11)."""

    object_defaults: tuple[ObjectDefaults, ...] = ()


@structure(Tag.CONSTRAINT)
class Constraint:
    """Constraint (2.1, 7.6), since 2.1."""

    object_types: ObjectTypes | None = None
    object_groups: ObjectGroups | None = None
    attributes: Attributes | None = None


@structure(Tag.CONSTRAINTS)
class Constraints:
    """Constraints (2.1, 7.7), since 2.1."""

    constraint: tuple[Constraint, ...] = ()
