"""Ways into the attribute table: by name, by version, by object type."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kmip_server.attributes.table import ATTRIBUTES, CUSTOM_ATTRIBUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.attributes.rules import AttributeRule
    from kmip_server.enums import ObjectType
    from kmip_server.versions import KmipVersion

CUSTOM_PREFIXES = ("x-", "y-")
"""Names of Custom Attributes (3.39): set by clients (x-), set by servers (y-)."""


def is_custom(name: str) -> bool:
    """Whether this is the name of a Custom Attribute, of a client's or of the server's own."""
    return name.startswith(CUSTOM_PREFIXES)


@cache
def rules_by_name(version: KmipVersion) -> Mapping[str, AttributeRule]:
    """The attributes of a version by name, in the order of the standard's section 3. Custom Attributes have no row."""
    return {rule.name: rule for rule in ATTRIBUTES if rule.exists_in(version)}


def attribute(name: str, version: KmipVersion) -> AttributeRule | None:
    """The row of an attribute; every custom name has the one of Custom Attribute. None when this version has no such attribute."""
    if is_custom(name):
        return CUSTOM_ATTRIBUTE
    return rules_by_name(version).get(name)


def attribute_names(version: KmipVersion, object_type: ObjectType | None = None) -> tuple[str, ...]:
    """The names of a version's attributes, of one object type or of all, in the standard's order."""
    rules = rules_by_name(version).values()
    return tuple(rule.name for rule in rules if object_type is None or object_type in rule.applies_to)
