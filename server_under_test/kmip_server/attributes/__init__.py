"""Attributes of managed objects: one table of what each is and who may do what with it, and the ways to read that table.

`table` holds the rows, `rules` their columns, `lookup` the ways in, `index` what Locate finds a value by. Nothing here knows an object.
"""

from __future__ import annotations

from kmip_server.attributes.index import IndexKey, index_key
from kmip_server.attributes.lookup import (
    attribute,
    attribute_names,
    is_custom,
    rules_by_name,
    rules_by_tag,
    vendor_and_name,
    vendor_attribute_name,
)
from kmip_server.attributes.rules import AttributeRule, Origin, Permission
from kmip_server.attributes.table import ATTRIBUTES, CUSTOM_ATTRIBUTE

__all__ = [
    "ATTRIBUTES",
    "CUSTOM_ATTRIBUTE",
    "AttributeRule",
    "IndexKey",
    "Origin",
    "Permission",
    "attribute",
    "attribute_names",
    "index_key",
    "is_custom",
    "rules_by_name",
    "rules_by_tag",
    "vendor_and_name",
    "vendor_attribute_name",
]
