"""The columns of the attribute table (KMIP 1.4, section 3, Table 54).

The table itself is `table`. What it says is the standard's; a server's policy "MAY further restrict" it, and does that elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated

from kmip_server.enums import ObjectType, Tag
from kmip_server.messages.tables import IDENTIFIERS, Alternative, alternatives_of
from kmip_server.versions import V1_0, V2_0, V3_0, KmipVersion, lives_in


class Permission(Enum):
    """When a client may change, or delete, a value that is set."""

    NEVER = "never"
    ALWAYS = "always"
    WHILE_PRE_ACTIVE = "only while in Pre-Active state"
    WHILE_ACTIVE = "only while in Pre-Active or Active state"
    UNTIL_REACHED = "only while in Pre-Active or Active state and as long as the date has not been reached"
    UNTIL_USED = "as long as Get Usage Allocation has not been performed"


class Origin(Enum):
    """Who sets the first value of an attribute, and how a client may say it."""

    SERVER = "the server alone"
    CREATION = "the server, from what the request that creates the object specifies"
    CLIENT = "the client, at creation or by Add Attribute"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeRule:
    """One row of the attribute table.

    Attributes:
        name: the canonical name, as requests spell it.
        value: the type of a value, in the language of the field tables.
        clause: of KMIP 1.4; the rules are the same in every version that has the attribute unless a column says otherwise.
        always: SHALL always have a value, on objects that the attribute applies to.
        origin: who sets it initially; see `Origin`.
        modifiable, deletable: by a client, once it is set.
        multiple: whether several instances, told apart by Attribute Index, are permitted.
        applies_to: the object types that may have it.
        applies_to_2: the same since 2.0; None: all of them, as 2.x says of nearly every attribute.
    """

    name: str
    value: object
    clause: str
    applies_to: frozenset[ObjectType]
    applies_to_2: frozenset[ObjectType] | None = None
    always: bool = False
    origin: Origin = Origin.SERVER
    modifiable: Permission = Permission.NEVER
    deletable: Permission = Permission.NEVER
    multiple: bool = False
    since: KmipVersion = V1_0
    until: KmipVersion | None = None

    def exists_in(self, version: KmipVersion) -> bool:
        """Whether this version has the attribute."""
        return lives_in(version, self.since, self.until)

    def as_of(self, version: KmipVersion) -> AttributeRule:
        """The row as this version has it."""
        if version < V2_0:
            return self
        value = Annotated[str, IDENTIFIERS[self.tag]] if version >= V3_0 and self.tag in IDENTIFIERS else self.value
        return replace(self, value=value, applies_to=frozenset(ObjectType) if self.applies_to_2 is None else self.applies_to_2)

    @property
    def tag(self) -> Tag:
        """The tag of the item that is the attribute in 2.x."""
        return Tag[re.sub("[^A-Z0-9]+", "_", self.name.upper())]

    @property
    def settable_at_creation(self) -> bool:
        """Whether a client may specify it in Create or Register."""
        return self.origin is not Origin.SERVER

    @property
    def addable(self) -> bool:
        """Whether a client may set its first value, or a further instance, by Add Attribute."""
        return self.origin is Origin.CLIENT

    @property
    def written(self) -> Alternative:
        """How a value is written as an Attribute Value."""
        return alternatives_of(self.value, Tag.ATTRIBUTE_VALUE)[0]

    @property
    def written_by_tag(self) -> Alternative:
        """How a value is written in the Attributes structure of 2.x."""
        return alternatives_of(self.value, self.tag)[0]
