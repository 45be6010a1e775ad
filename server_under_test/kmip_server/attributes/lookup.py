"""Ways into the attribute table: by name, by version, by object type."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kmip_server.attributes.table import ATTRIBUTES, CUSTOM_ATTRIBUTE
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.attributes.rules import AttributeRule
    from kmip_server.enums import ObjectType
    from kmip_server.versions import KmipVersion

CUSTOM_PREFIXES = ("x-", "y-")
"""Names of Custom Attributes (3.39): set by clients (x-), set by servers (y-)."""


VENDOR_MARK = "\x1f"
"""Between the vendor and the name of an attribute of any other vendor: no 1.x name can hold it, and 1.x does not show such attributes."""


def is_custom(name: str) -> bool:
    """Whether this is the name of a Custom Attribute, of a client's or of the server's own, or of a vendor's attribute of 2.x."""
    return name.startswith(CUSTOM_PREFIXES) or VENDOR_MARK in name


def vendor_attribute_name(vendor_identification: str, attribute_name: str) -> str:
    """What a vendor's attribute of 2.x is called here: those of the vendors "x" and "y" are the Custom Attributes of 1.x."""
    mark = "-" if vendor_identification in {"x", "y"} else VENDOR_MARK
    return vendor_identification + mark + attribute_name


def vendor_and_name(custom_name: str) -> tuple[str, str]:
    """Vendor Identification and Attribute Name of a custom attribute, as 2.x writes it."""
    mark = VENDOR_MARK if VENDOR_MARK in custom_name else "-"
    vendor, _, name = custom_name.partition(mark)
    return vendor, name


@cache
def rules_by_name(version: KmipVersion) -> Mapping[str, AttributeRule]:
    """The attributes of a version by name, in the order of the standard's section 3. Custom Attributes have no row."""
    return {rule.name: rule.as_of(version) for rule in ATTRIBUTES if rule.exists_in(version)}


@cache
def rules_by_tag(version: KmipVersion) -> Mapping[int, AttributeRule]:
    """The attributes of a version by the tag that they have in 2.x."""
    return {int(rule.tag): rule for rule in rules_by_name(version).values()}


def attribute(name: str, version: KmipVersion) -> AttributeRule | None:
    """The row of an attribute; every custom name has the one of Custom Attribute. None when this version has no such attribute."""
    if is_custom(name):
        return None if version < V2_0 and VENDOR_MARK in name else CUSTOM_ATTRIBUTE
    return rules_by_name(version).get(name)


def attribute_names(version: KmipVersion, object_type: ObjectType | None = None) -> tuple[str, ...]:
    """The names of a version's attributes, of one object type or of all, in the standard's order."""
    rules = rules_by_name(version).values()
    return tuple(rule.name for rule in rules if object_type is None or object_type in rule.applies_to)
